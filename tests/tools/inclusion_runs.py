# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What inclusion.py asks the sessions that were run before it: their results count while no file was changed since."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from inclusion_files import OPEN, PASS, READY, Answer, cores, files, text

PAGE = "docs/inclusion.md"
# What modules may run on; nothing newer is known to the ansible-core that there are.
TARGETS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
Question = Callable[[Path], Answer]


def results(root: Path) -> Path:
    """Return the folder with the results of the last run."""
    return root / ".cache" / "results"


def sessions(root: Path) -> dict[str, str]:
    """Return the result of each session of the last run, none when a file was changed since it began."""
    found: dict[str, str] = {}
    began = []
    for report in results(root).glob("nox-report*.json"):
        said = json.loads(report.read_text("utf-8"))["sessions"]
        began.append(report.stat().st_mtime - sum(session["duration"] for session in said))
        found.update({session["signatures"][0]: session["result"] for session in said})
    newest = max((root / name).stat().st_mtime for name in files(root) if name != PAGE)
    return found if began and newest < min(began) else {}


def session(*wanted: str) -> Question:
    """Return a question whether sessions succeeded; a name with an asterisk stands for one on each ansible-core."""

    def ask(root: Path) -> Answer:
        found = sessions(root)
        if not found:
            return OPEN, "not run on these files"
        names = dict.fromkeys(name.replace("*", f"core-{core}") for name in wanted for core in cores(root))
        missing = [f"{name} {found.get(name, 'not run')}" for name in names if found.get(name) != "success"]
        return (OPEN, "; ".join(missing)) if missing else (PASS, f"session {', '.join(wanted)}")

    return ask


def linted(*commands: str) -> Question:
    """Return a question whether commands are among those of session lint, and it succeeded."""

    def ask(root: Path) -> Answer:
        absent = [command for command in commands if command not in text(root, "noxfile.py")]
        if absent:
            return OPEN, f"session lint does not run {', '.join(absent)}"
        state, why = session("lint")(root)
        return (PASS, f"{', '.join(commands)}, in session lint") if state == PASS else (state, why)

    return ask


def tested(test: str) -> Question:
    """Return a question whether a test passed in session build."""

    def ask(root: Path) -> Answer:
        state, why = session("build")(root)
        if state != PASS:
            return state, why
        cases = ElementTree.parse(results(root) / "build.xml").iter("testcase")  # noqa: S314 - our own file
        passed = [case.get("name") for case in cases if not len(case)]
        return (PASS, f"{test}, in session build") if test in passed else (OPEN, f"{test} did not pass")

    return ask


def both(first: Question, second: Question) -> Question:
    """Return a question that passes when two do."""

    def ask(root: Path) -> Answer:
        one, other = first(root), second(root)
        if one[0] != PASS:
            return one
        return (PASS, f"{one[1]}; {other[1]}") if other[0] == PASS else other

    return ask


def pythons(*wanted: str) -> Question:
    """Return a question whether the Pythons are there, so that the sessions could use them."""

    def ask(root: Path) -> Answer:
        versions = wanted or sorted({version for every in cores(root).values() for version in every})
        missing = [version for version in versions if not shutil.which(f"python{version}")]
        return (OPEN, f"no Python {', '.join(missing)} here") if missing else (PASS, "each of the Pythons is there")

    return ask


def prepared(question: Question, why: str) -> Question:
    """Return a question that can be no more than prepared."""

    def ask(root: Path) -> Answer:
        state, reason = question(root)
        return (READY, f"{reason}; {why}") if state == PASS else (state, reason)

    return ask


def newest(name: str) -> Question:
    """Return a question whether a session succeeded on the newest ansible-core."""
    return lambda root: session(f"{name}(core-{[*cores(root)][-1]})")(root)
