# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every answer costs little memory; that every stall ends is in test_faults.py."""

from __future__ import annotations

import gzip

import child
import pytest
from fault_model import FAILED, GOOD_ANSWER, body
from fault_server import FaultServer, Script, answer, flood
from rig import task

MOST_KIB = 256 * 1024
# Packed one by one, which takes less time than all at once.
BOMB = gzip.compress(b" " * 2**20) * 320
GIBIBYTE = f"Content-Length: {2**30}"
HEAVY: dict[str, Script] = {
    "gzip bomb": [answer(BOMB, "200 OK", "Content-Encoding: gzip")],
    "gzip bomb in a redirect": [answer(BOMB, "302 Go", "Location: /elsewhere", "Content-Encoding: gzip")],
    "4 MiB of small lists": [answer('{"logs": [' + "[]," * (2**22 // 3 - 100) + "[]]}")],
    "gzip bomb in an error": [answer(BOMB, "500 No", "Content-Encoding: gzip")],
    "1 GiB of blanks": flood(answer("", length=GIBIBYTE), b" " * 2**16, 2**14),
    "1 GiB of blanks in an error": flood(answer("", "400 No", length=GIBIBYTE), b" " * 2**16, 2**14),
    "4 MiB of nesting": [answer('{"logs": ' + "[" * 2_000_000 + "]" * 2_000_000 + "}")],
    "a log as large as it may be": [answer(body(*[FAILED] * 9_900))],
}


@pytest.mark.parametrize("name", HEAVY)
def test_memory(name: str, whole: bool) -> None:
    """In a process of its own, compared with its first call, which gets a good answer."""
    if not whole and name not in [*HEAVY][:3]:
        pytest.skip("only in the whole suite: make torture")
    with FaultServer([GOOD_ANSWER], HEAVY[name]) as server:
        base, outcome = child.run([task(server.url, retries=0)] * 2, {})
    assert base["accepted"]
    assert outcome["accepted"] == name.startswith("a log"), outcome["line"]
    assert outcome["peak_kib"] - base["peak_kib"] < MOST_KIB
    assert outcome["elapsed"] < 21


def test_memory_does_not_grow() -> None:
    """From one call to the next."""
    with FaultServer([GOOD_ANSWER]) as server:
        outcomes = child.run([task(server.url, retries=0)] * 60, {})
    assert outcomes[-1]["peak_kib"] - outcomes[12]["peak_kib"] < 4096
