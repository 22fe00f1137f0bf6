# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task that takes a baseline, in this process: what it returns and keeps, what it says, and what it refuses."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.huaweicloud.vpn.plugins.action import vpn_connection_baseline as action
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.judge import judge
from ansible_collections.huaweicloud.vpn.plugins.modules import vpn_connection_baseline as module

ROLE = Path(module.__file__).parents[2] / "roles" / "tunnel_baseline"
PAIR = ["hq-primary", "hq-secondary"]
EVIDENCE = {
    "schema",
    "server_time",
    "clock_skew",
    "window",
    "narrowed_by",
    "logs",
    "vpn_connections",
    "changed",
    "acted_as",
}
NOWHERE = SimpleNamespace(_shell=SimpleNamespace(env_prefix=lambda **_variables: "", tmpdir=""))
EARLIER = "of an earlier run"


class AsRole(action.ActionModule):
    """The task, with what a role would be to it."""

    name, outranking, said = None, (), ()

    def role(self):
        return self.name

    def _outranking(self):
        return {*self.outranking}

    def show(self, line, *, stderr=False):
        self.said = [*self.said, line]


@pytest.fixture
def take(emulator, monkeypatch):
    """Run the task with options; return its result and what it said."""
    for name, value in emulator.environment.items():
        monkeypatch.setenv(name, value)

    def run(variables=(), role=None, outranking=(), check_mode=False, **options):
        task, loader = Task(), DataLoader()
        task.args, task.check_mode, task.environment, task.async_val = options, check_mode, None, 0
        found = AsRole(task, NOWHERE, None, loader, Templar(loader=loader), None)
        found.name, found.outranking = role, outranking
        result = found.run(task_vars={"inventory_hostname": "localhost", **dict(variables)})
        return result, found.said

    return run


def returned(result):
    """Return the names of what a task itself returned."""
    return {name for name in result if not name.startswith("_ansible") and name not in ("invocation", "failed")}


def test_it_returns_what_a_verdict_takes_as_a_baseline(take, emulator):
    result, said = take(name=PAIR)
    assert returned(result) == EVIDENCE
    assert not result["changed"]
    rows = result["vpn_connections"]
    assert [row["name"] for row in rows] == PAIR
    assert result["logs"] is None
    assert all(row["log"] and row["connection"] and row["ipsec_sas"] for row in rows)
    assert said == [row["summary"] for row in rows]
    (verdict,) = {row["verdict"] for row in judge(result, result)["vpn_connections"]}
    assert verdict == "inconclusive"  # on the baseline alone: it is understood, and no time has gone by


def test_it_keeps_the_evidence_for_its_user_alone(take, tmp_path):
    dest = tmp_path / "new" / "before.json"
    result, _said = take(name=PAIR, dest=str(dest))
    assert result["dest"] == str(dest)
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    assert json.loads(dest.read_text("utf-8")) == {name: result[name] for name in EVIDENCE - {"changed"}}
    assert [*dest.parent.iterdir()] == [dest]


def test_check_mode_keeps_it_too(take, tmp_path):
    take(name=PAIR, dest=str(tmp_path / "before.json"), check_mode=True)
    assert (tmp_path / "before.json").is_file()


