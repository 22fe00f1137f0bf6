# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of the modules."""

    # What modules that only read have in common
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return what it would return without. It never changes anything.
  diff_mode:
    support: none
    description: Returns no diff, because it never changes anything.
"""

    # Membership in the action group
    ACTIONGROUP_HUAWEICLOUD = r"""
options: {}
attributes:
  action_group:
    support: full
    description: Use C(group/huaweicloud.vpn.huaweicloud) in C(module_defaults) to set the connection options once.
    membership:
      - huaweicloud.vpn.huaweicloud
"""

    # Modules whose work is done in ansible's own process where that makes no difference
    IN_PROCESS = r"""
options: {}
attributes:
  action:
    support: full
    description: Has an action plugin, so that no process is started where the task is done on the controller anyway.
notes:
  - Where the task is done on the controller anyway, it runs inside the process of Ansible, which saves most of the
    time. That is with the connection V(local), without C(become) and C(async), and with Ansible's own Python or V(auto)
    as the interpreter. Results and messages are the same. With C(-vvvv), one line says which way was taken, and why.
  - Set the variable C(huaweicloud_vpn_in_process) to V(false) to have the module run in any case, for example to debug
    it, or on macOS if a task crashes while it looks up a proxy.
"""

    # What tasks that always run on the controller have in common
    TASK = r"""
options: {}
attributes:
  action:
    support: full
  async:
    support: none
  become:
    support: none
  bypass_host_loop:
    support: none
  connection:
    support: none
  delegation:
    support: none
    description: It always runs on the controller.
  platform:
    platforms: posix
"""
