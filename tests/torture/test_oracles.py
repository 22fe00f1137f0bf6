# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each oracle is proved on a planted defect: one that misses it fails the suite."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import oracles
import pytest
import requests
from checks import check, verdict_of
from fault_model import ACCESS_KEY, BODY, LINES, SECRETS, Fault
from fault_server import FaultServer
from faults import BY_ID
from oracles import MissedError, Outcome
from pki import Authority
from rig import Stage, environment, play

pytestmark = pytest.mark.usefixtures("planted")
LINE = "the answer cannot be used: it is not JSON [E_CONTENT]"


def outcome(**changes: Any) -> Outcome:
    """Return what a good client makes of a page in place of a log, with these changes."""
    return Outcome(**{"accepted": False, "line": LINE, "code": "E_CONTENT", **changes})


def gullible(stage: Stage) -> Outcome:
    """A client that takes anything with status 200 for a log."""
    response = requests.get(stage.server.url, timeout=5)
    return outcome(accepted=response.ok, answer={"logs": []})


def chatty(stage: Stage) -> Outcome:
    """A client that shows what it got."""
    return outcome(line=f"no JSON: {requests.get(stage.server.url, timeout=5).text} [E_CONTENT]")


def stubborn(stage: Stage) -> Outcome:
    """A client that tries again what will not change."""
    for _attempt in range(3):
        requests.get(stage.server.url, timeout=5)
    return outcome()


def obedient(stage: Stage) -> Outcome:
    """A client that follows every redirect, with all its headers."""
    requests.get(stage.server.url, headers={"X-Auth-Token": SECRETS["auth_token"]}, timeout=5)
    return outcome(line="redirected to 127.0.0.1 [E_REDIRECT, HTTP 302]", code="E_REDIRECT")


def silent(stage: Stage) -> Outcome:
    """A client that sends nothing and makes something up."""
    return outcome()


def mute(stage: Stage) -> Outcome:
    """A client that fails without a word."""
    requests.get(stage.server.url, timeout=5)
    return outcome(line="")


def vague(stage: Stage) -> Outcome:
    """A client that does not say what is wrong."""
    requests.get(stage.server.url, timeout=5)
    return outcome(line="something went wrong", code=None)


def half_blind(stage: Stage) -> Outcome:
    """A client that fails, and yet hands on numbers that read as health."""
    requests.get(stage.server.url, timeout=5)
    return outcome(answer={"logs": [], "vpn_connections": [{"error": {"code": "x"}, "total": 0, "failures": 0}]})


PLANTED: dict[str, tuple[str, Callable[[Stage], Outcome], str]] = {
    "accepts a page": ("F090a", gullible, "accepted"),
    "accepts a name that occurs twice": ("F098a", gullible, "accepted"),
    "quotes a body": ("F090a", chatty, "body shows"),
    "tries again": ("F090a", stubborn, "3 requests, not 1"),
    "follows a redirect": ("F071-302", obedient, "1 requests, not 0"),
    "asks nobody": ("F090a", silent, "0 requests, not 1"),
    "says nothing": ("F090a", mute, "no line"),
    "says nothing of use": ("F090a", vague, "no code"),
    "hands on numbers": ("F090a", half_blind, "never read"),
}


@pytest.mark.parametrize("defect", PLANTED)
def test_a_planted_client_is_caught(
    defect: str, authority: Authority, folder: Path, count: Callable[..., None]
) -> None:
    """Through a real server."""
    number, client, caught = PLANTED[defect]
    stage = Stage(BY_ID[number], authority, folder)
    try:
        with environment({}):
            good = play(stage.options)
            check(stage, good)
            stage.server.requests.clear()
            stage.server.connections = 0
            planted = client(stage)
        with pytest.raises(MissedError, match=caught):
            check(stage, planted)
    finally:
        stage.close()
    count("planted defects caught")


def test_a_late_client_is_caught() -> None:
    """One that skips the deadline."""
    began = time.monotonic()
    time.sleep(0.3)
    with pytest.raises(MissedError):
        oracles.in_time(outcome(elapsed=time.monotonic() - began), 0.2)
    oracles.in_time(outcome(elapsed=0.1), 0.2)


SECRET = SECRETS["secret_key"]
LEAKS = {
    "plain": SECRET,
    "a part": SECRET[5:13],
    "base64": base64.b64encode(f"user:{SECRET}".encode()).decode(),
    "base64 without a prefix": base64.b64encode(SECRET.encode()).decode(),
    "hexadecimal": SECRET.encode().hex(),
    "upper case": SECRET.upper(),
    "backward": SECRET[::-1],
    "access key": ACCESS_KEY,
    "token": f"InvalidHeader: {SECRETS['auth_token'] + chr(10)!r}",
    "proxy": f"http://user:{SECRETS['proxy']}@127.0.0.1",
    "body": f"<h1>{BODY}</h1>",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_is_caught(leak: str, count: Callable[..., None]) -> None:
    """In every form."""
    with pytest.raises(MissedError):
        oracles.no_secret(f"a line with {LEAKS[leak]} in it")
    oracles.no_secret(LINE + ACCESS_KEY[:6])
    count("planted defects caught")


BAD_LINES = {
    "two lines": f"{LINE}\nPLAY RECAP",
    "escape": f"\x1b[2J{LINE}",
    "C1": f"\x9b{LINE}",
    "bidi": f"\u202e{LINE}",
    "separator": f"\u2028{LINE}",
    "too long": LINE * 9,
    "empty": "",
}


@pytest.mark.parametrize("defect", BAD_LINES)
def test_a_bad_line_is_caught(defect: str, count: Callable[..., None]) -> None:
    """In every form."""
    with pytest.raises(MissedError):
        oracles.one_line(outcome(line=BAD_LINES[defect]))
    oracles.one_line(outcome())
    count("planted defects caught")


def test_other_oracles_catch_theirs() -> None:
    """A traceback, another code, another log, a verdict on nothing."""
    fault = Fault("x", "x", ("E_CONTENT",), says=("JSON",))
    oracles.telling(outcome(), fault)
    for bad in (outcome(code="E_OTHER"), outcome(line="not JSON [E_OTHER]", code=None), outcome(line="[E_CONTENT]")):
        with pytest.raises(MissedError):
            oracles.telling(bad, fault)
    with pytest.raises(MissedError):
        oracles.no_traceback(outcome(seen='x\nTraceback (most recent call last):\n  File "x", line 1\n'))
    accepted = outcome(accepted=True, answer={"logs": [{"raw_message": line} for line in LINES[1:]]})
    for bad in (accepted, outcome()):
        with pytest.raises(MissedError):
            oracles.whole(bad, LINES)
    assert verdict_of(accepted).startswith("refused")


def test_a_server_that_is_not_closed_shows() -> None:
    """The last check of the run sees threads that were left."""
    server = FaultServer([60.0])
    with pytest.raises(requests.RequestException):
        requests.get(server.url, timeout=0.2)
    assert server.alive == 2
    server.close()
    assert server.alive == 0
