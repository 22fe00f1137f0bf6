# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence from before a change, taken in ansible's own process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...module_utils._client.settings import Connection, connection_spec
from ...module_utils._gather.logs import gather, unreadable_summary
from ...module_utils._gather.query import Query, Selection, query_spec, selection_spec
from .._direct import DirectAction, Get


class Take(DirectAction):
    """Take the evidence from before the change, as the role tunnel_baseline does."""

    SPEC: ClassVar[Mapping[str, dict[str, Any]]] = {
        **connection_spec(),
        **selection_spec(),
        "gather": {**query_spec()["gather"], "default": ["logs", "connection", "ipsec_sas"]},
        "concurrency": query_spec()["concurrency"],
    }
    EXCLUSIVE = (("vpn_connection_id", "name", "vgw_id"),)

    def work(self, get: Get, connection: Connection) -> dict[str, Any]:
        """Gather; a tunnel that cannot be read is no evidence."""
        wanted = {name: get(name) for name in (*selection_spec(), "gather", "concurrency")}
        find = {**dict.fromkeys(query_spec()), **wanted}.get
        evidence = gather(connection, Selection.from_options(find), Query.from_options(find), compact=True)
        problem = unreadable_summary(evidence)
        if not evidence["vpn_connections"]:
            problem = "there is no VPN connection"
        return {"failed": True, "msg": problem} if problem else evidence
