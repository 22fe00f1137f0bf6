# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: terraform_connections
short_description: List the VPN connections in a state or a plan of Terraform
version_added: "1.0.0"
author:
  - huaweicloud.vpn contributors
description:
  - Reads what C(terraform show -json) prints of a state or of a saved plan, and returns each
    C(huaweicloud_vpn_connection) in it, of all modules, with what the plan does to it. OpenTofu prints the same.
  - Resources of other types and data sources are left out.
  - A connection that is missing here would not be verified. So whatever cannot be read is an error, never a
    shorter list. That is a text that is not JSON, another major version of the format, an empty state, a connection
    without an ID, and a plan that ended with an error or leaves connections out, such as one with C(-target).
  - A deposed object is left of a replacement whose last step failed, and the next apply deletes it. It is left out,
    unless its address has nothing else.
  - Values that Terraform takes for sensitive, such as PSKs, are never returned, nor shown in an error. The JSON itself
    has them as clear text. Do not keep it longer than the pipeline needs it.
options:
  _input:
    description:
      - The text, or what it was parsed to.
      - Give the output of the command as a whole. C(terraform plan -json) and the state file are something else.
    type: raw
    required: true
seealso:
  - module: huaweicloud.vpn.vpn_connection_baseline
  - module: huaweicloud.vpn.vpn_connection_verify
"""

EXAMPLES = r"""
# terraform plan -out=plan.tfplan
# terraform show -json plan.tfplan > plan.json

- name: Say what a plan does to the tunnels
  ansible.builtin.debug:
    msg: "{{ item.action }} {{ item.name }} ({{ item.address }})"
  loop: "{{ lookup('ansible.builtin.file', 'plan.json') | huaweicloud.vpn.terraform_connections }}"

# Without any ID, every tunnel of the project would be taken.
- name: Take the evidence of the tunnels that stay
  huaweicloud.vpn.vpn_connection_baseline:
    vpn_connection_id: "{{ stay | map(attribute='id') }}"
  when: stay | length > 0
  vars:
    planned: "{{ lookup('ansible.builtin.file', 'plan.json') | huaweicloud.vpn.terraform_connections }}"
    stay: "{{ planned | selectattr('action', 'in', ['none', 'update', 'forget']) }}"
"""

RETURN = r"""
_value:
  description: The connections, in the order of Terraform.
  type: list
  elements: dict
  contains:
    address:
      description: Address of the resource, with its modules, and the index that C(count) or C(for_each) gives it.
      type: str
    id:
      description: ID of the VPN connection before the change, V(null) for one that the plan creates.
      type: str
    name:
      description:
        - Name of the connection before the change, V(null) where it is sensitive, or only known after the apply.
      type: str
    vgw_id:
      description: ID of its VPN gateway, V(null) as for the name.
      type: str
    action:
      description:
        - What the plan does to it. Always V(none) in a state.
        - V(none) and V(update) keep the connection, its ID and its log.
        - V(replace) deletes it and creates another one, in whichever order. The new one has another ID and an empty
          log, so there is no baseline to compare with.
        - V(forget) takes it out of the state; it stays in the cloud.
        - V(create) and V(delete) say what they do.
      type: str
  sample:
    - address: module.hq.huaweicloud_vpn_connection.this["primary"]
      id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
      name: hq-primary
      vgw_id: ba90819b-1111-4222-8333-3a01622856a5
      action: update
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ..plugin_utils._terraform import TerraformError, connections_of


def terraform_connections(value: Any) -> list[dict[str, Any]]:
    """Return the connections of a state or a plan."""
    try:
        connections = connections_of(value)
    except TerraformError as error:
        raise AnsibleFilterError(f"huaweicloud.vpn.terraform_connections: {error}") from None
    # Whoever may write the configuration may be another than who runs this: what looks like a template stays text.
    result: list[dict[str, Any]] = wrap_var(connections)
    return result


class FilterModule:
    """Offer the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters of this file."""
        return {"terraform_connections": terraform_connections}
