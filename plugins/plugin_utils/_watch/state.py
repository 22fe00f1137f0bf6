# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is new in the log of a connection, what was lost, and what to tell of it; pure, time is given.

A state becomes the next one only after its events were handed on, so that a stop between two of them loses none.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ...module_utils._gather.selection import Target
from ...module_utils._log.line import Line
from ...module_utils._log.parser import ENTRY
from ...module_utils._log.summary import coverage
from ...module_utils._time import SKEW, rfc3339
from .events import Event, entry_event, gap_event, recovered_event, restored_event

_REMEMBERED = 400  # lines that are no longer in the log but may come back: twice what the service keeps
_MOST_HELD = 50  # reasons of one connection whose repeats are held back; more are told at once


class Held(NamedTuple):
    """Failures of one reason: until when repeats are held back, how many there are, and the last one."""

    until: float
    repeats: int = 0
    time: Any = None
    raw_message: Any = None


@dataclass(frozen=True)
class State:
    """What is known of one connection; all that has to survive a restart."""

    known: Mapping[str, int] = field(default_factory=dict)  # how often each line was seen, by its digest
    newest: tuple[str, ...] = ()  # of the log when it was read last
    read_at: int | None = None  # when that was, by the cloud's clock in microseconds
    failures: int = 0  # since the last success
    failing_since: str | None = None
    failed_at: int | None = None
    succeeded_at: int | None = None
    held: Mapping[str, Held] = field(default_factory=dict)
    unread: bool = False  # that it cannot be read was told


class Step(NamedTuple):
    """Events to hand on, and the state once that is done."""

    state: State
    events: Sequence[Event]


@dataclass(frozen=True)
class Policy:
    """What to emit: the kinds of entries (None for all), and for how many seconds to hold back repeats."""

    kind: tuple[str, ...] | None = None
    debounce: float = 0


def digest(line: Line) -> str:
    """Return the identity of a line, which is that of the verdict, short enough to keep many."""
    text = "\0".join(line.key).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def advance(
    state: State,
    target: Target,
    entries: Sequence[Mapping[str, Any]],
    read_at: int,
    begin: int | None,
    rule: EventEmitter,
) -> Iterator[Step]:
    """Yield what the log of a connection, read at this moment of the cloud's clock, tells beyond what is known.

    Of a log that is read for the first time, older lines than `begin` are known, and all of them when that is None.
    """
    lines = sorted((Line.of(target.id, _entry(entry)) for entry in entries), key=_place)
    keys = [digest(line) for line in lines]
    since = begin if state.read_at is None else state.read_at
    events = [restored_event(target)] if state.unread else []
    why = _lost(state, lines, keys, since)
    if why:
        events.append(gap_event(target, rfc3339(since), rfc3339(read_at), why))
    first = state.read_at is None
    state = replace(state, newest=_newest(lines, keys, read_at), read_at=read_at, unread=False)
    yield Step(state, events)
    for key, line in _fresh(state, lines, keys):
        state = replace(state, known={**state.known, key: state.known.get(key, 0) + 1})
        if first and (begin is None or line.latest < begin):
            continue
        state, events = rule.tell(state, target, line)
        yield Step(state, events)
    yield Step(replace(state, known=_remembered(state.known, keys)), ())


