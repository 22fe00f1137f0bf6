# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs in ansible's own process gives what the module gives, key by key; and when it runs there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date, datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.huaweicloud.vpn.plugins.action.vpn_connection_log_info import ActionModule
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils import _direct

COLLECTION = "ansible_collections.huaweicloud.vpn.plugins"
PRIMARY = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
KEY, SECRET = "EMULATORACCESSKEY001", "emulator-secret-key-of-no-real-account-0001"
# What JSON and repr write otherwise than it is.
ODD = "jW5vToq9\\'xZ2rBn7\"kQ8sLd4y"
LOGS, INFO = "huaweicloud.vpn.vpn_connection_log_info", "huaweicloud.vpn.vpn_connection_info"
GROUP = "group/huaweicloud.vpn.huaweicloud"
SWITCH = "huaweicloud_vpn_in_process"
IN_PROCESS, AS_MODULE = "runs in the process of ansible", "runs as a module: "
ALL = ["logs", "connection", "ipsec_sas"]
OWN = {"access_key": "", "secret_key": ""}  # keeps the keys of the environment out
MOMENT = datetime(2026, 11, 23, 10, 0, 0, tzinfo=timezone.utc)


class Vaulted(str):
    """A text that stands encrypted in the playbook."""


# Each a task; {url}, {silent} and {folder} are filled in.
CASES: dict[str, dict[str, Any]] = {
    "one by its ID": {LOGS: {"vpn_connection_id": [PRIMARY]}},
    "all that can be gathered": {LOGS: {"name": "hq-primary,branch", "gather": ALL, "limit": 2}},
    "compact": {LOGS: {"compact": True}},
    "connections": {INFO: {}},
    "connections by a short name": {"vpn_connection_info": {"name": ["branch"], "gather": ["gateway"]}},
    "one cannot be read": {LOGS: {"name": ["hq-secondary", "branch"]}},
    "no such name": {INFO: {"name": ["nowhere"]}},
    "exclusive": {LOGS: {"name": ["branch"], "vgw_id": PRIMARY}},
    "unsupported": {INFO: {"label": "branch", "limit": 3}},
    "wrong types": {LOGS: {"limit": "many", "compact": "perhaps", "timeout": [1]}},
    "wrong choice": {INFO: {"gather": ["logs"]}},
    "refused by ourselves": {LOGS: {"limit": 0}},
    "a date of YAML": {LOGS: {"name": ["branch"], "since": MOMENT}},
    "a day of YAML": {LOGS: {"name": ["branch"], "since": date(2026, 11, 23)}},
    "null and numbers": {LOGS: {"vgw_id": None, "name": [7], "reason": 5}},
    "blank": {LOGS: {"vgw_id": "", "name": " branch ,", "since": "", "reason": "", "timeout": "1m"}},
    "a secret that comes back": {LOGS: {"name": [SECRET]}},
    "a secret in a list": {INFO: {**OWN, "auth_token": [ODD]}},
    "a secret of the vault": {INFO: {"name": ["nowhere"], "secret_key": Vaulted(SECRET)}},
    "a wrong secret": {LOGS: {"name": ["branch"], "secret_key": ODD}},
    "keys from a file beside the playbook": {LOGS: {**OWN, "name": ["branch"], "credentials_file": "keys"}},
    "environment of each item": {
        LOGS: {"name": ["branch"]},
        "environment": "{{ item }}",
        "loop": [{"HW_PROJECT_ID": "no project"}, {"OTHER": "1"}],
    },
    "no keys": {LOGS: {"name": ["branch"]}, "environment": {"HW_ACCESS_KEY": "", "HW_SECRET_KEY": ""}},
    "check mode": {LOGS: {"name": ["branch"]}, "check_mode": True},
    "defaults of the group": {
        INFO: {"name": ["branch"]},
        "module_defaults": {GROUP: {"endpoint": "{url}", "project_id": "no project"}},
    },
    "delegated": {INFO: {"name": ["branch"], "gather": []}, "delegate_to": "localhost"},
    "not to be logged": {LOGS: {"name": ["branch"]}, "no_log": True},
    "time is over": {LOGS: {"endpoint": "{silent}", "timeout": 3, "retries": 0}, "timeout": 1},
}
# By which way a task runs, and why.
WAYS: dict[str, dict[str, Any]] = {
    "": {},
    f"{SWITCH} is off": {"vars": {SWITCH: "no"}},
    "the connection is ssh": {"vars": {"ansible_connection": "ssh"}},
    "async": {"async": 20, "poll": 1},
    "become": {"become": True},
    "LD_DEBUG, PYTHONPATH in the keyword environment works only in a process of its own": {
        "environment": {"PYTHONPATH": "{{ playbook_dir }}", "HOME": "/", "LD_DEBUG": ""}
    },
    "the interpreter is {folder}/python": {"vars": {"ansible_python_interpreter": "{{ playbook_dir }}/python"}},
}
AFAR = {LOGS: {"name": ["branch"]}, "delegate_to": "localhost"}
HERE: dict[str, dict[str, Any]] = {
    "discovered": {"vars": {"ansible_python_interpreter": "auto_silent"}},
    "by a template": {"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}", SWITCH: "{{ 1 == 1 }}"}},
}


