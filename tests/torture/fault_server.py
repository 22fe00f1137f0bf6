# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that misbehaves on demand: it sends the bytes it is told to, on loopback, plain or behind TLS.

A script is what happens on one connection, step by step: bytes are sent, a number is a pause in seconds, RESET breaks
the connection, a function is called for an iterator of bytes. Afterwards the connection is closed.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from email.utils import formatdate
from typing import Any, Union

Step = Union[bytes, float, None, Callable[[], Iterable[bytes]]]
Script = Sequence[Step]
RESET = None
FOR_EVER = 3600.0  # a pause that only close() ends
NOW, LATER, PAST = b"@NOW@", b"@LATER@", b"@PAST@"  # in a script: when it is sent, 2 s later, 10 min before
_CONNECTION = b"@CONNECTION@"  # whether the server goes on with the connection
_LINGER_ZERO = struct.pack("ii", 1, 0)
_PATIENCE = 10.0  # seconds for a client to go on


class FaultServer:
    """Plays the scripts, one for each connection; the last one is used for every further connection.

    C(tls) wraps each connection; C(greet) plays the script without waiting for a request; C(keep) goes on with the
    next script on the same connection, as a server with keep-alive does. C(known) holds what scripts mention by a mark,
    such as the origin of another server.
    """

    def __init__(
        self,
        *scripts: Script,
        tls: ssl.SSLContext | None = None,
        greet: bool = False,
        keep: bool = False,
        address: str = "127.0.0.1",
        port: int = 0,
        known: Mapping[bytes, str] | None = None,
    ) -> None:
        self._scripts = list(scripts) or [[]]
        self._known = known or {}
        self._tls, self._greet, self._keep = tls, greet, keep
        self.requests: list[bytes] = []
        self.connections = 0
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.create_server((address, port), family=family, backlog=64)
        self.port = self._socket.getsockname()[1]
        self.host = f"[{address}]" if ":" in address else address
        self.origin = f"{self.host}:{self.port}"
        self.url = f"{'https' if tls else 'http'}://{self.origin}"
        self._threads = [threading.Thread(target=self._accept, name=f"fault-server-{self.port}", daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> FaultServer:
        """Serve."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop serving."""
        self.close()

    def close(self) -> None:
        """Close every socket, and wait for every thread to end."""
        self._closed.set()
        _shut(self._socket)
        with self._lock:
            still_open = list(self._open)
        for peer in still_open:
            _shut(peer)
        for thread in list(self._threads):
            thread.join(_PATIENCE)
        self._socket.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                peer, _address = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(peer)
                self.connections += 1
            thread = threading.Thread(target=self._serve, args=(peer,), name=self._threads[0].name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket) -> None:
        peer = raw
        try:
            raw.settimeout(_PATIENCE)
            if self._tls:
                peer = self._tls.wrap_socket(raw, server_side=True)
                with self._lock:
                    self._open.add(peer)
            self.converse(peer)
        except (OSError, ValueError):
            pass  # the client went away, or close() came
        finally:
            _shut(peer, only_sending=True)
            peer.close()
            with self._lock:
                self._open -= {raw, peer}

    def converse(self, peer: socket.socket) -> None:
        """Talk to one client."""
        while not self._closed.is_set():
            if not self._greet and not self.receive(peer):
                return
            self._play(peer, self._next_script())
            if not self._keep:
                return

    def receive(self, peer: socket.socket) -> bytes:
        """Read one request and keep it; nothing when the client closes."""
        request = b""
        while b"\r\n\r\n" not in request:
            chunk = peer.recv(65536)
            if not chunk:
                return b""
            request += chunk
        with self._lock:
            self.requests.append(request)
        return request

    def _next_script(self) -> Script:
        with self._lock:
            return self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]

    def _play(self, peer: socket.socket, script: Script) -> None:
        for step in script:
            if step is RESET:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
                peer.close()
                raise ConnectionResetError
            if isinstance(step, bytes):
                peer.sendall(self._filled(step))
            elif isinstance(step, (int, float)):
                if self._closed.wait(step):
                    raise ConnectionAbortedError
            else:
                for chunk in step():
                    peer.sendall(chunk)

    def _filled(self, data: bytes) -> bytes:
        """Put in what is known only now."""
        marks = {NOW: http_date(), LATER: http_date(2), PAST: http_date(-600), **self._known}
        marks[_CONNECTION] = "keep-alive" if self._keep else "close"
        for mark, text in marks.items():
            data = data.replace(mark, text.encode())
        return data


class ProxyServer(FaultServer):
    """A proxy: notes who asks for what, plays its scripts, and then makes tunnels to one fixed address."""

    def __init__(self, *scripts: Script, target: tuple[str, int]) -> None:
        self._target, self._first = target, list(scripts)
        super().__init__()

    def converse(self, peer: socket.socket) -> None:
        """Open the tunnel that the client asks for."""
        if not self.receive(peer):
            return
        if self._first:
            self._play(peer, self._first.pop(0))
            return
        with socket.create_connection(self._target, _PATIENCE) as far:
            peer.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(far, peer), name=threading.current_thread().name)
            self._threads.append(back)
            back.start()
            _pump(peer, far)
            back.join(_PATIENCE)


