# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as whole evidence, and its lines read anew; knows no verdict.

Nothing that an answer says about a line is believed: each is read again from `time` and `raw_message`. Nothing that
it says about a connection is believed against its lines. What was cut, masked, edited or made by hand raises.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import ge
from typing import Any

from .._errors import VpnError
from .._log.line import Line
from .._log.parser import ENTRY
from .._sanitize import visible
from .._time import SECOND, read_stamp, rfc3339

SCHEMA = 1
_COVERAGE = ("complete", "truncated", "unknown")
_TOP = ("schema", "server_time", "clock_skew", "window", "narrowed_by", "logs", "vpn_connections")
_ROW = (
    "id name coverage oldest_time newest_time total failures failure_reasons first_failure last_failure last_success "
    "flaps unrecognised summary connection ipsec_sas request_id error"
).split()
_SAME = ("kind", "outcome", "reason")
_ENTRY = {"vpn_connection_id", *ENTRY, "timestamp", *_SAME}
_NUMBERS = ("total", "failures", "unrecognised", "flaps")


@dataclass(frozen=True)
class Tunnel:
    """One connection of whole evidence: its row, its lines oldest first, and how many lines its window dropped."""

    id: str
    row: Mapping[str, Any]
    lines: tuple[Line, ...]
    dropped: int

    @property
    def oldest(self) -> int | None:
        """Return the time of the oldest line before the window dropped any."""
        known = [line.latest for line in self.lines if line.moments]
        if self.dropped:
            return moment_of(self.row["oldest_time"])
        return int(min(known)) if known else None

    def connection(self, name: str) -> Any:
        """Return what the service shows of the connection, None where that was not gathered."""
        shown = self.row["connection"]
        return shown.get(name) if isinstance(shown, Mapping) else None


@dataclass(frozen=True)
class Whole:
    """Whole evidence; times are the cloud's, in microseconds since the epoch."""

    now: int | None
    skew: float | None
    since: int | None
    narrowed: frozenset[str]
    tunnels: dict[str, Tunnel]
    acted_as: Mapping[str, Any] | None = None


def complete_evidence(value: Any, what: str) -> Whole:
    """Return evidence with its lines read anew, once; raise VpnError for anything but whole evidence."""
    if isinstance(value, Whole):
        return value
    answer = _answer(value, what)
    rows = {row["id"].lower(): row for row in answer["vpn_connections"]}
    if len(rows) < len(answer["vpn_connections"]):
        raise _refusal(what, "has one connection twice")
    narrowed = frozenset(answer["narrowed_by"])
    if narrowed - {"since"}:
        names = ", ".join(sorted(narrowed - {"since"}))
        raise _refusal(what, f"is narrowed by {names}, so a failure may be missing: gather it without {names}")
    since = moment_of(answer["window"]["since"])
    if since is None and (narrowed or answer["window"]["since"] is not None):
        raise _refusal(what, "has an invalid window")
    lines = (
        {key: _lines_of_text(row, what) for key, row in rows.items()}
        if answer["logs"] is None
        else _lines(answer["logs"], rows, what)
    )
    tunnels = {key: _tunnel(row, lines[key], since if narrowed else None, what) for key, row in rows.items()}
    now, skew = moment_of(answer["server_time"]), answer["clock_skew"]
    if any(row["error"] is None for row in rows.values()) and (now is None or not _is_number(skew)):
        raise _refusal(what, "does not say at what time of the cloud's clock it was gathered")
    acted_as = answer.get("acted_as")
    return Whole(now, skew, since, narrowed, tunnels, acted_as if isinstance(acted_as, Mapping) else None)


def check_pair(after: Whole, before: Whole) -> None:
    """Raise VpnError where evidence and baseline do not belong together, or a failure may be lost between them."""
    projects = [(one.acted_as or {}).get("project_id") for one in (before, after)]
    if all(projects) and len({*projects}) > 1:
        there, here = (visible(str(project), 64) for project in projects)
        raise _refusal("the evidence", f"is of project {here}, and the baseline of {there}: check project and region")
    missing = [tunnel.row["name"] or tunnel.id for key, tunnel in before.tunnels.items() if key not in after.tunnels]
    if missing:
        names = ", ".join(visible(str(name), 64) for name in missing[:20])
        raise _refusal("the evidence", f"lacks {len(missing)} connection(s) of the baseline: {names}")
    if before.now is None:
        raise _refusal("the baseline", "has no connection that could be read")
    if after.now is not None and after.now < before.now:
        raise _refusal("the evidence", "is older than the baseline: check that the two are not swapped")
    if after.narrowed and after.since is not None and after.since > before.now:
        raise _refusal("the evidence", "begins later than the baseline, because of since: gather it without since")
    if before.narrowed and before.since is not None and (after.since is None or after.since < before.since):
        raise _refusal("the baseline", "is narrowed by since, so older lines would look new: gather it without since")
    for key, known in before.tunnels.items():
        older = sum(after.since is not None and line.latest < after.since for line in known.lines)
        if known.row["error"] is None and after.tunnels[key].dropped > older + known.dropped:
            raise _refusal("the evidence", "lacks lines that arrived late, because of since: gather it without since")


