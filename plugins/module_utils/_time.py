# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""Moments, spans and windows, in microseconds since the epoch, and the two clocks of a log entry; knows no line."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from ._errors import OptionError, quoted

SECOND = 1_000_000
SKEW = 2 * SECOND  # the service drops the fraction or rounds it; more is a disagreement
_EPOCH = datetime(1970, 1, 1)
# Before 2001 there was neither this service nor a number of seconds with ten digits: such a clock is not believed.
EARLIEST = 1_000_000_000
_END = 253_402_300_800 * SECOND  # the year 10000
_STAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}):([0-5][0-9]|60)(?:[.,]([0-9]{1,9}))?"
    r"(?:([Zz])|([+-])([0-9]{2})(?::?([0-9]{2}))?)?"
)
_NUMBER = re.compile(r"[0-9]{1,19}(?:\.[0-9]{1,9})?")
_SPAN = re.compile(r"([0-9]{1,9})([smhdw])", re.ASCII)
_LONGEST_SPAN = 10 * 366 * 86400 * SECOND
_SPAN_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?", re.ASCII)
_EPOCH_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)
_LATEST = 4_102_444_800  # 2100: a larger number is milliseconds, not seconds
_FUTURE = 60 * SECOND  # how far ahead of the cloud's clock a window may begin


def format_moment(moment: int) -> str:
    """Return a moment as RFC 3339 in UTC, always with microseconds, so that the texts sort as the moments do."""
    minute, rest = divmod(moment, 60 * SECOND)
    return f"{_minute(minute)}{rest // SECOND:02d}.{rest % SECOND:06d}Z"


@lru_cache(4096)
def _minute(minute: int) -> str:
    """Return how the stamps of a minute begin; the lines of a log share few of them."""
    return (_EPOCH + timedelta(minutes=minute)).isoformat()[:17]


def read_stamp(text: str) -> tuple[int | None, bool]:
    """Return the moment of a line's stamp, None where there is no such moment, and whether its offset is given."""
    match = _STAMP.fullmatch(text)
    if not match:
        return None, False
    date, clock, second, fraction, zulu, sign, hours, minutes = match.groups()
    try:
        minute = (datetime.fromisoformat(f"{date}T{clock}") - _EPOCH) // timedelta(minutes=1)
    except ValueError:
        return None, False
    offset = int(hours or 0) * 60 + int(minutes or 0)
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        return None, False
    minute -= -offset if sign == "-" else offset
    moment = (minute * 60 + int(second)) * SECOND + int((fraction or "").ljust(6, "0")[:6])
    return (moment, bool(zulu or sign)) if EARLIEST * SECOND <= moment < _END else (None, False)


def read_time(value: Any) -> tuple[int | None, str | None]:
    """Return the moment of an entry's `time`, and what is odd about it; `bool` is no number here."""
    if value is None:
        return None, "time_missing"
    if isinstance(value, str):
        text = value.strip()
        moment = _scale(float(text) if "." in text else int(text))[0] if _NUMBER.fullmatch(text) else None
        return (None, "time_invalid") if moment is None else (moment, "time_string")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None, "time_invalid"
    moment, oddity = _scale(value)
    return moment, "time_float" if moment is not None and isinstance(value, float) else oddity


def _scale(value: float) -> tuple[int | None, str | None]:
    """Tell seconds from milliseconds and microseconds, for the years 2001 to 5138; all else is no time.

    What is not finite lies between no two of the limits.
    """
    for factor, oddity in ((SECOND, None), (1000, "time_ms"), (1, "time_us")):
        if EARLIEST * SECOND <= value * factor < 100 * EARLIEST * SECOND:
            return int(value * factor), oddity
    return None, "time_invalid"


def rfc3339(moment: int | None) -> str | None:
    """Return a moment in microseconds since the epoch as RFC 3339 in UTC, with a fraction where it has one."""
    return None if moment is None else format_moment(moment).replace(".000000Z", "Z")


@dataclass(frozen=True)
class Moment:
    """A moment as an option gives it: microseconds since the epoch, or back from the cloud's clock."""

    value: int
    relative: bool
    text: str

    def on(self, now: int) -> int:
        """Return the moment in microseconds since the epoch, given the cloud's clock."""
        return now - self.value if self.relative else self.value


@dataclass(frozen=True)
class Window:
    """The window of a task; a side that is None is open."""

    since: int | None = None
    until: int | None = None

    def holds(self, moment: int) -> bool:
        """Tell whether the moment lies in the window, both ends included."""
        return (self.since is None or self.since <= moment) and (self.until is None or moment <= self.until)


def parse_moment(option: str, text: str | None) -> Moment | None:
    """Read RFC 3339 with an offset, epoch seconds, or a span back from the cloud's clock (90s, 15m, 2h, 1d)."""
    if text is None:
        return None
    text = str(text).strip()
    span = _SPAN.fullmatch(text)
    if span:
        value = int(span[1]) * _SPAN_SECONDS[span[2]] * SECOND
        if value > _LONGEST_SPAN:
            raise OptionError(option, f"{text} is longer than ten years")
        return Moment(value, relative=True, text=text)
    moment = _epoch_seconds(text) or _rfc3339(text)
    if moment is None:
        raise OptionError(
            option,
            f"cannot read {quoted(text)}: give a date and time with an offset (2026-11-23T10:00:00Z), "
            "seconds since the epoch, or a span back from now (90s, 15m, 2h, 1d)",
        )
    return Moment(moment, relative=False, text=text)


def parse_seconds(option: str, value: Any, least: float = 0, most: float = math.inf) -> float:
    """Read a number of seconds, or a span (90s, 15m, 2h, 1d), within these bounds."""
    seconds = _seconds(option, value)
    if not least <= seconds <= most:
        raise OptionError(option, f"{value} is out of range: give {least} to {most} seconds")
    return seconds


def _seconds(option: str, value: Any) -> float:
    text = value.strip() if isinstance(value, str) else ""
    span = _SPAN.fullmatch(text)
    if span:
        return float(int(span[1]) * _SPAN_SECONDS[span[2]])
    number = float(text) if _SECONDS.fullmatch(text) else value
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number < math.inf:
        raise OptionError(option, f"give seconds, 0 or more, or a span such as 15m, not {quoted(str(value))}")
    return float(number)


def check_order(since: Moment | None, until: Moment | None) -> None:
    """Refuse a window without room, as far as that can be told without the cloud's clock."""
    if since is None or until is None or since.relative != until.relative:
        return
    if since.value <= until.value if since.relative else since.value >= until.value:
        raise OptionError("since", f"{since.text} is not before until, {until.text}")


def resolve(since: Moment | None, until: Moment | None, now: int) -> Window:
    """Return the window on the cloud's clock, whose value in microseconds is `now`."""
    window = Window(since.on(now) if since else None, until.on(now) if until else None)
    if window.since is not None and window.since > now + _FUTURE:
        raise OptionError("since", f"{rfc3339(window.since)} is after the cloud's clock, {rfc3339(now)}")
    if window.since is not None and window.until is not None and window.since >= window.until:
        raise OptionError("since", f"{rfc3339(window.since)} is not before until, {rfc3339(window.until)}")
    return window


def _epoch_seconds(text: str) -> int | None:
    if not _EPOCH_SECONDS.fullmatch(text):
        return None
    whole, _dot, fraction = text.partition(".")
    seconds = int(whole)
    return seconds * SECOND + int(fraction.ljust(6, "0")[:6]) if EARLIEST <= seconds < _LATEST else None


def _rfc3339(text: str) -> int | None:
    moment, has_offset = read_stamp(text.upper())
    return moment if has_offset else None
