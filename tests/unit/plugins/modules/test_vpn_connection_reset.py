# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as a task runs it: it returns what is documented, it warns, and check mode and failures are honest."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.huaweicloud.vpn.plugins.modules import vpn_connection_reset as module

ANSWER = yaml.safe_load(module.RETURN)
ROW = ANSWER["vpn_connections"]["contains"]
KINDS = {"str": str, "bool": bool}
PAIR = ["hq-primary", "hq-secondary"]


@pytest.fixture
def reset_each(play, emulator):
    """Run the module with the options of each task; return the results and the output."""

    def run(tasks, *arguments):
        played = [{"huaweicloud.vpn.vpn_connection_reset": options, "ignore_errors": True} for options in tasks]
        process = play(played, *arguments, **emulator.environment)
        assert process.returncode == 0, process.stdout
        said = " ".join((process.stdout + process.stderr).split())
        return process.results, said

    return run


@pytest.fixture
def reset(reset_each):
    """Run the module once."""

    def run(*arguments, **options):
        (result,), said = reset_each([options], *arguments)
        return result, said

    return run


def resets(emulator):
    return [one["path"].split("/")[4][:8] for one in emulator.requests if one["method"] == "POST"]


def as_documented(row):
    return {*row} == {*ROW} and all(
        value is None or value.__class__ is KINDS[ROW[name]["type"]] for name, value in row.items()
    )


def test_a_reset_changes_and_warns(reset, emulator):
    result, said = reset(name=PAIR, wait=True)
    assert {*result} == {"changed", "failed", "server_time", "vpn_connections"}
    assert (result["changed"], result["failed"], resets(emulator)) == (True, False, ["98c5af8a", "5247ae10"])
    assert all(as_documented(row) for row in result["vpn_connections"])
    assert [row["came_back"] for row in result["vpn_connections"]] == [True, True]
    assert "The traffic of a VPN connection that is reset drops until it has negotiated again." in said


def test_check_mode_changes_nothing_and_says_what_would_be(reset, emulator):
    result, said = reset("--check", name=PAIR)
    assert (result["changed"], result["failed"], resets(emulator)) == (True, False, [])
    assert all(as_documented(row) for row in result["vpn_connections"])
    assert [row["reset"] for row in result["vpn_connections"]] == [False, False]
    assert "that is reset would drop until" in said


def test_a_failure_has_what_was_done_beside_its_message(reset, emulator):
    emulator.change({"connections": {"hq-primary": {"on_reset": {"status": "DOWN", "logs": []}}}})
    result, said = reset(name=PAIR, wait=True, wait_timeout=2)
    assert (result["changed"], result["failed"], resets(emulator)) == (True, True, ["98c5af8a"])
    assert result["msg"].startswith("hq-primary: was reset, but did not come back in 2 s: ")
    assert result["msg"].endswith("; reset: hq-primary; not reset: hq-secondary")
    assert all(as_documented(row) for row in result["vpn_connections"])
    assert "that is reset drops until" in said


def test_a_failure_before_any_reset_is_no_change_and_warns_of_nothing(reset, emulator):
    emulator.change({"faults": [{"path": "/vpn-connection/5247", "status": 403, "times": "always"}]})
    result, said = reset(name=PAIR)
    assert (result["changed"], result["failed"], resets(emulator)) == (False, True, [])
    assert all(as_documented(row) for row in result["vpn_connections"])
    assert "that is reset" not in said
    result, said = reset(name=["unheard-of"])
    assert {*result["error"]} == {*ANSWER["error"]["sample"]}
    assert (result.get("changed"), "vpn_connections" in result) == (False, False)


UNNAMED = [
    ({}, "vpn_connection_id: name the connections to reset"),
    ({"wait": True}, "vpn_connection_id: name the connections to reset"),
    ({"name": " ", "vpn_connection_id": ""}, "vpn_connection_id: name the connections to reset"),
    ({"name": PAIR, "vpn_connection_id": ["x"]}, "name: give only one of vpn_connection_id, name, vgw_id"),
    ({"name": PAIR, "vgw_id": "ba90819b-1111-4222-8333-3a01622856a5"}, "Unsupported parameters"),
    ({"name": []}, "the list is empty"),
]


def test_nothing_is_reset_that_is_not_named(reset_each, emulator):
    results, _said = reset_each([options for options, _said in UNNAMED])
    assert all(result["failed"] for result in results)
    assert [row for row, result in zip(UNNAMED, results) if row[1] not in result["msg"]] == []
    assert emulator.requests == []


def test_every_member_has_a_sample_of_its_type():
    assert [name for name, entry in ROW.items() if not isinstance(entry["sample"], KINDS[entry["type"]])] == []


def test_the_examples_run(play, emulator):
    process = play(yaml.safe_load(module.EXAMPLES), **emulator.environment)
    assert process.returncode == 0, process.stdout
    assert resets(emulator) == ["98c5af8a", "5247ae10", "4f43df63"]
    assert "[DEPRECATION" not in process.stderr
