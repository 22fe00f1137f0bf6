# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the events of one connection add up to, as numbers and as one line for people; knows no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._sanitize import visible
from .parser import is_understood, shows_negotiation

Event = dict[str, Any]

# The service keeps the latest 200 lines of a connection (VPN user guide, "Viewing VPN connection logs"). That the API
# cuts there, too, is not documented; 100 is where services cut that have said nothing.
_LONGEST_LOG = 200
_SUSPECT = 100


def coverage(total: int, oldest: int | None, since: int | None) -> str:
    """Tell whether the whole window from `since` on lies inside what the service returned.

    `complete`: an older line than the window was returned, or the log is too short to have been cut.
    `truncated`: the log is full and begins inside the window. `unknown`: there is no line at all.
    """
    if oldest is not None and since is not None and oldest < since:
        return "complete"
    if total == 0:
        return "unknown"
    return "truncated" if total >= _LONGEST_LOG or total == _SUSPECT else "complete"


def summarise(events: Sequence[Event]) -> dict[str, Any]:
    """Return the numbers of a connection's events, which are oldest first."""
    failures: list[Event] = []
    success: Event | None = None
    flaps, unrecognised, up = 0, 0, False
    for event in events:
        kind, outcome = event["kind"], event["outcome"]
        if outcome == "failure":
            failures.append(event)
            continue
        if shows_negotiation(kind, event["reason"]):
            success = event
        if kind == "tunnel_established":
            up = True
        elif outcome == "down" and up:
            flaps, up = flaps + 1, False
        if not is_understood(event):
            unrecognised += 1
    return {
        "failures": len(failures),
        "failure_reasons": _by_reason(failures),
        "first_failure": failures[0]["timestamp"] if failures else None,
        "last_failure": failures[-1]["timestamp"] if failures else None,
        "last_success": success["timestamp"] if success else None,
        "flaps": flaps,  # how often the tunnel went down after it was up, as far as the lines tell
        "unrecognised": unrecognised,
    }


def one_line(label: str, summary: dict[str, Any], covered: str) -> str:
    """Return the diagnosis of a connection as one neutralised line."""
    label = visible(label, 80)
    if summary["failures"]:
        rest = summary["failure_reasons"][1:]
        more = f"; and {sum(row['count'] for row in rest)} with {len(rest)} other reason(s)" if rest else ""
        return f"{label}: {describe(summary['failure_reasons'][0])}{more}"
    if covered == "truncated":
        return f"{label}: the log may have been cut inside the window: older lines may be missing"
    if summary["unrecognised"]:
        return f"{label}: no negotiation failure, but {summary['unrecognised']} unrecognised line(s)"
    return f"{label}: no negotiation failure" if covered == "complete" else f"{label}: the log is empty"


def describe(row: dict[str, Any]) -> str:
    """Return one reason of failure: how often, what, when, from whom, and what to compare."""
    what = visible(row["reason"], 128) if row["reason"] else "no reason given"
    phase = f", phase {row['phase']}" if row["phase"] else ""
    when = _clock(row["first"]) if row["first"] == row["last"] else f"{_clock(row['first'])} to {_clock(row['last'])}"
    peers = ", ".join(visible(peer, 45) for peer in row["peer_addresses"][:3])
    advice = f" - {row['advice']}" if row["advice"] else ""
    return f'{row["count"]}x "{what}" ({row["category"]}{phase}) {when}{", peer " + peers if peers else ""}{advice}'


def _by_reason(failures: Sequence[Event]) -> list[dict[str, Any]]:
    """Return the failures grouped by reason, the most frequent first."""
    rows: dict[str | None, dict[str, Any]] = {}
    for event in failures:
        row = rows.get(event["reason"])
        if row is None:
            row = {name: event[name] for name in ("reason", "category", "phase", "advice")}
            row |= {"count": 0, "first": event["timestamp"], "peer_addresses": []}
            rows[event["reason"]] = row
        row["count"] += 1
        row["last"] = event["timestamp"]
        if event["peer_address"] and event["peer_address"] not in row["peer_addresses"]:
            row["peer_addresses"].append(event["peer_address"])
    return sorted(rows.values(), key=lambda row: -row["count"])


def _clock(stamp: str | None) -> str:
    """Return a time stamp to the second: nobody needs microseconds at two in the morning."""
    return f"{stamp[:19]}Z" if stamp else "at an unknown time"
