# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One gathering in a process of its own: tasks as JSON on standard input, what came of them on standard output.

Each task is a set of options; the first one that is a number is a moment, at which the clock then stands still.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def run(tasks: Sequence[Any], env: Mapping[str, str], timeout: float = 120) -> list[dict[str, Any]]:
    """Run the tasks one after the other in a new process; return the outcome of each, and its peak of memory."""
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import settings
    from rig import clean_environment

    collections = str(Path(settings.__file__).parents[6])
    path = os.pathsep.join([str(HERE / "hostile"), str(HERE), collections])
    process = subprocess.run(
        [sys.executable, str(HERE / "child.py")],
        input=json.dumps(list(tasks)),
        env={**clean_environment(os.environ), "PYTHONPATH": path, **env},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if process.returncode != 0:
        raise AssertionError(f"{process.stdout}\n{process.stderr}")
    outcomes: list[dict[str, Any]] = json.loads(process.stdout)
    for outcome in outcomes:
        outcome["seen"] += process.stderr
    return outcomes


def peak_kib() -> int:
    """Return the most memory that this process has held at once. What getrusage says begins with that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[0])


def main() -> None:
    """Serve the parent."""
    from rig import play

    tasks = json.load(sys.stdin)
    outcomes = []
    for task in tasks:
        if isinstance(task, (int, float)):
            still = time.gmtime(task)
            time.gmtime = lambda _moment=None, still=still: still
            continue
        outcome = dataclasses.asdict(play(task))
        if outcome["answer"]:
            outcome["answer"]["logs"] = outcome["answer"]["logs"][:3]
        outcome["peak_kib"] = peak_kib()
        outcomes.append(outcome)
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
