# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source over real connections to the emulator."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.huaweicloud.vpn.extensions.eda.plugins.event_source import vpn_connection_log as source

PRIMARY = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
BRANCH = "4f43df63-1111-4222-8333-76b771cb90aa"
KEYS = {"access_key": "EMULATORACCESSKEY001", "secret_key": "emulator-secret-key-of-no-real-account-0001"}
PATIENCE = 20


class Run:
    """The source in an event loop of its own; the test sees its events and ends it."""

    def __init__(self, options, main=source.main):
        self.events, self.error, self.taken = [], None, threading.Semaphore(10**6)
        self._task = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(options, main)))
        self._thread.start()
        self._ready.wait(PATIENCE)

    async def put(self, event):
        while not self.taken.acquire(blocking=False):
            await asyncio.sleep(0.01)
        self.events.append(json.loads(json.dumps(event)))

    async def _run(self, options, main):
        self._loop, self._task = asyncio.get_running_loop(), asyncio.ensure_future(main(self, options))
        self._ready.set()
        try:
            await self._task
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self.error = error

    def until(self, condition, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while not condition(self) and time.monotonic() < deadline and self._thread.is_alive():
            time.sleep(0.02)
        assert condition(self), (self.types, self.error)

    def stop(self):
        with contextlib.suppress(RuntimeError):  # it may have closed its loop by itself
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self

    @property
    def types(self):
        return [event["type"] for event in self.events]


@pytest.fixture
def watch(emulator, tmp_path):
    """Start the source on the emulator, with a cursor file."""
    runs = []

    def start(main=source.main, **options):
        basis = {**KEYS, "region": "cn-north-4", "endpoint": emulator.url, "iam_endpoint": emulator.url}
        basis.update(interval=1, requests_per_hour=1_000_000, cursor_file=str(tmp_path / "cursor"), retries=0)
        runs.append(Run({name: value for name, value in {**basis, **options}.items() if value is not None}, main))
        return runs[-1]

    yield start
    for run in runs:
        run.stop()


def polls(emulator):
    return sum(request["path"].endswith(f"{PRIMARY}/log") and request["status"] == 200 for request in emulator.requests)


def polled(emulator, more=1):
    wanted = polls(emulator) + more
    return lambda _run: polls(emulator) >= wanted


def test_only_what_is_new_and_that_once_over_a_restart(emulator, watch):
    run = watch()
    run.until(polled(emulator, 2))
    assert run.events == []
    emulator.change("proposal_mismatch")
    run.until(lambda run: "entry" in run.types)
    run.until(polled(emulator, 2))
    run.stop()
    first = [event["raw_message"] for event in run.events]
    assert {event["vpn_connection_name"] for event in run.events} == {"hq-primary"}
    failure = next(event for event in run.events if event["outcome"] == "failure")
    assert failure["vpn_connection_id"] == PRIMARY
    assert failure["reason"] == "phase1 proposal mismatch"
    assert failure["message"].startswith('hq-primary: 1x "phase1 proposal mismatch"')
    emulator.change("recover")
    again = watch()
    again.until(lambda run: "recovered" in run.types)
    again.until(polled(emulator, 2))
    again.stop()
    second = [event["raw_message"] for event in again.events if event["type"] == "entry"]
    assert not set(first) & set(second)
    logged = {entry["raw_message"] for entry in emulator.describe()["connections"][0]["logs"]}
    assert {*first, *second} <= logged
    assert len(first) + len(second) == len({*first, *second})


def test_a_stop_in_the_middle_of_many_events_repeats_none_and_loses_none(emulator, watch):
    run = watch(name="hq-primary")
    run.until(polled(emulator))
    run.taken = threading.Semaphore(7)
    emulator.change(
        {"connections": {"hq-primary": {"logs": [{"fails": "flow mismatch", "every": "1ms", "repeat": 20}]}}}
    )
    run.until(lambda run: len(run.events) == 7)
    run.stop()
    again = watch(name="hq-primary")
    again.until(lambda run: len(run.events) >= 13)
    again.until(polled(emulator, 2))
    assert len(again.events) == 13
    assert len({event["raw_message"] for event in run.events + again.events}) == 20


def test_since_tells_older_entries_where_there_is_no_cursor(emulator, watch):
    run = watch(since="1d", name="hq-primary", kind=["teardown", "tunnel_established"])
    run.until(polled(emulator, 2))
    assert run.types == ["entry"] * len(run.events)
    assert {event["kind"] for event in run.events} <= {"teardown", "tunnel_established"}
    assert len(run.stop().events) >= 1
    again = watch(since="1d", name="hq-primary")
    again.until(polled(emulator, 2))
    assert again.events == []


def test_a_connection_that_cannot_be_read_is_told_once_and_the_others_go_on(emulator, watch):
    emulator.change("old_gateway")
    run = watch()
    run.until(lambda run: "error" in run.types)
    run.until(polled(emulator, 3))
    assert run.types == ["error"]
    assert run.events[0]["vpn_connection_id"] == BRANCH
    assert run.events[0]["error"]["code"] == "VPN.0304"
    run.stop()
    again = watch()
    again.until(polled(emulator, 3))
    assert again.events == []
    emulator.change({"gateways": {"branch-gateway": {"supported_features": ["query_connection_log"]}}})
    again.until(lambda run: "restored" in run.types)
    assert again.types == ["restored"]


def test_a_service_that_is_down_is_asked_less_and_less(emulator, watch):
    run = watch(name="hq-primary")
    run.until(polled(emulator))
    emulator.clear_requests()
    started = time.monotonic()
    emulator.change({"faults": [{"path": "/log$", "status": 503, "times": 3}]})
    run.until(lambda run: "restored" in run.types)
    assert time.monotonic() - started > 6
    assert run.types == ["error", "restored"]
    assert "HTTP 503" in run.events[0]["message"]
    # Three failures with 1, 2 and 4 seconds behind them.
    assert sum(request["status"] == 503 for request in emulator.requests) == 3


def test_a_service_that_is_down_at_the_start_is_waited_for(emulator, watch):
    emulator.change({"faults": [{"path": "/vpn-connection", "status": 503, "times": 2}]})
    run = watch()
    run.until(polled(emulator, 2))
    assert run.types == ["error", "restored"]
    assert run.events[0]["vpn_connection_id"] is None
    assert run.events[0]["message"].startswith("the list of VPN connections: cannot be used")


def test_a_wrong_key_ends_it_with_one_request(emulator, watch):
    run = watch(secret_key="wrong-secret-key-of-somebody")
    run.until(lambda run: run.error)
    assert "check access_key and secret_key" in str(run.error)
    assert "wrong-secret-key" not in str(run.error)
    assert len(emulator.requests) == 1


def test_a_key_that_is_taken_away_ends_it(emulator, watch):
    run = watch()
    # The requests that a round still sends side by side would be refused one by one.
    every = len(emulator.describe()["connections"])
    run.until(lambda _run: len({one["path"] for one in emulator.requests if one["path"].endswith("/log")}) == every)
    emulator.clear_requests()
    emulator.change({"credentials": []})
    run.until(lambda run: run.error)
    assert sum(request["status"] == 401 for request in emulator.requests) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "hq"}, "there is no VPN connection 'hq'"),
        ({"vpn_connection_id": "98c5af8a-1111-4222-8333-ae2280a6f400"}, "no such connection"),
        ({"interval": 0}, "interval: 0"),
        ({"since": "2090-01-01T00:00:00Z"}, "since: 2090-01-01T00:00:00Z is after the cloud's clock"),
    ],
)
def test_a_mistake_ends_it_at_the_start(watch, options, message):
    run = watch(**options)
    run.until(lambda run: run.error)
    assert message in str(run.error)


