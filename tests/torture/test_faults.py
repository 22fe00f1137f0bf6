# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault of the table, through the client in this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faults_answer
import faults_way
import pytest
from fault_model import Fault
from pki import Authority
from rig import Stage, environment, play

TABLE = {fault.id: fault for fault in (*faults_way.TABLE, *faults_answer.TABLE)}
# They wait for a second or two, as they are asked to.
SLOW = ("F083429", "F083503", "F084a")
MESSAGES = Path(__file__).parent / "messages.txt"
RENEW = bool(os.environ.get("RENEW"))
KNOWN = dict(line.split(": ", 1) for line in MESSAGES.read_text(encoding="utf-8").splitlines())
SAID: dict[str, str] = {}
GRACE = 1.0  # seconds beyond the deadline


@pytest.fixture
def stage(authority: Authority, folder: Path) -> Iterator[Callable[[Fault], Stage]]:
    """Set the stage of faults."""
    stages = []

    def make(fault: Fault) -> Stage:
        stages.append(Stage(fault, authority, folder))
        return stages[-1]

    yield make
    for each in stages:
        each.close()


@pytest.mark.parametrize("number", [fault.id for fault in TABLE.values() if not fault.stalls])
@pytest.mark.usefixtures("no_waiting")
def test_fault(number: str, whole: bool, stage: Callable[[Fault], Stage]) -> None:
    """What comes of it, and in which words."""
    if number in SLOW and not whole:
        pytest.skip("only in the whole suite: make torture")
    set_up = stage(TABLE[number])
    with environment(set_up.env):
        outcome = play(set_up.options)
    set_up.check(outcome)
    assert set_up.fault.least <= outcome.elapsed <= 21
    if number != "F025":  # a reset may come while the client still connects, or later
        SAID[number] = set_up.unfilled(outcome.line) or "(accepted)"
        assert RENEW or SAID[number] == KNOWN.get(number)


def test_every_word_that_was_said() -> None:
    """The file is there to be read: RENEW=1 make torture writes it anew, and git shows what was said before."""
    if RENEW:
        lines = [f"{number}: {line}\n" for number, line in SAID.items()]
        MESSAGES.write_text("".join(lines), encoding="utf-8")
    assert {*KNOWN} <= {*TABLE}


def test_every_stall_ends_at_the_deadline_of_the_task(stage: Callable[[Fault], Stage]) -> None:
    """All at once."""
    stages = [stage(fault) for fault in TABLE.values() if fault.stalls]
    with environment({}), ThreadPoolExecutor(len(stages)) as pool:
        outcomes = list(pool.map(lambda one: play(one.options), stages))
    for one, outcome in zip(stages, outcomes):
        one.check(outcome)
        assert 0.9 < outcome.elapsed < one.options["timeout"] + GRACE, one.fault.id


def test_names_retries_and_tunnels_share_the_deadline(stage: Callable[[Fault], Stage]) -> None:
    """It is no constant, and none of each request."""
    set_up = stage(TABLE["F046"])
    ids = [f"98c5af8a-1111-4222-8333-ae2280a6f4{number:02}" for number in range(20)]
    with environment({}):
        outcome = play({**set_up.options, "timeout": 2, "vpn_connection_id": ids})
    assert not outcome.accepted
    assert 1.9 < outcome.elapsed < 2 + GRACE
