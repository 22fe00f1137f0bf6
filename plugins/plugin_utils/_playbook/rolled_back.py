# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said after a roll-back: how the tunnels are then, and in reports that can never pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Part = dict[str, Any]
AGAIN = "rolled back: ACTIVE again"
CHECK = "the change was not rolled back"


def outcome(verdict: Mapping[str, Any], statuses: Mapping[str, Any], failed: str | None) -> str:
    """Return how it ended in one line; `failed` says which task of the roll-back failed, if one did."""
    bad = [row for row in verdict["vpn_connections"] if row["verdict"] != "pass" and not row["tolerated"]]
    parts = [f"{row['name'] or row['id']} {_state(row, statuses)}" for row in bad]
    still = ", ".join(parts) or verdict["message"].splitlines()[0]
    if failed:
        return f"ROLL-BACK FAILED: {failed}; {'ACTIVE again' if verdict['verdict'] == 'pass' else f'STILL {still}'}"
    return AGAIN if verdict["verdict"] == "pass" else f"rolled back: STILL {still}"


def _state(row: Part, statuses: Mapping[str, Any]) -> str:
    """Return the status of a tunnel that is not well, or where that is ACTIVE, the verdict on it."""
    status = statuses.get(row["id"])
    return str(row["verdict"]).upper() if status in (None, "ACTIVE") else str(status)


def marked(verdict: Mapping[str, Any], line: str, before: str) -> Part:
    """Return a verdict for reports: of a change that was rolled back, no tunnel has passed.

    `before` is the diagnosis on which it was rolled back.
    """
    finding = {"code": "rolled_back", "check": CHECK, "verdict": "fail", "settled": True, "message": line}
    rows = [_marked(row, finding) for row in verdict["vpn_connections"]]
    message = "\n".join([line, *before.splitlines()])
    spoilt = {"verdict": "fail", "settled": True, "negotiated": False, "ha_groups": []}
    return {**verdict, **spoilt, "message": message, "vpn_connections": rows}


def _marked(row: Part, finding: Part) -> Part:
    message = row["message"]
    if row["verdict"] != "fail":
        message = f"{row['name'] or row['id']}: FAIL {finding['message']}"
    spoilt = {"verdict": "fail", "settled": True, "negotiated": False, "tolerated": False}
    return {**row, **spoilt, "message": message, "findings": [*row["findings"], finding]}
