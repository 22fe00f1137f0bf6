# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs that write the same report: whoever reads it meanwhile finds the whole report of one of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import canary_play
import oracles
import pytest
from canary_play import Ended

RUNS = ("run-a", "run-b")
TIMES = 8
AGAIN = {
    "name": "Write the report again and again",
    "huaweicloud.vpn.vpn_connection_verify": {
        **{"name": "hq-primary", "since": "15m", "quiet_for": 0, "wait_timeout": 0},
        **{"report_dir": "{{ folder }}", "report_formats": "json", "run_id": "{{ id }}", "title": "{{ id * 10000 }}"},
    },
    "loop": list(range(TIMES)),
}


def seen_of(texts: Iterable[str]) -> set[str]:
    """Return the IDs of the runs that wrote the texts; each must be a whole report of one run."""
    seen = set()
    for text in texts:
        try:
            run = json.loads(text)["run"]
        except ValueError:
            raise oracles.MissedError(f"not a whole report: {text[:80]!a}...") from None
        if run["title"] != run["id"] * 10_000:
            raise oracles.MissedError(f"a mixture of two reports: {run['id']} and {run['title'][:20]}...")
        seen.add(run["id"])
    return seen


def watched(path: Path, runs: list[Future[Ended]]) -> Iterator[str]:
    """Yield what a reader finds, as often as it can look, until the runs have ended."""
    while not all(run.done() for run in runs):
        with suppress(FileNotFoundError):  # each run removes first what an earlier one left
            yield path.read_text(encoding="utf-8")
        time.sleep(0.001)


@pytest.mark.usefixtures("only_whole")
def test_a_report_is_always_that_of_one_run(tmp_path: Path, emulator_module: Any, count: Callable[..., None]) -> None:
    """Side by side, through the role's own tasks."""
    with emulator_module.Emulator() as emulator, ThreadPoolExecutor(2) as pool:

        def run(name: str) -> Ended:
            variables = {"folder": str(tmp_path), "id": name}
            return canary_play.run(tmp_path / name, canary_play.play(AGAIN), variables, emulator.environment)

        runs = [pool.submit(run, name) for name in RUNS]
        looks = list(watched(tmp_path / "tunnel_verify.json", runs))
    for each in runs:
        assert each.result().code == 0, each.result().said
    assert seen_of(looks) == {*RUNS}
    count("looks at a report that two runs write", len(looks))
    assert [path.name for path in tmp_path.glob("tunnel_verify*")] == ["tunnel_verify.json"], "no draft is left"


def test_half_a_report_is_caught() -> None:
    """The planted defects: a writer that writes in place, and two that share a draft."""
    whole = json.dumps({"run": {"id": "run-a", "title": "run-a" * 10_000}, "verdict": "pass"})
    assert seen_of([whole, whole]) == {"run-a"}
    for half in ("", whole[:20], whole + whole[-5:], whole.replace("run-a", "run-b", 1)):
        with pytest.raises(oracles.MissedError):
            seen_of([whole, half])
