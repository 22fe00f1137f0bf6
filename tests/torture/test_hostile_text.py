# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile text in every field that comes from the network does nothing: not in a terminal, a report, a file or a play.

And no line that somebody forges makes a verdict better than it is without that line.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import canary_play
import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import settings
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather import connections as _connections
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather import logs as _logs
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather import query as _query
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.selection import Target, unreadable_summary
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.judge import judge
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.policy import Policy
from canary_play import INFO, LOGS
from fault_model import PRIMARY, PROJECT, entry
from fault_server import FaultServer, answer
from hostile_texts import LINES, TEXTS, connections, gateways, harm, people_read, texts
from rig import environment

BADNESS = ("pass", "inconclusive", "error", "fail")


def options(url: str, **more: Any) -> dict[str, Any]:
    specs = {**settings.connection_spec(), **_query.query_spec(), **_query.selection_spec()}
    known = {name: spec.get("default") for name, spec in specs.items()}
    keys = {"access_key": "EMULATORACCESSKEY001", "secret_key": "emulator-secret-key-of-no-real-account-0001"}
    return {**known, **keys, "region": "cn-north-4", "project_id": PROJECT, "endpoint": url, "retries": 0, **more}


def scenario(found: dict[str, str]) -> dict[str, Any]:
    """Return a world in which each text has a connection of its own, with a healthy log."""
    return {
        "projects": [{"id": PROJECT, "name": "cn-north-4"}],
        "gateways": gateways(found),
        "connections": list(connections(found, lines=False).values()),
    }


def read(url: str, module: Any, query: Any, **more: Any) -> dict[str, Any]:
    get = options(url, **more).get
    with environment({}):
        return module.gather(settings.Connection.from_options(get), _query.Selection.from_options(get), query(get))


def read_all(url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what both modules answer about everything."""
    parts = ["logs", "connection", "ipsec_sas"]
    logs = read(url, _logs, _query.Query.from_options, gather=parts)
    return logs, read(url, _connections, _query.InfoQuery.from_options, gather=["gateway", "ipsec_sas"])


def attack(emulator: Any, found: dict[str, str]) -> None:
    """Write the lines."""
    made = connections(found, lines=True)
    emulator.change({"connections": {name: {"logs": row["logs"][1:]} for name, row in made.items()}})


def judged(emulator_module: Any, found: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return all answers, and the verdict on a world with these texts."""
    with emulator_module.Emulator(scenario(found)) as emulator:
        before, _shown = read_all(emulator.url)
        attack(emulator, found)
        after, shown = read_all(emulator.url)
    return [before, after, shown], judge(after, before, Policy.from_options(quiet_for=0), after)


# In this process.


@pytest.fixture(scope="module")
def everything(emulator_module):
    """All answers, and the verdict, on a world with all texts."""
    return judged(emulator_module, texts("bait"))


def test_what_people_read_of_answers_and_verdicts(everything):
    found = texts("bait")
    answers, verdict = everything
    lines = [line for part in (*answers, verdict) for line in people_read(part)]
    assert len(lines) > 10 * len(found)
    assert [what for what in map(harm, lines) if what] == []
    assert all("\n" not in line for part in answers for line in people_read(part))
    assert len(verdict["message"].split("\n")) == len(found)
    # What programs read is as the service sent it, but for what no file can hold.
    raw = {row["raw_message"] for row in answers[1]["logs"]}
    assert {found["colors"], found["bidi"], found["a template"], found["an end"]} <= raw


@pytest.mark.parametrize("where", LINES)
def test_a_forged_line_makes_no_verdict_better(where, whole):
    """Compared with the same world without that line."""
    # In the fast part each text stands in every fourth place, and each place has every fourth text.
    turn = [*LINES].index(where)
    forged = [text for number, text in enumerate(texts("bait").values()) if whole or (number + turn) % 4 == 0]
    now = time.time()
    good = entry(1800, None)
    worlds = {
        "healthy": ([entry(7200, None), good], "ACTIVE"),
        "failing": ([entry(7200, None), entry(1200)], "DOWN"),
        "silent": ([], "DOWN"),
        "old": ([entry(9000, None)], "ACTIVE"),
    }
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime(now - 60))
    for text in forged:
        line = {"time": int(now) - 60, "raw_message": LINES[where].replace("@", text).replace("{stamp}", stamp)}
        for name, (entries, status) in worlds.items():
            for policy in (Policy(), Policy.from_options(allow_recovered=True, require=[])):
                without = verdict_of(entries, status, now, policy)
                verdict = verdict_of([*entries, line], status, now, policy)
                if where == "all behind the stamp" and text == TEXTS["a success"]:
                    continue  # not forged: this is how a success reads
                assert BADNESS.index(verdict) >= BADNESS.index(without), (text, name, policy)


def verdict_of(entries: list[dict[str, Any]], status: str, now: float, policy: Policy) -> str:
    """Return the verdict on a log of the last hour, as it may be after the trip through JSON."""
    rows = json.loads(json.dumps(entries).replace("\\ud800", "x").replace("\\udfff", "x"))
    reading = _logs.Reading(rows, "r-1", now, now, {"id": PRIMARY, "status": status})
    query = _query.Query.from_options(options("http://127.0.0.1", since="1h").get)
    answer_ = _logs.assemble([Target(PRIMARY)], [reading], query)
    return str(judge(answer_, policy=policy)["verdict"])


