# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the lines of a tunnel say, in a few words for people; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._log.line import Line
from .._log.reasons import normalize
from .._log.summary import describe, summarise
from .._sanitize import visible
from .._time import SECOND, rfc3339
from .tunnel_case import Case


def by_reason(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the failures among lines by their reason, the most frequent first."""
    events = [line.event for line in lines if line.outcome == "failure"]
    rows: list[dict[str, Any]] = summarise(events)["failure_reasons"]
    return rows


def normalized(reason: str | None) -> str | None:
    """Return a reason in the one way that all its spellings have."""
    return None if reason is None else normalize(reason)


def diagnosis(case: Case, failing: Sequence[Line]) -> str:
    """Return what failed, what is new first, as one line."""
    before = {normalized(row["reason"]) for row in by_reason(case.before.lines if case.before else ())}
    rows = sorted(by_reason(failing), key=lambda row: normalized(row["reason"]) in before)
    old = "; it failed like this before the change, too" if normalized(rows[0]["reason"]) in before else ""
    count = sum(row["count"] for row in rows[1:])
    more = f"; and {count}x for {len(rows) - 1} other reason(s)" if count else ""
    return f"{describe(rows[0])}{old}{_foreign(case, rows)}{more}"


def _foreign(case: Case, rows: Sequence[dict[str, Any]]) -> str:
    """Return a hint where no failure came from the peer that the connection is made for."""
    policy = case.tunnel.connection("ikepolicy")
    own = policy.get("peer_id") if isinstance(policy, Mapping) and policy.get("peer_id_type") == "ip" else None
    peers = {peer for row in rows for peer in row["peer_addresses"]}
    if not isinstance(own, str) or not peers or own in peers:
        return ""
    return f"; the peer is not the customer gateway {visible(own, 45)}: its address is new, or it is an unknown device"


def bad_news(line: Line) -> str:
    """Return what a line of bad news says, and when."""
    when = rfc3339(int(line.moments[0] // SECOND * SECOND)) if line.moments else "an unknown time"
    what = visible(line.reason or line.sentence or "no reason given", 128)
    how = "failed to negotiate" if line.outcome == "failure" else "wrote an unrecognised line"
    return f'{"went down" if line.is_down else how} at {when} ("{what}")'
