# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that need more than one exchange: sequences, several tunnels, connections that are used again, clocks."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from fault_model import GOOD, GOOD_ANSWER, LINES, error_body, html
from fault_server import FOR_EVER, RESET, FaultServer, Script, answer, chunked
from rig import environment, play, refused, task

SEED = 20261123
IDS = [f"98c5af8a-1111-4222-8333-ae2280a6f4{number:02}" for number in range(10)]
TRANSIENT: dict[str, Script] = {
    "closed": [],
    "reset": [RESET],
    "500": [answer("{}", "500 No")],
    "502 with a page": [html("502 Bad Gateway")],
    "503": [answer(error_body(), "503 No")],
    "504": [answer("", "504 No")],
    "408": [answer("", "408 No")],
    "throttled": [answer(error_body(), "429 No")],
    "busy": [answer(error_body("VPN.0030"), "400 No")],
    "cut body": [answer(GOOD, length=f"Content-Length: {len(GOOD) + 1}")],
    "cut header": [b"HTTP/1.1 200 OK\r\nContent-Le"],
    "no last chunk": [chunked(GOOD.encode(), end=b"")],
    "reset in the body": [answer(GOOD, length=f"Content-Length: {len(GOOD) + 1}"), RESET],
    "noise": [b"\x00\xff\r\n\r\n"],
}


@pytest.mark.usefixtures("no_waiting")
def test_transient_sequences_recover(whole: bool) -> None:
    """Up to three faults, then a good answer: the same as if nothing had been."""
    chance = random.Random(SEED)  # noqa: S311 - the same in each run is what is wanted
    sequences = [[name] for name in TRANSIENT]
    sequences += [chance.choices([*TRANSIENT], k=chance.randrange(2, 4)) for _number in range(2400 if whole else 60)]
    with environment({}):
        for names in sequences:
            with FaultServer(*(TRANSIENT[name] for name in names), [GOOD_ANSWER]) as server:
                outcome = play(task(server.url, retries=3))
                assert outcome.lines == LINES, names
                assert len(server.requests) == len(names) + 1


def test_a_refusal_costs_one_request() -> None:
    """However many tunnels, and however many side by side."""
    refusal = answer(error_body("APIGW.0301", "verify aksk signature fail"), "401 No")
    for width in (1, 8, 32):
        with FaultServer([0.05, refusal]) as server, environment({}):
            assert not play(task(server.url, vpn_connection_id=IDS, concurrency=width, retries=3)).accepted
            assert len(server.requests) == 1


def test_some_of_many_tunnels_fail() -> None:
    """The whole is refused, what the others said is kept, and the line names those that failed."""
    missing = [answer(error_body("VPN.0004"), "404 No")]
    scripts = [missing if number in (2, 5, 9) else [GOOD_ANSWER] for number in range(10)]
    with FaultServer(*scripts, keep=True) as server, environment({}):
        outcome = play(task(server.url, vpn_connection_id=IDS, concurrency=1, retries=2))
    assert not outcome.accepted
    assert "3 of 10" in outcome.line
    assert [IDS[number] in outcome.line for number in (2, 5, 9)] == [True] * 3, outcome.line
    assert len(outcome.lines) == 7 * len(LINES)
    failed = [row for row in outcome.answer["vpn_connections"] if row["error"]]
    assert [row["id"] for row in failed] == [IDS[number] for number in (2, 5, 9)]
    assert all(row["total"] is None for row in failed)


BEHIND = {
    "another answer": answer('{"logs": []}'),
    "very many answers": answer('{"logs": []}') * 2000,
    "a blank line": b"\r\n",
    "half an answer": b"HTTP/1.1 200 OK\r\n",
}


@pytest.mark.parametrize("what", BEHIND)
def test_bytes_behind_an_answer_are_nobody_s_answer(what: str) -> None:
    """Else the next request would get an answer that nobody asked for."""
    with FaultServer([GOOD_ANSWER + BEHIND[what]], keep=True) as server, environment({}):
        outcome = play(task(server.url, vpn_connection_id=IDS, concurrency=1, retries=0))
    assert outcome.accepted
    assert outcome.lines == tuple(line for line in LINES for _each in IDS)


def test_a_connection_that_went_away_is_opened_anew() -> None:
    """A server may close what was kept open, at any moment."""
    scripts = [[GOOD_ANSWER], [GOOD_ANSWER, RESET]] * 5
    with FaultServer(*scripts, keep=True) as server, environment({}):
        outcome = play(task(server.url, vpn_connection_id=IDS, concurrency=1, retries=3))
    assert outcome.accepted


def test_a_clock_that_jumps_moves_no_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines are kept by a clock that nobody sets."""
    jumps = itertools.cycle([0, 3600, -3600])
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps))
    with environment({}):
        with FaultServer([FOR_EVER]) as server:
            outcome = play(task(server.url, timeout=1))
            refused(outcome)
            assert 0.9 < outcome.elapsed < 2
        with FaultServer([GOOD_ANSWER]) as server:
            assert play(task(server.url, timeout=1)).accepted
