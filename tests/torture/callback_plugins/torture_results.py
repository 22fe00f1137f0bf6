# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what came of each task, one JSON object a line, to the file named in TORTURE_RESULTS."""

from __future__ import annotations

import json
import os
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

    def v2_runner_on_ok(self, result: Any, failed: bool = False) -> None:
        """Write what came of a task."""
        row = {"task": result._task.get_name(), "failed": failed, "result": dict(result._result)}
        with open(os.environ["TORTURE_RESULTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps(row, default=str) + "\n")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Write a failure just so."""
        self.v2_runner_on_ok(result, failed=True)
