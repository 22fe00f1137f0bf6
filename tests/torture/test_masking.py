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
from typing import Any

import canary_play
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

OLD, CALM, FAILED = entry(9000, None), entry(1800, None), entry(1200)


def evidence(entries: list[Any]) -> dict[str, Any]:
    """Return what the module makes of a log, as it is after the way through JSON."""
    now = time.time()
    reading = logs.Reading(entries, "request-0001", now, now, {"id": PRIMARY, "name": "hq-primary", "status": "ACTIVE"})
    query = Query.from_options({"gather": ["logs", "connection"], "since": "2h", "concurrency": 1}.get)
    found: dict[str, Any] = json.loads(json.dumps(logs.assemble([Target(PRIMARY)], [reading], query, compact=True)))
    return found


def verdict_of(found: Any, policy: Policy) -> str:
    """Return the verdict; a refusal to judge is one, too."""
    try:
        return str(judge(found, None, policy)["verdict"])
    except VpnError:
        return "refused"


def test_a_failure_whose_words_are_masked_is_refused() -> None:
    """Its number is of before; and even without that, a masked line is one that nobody understands."""
    found = evidence([OLD, CALM, FAILED])
    secret = re.findall("[!-~]{8,}", str(FAILED["raw_message"]))
    masked = remove_values(found, {word for word in secret if word.startswith(("negotiation", "authentication"))})
    assert "negotiation" not in json.dumps(masked["vpn_connections"][0]["log"])
    assert verdict_of(masked, Policy.from_options(require=[])) == "refused"
    masked["vpn_connections"][0].update(failures=0, unrecognised=0)
    assert verdict_of(masked, Policy.from_options(require=[])) == "inconclusive"


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
    assert verdict_of(good.answer, Policy()) == "fail"
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
