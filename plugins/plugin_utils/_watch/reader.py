# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what the event source watches: which connections, and their logs, side by side; counts its requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ...module_utils._client.api import VpnApi
from ...module_utils._client.concurrency import run_concurrently
from ...module_utils._client.session import Answer, Session
from ...module_utils._client.settings import Connection
from ...module_utils._errors import VpnError
from ...module_utils._gather.query import Selection
from ...module_utils._gather.selection import Target, select

ACCESS, LIST = "access", "list"  # in place of a connection's ID
_WIDTH = 8  # connections read side by side
_LIST_AGAIN = 600.0  # seconds after which to look for connections that came or went


@dataclass
class Reading:
    """What came of reading once: of each connection an answer or an error, and what else was tried, with its error."""

    targets: list[Target] = field(default_factory=list)
    outcomes: dict[str, Answer | VpnError] = field(default_factory=dict)
    tried: dict[str, VpnError | None] = field(default_factory=dict)
    requests: int = 0


class CountingSession(Session):
    """A session that counts what it sends, retries included."""

    def __init__(self, connection: Connection, width: int) -> None:
        super().__init__(connection, width)
        self.requests = 0
        self._counting = threading.Lock()

    def _exchange(self, *call: Any) -> Answer:
        with self._counting:
            self.requests += 1
        return super()._exchange(*call)


class Reader:
    """Reads the logs of the connections that were selected."""

    def __init__(
        self, connect: Callable[[], Connection], selection: Selection, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connect = connect
        self._selection = selection
        self._clock = clock
        self._project_id: str | None = None
        self._targets: list[Target] = []
        self._listed = 0.0

    def read(self, waiting: Set[str] = frozenset()) -> Reading:
        """Read the logs but of those connections that wait; LIST among them stands for the list. Raises no VpnError."""
        reading = Reading()
        try:
            # One deadline for each reading.
            connection = self._connect()
            connection = replace(connection, project_id=connection.project_id or self._project_id)
            session = CountingSession(connection, _WIDTH)
        except VpnError as error:
            return Reading(targets=self._targets, tried={ACCESS: error})
        api = VpnApi(session, connection)
        reading.tried[ACCESS] = None
        if LIST not in waiting and self._is_list_due():
            try:
                self._find(api, session)
                reading.tried[LIST] = None
            except VpnError as error:
                reading.tried[LIST] = error
        # Also when the list cannot be had: those known are still there.
        reading.targets = self._targets
        due = [target for target in self._targets if target.id not in waiting]
        jobs: list[Callable[[], Any]] = [partial(api.log, target.id) for target in due]
        outcomes = run_concurrently(jobs, _WIDTH, session.deadline)
        reading.outcomes = {target.id: outcome for target, outcome in zip(due, outcomes)}
        reading.requests = session.requests
        return reading

    def _is_list_due(self) -> bool:
        """Tell whether to look for the connections: for those given by ID once, for others from time to time."""
        fixed = all(option == "vpn_connection_id" for option, _value in self._selection.ids_and_names or [("", "")])
        return not self._targets or (not fixed and self._clock() - self._listed >= _LIST_AGAIN)

    def _find(self, api: VpnApi, session: Session) -> None:
        self._targets = select(api, self._selection, session.deadline)
        self._listed = self._clock()
        self._project_id = api.project_id()
