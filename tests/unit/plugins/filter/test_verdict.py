# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter verdict and the test negotiated_cleanly, as Ansible calls them, on evidence from files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.huaweicloud.vpn.plugins.filter import verdict as plugin
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.logs import Reading, Target, assemble
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import Query, query_spec
from ansible_collections.huaweicloud.vpn.plugins.test import negotiated_cleanly as test_plugin

NOW = 1_764_000_000
HQ = Target("98c5af8a-1111-4222-8333-ae2280a6f4c3", "hq-primary")
FAILURE = {
    "time": NOW + 5,
    "raw_message": "2025-11-24T16:00:05.250000+00:00 host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] IPSec tunnel "
    "negotiation fails. (PeerAddress=[198.51.100.9], PeerPort=[500], Reason=[authentication fail])",
}


LONG_AGO = {
    "time": NOW - 9000,
    "raw_message": "2025-11-24T13:30:00.250000+00:00 host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] The IPSec tunnel "
    "is established. (PeerAddress=[198.51.100.9])",
}
STRANGE = {**FAILURE, "raw_message": FAILURE["raw_message"].replace("negotiation fails", "is in state 7")}


def evidence(*log, at=600, status="ACTIVE", error=None):
    values = {name: entry.get("default") for name, entry in query_spec().items()}
    reading = Reading([LONG_AGO, *log], "r1", NOW + at, NOW + at, {"id": HQ.id, "name": HQ.name, "status": status})
    return assemble([HQ], [error or reading], Query.from_options(values.get))


def verdict(*arguments, **options):
    return plugin.FilterModule().filters()["verdict"](*arguments, **options)


def negotiated_cleanly(value):
    return test_plugin.TestModule().tests()["negotiated_cleanly"](value)


def test_options_arrive():
    agreed = {"vpn_connection": HQ.id, "reason": "authentication fail", "until": "2026-01-01T00:00:00Z", "ticket": "C1"}
    assert verdict(evidence(FAILURE))["verdict"] == "fail"
    assert verdict(evidence(FAILURE), baseline=evidence(FAILURE, at=9))["verdict"] == "inconclusive"
    assert verdict(evidence(), evidence(at=0), quiet_for=601)["verdict"] == "inconclusive"
    assert verdict(evidence(), require=["traffic"])["verdict"] == "inconclusive"
    assert verdict(evidence(FAILURE), allow_recovered=True)["settled"] is False
    assert verdict(evidence(FAILURE), waivers=[agreed])["verdict"] == "pass"
    assert verdict(evidence(status="DOWN"))["settled"] is False
    assert verdict(evidence(), watched_from=evidence(at=590), quiet_for=11)["verdict"] == "inconclusive"
    assert verdict(evidence(), ha={"at_least": 2})["verdict"] == "inconclusive"
    (strange,) = verdict(evidence(STRANGE))["unrecognised"]
    for means, said in (("failure", "fail"), ("harmless", "pass")):
        assert (
            verdict(evidence(STRANGE), known_lines=[{"sentence": strange["sentence"], "means": means}])["verdict"]
            == said
        )
    with pytest.raises(AnsibleError, match="readings is of type str"):
        verdict(evidence(), readings="x")


@pytest.mark.parametrize("value", [None, [], {}, "", {"skipped": True}, {"failed": True, "msg": "x"}, [FAILURE]])
def test_anything_but_whole_evidence_raises_in_one_line(value):
    for name, judge in (("verdict", verdict), ("negotiated_cleanly", negotiated_cleanly)):
        with pytest.raises(AnsibleError) as error:
            judge(value)
        assert str(error.value).startswith(f"huaweicloud.vpn.{name}: the evidence ")
        assert "\n" not in str(error.value)


def test_an_unclear_policy_raises():
    with pytest.raises(AnsibleError, match=r"huaweicloud.vpn.verdict: allow_recovered: "):
        verdict(evidence(), allow_recovered="false")


