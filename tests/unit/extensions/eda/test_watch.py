# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is new, what was lost, what is held back: over random histories, stops and crashes."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from itertools import cycle, islice

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._time import SECOND
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._watch.backoff import Backoff
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._watch.cursor import read_states
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._watch.state import (
    EventEmitter,
    Policy,
    State,
    advance,
    next_release,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

START = 1_795_000_000 * SECOND
ESTABLISHED = "The IPSec tunnel is established. (Ifindex=[207], SeqNum=[1], PeerAddress=[198.51.100.7], PeerPort=[500])"
SLOW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def restarted(state):
    """The state as a cursor gives it back."""
    text = json.dumps(
        {"what": "cursor of huaweicloud.vpn.vpn_connection_log", "schema": 1, "states": {"x": asdict(state)}}
    )
    return read_states(text)["x"]


def key(event):
    return event["time"], event["raw_message"]


class World:
    """A log of at most so many lines, its reader, and what came out of that."""

    def __init__(self, target, entry, cap, policy=None):
        self.target, self.entry, self.cap = target, entry, cap
        self.policy = policy or Policy()
        self.lines, self.clock = [], 0
        self.state = self.saved = State()
        self.events, self.doubtful = [], Counter()
        self.shown = set()  # numbers of the lines that a reading saw

    @property
    def visible(self):
        return range(max(0, len(self.lines) - self.cap), len(self.lines))

    def write(self, steps):
        """Write lines, each so many microseconds after the one before; 0 is the same line again."""
        for number, step in enumerate(steps):
            self.clock += step if number else step + 1
            self.lines.append(self.entry(self.clock))

    def steps(self, order=lambda lines: lines, begin=None):
        tell = EventEmitter(self.policy, 0.0)
        entries = order([self.lines[number] for number in self.visible])
        return advance(self.state, self.target, entries, START + self.clock + 1000, begin, tell)

    def read(self, order=lambda lines: lines, crash_after=None, begin=None):
        """Read, and return the events; a crash comes after so many of them, before the cursor is written."""
        events, self.crashed = [], False
        for step in self.steps(order, begin):
            for event in step.events:
                if len(events) == crash_after:
                    self.state, self.crashed = restarted(self.saved), True
                    self.doubtful.update(key(event) for event in events if event["type"] == "entry")
                    return events
                events.append(event)
                self.events.append(event)
            self.state = step.state
        self.state = self.saved = restarted(self.state)
        self.shown.update(self.visible)
        return events


@pytest.fixture
def begun(target, entry):
    """A world whose log has one line, which was read."""

    def make(policy=None):
        world = World(target, entry, 200, policy)
        world.write([1])
        world.read()
        return world

    return make


# How many lines, and the steps between them, again and again; a line may be written up to five times.
BATCH = st.tuples(
    st.one_of(st.integers(0, 12), st.integers(0, 12), st.integers(150, 260)),
    st.lists(st.sampled_from([0, 1, 40, 2_000_000]), max_size=4),
)
ORDER = st.sampled_from([lambda lines: lines, lambda lines: lines[::-1], lambda lines: lines[1::2] + lines[::2]])
ROUND = st.tuples(BATCH, ORDER, st.one_of(st.none(), st.none(), st.integers(0, 8)))


@SLOW
@given(cap=st.sampled_from([20, 200]), rounds=st.lists(ROUND, min_size=1, max_size=12))
def test_each_entry_once_and_every_gap_told(target, entry, cap, rounds):
    world = World(target, entry, cap)
    world.write([1, 1, 1])
    assert world.read() == []
    old = set(world.visible)
    for (count, steps), order, crash_after in rounds:
        newest = max(world.shown)
        world.write([*islice(cycle([1, *steps]), count)])
        told = world.read(order, crash_after)
        if world.crashed:
            continue
        # One line of the last reading is enough to know that all behind it is there.
        joined = any(world.lines[number] == world.lines[newest] for number in world.visible)
        assert [event["type"] for event in told].count("gap") == (not joined)
        assert joined or told[0]["type"] == "gap"
        assert joined or world.visible[0] > newest
    world.read()
    wanted = Counter(key(world.lines[number]) for number in world.shown - old)
    came = Counter(key(event) for event in world.events if event["type"] == "entry")
    assert not wanted - came
    assert not came - wanted - world.doubtful


@pytest.mark.parametrize("cap", [200, 250])
def test_a_gap_after_an_empty_log(target, entry, cap):
    world = World(target, entry, cap)
    assert world.read() == []
    world.write([1000] * cap)
    assert [event["type"] for event in world.read()][:2] == ["gap", "entry"]
    world.lines.clear()
    (gap,) = world.read()
    assert gap["type"] == "gap"
    assert "it is empty" in gap["message"]
    assert world.read() == []


def test_no_gap_where_the_log_is_short_or_reaches_back(target, entry):
    world = World(target, entry, 200)
    assert world.read() == []
    world.write([1_000_000] * 50)
    assert {event["type"] for event in world.read()} == {"entry"}
    world.write([1_000_000] * 199)
    assert {event["type"] for event in world.read()} == {"entry"}
    world.write([1_000_000] * 200)
    assert next(event["type"] for event in world.read()) == "gap"


def test_a_line_from_the_future_hides_no_gap(target, entry):
    world = World(target, entry, 20)
    world.write([1] * 10)
    world.lines.append(entry(3600 * SECOND))
    future = world.lines[-1]
    assert world.read() == []
    world.lines.remove(future)
    world.write([1] * 30)
    world.lines.append(future)
    assert [event["type"] for event in world.read()].count("gap") == 1


def test_lines_that_go_and_come_back_are_told_once(target, entry):
    world = World(target, entry, 20)
    world.write([1] * 5)
    world.read()
    world.write([1])
    assert [event["type"] for event in world.read()] == ["entry"]
    whole = list(world.lines)
    del world.lines[3:]
    assert [event["type"] for event in world.read()] == ["gap"]
    world.lines[:] = whole
    assert world.read() == []


def test_a_late_line_is_new(target, entry):
    world = World(target, entry, 20)
    world.write([1_000_000] * 5)
    world.read()
    late = entry(2_500_000)
    world.lines.append(late)
    (event,) = world.read()
    assert key(event) == (late["time"], late["raw_message"])


def test_where_a_log_that_is_read_for_the_first_time_begins(target, entry):
    for begin, count in ((None, 0), (START + 2_999_999, 3), (START, 5), (START + 9_000_000, 0)):
        world = World(target, entry, 20)
        world.write([1_000_000] * 5)
        assert len(world.read(begin=begin)) == count


def test_the_oldest_is_told_first(begun, entry):
    world = begun()
    world.write([1] * 5)
    stamps = [event["timestamp"] for event in world.read(lambda lines: lines[::-1])]
    assert len(stamps) == 5
    assert stamps == sorted(stamps)


def test_odd_entries_are_told_once(begun, entry):
    world = begun()
    odd = [
        {},
        {"time": None, "raw_message": None},
        {"time": 1.5, "raw_message": ["x"]},
        {"raw_message": "\ud800"},
        {"time": 1_795_000_000, "raw_message": "\ud800"},
    ]
    world.lines += odd
    assert len(world.read()) == len(odd)
    assert world.read() == []


def test_what_is_remembered_is_bounded(target, entry):
    world = World(target, entry, 200)
    world.write([1])
    for _round in range(12):
        world.write([1] * 150)
        world.read()
    assert len(world.state.known) == 600


def test_recovered_once_and_over_a_restart(begun, entry, failed):
    world = begun()
    world.write([SECOND] * 3)
    world.read()
    world.clock += SECOND
    world.lines.append(entry(world.clock, ESTABLISHED))
    told = world.read()
    assert [event["type"] for event in told] == ["entry", "recovered"]
    assert told[1]["failures"] == 3
    assert told[1]["since"] == "2026-11-18T11:06:41.000003Z"
    world.clock += SECOND
    world.lines.append(entry(world.clock, ESTABLISHED))
    assert [event["type"] for event in world.read()] == ["entry"]


def test_a_success_before_the_failures_is_no_recovery(begun, entry):
    world = begun()
    world.write([SECOND] * 3)
    world.read()
    world.lines.append(entry(world.clock - SECOND, ESTABLISHED))
    assert [event["type"] for event in world.read()] == ["entry"]


@pytest.mark.parametrize(("reason", "recovered"), [("phase1 sa replace", False), ("phase2 sa replace", True)])
def test_a_new_ike_sa_alone_is_no_recovery(begun, entry, reason, recovered):
    world = begun()
    world.write([SECOND])
    world.read()
    text = f"An IPSec tunnel is teared down. (PeerAddress=[198.51.100.7], OfflineReason=[{reason}])"
    world.lines.append(entry(world.clock + 1, text))
    assert [event["type"] for event in world.read()] == ["entry", "recovered"][: 1 + recovered]


def test_a_line_that_is_not_recognised_says_so(begun, entry):
    world = begun()
    world.lines.append(entry(world.clock + 1, "IPsec peer is in state 7"))
    (told,) = world.read()
    assert told["message"] == "hq-primary: unrecognised line: IPsec peer is in state 7"


def test_only_the_kinds_asked_for(begun, entry):
    world = begun(Policy(kind=("negotiation_failed",)))
    world.write([1, 1])
    world.lines.append(entry(world.clock + 1, ESTABLISHED))
    assert [event["type"] for event in world.read()] == ["entry", "entry", "recovered"]


REASONS = ("authentication fail", "flow mismatch", "something new")
MOMENTS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 9, 31, 70]), st.lists(st.sampled_from([*REASONS, None]), max_size=5), st.booleans()
    ),
    min_size=1,
    max_size=15,
)


