# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One entry of a log read as one event, always; knows nothing of connections, windows and verdicts.

What the service documents, and what it repeats, is read quickly; everything else goes the long way of _event, and both
ways lead to the same event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._time import SECOND, SKEW, format_moment, read_stamp
from .event import SHOWN, examine
from .reasons import FAILED, REASONS, fold

KINDS = (
    "negotiation_failed ike_sa_established tunnel_established rekey dpd_timeout teardown link_quality noise unknown "
    "unparsed"
).split()
ENTRY = ("time", "raw_message")
_IPSEC_REKEY = "phase2 sa replace"
_SAID = SHOWN[3:]  # what stands behind time, raw_message and timestamp
# The documented line, letter by letter: its stamp, and what follows that.
_STAMPED = re.compile(r"([0-9-]{10}T[0-9:]{6})([0-5][0-9])\.([0-9]{6})([+-][0-9]{2}:[0-9]{2}|Z) ").match
_IPV4 = r"([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})"
# How it goes on after the stamp.
_HEADED = re.compile(rf"[\w.-]{{1,255}} [\w.-]{{1,255}}\[[0-9]{{1,18}}\]: \[{_IPV4}\] [!-~]", re.ASCII).match
_DOCUMENTED = re.compile(
    rf"([\w.-]{{1,255}}) ([\w.-]{{1,255}})\[([0-9]{{1,18}})\]: \[{_IPV4}\] (IPSec tunnel negotiation fails)\. "
    rf"\(IfIndex=\[([0-9]*)\], PolicyName=\[([\w.:/-]{{0,255}})\], SeqNum=\[([0-9]*)\], PeerAddress=\[{_IPV4}\], "
    r"PeerPort=\[([0-9]{1,5})\], Reason=\[([\w /'-]{1,128})\]\)",
    re.ASCII,
).fullmatch
# What a line says beside `time`, `raw_message` and its stamp, which lines that are alike share, and its moments.
Found = tuple[dict[str, Any], tuple[int, ...]]
_QUICK = {
    name: (row.category, row.phase, row.advice)
    for row in REASONS
    if row.event == FAILED
    for name in (row.reason, *row.aliases)
}
# What is new in every line of a healthy tunnel, and bears on nothing but the fields.
_NUMBERS = re.compile(r"(TunnelIndex|InboundSPI|OutboundSPI)=\[([0-9]{1,20})\]")
# A failing tunnel repeats its line with another stamp; what was read of it is kept, in bounds.
_MINUTES: dict[str, int] = {}
_LINES: dict[str, dict[str, Any]] = {}
_SHAPES: dict[tuple[str, ...], dict[str, Any]] = {}  # the same for lines that differ in those numbers only
_KEPT = 2048
_KEPT_LENGTH = 512


def find(entry: Any) -> Found:
    """Read one entry of the service. What it says is shared with other lines, so that nobody may change it.

    The moments are all at which it may have happened, in microseconds since the epoch: the line's own stamp, then
    `time`. An entry belongs to a window when either lies in it, and always when there is none. No JSON value raises.
    """
    found = _find_quickly(entry) if isinstance(entry, dict) else None
    if found:
        return found
    event = examine(entry)
    return dict(zip(_SAID, event[3:])), event.moments


def timestamp_of(moments: tuple[int, ...]) -> str | None:
    """Return the stamp that an event shows: RFC 3339 in UTC, None where it has none."""
    return format_moment(moments[0]) if moments else None


def event_of(entry: Any, found: Found) -> dict[str, Any]:
    """Return the whole event of an entry, which may be changed."""
    time, raw = (entry.get("time"), entry.get("raw_message")) if isinstance(entry, (dict, Mapping)) else (None, None)
    said, moments = found
    own = {"fields": said["fields"].copy(), "anomalies": said["anomalies"].copy()}
    return {"time": time, "raw_message": raw, "timestamp": timestamp_of(moments), **said, **own}


