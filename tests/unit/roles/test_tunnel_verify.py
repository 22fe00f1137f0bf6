# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task and the roles as a user runs them; which verdict follows from what is tested in test__verification.py.

Many cases are one play, since to start Ansible takes longer than most of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.logs import gather
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import (
    Query,
    Selection,
    query_spec,
    selection_spec,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import judge
from ansible_collections.huaweicloud.vpn.tests.unit.roles.cases import CASES, GOOD, LOOK, PAIR, SAID, SOON, WORLDS

SECRET = "emulator-secret-key-of-no-real-account-0001"
STALE = ("fail", "home", "wrong", "misspelt", "prepare", "relative")
FORMATS = ("html", "json", "md", "txt", "xml")
RETURNED = {
    *("verdict", "settled", "negotiated", "message", "caveats", "window", "ha_groups", "unrecognised"),
    *("vpn_connections", "reports", "changed", "acted_as"),
}


def tasks_of(number, case, emulator):
    """Return the task of a case, which leaves its result as a variable."""
    url = {"HUAWEICLOUD_VPN_ENDPOINT": emulator.url, "HW_AUTH_URL": emulator.url}
    keywords = {
        "vars": {"world": case.world},
        **case.keywords,
        "environment": {**url, **case.keywords.get("environment", {})},
    }
    if not case.role:
        task = {"huaweicloud.vpn.vpn_connection_verify": case.options, "register": f"case_{number}"}
        return {**task, "ignore_errors": True, **keywords}
    variables = {f"tunnel_verify_{name}": value for name, value in case.options.items()}
    role = {"ansible.builtin.include_role": {"name": "huaweicloud.vpn.tunnel_verify"}, "vars": variables}
    kept, lost = (
        {"ansible.builtin.set_fact": {f"case_{number}": f"{{{{ {result} }}}}"}}
        for result in ("tunnel_verify_result", "ansible_failed_result")
    )
    return {"block": [role, kept], "rescue": [lost], **keywords}


class Stories(NamedTuple):
    """The results of all cases, the output, and the folder with what was written."""

    results: dict[str, Any]
    output: str
    folder: Path
    emulators: dict[str, Any]


def a_play(tasks, hosts="localhost", **keywords):
    return {"hosts": hosts, "connection": "local", "gather_facts": False, "tasks": tasks, **keywords}


def record(folder, names):
    """Return a task that writes variables to a file."""
    content = ", ".join(f"'{name}': {name}" for name in names)
    written = {"content": f"{{{{ {{{content}}} | to_json }}}}", "dest": f"{folder}/results.json", "mode": "0600"}
    return {"ansible.builtin.copy": written, "tags": "always"}


def run_plays(folder, plays, emulator, *options):
    """Run plays as a user of the emulator; return the process and what was recorded."""
    collections = next(path.parent for path in Path(judge.__file__).parents if path.name == "ansible_collections")
    (folder / "play.json").write_text(json.dumps(plays), encoding="utf-8")
    environment = {
        **os.environ,
        **emulator.environment,
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "HOME": str(folder),
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", *options, str(folder / "play.json")]
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    results = folder / "results.json"
    return process, json.loads(results.read_text(encoding="utf-8")) if results.is_file() else {}


def baseline_of(emulator, connect):
    given = {"gather": ["logs", "connection", "ipsec_sas"], "concurrency": 2, "name": ["hq-primary", "hq-secondary"]}
    get = {**dict.fromkeys((*selection_spec(), *query_spec())), **given}.get
    return gather(connect(emulator.url), Selection.from_options(get), Query.from_options(get), compact=True)


@pytest.fixture(scope="module")
def stories(emulator_module, connect, tmp_path_factory):
    """Run all cases as one play, each on the emulator that it wants, with every detail in the output."""
    folder = tmp_path_factory.mktemp("cases")
    vault = VaultLib([("default", VaultSecret(b"vault password"))])
    lines = vault.encrypt(SECRET).decode().replace("\n", "\n  ")
    (folder / "vaulted.yml").write_text(f"vaulted: !vault |\n  {lines}\n", encoding="utf-8")
    (folder / "password").write_text("vault password", encoding="utf-8")
    (folder / "no.json").write_text("this is not JSON", encoding="utf-8")
    for name in STALE:
        (folder / name).mkdir()
        for extension in FORMATS:
            (folder / name / f"tunnel_verify.{extension}").write_text("of an earlier run", encoding="utf-8")
    with ExitStack() as stack:
        emulators = {world: stack.enter_context(emulator_module.Emulator()) for world in WORLDS}
        for world, changes in WORLDS.items():
            text = json.dumps(baseline_of(emulators[world], connect))
            (folder / f"{world}.json").write_text(text, encoding="utf-8")
            emulators[world].clear_requests()
            for change in changes:
                emulators[world].change(change)
        time.sleep(1)  # what was changed in the second of the baseline is no later than that
        tasks = [tasks_of(number, case, emulators[case.world]) for number, case in enumerate(CASES.values())]
        names = [f"case_{number}" for number in range(len(CASES))]
        plays = [a_play([*tasks, record(folder, names)], vars={"folder": str(folder)}, vars_files=["vaulted.yml"])]
        vault = ("--vault-password-file", str(folder / "password"))
        process, results = run_plays(folder, plays, emulators["healthy"], *vault, "-vvv")
        assert process.returncode == 0, process.stdout + process.stderr
        yield Stories(dict(zip(CASES, results.values())), process.stdout + process.stderr, folder, emulators)


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", CASES)
def test_a_case_ends_as_it_should(name, stories):
    result = stories.results[name]
    assert result.get("failed", False) == (name not in GOOD), result
    assert SAID.get(name, "") in result.get("msg", ""), result


@pytest.mark.parametrize("name", [*SAID])
def test_what_is_refused_is_said_in_one_line(name, stories):
    result = stories.results[name]
    assert "\n" not in result["msg"]
    assert len(result["msg"]) < 500
    assert not {"verdict", "reports"} & {*result}
    assert {*result["error"]} == {"code", "status", "message", "request_id"}


def test_a_tunnel_that_the_change_has_created_is_named_and_verified_when_asked(stories):
    new = "dr: created after the baseline, not verified: list every tunnel in name"
    assert stories.results["created"]["caveats"][-1] == new
    named = stories.results["created and named"]
    assert [row["name"] for row in named["vpn_connections"]] == [*PAIR, "dr"]
    assert new not in named["caveats"]


def test_a_pass_is_said_and_returned(stories):
    result = stories.results["pass"]
    assert {*result} - {"failed", "deprecations", "warnings"} == RETURNED
    assert result["message"] in stories.output
    assert result["message"].startswith("hq-primary: PASS, NOT TRIED YET: no failed negotiation since 20")
    assert (result["verdict"], result["settled"], result["negotiated"], result["changed"]) == (
        "pass",
        True,
        False,
        False,
    )
    assert [row["name"] for row in result["vpn_connections"]] == ["hq-primary", "hq-secondary"]


@pytest.mark.parametrize("name", ["fail", "warned of a failure", "the role fails", "inconclusive"])
def test_a_failure_is_the_first_line_of_the_diagnosis(name, stories):
    result = stories.results[name]
    assert result["msg"] == result["message"].splitlines()[0]
    assert result["msg"].startswith(f"hq-primary: {result['verdict'].upper()} ")


def test_inconclusive_is_let_through_with_a_warning(stories):
    result = stories.results["warn"]
    assert result["verdict"] == "inconclusive"
    assert "the verdict is inconclusive; on_inconclusive says that the task passes" in json.dumps(result["warnings"])


def test_what_must_not_be_logged_is_not_said(stories):
    assert "CHG-HIDDEN" in stories.results["hidden"]["message"]
    assert "CHG-HIDDEN" not in stories.output


def test_check_mode_is_said_and_reported(stories):
    result = stories.results["check mode"]
    assert "check mode: the change was not made" in stories.output
    report = json.loads(Path(result["reports"]["json"]).read_text(encoding="utf-8"))
    assert report["run"]["check_mode"]


def test_only_a_named_tunnel_is_reset(stories):
    assert stories.results["reset"]["changed"]
    assert stories.results["reset"]["negotiated"]
    posts = [one["path"] for one in stories.emulators["reset"].requests if one["method"] == "POST"]
    assert posts == [one for one in posts if one.endswith("/reset")]
    assert len(posts) == 2
    assert "THEIR TRAFFIC DROPS NOW" in stories.output
    assert "check mode: no tunnel is reset" in stories.output
    assert "would be reset: hq-primary, hq-secondary" in stories.output
    assert "reset and up again: hq-primary, hq-secondary" in stories.output


@pytest.mark.parametrize("name", ["home", "wrong", "misspelt"])
def test_reports_of_an_earlier_run_are_removed_also_when_an_option_is_wrong(name, stories):
    assert files_in(stories.folder / name) == []


def test_reports_are_written_where_the_task_says(stories):
    folder, result = stories.folder / "fail", stories.results["fail"]
    assert files_in(folder) == [f"tunnel_verify.{extension}" for extension in FORMATS]
    assert result["reports"]["junit"] == str(folder / "tunnel_verify.xml")
    report = json.loads((folder / "tunnel_verify.json").read_text(encoding="utf-8"))
    assert (report["verdict"], report["run"]["id"], report["run"]["check_mode"]) == ("fail", "42", False)
    assert files_in(stories.folder / "reports") == [f"own.{extension}" for extension in FORMATS]
    assert files_in(stories.folder / "some") == ["tunnel_verify.json", "tunnel_verify.txt"]
    assert stories.results["no folder"]["reports"] == {}


def test_in_preparation_earlier_reports_are_removed_and_none_is_written(stories):
    assert files_in(stories.folder / "prepare") == []
    assert stories.results["prepare"]["ready"]
    assert stories.results["prepare"]["message"] == "ready to verify hq-primary, hq-secondary"
    assert not stories.results["reset in preparation"]["changed"]


def test_lists_are_split_at_commas_and_line_ends(stories):
    names = [row["name"] for row in stories.results["lists as text"]["vpn_connections"]]
    assert names == ["hq-primary", "hq-secondary", "branch"]


@pytest.mark.parametrize("name", ["null beside a baseline", "null for the role"])
def test_null_and_empty_are_not_given(name, stories):
    assert [row["name"] for row in stories.results[name]["vpn_connections"]] == PAIR


def test_no_secret_is_shown(stories):
    assert SECRET not in stories.output
    assert "wrong-secret-key-of-nobody" not in stories.output
    assert "vault password" not in stories.output


def test_nothing_breaks_off(stories):
    assert "Traceback" not in stories.output


def test_whoever_reaches_the_roles_gets_all_of_them(emulator, tmp_path):
    """Tags of include_role go to none of the tasks in it."""
    baseline = {"name": "huaweicloud.vpn.tunnel_baseline"}
    verify = {"name": "huaweicloud.vpn.tunnel_verify"}
    given = {"tunnel_baseline_name": PAIR, "tunnel_baseline_file": f"{tmp_path}/before.json"}
    tasks = [{"ansible.builtin.include_role": role, "tags": ["vpn"]} for role in (baseline, verify)]
    variables = {**given, **{f"tunnel_verify_{name}": value for name, value in SOON.items()}}
    process, results = run_plays(
        tmp_path,
        [a_play([*tasks, record(tmp_path, ["tunnel_verify_result"])], vars=variables)],
        emulator,
        "--tags",
        "vpn",
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert results["tunnel_verify_result"]["message"] in process.stdout
    assert json.loads((tmp_path / "before.json").read_text(encoding="utf-8"))["schema"] == 1


def test_of_several_hosts_each_has_its_reports_and_its_lines(emulator, tmp_path):
    role = {"ansible.builtin.include_role": {"name": "huaweicloud.vpn.tunnel_verify"}}
    given = {**LOOK, "report_dir": str(tmp_path), "report_formats": "json"}
    wrong = {"name": "all of one name", "huaweicloud.vpn.vpn_connection_verify": {**given, "report_name": "one"}}
    reset = {"name": "both at once", "huaweicloud.vpn.vpn_connection_verify": {**LOOK, **SOON, "reset": True}}
    tasks = [role, {**wrong, "ignore_errors": True}, {**reset, "ignore_errors": True}]
    play = a_play(tasks, "one,other", vars={f"tunnel_verify_{name}": value for name, value in given.items()})
    process, _results = run_plays(tmp_path, [play], emulator, "-i", "one,other,")
    assert process.returncode == 0, process.stdout + process.stderr
    for host in ("one", "other"):
        assert f"[{host}] hq-primary: PASS" in process.stdout
        report = json.loads((tmp_path / f"tunnel_verify-{host}.json").read_text(encoding="utf-8"))
        assert report["run"]["title"] == f"VPN tunnel verification, {host}"
    output = process.stdout + process.stderr
    assert "report_name: with several hosts, leave it out or put inventory_hostname into it" in output
    assert "reset: set serial: 1 in the play, or both tunnels of a pair may be down at once" in output