@SLOW
@given(moments=MOMENTS)
def test_debounce_loses_no_failure(target, entry, failed, moments):
    policy, now, clock, lines = Policy(debounce=30), 1000.0, 0, [entry(0)]
    state = State()
    for step in advance(state, target, lines, START, None, EventEmitter(policy, now)):
        state = step.state
    events, written = [], Counter()
    for passed, reasons, restart in [*moments, (31, [], False), (31, [], True)]:
        now += passed
        for reason in reasons:
            clock += 1
            lines.append(entry(clock, ESTABLISHED if reason is None else failed(reason)))
            written[reason] += reason is not None
        tell = EventEmitter(policy, now)
        for step in tell.release(state, target):
            events += [(now, event) for event in step.events]
            state = step.state
        for step in advance(state, target, lines, START + clock, None, tell):
            events += [(now, event) for event in step.events]
            state = step.state
        if restart:
            state = restarted(state)
    counted, last = Counter(), {}
    for moment, event in events:
        if event["type"] == "recovered":
            last.clear()
        if event.get("outcome") != "failure":
            continue
        counted[event["reason"]] += event["repeated"] or 1
        assert moment - last.get(event["reason"], -99) >= 30 or event["repeated"]
        last[event["reason"]] = moment
    assert counted == +written
    assert next_release([state]) is None


