# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""The errors of the collection: each carries one complete line for people and its parts for programs."""

from __future__ import annotations

from typing import Any

# What to do about an answer we know: (HTTP status, code, part of the service's text). The first match counts.
# Texts and codes: Huawei Cloud API Gateway error codes, API signing guide, VPN API error codes.
_HINTS: tuple[tuple[int | None, str | None, str | None, str], ...] = (
    (401, None, "signature expired", "the clocks differ by more than 15 minutes: set the clock of this machine"),
    (401, None, "reach the limit", "this access key is locked after repeated wrong signatures: wait 5 minutes"),
    (401, None, "not exist", "the access key is unknown: check access_key"),
    (401, None, "verify aksk signature", "the signature is wrong: check secret_key, and that it belongs to access_key"),
    (401, None, "token expires", "the token has expired: get a new auth_token"),
    (401, None, "decrypt token", "the token is not valid here: check auth_token and the region"),
    (401, "APIGW.0307", None, "the token is expired or of another region: get a new auth_token for this region"),
    (401, None, None, "check access_key and secret_key (or auth_token), and that they belong to this cloud and region"),
    (403, "APIGW.0801", None, "the service is not available in this region: check region"),
    (
        403,
        None,
        None,
        "check project_id, and that IAM allows this user vpn:vpnConnections:getLog",
    ),
    (404, "APIGW.0101", None, "this API is not published at this endpoint: check region and endpoint"),
    (
        404,
        "VPN.0004",
        None,
        "no such connection: check vpn_connection_id, project_id and region",
    ),
    (
        404,
        "VPN.0563",
        None,
        "no such connection: check vpn_connection_id, project_id and region",
    ),
    (None, "VPN.0304", None, "this VPN gateway is too old to serve connection logs: upgrade the gateway"),
    (None, "VPN.0305", None, "connections of the policy-template type have no log"),
    (None, "VPN.0306", None, "the connection is being updated: try again when the update is done"),
    (429, None, None, "too many requests: lower concurrency or try again later"),
)


def hint_for(status: int | None, code: str, text: str) -> str | None:
    """Return what to do about an answer with this HTTP status, code and text of the service."""
    for known_status, known_code, part, hint in _HINTS:
        if known_status in (None, status) and known_code in (None, code) and (part is None or part in text):
            return hint
    return None


def quoted(value: str) -> str:
    """Return what a task gave as it may stand in a line: in ASCII, and of a long value only the beginning."""
    shown = ascii(value[:64])[1:-1]
    return f"'{shown[:64]}...'" if len(value) > 64 or len(shown) > 64 else f"'{shown}'"


def code_of_status(status: int) -> str:
    """Return our own code for an error answer that carries none of the service's."""
    known = {401: "E_AUTH", 403: "E_FORBIDDEN", 404: "E_NOTFOUND", 408: "E_TIMEOUT", 429: "E_THROTTLED"}
    return known.get(status, "E_SERVER" if status >= 500 else "E_STATUS")


class VpnError(Exception):
    """Something that keeps us from the evidence; `str(error)` is one complete line without secrets."""

    sent = True  # whether the request may have reached the service

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        request_id: str | None = None,
        hint: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.request_id = request_id
        self.hint = hint
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Return the message, what to do, and what a ticket needs."""
        return error_line(self.details)

    @property
    def details(self) -> dict[str, Any]:
        """Return the error as it stands in an answer."""
        message = f"{self.message} - {self.hint}" if self.hint else self.message
        return {"code": self.code, "status": self.status, "message": message, "request_id": self.request_id}


def error_line(details: dict[str, Any]) -> str:
    """Return an error as it stands in an answer as one line: the message, and what a support ticket needs."""
    status = "" if details["status"] is None else f", HTTP {details['status']}"
    request_id = f", request id {details['request_id']}" if details["request_id"] else ""
    return f"{details['message']} [{details['code']}{status}{request_id}]"


class OptionError(VpnError):
    """An option cannot be used; nothing was sent."""

    sent = False

    def __init__(self, option: str, problem: str, *, code: str = "E_CONFIG") -> None:
        super().__init__(f"{option}: {problem}", code=code)


class CredentialsError(OptionError):
    """The credentials are missing, contradict each other, or cannot be sent."""

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(option, problem, code="E_CRED")


class TransportError(VpnError):
    """No whole, well-formed answer came back."""


class ApiError(VpnError):
    """The service answered with an error of its own."""
