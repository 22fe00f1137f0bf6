# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers for the tests, all on free loopback ports: the emulator, and one that sends the bytes it is told to."""

from __future__ import annotations

import importlib.util
import socket
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from ansible.plugins.loader import init_plugin_loader

# Before anything is imported from a collection: else Ansible's own loaders do not find its plugins and documentation.
init_plugin_loader()

from ansible_collections.huaweicloud.vpn.plugins.module_utils._options import (  # noqa: E402
    Connection,
    connection_spec,
)

EMULATOR = Path(__file__).parents[1] / "integration" / "targets" / "setup_emulator" / "files" / "emulator.py"


@pytest.fixture(scope="session")
def emulator_module() -> Any:
    """The emulator, loaded by its path: its directory is no package."""
    spec = importlib.util.spec_from_file_location("huaweicloud_vpn_emulator", EMULATOR)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def switch_off(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Switch off a rule of the verdict by its name, see rules_off.py."""
    spec = importlib.util.spec_from_file_location("huaweicloud_vpn_rules_off", Path(__file__).parent / "rules_off.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda rule: module.switch_off(monkeypatch, rule)


@pytest.fixture
def emulator(emulator_module: Any) -> Iterator[Any]:
    """An emulator of the default scenario."""
    with emulator_module.Emulator() as running:
        yield running


@pytest.fixture
def connect() -> Callable[..., Connection]:
    """Make a checked connection to a server on loopback."""

    def make(url: str, **options: Any) -> Connection:
        values = {name: entry.get("default") for name, entry in connection_spec().items()}
        values.update(
            access_key="EMULATORACCESSKEY001",
            secret_key="emulator-secret-key-of-no-real-account-0001",
            region="cn-north-4",
            endpoint=url,
            iam_endpoint=url,
        )
        values.update(options)
        return Connection.from_options(values.get)

    return make


class ByteServer:
    """Answers each request with the next script: bytes to send, seconds to wait, None to reset; then closes.

    The last script is used for every further request, each of which comes on a connection of its own.
    """

    def __init__(self, *scripts: Any) -> None:
        self.scripts = list(scripts)
        self.requests: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                peer, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            request = b""
            while b"\r\n\r\n" not in request:
                chunk = peer.recv(65536)
                if not chunk:
                    return
                request += chunk
            self.requests.append(request)
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
            try:
                for step in script if isinstance(script, (list, tuple)) else [script]:
                    self._step(peer, step)
            except OSError:
                return

    def _step(self, peer: socket.socket, step: Any) -> None:
        if step is None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        elif isinstance(step, bytes):
            peer.sendall(step)
        else:
            time.sleep(step)


@pytest.fixture
def serve() -> Iterator[Callable[..., ByteServer]]:
    """Start byte servers."""
    started = []

    def start(*scripts: Any) -> ByteServer:
        started.append(ByteServer(*scripts))
        return started[-1]

    yield start
    for server in started:
        server.close()


def answer(
    body: bytes | str = b'{"logs": []}', status: str = "200 OK", *headers: str, length: str | None = None
) -> bytes:
    """Return a whole answer; C(length) replaces the Content-Length header, an empty one leaves it out."""
    body = body.encode() if isinstance(body, str) else body
    length = f"Content-Length: {len(body)}" if length is None else length
    lines = [
        f"HTTP/1.1 {status}",
        f"Date: {formatdate(usegmt=True)}",
        *([] if any(header.startswith("Content-Type") for header in headers) else ["Content-Type: application/json"]),
        *([length] if length else []),
        # As ByteServer does: without it, a client might use the connection again at the moment when that is closed.
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture(name="answer")
def answer_fixture() -> Callable[..., bytes]:
    """Make whole HTTP answers."""
    return answer
