# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""Resets of connections, one after the other, and whether each came back.

A tunnel is back when the rules of the verdict find it ACTIVE and negotiated again, in a window that begins with the
moment of the reset by the cloud's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from ._client.api import VpnApi
from ._client.concurrency import Deadline, capture_error, run_concurrently
from ._client.retry import may_have_executed
from ._client.session import Answer, Session
from ._client.settings import Connection
from ._errors import OptionError, VpnError
from ._gather.logs import gather_of
from ._gather.query import PARTS, Query, Selection, selection_spec
from ._gather.selection import Target, listing, select, target_of, unreadable_summary
from ._log.reasons import FAILED, find
from ._sanitize import visible
from ._time import SECOND, parse_seconds, rfc3339
from ._verdict.diagnosis import diagnosis
from ._verdict.evidence import Whole, complete_evidence
from ._verdict.rules import not_readable, renegotiated, status_active
from ._verdict.tunnel_case import Case, case_of

_WIDTH = 8  # connections looked at side by side before the first reset
_FIRST, _LONGEST = 0.5, 5.0  # seconds from one reading to the next while waiting; each is recorded by the cloud
_QUERY = Query(None, None, None, None, None, None, gather=PARTS, concurrency=1)
_PATIENCE = 10 * SECOND  # so long a failure may be of the time before the reset, or heal with the next attempt
_DROPS = "its traffic drops until it has negotiated again"


def reset_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec of what to reset, and whether to wait."""
    return {
        **{name: entry for name, entry in selection_spec().items() if name != "vgw_id"},
        "wait": {"type": "bool", "default": False},
        "wait_timeout": {"type": "str", "default": "300"},
    }


@dataclass
class ResetState:
    """One connection of a task, and how far it has got; `failed` when that ends the task."""

    target: Target
    status: str | None = None
    reset: bool = False
    reset_at: int | None = None
    came_back: bool | None = None
    request_id: str | None = None
    message: str = "was not reset"
    failed: bool = False

    @property
    def label(self) -> str:
        """Return what people call the connection."""
        return visible(self.target.name or self.target.id, 80)

    def fail(self, message: str) -> None:
        """Note why the task cannot go on."""
        self.failed, self.message = True, message

    def row(self) -> dict[str, Any]:
        """Return the connection as it stands in the answer."""
        own = ("status", "reset", "came_back", "request_id", "message")
        named = {"id": self.target.id, "name": self.target.name, "reset_at": rfc3339(self.reset_at)}
        return {**named, **{name: getattr(self, name) for name in own}}


class Outcome(NamedTuple):
    """What came of a task: whether anything was or would be reset, the answer, and why it failed, if it did."""

    changed: bool
    answer: dict[str, Any]
    problem: str | None


class Resetter:
    """Looks at connections, resets them, and waits for them, over one session."""

    def __init__(self, connection: Connection, get: Callable[[str], Any]) -> None:
        self._wait, self._wait_timeout = bool(get("wait")), parse_seconds("wait_timeout", get("wait_timeout"), 1, 3600)
        self._selection = Selection.from_options(get)
        if self._selection.ids_and_names is None:
            raise OptionError("vpn_connection_id", "name the connections to reset")
        self._timeout = connection.timeout
        self._session = Session(connection, _WIDTH)
        self._api = VpnApi(self._session, connection)

    def run(self, *, predict: bool) -> Outcome:
        """Reset the connections, or say which would be; raise VpnError where it is not even known which those are."""
        states, now = self._look()
        if not any(state.failed for state in states):
            if predict:
                for state in states:
                    state.message = f"would be reset: {_DROPS}"
            else:
                self._reset_all(states)
        problem = _problem(states)
        changed = any(state.reset for state in states) or (predict and problem is None)
        rows = [state.row() for state in states]
        return Outcome(changed, {"server_time": rfc3339(now), "vpn_connections": rows}, problem)

    def _look(self) -> tuple[list[ResetState], int | None]:
        """Return each connection as it is before the first reset, and the cloud's clock; nothing is changed yet."""
        targets = select(self._api, self._selection, self._session.deadline)
        jobs = [partial(self._see, target) for target in targets]
        outcomes = run_concurrently(jobs, _WIDTH, self._session.deadline)
        clocks = [int(outcome.server_time * SECOND) for outcome in outcomes if isinstance(outcome, Answer)]
        return [_state_of(*pair) for pair in zip(targets, outcomes)], min(clocks, default=None)

    def _see(self, target: Target) -> Answer:
        """Read a connection, and what will have to be read to see that it is back."""
        answer = self._api.connection(target.id)
        if self._wait:
            self._api.log(target.id)
            self._api.ipsec_sas(target.id)
        return answer

    def _reset_all(self, states: Sequence[ResetState]) -> None:
        """Reset one connection after the other, up to the first that fails or does not come back."""
        for state in states:
            self._session.deadline = Deadline(self._timeout)
            error = capture_error(partial(self._reset, state))
            if error:
                state.fail(f"was {'' if state.reset else 'not '}reset: {error}")
            if state.failed:
                return

    def _reset(self, state: ResetState) -> None:
        before = None
        if self._wait:
            evidence = self._read(state)
            problem = unreadable_summary(evidence)
            if problem:
                state.fail(f"was not reset: {problem}")
                return
            before = complete_evidence(evidence, "the log before the reset")
        try:
            answer = self._api.reset(state.target.id)
        except VpnError as error:
            state.reset, state.request_id = may_have_executed(error), error.request_id
            state.fail(f"{'it is unknown whether the tunnel was reset' if state.reset else 'was not reset'}: {error}")
            return
        state.reset, state.reset_at, state.request_id = True, int(answer.server_time * SECOND), answer.request_id
        state.message = f"was reset: {_DROPS}"
        if before:
            self._wait_for(state, replace(before, now=state.reset_at))

    def _read(self, state: ResetState) -> dict[str, Any]:
        return gather_of([state.target], self._api, self._session, _QUERY)

    def _wait_for(self, state: ResetState, before: Whole) -> None:
        """Read the connection until it is back, until that needs somebody to act, or until the time is over."""
        deadline = self._session.deadline = Deadline(self._wait_timeout)
        pause, missing, ends = _FIRST, "it could not be read", False
        key = state.target.id.lower()
        readings: list[tuple[int | None, Any]] = []  # an SA is new when two of them have it
        state.came_back = False
        while not ends and deadline.left() > _FIRST:
            deadline.sleep(min(pause, deadline.left() - _FIRST))  # the last reading is right before the end
            pause = min(pause * 2, _LONGEST)
            after = complete_evidence(self._read(state), "the log since the reset")
            case = case_of(key, after, before, others=readings)
            readings += [(after.now, case.sas)] if case.sas is not None else []
            status = case.tunnel.connection("status")
            state.status = status if isinstance(status, str) else state.status
            if (case.tunnel.row["error"] or {}).get("code") != "E_DEADLINE":  # what was seen before says more
                missing, ends = _missing(case)
        state.came_back = not missing
        if state.came_back:
            state.message = f"was reset and has negotiated again, status {visible(str(state.status), 40)}"
        else:
            how = "is not back" if ends else f"did not come back in {self._wait_timeout:g} s"
            state.fail(f"was reset, but {how}: {missing}")


