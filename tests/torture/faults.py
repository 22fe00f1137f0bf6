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

# Rows that need more than one exchange, each with the tests that play it, below tests/; what they are played with in
# brackets, where a test plays more than that.
ELSEWHERE = {
    "F020": ("torture/test_bounds.py::test_stalls",),
    "F066": ("torture/test_bounds.py::test_memory",),
    # Its row there is "the line comes late".
    "F111": ("unit/plugins/plugin_utils/test__verification.py::test_a_world_has_its_verdict",),
    "F118": ("torture/test_special.py::test_some_of_many_tunnels_fail",),
    "F119": (
        "torture/test_masking.py::test_what_core_masks_makes_no_verdict_better",
        "torture/test_masking.py::test_a_secret_that_is_logged_does_not_leave_the_module",
    ),
    "F120": ("torture/test_playbook.py::test_no_gate_takes_what_is_no_evidence[errors=ignore]",),
    "F121": ("torture/test_playbook.py::test_no_gate_takes_what_is_no_evidence[rescued]",),
    "F122": ("torture/test_playbook.py::test_check_mode_reads_the_same",),
    "F123": (
        "unit/test_docs.py::test_tags_leave_nothing_out",
        "unit/test_docs.py::test_everything_else_is_not[an inventory without hosts]",
        "unit/test_docs.py::test_everything_else_is_not[skipped tags]",
        "unit/test_docs.py::test_everything_else_is_not[a typo in the task to start at]",
    ),
    "F124": ("unit/test_docs.py::test_a_killed_run_leaves_no_report",),
    "F125": (
        "unit/test_docs.py::test_everything_else_is_not[reports that cannot be written]",
        "unit/test_docs.py::test_a_full_disk_is_not_green",
    ),
    "F126": ("torture/test_reports_together.py::test_a_report_is_always_that_of_one_run",),
    "F127": ("torture/test_special.py::test_a_clock_that_jumps_moves_no_deadline",),
}
ROWS = [f"F{number:03}" for number in range(1, 129)]


def rows_of_table() -> set[str]:
    """Return the numbers of the rows that the table has."""
    return {fault.id[:4] for fault in TABLE}
