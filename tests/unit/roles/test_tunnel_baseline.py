# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role tunnel_baseline in plays: whatever comes of it, nothing of an earlier run is taken for the baseline.

What the task itself does is tested in test_vpn_connection_baseline.py. Each case begins with a baseline that is good.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from ansible_collections.huaweicloud.vpn.tests.unit.roles.cases import ONCE, PAIR
from ansible_collections.huaweicloud.vpn.tests.unit.roles.test_tunnel_verify import a_play, record, run_plays

BASELINE, VERIFY = ({"name": f"huaweicloud.vpn.tunnel_{name}"} for name in ("baseline", "verify"))
GOOD = {"tunnel_baseline_name": PAIR}
FORGED = {"schema": 1}


class Case(NamedTuple):
    """A second baseline: its variables, how it is reached, and what it says when it is refused."""

    variables: dict[str, Any]
    said: str
    way: str = "include_role"
    keywords: dict[str, Any] = {}  # noqa: RUF012 - never changed


CASES = {
    "misspelt": Case({"tunnel_baseline_names": PAIR}, "is tunnel_baseline_name meant?"),
    "unknown": Case({"tunnel_baseline_name": ["hq-primry"]}, "there is no VPN connection 'hq-primry'"),
    "of no type": Case({"tunnel_baseline_name": {"hq": "primary"}}, "name"),
    "relative": Case({**GOOD, "tunnel_baseline_file": "before.json"}, "tunnel_baseline_file: give an absolute path"),
    "unreadable": Case({"tunnel_baseline_name": ["branch"]}, "cannot read 1 of 1 VPN connections: branch"),
    "given": Case({**GOOD, "tunnel_baseline_evidence": FORGED}, "tunnel_baseline_evidence: leave it out"),
    "skipped": Case(GOOD, "", "import_role", {"when": False}),
}


def include(role, way="include_role", **keywords):
    return {f"ansible.builtin.{way}": role, **keywords}


def keep(name, value):
    return {"ansible.builtin.set_fact": {name: f"{{{{ {value} }}}}"}}


def tasks_of(number, case):
    """Take a good baseline, then that of the case, then verify; leave what each said and the evidence as variables."""
    second = include(BASELINE, case.way, vars=case.variables, **case.keywords)
    verify = include(VERIFY, vars={f"tunnel_verify_{name}": value for name, value in ONCE.items()})
    said = "ansible_failed_result.msg"
    return [
        include(BASELINE, vars=GOOD),
        keep(f"first_{number}", "tunnel_baseline_evidence"),
        {"block": [second, keep(f"said_{number}", "''")], "rescue": [keep(f"said_{number}", said)]},
        keep(f"left_{number}", "tunnel_baseline_evidence"),
        {"block": [verify, keep(f"verified_{number}", "''")], "rescue": [keep(f"verified_{number}", said)]},
    ]


@pytest.fixture(scope="module")
def stories(emulator_module, tmp_path_factory):
    """Run all cases as one play; return for each what was first, said, left and verified, and the output."""
    folder = tmp_path_factory.mktemp("cases")
    tasks = [task for number, case in enumerate(CASES.values()) for task in tasks_of(number, case)]
    parts = ("first", "said", "left", "verified")
    names = [f"{part}_{number}" for number in range(len(CASES)) for part in parts]
    with emulator_module.Emulator() as emulator:
        emulator.change({"gateways": {"branch-gateway": {"supported_features": []}}})
        process, found = run_plays(folder, [a_play([*tasks, record(folder, names)])], emulator)
    assert process.returncode == 0, process.stdout + process.stderr
    results = {name: [found[f"{part}_{number}"] for part in parts] for number, name in enumerate(CASES)}
    return results, process.stdout


@pytest.mark.parametrize("name", CASES)
def test_a_baseline_that_was_not_taken_leaves_none(name, stories):
    first, said, left, verified = stories[0][name]
    assert len(first["vpn_connections"]) == 2
    assert CASES[name].said in said
    assert bool(said) == bool(CASES[name].said)
    assert "vpn_connections" not in left
    assert verified.startswith("the baseline is the result of a task that ")
    assert "\n" not in said + verified


def test_how_the_tunnels_are_is_said_in_a_line_for_each(stories):
    results, output = stories
    lines = output.splitlines()
    for row in results["misspelt"][0]["vpn_connections"]:
        assert row["summary"] in lines


@pytest.mark.parametrize("again", [{"vars": GOOD, "when": False}, {"vars": {"tunnel_baseline_name": "{{ nothing }}"}}])
def test_where_nothing_of_the_role_runs_the_baseline_there_is_stays(again, emulator, tmp_path):
    """That is an include that is skipped, and a variable that core itself cannot read."""
    tasks = [include(BASELINE, vars=GOOD), keep("kept", "tunnel_baseline_evidence"), include(BASELINE, **again)]
    end = record(tmp_path, ["kept", "tunnel_baseline_evidence"])
    play = a_play([{"block": tasks, "rescue": [{"ansible.builtin.meta": "noop"}]}, end])
    process, results = run_plays(tmp_path, [play], emulator)
    assert process.returncode == 0, process.stdout + process.stderr
    assert results["kept"] == results["tunnel_baseline_evidence"]


def test_whoever_reaches_the_role_gets_all_of_it_also_in_check_mode(emulator, tmp_path):
    given = {**GOOD, "tunnel_baseline_file": f"{tmp_path}/before.json"}
    play = a_play([include(BASELINE, vars=given, tags=["vpn"])])
    process, _results = run_plays(tmp_path, [play], emulator, "--tags", "vpn", "--check")
    assert process.returncode == 0, process.stdout + process.stderr
    assert "changed=0" in process.stdout
    kept = json.loads((tmp_path / "before.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in kept["vpn_connections"]] == PAIR


@pytest.mark.parametrize(
    ("roles", "options"),
    [
        ([BASELINE["name"]], ("-e", json.dumps({**GOOD, "tunnel_baseline_evidence": FORGED}))),
        ([BASELINE["name"]], ("-e", "tunnel_baseline_evidence=")),
    ],
)
def test_what_outranks_the_evidence_is_refused(roles, options, emulator, tmp_path):
    process, _results = run_plays(tmp_path, [a_play([], roles=roles)], emulator, *options)
    assert process.returncode != 0
    assert "tunnel_baseline_evidence: leave it out, because the role sets it" in process.stdout + process.stderr


def test_the_result_of_a_verification_cannot_be_given_either(emulator, tmp_path):
    play = a_play([], roles=[VERIFY["name"]], vars={"tunnel_verify_name": PAIR, "tunnel_verify_since": "1h"})
    process, _results = run_plays(tmp_path, [play], emulator, "-e", '{"tunnel_verify_result": {"verdict": "pass"}}')
    assert process.returncode != 0
    assert "tunnel_verify_result: leave it out, because the role sets it" in process.stdout + process.stderr
