# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The loop of the event source: reads, hands on what is new, keeps the cursor, and waits."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from ...module_utils._client.session import Answer
from ...module_utils._errors import VpnError
from ...module_utils._gather.selection import Target
from ...module_utils._time import SECOND, resolve
from .backoff import Backoff, ends_it, next_reading
from .cursor import known_until, of_file
from .events import Event, error_event, restored_event
from .options import Settings
from .reader import ACCESS, LIST, Reader, Reading
from .state import EventEmitter, Policy, State, Step, advance, next_release

T = TypeVar("T")
LOGGER = logging.getLogger("huaweicloud.vpn.vpn_connection_log")
# Under which the states of these are kept, beside those of the connections.
_CURSOR = "cursor"
# What can fail beside the connections.
_OTHERS = {ACCESS: "the VPN service", LIST: "the list of VPN connections", _CURSOR: "the cursor file"}
_SHORTEST = 0.02  # seconds; no wait is shorter


class Queue(Protocol):
    """Where events go."""

    async def put(self, event: Event) -> None:
        """Take one event."""


@dataclass(frozen=True)
class Clock:
    """Time, given in tests: monotonic, of this machine, and passing."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Watcher:
    """Watches the logs of connections until it is cancelled."""

    def __init__(self, settings: Settings, queue: Queue, clock: Clock | None = None) -> None:
        self._settings = settings
        self._queue = queue
        self._clock = clock or Clock()
        self._reader = Reader(settings.connect, settings.selection, self._clock.monotonic)
        self._cursor = of_file(settings.cursor_file)
        self._policy = Policy(settings.kind, settings.debounce)
        self._states: dict[str, State] = {}
        self._names: dict[str, Target] = {}
        self._troubles: dict[str, Backoff] = {}
        self._begin: int | None = None  # from when on the lines of a log that is new to us count
        self._anew = True  # nothing was read yet, neither now nor before a restart
        self._read_once = False  # something was read since the start
        self._saves = 0
        self._next = 0.0
        self._stretched = False

    async def run(self) -> None:
        """Watch; raise VpnError where going on is of no use."""
        self._states = self._cursor.open()
        self._begin = known_until(self._states)
        self._anew = self._begin is None
        try:
            while True:
                await self._read()
                await self._rest()
        finally:
            # What was handed on before the end must not be so again.
            try:
                self._cursor.save(self._states, self._saves + 1)
            except VpnError as error:
                LOGGER.error("%s", error)
            finally:
                self._cursor.close()

    async def _read(self) -> None:
        """Read once, and hand on what is new."""
        started = self._clock.monotonic()
        waiting = {key for key, trouble in self._troubles.items() if trouble.due > started}
        reading = await _beside(partial(self._reader.read, waiting))
        self._end_on(reading)
        for key, error in reading.tried.items():
            await self._note(key, Target(""), error)
        for target in reading.targets:
            self._names[target.id] = target
            outcome = reading.outcomes.get(target.id)
            if isinstance(outcome, Answer):
                self._troubles.pop(target.id, None)
                await self._hand_on(target.id, self._news(target, outcome))
            elif outcome is not None:
                await self._note(target.id, target, outcome)
        self._forget(reading)
        await self._note(_CURSOR, Target(""), await self._save())
        self._plan(started, reading.requests)

    def _news(self, target: Target, answer: Answer) -> Iterable[Step]:
        """Return what the log of a connection tells."""
        read_at = int(answer.server_time * SECOND)
        begin = self._begin
        if self._anew:
            since = self._settings.since
            begin = resolve(since, None, read_at).since if since else None
        state = self._states.get(target.id, State())
        return advance(
            state, target, answer.body["logs"], read_at, begin, EventEmitter(self._policy, self._clock.wall())
        )

    def _end_on(self, reading: Reading) -> None:
        """Raise the error that makes going on useless."""
        outcomes = [*reading.tried.values(), *reading.outcomes.values()]
        self._read_once = self._read_once or any(isinstance(outcome, Answer) for outcome in outcomes)
        for error in outcomes:
            if isinstance(error, VpnError) and ends_it(error, read_before=self._read_once):
                raise error

    async def _note(self, key: str, target: Target, error: VpnError | None) -> None:
        """Tell of what cannot be read, once, and when it can be again."""
        state = self._states.get(key, State())
        if error is None:
            self._troubles.pop(key, None)
            if state.unread:
                await self._hand_on(
                    key, [Step(replace(state, unread=False), [restored_event(target, _OTHERS.get(key))])]
                )
            return
        trouble = self._troubles.get(key, Backoff())
        trouble = trouble.again(error, self._clock.monotonic(), self._settings.interval)
        self._troubles[key] = trouble
        if not state.unread and trouble.is_worth_telling(error):
            await self._hand_on(
                key, [Step(replace(state, unread=True), [error_event(target, error, _OTHERS.get(key))])]
            )

    async def _hand_on(self, key: str, steps: Iterable[Step]) -> None:
        """Put the events on the queue, and remember that as soon as it is done."""
        put = False
        for step in steps:
            for event in step.events:
                await self._queue.put(event)
                put = True
            self._states[key] = step.state
        if put:
            await self._save()

    async def _save(self) -> VpnError | None:
        """Write the cursor; where that fails the events go on."""
        self._saves += 1
        try:
            await asyncio.to_thread(self._cursor.save, dict(self._states), self._saves)
        except VpnError as error:
            return error
        return None

    def _forget(self, reading: Reading) -> None:
        """Forget connections that are no longer there, and fix from when on those that come later count."""
        if reading.targets:
            kept = {*_OTHERS, *(target.id for target in reading.targets)}
            self._states = {key: state for key, state in self._states.items() if key in kept}
            self._troubles = {key: trouble for key, trouble in self._troubles.items() if key in kept}
        read_at = known_until(self._states)
        if self._anew and read_at is not None:
            since = self._settings.since
            self._begin = (resolve(since, None, read_at).since if since else None) or read_at
            self._anew = False

    def _plan(self, started: float, requests: int) -> None:
        """Set when to read next; say once when that is later than asked for."""
        interval = self._settings.interval
        self._next = next_reading(started, requests, interval, self._settings.requests_per_hour)
        if self._next - started > interval and not self._stretched:
            self._stretched = True
            LOGGER.warning(
                "%d requests every %d s are more than requests_per_hour allows (%d): the next reading is after %d s",
                *(requests, interval, self._settings.requests_per_hour, self._next - started),
            )

    async def _rest(self) -> None:
        """Wait for the next reading, and release in between what was held back."""
        while True:
            await self._release()
            left = self._next - self._clock.monotonic()
            if left <= 0:
                return
            due = next_release(list(self._states.values()))
            until = left if due is None else min(left, due - self._clock.wall())
            await self._clock.sleep(max(until, _SHORTEST))

    async def _release(self) -> None:
        emitter = EventEmitter(self._policy, self._clock.wall())
        for key, state in list(self._states.items()):
            await self._hand_on(key, emitter.release(state, self._names.get(key, Target(key))))


async def _beside(work: Callable[[], T]) -> T:
    """Run what blocks beside the event loop, on a thread that nobody waits for when the loop ends."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def tell(result: Any, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except BaseException as error:
            failure = error
        try:
            loop.call_soon_threadsafe(tell, result, failure)
        except RuntimeError:
            return  # the loop has ended

    threading.Thread(target=run, daemon=True).start()
    return await future
