# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for the emulator's own tests: servers of any scenario, and a minimal signing client."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any, Callable, NamedTuple
from urllib.parse import urlsplit

import pytest


class Answer(NamedTuple):
    """An answer of the emulator; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: Any


class Client:
    """Signs what it sends with X-Sdk-Date alone: the least the gateway demands. Independent of the emulator's code."""

    def __init__(self, emulator: Any) -> None:
        """Use the first permanent key and the first project of the world."""
        self.emulator = emulator
        self.access_key, credential = next(iter(emulator.world.credentials.items()))
        self.secret_key = credential["secret_key"]
        self.prefix = f"/v5/{emulator.world.projects[0]['id']}"
        self.date_offset = 0.0
        self.wire = http.client.HTTPConnection(urlsplit(emulator.url).netloc, timeout=10)

    def signed(self, method: str, target: str, body: str = "") -> dict[str, str]:
        """Return the headers that authenticate a request; the target must be plain and its query sorted."""
        now = self.emulator.world.now() + self.date_offset
        date = datetime.fromtimestamp(now, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        path, _mark, query = target.partition("?")
        payload = hashlib.sha256(body.encode()).hexdigest()
        canonical = f"{method}\n{path}/\n{query}\nx-sdk-date:{date}\n\nx-sdk-date\n{payload}"
        text = f"SDK-HMAC-SHA256\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(self.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
        scheme = f"SDK-HMAC-SHA256 Access={self.access_key}, SignedHeaders=x-sdk-date, Signature={signature}"
        return {"X-Sdk-Date": date, "Authorization": scheme}

    def plain(self, method: str, target: str, body: str = "", headers: dict[str, str] | None = None) -> Answer:
        """Send a request as it is."""
        self.wire.request(method, target, body=body or None, headers=headers or {})
        response = self.wire.getresponse()
        content = response.read()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, json.loads(content) if content.startswith((b"{", b"[")) else content)

    def call(self, method: str, target: str, body: str = "", **headers: str) -> Answer:
        """Send a signed request; further headers are added unsigned."""
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.plain(method, target, body, {**self.signed(method, target, body), **extra})

    def vpn(self, rest: str, method: str = "GET", **headers: str) -> Answer:
        """Send a signed request below the project."""
        return self.call(method, self.prefix + rest, **headers)

    def log(self, name: str) -> list[dict[str, Any]]:
        """Return the log of a connection by its name."""
        answer = self.vpn(f"/vpn-connection/{self.id_of(name)}/log")
        if answer.status != 200:
            pytest.fail(f"log of {name}: {answer}")
        return answer.body["logs"]

    def id_of(self, name: str) -> str:
        """Return the id of a connection by its name."""
        return next(one.id for one in self.emulator.world.connections.values() if one.name == name)


@pytest.fixture
def emulate(emulator_module: Any) -> Iterator[Callable[..., Client]]:
    """Start emulators and return a client for each; all are stopped after the test."""
    started = []

    def start(scenario: Any = "default", **options: Any) -> Client:
        started.append(emulator_module.Emulator(scenario, **options).start())
        return Client(started[-1])

    yield start
    for emulator in started:
        emulator.stop()


@pytest.fixture
def client(emulate: Callable[..., Client]) -> Client:
    """A client of the default scenario."""
    return emulate()