class EventEmitter:
    """What to tell of a new line at a moment of this machine's clock, in seconds."""

    def __init__(self, policy: Policy, now: float) -> None:
        self._policy = policy
        self._now = now

    def tell(self, state: State, target: Target, line: Line) -> tuple[State, list[Event]]:
        """Return the events of a new line, none when it is held back, and the state after them."""
        events: list[Event] = []
        if self._policy.kind is None or line.kind in self._policy.kind:
            state, events = self._debounced(state, target, line)
        return self._followed(state, target, line, events)

    def _followed(self, state: State, target: Target, line: Line, events: list[Event]) -> tuple[State, list[Event]]:
        """Return the events and the state after a line that may begin or end a time of failures."""
        moment = line.moments[0] if line.moments else state.read_at or 0
        if line.outcome == "failure" and moment > (state.succeeded_at or -1):
            since = state.failing_since if state.failures else line.timestamp
            failed_at = max(moment, state.failed_at or 0)
            state = replace(state, failures=state.failures + 1, failing_since=since, failed_at=failed_at)
        elif line.is_negotiation and moment >= (state.failed_at or -1):
            if state.failures:
                # What is held back belongs before it, and the next failure is news again.
                repeats = [event for held in state.held.values() for event in _repeats(target, held)]
                recovered = recovered_event(target, line.event, state.failures, state.failing_since)
                events = [*repeats, *events, recovered]
            succeeded_at = max(moment, state.succeeded_at or 0)
            state = replace(state, failures=0, failing_since=None, succeeded_at=succeeded_at, held={})
        return state, events

    def release(self, state: State, target: Target) -> Iterator[Step]:
        """Yield the repeats whose time is over, each reason as one event."""
        for reason, held in state.held.items():
            if not self._is_over(held):
                continue
            others = {name: other for name, other in state.held.items() if name != reason}
            anew = {reason: Held(self._now + self._policy.debounce)} if held.repeats and self._policy.debounce else {}
            state = replace(state, held={**others, **anew})
            yield Step(state, _repeats(target, held))

    def _debounced(self, state: State, target: Target, line: Line) -> tuple[State, list[Event]]:
        reason = line.reason or ""
        held = state.held.get(reason)
        if line.outcome != "failure" or not self._policy.debounce:
            return state, [entry_event(target, line)]
        if held is not None and not self._is_over(held):
            more = Held(held.until, held.repeats + 1, line.time, line.raw_message)
            return replace(state, held={**state.held, reason: more}), []
        if held is not None or len(state.held) < _MOST_HELD:
            state = replace(state, held={**state.held, reason: Held(self._now + self._policy.debounce)})
        return state, [entry_event(target, line)]

    def _is_over(self, held: Held) -> bool:
        """Tell whether the time is over; one that is further away than it can be is from before the clock was set."""
        return not self._now < held.until <= self._now + self._policy.debounce


def next_release(states: Sequence[State]) -> float | None:
    """Return when the next repeats are to be released."""
    return min((held.until for state in states for held in state.held.values()), default=None)


def _repeats(target: Target, held: Held) -> list[Event]:
    """Return the failures that were held back, as one event."""
    line = Line.of(target.id, {"time": held.time, "raw_message": held.raw_message})
    return [entry_event(target, line, held.repeats)] if held.repeats else []


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry.get(name) for name in ENTRY}


def _place(line: Line) -> float:
    return line.earliest if line.moments else line.latest


def _fresh(state: State, lines: Sequence[Line], keys: Sequence[str]) -> list[tuple[str, Line]]:
    """Return the lines that are not known, oldest first; of lines that are alike each is known once."""
    left = dict(state.known)
    fresh = []
    for key, line in zip(keys, lines):
        if left.get(key, 0) > 0:
            left[key] -= 1
        else:
            fresh.append((key, line))
    return fresh


def _newest(lines: Sequence[Line], keys: Sequence[str], read_at: int) -> tuple[str, ...]:
    """Return the newest lines: as long as one of them is there, nothing behind it was cut off.

    Lines without a moment, and with one to come, would stay at the end whatever is cut before them.
    """
    dated = [(line.moments[0], key) for key, line in zip(keys, lines) if line.moments and line.latest <= read_at + SKEW]
    last = max((moment for moment, _key in dated), default=None)
    return tuple(dict.fromkeys(key for moment, key in dated if moment == last))


def _lost(state: State, lines: Sequence[Line], keys: Sequence[str], since: int | None) -> str | None:
    """Return why lines may have been lost since the log was read last, None when none can be."""
    if state.newest:
        if set(state.newest).intersection(keys):
            return None
        return f"no known line is in the log any more, which has {len(lines)} now" if lines else "it is empty"
    oldest = min((int(line.latest) for line in lines if line.moments), default=None)
    if since is not None and coverage(len(lines), oldest, since) == "truncated":
        return f"the log, {len(lines)} lines, does not go back that far"
    return None


def _remembered(known: Mapping[str, int], keys: Sequence[str]) -> dict[str, int]:
    """Return what is known without the oldest lines that are no longer in the log; what is in it comes last."""
    present = Counter(keys)
    gone = [key for key in known if key not in present][-_REMEMBERED:]
    return {key: known[key] for key in (*gone, *present)}
