# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what came of each task, one JSON object a line, to the file named in TORTURE_RESULTS."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
---
name: torture_results
type: aggregate
short_description: Writes results for the torture suite
description: Writes what came of each task, one JSON object a line.
author: huaweicloud.vpn contributors
"""


class CallbackModule(CallbackBase):
    """Writes results."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "torture_results"

    def __init__(self) -> None:
        super().__init__()
        self._began: dict[tuple[str, str], float] = {}

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """Note when a host began."""
        self._began[host.get_name(), task._uuid] = time.monotonic()

    def v2_runner_on_ok(self, result: Any) -> None:
        """Write a success."""
        self._write(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Write a failure."""
        self._write(result, "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Write what was skipped."""
        self._write(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Write what never should be."""
        self._write(result, "unreachable")

    def _write(self, result: Any, status: str) -> None:
        host, task = result._host.get_name(), result._task
        row = {
            "host": host,
            "task": task.get_name(),
            "status": status,
            "elapsed": time.monotonic() - self._began.get((host, task._uuid), 0),
            "result": dict(result._result),
        }
        with open(os.environ["TORTURE_RESULTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps(row, default=str) + "\n")