def test_debounce_tells_the_first_at_once_and_the_rest_before_the_recovery(begun, entry):
    world = begun(Policy(debounce=30))
    world.write([1] * 4)
    (first,) = world.read()
    assert first["repeated"] == 0
    world.lines.append(entry(world.clock + 1, ESTABLISHED))
    told = world.read()
    assert [(event["type"], event.get("repeated")) for event in told] == [
        ("entry", 3),
        ("entry", 0),
        ("recovered", None),
    ]
    assert '3x "authentication fail"' in told[0]["message"]


def test_a_clock_that_is_set_back_holds_nothing_back_for_long(begun):
    world = begun(Policy(debounce=30))
    world.write([1] * 4)
    world.read()
    (step, *_rest) = EventEmitter(world.policy, -99_999.0).release(world.state, world.target)
    assert [event["repeated"] for event in step.events] == [3]


def test_messages_are_one_visible_line(begun, entry):
    world = begun()
    world.lines += [entry(9, "bad\x1b[2J\nthing"), entry(10, "IPSec tunnel negotiation fails. (Reason=[\u202e\x07])")]
    told = world.read()
    assert len(told) == 2
    assert all(event["message"].isprintable() for event in told)
    assert "\x1b[2J" in told[0]["raw_message"]


def test_each_failure_doubles_the_wait():
    trouble, due = Backoff(), []
    for _failure in range(6):
        trouble = trouble.again(ApiError("busy", code="VPN.0014", status=503), 0.0, 60)
        due.append(trouble.due)
    assert due == [60, 120, 240, 480, 900, 900]