class BlackHole:
    """An address at which nobody ever answers a SYN: a listener whose backlog is full."""

    def __init__(self) -> None:
        self._sockets = [socket.socket() for _number in range(4)]
        self._sockets[0].bind(("127.0.0.1", 0))
        self._sockets[0].listen(0)
        self.port = self._sockets[0].getsockname()[1]
        self.origin = f"127.0.0.1:{self.port}"
        for filler in self._sockets[1:]:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))

    def close(self) -> None:
        """Let go of the address."""
        for each in self._sockets:
            each.close()


class Nobody:
    """An address at which nobody listens, and that nobody else gets meanwhile."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.origin = f"127.0.0.1:{self.port}"

    def close(self) -> None:
        """Let go of the address."""
        self._socket.close()


def answer(
    body: bytes | str = b'{"logs": []}',
    status: str = "200 OK",
    *headers: str,
    length: str | None = None,
    date: str = NOW.decode(),
) -> bytes:
    """Return a whole answer; C(length) replaces the Content-Length header, an empty one leaves it out."""
    body = body.encode() if isinstance(body, str) else body
    if length is None:
        length = f"Content-Length: {len(body)}"
    kind = [] if any(header.lower().startswith("content-type") for header in headers) else ["application/json"]
    lines = [
        f"HTTP/1.1 {status}",
        f"Date: {date}",
        f"Connection: {_CONNECTION.decode()}",
        *(f"Content-Type: {value}" for value in kind),
        *filter(None, [length]),
        *headers,
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def http_date(ahead: float = 0) -> str:
    """Return the moment as it stands in headers."""
    return formatdate(time.time() + ahead, usegmt=True)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return an answer whose body comes in chunks."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end
    return answer(body, "200 OK", "Transfer-Encoding: chunked", length="")


def drip(data: bytes, pause: float = 0.2, *, at_once: int = 0) -> list[Step]:
    """Return the steps that send data byte by byte, the first C(at_once) bytes together."""
    data = data.replace(NOW, http_date().encode())
    steps: list[Step] = [data[:at_once]] if at_once else []
    for number in range(at_once, len(data)):
        steps += [data[number : number + 1], pause]
    return steps


def flood(head: bytes, block: bytes, times: int) -> Script:
    """Return a script that sends a block many times, without ever holding all of it."""

    def blocks() -> Iterator[bytes]:
        for _number in range(times):
            yield block

    return [head, blocks]


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    except OSError:
        pass  # either side went away
    _shut(sink, only_sending=True)


def _shut(peer: Any, *, only_sending: bool = False) -> None:
    """End the conversation on a socket; also wakes a thread that waits on it."""
    with contextlib.suppress(OSError, ValueError):  # it may be closed already
        peer.shutdown(socket.SHUT_WR if only_sending else socket.SHUT_RDWR)
