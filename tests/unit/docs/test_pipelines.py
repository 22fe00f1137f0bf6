# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pipeline of the page is green after a change that went well, and after nothing else."""

from __future__ import annotations

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

PAGE = (Path(__file__).parents[3] / "docs" / "pipelines.md").read_text("utf-8")
GITHUB, GITLAB = (yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
CHANGE = """
- name: Change
  ansible.builtin.uri:
    url: "{{ lookup('ansible.builtin.env', 'HUAWEICLOUD_VPN_ENDPOINT') }}/emulator/change"
    method: POST
    body_format: json
    body: {name: NAME}
    use_proxy: false
"""
QUICK = "-e tunnel_verify_wait_sleep=1 -e tunnel_verify_quiet_for=1 -e tunnel_verify_wait_timeout=9"


@pytest.fixture
def pipeline(emulator, tmp_path):
    """Start the job of GitLab with a change of the emulator, with more arguments for ansible-playbook."""
    collections = next(path.parent for path in Path(judge.__file__).parents if path.name == "ansible_collections")
    tools = Path(sys.executable).parent
    (tmp_path / "ansible-playbook").write_text(f'#!/bin/sh\nexec "{tools}/ansible-playbook" "$@" $MORE\n', "utf-8")
    (tmp_path / "ansible-playbook").chmod(0o755)
    (tmp_path / "rollback.yml").write_text("[]", "utf-8")
    (tmp_path / "empty.yml").write_text("all: {hosts: {}}", "utf-8")
    install, *script = [line for line in GITLAB["change"]["script"] if "pip" not in line]
    assert "ansible-galaxy" in install
    surroundings = {
        **os.environ,
        **emulator.environment,
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "CI_JOB_ID": "run-1",
        "PATH": f"{tmp_path}{os.pathsep}{tools}{os.pathsep}{os.environ['PATH']}",
    }

    def start(change="renegotiated", more="", prefix=(), **environment):
        (tmp_path / "change.yml").write_text(CHANGE.replace("NAME", change), encoding="utf-8")
        return subprocess.Popen(
            [*prefix, "bash", "-e", "-c", "\n".join(script)],
            env={**surroundings, "MORE": f"{QUICK} {more}", **environment},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    return start


def ended(process):
    output, _errors = process.communicate(timeout=120)
    return process.returncode, output, re.findall("^(?:NOT )?VERIFIED: .*", output, re.MULTILINE)


def test_a_change_that_went_well_is_green(pipeline, tmp_path):
    code, output, said = ended(pipeline())
    assert code == 0, output
    assert said == ["VERIFIED: 2 VPN connection(s) in run run-1: hq-primary, hq-secondary"]
    assert {path.suffix for path in (tmp_path / "reports").iterdir()} == {".html", ".json", ".md", ".txt", ".xml"}


@pytest.mark.parametrize(
    ("what", "given", "why"),
    [
        ("a broken tunnel", {"change": "wrong_psk"}, "the verdict of tunnel_verify.json is fail: rolled back: STILL"),
        ("a broken tunnel and tags", {"change": "wrong_psk", "more": "--tags nothing"}, "the verdict of "),
        ("an inventory without hosts", {"more": "--inventory empty.yml --limit all"}, "there is no report"),
        ("a limit", {"more": "--inventory other, --limit other"}, "there is no report"),
        ("skipped tags", {"more": "--skip-tags always"}, "there is no report"),
        ("a task to start at that is none", {"more": "--start-at-task Profe"}, "there is no report"),
        ("check mode", {"more": "--check"}, "tunnel_verify.json is of check mode: the change was not made"),
        ("a list of tasks", {"more": "--list-tasks"}, "there is no report"),
        ("a syntax check", {"more": "--syntax-check"}, "there is no report"),
        ("a change that breaks off", {"change": "no_such_change"}, "the verdict of tunnel_verify.json is "),
        ("a report that cannot be written", {"more": "-e tunnel_verify_report_dir=/dev/null/x"}, "there is no report"),
        ("a wrong key", {"HW_SECRET_KEY": "not-the-key-of-the-emulator"}, "there is no report"),
        ("another project", {"HW_PROJECT_ID": "0" * 32}, "there is no report"),
        ("a report of another run", {"more": "-e tunnel_verify_run_id=run-0"}, "tunnel_verify.json is of another run"),
        ("a report without a run", {"more": "-e tunnel_verify_run_id="}, "tunnel_verify.json is of another run, with"),
        ("a change that is only prepared", {"more": "-e prepare_only=true"}, "there is no report"),
    ],
)
def test_everything_else_is_red_and_says_why(pipeline, what, given, why):
    code, output, said = ended(pipeline(**given))
    assert code != 0, output
    assert len(said) == 1, output
    assert said[0].startswith(f"NOT VERIFIED: {why}")


def test_an_old_report_is_not_taken_for_one_of_this_run(pipeline, tmp_path):
    assert ended(pipeline(CI_JOB_ID="run-0"))[0] == 0
    code, _output, said = ended(pipeline(more="--list-tasks"))
    assert (code, len(said)) == (2, 1)
    assert said[0].startswith("NOT VERIFIED: tunnel_verify.json is of another run, run-0: remove it")


def test_a_full_disk_is_not_green(pipeline, tmp_path):
    disk = tmp_path / "reports"
    disk.mkdir()
    small = ["unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o size=16k tmpfs {disk} && exec "$@"', "-"]
    if subprocess.run([*small, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no file system of one's own can be mounted here")
    code, output, said = ended(pipeline(prefix=small))
    assert code != 0
    assert "No space left on device" in output
    assert said[0].startswith("NOT VERIFIED: ")


def test_a_killed_run_leaves_no_report(pipeline, emulator, tmp_path):
    assert ended(pipeline())[0] == 0
    seen = len(emulator.requests)
    process = pipeline(more="-e tunnel_verify_quiet_for=60")
    deadline = time.monotonic() + 60
    while not any("ipsec-sa" in request["path"] for request in emulator.requests[seen:]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    assert ended(process)[0] != 0
    assert not [*(tmp_path / "reports").iterdir()]


def test_all_services_have_the_same_commands():
    """As far as they can: each tells a run by its own name."""

    def same(text):
        names = re.sub(r"\$(RUN|CI_JOB_ID|BUILD_TAG)\b", "RUN", text)
        return re.findall(r'-[ema] +(?:"[^"]*"|\S+)', names)

    github = "\n".join(step.get("run", "") for step in GITHUB["jobs"]["change"]["steps"])
    (jenkins,) = re.findall(r"^```groovy\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    gitlab = same("\n".join(GITLAB["change"]["script"]))
    assert len(gitlab) == 7, gitlab
    assert same(github) == same(jenkins) == gitlab