def test_a_cursor_that_cannot_be_written_ends_nothing(emulator, watch, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    run = watch(cursor_file=str(folder / "cursor"))
    run.until(polled(emulator))
    (folder / "cursor.lock").unlink()
    (folder / "cursor").unlink(missing_ok=True)
    moved = folder.rename(tmp_path / "moved")
    run.until(lambda run: "error" in run.types)
    emulator.change("renegotiated")
    run.until(lambda run: "entry" in run.types)
    moved.rename(folder)
    run.until(lambda run: "restored" in run.types)
    assert run.types.count("error") == 1
    assert run.events[0]["error"]["code"] == "E_CURSOR"


def test_repeats_are_held_back(emulator, watch):
    run = watch(name="hq-primary", debounce=3, kind="negotiation_failed")
    run.until(polled(emulator))
    entries = [{"fails": "flow mismatch", "in": f"{number * 100}ms"} for number in range(10)]
    emulator.change({"connections": {"hq-primary": {"logs": entries}}})
    run.until(lambda run: len(run.events) > 1)
    assert [event["repeated"] for event in run.events] == [0, 9]


def test_the_budget_stretches_the_interval_and_says_so_once(emulator, watch, caplog):
    caplog.set_level(logging.WARNING)
    run = watch(
        vpn_connection_id=[PRIMARY, BRANCH], project_id="0a1b2c3d4e5f60718293a4b5c6d7e8f9", requests_per_hour=3600
    )
    started = time.monotonic()
    run.until(polled(emulator, 4))
    assert time.monotonic() - started >= 5.5
    assert [record.message for record in caplog.records if "requests_per_hour" in record.message] == [
        "2 requests every 1 s are more than requests_per_hour allows (3600): the next reading is after 2 s"
    ]


def test_a_connection_that_comes_later_is_found(emulator, watch, monkeypatch):
    room = sys.modules[f"{source._COLLECTION}.plugin_utils._watch.reader"]
    monkeypatch.setattr(room, "_LIST_AGAIN", 1.0)
    run = watch()
    run.until(polled(emulator, 2))  # what was there at the first reading is not new
    emulator.change({"connections": {"new": {"logs": [{"fails": "flow mismatch"}]}, "branch": None}})
    run.until(lambda run: "entry" in run.types)
    assert {event["vpn_connection_name"] for event in run.events if event["type"] == "entry"} == {"new"}


def test_it_stops_at_once_while_the_service_hangs(emulator, watch):
    emulator.change({"faults": [{"path": "/log$", "delay": "60s", "times": "always"}]})
    run = watch(name="hq-primary")
    run.until(lambda _run: len(emulator.requests) >= 2)
    started = time.monotonic()
    run.stop()
    assert time.monotonic() - started < 30


def test_the_event_loop_is_never_blocked(emulator, watch):
    emulator.change({"faults": [{"path": "/log$", "delay": "2s", "times": 1}]})
    ticks = []

    async def main(queue, options):
        async def tick():
            while True:
                ticks.append(time.monotonic())
                await asyncio.sleep(0.02)

        ticking = asyncio.ensure_future(tick())
        try:
            await source.main(queue, options)
        finally:
            ticking.cancel()

    run = watch(main=main, name="hq-primary")
    run.until(polled(emulator))
    assert max(later - earlier for earlier, later in zip(ticks, ticks[1:])) < 1


def test_it_runs_by_its_path_as_ansible_rulebook_does_it():
    """Without the collection on any path, and so that the next file can be run like this, too."""
    program = """
import asyncio, runpy, sys
before = [*sys.path], [*sys.path_hooks]
for _time in range(2):
    module = runpy.run_path(sys.argv[1])
    try:
        asyncio.run(module["main"](None, {"region": "cn-north-4"}))
    except Exception as error:
        print(error)
assert before == (sys.path, sys.path_hooks)
"""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    command = [sys.executable, "-c", program, os.fspath(Path(source.__file__))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    assert done.stdout.count("access_key: no credentials") == 2
