# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate as a task, in this process, and as the command of a pipeline; what reports prove is tested in test_gate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.huaweicloud.vpn.plugins.action import vpn_report_assert as action
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.writer import write_report

NOWHERE = SimpleNamespace(_shell=SimpleNamespace(env_prefix=lambda **_variables: "", tmpdir=""))


@pytest.fixture
def gate(monkeypatch):
    """Run the task with options; return its result and what it said."""

    def run(**options):
        task, loader = Task(), DataLoader()
        task.args, task.check_mode, task.environment, task.async_val = options, True, None, 0
        found = action.ActionModule(task, NOWHERE, None, loader, Templar(loader=loader), None)
        said = []
        monkeypatch.setattr(found._display, "display", said.append)
        return found.run(task_vars={}), said

    return run


@pytest.fixture
def reports(tmp_path, samples):
    """Return a folder with the report of a pass."""
    text = write_report(samples.whole(samples.passed(1, "hq")), "json", run_id="job-17")
    (tmp_path / "tunnel_verify.json").write_text(text, "utf-8")
    return tmp_path


def test_it_says_in_one_line_what_is_proven(gate, reports):
    result, said = gate(report_dir=str(reports), run_id="job-17", expect="hq")
    assert said == [result["msg"]] == ["VERIFIED: 1 VPN connection(s) in run job-17: hq"]
    assert result == {"changed": False, "failed": False, "msg": result["msg"]}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"run_id": "job-18"}, "tunnel_verify.json is of run job-17, not of run job-18"),
        ({"run_id": ""}, "run_id: must not be empty"),
        ({"run_id": None}, "missing required arguments: run_id"),
        ({"expect": "0"}, "expect: must be at least 1"),
        ({"expect": "2"}, "the reports have 1 VPN connection(s), but expect is 2"),
        ({"expected": "2"}, "expected: there is no such option, is expect meant?"),
        ({"negotiated": "perhaps"}, "argument 'negotiated' is of type"),
        ({"report_dir": "/nowhere"}, "there is no report /nowhere/tunnel_verify*.json"),
        ({"report_name": "other"}, "there is no report "),
    ],
)
def test_or_why_nothing_is(gate, reports, options, why):
    given = {"report_dir": str(reports), "run_id": "job-17", **options}
    result, said = gate(**{name: value for name, value in given.items() if value is not None})
    assert said == [result["msg"]]
    assert result["msg"].startswith(f"NOT VERIFIED: {why}")
    assert result["failed"] is True


def test_what_was_not_tried_is_refused_where_that_is_asked_for(gate, tmp_path, samples):
    made = samples.whole({**samples.passed(1, "hq"), "negotiated": False})
    (tmp_path / "tunnel_verify.json").write_text(write_report(made, "json", run_id="job-17"), "utf-8")
    given = {"report_dir": str(tmp_path), "run_id": "job-17"}
    assert gate(**given)[0]["failed"] is False
    assert (
        gate(**given, negotiated=True)[0]["msg"]
        == "NOT VERIFIED: tunnel_verify.json: no negotiation since the change: hq"
    )


@pytest.mark.parametrize(
    ("run_id", "code", "line"), [("job-17", 0, "VERIFIED: 1"), ("job-1", 2, "NOT VERIFIED: tunnel")]
)
def test_a_pipeline_calls_it_by_one_command(reports, run_id, code, line):
    """From a folder where the reports are, by a relative path."""
    command = [str(Path(sys.executable).parent / "ansible"), "localhost", "-m", "huaweicloud.vpn.vpn_report_assert"]
    command += ["-a", f"report_dir=. run_id={run_id}"]
    collections = next(path.parent for path in Path(action.__file__).parents if path.name == "ansible_collections")
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections)}
    done = subprocess.run(
        command, cwd=reports, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert any(found.startswith(line) for found in done.stdout.splitlines()), done.stdout