class Told(NamedTuple):
    """What was registered of each case on both ways, how each was invoked by the name of its task, and the output."""

    in_process: dict[str, Any]
    as_module: dict[str, Any]
    invocations: dict[str, Any]
    output: str


def play(tasks, way, **keywords):
    """Return a play whose tasks may fail."""
    defaults = {GROUP: {"region": "cn-north-4", "endpoint": "{url}", "iam_endpoint": "{url}"}}
    common = {"hosts": "localhost", "gather_facts": False, "ignore_errors": True}
    common.update(
        ignore_unreachable=True,
        collections=["huaweicloud.vpn"],
        module_defaults=defaults,
        vars={SWITCH: way == "in_process"},
    )
    names = [f"case_{number}" for number in range(len(tasks))]
    named = [{"name": f"{way} {number}", "register": names[number], **task} for number, task in enumerate(tasks)]
    content = ", ".join(f"'{name}': {name}" for name in names)
    written = {"content": f"{{{{ {{{content}}} | to_json }}}}", "dest": f"{{folder}}/{way}.json", "mode": "0600"}
    keep = {"name": "Keep", "ansible.builtin.copy": written, "delegate_to": "localhost"}
    return {**common, **keywords, "tasks": [*named, keep]}


def text_of(plays, places):
    """Return the plays as YAML, with moments and vaulted values as YAML has them."""
    vault = VaultLib([("default", VaultSecret(b"vault password"))])

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data):
            return True

    def vaulted(dumper, value):
        return dumper.represent_scalar("!vault", vault.encrypt(str(value)).decode(), style="|")

    Dumper.add_representer(Vaulted, vaulted)
    text = yaml.dump(plays, Dumper=Dumper, width=1000)
    for name, place in places.items():
        text = text.replace(f"{{{name}}}", place)
    return text


