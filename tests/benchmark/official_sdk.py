# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official SDK as a script, reading the logs of many connections: python official_sdk.py WIDTH FILE.

The file holds endpoint, access_key, secret_key, project_id and ids as JSON.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkvpn.v5 import ShowVpnConnectionLogRequest, VpnClient


def main(width: int, file: str) -> None:
    """Read every log, so many side by side."""
    given = json.loads(Path(file).read_text("utf-8"))
    credentials = BasicCredentials(given["access_key"], given["secret_key"], given["project_id"])
    client = VpnClient.new_builder().with_credentials(credentials).with_endpoint(given["endpoint"]).build()

    def read(connection: str) -> int:
        request = ShowVpnConnectionLogRequest(vpn_connection_id=connection)
        return len(client.show_vpn_connection_log(request).logs)

    with ThreadPoolExecutor(width) as pool:
        print(sum(pool.map(read, given["ids"])))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
