# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A loopback HTTP server that emulates Huawei Cloud IAM v3 and VPN v5 (site-to-site), signatures included.

Usage: python3 emulator.py [--port 0] [--scenario NAME_OR_FILE] [--ready-file FILE] [--latency MS] [--log-requests]

From Python: with Emulator(scenario="default") as emulator: emulator.url, emulator.world, emulator.requests
"""

from __future__ import annotations

import argparse
import errno
import itertools
import json
import os
import signal
import socket
import socketserver
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from email.utils import formatdate
from http.client import responses
from pathlib import Path
from typing import Any

# This directory is no package: make its other files importable also when this one was loaded by its path.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from emulator_api import Reply, dispatch, failure, planned
from emulator_connection import iso
from emulator_gate import Caller, Gate, Refused
from emulator_lines import MICRO, span
from emulator_scenario import ScenarioError, load
from emulator_world import World

MAX_LINE = 131_072
MAX_BODY = 12 * 1024 * 1024
KEPT_REQUESTS = 100_000


class Request:
    """One request as it came over the wire; header names are lower case, text is latin-1."""

    __slots__ = ("body", "connection", "headers", "id", "last", "method", "path", "query", "target")

    def __init__(self, start: list[str], headers: dict[str, str], body: bytes, connection: int) -> None:
        """Take the request line apart; ValueError if it is none."""
        self.method, self.target, version = start
        self.path, _mark, self.query = self.target.partition("?")
        self.headers, self.body, self.connection = headers, body, connection
        self.id = os.urandom(16).hex()
        self.last = headers.get("connection", "").lower() == "close" or version != "HTTP/1.1"


class Emulator:
    """The server and the world it shows; a context manager that runs it in a thread."""

    def __init__(
        self,
        scenario: str | Path | Mapping[str, Any] = "default",
        *,
        port: int = 0,
        latency: float = 0,
    ) -> None:
        """Load the scenario (a name, a file or a mapping) and bind to loopback; latency is in milliseconds."""
        self._scenario = load(scenario)
        self._latency = latency / 1000
        self._log: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)
        self._date: tuple[int, str] = (0, "")
        self._thread: threading.Thread | None = None
        self.numbers = itertools.count(1)
        self.reset()
        self._server = _Server(("127.0.0.1", port), _Connection)
        self._server.emulator = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Emulator:
        """Serve in a thread."""
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        """Stop serving and close every connection."""
        self.stop()

    def start(self) -> Emulator:
        """Serve in a thread until stop()."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close every connection."""
        if self._thread:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()
        self._server.close_connections()

    def reset(self) -> None:
        """Go back to the scenario as it was loaded; locks, faults and changes are forgotten."""
        self.world = World(self._scenario)
        self.gate = Gate(self.world)

    def change(self, change: str | Mapping[str, Any]) -> None:
        """Apply a named change, or a patch of the same shape."""
        self.world.change(change)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests so far, oldest first; those of the control API are not among them."""
        return list(self._log)

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self._log.clear()

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which a client reaches this server."""
        access_key, credential = next(iter(self.world.credentials.items()), ("", {}))
        return {
            "HW_ACCESS_KEY": access_key,
            "HW_SECRET_KEY": credential.get("secret_key", ""),
            "HW_REGION_NAME": self.world.region,
            "HUAWEICLOUD_VPN_ENDPOINT": self.url,
            "HW_AUTH_URL": self.url,
        }

    def serve(self, request: Request, wire: _Connection) -> bool:
        """Answer one request; tell whether the connection stays open."""
        self.world.settle()
        if request.path.startswith("/emulator/"):
            reply = self._control(request)
            return wire.send(request, self._head(request, reply), reply.body)
        caller, refusal = self._admit(request)
        fault = self.world.strike(request.method, request.target) or {}
        pause = self._latency + (span(fault["delay"]) / MICRO if "delay" in fault else 0)
        if pause:
            time.sleep(pause)
            self.world.settle()
        reply = self._disturbed(request, fault) or dispatch(self.world, request, caller, refusal)
        if "status" in fault:
            reply = reply._replace(status=fault["status"])
        self._record(request, reply.status, caller)
        if fault.get("close"):
            return wire.drop(reset=fault["close"] == "reset")
        if "raw" in fault:
            return wire.send_raw(fault["raw"])
        return wire.send(request, self._head(request, reply, fault.get("headers")), reply.body, fault.get("cut"))

    def _admit(self, request: Request) -> tuple[Caller | None, Refused | None]:
        try:
            return self.gate.admit(request), None
        except Refused as refusal:
            return None, refusal

    def _disturbed(self, request: Request, fault: Mapping[str, Any]) -> Reply | None:
        """Return the answer a fault puts in place of the true one; None if the fault leaves the answer alone."""
        status = fault.get("status", 200)
        if "body" in fault:
            body = fault["body"]
            text = body if isinstance(body, str) else json.dumps(body)
            return Reply(status, text.encode("utf-8", "surrogateescape"))
        error = planned(request, fault.get("status"), fault.get("code"), fault.get("message"))
        if error:
            return failure(self.world, request, error)
        return None if status < 300 else Reply(status, b"")

    def _head(self, request: Request, reply: Reply, changed: Mapping[str, Any] | None = None) -> bytes:
        """Return status line and headers; a changed header may be None to leave it out."""
        iam = request.path.startswith(("/v3/", "/v3.0/"))
        headers: dict[str, Any] = {
            "Server": "api-gateway",
            "Date": self._http_date(),
            "Content-Type": "application/json",
            "Content-Length": len(reply.body),
            "X-IAM-Trace-Id" if iam else "X-Request-Id": request.id,
            **reply.headers,
        }
        if changed:
            for name, value in changed.items():
                known = next((key for key in headers if key.lower() == name.lower()), name)
                headers.pop(known, None)
                if value is not None:
                    headers[name] = value
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}\r\n{lines}\r\n".encode("latin-1")

    def _http_date(self) -> str:
        """Return the cloud's clock for the Date header, formatted once a second."""
        now = int(self.world.now())
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True))
        return self._date[1]

    def _record(self, request: Request, status: int, caller: Caller | None) -> None:
        headers = request.headers
        signed = headers.get("authorization", "").partition("Access=")[2].partition(",")[0]
        self._log.append(
            {
                "method": request.method,
                "path": request.target,
                "status": status,
                "access_key": signed or None,
                "authenticated": caller is not None,
                "headers": headers,
                "sdk_date": headers.get("x-sdk-date"),
                "connection": request.connection,
            }
        )

    def _control(self, request: Request) -> Reply:
        """Answer a request of the control API, which needs no signature."""
        operation = f"{request.method} {request.path[len('/emulator/') :]}"
        try:
            given = json.loads(request.body) if request.body else {}
            if operation == "GET requests":
                return _json(self.requests)
            if operation == "GET world":
                return _json(self.describe())
            if operation == "DELETE requests":
                self.clear_requests()
            elif operation == "POST reset":
                self.reset()
            elif operation == "POST change":
                self.change(given["name"] if "name" in given else given["patch"])
            else:
                return _json({"error": f"unknown: {operation}"}, 404)
        except (ScenarioError, ValueError, KeyError, TypeError, AttributeError) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, 400)
        return _json({"done": operation})

    def describe(self) -> dict[str, Any]:
        """Return the world in brief, for people and for tests."""
        world = self.world
        with world.lock:
            connections = [
                {
                    **connection.public,
                    "peer_address": connection.origin.peer,
                    "logs": json.loads(connection.logs()),
                    "sa_infos": connection.sa_infos(),
                }
                for connection in world.connections.values()
            ]
        return {
            "description": world.description,
            "region": world.region,
            "now": world.now(),
            "clock_skew": world.clock_skew,
            "environment": self.environment,
            "access_keys": list(world.credentials),
            "projects": world.projects,
            "gateways": list(world.gateways.values()),
            "customer_gateways": list(world.customer_gateways.values()),
            "connections": connections,
            "faults": [{**fault.spec, "times": fault.times, "skip": fault.skip} for fault in world.faults],
            "changes": world.about(),
            "later": [{**patch, "at": iso(moment / MICRO)} for moment, patch in world.later],
        }

    def introduction(self) -> str:
        """Return what a person needs in order to use this server; the first line is its URL."""
        exports = " ".join(f"{name}='{value}'" for name, value in self.environment.items())
        shown = list(self.world.connections.values())[:10]
        rest = len(self.world.connections) - len(shown)
        return "\n".join(
            [
                self.url,
                f"Scenario: {' '.join(self.world.description.split())}",
                f"export {exports}",
                "VPN connections:",
                *(f"  {connection.name}  {connection.id}  {connection.public['status']}" for connection in shown),
                *([f"  ... and {rest} more"] if rest else []),
                "Changes:" if self.world.changes else "Changes: none",
                *(f"  {name}: {about}" for name, about in self.world.about().items()),
                f"""Apply one: curl -d '{{"name": "NAME"}}' {self.url}/emulator/change""",
            ]
        )


