# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter parse_log, as Ansible calls it: every label of the corpus, and a clear no to what is no line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.huaweicloud.vpn.plugins.filter import parse_log as plugin
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.parser import parse_entry
from ansible_collections.huaweicloud.vpn.plugins.test import negotiation_failure as test_plugin

FIXTURES = Path(__file__).parents[2] / "fixtures"
CORPUS = [json.loads(line) for line in (FIXTURES / "log_corpus.jsonl").read_text("utf-8").splitlines()]
CASES = [json.loads(line) for line in (FIXTURES / "log_cases.jsonl").read_text("utf-8").splitlines()]
PUBLIC = {*parse_entry({})}
LINE = CORPUS[1]["raw_message"]


def parse_log(value):
    return plugin.FilterModule().filters()["parse_log"](value)


def entry_of(row):
    return {name: row[name] for name in ("time", "raw_message") if name in row}


@pytest.mark.parametrize("row", [row for row in CORPUS if row.get("strict") is not False], ids=lambda row: row["id"])
def test_corpus(row):
    event = parse_log(entry_of(row))
    for name, wanted in row["expect"].items():
        if name in PUBLIC - {*row.get("soft_fields", ())}:
            assert event[name] == wanted, name
    if isinstance(row.get("raw_message"), str):
        alone = parse_log(row["raw_message"])
        clocks = {"time", "timestamp", "anomalies"}
        assert {name: alone[name] for name in PUBLIC - clocks} == {name: event[name] for name in PUBLIC - clocks}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_cases(case):
    event = parse_log({**case["entry"], "vpn_connection_id": "x", "kind": "tunnel_established"})
    assert event == parse_entry(case["entry"])


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "null"),
        ([], "a list"),
        ([LINE], "a list"),
        ((LINE,), "a list"),
        ({}, "mapping without raw_message"),
        ({"skipped": True, "changed": False}, "mapping without raw_message"),
        ({"failed": True, "raw_message": LINE}, "result of a task"),
        ({"skipped": True, "time": 1}, "result of a task"),
        ({"logs": [], "time": 1}, "result of a task"),
        (1735024112, "int"),
        (True, "bool"),
        (LINE.encode(), "bytes"),
    ],
)
def test_anything_else_is_refused_in_one_line(value, named):
    with pytest.raises(AnsibleError) as error:
        parse_log(value)
    assert named in str(error.value)
    assert "raw_message (text)" in str(error.value)
    assert "\n" not in str(error.value)


def test_the_documentation_names_every_member():
    documented = yaml.safe_load(plugin.RETURN)["_value"]["contains"]
    assert {*documented} == PUBLIC
    assert yaml.safe_load(plugin.DOCUMENTATION)["name"] == "parse_log"


def test_the_documentation_names_every_anomaly():
    seen = {code for row in CORPUS for code in parse_entry(entry_of(row))["anomalies"]}
    seen |= {code for case in CASES for code in parse_entry(case["entry"])["anomalies"]}
    documented = " ".join(yaml.safe_load(plugin.RETURN)["_value"]["contains"]["anomalies"]["description"])
    assert {*re.findall(r"V\((\w+)\)", documented)} == seen


def play(tmp_path, tasks):
    """Run tasks with ansible-playbook, and return its process."""
    book = tmp_path / "play.yml"
    book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    collections = next(path.parent for path in Path(plugin.__file__).parents if path.name == "ansible_collections")
    settings = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_HOME": str(tmp_path), "ANSIBLE_NOCOLOR": "1"}
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", str(book)]
    return subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)


def test_the_examples_run(tmp_path):
    process = play(tmp_path, yaml.safe_load(plugin.EXAMPLES) + yaml.safe_load(test_plugin.EXAMPLES))
    assert process.returncode == 0, process.stdout
    assert "version mismatch (ike_version): compare " in process.stdout
    assert "[WARNING]" not in process.stderr
    assert "[DEPRECATION" not in process.stderr


def test_templates_in_a_line_stay_text(tmp_path):
    bait, log = tmp_path / "bait", tmp_path / "log"
    text = '{{ lookup("pipe", "touch %s") }}' % bait  # noqa: UP031 - braces
    log.write_text(LINE.replace("PolicyName=[]", f"PolicyName=[{text}]"), encoding="utf-8")
    read = {"event": f"{{{{ lookup('file', {str(log)!r}) | huaweicloud.vpn.parse_log }}}}"}
    tasks = [
        {"ansible.builtin.set_fact": read},
        {"ansible.builtin.debug": {"msg": "{{ event.fields.PolicyName }} {{ event }}"}},
    ]
    process = play(tmp_path, tasks)
    assert process.returncode == 0, process.stdout
    assert "touch" in process.stdout
    assert not bait.exists()


def test_the_undefined_is_an_error(tmp_path):
    texts = ("{{ nothing | huaweicloud.vpn.parse_log }}", "{{ nothing is huaweicloud.vpn.negotiation_failure }}")
    process = play(tmp_path, [{"ansible.builtin.debug": {"msg": text}, "ignore_errors": True} for text in texts])
    assert "ignored=2 " in process.stdout
    assert (process.stdout + process.stderr).count("is undefined") >= len(texts)