def test_errors_of_the_service():
    """Code, message and request ID of an error, in every shape, and what of them is in headers."""
    for name, text in texts("bait").items():
        header = "".join(char for char in text if " " <= char <= "~")[:200]
        for status, body in (
            ("400 Bad Request", {"error_code": text, "error_msg": text, "request_id": text}),
            ("404 Not Found", {"code": text, "message": text}),
            ("500 Oops", {"error": {"code": text, "message": text}}),
            ("200 OK", {"errorCode": text, "errorMsg": text, "request_id": text}),
        ):
            script = [answer(json.dumps(body), status, f"X-Request-Id: {header}")]
            with FaultServer(script) as server:
                found = read(server.url, _logs, _query.Query.from_options, vpn_connection_id=[PRIMARY])
            lines = [*people_read(found), str(unreadable_summary(found))]
            assert len(lines) > 2, name
            assert [what for what in map(harm, lines) if what] == [], name


def test_names_that_are_asked_for(emulator_module):
    """An unknown name is answered with those that there are."""
    found = texts("bait")
    with emulator_module.Emulator(scenario(found)) as emulator, pytest.raises(VpnError) as error:
        read(emulator.url, _logs, _query.Query.from_options, name=[found["a forged recap"] + "x"])
    assert harm(str(error.value)) is None
    assert "PLAY RECAP" in str(error.value)


# Through ansible-playbook.

ROLE = "ansible.builtin.include_role"


def through_all(attack_file: Path) -> list[dict[str, Any]]:
    """Return a play in which hostile texts go all ways that we know."""
    return canary_play.play(
        {"name": "Read the logs", LOGS: {"gather": ["logs", "connection", "ipsec_sas"]}, "register": "logs"},
        {"name": "Read the connections", INFO: {}, "register": "info"},
        {"name": "Take", ROLE: {"name": "huaweicloud.vpn.tunnel_baseline"}},
        {
            "name": "Write the lines",
            "ansible.builtin.uri": {
                "url": "{{ url }}/emulator/change",
                "method": "POST",
                "src": str(attack_file),
                "headers": {"Content-Type": "application/json"},
                "use_proxy": False,
            },
        },
        {
            "name": "Verify",
            "block": [{"name": "Prove", ROLE: {"name": "huaweicloud.vpn.tunnel_verify"}}],
            "rescue": [{"name": "Keep it", "ansible.builtin.set_fact": {"kept_verdict": "{{ tunnel_verify_result }}"}}],
        },
        {
            "name": "Look up, and write down",
            "ansible.builtin.copy": {
                "content": "{{ [query(lookup_name, *ids), logs, info, kept_verdict] | to_json }}",
                "dest": "{{ kept }}/all.json",
                "mode": "0600",
            },
        },
        {
            "name": "Read back, and say it",
            "ansible.builtin.debug": {"msg": "{{ back[3].message.splitlines() + back[3].caveats }}"},
            "vars": {"back": "{{ lookup('ansible.builtin.file', kept ~ '/all.json') | from_json }}"},
        },
        {"name": "Ask for nobody by module", LOGS: {"name": ["nobody"]}, "ignore_errors": True},
    )


def clean(ended: canary_play.Ended) -> None:
    """What a terminal and a log show does nothing, and core's JUnit file is there."""
    log = (ended.left / "ansible.log").read_bytes().decode("utf-8", "surrogateescape")
    for text in (ended.said, log):
        lines = text.split("\n")
        assert [what for what in map(harm, lines) if what] == []
        assert sum(line.startswith("PLAY RECAP") for line in lines) <= 1
    (junit,) = ended.left.glob("junit/*.xml")
    assert ElementTree.parse(junit).findall(".//testcase")  # noqa: S314 - made by core on this machine


@pytest.mark.usefixtures("only_whole")
def test_plays_and_roles_obey_nothing(tmp_path, emulator_module):
    bait = tmp_path / "bait"
    found = texts(str(bait))
    kept, patch = tmp_path / "left", tmp_path / "attack.json"
    made = connections(found, lines=True)
    change = {"connections": {name: {"logs": row["logs"][1:]} for name, row in made.items()}}
    patch.write_text(json.dumps({"patch": change}), encoding="utf-8")
    variables = {
        "kept": str(kept),
        "ids": [*made],
        "lookup_name": "huaweicloud.vpn.vpn_connection_log",
        "tunnel_baseline_file": f"{kept}/before.json",
        "tunnel_verify_baseline_file": f"{kept}/before.json",
        "tunnel_verify_report_dir": f"{kept}/reports",
        **{"tunnel_verify_quiet_for": 0, "tunnel_verify_wait_sleep": 1, "tunnel_verify_wait_timeout": 5},
    }
    with emulator_module.Emulator(scenario(found)) as emulator:
        play = through_all(patch)
        ended = canary_play.run(tmp_path, play, {**variables, "url": emulator.url}, emulator.environment)
    assert ended.code == 0, ended.said
    assert not bait.exists()
    clean(ended)
    told = json.loads((kept / "all.json").read_text(encoding="utf-8"))
    assert told[3]["verdict"] == "fail"
    assert {row["name"] for row in told[1]["vpn_connections"]} >= {found["colors"], found["a template"]}
    suffixes = {path.suffix for path in (kept / "reports").iterdir()}
    assert suffixes == {".html", ".json", ".md", ".txt", ".xml"}
    for path in (kept / "reports").iterdir():
        text = path.read_text(encoding="utf-8")
        assert path.suffix == ".json" or harm(text) is None
