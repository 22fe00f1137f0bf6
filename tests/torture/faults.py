# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault table: all rows, and which rows of the first draft are proved elsewhere."""

from __future__ import annotations

import faults_answer
import faults_params
import faults_text
import faults_way
from fault_model import Fault

TABLE: list[Fault] = [*faults_params.TABLE, *faults_way.TABLE, *faults_answer.TABLE, *faults_text.TABLE]
BY_ID = {fault.id: fault for fault in TABLE}

# Rows that need more than one exchange, each with the test that plays it.
ELSEWHERE = {
    "F020": "test_bounds.py",
    "F066": "test_bounds.py",
    "F111": "the role tunnel_verify: it gathers until the verdict is settled",
    "F118": "test_special.py",
    "F120": "test_playbook.py",
    "F121": "test_playbook.py",
    "F122": "test_playbook.py",
    "F123": "the role tunnel_verify: the pipeline reads its report, not the exit code",
    "F124": "the role tunnel_verify: reports are replaced as a whole",
    "F125": "the role tunnel_verify: a report that cannot be written fails the task",
    "F126": "the role tunnel_verify: reports are replaced as a whole",
    "F127": "test_special.py",
}
ROWS = [f"F{number:03}" for number in range(1, 129)]


def rows_of_table() -> set[str]:
    """Return the numbers of the rows that the table has."""
    return {fault.id[:4] for fault in TABLE}
