# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module on the official SDK that reads the log of one connection, as others would write it."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule, env_fallback
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkvpn.v5 import ShowVpnConnectionLogRequest, VpnClient

NAMES = ("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_PROJECT_ID", "HUAWEICLOUD_VPN_ENDPOINT")


def main():
    """Run the module."""
    spec = {name: {"fallback": (env_fallback, [name]), "no_log": "SECRET" in name} for name in NAMES}
    module = AnsibleModule(argument_spec={**spec, "id": {}})
    *keys, endpoint = (module.params[name] for name in NAMES)
    client = VpnClient.new_builder().with_credentials(BasicCredentials(*keys)).with_endpoint(endpoint).build()
    answer = client.show_vpn_connection_log(ShowVpnConnectionLogRequest(vpn_connection_id=module.params["id"]))
    module.exit_json(changed=False, logs=[{"time": row.time, "raw_message": row.raw_message} for row in answer.logs])


if __name__ == "__main__":
    main()
