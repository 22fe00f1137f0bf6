# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is a virtual module that is entirely implemented as an action plugin and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_connection_baseline
short_description: Take the evidence of VPN tunnels before a change
version_added: "1.0.0"
description:
  - Gathers log, status and IPsec SAs of VPN connections, for M(huaweicloud.vpn.vpn_connection_verify) to compare with
    after the change. It shows the state of each tunnel in one line.
  - Run it directly before the change. It fails when a connection cannot be read, or when there is none, so that the
    change is not made. Then it returns and writes no evidence.
  - It is one task that always runs on the controller.
  - Without O(vpn_connection_id), O(name) and O(vgw_id), every connection of the project is read.
author:
  - huaweicloud.vpn contributors (!UNKNOWN)
options:
  gather:
    default: [logs, connection, ipsec_sas]
  dest:
    description:
      - File on the controller to keep the evidence in as JSON, for a verification in a later run or on another day. It
        is an absolute path. Its folder is created if missing. With several hosts, each needs its own file.
      - A file of an earlier run is removed first. The new one has the mode V(0600), is never incomplete, and is also
        written in check mode.
      - It holds log lines of the gateways, which are text from the network. Read it as
        O(huaweicloud.vpn.vpn_connection_verify#module:baseline_file) or parse it as JSON, never load it as a file of
        variables.
    type: path
extends_documentation_fragment:
  - huaweicloud.vpn._connection
  - huaweicloud.vpn._selection
  - huaweicloud.vpn._selection.many
  - huaweicloud.vpn._query.parts
  - huaweicloud.vpn._attributes.actiongroup_huaweicloud
  - huaweicloud.vpn._attributes.task
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
attributes:
  check_mode:
    support: full
    description: Does in C(check_mode) what it does without. The only thing that it writes is O(dest).
  diff_mode:
    support: none
    description: Returns no diff, because it never changes anything.
notes:
  - An option that is given empty or V(null), as by a survey, counts as not given.
  - In a list that is given as text, commas and line ends separate the items.
seealso:
  - module: huaweicloud.vpn.vpn_connection_verify
  - module: huaweicloud.vpn.vpn_connection_log_info
"""

EXAMPLES = r"""
- name: Take the evidence from before the change
  huaweicloud.vpn.vpn_connection_baseline:
    name: [hq-primary, hq-secondary]
    # Also for a verification in another run, on another day:
    dest: "{{ playbook_dir }}/before.json"
  register: before

# ... the change ...

- name: Prove that the tunnels still negotiate
  huaweicloud.vpn.vpn_connection_verify:
    baseline: "{{ before }}"
"""

RETURN = r"""
schema:
  description: Version of this structure.
  returned: when every connection was read
  type: int
  sample: 1
server_time:
  description: The cloud's clock when the first log was read.
  returned: when every connection was read
  type: str
  sample: "2026-11-23T10:00:00Z"
acted_as:
  description: Endpoint, region, project and credentials of the readings.
  returned: when every connection was read
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
clock_skew:
  description: Seconds by which the clock of the controller is ahead of the cloud's.
  returned: when every connection was read
  type: float
  sample: 0.4
window:
  description: Always open on both sides, C(since) and C(until) are V(null).
  returned: when every connection was read
  type: dict
  sample:
    since: null
    until: null
narrowed_by:
  description: Always empty, because no option drops entries.
  returned: when every connection was read
  type: list
  elements: str
  sample: []
logs:
  description: Always V(null). Each connection has its log as one text.
  returned: when every connection was read
  type: list
  elements: dict
  sample: null
vpn_connections:
  description:
    - The connections, as RV(huaweicloud.vpn.vpn_connection_log_info#module:vpn_connections) describes them with
      O(huaweicloud.vpn.vpn_connection_log_info#module:compact).
  returned: when every connection was read
  type: list
  elements: dict
  sample:
    - id: 98c5af8a-4a1f-4d8e-9d07-ae2280a6f4c3
      name: hq-primary
      summary: "hq-primary: no failed negotiation"
dest:
  description: The file that has the evidence.
  returned: with O(dest), when every connection was read
  type: str
  sample: /builds/network/before.json
error:
  description: Why there is no evidence, with V(code), V(status), V(message) and V(request_id).
  returned: when the task fails
  type: dict
  sample:
    code: VPN.0304
    status: 400
    message: this VPN gateway is too old to serve connection logs
    request_id: 5ba1e4cf0a2c4f2f8d3a1c1b7c0a9d11
"""
