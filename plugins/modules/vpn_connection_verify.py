# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is a virtual module that is entirely implemented as an action plugin and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_connection_verify
short_description: Prove after a change that VPN tunnels still negotiate
version_added: "1.0.0"
description:
  - Reads the VPN connections until the verdict on them is settled or the time is over, writes the reports, and fails
    unless the verdict is V(pass). The message is the diagnosis.
  - It is one task that always runs on the controller. While it waits, it says on stderr where it stands, one short line
    for each reading.
  - After a teardown, an unrecognised line or an empty log, a pass needs a later proof that the tunnel is up, from the
    log or from the IPsec SAs. A pass without a negotiation since the change reads C(PASS, NOT TRIED YET).
  - One of O(baseline), O(baseline_file) and O(since) is needed, and only one.
  - Without O(vpn_connection_id), O(name) and O(vgw_id), the connections of the baseline are verified, and with
    O(since) every connection of the project. Every connection of the baseline must be verified.
  - Without V(ipsec_sas) in O(gather), a reading costs a third less, but shows neither new SAs nor traffic.
author:
  - huaweicloud.vpn contributors (!UNKNOWN)
options:
  gather:
    default: [logs, connection, ipsec_sas]
  baseline:
    description:
      - The registered result of M(huaweicloud.vpn.vpn_connection_baseline) from before the change. That of
        M(huaweicloud.vpn.vpn_connection_log_info) will do, too.
    type: dict
  baseline_file:
    description:
      - JSON file on the controller with that result, such as O(huaweicloud.vpn.vpn_connection_baseline#module:dest).
    type: path
  since:
    description:
      - Without a baseline, the time from which failures count. A date and time with an offset, or a span back from the
        cloud's clock, such as V(15m).
    type: str
  max_age:
    description:
      - How old the baseline may be when the verification begins, in seconds or as a span such as V(2h). An older one
        fails the task, because it may be of another change.
      - If not given, any age is accepted.
    type: str
  quiet_for:
    description:
      - For how long the tunnels have to be watched and be quiet, in seconds or as a span such as V(5m).
      - If not given, for as long as their gateways need to notice a dead peer. That is the longest idle interval of
        their DPD settings plus three times the longest retransmission timeout, and at least 75 seconds.
    type: str
  on_inconclusive:
    description: Whether V(inconclusive) fails the task or only warns. V(fail) and V(error) always fail.
    type: str
    choices: [fail, warn]
    default: fail
  reset:
    description:
      - Whether to reset the tunnels first, as M(huaweicloud.vpn.vpn_connection_reset) does, so that what was changed is
        tried now and not at the next rekey. They have to be named with O(name) or O(vpn_connection_id).
      - B(The traffic of a tunnel drops) until it has negotiated again. They are reset one after the other, the next
        only when the former is back, and each has O(wait_timeout) for that.
      - A tunnel that was not reset, or did not come back, cannot pass.
    type: bool
    default: false
  wait_sleep:
    description: Time from one reading to the next, in seconds or as a span, at least one second.
    type: str
    default: "15"
  wait_timeout:
    description:
      - Time after which the task ends with the verdict as it is, most often V(inconclusive), in seconds or as a span.
        It waits at least for the time that the tunnels have to be watched.
      - With V(0) here and in O(quiet_for) it looks once and does not wait.
    type: str
    default: "600"
  report_dir:
    description:
      - Folder on the controller for the reports, as an absolute path. It is created if missing. Without it, no report
        is written.
      - Reports of an earlier run are removed first. Reports are written before the task passes or fails, also in check
        mode, and are never incomplete.
    type: path
  report_name:
    description:
      - Name of the report files without their extension. It is V(tunnel_verify) by default, with the name of the host
        behind it where the play has several.
    type: str
  report_formats:
    description: Which reports to write, as the O(huaweicloud.vpn.verdict_report#filter:format) of the filter.
    type: list
    elements: str
    choices: [junit, markdown, html, text, json]
    default: [junit, markdown, html, text, json]
  title:
    description:
      - Title of the reports. With several hosts, the name of the host is added, unless the title or the names of the
        tunnels have it.
    type: str
    default: VPN tunnel verification
  run_id:
    description: ID of this run of the pipeline, such as the number of its job. The gate compares it.
    type: str
  prepare:
    description:
      - Only check, before the change. Every option and the baseline are checked, the tunnels are read once, reports of
        earlier runs are removed, and it is checked that new ones can be written.
    type: bool
    default: false
extends_documentation_fragment:
  - huaweicloud.vpn._connection
  - huaweicloud.vpn._selection
  - huaweicloud.vpn._selection.many
  - huaweicloud.vpn._query.parts
  - huaweicloud.vpn._policy
  - huaweicloud.vpn._attributes.actiongroup_huaweicloud
  - huaweicloud.vpn._attributes.task
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
attributes:
  check_mode:
    support: full
    description:
      - Gathers and judges all the same, and says, also in the reports, that the change itself was not made. No tunnel
        is reset.
  diff_mode:
    support: none
    description: Returns no diff. A reset changes no setting.
notes:
  - An option that is given empty or V(null), as by a survey, counts as not given.
  - In a list that is given as text, commas and line ends separate the items.
seealso:
  - module: huaweicloud.vpn.vpn_connection_baseline
  - plugin: huaweicloud.vpn.verdict
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Take the evidence from before the change
  huaweicloud.vpn.vpn_connection_baseline:
    name: [hq-primary, hq-secondary]
  register: before

# ... the change ...

- name: Prove that the tunnels still negotiate
  huaweicloud.vpn.vpn_connection_verify:
    baseline: "{{ before }}"
    report_dir: "{{ playbook_dir }}/reports"

- name: Look once at the last 15 minutes, and do not wait
  huaweicloud.vpn.vpn_connection_verify:
    name: hq-primary
    since: 15m
    quiet_for: 0
    wait_timeout: 0
"""

RETURN = r"""
verdict:
  description: One of V(pass), V(fail), V(inconclusive), V(error).
  returned: when there is a verdict
  type: str
  sample: pass
settled:
  description: Whether the verdict is final, because it is a pass or because waiting cannot make it one.
  returned: when there is a verdict
  type: bool
  sample: true
negotiated:
  description: Whether the verdict is V(pass), and every connection has negotiated since the change.
  returned: when there is a verdict
  type: bool
  sample: false
message:
  description:
    - The diagnosis, one line for each connection, the worst first, and for each HA group with trouble.
    - With O(prepare), one line that says which tunnels can be verified.
  returned: when there is a verdict, or with O(prepare)
  type: str
  sample: "hq-primary: PASS no failed negotiation since 2026-11-23T10:00:00Z, status ACTIVE"
caveats:
  description: What a pass does not prove, and unused or expired waivers, with the connections concerned.
  returned: when there is a verdict
  type: list
  elements: str
  sample: []
window:
  description: What was judged, by the cloud's clock, C(since), C(watched_from) and C(until).
  returned: when there is a verdict
  type: dict
  sample:
    since: "2026-11-23T10:00:00Z"
    watched_from: "2026-11-23T10:05:10Z"
    until: "2026-11-23T10:06:25Z"
acted_as:
  description: Endpoint, region, project and credentials of the readings.
  returned: when there is a verdict
  type: dict
  contains:
    endpoint:
      description: Endpoint of the VPN service.
      type: str
      sample: https://vpn.cn-north-4.myhuaweicloud.com
    region:
      description: The region, V(null) if it was not given.
      type: str
      sample: cn-north-4
    project_id:
      description: ID of the project.
      type: str
      sample: 0a1b2c3d4e5f60718293a4b5c6d7e8f9
    access_key:
      description: The last four characters of the access key, V(null) with a token.
      type: str
      sample: 7F3Q
    agency:
      description: The agency whose temporary keys were used, and its account, if any.
      type: str
      sample: null
ha_groups:
  description: The HA groups of two or more tunnels, as P(huaweicloud.vpn.verdict#filter) returns them.
  returned: when there is a verdict
  type: list
  elements: dict
  sample: []
unrecognised:
  description: The sentences that were not recognised, ready for O(known_lines), with C(count), C(first) and C(last).
  returned: when there is a verdict
  type: list
  elements: dict
  sample: []
vpn_connections:
  description: The connections, each with C(id), C(name), C(verdict), C(message), C(tolerated) and C(negotiated).
  returned: when there is a verdict
  type: list
  elements: dict
  sample:
    - id: 98c5af8a-4a1f-4d8e-9d07-ae2280a6f4c3
      name: hq-primary
      verdict: pass
      message: "hq-primary: PASS no failed negotiation since 2026-11-23T10:00:00Z, status ACTIVE"
      tolerated: false
      negotiated: true
reports:
  description: The path of each report that was written, by its format. The JSON report has the whole verdict.
  returned: when there is a verdict
  type: dict
  sample:
    junit: /builds/network/reports/tunnel_verify.xml
ready:
  description: Whether the verification can run, with O(prepare).
  returned: with O(prepare), when it is
  type: bool
  sample: true
error:
  description: Why there is no verdict, with V(code), V(status), V(message) and V(request_id).
  returned: when the task fails without a verdict
  type: dict
  sample:
    code: E_CONFIG
    status: null
    message: "baseline: give baseline, baseline_file or since"
    request_id: null
"""
