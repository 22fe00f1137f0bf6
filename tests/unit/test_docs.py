# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate of the guide for pipelines is green after a change that went well, and after nothing else."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import judge

ROOT = Path(__file__).parents[2]
PIPELINES = ROOT / "docs" / "pipelines.md"
CHANGE = """
- name: Change
  ansible.builtin.uri:
    url: "{{ lookup('ansible.builtin.env', 'HUAWEICLOUD_VPN_ENDPOINT') }}/emulator/change"
    method: POST
    body_format: json
    body: {name: NAME}
    use_proxy: false
"""
QUICK = ["-e", "tunnel_verify_wait_sleep=1", "-e", "tunnel_verify_quiet_for=1"]
ONE = ["-e", "tunnel_baseline_name=hq-primary"]
EACH = {"TUNNELS": "vpn_connections", "ANSIBLE_INVENTORY": "hq.vpn_connections.yml"}


def snippets(path, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def surroundings(emulator, tmp_path):
    """The environment of a user of the emulator, in an empty folder."""
    collections = next(path.parent for path in Path(judge.__file__).parents if path.name == "ansible_collections")
    return {
        **os.environ,
        **emulator.environment,
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


@pytest.fixture
def gate(surroundings, tmp_path):
    """Start gate.sh as the guide has it, with a change of the emulator."""
    (script,) = snippets(PIPELINES, "bash")
    (tmp_path / "gate.sh").write_text(script, encoding="utf-8")

    def start(change, *arguments, prefix=(), **environment):
        (tmp_path / "change.yml").write_text(CHANGE.replace("NAME", change), encoding="utf-8")
        (tmp_path / "hq.vpn_connections.yml").write_text("plugin: huaweicloud.vpn.vpn_connections\n", encoding="utf-8")
        named = [] if "TUNNELS" in environment else ONE
        options = ["-e", f"change={tmp_path}/change.yml", *QUICK, *named, *arguments]
        command = [*prefix, "bash", "gate.sh", "run-1", *options]
        return subprocess.Popen(
            command,
            env={**surroundings, **environment},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    return start


def ended(process):
    output, _errors = process.communicate(timeout=120)
    return process.returncode, output


def test_a_change_that_went_well_is_green(gate, tmp_path):
    code, output = ended(gate("renegotiated"))
    assert code == 0, output
    assert output.rstrip().endswith("VERIFIED: 1 VPN connections")
    assert {path.suffix for path in (tmp_path / "reports").iterdir()} == {".html", ".json", ".md", ".txt", ".xml"}


def test_tags_leave_nothing_out(gate):
    code, output = ended(gate("wrong_psk", "--tags", "nothing"))
    assert code != 0
    assert "hq-primary: FAIL" in output


@pytest.mark.parametrize(
    ("what", "change", "arguments", "environment"),
    [
        ("a broken tunnel", "wrong_psk", [], {}),
        ("an inventory without hosts", "renegotiated", ["--inventory", "empty.yml", "--limit", "all"], {}),
        ("a limit", "renegotiated", ["--inventory", "other,", "--limit", "other"], {}),
        ("skipped tags", "renegotiated", ["--skip-tags", "always"], {}),
        ("a typo in the task to start at", "renegotiated", ["--start-at-task", "Profe that the tunnels"], {}),
        ("check mode", "renegotiated", ["--check"], {}),
        ("a list of tasks", "renegotiated", ["--list-tasks"], {}),
        ("a syntax check", "renegotiated", ["--syntax-check"], {}),
        ("a change that breaks off", "no_such_change", [], {}),
        ("reports that cannot be written", "renegotiated", [], {"REPORTS": "/dev/null/reports"}),
        ("a wrong key", "renegotiated", [], {"HW_SECRET_KEY": "not-the-key-of-the-emulator"}),
        ("each tunnel, one broken", "wrong_psk", [], EACH),
        ("each tunnel, but for those that a limit leaves out", "renegotiated", ["--limit", "branch"], EACH),
        ("each tunnel, skipped tags", "renegotiated", ["--skip-tags", "always"], EACH),
        ("each tunnel, check mode", "renegotiated", ["--check"], EACH),
        ("no tunnel", "renegotiated", [], {**EACH, "TUNNELS": "others"}),
        (
            "an inventory beside the gate's",
            "renegotiated",
            ["-i", "hq.vpn_connections.yml"],
            {"TUNNELS": "vpn_connections"},
        ),
    ],
)
def test_everything_else_is_not(gate, tmp_path, what, change, arguments, environment):
    (tmp_path / "empty.yml").write_text("all: {hosts: {}}\n", encoding="utf-8")
    old = tmp_path / "reports"
    old.mkdir()
    good = {"schema": 1, "run": {"id": "run-0", "check_mode": False}, "verdict": "pass", "vpn_connections": []}
    for name in ("", "-hq-primary", "-hq-secondary", "-branch"):
        (old / f"tunnel_verify{name}.json").write_text(json.dumps(good), encoding="utf-8")
    code, output = ended(gate(change, *arguments, **environment))
    assert code != 0, output
    assert not re.search("^VERIFIED", output, re.MULTILINE)


def test_each_tunnel_that_is_well_after_its_change_is_green(gate, tmp_path):
    code, output = ended(gate("renegotiated", **EACH))
    assert code == 0, output
    assert output.rstrip().endswith("VERIFIED: 3 VPN connections")
    kept = {path.stem for path in (tmp_path / "reports").iterdir()}
    assert kept == {f"tunnel_verify-{name}" for name in ("hq-primary", "hq-secondary", "branch")}


def test_a_full_disk_is_not_green(gate, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    small = ["unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o size=16k tmpfs {disk} && exec "$@"', "-"]
    if subprocess.run([*small, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no file system of one's own can be mounted here")
    code, output = ended(gate("renegotiated", prefix=small, REPORTS=str(disk / "reports")))
    assert code != 0
    assert "No space left on device" in output
    assert not re.search("^VERIFIED", output, re.MULTILINE)


def test_a_killed_run_leaves_no_report(gate, emulator, tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "tunnel_verify.xml").write_text("<old/>", encoding="utf-8")
    process = gate("renegotiated", "-e", "tunnel_verify_quiet_for=60")
    deadline = time.monotonic() + 60
    while not any("ipsec-sa" in request["path"] for request in emulator.requests) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    code, _output = ended(process)
    assert code != 0
    assert not [*(tmp_path / "reports").iterdir()]


def test_the_pipelines_are_whole():
    for text in snippets(PIPELINES, "yaml"):
        said = yaml.safe_load(text)
        assert "./gate.sh" in json.dumps(said)
    (jenkins,) = snippets(PIPELINES, "groovy")
    assert jenkins.count("{") == jenkins.count("}")
    assert "./gate.sh" in jenkins
