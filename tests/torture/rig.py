# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sets the stage for a fault, plays it through the client, and says what must hold whatever goes wrong."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from canary import Scanner
from fault_model import ACCESS_KEY, GOOD_ANSWER, LINES, PRIMARY, PROJECT, SECRETS, Fault
from fault_server import BlackHole, FaultServer, Nobody, ProxyServer
from pki import Authority

_CLEARED = ("HW_", "HUAWEICLOUD_", "TORTURE_", "SSL", "REQUESTS_CA", "CURL_CA")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "netrc")
_TRACEBACK = re.compile(r"Traceback \(most recent|^  File \"", re.MULTILINE)
# The last secret stands in bodies that no message may quote.
_SCANNER = Scanner({**SECRETS, "access_key": ACCESS_KEY})


@dataclass(frozen=True)
class Outcome:
    """What came of one run: the line for people, or the answer; and everything else that people could see."""

    accepted: bool
    line: str = ""
    code: str | None = None
    answer: dict[str, Any] | None = None
    elapsed: float = 0
    seen: str = ""

    @property
    def lines(self) -> tuple[Any, ...]:
        """The log lines of the answer."""
        return tuple(row["raw_message"] for row in (self.answer or {}).get("logs", []))


def task(endpoint: str, **options: Any) -> dict[str, Any]:
    """Return the options of a task that reads one log."""
    return {
        "access_key": ACCESS_KEY,
        "secret_key": SECRETS["secret_key"],
        "region": "cn-north-4",
        "project_id": PROJECT,
        "endpoint": endpoint,
        "iam_endpoint": "https://iam.torture.test",
        "vpn_connection_id": [PRIMARY],
        "timeout": 20,
        **options,
    }


class Stage:
    """The servers of one fault, and the options and variables with which a task meets them."""

    def __init__(self, fault: Fault, authority: Authority, folder: Path, *, retries: int = 2) -> None:
        self.fault = fault
        self.other = FaultServer([GOOD_ANSWER])
        self._closed = Nobody()
        self._open: list[Any] = [self.other, self._closed]
        self.server = self._server(fault, authority)
        port, origin, proxy = self.server.port, self.server.origin, getattr(self, "_proxy", self.server).origin
        self._marks = {
            "@PORT@": str(port),
            "@ORIGIN@": origin,
            "@PROXY@": proxy,
            "@CLOSED@": self._closed.origin,
            "@CA@": authority.ca,
            "@OTHER_CA@": authority.other_ca,
            "@TMP@": str(folder),
        }
        defaults = task(f"http://{origin}", timeout=1 if fault.stalls else 20, retries=retries)
        self.options: dict[str, Any] = {**defaults, **self._filled(fault.options)}
        self.env: dict[str, str] = self._filled(fault.env)
        self.says = self._filled(list(fault.says))

    def _server(self, fault: Fault, authority: Authority) -> Any:
        kind, _colon, detail = fault.server.partition(":")
        known = {b"@OTHER@": self.other.origin}
        if kind in ("tls", "tls6"):
            address, port = ("::1", self._closed.port) if kind == "tls6" else ("127.0.0.1", 0)
            tls = authority.context(detail)
            server: Any = FaultServer(*fault.scripts, tls=tls, known=known, address=address, port=port)
        elif kind == "proxy" and detail:
            server = FaultServer(fault.scripts[-1], tls=authority.context(), known=known)
            self._proxy = ProxyServer(*fault.scripts[:-1], target=("127.0.0.1", server.port))
            self._open.append(self._proxy)
        elif kind in ("closed", "hole"):
            server = BlackHole() if kind == "hole" else Nobody()
        else:
            address = "::1" if kind == "ipv6" else "127.0.0.1"
            server = FaultServer(*fault.scripts, greet=kind == "greet", known=known, address=address)
        self._open.append(server)
        return server

    def unfilled(self, text: str) -> str:
        """Return a text with what is new in each run, or OpenSSL's, as it stands in the table."""
        text = re.sub(r"(?<=clock, )\S+|(?<=clock is )[0-9]+", "@NOW@", text)
        text = re.sub(r"(?<= failed: )[^(]*(?= \(check the clock)", "@OPENSSL@", text)
        for mark, value in sorted(self._marks.items(), key=lambda item: -len(item[1])):
            text = text.replace(value, mark)
        return text

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if isinstance(value, str):
            for mark, text in self._marks.items():
                value = value.replace(mark, text)
        return value

    @property
    def seen(self) -> int:
        """How many requests came; of a server that does not wait for them, how many connections."""
        if self.fault.server == "greet":
            return int(self.server.connections)
        return len(getattr(self.server, "requests", ()))

    def close(self) -> None:
        """Close every server."""
        for each in self._open:
            each.close()

    def check(self, outcome: Outcome) -> None:
        """See to all that must hold of the fault."""
        fault = self.fault
        refused(outcome) if fault.codes else taken(outcome)
        assert self.seen == fault.requests_wanted(self.options["retries"])
        assert not self.other.requests
        if fault.codes:
            assert fault.retried or getattr(self.server, "connections", 0) <= 1, "connected again"
            assert outcome.code is None or outcome.code in fault.codes, outcome.line
            assert any(f"[{code}" in outcome.line for code in fault.codes), outcome.line
            assert [part for part in self.says if part not in outcome.line] == [], outcome.line


def taken(outcome: Outcome) -> None:
    """A fault that can be overcome changes nothing."""
    assert outcome.accepted, outcome.line
    assert outcome.lines == LINES


def refused(outcome: Outcome) -> None:
    """Nothing was taken for an answer, nothing came back that reads as a clean log, and one short line tells why."""
    assert not outcome.accepted, str(outcome.answer)[:200]
    assert not outcome.lines
    for row in (outcome.answer or {}).get("vpn_connections", []):
        assert row["error"]
        assert (row["total"], row["failures"]) == (None, None), "numbers of what was never read"
    assert outcome.line
    assert outcome.line.isprintable()
    assert len(outcome.line) <= 300
    harmless(outcome.line + outcome.seen)


def harmless(text: str) -> None:
    """Nobody has to read Python, and no part of a secret or of a body is there, in no usual encoding."""
    assert not _TRACEBACK.search(text), text
    assert not _SCANNER.text(text, "here"), text


@contextmanager
def environment(env: Mapping[str, str]) -> Iterator[None]:
    """Run with these variables, and without those that would change what is tested."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(clean_environment(before))
    os.environ.update(env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def clean_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that change nothing."""
    return {
        name: value for name, value in env.items() if not name.startswith(_CLEARED) and name.lower() not in _PROXIES
    }


def play(options: Mapping[str, Any]) -> Outcome:
    """Gather as the module does, with these options, in this process."""
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import settings
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather import logs, query
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.selection import unreadable_summary

    specs = {**settings.connection_spec(), **query.query_spec(), **query.selection_spec()}
    values = {name: entry.get("default") for name, entry in specs.items()}
    values.update(options)
    get: Callable[[str], Any] = values.get
    began = time.monotonic()
    try:
        connection, selection = settings.Connection.from_options(get), query.Selection.from_options(get)
        answer = logs.gather(connection, selection, query.Query.from_options(get))
    except VpnError as error:
        shown = f"{error!r} {error.details}"
        return Outcome(False, str(error), error.code, None, time.monotonic() - began, shown)
    elapsed = time.monotonic() - began
    line = unreadable_summary(answer)
    if line is None:
        return Outcome(True, "", None, answer, elapsed)
    code = next(row["error"]["code"] for row in answer["vpn_connections"] if row["error"])
    return Outcome(False, line, code, answer, elapsed, str(answer))
