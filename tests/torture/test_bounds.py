# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every stall ends at the deadline of the task, and every answer costs little memory."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import child
import oracles
import pytest
from checks import check
from fault_model import FAILED, GOOD_ANSWER, body
from fault_server import FaultServer, answer, flood
from faults import TABLE
from faults_answer import bomb
from pki import Authority
from rig import Stage, environment, play, task

STALLS = [fault for fault in TABLE if fault.stalls]
GRACE = 1.0  # seconds beyond the deadline
MOST_KIB = 256 * 1024


def test_stalls(authority: Authority, folder: Path, count: Callable[..., None]) -> None:
    """All at once, through the client; through module and lookup in test_playbook.py."""
    stages = [Stage(fault, authority, folder) for fault in STALLS]
    try:
        with environment({}), ThreadPoolExecutor(len(stages)) as pool:
            outcomes = list(pool.map(lambda stage: play(stage.options), stages))
        for stage, outcome in zip(stages, outcomes):
            check(stage, outcome)
            oracles.in_time(outcome, stage.options["timeout"] + GRACE)
            oracles.demand(outcome.elapsed > 0.9, f"{stage.fault.id} gave up after {outcome.elapsed:.2f} s")
    finally:
        for stage in stages:
            stage.close()
    count("faults x client", len(stages))
    count("stalls that ended in time, client")


@pytest.mark.usefixtures("only_whole")
@pytest.mark.parametrize("seconds", [2, 3])
def test_the_deadline_is_the_task_s(
    seconds: int, authority: Authority, folder: Path, count: Callable[..., None]
) -> None:
    """Not a constant, and one for names, retries and tunnels together."""
    fault = next(fault for fault in STALLS if fault.id == "F046")
    stage = Stage(fault, authority, folder)
    try:
        ids = [f"98c5af8a-1111-4222-8333-ae2280a6f4{number:02}" for number in range(20)]
        with environment({}):
            outcome = play({**stage.options, "timeout": seconds, "vpn_connection_id": ids})
        oracles.refused(outcome)
        oracles.in_time(outcome, seconds + GRACE)
        oracles.demand(outcome.elapsed > seconds - 0.1, "gave up too early")
    finally:
        stage.close()
    count("stalls that ended in time, client")


def _redirect(data: bytes) -> bytes:
    return answer(data, "302 Go", "Location: /elsewhere", "Content-Encoding: gzip")


def small_bomb(mebibytes: int) -> bytes:
    """Return so many MiB of blanks, packed one by one, which takes less time than all at once."""
    return gzip.compress(b" " * 2**20) * mebibytes


def heavy(whole: bool) -> dict[str, tuple[object, ...]]:
    """Return answers that would cost much memory to one who takes them whole."""
    packed = bomb() if whole else small_bomb(320)
    blank = b" " * 2**16
    return {
        "gzip bomb": (answer(packed, "200 OK", "Content-Encoding: gzip"),),
        "gzip bomb in an error": (answer(packed, "500 No", "Content-Encoding: gzip"),),
        "gzip bomb in a redirect": (_redirect(packed),),
        "1 GiB of blanks": tuple(flood(answer("", length=f"Content-Length: {2**30}"), blank, 2**14)),
        "1 GiB of blanks in an error": tuple(
            flood(answer("", "400 No", length=f"Content-Length: {2**30}"), blank, 2**14)
        ),
        "1 GiB of blanks in a redirect": tuple(
            flood(answer("", "302 Go", "Location: /x", length=f"Content-Length: {2**30}"), blank, 2**14)
        ),
        "16 MiB of JSON": (answer('{"logs": [' + "[]," * (2**24 // 3) + "[]]}"),),
        "4 MiB of small lists": (answer('{"logs": [' + "[]," * (2**22 // 3 - 100) + "[]]}"),),
        "4 MiB of nesting": (answer('{"logs": ' + "[" * 2_000_000 + "]" * 2_000_000 + "}"),),
        "a log as large as it may be": (answer(body(*[FAILED] * 9_900)),),
    }


def test_memory(whole: bool, count: Callable[..., None]) -> None:
    """A child process each, compared with one that got a good answer."""
    with FaultServer([GOOD_ANSWER]) as server:
        (base,) = child.run([task(server.url, retries=0)], {})
    assert base["accepted"]
    chosen = heavy(whole)
    if not whole:
        chosen = {name: chosen[name] for name in ("gzip bomb", "gzip bomb in a redirect", "4 MiB of small lists")}
    for name, script in chosen.items():
        with FaultServer(script) as server:  # type: ignore[arg-type]
            (outcome,) = child.run([task(server.url, retries=0)], {})
        grown = outcome["peak_kib"] - base["peak_kib"]
        oracles.demand(grown < MOST_KIB, f"{name}: {grown // 1024} MiB more")
        oracles.demand(outcome["accepted"] == name.startswith("a log"), f"{name}: {outcome['line']}")
        oracles.demand(outcome["elapsed"] < 21, f"{name}: {outcome['elapsed']} s")
        count("heavy answers in bounded memory")


def test_memory_does_not_grow(whole: bool) -> None:
    """From one call to the next."""
    calls = 500 if whole else 60
    with FaultServer([GOOD_ANSWER]) as server:
        outcomes = child.run([task(server.url, retries=0)] * calls, {})
    grown = outcomes[-1]["peak_kib"] - outcomes[calls // 5]["peak_kib"]
    oracles.demand(grown < 4096, f"{grown} KiB in {calls} calls")


def test_the_measure_sees_who_takes_all() -> None:
    """The planted defect: a client that unpacks the answer."""
    with FaultServer([answer(small_bomb(320), "200 OK", "Content-Encoding: gzip")]) as server:
        script = (
            "import child, requests; before = child.peak_kib();"
            f"requests.get({server.url!r}).content; print(child.peak_kib() - before)"
        )
        env = {**os.environ, "PYTHONPATH": str(Path(child.__file__).parent)}
        process = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
    assert int(process.stdout) > MOST_KIB
