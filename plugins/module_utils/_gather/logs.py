# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence of many tunnels: what each says, and what came back of that."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, Union

from .._client.api import VpnApi
from .._client.concurrency import capture_error, run_concurrently
from .._client.session import Session
from .._client.settings import Connection
from .._errors import VpnError
from .._log.event import SHOWN
from .._log.parser import ENTRY, moments_of, read
from .._log.reasons import normalize
from .._log.summary import coverage, one_line, summarise
from .._sanitize import visible
from .._time import SECOND, Window, resolve, rfc3339
from .public_fields import shown_connection
from .query import Query, Selection
from .selection import Target, listing, select, target_of

SCHEMA = 1
# From so many connections on, one list takes fewer requests than asking for each.
_MANY = 5
# What a verdict reads of a connection, beside the policy_rules that only one of style POLICY has.
_JUDGED = ("status", "updated_at", "vgw_id", "cgw_id", "ikepolicy", "ipsecpolicy")
# An entry of the answer. All that it holds has to reach the controller: what a line says in its parameters the filter
# parse_log tells, and the advice stands once with each reason.
_MEMBERS = ("vpn_connection_id", *(name for name in SHOWN if name not in ("fields", "advice")))


@dataclass
class Reading:
    """What one connection said."""

    entries: list[dict[str, Any]]
    request_id: str | None
    server_time: float
    local_time: float
    connection: dict[str, Any] | None = None
    ipsec_sas: list[dict[str, Any]] | None = None


Outcome = Union[Reading, VpnError]
Placed = tuple[float, dict[str, Any]]  # an event behind its place in time


class Line(NamedTuple):
    """An entry, and the moments it may have happened: the line's own stamp, the service's `time`."""

    entry: Any
    moments: tuple[int, ...]

    @classmethod
    def of(cls, entry: Any) -> Line:
        """Take one entry of a connection's log."""
        return cls(entry, moments_of(entry))

    def place(self) -> float:
        """Return the place in time; a line without any is taken for the newest, so that no limit drops it."""
        return self.moments[0] if self.moments else math.inf

    def read(self, vpn_connection_id: str) -> Placed:
        """Read what the line says, for an answer."""
        return self.place(), {"vpn_connection_id": vpn_connection_id, **read(self.entry)[0]}


def gather(
    connection: Connection, selection: Selection, query: Query, *, compact: bool = False, older: bool = False
) -> dict[str, Any]:
    """Read the connections side by side and return the answer documented with the module.

    With `older`, the answer is for a verdict. The lines from before the window are handed over, too: it needs to know
    how it was then. And many connections are taken out of one list, where that shows what a verdict reads.
    Raise VpnError where not even the connections to read are known. What keeps one connection from being read stands
    in its `error`; see unreadable_summary().
    """
    session = Session(connection, query.concurrency)
    api = VpnApi(session, connection)
    return gather_of(select(api, selection, session.deadline), api, session, query, compact=compact, older=older)


def gather_of(
    targets: Sequence[Target],
    api: VpnApi,
    session: Session,
    query: Query,
    *,
    compact: bool = False,
    older: bool = False,
) -> dict[str, Any]:
    """Read these connections side by side, over a session that there is."""
    listed = older and "connection" in query.gather and len(targets) >= _MANY
    parts = {*query.gather} - ({"connection"} if listed else set())
    outcomes = run_concurrently(
        [partial(_read, api, target, parts) for target in targets], query.concurrency, session.deadline
    )
    if listed:
        outcomes = _with_connections(targets, outcomes, api, session, query.concurrency)
    answer = capture_error(partial(assemble, targets, outcomes, query, compact=compact, older=older))
    if isinstance(answer, VpnError):
        raise answer
    return {**answer, "acted_as": api.acted_as()}


def missing_entries(answer: dict[str, Any], query: Query) -> str | None:
    """Return one line that says why entries that were asked for may be missing, None when none can be.

    For those who get the entries alone, without what the answer says about them.
    """
    rows = answer["vpn_connections"]
    cut = [row for row in rows if query.since and row["coverage"] != "complete"]
    if cut:
        names = listing([row["name"] or row["id"] for row in cut])
        return f"since: the log of {names} is empty, or may have been cut inside the window"
    sees_all = query.kind is None or {"unknown", "unparsed"} <= set(query.kind)
    unclear = sum(row["unrecognised"] for row in rows)
    if unclear and (query.reason or not sees_all):
        return f"{unclear} unrecognised line(s) of the log may be failures: add unknown and unparsed to kind"
    return None


def assemble(
    targets: Sequence[Target],
    outcomes: Sequence[Outcome],
    query: Query,
    *,
    compact: bool = False,
    older: bool = False,
) -> dict[str, Any]:
    """Put the answer together; decides nothing that is not in what the connections said."""
    readings = [outcome for outcome in outcomes if isinstance(outcome, Reading)]
    first = min(readings, key=lambda reading: reading.server_time, default=None)
    now = int(first.server_time * SECOND) if first else None
    window = resolve(query.since, query.until, now) if now is not None else Window()
    narrowed: set[str] = set()
    rows: list[dict[str, Any]] = []
    events: list[Placed] = []
    for target, outcome in zip(targets, outcomes):
        row, kept = _connection_row(target, outcome, query, window, narrowed, older)
        rows.append(row)
        if compact:
            row["log"] = _text_of(kept) if row["error"] is None else None
        else:
            events += kept
    return {
        "schema": SCHEMA,
        "server_time": rfc3339(now),
        "clock_skew": round(first.local_time - first.server_time, 1) if first else None,
        "window": {"since": rfc3339(window.since), "until": rfc3339(window.until)},
        "narrowed_by": sorted(narrowed),
        "logs": None if compact else [_shown(event) for _place, event in sorted(events, key=itemgetter(0))],
        "vpn_connections": rows,
    }


