# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A resolver for the tests: no name leaves the machine, and some names are as broken as names can be.

Python loads this file by itself when its folder is on PYTHONPATH; that is how it gets into modules and lookups.
"""

from __future__ import annotations

import os
import socket
import time
from typing import Any

_STALL = 30.0
SINK: int | None = None  # a loopback port that stands for every host of the outside world
_genuine = socket.getaddrinfo


def getaddrinfo(host: Any, port: Any, *rest: Any, **options: Any) -> list[Any]:
    """Resolve loopback as ever, and names under torture.test by what they are called."""
    name = (host.decode() if isinstance(host, bytes) else host or "").lower().rstrip(".")
    if name in ("localhost", "::1") or name.startswith("127."):
        return _genuine(host, port, *rest, **options)
    label, _dot, domain = name.partition(".")
    if domain == "torture.test":
        return _broken(label, int(port or 0))
    if SINK is not None:
        return [_entry("127.0.0.1", SINK)]
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def _broken(label: str, port: int) -> list[Any]:
    if label == "again":
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    if label == "stall":
        time.sleep(_STALL)
    if label == "bug":
        raise RuntimeError(os.environ.get("HW_SECRET_KEY", "canary-secret-key-0123456789"))
    addresses = {
        "many": ["127.0.0.1"] * 4,
        "v6dead": ["::1", "127.0.0.1"],
        "v4dead": ["127.0.0.1", "::1"],
        "unreachable": ["255.255.255.255"],
    }.get(label, ["127.0.0.1"])
    return [_entry(address, port) for address in addresses]


def _entry(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))


if __name__ == "sitecustomize":
    socket.getaddrinfo = getaddrinfo
