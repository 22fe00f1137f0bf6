# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A log whose text equals a secret: it shows no secret, and whatever is masked in it does not read as health.

Three have a hand in it. Our client changes no evidence: it masks only what the service says of errors. ansible-core
masks a module's secrets in all that the module returns, before ansible-core 2.22 also in what is registered, so that
the filter judges masked evidence. And what a lookup returns is as it came: core knows no secrets of a lookup.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import canary_play
import pytest
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather import logs
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import Query
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.selection import Target
from ansible_collections.huaweicloud.vpn.plugins.module_utils._sanitize import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.judge import judge
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.policy import Policy
from canary import CANARIES, Scanner
from canary_play import LOGS
from canary_server import KEYS
from fault_model import PRIMARY, PROJECT, body, entry, error_body
from fault_server import FaultServer, answer
from rig import environment, play, task

BADNESS = ("pass", "inconclusive", "error", "fail", "refused")
SECONDARY = PRIMARY[:-1] + "0"
OLD, CALM, FAILED = entry(9000, None), entry(1800, None), entry(1200)
NAMES = {PRIMARY: "hq-primary-tunnel", SECONDARY: "hq-secondary-tunnel"}
WORLDS: dict[str, dict[str, tuple[list[Any], str]]] = {
    "healthy": {PRIMARY: ([OLD, CALM], "ACTIVE"), SECONDARY: ([OLD], "ACTIVE")},
    "one failed": {PRIMARY: ([OLD, CALM, FAILED], "ACTIVE"), SECONDARY: ([OLD], "ACTIVE")},
    "the other failed": {PRIMARY: ([OLD], "ACTIVE"), SECONDARY: ([OLD, FAILED, CALM], "DOWN")},
    "failed for a reason that nobody knows": {PRIMARY: ([OLD, entry(1200, "sorry, no more")], "ACTIVE")},
    "down": {PRIMARY: ([OLD], "DOWN")},
}
POLICIES = {
    "as it is": Policy(),
    "nothing required": Policy.from_options(require=[]),
    "recovered": Policy.from_options(allow_recovered=True, require=[]),
}


def evidence(world: dict[str, tuple[list[Any], str]], *, compact: bool) -> dict[str, Any]:
    """Return what the module makes of a world, as it is after the way through JSON."""
    now = time.time()
    readings = [
        logs.Reading(entries, "request-0001", now, now, {"id": key, "name": NAMES[key], "status": status})
        for key, (entries, status) in world.items()
    ]
    targets = [Target(key, NAMES[key]) for key in world]
    query = Query.from_options({"gather": ["logs", "connection"], "since": "2h", "concurrency": 1}.get)
    found: dict[str, Any] = json.loads(json.dumps(logs.assemble(targets, readings, query, compact=compact)))
    return found


def verdict_of(found: Any, baseline: Any, policy: Policy) -> str:
    """Return the verdict; a refusal to judge is the worst."""
    try:
        return str(judge(found, baseline, policy)["verdict"])
    except VpnError:
        return "refused"


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text and number of an answer that a secret could equal."""
    if isinstance(value, dict):
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)
    elif value is not None:
        yield str(value)


def secrets_in(found: Any, step: int) -> list[str]:
    """Return what is fit to be a secret and stands somewhere in an answer: whole words, and their parts."""
    known: set[str] = set()
    for text in texts_of(found):
        for word in re.findall("[!-~]{8,}", text):
            known.update({word, *(word[at : at + 8] for at in range(len(word) - 7))})
            known.update(word[at : at + 13] for at in range(0, len(word) - 12, 3))
    return sorted(known)[::step]


@pytest.mark.parametrize("compact", [False, True], ids=["logs", "compact"])
@pytest.mark.parametrize("name", WORLDS)
def test_what_core_masks_makes_no_verdict_better(name: str, compact: bool, whole: bool) -> None:
    """Whatever of an answer a secret may equal: with core's own masking, with a baseline and without."""
    found, before = evidence(WORLDS[name], compact=compact), evidence(WORLDS["healthy"], compact=compact)
    baseline = {**before, "server_time": "2026-01-01T00:00:00Z"} if set(WORLDS[name]) == set(NAMES) else None
    changed = 0
    for secret in secrets_in(found, 1 if whole else 7):
        masked = remove_values(found, {secret})
        changed += masked != found
        for policy in POLICIES.values():
            for earlier in {id(one): one for one in (None, baseline)}.values():
                clean = verdict_of(found, earlier, policy)
                after = verdict_of(masked, remove_values(earlier, {secret}), policy)
                assert BADNESS.index(after) >= BADNESS.index(clean), (secret, clean, after)
    assert changed > 10


