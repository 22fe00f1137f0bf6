# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One deadline and one pace for a whole task, and work side by side that ends with it; knows nothing of HTTP."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from .._errors import TransportError, VpnError

T = TypeVar("T")
# Seconds between two requests of a task that was told to slow down: at first, at most, and how soon it dares more.
# With these, 20 tasks on a service that serves 10 requests a second need fewer than twice as many as there is to ask.
_GAP, _LONGEST_GAP, _RECOVERY = 0.5, 4.0, 0.95
_GRACE = 0.5  # seconds beyond the deadline in which a worker may still report its own, better error


class Deadline:
    """The moment at which the task gives up, on the monotonic clock."""

    def __init__(self, seconds: float, spent: float = 0.0) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds - spent

    def left(self) -> float:
        """Return the seconds that are left, 0 or more."""
        return max(0.0, self._end - time.monotonic())

    def exceeded(self, what: str) -> TransportError:
        """Return the error that says what was going on when the time was up."""
        return TransportError(f"timeout: {what} took longer than {self.seconds:g} s", code="E_DEADLINE")

    def sleep(self, seconds: float) -> None:
        """Sleep; the caller has checked that the time is there."""
        time.sleep(min(seconds, self.left()))


class RateLimiter:
    """How fast the requests of a task follow one another: at will, until the service says that they are too many.

    Then all threads slow down together; what one of them has learnt, the others need not try.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gap = 0.0
        self._next = 0.0
        self._slowed = 0.0

    def wait_for_turn(self, deadline: Deadline) -> float:
        """Wait until it is this thread's turn to send; return the monotonic time."""
        with self._lock:
            turn = max(time.monotonic(), self._next)
            self._next = turn + self._gap
        wait = turn - time.monotonic()
        if wait > 0:
            if wait >= deadline.left():
                raise deadline.exceeded("waiting for a service that had too many requests")
            time.sleep(wait)
        return time.monotonic()

    def learn(self, sent: float, *, refused: bool) -> None:
        """Slow down when a request that was sent at this monotonic time was one too many, else dare a little more."""
        with self._lock:
            if not refused:
                self._gap = self._gap * _RECOVERY if self._gap > _GAP / 10 else 0.0
            elif sent > self._slowed:
                # Of several that were on their way together, one tells all there is to learn.
                self._gap = min(_LONGEST_GAP, self._gap * 2 or _GAP)
                self._slowed = time.monotonic()

    def pause(self, seconds: float) -> None:
        """Let nobody send for so long."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)


def run_concurrently(jobs: Sequence[Callable[[], T]], width: int, deadline: Deadline) -> list[T | VpnError]:
    """Run the jobs on at most `width` threads; return the result or error of each, in order, by the deadline.

    The threads are daemons and are left behind at the deadline, because some waits cannot be interrupted: name
    resolution has no time limit, and a server may drip one byte at a time.
    """
    results: list[T | VpnError | None] = [None] * len(jobs)
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[int] = queue.SimpleQueue()

    def work() -> None:
        while True:
            try:
                index = waiting.get_nowait()
            except queue.Empty:
                return
            results[index] = capture_error(jobs[index])
            done.put(index)

    for index in range(len(jobs)):
        waiting.put(index)
    for _worker in range(min(width, len(jobs))):
        threading.Thread(target=work, daemon=True).start()
    try:
        for _job in jobs:
            done.get(timeout=deadline.left() + _GRACE)
    except queue.Empty:
        pass
    return [deadline.exceeded("waiting for an answer") if result is None else result for result in list(results)]


def capture_error(job: Callable[[], T]) -> T | VpnError:
    """Return what the job returns, or its error; a bug becomes an error without a text that might hold a secret."""
    try:
        return job()
    except VpnError as error:
        return error
    except Exception as error:
        return VpnError(f"internal error ({type(error).__name__}), please report it", code="E_INTERNAL")
