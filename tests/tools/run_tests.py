# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run nox sessions, and say at the end how each of them went and how many tests ran.

python tests/tools/run_tests.py SESSION [SESSION ...]

They run in three lanes side by side, since tests wait much of their time. What adds up their coverage runs last.
The last line of the output is "N passed, N failed" or "N passed, N failed, N skipped".
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / ".cache" / "results"
LEFT_OUT = """Left to make test-all: the other ansible-cores. Of the newest and the oldest: ansible-test's targets on
the newest; sanity on the oldest, and there unit tests that are slow, start Ansible or have nothing of it. Of sanity:
the tests, pylint, pep8, most Pythons. Besides: all examples of each property, the documentation as a site, examples of
plugins, roles and playbooks, most output that the guide shows, most ways to a red pipeline, the rulebook, modules on
old Pythons, the torture suite, and what Galaxy's importer repeats of lint."""
COUNTS = ("passed", "failed", "skipped")
LANES = (("unit", "torture"), ("integration", "modules"))  # and one for all others
# Those that test nothing, or only where there is a browser, Java or an old Python, and then say that they were skipped.
MAY_BE_EMPTY = {"lint", "build", "browser", "eda", "modules", "docs", "coverage"}


def main(sessions: list[str]) -> int:
    """Run the sessions and return the exit code."""
    started = time.monotonic()
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    last = [name for name in sessions if name == "coverage"]
    first = [name for name in sessions if name not in last]
    if last and first:
        shutil.rmtree(ROOT / ".cache" / "coverage", ignore_errors=True)
    others = [name for name in first if not any(name in lane for lane in LANES)]
    lanes = [*filter(None, [*([name for name in first if name in lane] for lane in LANES), others])]
    code = _run_lanes(lanes)
    if last:
        lanes.append(last)
        code = max(code, _run_lanes([last], number=len(lanes) - 1))

    total = dict.fromkeys(COUNTS, 0)
    print("\nSession                                        Result    Tests")
    for session in [session for number in range(len(lanes)) for session in _sessions(_report(number))]:
        print(f"{session['name']:<46} {session['result']:<9} {_counts_text(session)}")
        for name in COUNTS:
            total[name] += session[name]
    if code == 0 and total["passed"] == 0 and not MAY_BE_EMPTY.issuperset(sessions):
        print("No test ran: that is a failure too.")
        code = 1
    if code != 0 and total["failed"] == 0:
        total["failed"] = 1
    if "sanity" in sessions[1:] and "torture" not in sessions:  # make test
        print(LEFT_OUT)
    print(f"{time.monotonic() - started:.0f} seconds\n")
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    summary = f"{total['passed']} passed, {total['failed']} failed{skipped}"
    (RESULTS / "summary").write_text(f"{summary}\n", encoding="utf-8")
    print(summary, flush=True)
    return 1 if code or total["failed"] else 0


def _report(lane: int) -> Path:
    return RESULTS / f"nox-report-{lane}.json"


def _run_lanes(lanes: list[list[str]], number: int = 0) -> int:
    """Run lanes of sessions side by side, show what the first prints as it comes, and what the others print at its end.

    Their reports are numbered from C(number) on. Return the worst exit code.
    """
    running = []
    for lane, sessions in enumerate(lanes):
        report = _report(number + lane)
        nox = [sys.executable, "-m", "nox", "--noxfile", str(ROOT / "noxfile.py"), "--report", str(report)]
        log = (RESULTS / f"lane-{lane}.log").open("w+", encoding="utf-8", errors="replace") if lane else None
        settings = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT if log else None}
        running.append((subprocess.Popen([*nox, "--sessions", *sessions], **settings), log))
    code = 0
    for process, log in running:
        code = max(code, abs(process.wait()))
        if log:
            log.seek(0)
            shutil.copyfileobj(log, sys.stdout)
            log.close()
    return code


def _sessions(report: Path) -> list[dict]:
    """Return what nox says of each session, with the counts that the session left behind."""
    if not report.is_file():
        return []
    sessions = json.loads(report.read_text(encoding="utf-8"))["sessions"]
    for session in sessions:
        session["name"] = session["signatures"][0]
        counts = RESULTS / f"{session['name']}.json"
        session.update(dict.fromkeys(COUNTS, 0))
        if counts.is_file():
            session.update(json.loads(counts.read_text(encoding="utf-8")))
        # A session that broke before, after or beside its tests has to show in the sum.
        if session["result"] in ("failed", "aborted") and session["failed"] == 0:
            session["failed"] = 1
    return sessions


def _counts_text(session: dict) -> str:
    """Return the counts of a session in words, or why there are none."""
    counts = ", ".join(f"{session[name]} {name}" for name in COUNTS if session[name])
    return counts or session["reason"] or "no test suite"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
