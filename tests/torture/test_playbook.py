# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault of the table, through module and lookup in real ansible-playbook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import oracles
import playbook
import pytest
from checks import check
from fault_model import ACCESS_KEY, GOOD_ANSWER, SECRETS, Fault
from fault_server import FaultServer, answer
from faults import TABLE
from pki import Authority
from playbook import READ, host, outcome_of
from rig import Stage, task

pytestmark = pytest.mark.usefixtures("only_whole")
GRACE = 1.0


@pytest.fixture
def stages(authority: Authority, folder: Path) -> Iterator[Callable[..., dict[str, Stage]]]:
    """Set the stages of many faults, each for module and lookup."""
    made: dict[str, Stage] = {}

    def make(faults: list[Fault], entry: str) -> dict[str, Stage]:
        new = {f"{fault.id}-{entry}": Stage(fault, authority, folder, retries=1) for fault in faults}
        made.update(new)
        return new

    yield make
    for stage in made.values():
        stage.close()


def chosen(entry: str, *, stalls: bool) -> list[Fault]:
    """Return the faults that are played through this entry point."""
    return [fault for fault in TABLE if entry in fault.entries and fault.stalls == stalls]


def judge(stages: dict[str, Stage], run: playbook.Run, limit: Callable[[Stage], float]) -> str:
    """Apply every oracle to every row; return what was missed, by fault."""
    found = {row["host"]: row for row in run.rows if row["task"] == READ and row["status"] != "skipped"}
    missed = []
    for name, stage in stages.items():
        try:
            oracles.demand(name in found, "no result")
            outcome = outcome_of(found[name])
            check(stage, outcome)
            oracles.in_time(outcome, limit(stage))
        except oracles.MissedError as error:
            missed.append(f"{name}: {error}")
    try:
        oracles.no_secret(run.text)
        oracles.no_traceback(oracles.Outcome(False, seen=run.text))
    except oracles.MissedError as error:
        missed.append(f"all together: {error}")
    return "\n".join(missed)


def test_module(stages: Callable[..., dict[str, Stage]], tmp_path: Path, count: Callable[..., None]) -> None:
    """All rows in one play; variables reach a module by the task's environment."""
    ready = stages(chosen("module", stalls=False), "module")
    hosts = {name: host("module", stage.options, stage.env) for name, stage in ready.items()}
    run = playbook.play(hosts, tmp_path)
    assert judge(ready, run, lambda stage: 60) == ""
    count("faults x module", len(ready))


def test_lookup(stages: Callable[..., dict[str, Stage]], tmp_path: Path, count: Callable[..., None]) -> None:
    """One play for each set of variables."""
    ready = stages(chosen("lookup", stalls=False), "lookup")
    groups: dict[tuple[tuple[str, str], ...], dict[str, Stage]] = defaultdict(dict)
    for name, stage in ready.items():
        groups[tuple(sorted(stage.env.items()))][name] = stage
    missed = ""
    for number, (env, group) in enumerate(groups.items()):
        hosts = {name: host("lookup", stage.options, {}) for name, stage in group.items()}
        missed += judge(group, playbook.play(hosts, tmp_path / str(number), dict(env)), lambda stage: 60)
    assert missed == ""
    count("faults x lookup", len(ready))


@pytest.mark.parametrize("entry", ["module", "lookup"])
def test_stalls(
    entry: str, stages: Callable[..., dict[str, Stage]], tmp_path: Path, count: Callable[..., None]
) -> None:
    """One after the other, each between two good answers: they show what Ansible itself takes at that moment."""
    ready = stages(chosen(entry, stalls=True), entry)
    hosts: dict[str, Any] = {}
    with FaultServer([GOOD_ANSWER]) as server:
        calm = host(entry, task(server.url), {})
        for number, (name, stage) in enumerate(ready.items()):
            hosts.update({f"calm-{number}": calm, name: host(entry, stage.options, {})})
        run = playbook.play({**hosts, f"calm-{len(ready)}": calm}, tmp_path, forks=1)
    rows = [row for row in run.rows if row["task"] == READ and row["status"] != "skipped"]
    assert [row["host"] for row in rows] == [*hosts, f"calm-{len(ready)}"]
    assert {row["status"] for row in rows[::2]} == {"ok"}
    limits = {}
    for before, row, after in zip(rows[::2], rows[1::2], rows[2::2]):
        timeout = ready[row["host"]].options["timeout"]
        limits[row["host"]] = max(before["elapsed"], after["elapsed"]) + timeout + GRACE
    assert judge(ready, run, lambda stage: limits[f"{stage.fault.id}-{entry}"]) == ""
    count(f"faults x {entry}", len(ready))
    count(f"stalls that ended in time, {entry}", len(ready))


