# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service and a proxy that tell on their callers: each fault quotes a secret where it can.

The project in the path names the fault, so that one server serves every task of a play.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from typing import NamedTuple

from canary import BASE64, CANARIES, ENCODINGS, encoded
from fault_model import GOOD_ANSWER
from fault_server import FOR_EVER, RESET, FaultServer, Script, answer

STATUSES = {
    401: "401 Unauthorized",
    403: "403 Forbidden",
    404: "404 Not Found",
    429: "429 Too Many Requests",
    500: "500 Internal Server Error",
}
KEYS = ("access_key", "secret_key", "security_token")


class Case(NamedTuple):
    """A fault by its name, whose secret it tells, and what the server does."""

    name: str
    canary: str
    encoding: str
    script: Script


class CanaryServer(FaultServer):
    """Does what the project in the path asks for."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._cases = {case.name: case.script for case in cases}
        super().__init__()

    def converse(self, peer: socket.socket) -> None:
        """Answer one request."""
        request = self.receive(peer)
        if request:
            parts = request.split(b" ", 2)[1].decode("latin-1").split("/")
            self._play(peer, self._cases.get(parts[2] if len(parts) > 2 else "", [GOOD_ANSWER]))


class CanaryProxy(FaultServer):
    """A proxy whose answer depends on the first label of the host that is asked for."""

    def __init__(self) -> None:
        told = CANARIES["proxy"]
        page = f"<html>no entry for {told}</html>"
        self._replies: dict[str, Script] = {
            "refused": [answer(page, "407 Proxy Authentication Required", f"Proxy-Authenticate: Basic realm={told}")],
            "broken": [answer(page, f"502 {told}")],
            "garbage": [f"{told}\r\n\r\n".encode()],
            "reset": [RESET],
            "portal": [answer(page, "200 OK", "Content-Type: text/html")],
        }
        super().__init__()

    def converse(self, peer: socket.socket) -> None:
        """Answer one CONNECT."""
        request = self.receive(peer)
        if request:
            self._play(peer, self._replies.get(request.split(b" ")[1].split(b".")[0].decode(), [RESET]))


def error_cases(canary: str, encodings: Iterable[str] = ENCODINGS) -> list[Case]:
    """Return errors whose bodies quote a secret in every disguise, as message, code and request ID."""
    secret = CANARIES[canary]
    cases = []
    for encoding in encodings:
        form = encoded(secret, encoding)
        for status, line in STATUSES.items():
            body = {"error_code": f"X.{status}", "error_msg": f"not you, {form}, again", "request_id": form}
            script = [answer(json.dumps(body), line)]
            cases.append(Case(_name(canary, encoding, str(status)), canary, encoding, script))
        coded = {"code": form, "message": f"{form} {form}"}
        script = [answer(json.dumps(coded), "400 Bad Request", f"X-Request-Id: {form}")]
        cases.append(Case(_name(canary, encoding, "code"), canary, encoding, script))
        script = [answer(json.dumps({**coded, "logs": []}))]
        cases.append(Case(_name(canary, encoding, "in-200"), canary, encoding, script))
    return cases


def way_cases(canary: str) -> list[Case]:
    """Return other faults that have a secret in what they send."""
    told = encoded(CANARIES[canary], "url")
    raw = CANARIES[canary]
    cut = answer(json.dumps({"logs": [], "told": raw}))
    scripts: dict[str, Script] = {
        "redirect-host": [answer("", "302 Found", f"Location: https://{_label(raw)}.torture.test/")],
        "redirect-query": [answer("", "302 Found", f"Location: https://u:{told}@a.torture.test/?token={told}")],
        "cut": [cut[:-20]],
        "garbage": [answer(f"<html>{raw}</html>", "200 OK", "Content-Type: text/html")],
        "bad-json": [answer(f'{{"logs": "{raw}')],
        "duplicate": [answer(json.dumps({"a": 1})[:-1] + f', "{told}": 1, "{told}": 2}}')],
        "shape": [answer(json.dumps({"logs": raw}))],
        "status-line": [f"HTTP/1.1 {raw}\r\n\r\n".encode()],
        "no-http": [f"{raw}\r\n\r\n".encode()],
        "bad-header": [answer("", "200 OK", f"X-Auth-Token {raw}", f"Content-Type: {raw}")],
        "reason": [answer("", f"418 {raw}")],
        "retry-after": [answer("{}", "503 Busy", f"Retry-After: {raw}", f"Server: {raw}")],
        "compressed": [answer("{}", "200 OK", f"Content-Encoding: {raw}")],
        "length": [answer("{}", "200 OK", length=f"Content-Length: {raw}")],
        "date": [answer('{"logs": []}', date=raw)],
        "cookie": [answer("{}", "400 Bad Request", f"Set-Cookie: token={raw}")],
        "reset": [RESET],
        "stall": [FOR_EVER],
    }
    return [Case(_name(canary, "raw", name), canary, "raw", script) for name, script in scripts.items()]


def _label(secret: str) -> str:
    return "".join(char for char in secret if char.isalnum())


def _name(canary: str, encoding: str, what: str) -> str:
    return f"{canary}-{encoding.replace('+', '_')}-{what}"


def one_of_each(cases: Iterable[Case]) -> list[Case]:
    """Return cases so that each fault and each disguise is there, but not each with each."""
    faults: dict[str, int] = {}
    kept = []
    for case in cases:
        fault = case.name.rpartition("-")[2]
        number = faults[fault] = faults.get(fault, -1) + 1
        place = ENCODINGS.index(case.encoding)
        if case.encoding == "raw" or place % len(STATUSES) == number % len(STATUSES) or case.encoding in BASE64[:1]:
            kept.append(case)
    return kept