def _state_of(target: Target, outcome: Answer | VpnError) -> ResetState:
    """Return the state of a connection that was looked at; one that cannot be reset now has failed."""
    if isinstance(outcome, VpnError):
        state = ResetState(target, request_id=outcome.request_id)
        state.fail(f"was not reset, it cannot be read: {outcome}")
        return state
    shown = outcome.body["vpn_connection"]
    status = shown.get("status") if isinstance(shown.get("status"), str) else None
    state = ResetState(Target(target.id, target_of(shown).name), status, request_id=outcome.request_id)
    if status and status.startswith("PENDING_"):
        state.fail(f"was not reset, its status is {visible(status, 40)}: try again when the update is done")
    return state


def _missing(case: Case) -> tuple[str, bool]:
    """Return what is missing for a tunnel to be back, empty for nothing, and whether waiting cannot change that."""
    for found in not_readable(case):
        return found.message, found.settled
    failed = [line for line in case.failing if line.earliest >= (case.start or 0)]
    findings = [*renegotiated(case), *status_active(case)]
    if not findings:
        return "", True
    if not failed:
        return findings[0].message, False
    known = [find(FAILED, line.reason or "") for line in failed]
    lasting = any(row is not None and row.transient == "no" for row in known)
    return diagnosis(case, failed), lasting and case.now - (case.start or 0) >= _PATIENCE


def _problem(states: Sequence[ResetState]) -> str | None:
    """Return one line that says what went wrong, which connections were reset and which were not."""
    failed = [f"{state.label}: {state.message}" for state in states if state.failed]
    if not failed:
        return None
    parts = [f"{'; '.join(failed[:3])}{f'; and {len(failed) - 3} more' if failed[3:] else ''}"]
    for what, done in (("reset", True), ("not reset", False)):
        names = listing([state.target.name or state.target.id for state in states if state.reset is done])
        parts.append(f"{what}: {names or 'none'}")
    return "; ".join(parts)