def test_a_failure_whose_words_are_masked_is_refused() -> None:
    """Its number is of before; and even without that, a masked line is one that nobody understands."""
    found = evidence(WORLDS["one failed"], compact=True)
    secret = re.findall("[!-~]{8,}", str(FAILED["raw_message"]))
    masked = remove_values(found, {word for word in secret if word.startswith(("negotiation", "authentication"))})
    assert "negotiation" not in json.dumps(masked["vpn_connections"][0]["log"])
    assert verdict_of(masked, None, Policy.from_options(require=[])) == "refused"
    masked["vpn_connections"][0].update(failures=0, unrecognised=0)
    assert verdict_of(masked, None, Policy.from_options(require=[])) == "inconclusive"


# Parts of these secrets are what logs, names and errors say.
ALIKE = {"secret_key": "authentication-negotiation-fails", "security_token": "hq-primary-tunnel-no-more"}


def test_our_own_masking_touches_errors_and_no_evidence() -> None:
    """Reason, text and name keep what equals a part of a secret; the words of an error do not."""
    entries = [entry(9000, None), entry(1200, "authentication fail")]
    shown = {"vpn_connection": {"id": PRIMARY, "name": "hq-primary-tunnel", "status": "ACTIVE"}}
    with FaultServer([answer(body(*entries))], [answer(json.dumps(shown))]) as server, environment({}):
        good = play(task(server.url, **ALIKE, gather=["logs", "connection"], since="2h", retries=0))
    assert good.accepted, good.line
    assert good.lines == (entries[1]["raw_message"],)
    (row,) = good.answer["vpn_connections"]
    assert row["name"] == row["connection"]["name"] == "hq-primary-tunnel"
    assert "authentication fail" in row["summary"]
    assert MASK not in json.dumps(good.answer)
    assert verdict_of(good.answer, None, Policy()) == "fail"
    told = answer(error_body("APIGW.0101", "the authentication of hq-primary-tunnel"), "404 Not Found")
    with FaultServer([told]) as server, environment({}):
        bad = play(task(server.url, **ALIKE, retries=0))
    assert f"'the {MASK} of {MASK}'" in bad.line
    assert "APIGW.0101" in bad.line


# With quotes and a backslash: in what JSON makes of it, too, it must not show.
QUOTED = {name: CANARIES[name] for name in KEYS}


def test_a_secret_that_is_logged_does_not_leave_the_module(tmp_path: Any) -> None:
    """The line of a failure quotes every secret; the play shows all that it got, and the verdict is the same."""
    quoting = [OLD, entry(1200, f"authentication fail {' '.join(QUOTED.values())}")]
    read = {
        "name": "Read",
        LOGS: {
            **{"vpn_connection_id": [PRIMARY], "region": "cn-north-4", "project_id": PROJECT, "endpoint": "{{ url }}"},
            **{"gather": ["logs"], "since": "2h", "compact": True, "retries": 0},
        },
        "register": "got",
    }
    show = {"name": "Show", "ansible.builtin.debug": {"var": "got"}}
    verdict = {
        "name": "Judge",
        "ansible.builtin.debug": {"msg": "{{ (got | huaweicloud.vpn.verdict(require=[])).message }}"},
        "register": "said",
        "ignore_errors": True,
    }
    end = {
        "name": "Assert that it failed",
        "ansible.builtin.assert": {"that": "said is failed or ': FAIL ' in said.msg", "quiet": True},
    }
    env = {f"HW_{name.upper()}": secret for name, secret in QUOTED.items()}
    with FaultServer([answer(body(*quoting))]) as server:
        plays = canary_play.play(read, show, verdict, end)
        ended = canary_play.run(tmp_path, plays, {"url": server.url}, env, "-vvv")
    assert ended.code == 0, ended.said
    assert "authentication fail" in ended.said
    scanner = Scanner(QUOTED)
    assert [*scanner.text(ended.said, "terminal"), *scanner.tree(ended.left)] == []