def _read(api: VpnApi, target: Target, parts: Collection[str]) -> Reading:
    answer = api.log(target.id)
    reading = Reading(answer.body["logs"], answer.request_id, answer.server_time, answer.local_time)
    if "connection" in parts:
        reading.connection = _connection(api, target)
    if "ipsec_sas" in parts:
        reading.ipsec_sas = api.ipsec_sas(target.id)
    return reading


def _connection(api: VpnApi, target: Target) -> dict[str, Any]:
    return shown_connection(api.connection(target.id).body["vpn_connection"])


def _with_connections(
    targets: Sequence[Target], outcomes: Sequence[Outcome], api: VpnApi, session: Session, width: int
) -> list[Outcome]:
    """Return the readings with their connections, from one list that is asked for last: no status is older than a log.

    A connection of which the list does not show enough, and each where there is no list, is asked for by itself.
    """
    (rows,) = run_concurrently([api.connections], 1, session.deadline)
    shown = {} if isinstance(rows, VpnError) else {row["id"].lower(): row for row in rows if _shows_enough(row)}

    def add(target: Target, outcome: Outcome) -> Outcome:
        if isinstance(outcome, VpnError):
            return outcome
        row = shown.get(target.id.lower())
        return replace(outcome, connection=shown_connection(row) if row else _connection(api, target))

    return run_concurrently([partial(add, *pair) for pair in zip(targets, outcomes)], width, session.deadline)


def _shows_enough(row: dict[str, Any]) -> bool:
    """Tell whether a list shows all of a connection that a verdict reads; null or empty shows nothing."""
    policy = row.get("ikepolicy")
    has_dpd = isinstance(policy, dict) and bool(policy.get("dpd"))
    has_rules = bool(row.get("policy_rules")) or row.get("style") in ("STATIC", "BGP")
    return all(map(row.get, _JUDGED)) and has_dpd and has_rules


def _connection_row(
    target: Target, outcome: Outcome, query: Query, window: Window, narrowed: set[str], older: bool
) -> tuple[dict[str, Any], list[Placed]]:
    """Return a connection's row of the answer, and its events after the filters."""
    if isinstance(outcome, VpnError):
        return _unread_row(target, outcome), []
    lines = sorted(map(Line.of, outcome.entries), key=Line.place)
    moments = [line.moments[0] for line in lines if line.moments]
    # A clock that is wrong must not prove that the log reaches back: of two that disagree the later one counts.
    oldest = min((max(line.moments) for line in lines if line.moments), default=None)
    inside = [line.read(target.id) for line in _in_window(lines, window, narrowed)]
    covered = coverage(len(lines), oldest, window.since)
    summary = summarise([event for _place, event in inside])
    name = target.name or (target_of(outcome.connection).name if outcome.connection else None)
    row = {
        "id": target.id,
        "name": name,
        "coverage": covered,
        "oldest_time": rfc3339(oldest),
        "newest_time": rfc3339(max(moments, default=None)),
        "total": len(lines),
        **summary,
        "summary": one_line(name or target.id, summary, covered),
        "connection": outcome.connection,
        "ipsec_sas": outcome.ipsec_sas,
        "request_id": outcome.request_id,
        "error": None,
        "log": None,
    }
    if older:
        narrowed.discard("since")
        inside = [line.read(target.id) for line in lines]
    return row, _narrow(inside, query, narrowed)


def _unread_row(target: Target, error: VpnError) -> dict[str, Any]:
    """Return the row of a connection that was not read: no number in it can be taken for a clean one."""
    unknown = dict.fromkeys(("oldest_time", "newest_time", "total", *summarise([])))
    rest = {"connection": None, "ipsec_sas": None, "request_id": error.request_id, "error": error.details, "log": None}
    label = target.name or target.id
    return {
        "id": target.id,
        "name": target.name,
        "coverage": "unknown",
        **unknown,
        "summary": f"{visible(label, 80)}: cannot be read: {error}",
        **rest,
    }


def _in_window(lines: list[Line], window: Window, narrowed: set[str]) -> list[Line]:
    """Return the lines in the window; one with two clocks that disagree is in when either is, one without always."""
    for option, side in (("since", Window(since=window.since)), ("until", Window(until=window.until))):
        kept = [line for line in lines if not line.moments or any(map(side.holds, line.moments))]
        if len(kept) < len(lines):
            narrowed.add(option)
        lines = kept
    return lines


def _narrow(events: list[Placed], query: Query, narrowed: set[str]) -> list[Placed]:
    """Return the events that match, and note each option that dropped one."""
    reasons = None if query.reason is None else {normalize(reason) for reason in query.reason}
    for option, wanted in (("kind", query.kind), ("reason", reasons), ("peer_address", query.peer_address)):
        if wanted is not None:
            kept = [(place, event) for place, event in events if _comparable(option, event[option]) in wanted]
            if len(kept) < len(events):
                narrowed.add(option)
            events = kept
    if query.limit is not None and len(events) > query.limit:
        narrowed.add("limit")
        events = events[-query.limit :]
    return events


def _comparable(option: str, value: str | None) -> str | None:
    return normalize(value) if option == "reason" and value is not None else value


def _shown(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in _MEMBERS}


def _text_of(events: list[Placed]) -> str:
    """Return the entries as they came, as one text: to Ansible many small values cost ten times as much as one."""
    return json.dumps([{name: event[name] for name in ENTRY} for _place, event in events])
