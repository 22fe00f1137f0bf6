# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs that write the same report: whoever reads it meanwhile finds the whole report of one of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import canary_play
import oracles
import pytest
from canary_play import LOGS, Ended

RUNS = ("run-a", "run-b")
TIMES = 8
REPORTS = {
    "name": "Write the report again and again",
    "ansible.builtin.include_role": {"name": "huaweicloud.vpn.tunnel_verify", "tasks_from": "reports"},
    "loop": list(range(TIMES)),
}
TASKS = [
    {"name": "Read", LOGS: {"gather": ["logs", "connection"]}, "register": "got"},
    {"name": "Judge", "ansible.builtin.set_fact": {"tunnel_verify_verdict": "{{ got | huaweicloud.vpn.verdict }}"}},
    REPORTS,
]


def seen_of(texts: Iterable[str]) -> dict[str, set[str]]:
    """Return the texts by the ID of the run that wrote them; each must be a whole report."""
    seen: dict[str, set[str]] = {}
    for text in texts:
        try:
            report = json.loads(text)
        except ValueError:
            raise oracles.MissedError(f"not a whole report: {text[:80]!a}...") from None
        seen.setdefault(report["run"]["id"], set()).add(text)
    return seen


def watched(path: Path, runs: list[Future[Ended]]) -> Iterator[str]:
    """Yield what a reader finds, as often as it can look, until the runs have ended."""
    while not all(run.done() for run in runs):
        if path.exists():
            yield path.read_text(encoding="utf-8")
        time.sleep(0.001)


@pytest.mark.usefixtures("only_whole")
def test_a_report_is_always_that_of_one_run(tmp_path: Path, emulator_module: Any, count: Callable[..., None]) -> None:
    """Side by side, through the role's own tasks."""
    with emulator_module.Emulator() as emulator, ThreadPoolExecutor(2) as pool:
        given = {"tunnel_verify_report_dir": str(tmp_path), "tunnel_verify_report_formats": ["json"]}

        def run(name: str) -> Ended:
            variables = {**given, "tunnel_verify_run_id": name, "tunnel_verify_title": name * 10_000}
            return canary_play.run(tmp_path / name, canary_play.play(*TASKS), variables, emulator.environment)

        runs = [pool.submit(run, name) for name in RUNS]
        looks = list(watched(tmp_path / "tunnel_verify.json", runs))
    for each in runs:
        assert each.result().code == 0, each.result().said
    seen = seen_of(looks)
    assert {*seen} == {*RUNS}
    # Nothing in a report changes from one writing to the next, so that a mixture would be a text of its own.
    assert {name: len(texts) for name, texts in seen.items()} == dict.fromkeys(RUNS, 1)
    count("looks at a report that two runs write", len(looks))


def test_half_a_report_is_caught() -> None:
    """The planted defect: a writer that writes in place."""
    whole = json.dumps({"run": {"id": "run-a"}, "verdict": "pass"})
    assert seen_of([whole, whole]) == {"run-a": {whole}}
    for half in ("", whole[:20], whole + whole[-5:]):
        with pytest.raises(oracles.MissedError):
            seen_of([whole, half])
