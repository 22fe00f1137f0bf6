# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is a virtual module that is entirely implemented as an action plugin and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_report_assert
short_description: Assert that the reports of a run say that its VPN tunnels were verified
version_added: "1.0.0"
description:
  - The gate of a pipeline. C(ansible-playbook) ends with 0 also when nothing ran, such as with an empty inventory,
    C(--limit) or C(--skip-tags). This task reads the JSON reports of M(huaweicloud.vpn.vpn_connection_verify) and fails
    unless they prove a verification of this very run.
  - Every report that O(report_name) matches must be complete, of this run, not of check mode, and a pass.
  - Its one line says V(VERIFIED), or V(NOT VERIFIED) and why.
  - It reads only files on the controller, where it always runs. It needs no network and no credentials.
author:
  - huaweicloud.vpn contributors (!UNKNOWN)
options:
  report_dir:
    description: Folder with the reports. A relative path starts where the command was started.
    type: path
    required: true
  report_name:
    description: Name of the reports without C(.json). An asterisk stands for any text.
    type: str
    default: tunnel_verify*
  run_id:
    description:
      - The ID of this run, such as the number of the pipeline's job. Give the same to the verification.
      - A report of another run fails the task, so that an old report never counts as a new one.
    type: str
    required: true
  expect:
    description:
      - The tunnels that must have been verified, by name or ID, exactly these; or a number, how many there must be.
      - Without it, any tunnels are accepted, but at least one.
    type: list
    elements: str
  negotiated:
    description: Whether each tunnel must have negotiated since the change. Then V(PASS, NOT TRIED YET) fails the task.
    type: bool
    default: false
extends_documentation_fragment:
  - huaweicloud.vpn._attributes.task
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
attributes:
  check_mode:
    support: full
    description: Does the same in check mode. A report of check mode proves nothing.
  diff_mode:
    support: none
    description: Returns no diff, because it never changes anything.
seealso:
  - module: huaweicloud.vpn.vpn_connection_verify
"""

EXAMPLES = r"""
# In a pipeline, as the last command:
#
#   ansible localhost -m huaweicloud.vpn.vpn_report_assert -a "report_dir=reports run_id=$CI_JOB_ID"
#
- name: Assert that both tunnels were verified in this run, and that the change was tried
  huaweicloud.vpn.vpn_report_assert:
    report_dir: "{{ playbook_dir }}/reports"
    run_id: "{{ lookup('ansible.builtin.env', 'CI_JOB_ID') }}"
    expect: [hq-primary, hq-secondary]
    negotiated: true
"""

RETURN = r"""
msg:
  description: The line that says whether the tunnels were verified, or why not.
  returned: always
  type: str
  sample: "VERIFIED: 2 VPN connection(s) in run 4711: hq-primary, hq-secondary"
"""
