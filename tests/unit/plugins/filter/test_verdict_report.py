# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter verdict_report, as Ansible calls it, on verdicts of the filter verdict."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.huaweicloud.vpn.plugins.filter import verdict as verdict_plugin
from ansible_collections.huaweicloud.vpn.plugins.filter import verdict_report as plugin
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.logs import Reading, Target, assemble
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import Query, query_spec
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.writer import TITLE, WRITERS

NOW = 1_764_000_000
HQ = Target("98c5af8a-1111-4222-8333-ae2280a6f4c3", "hq-primary")
FAILURE = {
    "time": NOW + 5,
    "raw_message": "2025-11-24T16:00:05.250000+00:00 host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] IPSec tunnel "
    "negotiation fails. (PeerAddress=[198.51.100.9], PeerPort=[500], Reason=[authentication fail])",
}


def evidence(*log, at=600, status="ACTIVE", error=None):
    values = {name: entry.get("default") for name, entry in query_spec().items()}
    reading = Reading(list(log), "r1", NOW + at, NOW + at, {"id": HQ.id, "name": HQ.name, "status": status})
    return assemble([HQ], [error or reading], Query.from_options(values.get))


def verdict(*arguments, **options):
    return verdict_plugin.FilterModule().filters()["verdict"](*arguments, **options)


def report(*arguments, **options):
    return plugin.FilterModule().filters()["verdict_report"](*arguments, **options)


@pytest.mark.parametrize("style", [*WRITERS])
def test_every_verdict_of_ours_has_every_report(style):
    cases = [
        verdict(evidence()),
        verdict(evidence(FAILURE)),
        verdict(evidence(FAILURE), baseline=evidence(FAILURE, at=9)),
        verdict(evidence(), evidence(at=0), quiet_for=601),
        verdict(evidence(status="DOWN")),
        verdict(evidence(error=ApiError("old", code="VPN.0304", status=400))),
        verdict({**evidence(), "vpn_connections": []}),
    ]
    for judged in cases:
        text = report(judged, format=style, run_id="r-1")
        said = [judged["message"].partition(": ")[2].partition(" ")[2] or judged["message"]]
        if style == "html":  # each finding by itself
            found = [row["message"] for tunnel in judged["vpn_connections"] for row in tunnel["findings"]]
            said, text = found or said, unescape(text)
        text = text.replace("`", "") if style == "markdown" else text
        assert all(part.replace('"', '\\"' if style == "json" else '"') in text for part in said)
        assert "r-1" in text


@pytest.mark.parametrize("style", [*WRITERS])
def test_every_report_says_that_a_tunnel_was_not_watched_to_the_end(style):
    """Another tunnel has failed, so that waiting for this one was of no use; it has not failed itself."""
    branch = Target("98c5af8a-2222-4222-8333-ae2280a6f4c3", "branch")

    def both(at, *log):
        values = {name: entry.get("default") for name, entry in query_spec().items()}
        logs = {HQ: [FAILURE, *log] if at else [], branch: []}
        shown = {target: {"id": target.id, "name": target.name, "status": "ACTIVE"} for target in logs}
        readings = [Reading(logs[target], "r1", NOW + at, NOW + at, shown[target]) for target in logs]
        return assemble([*logs], readings, Query.from_options(values.get))

    judged = verdict(both(20), both(0), quiet_for=60)
    why = "watching ended early, because another tunnel did not pass: watched for 20 s of at least 60 s"
    text = report(judged, format=style)
    if style == "junit":
        cases = ElementTree.fromstring(text).iter("testcase")  # noqa: S314 - our own
        (case,) = (case for case in cases if case.findtext("error") == why)
        assert (case.get("classname"), case.findtext("error")) == (f"{TITLE}: branch", why)
    assert why in text


def test_the_verdict_of_a_failure_in_junit():
    (suite,) = ElementTree.fromstring(report(verdict(evidence(FAILURE)), format="junit"))  # noqa: S314 - our own
    bad = [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None]
    assert bad == ["verdict", "no failed negotiation"]
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("2", "0", "0")


@pytest.mark.parametrize(
    "value", [None, [], {}, "", {"skipped": True}, {"failed": True, "msg": "x"}, evidence(FAILURE)]
)
def test_anything_but_a_verdict_raises_in_one_line(value):
    for style in WRITERS:
        with pytest.raises(AnsibleError) as error:
            report(value, format=style)
        assert str(error.value).startswith("huaweicloud.vpn.verdict_report: the verdict ")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("option", [{"format": "pdf"}, {}, {"title": None}, {"run_id": {}}, {"check_mode": "no"}])
