#!/usr/bin/python
# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_connection_reset
short_description: Reset site-to-site VPN connections, so that they negotiate again
version_added: "1.0.0"
description:
  - Reset Huawei Cloud site-to-site VPN connections. Their SAs are taken down and negotiated again, with the settings
    that both ends have now.
  - One of O(vpn_connection_id) and O(name) is needed. There is no way to reset all of a project or gateway without
    naming them.
  - B(The traffic of a connection drops) until it has negotiated again. If the settings of the two
    ends do not match, it stays down. So a reset shows now what would else show only at the next rekey.
  - Connections are reset one after the other in the order given. The first that cannot be reset ends the task, and so
    does, with O(wait), the first that does not come back, so that the tunnels of an HA pair are not down together.
  - All connections are read before the first reset is sent. Nothing is reset when one cannot be read, or is being
    created, updated or deleted.
  - A reset is never sent twice. When no clear answer comes, the task fails and says that it may have been executed.
author:
  - huaweicloud.vpn contributors (!UNKNOWN)
options:
  wait:
    description:
      - Whether to wait until each connection is back before the next is reset.
      - It is back when its status is V(ACTIVE), and its log shows a successful negotiation since the reset, or its
        IPsec SAs are new.
      - The wait ends early when the log shows a failure that needs a change of the settings, such as a PSK or proposal
        mismatch, and the connection is not back ten seconds after its reset.
    type: bool
    default: false
  wait_timeout:
    description: How long to wait for each connection, from V(1) to V(3600) seconds, or a span such as V(5m).
    type: str
    default: "300"
extends_documentation_fragment:
  - huaweicloud.vpn._connection
  - huaweicloud.vpn._selection
  - huaweicloud.vpn._attributes.actiongroup_huaweicloud
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
    description:
      - Can run in C(check_mode). It reads the connections and returns which would be reset, and resets none.
  diff_mode:
    support: none
    description: Returns no diff. A reset changes no setting.
  idempotent:
    support: none
    description: Every run resets the connections once more, and is always V(changed).
  platform:
    platforms: posix
notes:
  - The user needs C(vpn:vpnConnections:get), C(vpn:vpnConnections:list) unless O(vpn_connection_id) is given, and the
    right to reset, the name of which is not documented. O(wait) needs C(vpn:vpnConnections:getLog) and
    C(vpn:vpnConnections:listIpsecSa), and a gateway that serves connection logs.
  - O(timeout) is for finding and reading the connections, and begins anew for each reset. O(wait_timeout) comes on top.
  - With IKEv2, the IPsec SA that comes with a new IKE SA is made without PFS. A mismatch of the PFS groups shows only
    at the next rekey, however often the connection is reset.
  - The role P(huaweicloud.vpn.tunnel_verify#role) can do this after a change, and judges what came of it.
seealso:
  - module: huaweicloud.vpn.vpn_connection_log_info
  - module: huaweicloud.vpn.vpn_connection_info
"""

EXAMPLES = r"""
- name: Say which connections would be reset
  huaweicloud.vpn.vpn_connection_reset:
    name:
      - hq-primary
      - hq-secondary
  check_mode: true

- name: Reset both tunnels of the head office, the second only when the first is back
  huaweicloud.vpn.vpn_connection_reset:
    name:
      - hq-primary
      - hq-secondary
    wait: true
  register: reset

- name: Say when each was reset
  ansible.builtin.debug:
    msg: "{{ item.name }}: reset at {{ item.reset_at }}, {{ item.status }}"
  loop: "{{ reset.vpn_connections }}"
  loop_control:
    label: "{{ item.id }}"

- name: Reset one connection by its ID, and do not wait
  huaweicloud.vpn.vpn_connection_reset:
    vpn_connection_id: 4f43df63-1111-4222-8333-76b771cb90aa
"""

RETURN = r"""
server_time:
  description: The cloud's clock when the connections were first read, before any reset.
  returned: when the connections to reset were found
  type: str
  sample: "2026-11-23T10:00:00Z"
vpn_connections:
  description: One item for each connection asked for, in the order asked. Also returned when the task fails.
  returned: when the connections to reset were found
  type: list
  elements: dict
  contains:
    id:
      description: ID of the connection.
      type: str
      sample: 98c5af8a-4a1f-4d8e-9d07-ae2280a6f4c3
    name:
      description: Name of the connection. V(null) when it was selected by ID and could not be read.
      type: str
      sample: hq-primary
    reset:
      description: Whether a reset was sent that was, or may have been, executed. Always V(false) in check mode.
      type: bool
      sample: true
    reset_at:
      description:
        - When it was reset, by the cloud's clock.
        - V(null) when no reset was sent, or none was confirmed. With RV(vpn_connections[].reset) it may have been
          executed in that case.
      type: str
      sample: "2026-11-23T10:00:03Z"
    came_back:
      description: Whether it has negotiated again since the reset and is V(ACTIVE). V(null) without O(wait).
      type: bool
      sample: true
    status:
      description:
        - Status of the connection when it was last read. That is before the reset unless O(wait) is set.
        - V(null) when it could not be read.
      type: str
      sample: ACTIVE
    request_id:
      description: ID of the request for the reset, else of the one that read the connection, for a support ticket.
      type: str
      sample: 5ba1e4cf0a2c4f2f8d3a1c1b7c0a9d11
    message:
      description: What came of it, as one line for people, without control characters.
      type: str
      sample: was reset and has negotiated again, status ACTIVE
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

from ..module_utils._client.settings import SECRETS, Connection, connection_spec
from ..module_utils._errors import VpnError
from ..module_utils._resetter import Resetter, reset_spec


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={**connection_spec(), **reset_spec()},
        supports_check_mode=True,
    )
    get = module.params.get
    # Core makes a text of a secret that is a list or mapping, but would not know that text again to mask it.
    module.no_log_values.update(str(get(name)) for name in SECRETS if get(name))
    try:
        connection = Connection.from_options(get)
        module.no_log_values.update(connection.secrets)  # they may be from a file, so that core does not know them
        outcome = Resetter(connection, get).run(predict=module.check_mode)
    except VpnError as error:
        module.fail_json(msg=str(error), error=error.details)
    if outcome.changed:
        drops = "would drop" if module.check_mode else "drops"
        module.warn(f"The traffic of a VPN connection that is reset {drops} until it has negotiated again.")
    if outcome.problem:
        module.fail_json(msg=outcome.problem, changed=outcome.changed, **outcome.answer)
    module.exit_json(changed=outcome.changed, **outcome.answer)


if __name__ == "__main__":
    main()