def test_negotiated_cleanly():
    assert negotiated_cleanly(evidence()) is True
    with pytest.raises(AnsibleError, match="the status was not gathered: gather connection"):
        negotiated_cleanly(evidence(status=None))
    assert negotiated_cleanly(evidence(FAILURE)) is False
    assert negotiated_cleanly(evidence(status="DOWN")) is False
    with pytest.raises(AnsibleError, match=r"hq-primary: ERROR cannot be read: .*VPN.0304"):
        negotiated_cleanly(evidence(error=ApiError("old", code="VPN.0304", status=400)))


def test_the_documentation_fits():
    contained = yaml.safe_load(plugin.RETURN)["_value"]["contains"]
    judged = verdict(evidence(FAILURE))
    assert {*contained} == {*judged}
    assert {*contained["vpn_connections"]["contains"]} == {*judged["vpn_connections"][0]}
    assert yaml.safe_load(test_plugin.DOCUMENTATION)["name"] == "negotiated_cleanly"


def play(tmp_path, tasks, **variables):
    """Run tasks with ansible-playbook, and return its process."""
    book = tmp_path / "play.yml"
    head = {"hosts": "localhost", "gather_facts": False, "vars": variables}
    book.write_text(json.dumps([{**head, "tasks": tasks}]), encoding="utf-8")
    collections = next(path.parent for path in Path(plugin.__file__).parents if path.name == "ansible_collections")
    settings = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_HOME": str(tmp_path), "ANSIBLE_NOCOLOR": "1"}
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", str(book)]
    return subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)


def saved(tmp_path, before, after):
    files = {}
    for name, value in (("before_file", before), ("after_file", after)):
        (tmp_path / name).write_text(json.dumps(value), encoding="utf-8")
        files[name] = str(tmp_path / name)
    return files


TASKS = yaml.safe_load(plugin.EXAMPLES) + yaml.safe_load(test_plugin.EXAMPLES)


def test_the_examples_run_on_saved_evidence(tmp_path):
    process = play(tmp_path, TASKS, **saved(tmp_path, evidence(at=0), evidence()))
    assert process.returncode == 0, process.stdout
    assert "hq-primary: PASS no failed negotiation" in process.stdout
    assert "[WARNING]" not in process.stderr
    assert "[DEPRECATION" not in process.stderr


def test_the_examples_fail_with_the_diagnosis(tmp_path):
    files = saved(tmp_path, evidence(at=0), evidence(FAILURE))
    first = play(tmp_path, TASKS[:1], **files)
    assert first.returncode != 0
    assert "hq-primary: FAIL 1x" in first.stdout + first.stderr
    assert play(tmp_path, TASKS[2:], **files).returncode != 0


def test_templates_in_a_line_stay_text(tmp_path):
    bait = tmp_path / "bait"
    text = '{{ lookup("pipe", "touch %s") }}' % bait  # noqa: UP031 - braces
    hostile = {**FAILURE, "raw_message": FAILURE["raw_message"].replace("authentication fail", text)}
    files = saved(tmp_path, evidence(at=0), evidence(hostile))
    read = {"judged": "{{ lookup('file', after_file) | from_json | huaweicloud.vpn.verdict }}"}
    tasks = [
        {"ansible.builtin.set_fact": read},
        {"ansible.builtin.debug": {"msg": "{{ judged.message }} {{ judged }}"}},
    ]
    process = play(tmp_path, tasks, **files)
    assert process.returncode == 0, process.stdout
    assert "touch" in process.stdout
    assert not bait.exists()


def test_undefined_and_skipped_are_errors(tmp_path):
    skipped = {"ansible.builtin.command": "true", "when": False, "register": "evidence"}
    texts = ("{{ nothing | huaweicloud.vpn.verdict }}", "{{ evidence | huaweicloud.vpn.verdict }}")
    shown = [{"ansible.builtin.debug": {"msg": text}, "ignore_errors": True} for text in texts]
    process = play(tmp_path, [skipped, *shown])
    assert "ignored=2 " in process.stdout
    assert "undefined" in process.stdout + process.stderr
