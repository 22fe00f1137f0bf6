# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is a virtual module that is entirely implemented as an action plugin and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_playbook_step
short_description: Do a step of the playbooks of this collection
version_added: "1.0.0"
description:
  - The playbooks C(huaweicloud.vpn.baseline), C(huaweicloud.vpn.verify) and C(huaweicloud.vpn.validate_change) are
    made of these steps. In plays of your own, use the module M(huaweicloud.vpn.vpn_connection_verify) or the roles.
  - It takes its options from the variables of the playbook, and always runs on the controller.
author:
  - huaweicloud.vpn contributors (!UNKNOWN)
options:
  step:
    description:
      - V(tunnels) checks that the pattern C(tunnels) matches hosts.
      - V(baseline) takes the evidence of the tunnels of all hosts into a file, V(verify) verifies them.
      - V(prepare) checks all that could be refused after the change, and takes the evidence. V(prove) verifies it.
      - V(failed) notes why a change is not good, V(rolled_back) verifies after the roll-back, V(fail) shows all.
      - V(end) checks that each tunnel has a verdict, and shows the diagnosis.
    type: str
    choices: [tunnels, baseline, verify, prepare, prove, failed, rolled_back, fail, end]
    required: true
  failed_task:
    description: Name of the task that failed.
    type: str
extends_documentation_fragment:
  - huaweicloud.vpn._connection
  - huaweicloud.vpn._attributes.actiongroup_huaweicloud
  - huaweicloud.vpn._attributes.task
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
seealso:
  - module: huaweicloud.vpn.vpn_connection_verify
"""

EXAMPLES = r"""
- name: See that a pattern of hosts leads to tunnels
  huaweicloud.vpn.vpn_playbook_step:
    step: tunnels
"""

RETURN = r"""
hosts:
  description: The hosts that are tunnels.
  returned: with O(step=tunnels)
  type: list
  elements: str
  sample: [hq-primary]
"""