def read(entry: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Return the event of an entry, and every moment at which it may have happened."""
    found = find(entry)
    return event_of(entry, found), found[1]


def moments_of(entry: Any) -> tuple[int, ...]:
    """Return the moments of `find()` without reading the rest, where the line begins as documented."""
    stamp = _stamp_of(entry) if isinstance(entry, dict) else None
    if stamp and _HEADED(entry["raw_message"], stamp[1]):
        return stamp[0], entry["time"] * SECOND
    return find(entry)[1]


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
    return kind == "tunnel_established" or (kind == "rekey" and fold(reason or "") == _IPSEC_REKEY)


def _stamp_of(entry: dict[str, Any]) -> tuple[int, int] | None:
    """Return the moment of the line's stamp, and where it ends, when it and `time` are as documented."""
    time, raw = entry.get("time"), entry.get("raw_message")
    if not isinstance(raw, str) or not isinstance(time, int) or isinstance(time, bool):
        return None
    stamped = _STAMPED(raw)
    if not stamped:
        return None
    minute, second, fraction, offset = stamped.groups()
    begin = _MINUTES.get(minute + offset) or _minute(minute, offset)
    moment = begin + int(second) * SECOND + int(fraction)
    if begin < 0 or time < 1 or not -SKEW <= time * SECOND - moment <= SKEW:
        return None
    return moment, stamped.end()


def _find_quickly(entry: dict[str, Any]) -> Found | None:
    """Read an entry whose stamp and time are as documented; what follows the stamp is often known already."""
    stamp = _stamp_of(entry)
    if not stamp:
        return None
    moment, end = stamp
    rest = entry["raw_message"][end:]
    said = _LINES.get(rest)
    if said is None:
        said = _documented(rest)
        pieces = _NUMBERS.split(rest) if said is None else ()
        numbers, shape = [*zip(pieces[1::3], pieces[2::3])], (*pieces[::3], *pieces[1::3])
        said = said or _alike(shape, numbers)
        if said is None:
            event = examine(entry)
            said = dict(zip(_SAID, event[3:]))
            if len(rest) > _KEPT_LENGTH or event.timestamp_source != "embedded":
                return said, event.moments
            if _is_plain(said, numbers):
                _keep(_SHAPES, shape, said)
        if not numbers:
            _keep(_LINES, rest, said)
    return said, (moment, entry["time"] * SECOND)


def _is_plain(said: dict[str, Any], numbers: list[tuple[str, str]]) -> bool:
    """Tell whether each of these numbers stands in a field of its own, and nowhere else."""
    return bool(numbers) and numbers == [(name, said["fields"].get(name)) for name in dict(numbers)]


def _alike(shape: tuple[str, ...], numbers: list[tuple[str, str]]) -> dict[str, Any] | None:
    """Return what a line says that differs from one read before in those numbers only, None where there is none."""
    said = _SHAPES.get(shape)
    return {**said, "fields": {**said["fields"], **dict(numbers)}} if said else None


def _documented(rest: str) -> dict[str, Any] | None:
    """Read the one line that the service documents at a tenth of the cost; return None where anything is odd."""
    line = _DOCUMENTED(rest)
    if not line:
        return None
    host, process, pid, local, event, index, policy, number, peer, port, reason = line.groups()
    known = _QUICK.get(reason)
    peer_port = int(port)
    if known is None or peer_port > 65535:
        return None
    return {
        "host": host,
        "process": process,
        "pid": int(pid),
        "local_address": local,
        "kind": FAILED,
        "outcome": "failure",
        "event": event,
        "reason": reason,
        "category": known[0],
        "phase": known[1],
        "peer_address": peer,
        "peer_port": peer_port,
        "fields": {
            "IfIndex": index,
            "PolicyName": policy,
            "SeqNum": number,
            "PeerAddress": peer,
            "PeerPort": port,
            "Reason": reason,
        },
        "advice": known[2],
        "anomalies": [],
    }


def _minute(minute: str, offset: str) -> int:
    """Return the moment at which the minute of a stamp begins, -1 for what is none; keep it."""
    moment, _zoned = read_stamp(f"{minute}00{offset}")
    found = -1 if moment is None else moment
    _keep(_MINUTES, minute + offset, found)
    return found


def _keep(kept: dict[Any, Any], key: Any, value: Any) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
    kept[key] = value