@pytest.fixture(scope="module")
def told(emulator_module, tmp_path_factory):
    """Run every case on both ways, and every way, in one process of ansible-playbook."""
    folder = tmp_path_factory.mktemp("direct")
    (folder / "password").write_text("vault password", encoding="utf-8")
    (folder / "keys").write_text(f"[basic]\nak = {KEY}\nsk = {SECRET}\n", encoding="utf-8")
    (folder / "python").symlink_to(sys.executable)
    ways = [{LOGS: {"name": ["branch"]}, **way} for way in (*WAYS.values(), *HERE.values())]
    plays = [play(CASES.values(), "in_process"), play(CASES.values(), "as_module"), play(ways, "ways", vars={})]
    plays.append({**play([AFAR], "afar", vars={}), "hosts": "far.example"})
    with emulator_module.Emulator() as emulator, emulator_module.Emulator(latency=20_000) as silent:
        reason = {"fails": "{{ 7 * 7 }}", "ago": "5m"}
        emulator.change({"connections": {"branch": {"logs": [reason]}, "hq-secondary": {"error": "VPN.0305"}}})
        places = {"url": emulator.url, "silent": silent.url, "folder": str(folder)}
        (folder / "play.yml").write_text(text_of(plays, places), encoding="utf-8")
        root = next(path for path in Path(__file__).parents if (path / "galaxy.yml").is_file())
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("HW_", "HUAWEICLOUD_"))},
            "ANSIBLE_COLLECTIONS_PATH": str(root / ".cache" / "collections"),
            "ANSIBLE_CALLBACK_PLUGINS": str(root / "tests" / "torture" / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "torture_results",
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_INJECT_INVOCATION": "1",  # no default since ansible-core 2.21
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "HOME": str(folder),
            "TORTURE_RESULTS": str(folder / "results"),
            "HW_ACCESS_KEY": KEY,
            "HW_SECRET_KEY": SECRET,
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "far.example,", "-vvvv"]
        command += ["--vault-password-file", str(folder / "password"), str(folder / "play.yml")]
        process = subprocess.run(
            command, cwd="/", env=environment, capture_output=True, text=True, check=False, timeout=300
        )
    assert process.returncode == 0, process.stdout + process.stderr
    results = [json.loads((folder / f"{way}.json").read_text(encoding="utf-8")) for way in ("in_process", "as_module")]
    both = (dict(zip(CASES, result.values())) for result in results)
    rows = map(json.loads, (folder / "results").read_text(encoding="utf-8").splitlines())
    invocations = {row["task"]: row["result"].get("invocation") for row in rows}
    return Told(*both, invocations, process.stdout.replace(str(folder), "{folder}") + process.stderr)


def comparable(value):
    """Return a result without what is of the moment."""
    moving = {"request_id", "server_time", "clock_skew", "collected_at", "timedout"}
    moving |= {"packets_sent", "packets_recv", "traffic_sent", "traffic_recv"}
    if isinstance(value, str):
        return re.sub("request id [0-9a-f]{32}", "request id", value)
    if isinstance(value, dict):
        shown = {name: comparable(item) for name, item in value.items() if name not in moving}
        return {**shown, **{name: type(value[name]).__name__ for name in moving & {*value}}}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return value


@pytest.mark.parametrize("case", CASES)
def test_both_ways_give_the_same(told, case):
    here, module = comparable(told.in_process[case]), comparable(told.as_module[case])
    assert {name: here.get(name) for name in {*here, *module}} == {name: module.get(name) for name in {*here, *module}}
    assert {*here} == {*module}


def test_the_cases_are_what_they_say(told):
    got = told.in_process
    assert got["one by its ID"]["logs"]
    assert not got["one by its ID"].get("failed")
    assert json.loads(got["compact"]["vpn_connections"][0]["log"])
    assert "{{ 7 * 7 }}" in [entry["reason"] for entry in got["check mode"]["logs"]]
    assert got["one cannot be read"]["msg"].startswith("cannot read 1 of 2 VPN connections: hq-secondary: ")
    assert got["exclusive"]["msg"] == "vgw_id: give only one of vpn_connection_id, name, vgw_id [E_CONFIG]"
    assert [row["name"] for row in got["blank"]["vpn_connections"]] == ["branch"]
    assert got["blank"]["logs"]
    assert got["unsupported"]["msg"].startswith(f"Unsupported parameters for ({INFO}) module: label, limit. Supported")
    assert got["a date of YAML"]["window"]["since"] == "2026-11-23T10:00:00Z"
    assert got["keys from a file beside the playbook"]["logs"]
    assert [bool(result.get("failed")) for result in got["environment of each item"]["results"]] == [True, False]
    assert got["no keys"]["error"]["code"] == "E_CRED"
    assert "no project" in got["defaults of the group"]["msg"]
    assert re.search("Timed out after 1|in the expected time frame", got["time is over"]["msg"])


