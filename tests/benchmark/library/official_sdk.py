# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module as one would write it on the official SDK: one call."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkvpn.v5 import ShowVpnConnectionLogRequest, VpnClient


def main():
    """Run the module."""
    texts = ("endpoint", "access_key", "project_id", "vpn_connection_id")
    module = AnsibleModule(
        argument_spec={**{name: {"type": "str"} for name in texts}, "secret_key": {"type": "str", "no_log": True}}
    )
    given = module.params
    credentials = BasicCredentials(given["access_key"], given["secret_key"], given["project_id"])
    client = VpnClient.new_builder().with_credentials(credentials).with_endpoint(given["endpoint"]).build()
    answer = client.show_vpn_connection_log(ShowVpnConnectionLogRequest(vpn_connection_id=given["vpn_connection_id"]))
    module.exit_json(changed=False, entries=len(answer.logs))


if __name__ == "__main__":
    main()
