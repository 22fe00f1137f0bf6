# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ends of the time that we know."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._time import format_moment, read_stamp, read_time


@pytest.mark.parametrize(
    ("stamp", "shown"),
    [
        ("2001-09-09T01:46:40Z", "2001-09-09T01:46:40.000000Z"),
        ("2001-09-09T01:46:39.999999Z", None),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("9999-12-31T23:59:60Z", None),
        ("2025-02-30T00:00:00Z", None),
        ("2025-11-24T16:00:00+24:00", None),
        ("2025-11-24T16:00:00+01:60", None),
        ("2025-11-24T16:00Z", None),
        ("9999-12-31T23:59:59-00:01", None),
        ("9999-12-31T23:59:59+23:59", "9999-12-31T00:00:59.000000Z"),
    ],
)
def test_stamps(stamp, shown):
    moment, zoned = read_stamp(stamp)
    assert (moment is None, zoned) == (shown is None, shown is not None)
    assert shown is None or format_moment(moment) == shown


@pytest.mark.parametrize(
    ("value", "moment", "oddity"),
    [
        (1_000_000_000, 1_000_000_000_000_000, None),
        (999_999_999, None, "time_invalid"),
        (99_999_999_999, 99_999_999_999_000_000, None),
        (1_000_000_000_000, 1_000_000_000_000_000, "time_ms"),
        (99_999_999_999_999, 99_999_999_999_999_000, "time_ms"),
        (1_000_000_000_000_000, 1_000_000_000_000_000, "time_us"),
        (99_999_999_999_999_999, 99_999_999_999_999_999, "time_us"),
        (100_000_000_000_000_000, None, "time_invalid"),
    ],
)
def test_times(value, moment, oddity):
    assert read_time(value) == (moment, oddity)


def test_a_long_text_is_not_rounded():
    assert read_time("99999999999999999") == (99_999_999_999_999_999, "time_string")