def test_both_ways_tell_how_they_were_invoked(told):
    here, module = ([told.invocations[f"{way} {number}"] for number in range(len(CASES))] for way in Told._fields[:2])
    assert here == module
    assert here[0]["module_args"]["secret_key"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    hidden = ("environment of each item", "not to be logged", "time is over")
    assert [case for case, shown in zip(CASES, here) if not shown] == [*hidden]


def test_no_way_shows_a_secret(told):
    said = re.sub("^.*(EXEC|VAULT).*$", "", told.output, flags=re.MULTILINE) + json.dumps(told[:3])
    assert [part for part in (SECRET, "jW5vToq9", "xZ2rBn7", "kQ8sLd4y") if part in said] == []
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in said


def test_one_line_tells_by_which_way_and_why(told):
    lines = re.findall(rf"vpn_connection_(?:log_)?info ({IN_PROCESS}|{AS_MODULE}.*)$", told.output, re.MULTILINE)
    count = len(CASES) + 1  # one case is a loop of two
    assert lines[:count] == [IN_PROCESS] * count
    assert lines[count : 2 * count] == [f"{AS_MODULE}{SWITCH} is off"] * count
    whys = [f"{AS_MODULE}{why}" if why else IN_PROCESS for why in WAYS]
    assert lines[2 * count :] == [*whys, *[IN_PROCESS] * len(HERE), IN_PROCESS]


@pytest.fixture
def action():
    """An action as core makes it, as far as is needed to find its way."""
    connection = SimpleNamespace(transport="local", become=None, _shell=SimpleNamespace(env_prefix=lambda **_all: ""))
    task = SimpleNamespace(async_val=0, environment=None, delegate_to=None)
    made = ActionModule(task, connection, None, None, SimpleNamespace(template=lambda value: value), None)
    made.task_vars = {"ansible_python_interpreter": sys.executable}
    return made


def test_files_are_kept_of_a_module_only(action, monkeypatch):
    assert action._why_not() is None
    monkeypatch.setenv("ANSIBLE_KEEP_REMOTE_FILES", "1")
    assert action._why_not() == "ANSIBLE_KEEP_REMOTE_FILES is on"


def test_without_requests_the_module_says_so(action, monkeypatch):
    monkeypatch.setattr("ansible_collections.huaweicloud.vpn.plugins.module_utils._client.session.requests", None)
    assert action._why_not() == "the Python library requests is missing on the controller"


@pytest.mark.parametrize(
    ("value", "off"),
    [(None, False), ("", False), (True, False), ("yes", False), (False, True), ("no", True), (0, True)],
)
def test_the_switch_is_off_where_it_says_so(action, value, off):
    action.task_vars["huaweicloud_vpn_in_process"] = value
    assert action._why_not() == (f"{SWITCH} is off" if off else None)


@pytest.mark.parametrize("value", [ODD, f"a{ODD}b", json.dumps([ODD]), {"a": [1, {"b": ODD}]}])
def test_a_secret_is_seen_in_the_text_of_a_result(value):
    secrets = {ODD, json.dumps(ODD)[1:-1]}
    result = {"changed": False, "none": None, "value": value}
    masked = _direct._masked(result, secrets)
    assert "xZ2rBn7" not in json.dumps(masked)
    assert (masked["changed"], masked["none"]) == (False, None)


def test_a_number_that_is_a_secret_is_seen():
    assert _direct._masked({"pid": 12345678}, {"12345678"}) == {"pid": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}


def test_a_result_without_secrets_is_handed_on_as_it_is():
    result = {"logs": [{"time": 1}]}
    assert _direct._masked(result, {SECRET}) is result


def test_what_a_lookup_needs_is_loaded_with_an_action_and_what_no_module_needs_is_not():
    program = f"""
import sys
from ansible.plugins.loader import action_loader, init_plugin_loader
init_plugin_loader()
action_loader.get("{INFO}", class_only=True)
print("{COLLECTION}.lookup.vpn_connection_log" in sys.modules)
"""
    assert _printed(program) == "True"
    for module, other in (("vpn_connection_info", "_log.event"), ("vpn_connection_log_info", "_gather.connections")):
        program = (
            f"import sys, {COLLECTION}.modules.{module}; print('{COLLECTION}.module_utils.{other}' in sys.modules)"
        )
        assert _printed(program) == "False"


def _printed(program):
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()
