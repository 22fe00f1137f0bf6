# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vpn_connection_log
short_description: Look up the log of site-to-site VPN connections
version_added: "1.0.0"
description:
  - Returns the log entries of Huawei Cloud site-to-site VPN connections, each line read as an event, oldest first.
  - Does what M(huaweicloud.vpn.vpn_connection_log_info) does, from the controller and without a task of its own.
  - An error is raised when one connection cannot be read, and when entries that were asked for may be missing. That is
    when O(since) is given and the log is empty or may have been cut inside the window, and when O(kind) or O(reason)
    would hide unrecognised lines.
author:
  - huaweicloud.vpn contributors (!UNKNOWN)
options:
  _terms:
    description: IDs or names of the VPN connections. At least one, unless O(vgw_id) is given, which is exclusive.
    type: list
    elements: str
extends_documentation_fragment:
  - huaweicloud.vpn._connection
  - huaweicloud.vpn._connection.plugin
  - huaweicloud.vpn._selection.many
  - huaweicloud.vpn._query
  - huaweicloud.vpn._query.parts
notes:
  - An empty list means that no entry matched. It does not mean that the tunnel is up. To assert that a tunnel is well,
    use M(huaweicloud.vpn.vpn_connection_log_info), whose answer has the status and the IPsec SAs, too, with
    P(huaweicloud.vpn.negotiated_cleanly#test).
  - Do not use it with C(errors=ignore) or C(errors=warn), which turn every error into an empty result.
  - A number or boolean option that comes from a variable must be a plain value there, not a template.
seealso:
  - module: huaweicloud.vpn.vpn_connection_log_info
"""

EXAMPLES = r"""
- name: Show what went wrong in the last 15 minutes
  ansible.builtin.debug:
    msg: "{{ item.timestamp }} {{ item.peer_address }} {{ item.category }}"
  loop: "{{ query('huaweicloud.vpn.vpn_connection_log', 'branch', since='15m', kind=['negotiation_failed']) }}"
  loop_control:
    label: "{{ item.timestamp }}"

- name: Show the last line that shows a negotiation
  ansible.builtin.debug:
    msg: "{{ (negotiations | last).raw_message if negotiations else 'the log has none' }}"
  vars:
    tunnel: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    negotiations: "{{ query('huaweicloud.vpn.vpn_connection_log', tunnel, kind=['tunnel_established', 'rekey']) }}"

- name: Use the same variables as the module
  ansible.builtin.debug:
    msg: "{{ query('huaweicloud.vpn.vpn_connection_log', 'hq-primary', limit=1) }}"
  vars:
    huaweicloud_vpn_region: cn-north-4
    huaweicloud_vpn_timeout: 30
"""

RETURN = r"""
_raw:
  description:
    - The entries after the filters, oldest first.
    - The members of an entry are those of RV(huaweicloud.vpn.vpn_connection_log_info#module:logs).
  type: list
  elements: dict
  sample:
    - vpn_connection_id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
      time: 1735024112
      raw_message: >-
        2024-12-24T07:08:32.730275+00:00 host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10]
        IPSec tunnel negotiation fails. (IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[198.51.100.7],
        PeerPort=[500], Reason=[version mismatch])
      timestamp: "2024-12-24T07:08:32.730275Z"
      kind: negotiation_failed
      outcome: failure
      reason: version mismatch
      peer_address: 198.51.100.7
"""

from typing import Any

from ansible.errors import AnsibleLookupError

from ..module_utils._client.settings import Connection
from ..module_utils._errors import OptionError
from ..module_utils._gather.logs import gather, missing_entries
from ..module_utils._gather.query import Query, Selection
from ..module_utils._gather.selection import unreadable_summary
from ..plugin_utils._lookup import CloudLookup


class LookupModule(CloudLookup):
    """Look up the log of VPN connections."""

    def look_up(self, terms: list[Any]) -> list[Any]:
        """Return the entries of the connections with these IDs or names."""
        vgw_id = self.option("vgw_id")
        if terms and vgw_id is not None:
            raise OptionError("vgw_id", "give either vgw_id or terms, not both")
        selection = Selection.from_terms(terms) if vgw_id is None else Selection.of_gateway(vgw_id)
        query = Query.from_options(self.option)
        answer = gather(Connection.from_options(self.option), selection, query)
        problem = unreadable_summary(answer) or missing_entries(answer, query)
        if problem:
            raise AnsibleLookupError(f"{self.ansible_name}: {problem}")
        return list(answer["logs"])
