# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator on a clock that only sleeping moves: minutes of waiting take milliseconds, over real HTTP."""

from __future__ import annotations

import json
import sys
import threading
import time
from time import strftime
from typing import Any, NamedTuple

from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import auth, concurrency, session
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.logs import gather
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import (
    Query,
    Selection,
    query_spec,
    selection_spec,
)
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils import _verify_reset
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._verification import Timing, World, verify

START = 1_764_000_000.25  # 2025-11-24T16:00:00.25Z: not a whole second, of which a line cannot be told
LATENCY = 20  # milliseconds that a request takes, so that no two are of one moment
BEFORE, AFTER = 3, 2  # seconds from the baseline to the change, and from that to the verification
PARTS = ["logs", "connection", "ipsec_sas"]
# As by default, but that nobody waits for ten minutes for what does not come.
USUAL = Timing(wait_sleep=15, wait_timeout=120, quiet_for=None)


class Clock:
    """Stands for the module time."""

    strftime = staticmethod(strftime)

    def __init__(self) -> None:
        self.now = START
        self._lock = threading.Lock()

    def time(self) -> float:
        return self.now

    monotonic = time

    def gmtime(self) -> time.struct_time:
        return time.gmtime(self.now)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += max(seconds, 0)


class Row(NamedTuple):
    """What the world is before and after a change, what is asked for, and what has to follow."""

    what: str
    after: list[Any]  # changes of the emulator, by name or as a patch
    verdict: str
    said: str = ""  # a pattern in a line of the message, or in the caveats
    names: Any = ("hq-primary",)
    before: Any = ()
    policy: Any = {}  # noqa: RUF012 - never changed
    timing: Timing = USUAL
    reset: bool = False
    since: str | None = None  # instead of a baseline
    parts: Any = PARTS
    retries: int = 3


class Story(NamedTuple):
    """What came of a row."""

    verdict: dict[str, Any]
    said: list[str]  # while it waited
    baseline: Any
    readings: list[dict[str, Any]]

    @property
    def lines(self) -> list[str]:
        """What people read in the end."""
        return [*self.verdict["message"].splitlines(), *self.verdict["caveats"]]


class Cloud:
    """An emulator, its clock, and whoever reads it."""

    def __init__(self, emulator: Any, connect: Any) -> None:
        self.emulator, self.clock, self._connect = emulator, Clock(), connect

    def stop_time(self, monkeypatch: Any, emulator_module: Any) -> None:
        """Give this clock to the emulator and to the collection."""
        mates = [sys.modules[name] for name in ("emulator_world", "emulator_gate")]
        for module in (emulator_module, *mates, auth, concurrency, session, _verify_reset):
            monkeypatch.setattr(module, "time", self.clock)
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # to read one takes longer than a whole row
            monkeypatch.delenv(name, raising=False)

    def begin(self) -> None:
        """Go back to the scenario as it was loaded, and to the beginning of time."""
        self.clock.now = START
        self.emulator.reset()

    def change(self, changes: Any) -> None:
        """Make changes, by name or as patches."""
        for change in changes:
            self.emulator.change(change)

    def read(self, chosen: Any, retries: int = 3) -> dict[str, Any]:
        """Return evidence as it comes from a registered result or a file."""
        options = {**dict.fromkeys((*selection_spec(), *query_spec())), "gather": PARTS, "concurrency": 1, **chosen}
        selection, query = Selection.from_options(options.get), Query.from_options(options.get)
        connection = self._connect(self.emulator.url, retries=retries)
        return json.loads(json.dumps(gather(connection, selection, query, compact=True)))

    def live(self, row: Row) -> Story:
        """Live through a row."""
        self.begin()
        self.change(row.before)
        baseline = None if row.since else self.read({"name": row.names, "gather": row.parts})
        self.clock.sleep(BEFORE)
        self.change(row.after)
        self.clock.sleep(AFTER)
        return self.verify(row, baseline)

    def verify(self, row: Row, baseline: Any) -> Story:
        """Do what the task does after the change."""
        said: list[str] = []
        readings: list[dict[str, Any]] = []

        def read(chosen: Any) -> dict[str, Any]:
            readings.append(self.read({"gather": row.parts, **chosen}, row.retries))
            return readings[-1]

        outcome = None
        if row.reset:
            connection, named = self._connect(self.emulator.url), {"name": row.names}
            outcome = _verify_reset.reset_tunnels(connection, named.get, row.timing, False, said.append).outcome
        world = World(read, self.clock.monotonic, self.clock.sleep, said.append)
        chosen = {"since": row.since, "name": row.names}
        if baseline:
            chosen = {"vpn_connection_id": [one["id"] for one in baseline["vpn_connections"]]}
        verdict = verify(world, chosen, baseline, {**row.policy, "reset": outcome}, row.timing).verdict
        return Story(verdict, said, baseline, readings)
