# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault of the table, through the client in this process."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import oracles
import pytest
from checks import check
from fault_model import Fault
from faults import BY_ID, ELSEWHERE, ROWS, TABLE, rows_of_table
from pki import Authority
from rig import Stage, environment, play

# They wait for a second or two, as they are asked to.
SLOW = ("F083429", "F083503", "F084a")
IN_PROCESS = [fault.id for fault in TABLE if "client" in fault.entries and not fault.stalls]
MESSAGES = Path(__file__).parent / "messages.txt"
RENEW = bool(os.environ.get("RENEW"))
KNOWN = dict(line.split(": ", 1) for line in MESSAGES.read_text(encoding="utf-8").splitlines())
SAID: dict[str, str] = {}


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


@pytest.mark.parametrize("number", IN_PROCESS)
@pytest.mark.usefixtures("no_waiting")
def test_fault(number: str, whole: bool, stage: Callable[[Fault], Stage], count: Callable[..., None]) -> None:
    """Through the client."""
    if number in SLOW and not whole:
        pytest.skip("only in the whole suite: make torture")
    fault = BY_ID[number]
    set_up = stage(fault)
    with environment(set_up.env):
        outcome = play(set_up.options)
    check(set_up, outcome)
    oracles.in_time(outcome, 21)
    oracles.demand(outcome.elapsed >= fault.least, f"waited only {outcome.elapsed:.2f} s")
    count("faults x client")
    if number != "F025":  # a reset may come while the client still connects, or later
        SAID[number] = set_up.unfilled(outcome.line) or "(accepted)"
        oracles.demand(RENEW or SAID[number] == KNOWN.get(number), f"it says {SAID[number]!r}, see {MESSAGES.name}")


def test_every_word_that_was_said() -> None:
    """The file is there to be read: RENEW=1 make torture writes it anew, and git shows what was said before."""
    if RENEW:
        lines = [f"{number}: {line}\n" for number, line in SAID.items()]
        MESSAGES.write_text("".join(lines), encoding="utf-8")
    assert {*KNOWN} <= {*IN_PROCESS}


def test_no_row_is_forgotten() -> None:
    """Each of the 128 rows of the first draft is in the table, or proved elsewhere."""
    assert not [row for row in ROWS if row not in rows_of_table() | set(ELSEWHERE)]
    assert len(BY_ID) == len(TABLE)


@pytest.mark.parametrize("name", [name for names in ELSEWHERE.values() for name in names])
def test_what_is_proved_elsewhere_is(name: str) -> None:
    """The test is there, is not switched off, and is played with what the row is about."""
    path, _colons, rest = name.partition("::")
    function, _bracket, case = rest.rstrip("]").partition("[")
    text = (Path(__file__).parents[1] / path).read_text(encoding="utf-8")
    tests = {part.name: part for part in ast.walk(ast.parse(text)) if isinstance(part, ast.FunctionDef)}
    assert function in tests
    # A test that runs nowhere proves nothing.
    marks = {ast.unparse(getattr(mark, "func", mark)) for mark in tests[function].decorator_list}
    assert not [mark for mark in marks if "skip" in mark or "xfail" in mark]
    known = {part.value for part in ast.walk(ast.parse(text)) if isinstance(part, ast.Constant)}
    assert not case or case in known


def test_what_we_decide_otherwise_is_written_down() -> None:
    """Each row that says so has its heading in docs/decisions.md."""
    text = (Path(__file__).parents[2] / "docs" / "decisions.md").read_text(encoding="utf-8")
    headings: Any = {line[3:] for line in text.splitlines() if line.startswith("## ")}
    assert not {fault.otherwise for fault in TABLE if fault.otherwise} - headings