def check_age(after: Whole, before: Whole | None, max_age: float | None) -> None:
    """Raise VpnError for a baseline that was taken more than `max_age` seconds before."""
    if max_age is None or before is None or before.now is None or after.now is None:
        return
    age = (after.now - before.now) / SECOND
    if age > max_age:
        taken = f"was taken at {rfc3339(before.now)}, {age:.0f} s ago, and max_age is {max_age:.0f} s"
        raise _refusal("the baseline", f"{taken}: take a new one directly before the change")


def check_watched(after: Whole, before: Whole | None, watched: Whole) -> None:
    """Raise VpnError where evidence from right after the change does not belong between baseline and evidence."""
    what = "the evidence of watched_from"
    if {*after.tunnels} != {*watched.tunnels}:
        raise _refusal(what, "is of other connections than the evidence")
    if watched.now is None:
        return
    if after.now is not None and watched.now > after.now:
        raise _refusal(what, "is later than the evidence")
    if before and before.now is not None and watched.now < before.now:
        raise _refusal(what, "is older than the baseline")


def sas_of_readings(readings: Any, after: Whole) -> dict[str, list[tuple[int | None, Sequence[Any]]]]:
    """Return the IPsec SAs of each reading for each tunnel of the evidence, and when they were served.

    Raise VpnError for what is no reading.
    """
    what = "a reading"
    if not isinstance(readings, (list, tuple)):
        raise _refusal("readings", f"is {_kind_of(readings)}")
    found: dict[str, list[tuple[int | None, Sequence[Any]]]] = {key: [] for key in after.tunnels}
    for reading in readings:
        rows = reading.get("vpn_connections") if isinstance(reading, Mapping) else None
        if not isinstance(rows, (list, tuple)):
            raise _refusal(what, "has no vpn_connections")
        for row in rows:
            key, sas = (row.get("id"), row.get("ipsec_sas")) if isinstance(row, Mapping) else (None, None)
            if not isinstance(key, str) or not isinstance(sas, (list, tuple, type(None))):
                raise _refusal(what, "has a connection without id and ipsec_sas")
            if sas is not None and key.lower() in found:
                found[key.lower()].append((moment_of(reading.get("server_time")), sas))
    return found


def fresh_lines(tunnel: Tunnel, known: Sequence[Line]) -> list[Line]:
    """Return the lines that are not among those known; of lines that are alike each is known once."""
    left = Counter(line.key for line in known)
    fresh = []
    for line in tunnel.lines:
        key = line.key
        if left[key] > 0:
            left[key] -= 1
        else:
            fresh.append(line)
    return fresh


def moment_of(stamp: Any) -> int | None:
    """Return the moment of RFC 3339 with an offset, None for anything else."""
    moment, zoned = read_stamp(stamp.upper()) if isinstance(stamp, str) else (None, False)
    return moment if zoned else None


def _answer(value: Any, what: str) -> Mapping[str, Any]:
    """Return the answer of the module as it is registered; raise for everything else."""
    if not isinstance(value, Mapping):
        raise _refusal(what, f"is {_kind_of(value)}")
    for sign, meaning in (("skipped", "was skipped"), ("unreachable", "did not reach its host")):
        if value.get(sign):
            raise _refusal(what, f"is the result of a task that {meaning}")
    if "results" in value:
        raise _refusal(what, "is the result of a loop: gather all connections with one task")
    missing = [name for name in _TOP if name not in value]
    if missing:
        failed = "is the result of a task that failed, and" if value.get("failed") else "is incomplete:"
        raise _refusal(what, f"{failed} it lacks {', '.join(missing)}")
    _check_top(value, what)
    for row in value["vpn_connections"]:
        _check_row(row, what)
    # The module fails when a connection could not be read, and says so in its row; a failure without one is another.
    if value.get("failed") and all(row["error"] is None for row in value["vpn_connections"]):
        raise _refusal(what, "is the result of a task that failed")
    return value


def _check_top(value: Mapping[str, Any], what: str) -> None:
    """Raise for an answer whose parts are not what they are in evidence."""
    if isinstance(value["schema"], bool) or value["schema"] != SCHEMA:
        raise _refusal(what, f"has schema {visible(repr(value['schema']), 20)}, but schema {SCHEMA} is needed")
    for name in ("narrowed_by", "logs", "vpn_connections"):
        if not isinstance(value[name], (list, tuple)) and (name, value[name]) != ("logs", None):
            raise _refusal(what, f"has no list in {name}")
    if not isinstance(value["window"], Mapping) or not {"since", "until"} <= {*value["window"]}:
        raise _refusal(what, "has no window")
    if not all(isinstance(name, str) for name in value["narrowed_by"]):
        raise _refusal(what, "has no list of strings in narrowed_by")