class _Server(socketserver.ThreadingTCPServer):
    """Accepts connections, each in a thread of its own, and can close them all."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 1024
    emulator: Emulator

    def __init__(self, *args: Any) -> None:
        """Start without connections."""
        self.open: set[socket.socket] = set()
        super().__init__(*args)

    def close_connections(self) -> None:
        """Wake the threads that wait for a further request."""
        for wire in list(self.open):
            try:
                wire.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Connection(socketserver.StreamRequestHandler):
    """One keep-alive connection: reads requests and writes each answer in one go."""

    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        """Serve requests until one side closes."""
        emulator = self.server.emulator
        number = next(emulator.numbers)
        self.server.open.add(self.connection)
        try:
            while (request := self._read(number)) and emulator.serve(request, self):
                pass
        except OSError:
            # The peer went away: nobody is left to answer to.
            return
        finally:
            self.server.open.discard(self.connection)

    def _read(self, number: int) -> Request | None:
        """Read one request; None at the end of the connection, or when the peer does not speak HTTP."""
        start = self.rfile.readline(MAX_LINE).decode("latin-1").split()
        if len(start) != 3:
            return None
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(MAX_LINE)) not in (b"\r\n", b"\n"):
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                return None
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY or "transfer-encoding" in headers:
            return None
        return Request(start, headers, self.rfile.read(int(length)), number)

    def send(self, request: Request, head: bytes, body: bytes, cut: int | None = None) -> bool:
        """Send an answer, cut short if so told; tell whether the connection stays open."""
        if cut is not None:
            self.connection.sendall(head + body[:cut])
            return False
        self.connection.sendall(head + body)
        return not request.last

    def send_raw(self, text: str) -> bool:
        """Send bytes that need not be HTTP at all, then close."""
        self.connection.sendall(text.encode("latin-1"))
        return False

    def drop(self, *, reset: bool) -> bool:
        """Close without an answer, with a TCP reset if so told."""
        if reset:
            # Linger time zero turns a close into a reset, if no orderly shutdown comes before it.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.connection.close()
        return False


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode())


def _announce(emulator: Emulator, ready_file: str | None) -> None:
    """Tell people on stdout and programs through a file that appears whole or not at all."""
    print(emulator.introduction(), flush=True)
    if ready_file:
        draft = Path(f"{ready_file}.{os.getpid()}")
        ready = {"url": emulator.url, "pid": os.getpid(), "environment": emulator.environment}
        draft.write_text(json.dumps(ready) + "\n", encoding="utf-8")
        draft.replace(ready_file)


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="Emulates Huawei Cloud IAM v3 and VPN v5 on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--scenario", default="default", help="name of a scenario, or a file")
    parser.add_argument("--ready-file", help="JSON file with url, pid and environment, written once the server listens")
    parser.add_argument("--latency", type=float, default=0, metavar="MS", help="sleep before each answer")
    options = parser.parse_args(arguments)
    # Blocked here and, by inheritance, in every thread: a handler could run in a thread that does not wake this one.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        emulator = Emulator(options.scenario, port=options.port, latency=options.latency)
    except (ScenarioError, OSError) as error:
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        another = f"port {options.port} is in use: give another one, as in make emulator ARGS='--port 9000'"
        parser.exit(2, f"emulator: {another if taken else error}\n")
    with emulator:
        _announce(emulator, options.ready_file)
        signal.sigwait(ends)
    return 0


if __name__ == "__main__":
    sys.exit(main())
