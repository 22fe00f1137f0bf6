# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault of the table, through the client in this process."""

from __future__ import annotations

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

IN_PROCESS = [fault for fault in TABLE if "client" in fault.entries and not fault.stalls]


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


@pytest.mark.parametrize("number", [fault.id for fault in IN_PROCESS])
@pytest.mark.usefixtures("no_waiting")
def test_fault(number: str, stage: Callable[[Fault], Stage], count: Callable[..., None]) -> None:
    """Through the client."""
    fault = BY_ID[number]
    set_up = stage(fault)
    with environment(set_up.env):
        outcome = play(set_up.options)
    check(set_up, outcome)
    oracles.in_time(outcome, 21)
    oracles.demand(outcome.elapsed >= fault.least, f"waited only {outcome.elapsed:.2f} s")
    count("faults x client")


def test_no_row_is_forgotten() -> None:
    """Each of the 128 rows of the first draft is in the table, or proved elsewhere."""
    assert not [row for row in ROWS if row not in rows_of_table() | set(ELSEWHERE)]
    assert len(BY_ID) == len(TABLE)


def test_what_we_decide_otherwise_is_written_down() -> None:
    """Each row that says so has its heading in docs/decisions.md."""
    text = (Path(__file__).parents[2] / "docs" / "decisions.md").read_text(encoding="utf-8")
    headings: Any = {line[3:] for line in text.splitlines() if line.startswith("## ")}
    assert not {fault.otherwise for fault in TABLE if fault.otherwise} - headings