def test_a_tilde_is_the_home_folder(take, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert take(name=PAIR, dest="~/before.json")[0]["dest"] == str(tmp_path / "before.json")


@pytest.mark.parametrize("nothing", [None, "", " "])
def test_null_and_empty_are_not_given(take, nothing, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blank = dict.fromkeys(("vpn_connection_id", "vgw_id", "gather", "concurrency", "dest"), nothing)
    result, _said = take(**blank, name="hq-primary, hq-secondary,")
    assert returned(result) == EVIDENCE
    assert [row["name"] for row in result["vpn_connections"]] == PAIR
    assert result["vpn_connections"][0]["ipsec_sas"]
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"names": PAIR}, "names: there is no such option, is name meant?"),
        ({"name": "hq-primry"}, "name: there is no VPN connection 'hq-primry'; there are: branch, hq-primary"),
        ({"name": []}, "name: the list is empty"),
        ({"name": "a", "vgw_id": "b"}, "vgw_id: give only one of vpn_connection_id, name, vgw_id"),
        ({"gather": "logs,status"}, "value of gather must be one or more of: logs, connection, ipsec_sas."),
        ({"concurrency": 0}, "concurrency: 0 is out of range: give 1 to 32"),
        ({"dest": "before.json"}, "dest: give an absolute path, such as {{ playbook_dir }}/before.json"),
        ({"secret_key": ""}, "secret_key: is missing"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(take, options, said):
    result, lines = take(**options)
    assert returned(result) == {"msg", "error", "changed"}
    assert result["failed"]
    assert result["msg"].startswith(said)
    assert "\n" not in result["msg"]
    assert lines == ()


def test_what_is_no_file_is_never_replaced(take, tmp_path):
    """Such as a device: here a pipe stands for it, since a test that fails may not break the machine."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert f"dest: {pipe} is no file" in take(name=PAIR, dest=str(pipe))[0]["msg"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_that_is_a_file_is_said(take, tmp_path):
    (tmp_path / "file").write_text(EARLIER, encoding="utf-8")
    said = take(name=PAIR, dest=str(tmp_path / "file" / "before.json"))[0]["msg"]
    assert said.startswith(f"dest: {tmp_path}/file/before.json cannot be written: ")


def test_a_tunnel_that_cannot_be_read_leaves_no_evidence_of_any(take, emulator, tmp_path):
    emulator.change({"gateways": {"branch-gateway": {"supported_features": []}}})
    dest = tmp_path / "before.json"
    dest.write_text(EARLIER, encoding="utf-8")
    result, said = take(dest=str(dest))
    assert returned(result) == {"msg", "error", "changed"}
    assert result["msg"].startswith("cannot read 1 of 3 VPN connections: branch: the service answered")
    assert result["error"]["code"] == "VPN.0304"
    assert len(said) == 3
    assert not dest.exists()


def test_no_tunnel_is_no_evidence(take, emulator_module, monkeypatch):
    with emulator_module.Emulator({"connections": [], "gateways": []}) as empty:
        for name, value in empty.environment.items():
            monkeypatch.setenv(name, value)
        result, _said = take()
    assert result["msg"].startswith("project_id: the project has no VPN connection")


def test_what_could_not_be_compared_after_the_change_is_refused_before_it(take, emulator, monkeypatch):
    """Such as a line that was masked because a key looks like a word of it."""

    def masked(*arguments, **options):
        return json.loads(json.dumps(gather(*arguments, **options)).replace("fails", "********"))

    gather = action.gather
    monkeypatch.setattr(action, "gather", masked)
    emulator.change("wrong_psk")
    result, _said = take(name=PAIR)
    assert returned(result) == {"msg", "error", "changed"}
    assert "than it counts: it was cut, masked or edited" in result["msg"]


@pytest.mark.parametrize("options", [{"names": PAIR}, {"name": "hq-primry"}, {"gather": "status"}])
def test_what_an_earlier_run_kept_is_removed_also_where_an_option_is_refused(take, options, tmp_path):
    dest = tmp_path / "before.json"
    dest.write_text(EARLIER, encoding="utf-8")
    assert take(**options, dest=str(dest))[0]["failed"]
    assert not dest.exists()


def test_of_several_hosts_each_needs_a_file_of_its_own(take, tmp_path):
    hosts = {"ansible_play_hosts_all": ["one", "two"], "inventory_hostname": "one"}
    result, _said = take(hosts, name=PAIR, dest=str(tmp_path / "before.json"))
    assert result["msg"].startswith("dest: with several hosts, put inventory_hostname into it")
    result, said = take(hosts, name=PAIR, dest=str(tmp_path / "one.json"))
    assert (tmp_path / "one.json").is_file()
    assert said[0].startswith("[one] hq-primary: ")


class TestInTheRole:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("name_", "tunnel_baseline_name_: there is no such option, is tunnel_baseline_name meant?"),
            ("dest", "tunnel_baseline_dest: there is no such option"),
            ("files", "tunnel_baseline_files: there is no such option, is tunnel_baseline_file meant?"),
        ],
    )
    def test_a_misspelt_variable_is_refused(self, take, emulator, given, said):
        result, _said = take({f"tunnel_baseline_{given}": "hq-primary"}, role="tunnel_baseline")
        assert result["msg"].startswith(said)
        assert emulator.requests == []

    def test_a_relative_file_is_refused_under_its_own_name(self, take):
        result, _said = take(role="tunnel_baseline", dest="before.json")
        assert result["msg"].startswith("tunnel_baseline_file: give an absolute path")

    def test_evidence_of_an_earlier_run_does_not_matter_and_given_evidence_is_refused(self, take):
        variables = {"tunnel_baseline_evidence": {}, "tunnel_baseline_name": PAIR, "tunnel_verify_name": "x"}
        assert not take(variables, role="tunnel_baseline", name=PAIR)[0].get("failed")
        result, _said = take(variables, "tunnel_baseline", ["tunnel_baseline_evidence"], name=PAIR)
        assert result["msg"].startswith("tunnel_baseline_evidence: leave it out, because the role sets it")

    def test_it_hands_on_each_option(self):
        (task,) = yaml.safe_load((ROLE / "tasks" / "main.yml").read_text(encoding="utf-8"))
        names = {name: "file" if name == "dest" else name for name in action.baseline_spec()}
        assert task["huaweicloud.vpn.vpn_connection_baseline"] == {
            option: f"{{{{ tunnel_baseline_{name} | default(omit) }}}}" for option, name in names.items()
        }
        assert (task["register"], task["tags"]) == ("tunnel_baseline_evidence", "always")
        specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
        options = specs["argument_specs"]["main"]["options"]
        assert options == {
            f"tunnel_baseline_{name}": {
                "description": f"As O(huaweicloud.vpn.vpn_connection_baseline#module:{option}) of the module.",
                "type": "raw",
            }
            for option, name in names.items()
        }
