# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chance against the client: bodies, raw answers, and cuts. The seed is fixed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from fault_model import GOOD, error_body
from fault_server import NOW, FaultServer, answer, chunked, http_date
from rig import Outcome, environment, play, refused, task

SEED = 20261123


def _chance() -> random.Random:
    return random.Random(SEED)  # noqa: S311 - the same in each run is what is wanted


@pytest.fixture
def many(whole: bool) -> Callable[[int, int], int]:
    """Choose how often: in the fast part, or in the whole."""
    return lambda fast, all_of_them: all_of_them if whole else fast


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Return the data with a few defects: flipped, dropped, doubled, moved, cut."""
    for _defect in range(chance.randrange(1, 5)):
        at, length = chance.randrange(len(data) + 1), chance.choice((1, 1, 2, 8, 64))
        form = chance.randrange(7)
        if form == 0:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        elif form == 1:
            data = data[:at] + data[at + length :]
        elif form == 2:
            data = data[:at] + data[at : at + length] * 2 + data[at + length :]
        elif form == 3:
            data = data[:at] + chance.choice(_TOKENS) + data[at:]
        elif form == 4:
            data = data[:at] + chance.choice(_TOKENS) + data[at + length :]
        elif form == 5:
            data = data[: max(at, 1)]
        else:
            data = data[at:] + data[:at]
        data = data or b"x"
    return data


_TOKENS = (
    *b'{ } [ ] , : " null true false 0 -1 1e999 NaN "logs" "raw_message" "time" "code" \\ud800 \\u0000'.split(),
    *(b"\xff", b"\xc3\x28", b"\r\n", b"\r\n\r\n", b"\x00", b" ", b"HTTP/1.1 200 OK\r\n"),
    *(b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"),
)


BODIES = [GOOD.encode(), error_body().encode(), json.dumps({"logs": [], "page_info": {}}).encode()]
ANSWERS = [answer(GOOD), chunked(GOOD.encode()), answer(error_body(), "404 Not Found"), answer("", "302 Go")]


@pytest.mark.parametrize(
    ("seeds", "whole_answer"), [(BODIES, answer), (ANSWERS, bytes)], ids=["bodies", "headers and framing"]
)
def test_mutated_answers(seeds: list[bytes], whole_answer: Callable[[bytes], bytes], many: Any) -> None:
    """Whatever JSON or no JSON, HTTP or none: an answer, or one of our errors, and never a bug of ours."""
    chance, number, accepted = _chance(), many(250, 10_000), 0
    script: list[bytes] = [b""]
    with FaultServer(script) as server, environment({}):
        for _number in range(number):
            seed = chance.choice(seeds).replace(NOW, http_date().encode())
            script[0] = whole_answer(mutated(chance, seed)).replace(NOW, http_date().encode())
            outcome = play(task(server.url, retries=0, timeout=10))
            accepted += judge_answer(outcome, script[0])
    assert 0 < accepted < number


def judge_answer(outcome: Outcome, data: bytes) -> bool:
    """Demand one of our errors, or an answer whose lines all came over the wire; tell which."""
    assert outcome.elapsed <= 11
    if not outcome.accepted:
        refused(outcome)
        assert outcome.code not in (None, "E_INTERNAL"), data
        return False
    assert data.count(b"raw_message") >= sum(line is not None for line in outcome.lines), data
    return True


def test_a_cut_is_never_accepted(many: Callable[[int, int], int]) -> None:
    """At whichever byte an answer ends too early."""
    for whole_answer in (answer(GOOD), chunked(*(GOOD[at : at + 50].encode() for at in range(0, len(GOOD), 50)))):
        data = whole_answer.replace(NOW, http_date().encode())
        # What stands behind the 0 of the last chunk says nothing any more.
        ends = range(len(data) - 4 if b"chunked" in data else len(data))
        script: list[bytes] = [b""]
        with FaultServer(script) as server, environment({}):
            for end in ends[:: many(7, 1)]:
                script[0] = data[:end]
                outcome = play(task(server.url, retries=0, timeout=10))
                refused(outcome)
            script[0] = data
            assert play(task(server.url, retries=0, timeout=10)).accepted
