# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks as a user runs them: what is refused before the change, and how a change ends.

Many cases are the hosts of one run, each with variables of its own, since to start Ansible takes longer than most.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.settings import connection_spec
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import judge
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._playbook.variables import BASELINE

ROOT = Path(__file__).parents[3]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
POST = {"method": "POST", "body_format": "json", "use_proxy": False}
QUICK = {"tunnel_verify_quiet_for": 1, "tunnel_verify_wait_sleep": 1, "tunnel_verify_wait_timeout": 4}
ONE = {"tunnel_baseline_name": "hq-primary"}
TOUCH = [{"name": "Touch", "ansible.builtin.file": {"path": "{{ marks }}/{{ inventory_hostname }}", "state": "touch"}}]
REGISTERS = (
    "verified",
    "verdicts",
    "all_have_one",
    "rollback",
    "change",
    "parts",
    "known",
    "strange",
    "found",
    "tunnels",
)


def to_change(name: str) -> list[dict[str, Any]]:
    """Return tasks that change the world of the host's emulator."""
    url = "{{ huaweicloud_vpn_endpoint }}/emulator/change"
    return [{"name": "Change", "ansible.builtin.uri": {**POST, "url": url, "body": {"name": name}}}]


FILES: dict[str, Any] = {
    "touch.yml": TOUCH,
    "good.yml": to_change("renegotiated"),
    "wrong.yml": to_change("wrong_psk"),
    "recover.yml": to_change("recover"),
    "nothing.yml": [],
    "off.yml": [{"name": "Break off", "ansible.builtin.command": "/bin/false"}],
    "end.yml": [{"ansible.builtin.meta": "end_host"}],
    "registers.yml": [
        *to_change("wrong_psk"),
        *({"ansible.builtin.command": "/bin/true", "register": name} for name in REGISTERS),
    ],
    "a b/my change.yml": TOUCH,
    "mapping.yml": {"tasks": []},
    "text.yml": ["do it"],
    "unknown.yml": [{"block": [{"name": "Unknown", "no_such_module": {}}]}],
}
# What is given, and what the line says that refuses it. A host without a second part is ready.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no_change": ({"change": None}, "change: required: give the file"),
    "empty_change": ({"change": ""}, "change: required: give the file"),
    "misspelt_change": ({"change": "tuch.yml", "rollback": "touch.yml"}, "change: FOLDER/tuch.yml cannot be read: No"),
    "missing_rollback": ({"rollback": "recver.yml"}, "rollback: FOLDER/recver.yml cannot be read: No such file"),
    "folder": ({"rollback": "a b"}, "rollback: FOLDER/a b cannot be read: Is a directory"),
    "no_yaml": ({"rollback": "no.yml"}, "rollback: FOLDER/no.yml cannot be parsed: "),
    "empty_file": ({"rollback": "empty.yml"}, "rollback: FOLDER/empty.yml is not a list of tasks"),
    "no_list": ({"change": "mapping.yml"}, "change: FOLDER/mapping.yml is not a list of tasks"),
    "no_task": ({"change": "text.yml"}, "change: FOLDER/text.yml, task 1: this is not a task"),
    "no_module": ({"change": "unknown.yml"}, "change: FOLDER/unknown.yml, task 1.1: couldn't resolve module/action"),
    "no_path": ({"change": ["touch.yml"]}, "change: give the path of a file of tasks"),
    "wait": ({"tunnel_verify_wait_timeout": "soon"}, "tunnel_verify_wait_timeout: give seconds, 0 or more, or a span"),
    "sleep": ({"tunnel_verify_wait_sleep": "-1"}, "tunnel_verify_wait_sleep: give seconds"),
    "reset": ({"tunnel_verify_reset": "maybe"}, "tunnel_verify_reset: argument 'reset' is of type"),
    "lenient": ({"tunnel_verify_on_inconclusive": "pass"}, "tunnel_verify_on_inconclusive: value of on"),
    "gather": ({"tunnel_verify_gather": "logs,status"}, "tunnel_verify_gather: value of gather must be one or more of"),
    "before": ({"tunnel_baseline_gather": "logs,status"}, "tunnel_baseline_gather: value of gather"),
    "since": ({"tunnel_verify_since": "15m"}, "tunnel_verify_since: leave it out, validate_change takes the evidence"),
    "file": ({"tunnel_verify_baseline_file": "/no.json"}, "tunnel_verify_baseline_file: leave it out, validate_change"),
    "prepare": ({"tunnel_verify_prepare": True}, "tunnel_verify_prepare: leave it out, validate_change has"),
    "name": ({"tunnel_baseline_name": "hq-primry"}, "tunnel_baseline_name: there is no VPN connection 'hq-primry'"),
    "other_name": ({"tunnel_verify_name": "branch"}, "tunnel_verify_name: leave it out, or name the tunnels of"),
    "require": ({"tunnel_verify_require": "active"}, "tunnel_verify_require: give a list of status_active"),
    "waiver": ({"tunnel_verify_waivers": [{"reason": "x"}]}, "tunnel_verify_waivers: each waiver must have vpn_conn"),
    "misspelt": ({"tunnel_verify_requires": "x"}, "tunnel_verify_requires: there is no such option, is tunnel_verify_"),
    "misspelt_too": ({"tunnel_baseline_names": "x"}, "tunnel_baseline_names: there is no such option, is tunnel_b"),
    "region": ({"huaweicloud_vpn_regio": "x"}, "huaweicloud_vpn_regio: there is no such option, is huaweicloud_vpn_re"),
    "retries": ({"huaweicloud_vpn_retries": 99}, "retries: 99 is out of range"),
    "key": ({"huaweicloud_vpn_secret_key": "wrong-secret-key-of-nobody"}, "check access_key and secret_key"),
    "folder_of_reports": ({"tunnel_verify_report_dir": "reports"}, "tunnel_verify_report_dir: give an absolute path"),
    "evidence": ({"tunnel_baseline_file": "before.json"}, "tunnel_baseline_file: give an absolute path"),
    "own": ({"validate_change_verdict": "pass"}, "validate_change_verdict: leave it out"),
    "only": ({"prepare_only": "perhaps"}, "prepare_only: give true or false"),
    "template": ({"tunnel_verify_title": "{{ nowhere }}"}, "tunnel_verify_title: its template cannot be rendered"),
    # What surveys leave empty is not given, and what people write is understood.
    "null": ({"rollback": None, "tunnel_verify_since": None, "tunnel_verify_name": None, "prepare_only": True}, ""),
    "empty": ({"rollback": "", "tunnel_verify_report_dir": "", "huaweicloud_vpn_region": "", "prepare_only": 1}, ""),
    "blank": ({"change": "a b/my change.yml", "prepare_only": True}, ""),
    "whole": ({"change": "{{ marks }}/../touch.yml", "prepare_only": "yes"}, ""),
    "list": ({"tunnel_verify_require": "status_active, traffic", "prepare_only": True}, ""),
}  # fmt: skip
# How each change ends: its files, what the fatal line says last, and the verdict in the report.
ENDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "good": ({"change": "good.yml", "rollback": "recover.yml"}, "", "pass"),
    "undone": ({"change": "wrong.yml", "rollback": "recover.yml"}, "(rolled back: ACTIVE again)", "fail"),
    "untouched": ({"change": "wrong.yml", "rollback": "nothing.yml"}, "(rolled back: STILL hq-primary DOWN)", "fail"),
    "no_way_back": ({"change": "wrong.yml"}, "(nothing was rolled back)", "fail"),
    "stuck": (
        {"change": "wrong.yml", "rollback": "off.yml"},
        '(ROLL-BACK FAILED: the task "Break off" failed, see its error above; STILL hq-primary DOWN)',
        "fail",
    ),
    "broke_off": ({"change": "off.yml", "rollback": "recover.yml"}, "(rolled back: ACTIVE again)", "fail"),
    "spoilt": ({"change": "registers.yml", "rollback": "recover.yml"}, "(rolled back: ACTIVE again)", "fail"),
    "ended": ({"change": "end.yml"}, "", "none"),
}