def test_wrong_options_are_named(option):
    with pytest.raises(AnsibleError, match=rf"^huaweicloud.vpn.verdict_report: {next(iter(option), 'format')}: "):
        report(verdict(evidence()), **{"format": "text", **option} if option else {})


def test_the_documentation_fits():
    documented = yaml.safe_load(plugin.DOCUMENTATION)
    assert documented["name"] == "verdict_report"
    assert {*documented["options"]} == {"_input", "format", "title", "run_id", "check_mode"}
    assert documented["options"]["format"]["choices"] == [*WRITERS]
    assert documented["options"]["title"]["default"] == TITLE


def play(tmp_path, tasks, *arguments, **variables):
    """Run tasks with ansible-playbook, and return its process."""
    book = tmp_path / "play.yml"
    head = {"hosts": "localhost", "gather_facts": False, "vars": variables}
    book.write_text(json.dumps([{**head, "tasks": tasks}]), encoding="utf-8")
    collections = next(path.parent for path in Path(plugin.__file__).parents if path.name == "ansible_collections")
    settings = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_HOME": str(tmp_path), "ANSIBLE_NOCOLOR": "1"}
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", *arguments, str(book)]
    return subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)


def test_the_examples_run(tmp_path):
    saved, folder = tmp_path / "after.json", tmp_path / "reports"
    saved.write_text(json.dumps(evidence(FAILURE)), encoding="utf-8")
    folder.mkdir()
    values = {"after_file": str(saved), "report_folder": str(folder), "ansible_python_interpreter": sys.executable}
    process = play(tmp_path, yaml.safe_load(plugin.EXAMPLES), **values)
    assert process.returncode == 0, process.stdout
    assert "Change 4711: FAIL, 0 of 1 tunnel passed, 1 failed" in process.stdout
    assert "[WARNING]" not in process.stderr
    assert "[DEPRECATION" not in process.stderr
    assert {path.name for path in folder.iterdir()} == {"tunnels.xml", "tunnels.md", "tunnels.html", "tunnels.json"}
    for path in folder.iterdir():
        assert "authentication fail" in path.read_text("utf-8")
        assert "the change itself was not made" not in path.read_text("utf-8")
    for name, style in (("tunnels.json", "json"), ("tunnels.xml", "junit"), ("tunnels.html", "html")):
        assert (folder / name).read_text("utf-8") == report(verdict(evidence(FAILURE)), format=style)


def test_templates_in_a_line_stay_text(tmp_path):
    bait, saved = tmp_path / "bait", tmp_path / "after.json"
    text = '{{ lookup("pipe", "touch %s") }}' % bait  # noqa: UP031 - braces
    hostile = {**FAILURE, "raw_message": FAILURE["raw_message"].replace("authentication fail", text)}
    saved.write_text(json.dumps(evidence(hostile)), encoding="utf-8")
    read = {
        "written": "{{ lookup('file', after_file) | from_json | huaweicloud.vpn.verdict | "
        + ("huaweicloud.vpn.verdict_report(format='markdown') }}")
    }
    tasks = [{"ansible.builtin.set_fact": read}, {"ansible.builtin.debug": {"msg": "{{ written }}"}}]
    process = play(tmp_path, tasks, after_file=str(saved))
    assert process.returncode == 0, process.stdout
    assert "touch" in process.stdout
    assert not bait.exists()


def test_check_mode_is_said(tmp_path):
    saved = tmp_path / "after.json"
    saved.write_text(json.dumps(evidence()), encoding="utf-8")
    text = (
        "{{ (lookup('file', after_file) | from_json | huaweicloud.vpn.verdict"
        " | huaweicloud.vpn.verdict_report(format='text', check_mode=ansible_check_mode)).splitlines() }}"
    )
    process = play(tmp_path, [{"ansible.builtin.debug": {"msg": text}}], "--check", after_file=str(saved))
    assert process.returncode == 0, process.stdout
    assert "*** check mode: the change was not made ***" in process.stdout


def test_undefined_and_skipped_are_errors(tmp_path):
    skipped = {"ansible.builtin.command": "true", "when": False, "register": "judged"}
    texts = [f"{{{{ {name} | huaweicloud.vpn.verdict_report(format='text') }}}}" for name in ("nothing", "judged")]
    shown = [{"ansible.builtin.debug": {"msg": text}, "ignore_errors": True} for text in texts]
    process = play(tmp_path, [skipped, *shown])
    assert "ignored=2 " in process.stdout
    assert "undefined" in process.stdout + process.stderr
