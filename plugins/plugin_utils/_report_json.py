# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""The report for programs: the verdict with the run it is for, every value as it is."""

from __future__ import annotations

import json

from ._report_words import Report


def write_json(report: Report) -> str:
    """Return the same text for the same verdict, whatever the order of its members, and in ASCII only."""
    run = {"id": report.run_id, "title": report.title, "check_mode": report.check_mode}
    text = json.dumps({**report.verdict, "run": run}, allow_nan=False, indent=2, sort_keys=True)
    # ansible-core before 2.19 takes a text that begins with a brace for data, and writes it in a way of its own.
    return f"\n{text}\n"