class Ran(NamedTuple):
    """A run: its exit code, its output, and the folder."""

    code: int
    output: str
    folder: Path

    def fatal(self, host: str) -> str:
        """Return the messages with which a host has failed."""
        found = re.findall(rf"^fatal: \[{host}\]: FAILED! => (.*)$", self.output, re.MULTILINE)
        return "\n".join(json.loads(one)["msg"] for one in found)


def run(folder: Path, environment: dict[str, str], *arguments: Any, hosts: Any = None, **extra: Any) -> Ran:
    """Run ansible-playbook in a folder with the files of tasks."""
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "no.yml").write_text("- [", encoding="utf-8")
    (folder / "empty.yml").write_text("", encoding="utf-8")
    (folder / "marks").mkdir(exist_ok=True)
    given: dict[str, Any] = {"marks": f"{folder}/marks", **QUICK, **extra}
    command = [sys.executable, "-m", "ansible", "playbook", *arguments]
    if hosts:
        given = {"tunnels": "all", "marks": given["marks"]}
        (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
        command += ["-i", "hosts.yml"]
    collections = next(path.parent for path in Path(judge.__file__).parents if path.name == "ansible_collections")
    process = subprocess.run(
        [*command, "-e", json.dumps(given)],
        env={
            **os.environ,
            **environment,
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_FORKS": "8",
            "ANSIBLE_STRATEGY": "free" if hosts else "linear",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_SHOW_CUSTOM_STATS": "1",
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "HOME": str(folder),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return Ran(process.returncode, process.stdout + process.stderr, folder)


@pytest.fixture(scope="module")
def refusals(emulator_module, tmp_path_factory):
    """Each case is a host that is refused, or ready; none makes a change."""
    folder = tmp_path_factory.mktemp("refusals")
    with emulator_module.Emulator() as emulator:
        hosts = {name: {"change": "touch.yml", **ONE, **QUICK, **given} for name, (given, _line) in REFUSED.items()}
        return run(folder, emulator.environment, "huaweicloud.vpn.validate_change", hosts=hosts)


@pytest.fixture(scope="module")
def ends(emulator_module, tmp_path_factory):
    """Each case is a host with an emulator of its own."""
    folder = tmp_path_factory.mktemp("ends")
    with ExitStack() as stack:
        hosts = {}
        for name, (given, _last, _verdict) in ENDS.items():
            url = stack.enter_context(emulator_module.Emulator()).url
            ours = {"huaweicloud_vpn_endpoint": url, "huaweicloud_vpn_iam_endpoint": url}
            hosts[name] = {**ONE, **QUICK, **ours, "tunnel_verify_report_dir": f"{folder}/reports", **given}
        environment = stack.enter_context(emulator_module.Emulator()).environment
        environment = {
            name: value for name, value in environment.items() if "URL" not in name and "ENDPOINT" not in name
        }
        return run(folder, environment, "huaweicloud.vpn.validate_change", hosts=hosts)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_refused_before_the_change_in_one_line(name, refusals):
    line = REFUSED[name][1].replace("FOLDER", str(refusals.folder))
    said = refusals.fatal(name)
    assert (line in said) if line else (said == ""), refusals.output
    assert "\n" not in said
    if not line:
        assert "ready: hq-primary can be changed and verified" in refusals.output


def test_nothing_is_changed_and_nothing_is_rolled_back_when_something_is_refused(refusals):
    assert refusals.code == 2
    assert not [*(refusals.folder / "marks").iterdir()], refusals.output
    assert "included: " not in refusals.output
    assert "wrong-secret-key" not in refusals.output
    assert "Traceback" not in refusals.output


@pytest.mark.parametrize("name", ENDS)
def test_a_change_ends_as_it_should(name, ends):
    _given, last, verdict = ENDS[name]
    said = ends.fatal(name)
    assert said.endswith(last) if last else not said, ends.output
    report = ends.folder / "reports" / f"tunnel_verify-{name}.json"
    found = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {"verdict": "none"}
    assert found["verdict"] == verdict
    if "again" in last or "STILL" in last:
        ended = last.strip("()")
        assert found["run"]["title"] == f"VPN tunnel verification - {ended}"
        assert found["message"].startswith(ended)
        assert all(row["verdict"] == "fail" for row in found["vpn_connections"])
        for extension in ("html", "xml", "md", "txt"):
            text = report.with_suffix(f".{extension}").read_text(encoding="utf-8")
            assert ended.partition(":")[0] in text


def test_a_tunnel_without_a_verdict_is_not_green(ends):
    assert ends.code == 2
    assert "the tunnels of ended were not verified: see which task failed, or the" in ends.fatal("localhost")
    assert '"validate_change_verdict": "error"' in re.findall("RUN: .*", ends.output)[-1]
    assert re.search(
        r'good: \{ "validate_change_message": "hq-primary: PASS.*"validate_change_verdict": "pass"', ends.output
    )


def test_all_that_is_wrong_is_said_at_once(emulator, tmp_path):
    """Among it what only extra variables can do: forge what the playbook finds, and cut a path at a blank."""
    forged = {name: {"verdict": "pass", "run": "1"} for name in ("validate_change_before", "validate_change_after")}
    wrong = {
        **forged,
        "tunnel_verify_result": {},
        "rollback": "missing.yml",
        "tunnel_verify_require": "active",
        "prepare_only": True,
    }
    arguments = ("-e", f"change={tmp_path}/a b/my change.yml")
    for environment in (emulator.environment, {**emulator.environment, "HW_SECRET_KEY": ""}):
        ran = run(tmp_path, environment, "huaweicloud.vpn.validate_change", *arguments, **wrong)
        assert ran.code == 2
        for line in (
            "^b/my change.yml: not a variable; quote a value that has a blank",
            "^validate_change_before: leave it out",
            "^validate_change_after: leave it out",
            "^tunnel_verify_result: leave it out",
            f"^change: {tmp_path}/a cannot be read",
            f"^rollback: {tmp_path}/missing.yml cannot be read",
            "^tunnel_verify_require: give a list of",
        ):
            assert re.search(line, ran.output, re.MULTILINE), ran.output
    assert re.search("^secret_key: is missing", ran.output, re.MULTILINE)
    assert re.search("8 problems, one in each line above", ran.output)


@pytest.mark.parametrize(
    "forged", [{"all_have_one": True, "verified": True}, {"validate_change_after": {"verdict": "pass"}}]
)
def test_no_extra_variable_makes_a_verdict(forged, emulator, tmp_path):
    given = {"change": "end.yml", **ONE, **forged}
    ran = run(tmp_path, emulator.environment, "huaweicloud.vpn.validate_change", **given)
    assert ran.code == 2
    assert "were not verified" in ran.output or "leave it out" in ran.output


def test_a_good_change_says_little_and_the_diagnosis_last(emulator, tmp_path):
    given = {"change": "good.yml", **ONE, "huaweicloud_vpn_endpoint": emulator.url}
    ran = run(tmp_path, emulator.environment, "huaweicloud.vpn.validate_change", **given)
    assert ran.code == 0, ran.output
    lines = [line for line in ran.output.partition("\nPLAY RECAP")[0].splitlines() if line]
    diagnosis = [number for number, line in enumerate(lines) if line.startswith("hq-primary: ")]
    ours = [line for number, line in enumerate(lines) if number not in diagnosis and "TASK [Change]" not in line]
    assert len(ours) - 1 <= 10, ran.output  # one is of the change
    assert lines[diagnosis[0]].startswith("hq-primary: PASS")
    assert diagnosis[-1] == len(lines) - 2


def test_three_stages_with_any_tool_between_them(emulator, tmp_path):
    file = f"{tmp_path}/before.json"
    ran = run(tmp_path, emulator.environment, "huaweicloud.vpn.baseline", **ONE, tunnel_baseline_file=file)
    assert ran.code == 0, ran.output
    assert (tmp_path / "before.json").stat().st_mode & 0o777 == 0o600
    emulator.change("wrong_psk")
    ran = run(tmp_path, emulator.environment, "huaweicloud.vpn.verify", tunnel_verify_baseline_file=file)
    assert ran.code == 2
    assert ran.fatal("localhost").startswith("hq-primary: FAIL")
    wrong = {"tunnel_verify_baseline_file": file, "tunnel_verify_since": "15m"}
    ran = run(tmp_path, emulator.environment, "huaweicloud.vpn.verify", **wrong)
    assert ran.fatal("localhost").startswith("baseline_file: give only one of baseline_file and since")
    ran = run(tmp_path, emulator.environment, "huaweicloud.vpn.verify", tunnel_verify_prepare=True)
    assert ran.fatal("localhost").startswith("tunnel_verify_prepare: leave it out, verify always verifies")
    ran = run(tmp_path, emulator.environment, "huaweicloud.vpn.baseline", tunnel_baseline_file="")
    assert ran.fatal("localhost").startswith("tunnel_baseline_file: give the file to write the evidence to")


def test_the_tunnels_of_all_hosts_are_one_task_with_one_report(emulator, tmp_path):
    """Whatever strategy is set for all plays: each host would reset, and write the report, again."""
    same = {"tunnel_baseline_file": f"{tmp_path}/before.json", "tunnel_verify_report_dir": f"{tmp_path}/reports"}
    same |= {"tunnel_verify_baseline_file": f"{tmp_path}/before.json", **QUICK}
    hosts = {
        name: {**same, "tunnel_baseline_name": name, "tunnel_verify_name": "{{ tunnel_baseline_name }}"}
        for name in ("hq-secondary", "hq-primary")
    }
    ran = run(tmp_path, emulator.environment, "huaweicloud.vpn.baseline", hosts=hosts)
    assert ran.code == 0, ran.output
    emulator.change("wrong_psk")
    ran = run(tmp_path, emulator.environment, "huaweicloud.vpn.verify", hosts=hosts)
    assert ran.code == 2
    assert re.search("^hq-primary: FAIL .*\nhq-secondary: ", ran.output, re.MULTILINE)
    assert "HA group hq-primary + hq-secondary: " in ran.output
    assert ran.output.count("fatal:") == 1
    report = json.loads((tmp_path / "reports" / "tunnel_verify.json").read_text("utf-8"))
    assert [row["name"] for row in report["vpn_connections"]] == ["hq-primary", "hq-secondary"]
    assert len([*(tmp_path / "reports").iterdir()]) == 5


def test_every_connection_option_has_a_variable_that_all_playbooks_obey():
    (expression,) = yaml.safe_load((ROOT / "playbooks/vars/connection.yml").read_text("utf-8")).values()
    assert re.findall(r"'(\w+)': huaweicloud_vpn_\1 ", expression) == [*connection_spec()]
    assert [path.stem for path in PLAYBOOKS] == ["baseline", "validate_change", "verify"]
    for path in PLAYBOOKS:
        (play,) = [play for play in yaml.safe_load(path.read_text("utf-8")) if "module_defaults" in play]
        assert play["vars_files"] == ["vars/connection.yml"]
        assert play["module_defaults"] == {"group/huaweicloud.vpn.huaweicloud": "{{ huaweicloud_vpn_options }}"}


def test_the_options_of_a_baseline_are_those_of_its_role():
    specs = yaml.safe_load((ROOT / "roles/tunnel_baseline/meta/argument_specs.yml").read_text("utf-8"))
    assert {*specs["argument_specs"]["main"]["options"]} == {f"tunnel_baseline_{name}" for name in BASELINE}
