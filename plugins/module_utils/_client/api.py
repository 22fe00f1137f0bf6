# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of VPN v5 and IAM that we use: one short method each, answers checked for their shape.

Source: Huawei Cloud VPN API reference (v5), IAM API reference (v3).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from .._errors import ApiError, OptionError, TransportError, VpnError, quoted
from .._uuid import is_uuid
from .response import content_error
from .retry import may_have_executed
from .session import Answer, Session
from .settings import Connection

_PAGE = 200  # connections asked for at a time; some regions allow 2000, all allow 200
_MOST_PAGES = 1000
_MOST_ENTRIES = 10_000  # of a log; 200 are documented
_LONGEST_LINE = 64 * 1024
_UNCLEAR = "the request may have been executed anyway: look for new lines in the connection's log before you repeat it"


class VpnApi:
    """The VPN service of one project."""

    def __init__(self, session: Session, connection: Connection) -> None:
        self._session = session
        self._connection = connection
        self._project_id = connection.project_id

    def project_id(self) -> str:
        """Return the project's ID; when it was not given, ask IAM once for that of its name, by default the region."""
        if self._project_id is None:
            self._project_id = self._find_project()
        return self._project_id

    def acted_as(self) -> dict[str, Any]:
        """Return endpoint, region, project, and the last four characters of the access key."""
        key = self._connection.access_key
        return {
            "endpoint": self._connection.endpoint,
            "region": self._connection.region,
            "project_id": self._project_id,
            "access_key": key and key[-4:],
            "agency": self._connection.agency,
        }

    def log(self, vpn_connection_id: str) -> Answer:
        """Return the log of a connection: `logs`, at most 200 entries `{time: epoch seconds, raw_message: str}`.

        The service takes no time range and no paging. `logs: null` is read as no entries.
        """
        answer = self._get(f"/vpn-connection/{_segment(vpn_connection_id)}/log", "vpnConnections:getLog")
        logs = _rows(answer.body, "logs", null_is_empty=True)
        total = answer.body.get("total_count", len(logs))
        if "page_info" in answer.body or "next_marker" in answer.body or total != len(logs):
            raise TransportError("the log has several pages, this version reads only one", code="E_INCOMPLETE")
        longest = max((len(row["raw_message"]) for row in logs if isinstance(row.get("raw_message"), str)), default=0)
        if len(logs) > _MOST_ENTRIES or longest > _LONGEST_LINE:
            size = f"{len(logs)} entries, the longest has {longest} characters"
            raise TransportError(f"the log is too large: {size}", code="E_TOO_LARGE")
        answer.body["logs"] = logs
        return answer

    def connection(self, vpn_connection_id: str) -> Answer:
        """Return one connection as the service shows it: `vpn_connection`."""
        answer = self._get(f"/vpn-connection/{_segment(vpn_connection_id)}", "vpnConnections:get")
        _check_identity(answer.body, "vpn_connection", vpn_connection_id)
        return answer

    def gateway(self, vgw_id: str) -> dict[str, Any]:
        """Return one VPN gateway as the service shows it."""
        try:
            body = self._get(f"/vpn-gateways/{_segment(vgw_id, 'vgw_id')}", "vpnGateways:get").body
        except ApiError as error:
            if error.status == 404 and error.code != "APIGW.0101":
                error.hint = "no such gateway: check project_id and region"
            raise
        return _check_identity(body, "vpn_gateway", vgw_id)

    def ipsec_sas(self, vpn_connection_id: str) -> list[dict[str, Any]] | None:
        """Return the IPsec SAs of a connection with their counters, None in regions that do not serve them."""
        try:
            answer = self._get(f"/vpn-connection/{_segment(vpn_connection_id)}/ipsec-sa", "vpnConnections:listIpsecSa")
        except ApiError as error:
            if error.code == "APIGW.0101":
                return None
            raise
        return _rows(answer.body, "sa_infos", null_is_empty=True)

    def reset(self, vpn_connection_id: str) -> Answer:
        """Reset a connection: its SAs go, and it is negotiated again. No body is sent, the answer has `request_id`.

        Source: ResetVpnConnection of the service's SDK (v5); neither the status of success nor the permission that it
        needs is documented. It must not be sent twice, so that an error says whether it may have been executed.
        """
        path = f"/v5/{self.project_id()}/vpn-connection/{_segment(vpn_connection_id)}/reset"
        try:
            return self._session.post(self._connection.endpoint, path, self._headers())
        except VpnError as error:
            if may_have_executed(error):
                error.hint = _UNCLEAR
            elif error.status == 403 and error.code != "APIGW.0801":
                error.hint = "check project_id, and that IAM allows this user to reset VPN connections"
            raise

    def connections(self) -> list[dict[str, Any]]:
        """Return every connection of the project; raise when the service counts more than it lists.

        A page's marker is the creation time of its last connection, present on the last page, too: the list has ended
        when a page brings nothing new.
        """
        found: dict[str, dict[str, Any]] = {}
        markers: list[tuple[str, str]] = []
        total = 0
        for _page in range(_MOST_PAGES):
            body = self._get("/vpn-connection", "vpnConnections:list", [("limit", str(_PAGE)), *markers[-1:]]).body
            rows = _rows(body, "vpn_connections", null_is_empty=False)
            count = body.get("total_count", 0)
            if not all(is_uuid(row.get("id")) for row in rows) or not isinstance(count, int):
                raise _shape_error("vpn_connections")
            total = max(total, count)  # an empty last page may say 0
            new = {row["id"]: row for row in rows if row["id"] not in found}
            found.update(new)
            page_info = body.get("page_info")
            marker = page_info.get("next_marker") if isinstance(page_info, dict) else None
            if not new or not isinstance(marker, str) or not marker or ("marker", marker) in markers:
                break
            markers.append(("marker", marker))
        if total > len(found):
            raise TransportError(
                f"the service says there are {total} VPN connections, but lists {len(found)}",
                code="E_INCOMPLETE",
                hint="select the connections with vpn_connection_id",
            )
        return list(found.values())

    def _get(self, path: str, action: str, query: list[tuple[str, str]] | None = None) -> Answer:
        """Get one answer; an error for want of a permission names the action to allow."""
        target = f"/v5/{self.project_id()}{path}"
        try:
            return self._session.get(self._connection.endpoint, target, query or [], self._headers())
        except ApiError as error:
            if error.status == 403 and error.code != "APIGW.0801":
                error.hint = f"check project_id, and that IAM allows this user vpn:{action}"
            raise

    def _headers(self) -> dict[str, str]:
        return {} if self._connection.auth_token else {"X-Project-Id": self.project_id()}

    def _find_project(self) -> str:
        name = self._connection.project_name or self._connection.region
        if name is None:
            raise OptionError("project_id", "give project_id, or region so that the project can be looked up")
        try:
            answer = self._session.get(self._connection.iam_endpoint, "/v3/projects", [("name", name)])
        except ApiError as error:
            if error.status == 403:
                error.hint = "these credentials are not allowed to look up the project: give project_id"
            raise
        rows = _rows(answer.body, "projects", null_is_empty=False)
        ids = [str(row.get("id")) for row in rows if row.get("name") == name]
        if len(ids) == 1 and re.fullmatch(r"[0-9A-Za-z_-]{1,64}", ids[0], re.ASCII):
            return ids[0]
        problem = f"there are {len(ids)} projects" if ids else "there is no project"
        option = "project_name" if self._connection.project_name else "region"
        raise OptionError(
            "project_id", f"{problem} named {quoted(name)} for these credentials: check {option}, or give project_id"
        )


def _segment(value: str, option: str = "vpn_connection_id") -> str:
    """Return the ID as one segment of a path; only a UUID goes on the wire, so that no path can be forged."""
    if not is_uuid(value):
        raise OptionError(option, f"{quoted(value)} is not an ID (a UUID)")
    return quote(value, safe="")


def _check_identity(body: dict[str, Any], name: str, wanted: str) -> dict[str, Any]:
    """Return the object under this name; one with another ID than wanted is no answer."""
    shown = body.get(name)
    if not isinstance(shown, dict) or str(shown.get("id")).lower() != wanted.lower():
        raise _shape_error(name)
    return shown


def _rows(body: dict[str, Any], name: str, *, null_is_empty: bool) -> list[dict[str, Any]]:
    """Return the list of objects under this name; anything else there is no answer."""
    rows = body.get(name)
    if rows is None and null_is_empty and name in body:
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _shape_error(name)
    return rows


def _shape_error(name: str) -> TransportError:
    return content_error(f"{name} is missing or malformed")