def test_nothing_leaks_at_the_highest_verbosity(
    stages: Callable[..., dict[str, Stage]], tmp_path: Path, count: Callable[..., None]
) -> None:
    """What Ansible shows with -vvvv and with tracebacks, of all rows about credentials, proxies and refusals."""
    layers = ("F013", "F014", "F028", "F029", "F030", "F032", "F033", "F059", "F071", "F074", "F090", "F128")
    env = {"ANSIBLE_DISPLAY_TRACEBACK": "always", "HW_ACCESS_KEY": ACCESS_KEY, "HW_SECRET_KEY": SECRETS["secret_key"]}
    for entry in ("module", "lookup"):
        faults = [fault for fault in chosen(entry, stalls=False) if fault.id.startswith(layers) and not fault.env]
        ready = stages(faults, entry)
        hosts = {name: host(entry, stage.options, {}) for name, stage in ready.items()}
        run = playbook.play(hosts, tmp_path / entry, env, arguments=["-vvvv"])
        assert len(run.rows) >= len(faults)
        oracles.no_secret(run.text)
        count("runs scanned for secrets at -vvvv", len(faults))


@pytest.mark.usefixtures("planted")
def test_the_scan_sees_what_a_play_shows(tmp_path: Path) -> None:
    """The planted defect: a task that shows a key."""
    show = [{"hosts": "all", "gather_facts": False, "tasks": [{"debug": {"msg": f"key {SECRETS['secret_key']}"}}]}]
    run = playbook.play({"one": {}}, tmp_path, plays=show)
    assert run.code == 0
    with pytest.raises(oracles.MissedError):
        oracles.no_secret(run.text)


GATE = "huaweicloud.vpn.negotiated_cleanly"


def test_no_gate_takes_what_is_no_evidence(tmp_path: Path, count: Callable[..., None]) -> None:
    """Errors that are ignored, tasks that were skipped: the test raises, asked either way."""
    with FaultServer([answer("{}", "500 No")]) as server:
        options = task(server.url, retries=0)
        lookup = f"query('{playbook.LOOKUP}', *terms, **lookup_options, errors="
        module: dict[str, Any] = {"huaweicloud.vpn.vpn_connection_log_info": "", "args": "{{ options }}"}
        sources: dict[str, dict[str, Any]] = {
            "ignored": {"tasks": [{**module, "register": "got", "ignore_errors": True}], "that": "got"},
            "not failed": {"tasks": [{**module, "register": "got", "failed_when": False}], "that": "got"},
            "skipped": {"tasks": [{**module, "register": "got", "when": False}], "that": "got"},
            "rescued": {
                "tasks": [{"block": [{**module, "register": "got"}], "rescue": [{"ansible.builtin.meta": "noop"}]}],
                "that": "got",
            },
            "errors=ignore": {"tasks": [], "that": f"({lookup}'ignore'))"},
            "errors=warn": {"tasks": [], "that": f"({lookup}'warn'))"},
            "default([])": {
                "tasks": [{**module, "register": "got", "ignore_errors": True}],
                "that": "(got.logs | default([]))",
            },
        }
        tasks: list[dict[str, Any]] = []
        for name, source in sources.items():
            tasks += source["tasks"]
            for asked in ("is", "is not"):
                gate = {"name": f"{name}, {asked}", "ignore_errors": True}
                tasks.append({**gate, "ansible.builtin.assert": {"that": f"{source['that']} {asked} {GATE}"}})
        variables = host("lookup", options, {})
        variables["lookup_options"] = variables["options"]
        variables["options"] = options
        run = playbook.play(
            {"one": variables}, tmp_path, plays=[{"hosts": "all", "gather_facts": False, "tasks": tasks}]
        )
    passed = [
        row["task"] for row in run.rows if row["task"].endswith((", is", ", is not")) and row["status"] != "failed"
    ]
    asked_of = [row for row in run.rows if row["task"].endswith((", is", ", is not"))]
    assert passed == []
    assert len(asked_of) == 2 * len(sources)
    count("gates asked about what is no evidence", len(asked_of))


def test_check_mode_reads_the_same(tmp_path: Path) -> None:
    """The module changes nothing, so it works in check mode, too."""
    with FaultServer([GOOD_ANSWER]) as server:
        hosts = {"one": host("module", task(server.url), {})}
        plain, checked = (
            playbook.play(hosts, tmp_path / name, arguments=arguments)
            for name, arguments in (("plain", []), ("checked", ["--check"]))
        )
    first, second = (next(row["result"] for row in run.rows if row["status"] == "ok") for run in (plain, checked))
    assert len(first["logs"]) == 2
    for result in (first, second):
        for name in ("server_time", "clock_skew", "_ansible_no_log", "invocation"):
            result.pop(name, None)
    assert first["logs"] == second["logs"]
    assert {*first} == {*second}
