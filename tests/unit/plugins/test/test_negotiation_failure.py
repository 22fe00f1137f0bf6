# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test negotiation_failure: true or false for what is understood, an error for everything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.parser import parse_entry
from ansible_collections.huaweicloud.vpn.plugins.test import negotiation_failure as plugin

FIXTURES = Path(__file__).parents[2] / "fixtures"
CORPUS = [json.loads(line) for line in (FIXTURES / "log_corpus.jsonl").read_text("utf-8").splitlines()]
CASES = [json.loads(line) for line in (FIXTURES / "log_cases.jsonl").read_text("utf-8").splitlines()]
ENTRIES = [({name: row[name] for name in ("time", "raw_message") if name in row}, row["expect"]) for row in CORPUS]
ENTRIES += [(case["entry"], case["expect"]) for case in CASES if "kind" in case["expect"]]
FAILURE = CORPUS[1]["raw_message"]
UP = next(row["raw_message"] for row in CORPUS if row["expect"]["kind"] == "tunnel_established")


def negotiation_failure(value):
    return plugin.TestModule().tests()["negotiation_failure"](value)


@pytest.mark.parametrize(("entry", "labels"), ENTRIES)
def test_every_entry_is_judged_or_refused(entry, labels):
    whole = {"vpn_connection_id": "x", **parse_entry(entry)}
    for value in [entry, whole, *([entry["raw_message"]] if isinstance(entry.get("raw_message"), str) else [])]:
        if labels["kind"] in ("unknown", "unparsed"):
            with pytest.raises(AnsibleError) as error:
                negotiation_failure(value)
            assert str(error.value).isprintable()
        else:
            assert negotiation_failure(value) is (labels["kind"] == "negotiation_failed")


@pytest.mark.parametrize(
    "value",
    [
        *(
            None,
            [],
            {},
            (),
            0,
            1,
            False,
            True,
            b"",
            [FAILURE],
            [{"raw_message": UP}],
            "",
            "   ",
            "__omit_place_holder__1",
        ),
        *({"skipped": True, "changed": False}, {"failed": True, "msg": "x"}, {"failed": True, "raw_message": UP}),
        *({"skipped": True, "raw_message": UP}, {"logs": [], "raw_message": UP}, {"logs": []}, {"kind": "noise"}),
        *({"results": []}, {"raw_message": None}, {"raw_message": ""}, {"raw_message": [UP]}, {"time": 1}),
        *({"time": 1, "kind": "tunnel_established"}, {"raw_message": "x", "kind": "tunnel_established"}),
    ],
    ids=repr,
)
def test_what_is_not_understood_is_never_false(value):
    with pytest.raises(AnsibleError) as error:
        negotiation_failure(value)
    assert "huaweicloud.vpn.negotiation_failure" in str(error.value)
    assert "\n" not in str(error.value)


def test_what_was_found_to_be_a_failure_stays_one():
    assert negotiation_failure({"kind": "negotiation_failed", "raw_message": "gone"}) is True
    assert negotiation_failure({"kind": "negotiation_failed", "raw_message": UP}) is True
    assert negotiation_failure({"kind": "tunnel_established", "outcome": "success", "raw_message": FAILURE}) is True


def test_a_hostile_line_is_shown_without_harm():
    with pytest.raises(AnsibleError) as error:
        negotiation_failure("\x1b[2J\u202e" + "x" * 1000)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 400


def test_the_documentation_fits():
    assert yaml.safe_load(plugin.DOCUMENTATION)["name"] == "negotiation_failure"
    assert yaml.safe_load(plugin.RETURN)["_value"]["type"] == "bool"
    tasks = yaml.safe_load(plugin.EXAMPLES)
    assert negotiation_failure(tasks[0]["vars"]["line"]) is True
    assert all(map(negotiation_failure, tasks[1]["vars"]["answer"]["logs"]))
