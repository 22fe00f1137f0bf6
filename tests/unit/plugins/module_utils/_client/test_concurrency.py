# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pace of a task, on a clock that only moves when somebody sleeps."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import concurrency
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.concurrency import (
    Deadline,
    RateLimiter,
    run_concurrently,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError


class Clock:
    """Stands in for the module time."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(concurrency, "time", clock)
    return clock


@pytest.fixture
def take(clock):
    """Take this many turns; return how long each had to wait."""
    deadline = Deadline(1000)

    def run(pace, turns):
        moments = [clock.now, *(pace.wait_for_turn(deadline) for _turn in range(turns))]
        return [round(after - before, 3) for before, after in zip(moments, moments[1:])]

    return run


def test_nobody_waits_before_the_service_says_so(take):
    assert take(RateLimiter(), 5) == [0, 0, 0, 0, 0]


def test_all_wait_as_told_and_then_keep_a_distance(clock, take):
    pace = RateLimiter()
    pace.learn(clock.now, refused=True)
    pace.pause(2.0)
    assert take(pace, 4) == [2.0, 0.5, 0.5, 0.5]


def test_the_longest_wait_counts_whoever_was_told(clock, take):
    pace = RateLimiter()
    pace.pause(3.0)
    pace.pause(1.0)
    assert take(pace, 1) == [3.0]


def test_requests_on_their_way_together_slow_down_once(clock, take):
    pace = RateLimiter()
    sent = clock.now
    clock.now += 0.05
    for _thread in range(8):
        pace.learn(sent, refused=True)
    assert take(pace, 3) == [0, 0.5, 0.5]
    pace.learn(clock.now, refused=True)
    # The turn that was taken before keeps the old distance.
    assert take(pace, 3) == [0.5, 1.0, 1.0]


def test_the_distance_has_a_limit(clock, take):
    pace = RateLimiter()
    for _refusal in range(10):
        clock.now += 1
        pace.learn(clock.now, refused=True)
    assert take(pace, 3) == [0, 4.0, 4.0]


def test_what_is_served_makes_bolder_until_nobody_waits(clock, take):
    pace = RateLimiter()
    pace.learn(clock.now, refused=True)
    waits = []
    for _answer in range(60):
        waits += take(pace, 1)
        pace.learn(clock.now, refused=False)
    assert waits[1] == 0.5
    assert all(later <= earlier for earlier, later in zip(waits[1:], waits[2:]))
    # A twentieth less each time, until it is less than a tenth of the first distance.
    assert sum(wait > 0 for wait in waits) == 46
    assert waits[-1] == 0


def test_a_turn_that_does_not_come_in_time_ends_at_once(clock):
    pace, deadline = RateLimiter(), Deadline(5)
    pace.pause(5.0)
    with pytest.raises(VpnError, match="too many requests took longer than 5 s") as caught:
        pace.wait_for_turn(deadline)
    assert caught.value.code == "E_DEADLINE"
    assert clock.now == 1000


def test_what_does_not_end_in_time_is_left_behind_and_told(monkeypatch):
    monkeypatch.setattr(concurrency, "_GRACE", 0)
    for_ever = threading.Event()
    slow, broken, quick = run_concurrently([for_ever.wait, lambda: 1 / 0, lambda: 7], 3, Deadline(0.2))
    for_ever.set()
    assert str(slow) == "timeout: waiting for an answer took longer than 0.2 s [E_DEADLINE]"
    assert str(broken) == "internal error (ZeroDivisionError), please report it [E_INTERNAL]"
    assert quick == 7
