# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files for CI services run targets that there are, on every ansible-core, with nothing of strangers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB, GITLAB = ROOT / ".github" / "workflows" / "test.yml", ROOT / ".gitlab-ci.yml"
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def load(path):
    # BaseLoader: "on" would be true, and 3.10 a number.
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes nothing but texts


def cores():
    """What noxfile.py says of ansible-core and Python."""
    for node in ast.parse((ROOT / "noxfile.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "CORES":
            return ast.literal_eval(node.value)
    raise AssertionError("noxfile.py has no CORES")


@pytest.mark.parametrize("path", [GITHUB, GITLAB], ids=["github", "gitlab"])
def test_they_run_every_target_that_tests(path):
    found = re.findall(r"(?m)^ +- (?:run: )?make (.+)$", path.read_text("utf-8"))
    targets = {target for line in found for target in line.split() if "=" not in target}
    known = set(re.findall(r"(?m)^([a-z][a-z -]*):", MAKEFILE))
    assert targets <= {name for line in known for name in line.split()}
    (everything,) = re.findall(r"(?m)^test: .*\n\t@\$\(RUN\) (.+)$", MAKEFILE)
    assert targets >= {*everything.split(), "release-check", "test-all"}


def test_the_night_has_what_the_day_has():
    day, night = re.findall(r"(?m)^test(?:-all)?: .*\n\t@.*\$\(RUN\) (.+)$", MAKEFILE)
    assert {*night.split()} - {*day.split()} == {"docs", "eda", "modules", "torture"}
    assert {*day.split()} <= {*night.split()}


def test_github_has_every_core_and_the_python_for_it():
    job = load(GITHUB)["jobs"]["core"]
    assert job["strategy"]["matrix"]["core"] == [*cores()]
    (pythons,) = [step["with"]["python-version"].split() for step in job["steps"] if "with" in step]
    assert all({*versions} <= {*pythons} for versions in cores().values())


@pytest.mark.parametrize("job", ["core", "release-check"])
def test_gitlab_has_every_core_with_a_python_for_it(job):
    found = {}
    for entry in load(GITLAB)[job]["parallel"]["matrix"]:
        listed = entry["CORES"] if isinstance(entry["CORES"], list) else entry["CORES"].split()
        found.update(dict.fromkeys(listed, entry["PYTHON_VERSION"]))
    assert [*found] == [*cores()]
    assert all(version in cores()[core] for core, version in found.items())


def test_github_reads_only_and_runs_nothing_of_strangers():
    workflow = load(GITHUB)
    assert workflow["permissions"] == {"contents": "read"}
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@(v\d+|[0-9a-f]{40})", action) for action in used)
    # What comes from a pull request never becomes a part of a command.
    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert not any("${{" in command for command in commands)
