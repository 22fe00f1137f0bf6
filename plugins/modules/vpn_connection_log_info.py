#!/usr/bin/python
# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_connection_log_info
short_description: Gather the logs of site-to-site VPN connections
version_added: "1.0.0"
description:
  - Read the logs of Huawei Cloud site-to-site VPN connections, turn every line into an event, and count the
    negotiation failures of each connection.
  - Without O(vpn_connection_id), O(name) and O(vgw_id), every connection of the project is read.
  - The answer is evidence for a decision. It says where the log was cut, which options dropped entries, and what could
    not be read, so that missing evidence is never taken for a healthy tunnel.
  - The task fails when one connection cannot be read. The result still has the logs of the others.
author:
  - huaweicloud.vpn contributors (!UNKNOWN)
options:
  compact:
    description:
      - Return the log of each connection as one string, RV(vpn_connections[].log), in place of RV(logs).
      - This is much faster for hundreds of connections. P(huaweicloud.vpn.verdict#filter) and
        P(huaweicloud.vpn.negotiated_cleanly#test) read it all the same.
    type: bool
    default: false
extends_documentation_fragment:
  - huaweicloud.vpn._connection
  - huaweicloud.vpn._selection
  - huaweicloud.vpn._selection.many
  - huaweicloud.vpn._query
  - huaweicloud.vpn._query.parts
  - huaweicloud.vpn._attributes.info_module
  - huaweicloud.vpn._attributes.actiongroup_huaweicloud
  - huaweicloud.vpn._attributes.in_process
  - ansible.builtin.action_common_attributes
attributes:
  platform:
    platforms: posix
notes:
  - The service keeps the latest 200 lines of a connection and takes no time range. A retry storm pushes older lines out
    within minutes. RV(vpn_connections[].coverage) tells whether that may have happened.
  - No failure in the log does not prove that a tunnel works. It may be down, its log may be empty, or a line may be
    unrecognised. P(huaweicloud.vpn.negotiated_cleanly#test) and P(huaweicloud.vpn.verdict#filter) look at all of that.
  - A changed PSK or proposal shows only at the next negotiation.
seealso:
  - plugin: huaweicloud.vpn.vpn_connection_log
    plugin_type: lookup
  - plugin: huaweicloud.vpn.parse_log
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Gather what the tunnels of the head office logged in the last 15 minutes
  huaweicloud.vpn.vpn_connection_log_info:
    name:
      - hq-primary
      - hq-secondary
    since: 15m
    gather:
      - logs
      - connection
      - ipsec_sas
  register: evidence

- name: The tunnels negotiated cleanly, as far as can be known
  ansible.builtin.assert:
    that: evidence is huaweicloud.vpn.negotiated_cleanly
    fail_msg: "{{ (evidence | huaweicloud.vpn.verdict).message }}"
    quiet: true

- name: Gather the whole log of one connection by its ID
  huaweicloud.vpn.vpn_connection_log_info:
    vpn_connection_id: 98c5af8a-1111-4222-8333-ae2280a6f4c3

- name: Find the authentication failures of every connection of the project
  huaweicloud.vpn.vpn_connection_log_info:
    kind: negotiation_failed
    reason: authentication fail
    concurrency: 16

- name: Gather with the keys of the SDK's credentials file, whatever keys the environment has
  huaweicloud.vpn.vpn_connection_log_info:
    name: hq-primary
    credentials_file: ~/.huaweicloud/credentials
    access_key: ""
    secret_key: ""
"""

RETURN = r"""
schema:
  description: Version of this structure.
  returned: when the connections to read were found
  type: int
  sample: 1
server_time:
  description: The cloud's clock when the first log was read, from the C(Date) header. V(null) when no log was read.
  returned: when the connections to read were found
  type: str
  sample: "2026-11-23T10:00:00Z"
clock_skew:
  description:
    - Seconds by which the clock of the host that ran the task is ahead of the cloud's. V(null) when no log was read.
  returned: when the connections to read were found
  type: float
  sample: 0.4
window:
  description: The window as understood, in UTC. V(null) for a side that is open.
  returned: when the connections to read were found
  type: dict
  contains:
    since:
      description: Begin of the window.
      type: str
      sample: "2026-11-23T09:45:00Z"
    until:
      description: End of the window.
      type: str
      sample: null
acted_as:
  description: Endpoint, region, project and credentials of the readings.
  returned: when the connections to read were found
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
narrowed_by:
  description:
    - The options that dropped entries, out of V(since), V(until), V(kind), V(reason), V(peer_address), V(limit).
  returned: when the connections to read were found
  type: list
  elements: str
  sample: [since]
logs:
  description:
    - The entries of all connections after the filters, oldest first. An empty list if there are none.
    - What to do about a failure stands in RV(vpn_connections[].failure_reasons). P(huaweicloud.vpn.parse_log#filter)
      makes of an entry an event with every parameter of its line.
    - V(null) with O(compact).
  returned: when the connections to read were found
  type: list
  elements: dict
  contains:
    vpn_connection_id:
      description: ID of the connection.
      type: str
    time:
      description: Time in seconds since the epoch, as the service sent it.
      type: int
    raw_message:
      description:
        - The line, as the service sent it. Text in it comes from the network, do not trust it.
        - What no file can hold (lone surrogates, U+FFFE, U+FFFF) is written out, such as C(\ufffe).
      type: str
    timestamp:
      description:
        - Time of the event in UTC (RFC 3339), with microseconds when the line has them.
        - Taken from C(time) where the line has no time stamp. V(null) when neither can be read.
      type: str
    host:
      description: Node that logged the line. V(null) where the line has none.
      type: str
    process:
      description: Process that logged the line. V(null) where the line has none.
      type: str
    pid:
      description: Process ID. V(null) where the line has none.
      type: int
    local_address:
      description: Address in brackets before the event, most likely the gateway's. V(null) where the line has none.
      type: str
    kind:
      description: Kind of event, see O(kind).
      type: str
    outcome:
      description:
        - What the event means for the tunnel, one of V(failure), V(success), V(progress), V(down),
          V(expected_in_change), V(neutral), V(warning), V(unknown).
      type: str
    event:
      description: The sentence that names the event.
      type: str
    reason:
      description: Reason of a failure or teardown, as the line has it.
      type: str
    category:
      description: Category of the reason. V(unknown) where it is not in the catalogue.
      type: str
    phase:
      description: IKE phase that the reason belongs to.
      type: str
    peer_address:
      description: Address of the customer gateway.
      type: str
    peer_port:
      description: UDP port of the customer gateway. V(4500) means NAT traversal.
      type: int
    anomalies:
      description: What is odd about the line, as short codes. An empty list if nothing is.
      type: list
      elements: str
  sample:
    - vpn_connection_id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
      time: 1735024112
      raw_message: >-
        2024-12-24T07:08:32.730275+00:00 host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10]
        IPSec tunnel negotiation fails. (IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[198.51.100.7],
        PeerPort=[500], Reason=[version mismatch])
      timestamp: "2024-12-24T07:08:32.730275Z"
      host: host-192-0-2-37
      process: ipsec_ike
      pid: 30085
      local_address: 203.0.113.10
      kind: negotiation_failed
      outcome: failure
      event: IPSec tunnel negotiation fails
      reason: version mismatch
      category: ike_version
      phase: "1"
      peer_address: 198.51.100.7
      peer_port: 500
      anomalies: []
vpn_connections:
  description: One item for each connection asked for, in the order asked.
  returned: when the connections to read were found
  type: list
  elements: dict
  contains:
    id:
      description: ID of the connection.
      type: str
      sample: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    name:
      description: Name of the connection. V(null) when it was selected by ID and O(gather) does not hold V(connection).
      type: str
      sample: hq-primary
    coverage:
      description:
        - Whether the whole window from O(since) on lies inside what the service returned.
        - V(complete) when a line older than the window was returned, or the log is too short to have been cut.
        - V(truncated) when the log begins inside the window and may have been cut there, so that older lines are
          missing. That is when it holds 200 entries or more, where the service is known to cut, or exactly 100.
        - V(unknown) when the log is empty, or was not read.
      type: str
      sample: complete
    oldest_time:
      description: Time of the oldest entry before any filter.
      type: str
      sample: "2026-11-22T10:00:00Z"
    newest_time:
      description: Time of the newest entry before any filter.
      type: str
      sample: "2026-11-23T09:59:12.730275Z"
    total:
      description: Number of entries before any filter.
      type: int
      sample: 143
    failures:
      description:
        - Number of negotiation failures in the window, whatever the other filters.
        - V(null) when the log was not read.
      type: int
      sample: 14
    failure_reasons:
      description: The failures by reason, the most frequent first.
      type: list
      elements: dict
      sample:
        - reason: authentication fail
          category: authentication
          phase: "1"
          advice: compare the PSK and the IDs on both ends
          count: 14
          first: "2026-11-23T09:52:11.093412Z"
          last: "2026-11-23T09:59:12.730275Z"
          peer_addresses: [198.51.100.7]
    first_failure:
      description: Time of the first failure in the window.
      type: str
      sample: "2026-11-23T09:52:11.093412Z"
    last_failure:
      description: Time of the last failure in the window.
      type: str
      sample: "2026-11-23T09:59:12.730275Z"
    last_success:
      description: Time of the last tunnel establishment or rekey in the window.
      type: str
      sample: null
    flaps:
      description: How often the tunnel was established and went down again in the window.
      type: int
      sample: 0
    unrecognised:
      description: Number of lines in the window that were not recognised, in whole or in part.
      type: int
      sample: 0
    summary:
      description: The diagnosis as one line for people, without control characters.
      type: str
      sample: >-
        hq-primary: 14x "authentication fail" (authentication, phase 1) 2026-11-23T09:52:11Z to 2026-11-23T09:59:12Z,
        peer 198.51.100.7 - compare the PSK and the IDs on both ends
    connection:
      description: The connection as the service returns it, without its PSK. V(null) when it was not gathered.
      type: dict
      sample: null
    ipsec_sas:
      description:
        - The IPsec SAs with their counters. V(null) when they were not gathered, or the region does not offer them.
      type: list
      elements: dict
      sample: null
    log:
      description:
        - With O(compact), the entries after the filters, oldest first, as the JSON text of a list of dictionaries with
          C(time) and C(raw_message). Else, and of a connection that could not be read, V(null).
      type: str
      sample: null
    request_id:
      description: ID of the request for the log, for a support ticket.
      type: str
      sample: 5ba1e4cf0a2c4f2f8d3a1c1b7c0a9d11
    error:
      description:
        - Why the connection could not be read, with V(code), V(status), V(message) and V(request_id).
        - V(null) when it was read.
      type: dict
      sample: null
error:
  description: Why nothing could be read, with V(code), V(status), V(message) and V(request_id).
  returned: when the task fails before any connection is read
  type: dict
  sample:
    code: E_CRED
    status: null
    message: "secret_key: is missing: give secret_key (HW_SECRET_KEY, HUAWEICLOUD_SDK_SK) as well"
    request_id: null
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._gather.tasks import LOG_INFO


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=LOG_INFO.spec, supports_check_mode=True)
    result = LOG_INFO.run(module.params.get, module.no_log_values.update)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
