# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chance against the client: IDs, projects, regions, endpoints, bodies and raw answers. Seeds are fixed."""

from __future__ import annotations

import json
import random
import socket
import string
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fault_model import ACCESS_KEY, GOOD, PRIMARY, PROJECT, SECRETS, error_body
from fault_server import NOW, FaultServer, answer, chunked, http_date
from rig import Outcome, environment, play, refused, task

SEED = 20261123
_NASTY = "./\\%?#;&=:@ \t\r\n\x00\x1b\x7f\x85\xa0\u200b\u202e\u2028\ufeff\uff11\uff0f\u0661\u0130\U0001f512"
_NASTY += "'\"{}[]<>|^`~!$*()+,"
_ALPHABETS = ("0123456789abcdef-", string.ascii_letters + string.digits + "-_", _NASTY, _NASTY + "0123456789abcdef-")
_PIECES = ("..", "../", "%2e%2e", "%2f", "%00", "\r\n", "//", "?a=b", "#", "\\", "/../log", "@evil.example", "{{ 1 }}")


def _chance() -> random.Random:
    return random.Random(SEED)  # noqa: S311 - the same in each run is what is wanted


@pytest.fixture
def many(whole: bool) -> Callable[[int, int], int]:
    """Choose how often: in the fast part, or in the whole."""
    return lambda fast, all_of_them: all_of_them if whole else fast


def words(number: int, good: list[str]) -> Iterator[str]:
    """Yield texts: good ones, good ones with a small defect, and noise."""
    chance = _chance()
    for _number in range(number):
        form = chance.randrange(10)
        text = chance.choice(good)
        if form == 0:
            yield chance.choice((text, text.upper(), text.title(), text.swapcase()))
        elif form < 6:
            at = chance.randrange(len(text) + 1)
            piece = chance.choice((*_PIECES, chance.choice(chance.choice(_ALPHABETS))))
            yield text[:at] + piece + text[at + chance.randrange(3) :]
        else:
            alphabet = chance.choice(_ALPHABETS)
            yield "".join(chance.choice(alphabet) for _char in range(chance.choice((0, 1, 2, 8, 32, 36, 64, 65, 300))))


def sent(emulator: Any) -> list[dict[str, Any]]:
    """Return the requests since the last call."""
    requests: list[dict[str, Any]] = emulator.requests
    emulator.clear_requests()
    return requests


def options_for(emulator: Any, **changes: Any) -> dict[str, Any]:
    """Return options with which the emulator takes our signature."""
    key, credential = next(iter(emulator.world.credentials.items()))
    keys = {"access_key": key, "secret_key": credential["secret_key"], "retries": 0, "iam_endpoint": emulator.url}
    return task(emulator.url, **{**keys, **changes})


def judge_path(emulator: Any, outcome: Outcome, value: str, wanted: str) -> bool:
    """Demand that nothing was sent, or exactly this path, and that the emulator took the signature; tell which."""
    requests = sent(emulator)
    if not requests:
        refused(outcome)
        assert outcome.code == "E_CONFIG", value
        return False
    assert [request["path"] for request in requests] == [wanted], value
    assert requests[0]["authenticated"], f"{value!a}: the signature is of another path"
    return True


@pytest.mark.parametrize("option", ["vpn_connection_id", "project_id", "region"])
def test_what_becomes_part_of_a_path(option: str, many: Callable[[int, int], int], emulator_module: Any) -> None:
    """Either it is refused before a packet leaves, or the path is the template, and what was signed is what came."""
    good = {"vpn_connection_id": [PRIMARY], "project_id": [PROJECT], "region": ["cn-north-4", "eu-west-101"]}[option]
    number, accepted = many(170, 10_000), 0
    with emulator_module.Emulator() as emulator, environment({}):
        for value in words(number, good):
            if option == "vpn_connection_id":
                outcome = play(options_for(emulator, vpn_connection_id=[value]))
                wanted = f"/v5/{PROJECT}/vpn-connection/{value.strip()}/log"
                if not value.strip():  # as if it were not given: those of the project are read
                    sent(emulator)
                    continue
            elif option == "project_id":
                outcome = play(options_for(emulator, project_id=value))
                wanted = f"/v5/{value}/vpn-connection/{PRIMARY}/log"
                if not value:  # as if it were not given: the project is looked up
                    sent(emulator)
                    continue
            else:
                unknown = value != "cn-north-4" and bool(value)
                outcome = play(options_for(emulator, region=value, project_id=None if unknown else PROJECT))
                wanted = f"/v3/projects?name={value}" if unknown else f"/v5/{PROJECT}/vpn-connection/{PRIMARY}/log"
            accepted += judge_path(emulator, outcome, value, wanted)
    assert 0 < accepted < number


ENDPOINTS = (
    *("https://evil.example", "https://evil.example:8443", "https://vpn.cn-north-4.myhuaweicloud.com.evil.example"),
    *("https://vpn-cn-north-4.myhuaweicloud.example", "https://xn--vpn-huawei-cloud.example", "http://evil.example"),
    *(
        "http://169.254.169.254",
        "https://169.254.169.254",
        "https://[fe80::a9fe:a9fe]",
        "https://[::ffff:169.254.169.254]",
    ),
    *("http://127.0.0.1@evil.example", "http://127.0.0.1:80@evil.example", "http://evil.example#127.0.0.1"),
    *("http://evil.example?127.0.0.1", "http://evil.example/127.0.0.1", "http://127.0.0.1.evil.example"),
    *("http://localhost.evil.example", "http://0x7f000001", "http://2130706433", "http://127.1", "http://0177.0.0.1"),
    *("http://[::ffff:127.0.0.1]", "http://[::]", "http://0.0.0.0", "http://127.0.0.1\\@evil.example"),
    *("http://\uff4cocalhost", "http://127\u30020.0.1", "https://evil.example\u2024com", "HTTP://EVIL.EXAMPLE"),
    *("http:evil.example", "http:///evil.example", "https:evil.example", "javascript://evil.example", "http://"),
    *("ws://127.0.0.1", "https+unix://127.0.0.1", " https://evil.example", "https://evil.example\r\nHost: x"),
)


class Sink(FaultServer):
    """Every host of the world: notes the first bytes it is sent, and hangs up."""

    def receive(self, peer: socket.socket) -> bytes:
        """Read once, and never answer."""
        self.requests.append(peer.recv(65536))
        return b""

    def demand_nothing(self) -> None:
        """Demand that no credential came, neither the key nor what is made with it."""
        heard = b"".join(self.requests).decode("latin-1")
        for key in (ACCESS_KEY, SECRETS["secret_key"], SECRETS["auth_token"], "SDK-HMAC", "X-Auth-Token"):
            assert key not in heard


@pytest.mark.parametrize("option", ["endpoint", "iam_endpoint"])
@pytest.mark.parametrize("tls", [False, True])
def test_hostile_endpoints(option: str, tls: bool, resolver: Any, authority: Any) -> None:
    """Wherever they lead, no credential goes there, not even where somebody answers in plain text."""
    token = {"access_key": None, "secret_key": None, "auth_token": SECRETS["auth_token"]}
    with Sink(tls=authority.context("stranger") if tls else None) as sink, environment({}):
        resolver.SINK = sink.port
        for endpoint in ENDPOINTS:
            changes = {"project_id": PROJECT if option == "endpoint" else None, "retries": 0, option: endpoint}
            for credentials in ({}, token):
                outcome = play({**task("https://vpn.torture.test"), **changes, **credentials})
                refused(outcome)
        sink.demand_nothing()


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
