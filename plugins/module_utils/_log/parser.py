# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One entry of a log read as one event, always; knows nothing of connections, windows and verdicts.

A tunnel says the same again and again, with another stamp and other numbers. What was read of a line is kept under the
text behind its stamp without the values that bear on nothing but its fields, and serves for the next line like it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional

from .._time import EARLIEST, SECOND, SKEW, format_moment, read_stamp
from .event import SHOWN, Event, decides, examine
from .reasons import normalize

ENTRY = ("time", "raw_message")
_IPSEC_REKEY = "phase2 sa replace"
# The documented stamp, letter by letter, and what follows it.
_STAMPED = re.compile(r"(.{17})([0-5][0-9])\.([0-9]{6})(Z|[+-][0-9]{2}:[0-9]{2}) (.*)", re.DOTALL).match
# How a documented line goes on behind its stamp.
_HEADED = re.compile(
    r"[\w.-]{1,255} [\w.-]{1,255}\[[0-9]{1,18}\]: \[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\] [!-~]", re.ASCII
).match
# A value without anything odd, of a parameter that names neither the reason nor the peer: it can be cut out.
_VALUE = re.compile(r"=\[(?<!eason=\[)(?<!Str=\[)(?<!IP=\[)(?<!ress=\[)(?<!Port=\[)([ -+\--Z\\^-z|}~]*)\]").split
_KEY = re.compile(r"[A-Za-z][\w.-]{0,63}\Z", re.ASCII).search
Said = tuple[dict[str, Any], tuple[str, ...]]  # of lines that are alike: what they say, and what was cut out
# What a line shares with others, the values that were cut out, its moments, and its stamp as it is shown.
Found = tuple[Said, list[str], tuple[int, ...], Optional[str]]
# What was read of lines, under their text and under that without those values; the minutes of stamps; in bounds.
_SAID: dict[str | tuple[str, ...], Said] = {}
_MINUTES: dict[str, tuple[int, str]] = {}
_KEPT = 2048
_LONGEST = 1024


def find(entry: Any) -> Found:
    """Read one entry of the service. What it says is shared with other lines, so that nobody may change it.

    The moments are all at which it may have happened, in microseconds since the epoch: the line's own stamp, then
    `time`. An entry belongs to a window when either lies in it, and always when there is none. No JSON value raises.
    """
    stamp = _stamp_of(entry) if isinstance(entry, dict) else None
    if not stamp:
        return _found(examine(entry))
    moments, timestamp, rest = stamp
    said = _SAID.get(rest)
    if said:
        return said, [], moments, timestamp
    pieces = _VALUE(rest)
    shape, values = tuple(pieces[::2]), pieces[1::2]
    said = _SAID.get(shape)
    if said:
        return said, values, moments, timestamp
    event = examine(entry)
    found = _found(event)
    if event.timestamp_source == "embedded":
        _keep(_SAID, rest, found[0])
        names = _names(event, shape, values)
        if names:
            _keep(_SAID, shape, (found[0][0], names))
    return found


def timestamp_of(moments: tuple[int, ...]) -> str | None:
    """Return the stamp that an event shows: RFC 3339 in UTC, None where it has none."""
    return format_moment(moments[0]) if moments else None


def read(entry: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Return the event of an entry, which may be changed, and every moment at which it may have happened."""
    (said, names), values, moments, timestamp = find(entry)
    event = said.copy()
    if isinstance(entry, (dict, Mapping)):
        event["time"], event["raw_message"] = entry.get("time"), entry.get("raw_message")
    event["timestamp"] = timestamp
    event["fields"] = {**said["fields"], **dict(zip(names, values))}
    event["anomalies"] = said["anomalies"].copy()
    return event, moments


def moments_of(entry: Any) -> tuple[int, ...]:
    """Return the moments of `find()` without reading the rest, where the line begins as documented."""
    stamp = _stamp_of(entry) if isinstance(entry, dict) else None
    return stamp[0] if stamp and _HEADED(stamp[2]) else find(entry)[2]


def parse_entry(entry: Any) -> dict[str, Any]:
    """Return the event of one entry `{time, raw_message}` of the service."""
    return read(entry)[0]


def parse_line(raw_message: str) -> dict[str, Any]:
    """Return the event of a line that comes without its `time`."""
    event = read({"raw_message": raw_message})[0]
    return {**event, "anomalies": [code for code in event["anomalies"] if code != "time_missing"]}


def as_entry(value: Any) -> dict[str, Any] | None:
    """Return a line, or an entry with more members than the service gives it, as an entry; None for what is neither."""
    if isinstance(value, str):
        return {"raw_message": value}
    if not isinstance(value, Mapping) or not ("raw_message" in value or "time" in value):
        return None
    if value.get("failed") or value.get("skipped") or "logs" in value:
        return None
    return {name: value[name] for name in ENTRY if name in value}


def describe(value: Any) -> str:
    """Return in a few words what somebody gave in place of an entry."""
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "the result of a task, or another mapping without raw_message"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "an undefined value" if "Undefined" in type(value).__name__ else f"{type(value).__name__}"


def is_understood(event: Mapping[str, Any]) -> bool:
    """Tell whether every word of the line is accounted for, so that no failure can hide in it."""
    return event["outcome"] == "failure" or not (event["outcome"] == "unknown" or "trailing_text" in event["anomalies"])


def shows_negotiation(kind: str, reason: str | None) -> bool:
    """Tell whether a line of this kind shows that an IPsec SA was negotiated; a new IKE SA alone does not."""
    if kind != "rekey":
        return kind == "tunnel_established"
    return reason == _IPSEC_REKEY or normalize(reason or "") == _IPSEC_REKEY


def _stamp_of(entry: dict[str, Any]) -> tuple[tuple[int, int], str, str] | None:
    """Return the moments of an entry, its stamp as it is shown, and what follows that, when all is as documented."""
    time, raw = entry.get("time"), entry.get("raw_message")
    if not isinstance(raw, str) or not isinstance(time, int) or len(raw) > _LONGEST:
        return None
    stamped = _STAMPED(raw)
    if not stamped:
        return None
    minute, second, fraction, offset, rest = stamped.groups()
    begin, shown = _MINUTES.get(minute + offset) or _minute(minute, offset)
    moment, given = begin + int(second + fraction), time * SECOND
    if begin < 0 or time < EARLIEST or not -SKEW <= given - moment <= SKEW:
        return None
    return (moment, given), f"{shown}{raw[17:26]}Z", rest


def _found(event: Event) -> Found:
    """Return what a line says that was examined."""
    said = {**dict(zip(SHOWN, event)), "time": None, "raw_message": None, "timestamp": None}
    return (said, ()), [], event.moments, event.timestamp


def _names(event: Event, shape: tuple[str, ...], values: list[str]) -> tuple[str, ...]:
    """Return the names of these values where each has its own field and bears on nothing else, else none."""
    names = tuple(match[0] for match in map(_KEY, shape[:-1]) if match)
    listed = 0 <= event.listed < event.raw_message.index(" ") + len(shape[0]) and "ansi" not in event.anomalies
    fields = [event.fields.get(name) for name in names if not decides(name)]
    return names if listed and fields == values else ()


def _minute(minute: str, offset: str) -> tuple[int, str]:
    """Return the moment at which the minute of a stamp begins, -1 for what is none, and how it is shown; keep both."""
    moment, _zoned = read_stamp(f"{minute}00{offset}")
    found = (-1, "") if moment is None else (moment, format_moment(moment)[:17])
    _keep(_MINUTES, minute + offset, found)
    return found


def _keep(kept: dict[Any, Any], key: Any, value: Any) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
    kept[key] = value