def _check_row(row: Any, what: str) -> None:
    """Raise for a row of a connection that the module cannot have made."""
    missing = [name for name in _ROW if name not in row] if isinstance(row, Mapping) else ["everything"]
    if missing:
        raise _refusal(what, f"has a connection that lacks {', '.join(missing[:5])}")
    if not isinstance(row["id"], str) or not row["id"] or not isinstance(row["name"], (str, type(None))):
        raise _refusal(what, "has a connection without an ID")
    error = row["error"]
    if error is None:
        good = all(
            isinstance(row[name], int) and not isinstance(row[name], bool) and row[name] >= 0 for name in _NUMBERS
        )
    else:
        good = isinstance(error, Mapping) and {"code", "status", "message", "request_id"} <= {*error}
        good = good and all(row[name] is None for name in _NUMBERS)
    good = good and row["coverage"] in _COVERAGE and isinstance(row["connection"], (Mapping, type(None)))
    shown = row["connection"] or {}
    if not good or not isinstance(row["ipsec_sas"], (list, tuple, type(None))):
        raise _refusal(what, f"has a connection with values that no module returns: {visible(row['id'], 64)}")
    if str(shown.get("id", row["id"])).lower() != row["id"].lower() or shown.get("name", row["name"]) != row["name"]:
        raise _refusal(what, f"shows the data of another connection for {visible(row['id'], 64)}")


def _lines(logs: Sequence[Any], rows: Mapping[str, Any], what: str) -> dict[str, list[Line]]:
    """Return the lines of each connection, read anew."""
    lines: dict[str, list[Line]] = {key: [] for key in rows}
    for entry in logs:
        owner = entry.get("vpn_connection_id") if isinstance(entry, Mapping) else None
        if not isinstance(owner, str) or owner.lower() not in rows or not {*entry} >= _ENTRY:
            raise _refusal(what, "has an entry in logs that belongs to none of its connections")
        if rows[owner.lower()]["error"] is not None:
            raise _refusal(what, "has an entry of a connection that could not be read")
        line = Line.of(owner, entry)
        # What an earlier version did not understand may be understood by now; all else must be as it was read.
        same = () if entry["outcome"] == "unknown" else _SAME
        if entry["timestamp"] != line.timestamp or any(entry[name] != getattr(line, name) for name in same):
            raise _refusal(what, "has an entry that does not match its raw_message: it was masked or edited")
        lines[owner.lower()].append(line)
    return lines


def _lines_of_text(row: Mapping[str, Any], what: str) -> list[Line]:
    """Return the lines of a connection that come as one text, read anew."""
    text = row.get("log")
    if row["error"] is not None and text is None:
        return []
    try:
        entries = json.loads(text) if row["error"] is None and isinstance(text, str) else None
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list) or not all(isinstance(one, dict) and {*one} == {*ENTRY} for one in entries):
        raise _refusal(what, f"has an invalid log of {visible(row['id'], 64)}: it was masked or edited")
    return [Line.of(row["id"], entry) for entry in entries]


def _tunnel(row: Mapping[str, Any], lines: list[Line], since: int | None, what: str) -> Tunnel:
    """Return a connection with its lines; raise when its numbers tell of lines that are not there."""
    if row["error"] is not None:
        return Tunnel(row["id"], row, (), 0)
    failures = sum(line.outcome == "failure" for line in lines)
    unsure = failures + sum(not line.understood for line in lines)
    dropped = row["total"] - len(lines)
    # A later version of the collection may understand more lines, so that what was unknown may be a failure by now.
    if dropped < 0 or (dropped and since is None) or failures < row["failures"]:
        dropped = -1
    if dropped < 0 or unsure < row["failures"] + row["unrecognised"]:
        raise _refusal(
            what, f"has other lines of {visible(row['id'], 64)} than it counts: it was cut, masked or edited"
        )
    oldest = moment_of(row["oldest_time"])
    if dropped and since is not None and (oldest is None or oldest >= since):
        raise _refusal(what, f"does not say how far back the log of {visible(row['id'], 64)} goes")
    return Tunnel(row["id"], row, _ordered(lines), dropped)


def _ordered(lines: list[Line]) -> tuple[Line, ...]:
    """Return lines in the order of their times; nearly all come in it."""
    places = [line.moments[0] if line.moments else math.inf for line in lines]
    if any(map(ge, places, places[1:])):
        lines = sorted(lines, key=lambda line: (line.moments[0] if line.moments else math.inf, line.key))
    return tuple(lines)


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, (list, tuple)):
        return "a list, as the lookup returns it, and not the result of a module"
    return "undefined" if "Undefined" in type(value).__name__ else f"of type {type(value).__name__}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _refusal(what: str, problem: str) -> VpnError:
    hint = "give the registered result of vpn_connection_baseline or vpn_connection_log_info"
    return VpnError(f"{what} {problem}", code="E_EVIDENCE", hint=hint)
