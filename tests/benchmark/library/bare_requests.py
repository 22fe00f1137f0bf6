# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The floor of a module: requests and one GET, nothing else."""

from __future__ import annotations

import requests
from ansible.module_utils.basic import AnsibleModule


def main():
    """Run the module."""
    module = AnsibleModule(argument_spec={"url": {"type": "str"}, "token": {"type": "str", "no_log": True}})
    answer = requests.get(module.params["url"], headers={"X-Auth-Token": module.params["token"]}, timeout=60)
    module.exit_json(changed=False, entries=len(answer.json()["logs"]))


if __name__ == "__main__":
    main()
