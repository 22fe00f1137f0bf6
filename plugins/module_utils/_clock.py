# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""The two clocks of a log entry, as microseconds since the epoch: the line's stamp and C(time); knows no line."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

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
    """Return the moment of an entry's C(time), and what is odd about it; V(bool) is no number here."""
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
