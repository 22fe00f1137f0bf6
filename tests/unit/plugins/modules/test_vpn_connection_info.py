# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as a task runs it: its documentation says what it takes and returns, and its examples run."""

from __future__ import annotations

from functools import partial

import pytest
import yaml
from ansible_collections.huaweicloud.vpn.plugins.modules import vpn_connection_info as module

ANSWER = yaml.safe_load(module.RETURN)


@pytest.fixture
def ask(play, emulator):
    """Run tasks against the emulator; return the process of ansible-playbook."""
    return partial(play, **emulator.environment)


def returned(ask, **options):
    """Run the module and return its result, but for its message."""
    process = ask([{"huaweicloud.vpn.vpn_connection_info": options, "ignore_errors": True}])
    assert process.returncode == 0, process.stdout
    (result,) = process.results
    assert result.pop("changed") is False
    return {name: value for name, value in result.items() if name not in ("failed", "msg")}


def misfits(documented, value, path):
    """Yield where a value is not what RETURN says: a member too many or too few, or another type."""
    kinds = {"str": str, "int": int, "float": (int, float), "bool": bool, "list": list, "dict": dict}
    if value is None:
        return
    if not isinstance(value, kinds[documented["type"]]) or (documented["type"] == "int" and isinstance(value, bool)):
        yield f"{path}: {value!r} is no {documented['type']}"
        return
    contains = documented.get("contains")
    for item in value if isinstance(value, list) else [value]:
        if contains:
            yield from (f"{path}.{name}" for name in set(contains) ^ set(item))
            for name in set(contains) & set(item):
                yield from misfits(contains[name], item[name], f"{path}.{name}")


FULL = {
    "tags": [{"key": "site", "value": "hq"}],
    "policy_rules": [{"rule_index": 1, "source": "10.0.0.0/24", "destination": ["192.168.0.0/24"]}],
    "bgp_peer": {"peer_ip_address": "169.254.56.2", "peer_asn": 65001, "state": "Established"},
}


def test_what_is_returned_is_what_is_documented(ask, emulator):
    emulator.change({"connections": {"branch": FULL}})
    result = returned(ask, name=["branch", "hq-primary"])
    assert {*result} == {*ANSWER} - {"error"}
    assert [misfit for name in result for misfit in misfits(ANSWER[name], result[name], name)] == []
    full = result["vpn_connections"][0]
    assert {name for name, value in full.items() if value is None} == {"connection_monitor_id", "error"}
    assert (full["tags"], full["policy_rules"]) == (FULL["tags"], FULL["policy_rules"])


def test_an_unread_connection_is_documented_too(ask, emulator):
    emulator.change({"faults": [{"path": "/vpn-connection/", "status": 400, "times": "always"}]})
    result = returned(ask, name=["branch"])
    assert [misfit for name in result for misfit in misfits(ANSWER[name], result[name], name)] == []
    assert result["vpn_connections"][0]["error"]["code"] == "VPN.0001"
    failed = returned(ask, name=["unheard-of"])
    assert {*failed} == {"error"}
    assert {*failed["error"]} == {*ANSWER["error"]["sample"]}


def samples(documented, path):
    """Yield the path and the entry of every member that has none below it."""
    for name, entry in documented.items():
        if "contains" in entry:
            yield from samples(entry["contains"], f"{path}.{name}")
        else:
            yield f"{path}.{name}", entry


def test_every_member_has_a_sample_of_its_type():
    entries = list(samples(ANSWER, "RETURN"))
    assert len(entries) > 70
    assert [path for path, entry in entries if "sample" not in entry] == []
    assert [misfit for path, entry in entries for misfit in misfits(entry, entry["sample"], path)] == []


def test_the_examples_run(ask):
    process = ask(yaml.safe_load(module.EXAMPLES))
    assert process.returncode == 0, process.stdout
    assert "hq-primary: rekey within 3600 s" in process.stdout
    assert "[WARNING]" not in process.stderr
    assert "[DEPRECATION" not in process.stderr


def test_the_examples_fail_for_a_tunnel_that_is_down_and_list_what_is_too_old(ask, emulator):
    emulator.change({"connections": {"hq-secondary": {"status": "DOWN"}}})
    emulator.change({"gateways": {"branch-gateway": {"supported_features": []}}})
    tasks = yaml.safe_load(module.EXAMPLES)
    process = ask(tasks[:2])
    assert process.returncode == 2
    assert "hq-secondary: DOWN" in process.stdout + process.stderr
    process = ask(tasks[-2:])
    assert process.returncode == 0, process.stdout
    assert '"branch"' in process.stdout
    assert '"hq-primary"' not in process.stdout
