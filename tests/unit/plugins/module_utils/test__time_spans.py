# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments and windows: every form an option may have, and every form it may not."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import OptionError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._time import (
    SECOND,
    Window,
    check_order,
    parse_moment,
    resolve,
    rfc3339,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_764_000_000 * SECOND


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("2024-12-24T07:08:32Z", "2024-12-24T07:08:32Z"),
        ("2024-12-24t07:08:32z", "2024-12-24T07:08:32Z"),
        ("2024-12-24 07:08:32+00:00", "2024-12-24T07:08:32Z"),
        ("2024-12-24T08:08:32+01:00", "2024-12-24T07:08:32Z"),
        ("2024-12-24T01:38:32-05:30", "2024-12-24T07:08:32Z"),
        ("2024-12-24T07:08:32.730275+00:00", "2024-12-24T07:08:32.730275Z"),
        ("2024-12-24T07:08:32.7Z", "2024-12-24T07:08:32.700000Z"),
        ("1735024112", "2024-12-24T07:08:32Z"),
        ("1735024112.5", "2024-12-24T07:08:32.500000Z"),
        (1735024112, "2024-12-24T07:08:32Z"),
        ("90s", rfc3339(NOW - 90 * SECOND)),
        ("15m", rfc3339(NOW - 900 * SECOND)),
        ("2h", rfc3339(NOW - 7200 * SECOND)),
        ("1d", rfc3339(NOW - 86400 * SECOND)),
    ],
)
def test_reads(given_, expected):
    assert rfc3339(parse_moment("since", given_).on(NOW)) == expected


@pytest.mark.parametrize(
    "given_",
    [
        "",
        "yesterday",
        "15",  # of what?
        "15 m",
        "-15m",
        "m15",
        "1.5h",
        "2024-12-24",
        "2024-12-24T07:08:32",  # naive: whose time?
        "2024-12-24T07:08:32 CET",
        "2024-02-30T07:08:32Z",
        "2024-12-24T25:08:32Z",
        "2024-12-24T07:08:32+24:00",
        "2024-12-24T07:08:32+01:60",
        "1735024112000",  # milliseconds
        "0",
        "\u0661\u0665m",
        "15m\u200b",
        "nan",
        "999999999",
        "1999-12-31T23:59:59Z",
    ],
)
def test_refuses_and_names_the_option(given_):
    with pytest.raises(OptionError, match=r"^until: cannot read .* give a date and time with an offset"):
        parse_moment("until", given_)


def test_a_span_has_an_end():
    assert parse_moment("since", "3660d").value == 3660 * 86400 * SECOND
    with pytest.raises(OptionError, match="since: 3661d is longer than ten years"):
        parse_moment("since", "3661d")
    with pytest.raises(OptionError, match="since: 99999999d is longer than ten years"):
        parse_moment("since", "99999999d")


def test_window_sides_are_open_when_not_given():
    window = resolve(None, None, NOW)
    assert (window.since, window.until) == (None, None)
    assert window.holds(0)
    assert window.holds(NOW * 2)


def test_window_includes_both_ends():
    window = Window(10, 20)
    assert [window.holds(moment) for moment in (9, 10, 20, 21)] == [False, True, True, False]


def test_both_ends_may_be_spans():
    window = resolve(parse_moment("since", "15m"), parse_moment("until", "5m"), NOW)
    assert (window.since, window.until) == (NOW - 900 * SECOND, NOW - 300 * SECOND)


def test_seconds_are_of_this_century():
    assert parse_moment("since", "4102444799").value == 4_102_444_799 * SECOND
    with pytest.raises(OptionError, match="since: cannot read"):
        parse_moment("since", "4102444800")


def test_window_must_have_room():
    both = "2025-11-24T15:45:00Z"
    with pytest.raises(OptionError, match=f"since: {both} is not before until, {both}"):
        resolve(parse_moment("since", "15m"), parse_moment("until", str(NOW // SECOND - 900)), NOW)
    resolve(parse_moment("since", "15m"), parse_moment("until", str(NOW // SECOND - 899)), NOW)


@pytest.mark.parametrize(
    ("since", "until", "fits"),
    [
        ("15m", "5m", True),
        ("15m", "15m", False),
        ("5m", "15m", False),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:01Z", True),
        ("2026-11-23T10:00:00Z", "2026-11-23T11:00:00+01:00", False),
        ("5m", "2001-09-10T00:00:00Z", True),  # cannot be told yet
        (None, "5m", True),
        ("5m", None, True),
    ],
)
def test_order_is_checked_before_anything_is_asked(since, until, fits):
    moments = parse_moment("since", since), parse_moment("until", until)
    if fits:
        check_order(*moments)
        return
    with pytest.raises(OptionError, match=f"since: {re.escape(since)} is not before until, {re.escape(until)}"):
        check_order(*moments)


def test_window_must_not_begin_in_the_future():
    ahead = str(NOW // SECOND + 61)
    with pytest.raises(
        OptionError, match="since: 2025-11-24T16:01:01Z is after the cloud's clock, 2025-11-24T16:00:00Z"
    ):
        resolve(parse_moment("since", ahead), None, NOW)
    resolve(parse_moment("since", str(NOW // SECOND + 59)), None, NOW)


@given(st.datetimes(datetime(2001, 9, 10), datetime(2099, 12, 31)), st.integers(-1439, 1439))
def test_agrees_with_datetime(moment, minutes):
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    read = parse_moment("since", aware.isoformat()).value
    assert read == (aware - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)
    assert parse_moment("since", rfc3339(read)).value == read


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text):
    try:
        parse_moment("since", text)
    except OptionError as error:
        assert str(error).isprintable()
