# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pieces in the folder pipelines are green after a change that went well, and after nothing else.

What a service does with its file is done here by hand: inputs are filled in, and the script is run by the same shell.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest
import yaml
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import judge

ROOT = Path(__file__).parents[3]
PIECES = ROOT / "pipelines"
PAGE = ROOT / "docs" / "docsite" / "rst" / "pipelines.rst"
INPUTS = {"change": "change.yml", "rollback": "rollback.yml", "name": "hq-primary,hq-secondary"}


def github():
    """Return the step of the action that changes and verifies."""
    (step,) = [step for step in ACTION["runs"]["steps"] if "validate_change" in step.get("run", "")]
    return step


def gitlab(**inputs):
    """Return the job as GitLab reads it: inputs are put into the text, then the text is parsed."""
    spec, job = (PIECES / "gitlab" / "verified-change.yml").read_text("utf-8").split("\n---\n")[-2:]
    known = yaml.safe_load(spec)["spec"]["inputs"]
    given = {name: entry.get("default") for name, entry in known.items()} | inputs
    assert given.keys() == known.keys()
    assert None not in given.values()
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    return yaml.safe_load(re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda found: texts[found[1]], job))


def jenkins():
    """Return the shell script of the step."""
    (script,) = re.findall(r"(?s)\bsh \'\'\'\n(.*?)\'\'\'", JENKINS)
    assert not re.search(r"\\[^\n]", script), "Groovy takes a backslash for itself"
    return textwrap.dedent(script)


ACTION = yaml.safe_load((PIECES / "github" / "action.yml").read_text("utf-8"))
JENKINS = (PIECES / "jenkins" / "verifiedChange.groovy").read_text("utf-8")
(JOB,) = gitlab(**INPUTS).values()
VARIABLES = {
    **{"VPN_CHANGE": "change.yml", "VPN_ROLLBACK": "rollback.yml", "VPN_NAME": "hq-primary,hq-secondary"},
    **{"VPN_EXTRA": "", "VPN_EXPECT": "", "VPN_NEGOTIATED": "false"},
}
# The script of each service, the shell that runs it, and what the service sets.
SERVICES = {
    "gitlab": (
        "\n".join(JOB["script"]),
        ("bash", "-eo", "pipefail", "-c"),
        lambda folder: {**JOB["variables"], "VPN_REPORTS": f"{folder}/reports", "CI_JOB_ID": "run-1"},
    ),
    "github": (
        github()["run"],
        ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"),
        lambda folder: {
            **{**VARIABLES, "VPN_REPORTS": f"{folder}/reports", "GITHUB_STEP_SUMMARY": f"{folder}/summary.md"},
            **{"GITHUB_RUN_ID": "run-1", "GITHUB_RUN_ATTEMPT": "2"},
        },
    ),
    "jenkins": (
        jenkins(),
        ("sh", "-xe", "-c"),
        lambda folder: {**VARIABLES, "VPN_FOLDER": "reports", "WORKSPACE": str(folder), "BUILD_TAG": "run-1"},
    ),
}
# The script of GitLab, with the exit code of each command in place of its end.
CODES = SERVICES["gitlab"][0].replace(" || failed=1", "\necho playbook=$?").replace('test -z "$failed"', "echo gate=$?")
CHANGE = """
- name: Change
  ansible.builtin.uri:
    url: "{{ lookup('ansible.builtin.env', 'HUAWEICLOUD_VPN_ENDPOINT') }}/emulator/change"
    method: POST
    body_format: json
    body: {name: NAME}
    use_proxy: false
"""
# The three stages of the page: evidence, a change by any tool, the verdict; the gate is the last command, always.
(STAGES,) = re.findall(r"(?m)^    export .*\n(?=.* huaweicloud\.vpn\.baseline )(?:    .*\n)+", PAGE.read_text("utf-8"))
STAGES = textwrap.dedent(STAGES)
SERVICES["stages"] = (STAGES, ("bash", "-c"), lambda _folder: {})
# The same as jobs, each a shell of its own: the first that is red ends it, and a retry leaves out what was green.
(JOBS,) = re.findall(r"(?m)^    stages: .*\n(?:    .*\n|\n)+", PAGE.read_text("utf-8"))
JOBS = yaml.safe_load(JOBS)


def jobs():
    """Return a script that runs the jobs as GitLab does."""
    lines = []
    for stage in JOBS["stages"]:
        (job,) = [job for name, job in JOBS.items() if name != "stages" and job["stage"] == stage]
        script = shlex.quote("\n".join([*job["script"], f"touch green-{stage}"]))
        lines.append(f"[ -e green-{stage} ] || bash -eo pipefail -c {script} || exit 1")
    return "\n".join(lines)


SERVICES["jobs"] = (jobs(), ("bash", "-c"), lambda _folder: {"CI_JOB_ID": "4711"})
QUICK = "-e tunnel_verify_wait_sleep=1 -e tunnel_verify_quiet_for=1 -e tunnel_verify_wait_timeout=9"


@pytest.fixture
def pipeline(emulator, tmp_path):
    """Start the script of a service with a change of the emulator, with more arguments for ansible-playbook."""
    collections = next(path.parent for path in Path(judge.__file__).parents if path.name == "ansible_collections")
    tools = Path(sys.executable).parent
    (tmp_path / "ansible-playbook").write_text(f'#!/bin/sh\nexec "{tools}/ansible-playbook" "$@" $MORE\n', "utf-8")
    (tmp_path / "ansible-playbook").chmod(0o755)
    tool = f'#!/bin/sh\nexec "{tools}/ansible-playbook" play.yml\n'
    (tmp_path / "change-the-tunnel").write_text(tool, "utf-8")
    (tmp_path / "change-the-tunnel").chmod(0o755)
    (tmp_path / "play.yml").write_text(
        "[{hosts: localhost, gather_facts: false, tasks: [{include_tasks: change.yml}]}]"
    )
    (tmp_path / "rollback.yml").write_text("[]", "utf-8")
    (tmp_path / "empty.yml").write_text("all: {hosts: {}}", "utf-8")
    surroundings = {
        **os.environ,
        **emulator.environment,
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "PATH": f"{tmp_path}{os.pathsep}{tools}{os.pathsep}{os.environ['PATH']}",
    }

    def start(change="renegotiated", more="", prefix=(), service="gitlab", **environment):
        script, shell, sets = {**SERVICES, "codes": (CODES, ("bash", "-c"), SERVICES["gitlab"][2])}[service]
        (tmp_path / "change.yml").write_text(CHANGE.replace("NAME", change), encoding="utf-8")
        return subprocess.Popen(
            [*prefix, *shell, script],
            env={**surroundings, **sets(tmp_path), "MORE": f"{QUICK} {more}", **environment},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    start.surroundings = surroundings
    return start


def ended(process):
    output, _errors = process.communicate(timeout=120)
    return process.returncode, output, re.findall("^(?:NOT )?VERIFIED: .*", output, re.MULTILINE)


def test_a_change_that_went_well_is_green_and_its_report_not_that_of_another_run(pipeline, emulator, tmp_path):
    code, output, said = ended(pipeline())
    assert code == 0, output
    assert said == ["VERIFIED: 2 VPN connection(s) in run run-1: hq-primary, hq-secondary"]
    assert {path.suffix for path in (tmp_path / "reports").iterdir()} == {".html", ".json", ".md", ".txt", ".xml"}

    code, _output, said = ended(pipeline(more="--list-tasks", CI_JOB_ID="run-2"))
    assert (code, len(said)) == (2, 1)
    assert said[0].startswith("NOT VERIFIED: tunnel_verify.json is of run run-1, not of run run-2: delete it")

    # One that is killed leaves none.
    seen = len(emulator.requests)
    process = pipeline(more="-e tunnel_verify_quiet_for=60")
    deadline = time.monotonic() + 60
    # More often than before the change: it is killed while it verifies.
    while sum("ipsec-sa" in request["path"] for request in emulator.requests[seen:]) < 8:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    assert ended(process)[0] != 0
    assert not [*(tmp_path / "reports").iterdir()]


# What is done, and why the gate does not take it.
RED = [
    ("a broken tunnel", {"change": "wrong_psk"}, "the verdict of tunnel_verify.json is fail: rolled back: STILL"),
    ("a broken tunnel and tags", {"change": "wrong_psk", "more": "--tags nothing"}, "the verdict of "),
    ("an inventory without hosts", {"more": "--inventory empty.yml --limit all"}, "there is no report"),
    ("a limit", {"more": "--inventory other, --limit other"}, "there is no report"),
    ("skipped tags", {"more": "--skip-tags always"}, "there is no report"),
    ("a task to start at that is none", {"more": "--start-at-task Profe"}, "there is no report"),
    ("check mode", {"more": "--check"}, "tunnel_verify.json was written in check mode: the change was not made"),
    ("a list of tasks", {"more": "--list-tasks"}, "there is no report"),
    ("a syntax check", {"more": "--syntax-check"}, "there is no report"),
    ("a change that breaks off", {"change": "no_such_change"}, "the verdict of tunnel_verify.json is "),
    ("a report that cannot be written", {"more": "-e tunnel_verify_report_dir=/dev/null/x"}, "there is no report"),
    ("a wrong key", {"HW_SECRET_KEY": "not-the-key-of-the-emulator"}, "there is no report"),
    ("another project", {"HW_PROJECT_ID": "0" * 32}, "there is no report"),
    ("a report of another run", {"more": "-e tunnel_verify_run_id=run-0"}, "tunnel_verify.json is of run run-0, not "),
    ("a report without a run", {"more": "-e tunnel_verify_run_id="}, "tunnel_verify.json is of a run without run_id"),
    ("a change that is only prepared", {"more": "-e prepare_only=true"}, "there is no report"),
]


# One of each kind; make test-all tries all of them.
OFTEN = {"a broken tunnel", "a limit", "check mode", "a change that breaks off", "a report of another run"}


@pytest.mark.parametrize(
    ("what", "given", "why"),
    [pytest.param(*row, marks=[] if row[0] in OFTEN else [pytest.mark.nightly]) for row in RED],
)
def test_everything_else_is_red_and_says_why(pipeline, what, given, why):
    code, output, said = ended(pipeline(**given))
    assert code != 0, output
    assert len(said) == 1, output
    assert said[0].startswith(f"NOT VERIFIED: {why}")


EDIT = """sed -i '0,/"fail"/s//"pass"/' reports/tunnel_verify.json"""
# A change that breaks off has left the tunnel as it was: the stage of the change is red, and the verdict is a pass.
LEFT = {
    *("an inventory without hosts", "a change that is only prepared", "a change that breaks off"),
    *("a report of another run", "another project"),
}
STAGED = [
    *((what, given, {}) for what, given, _why in RED if what not in LEFT),
    ("other tunnels", {"more": "-e tunnel_verify_name=hq-secondary"}, {}),
    ("not tried yet", {"change": "idle"}, {"run_id": "negotiated=true run_id"}),
    ("more tunnels are expected", {}, {"run_id": "expect=hq-primary,branch run_id"}),
    ("another project after the change", {}, {"./change-the-tunnel": f"export HW_PROJECT_ID={'0' * 32}"}),
    ("a baseline that is too old", {}, {"huaweicloud.vpn.verify": "huaweicloud.vpn.verify -e tunnel_verify_max_age=0"}),
    ("a baseline that was lost", {}, {"./change-the-tunnel": "rm before.json"}),
    ("a baseline by hand", {}, {"./change-the-tunnel": "echo {} >before.json"}),
    (
        "a report by hand",
        {"change": "wrong_psk"},
        {"ansible localhost": "sed -i s/hq-primary/branch/ reports/tunnel_verify.json; ansible localhost"},
    ),
    ("a report of another run", {}, {"tunnel_verify_run_id=": "tunnel_verify_run_id=0"}),
    ("nothing verified", {}, {"huaweicloud.vpn.verify": "huaweicloud.vpn.verify --list-hosts"}),
]


@pytest.mark.parametrize("service", ["stages", "jobs"])
def test_three_stages_are_green_after_a_good_change(pipeline, service):
    code, output, said = ended(pipeline(service=service))
    assert code == 0, output
    assert said == ["VERIFIED: 1 VPN connection(s) in run 4711: hq-primary"]


@pytest.mark.parametrize("service", ["stages", "jobs"])
@pytest.mark.parametrize("change", ["wrong_psk", "no_such_change"])
def test_three_stages_are_red_after_a_broken_tunnel_or_change(pipeline, service, change):
    """A change that breaks off is red, also where the tunnels are well, and they were looked at."""
    code, output, said = ended(pipeline(service=service, change=change))
    assert code != 0, output
    assert ("hq-primary: FAIL" in output) == (change == "wrong_psk"), output
    assert change == "wrong_psk" or said == ["VERIFIED: 1 VPN connection(s) in run 4711: hq-primary"]


@pytest.mark.parametrize("service", ["stages", "jobs"])
def test_without_evidence_the_tunnels_are_not_changed(pipeline, service):
    code, output, _said = ended(pipeline(service=service, HW_SECRET_KEY="not-the-key-of-the-emulator"))
    assert code != 0
    assert "TASK [Change]" not in output


def test_a_change_that_is_retried_is_verified_again(pipeline):
    """Else what was green after the change that broke off would stand for the one that went through."""
    assert ended(pipeline(service="jobs", change="no_such_change"))[0] != 0
    code, output, said = ended(pipeline(service="jobs", change="wrong_psk", CI_JOB_ID="4712"))
    assert code != 0, output
    assert said[0].startswith("NOT VERIFIED: the verdict of tunnel_verify.json is fail: hq-primary: FAIL")


@pytest.mark.parametrize(("what", "given", "edits"), STAGED)
def test_three_stages_are_red_after_everything_else(pipeline, monkeypatch, what, given, edits):
    script, *others = SERVICES["stages"]
    for old, new in edits.items():
        assert old in script
        script = script.replace(old, new)
    monkeypatch.setitem(SERVICES, "stages", (script, *others))
    code, output, said = ended(pipeline(service="stages", **given))
    assert code != 0, output
    assert len(said) == 1, output
    assert said[0].startswith("NOT VERIFIED: ")


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


@pytest.mark.parametrize("service", ["github", "jenkins"])
def test_the_other_services_do_the_same(pipeline, service, tmp_path):
    summary = tmp_path / "summary.md"
    code, output, said = ended(pipeline(service=service))
    assert code == 0, output
    assert len(said) == 1
    assert re.match("VERIFIED: 2 VPN .* in run run-1-[0-9-]+: hq-primary, hq-secondary$", said[0])
    assert (service == "github") == summary.exists()
    assert not summary.exists() or "hq-secondary" in summary.read_text("utf-8").partition("VERIFIED")[2]

    # Directly after it, in the same job: its reports are there and pass.
    time.sleep(1)
    code, output, said = ended(pipeline(service=service, more="--list-tasks"))
    assert code != 0
    assert len(said) == 1
    assert said[0].startswith("NOT VERIFIED: tunnel_verify.json is of run run-1")
    assert not summary.exists() or said[0] in summary.read_text("utf-8")

    code, output, said = ended(pipeline(service=service, change="wrong_psk"))
    assert code != 0
    assert len(said) == 1
    assert "hq-primary: FAIL" in output
    assert not summary.exists() or "authentication fail" in summary.read_text("utf-8")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"VPN_NAME": "hq-primary"}, None),
        ({"VPN_NAME": "hq-primary", "VPN_EXPECT": "2"}, "the reports have 1 VPN connection(s), but expect is 2"),
        ({"VPN_NAME": "", "VPN_EXPECT": "3"}, None),
        ({"VPN_NEGOTIATED": "true"}, "no negotiation since the change: hq-secondary"),
        ({"VPN_EXTRA": '{"prepare_only": true}'}, "there is no report"),
        ({"VPN_CHANGE": "", "VPN_EXTRA": "change=change.yml"}, "there is no report"),
        ({"VPN_NAME": "hq-primary' tunnel_verify_run_id='x"}, "tunnel_verify_run_id: there is no such"),
    ],
)
def test_what_inputs_do(pipeline, given, why):
    code, output, said = ended(pipeline(**given))
    assert (code == 0) == (why is None), output
    assert len(said) == 1
    assert why is None or why in said[0], said


def rows_of_three(page):
    """Return the rows of tables with three columns."""
    return re.findall(r"(?m)^   \* - (.*)\n     - (.*)\n     - (.*)$", page)


def test_the_page_shows_how_to_use_the_files():
    page = PAGE.read_text("utf-8")
    on_github, on_gitlab, _stages = map(
        yaml.safe_load, re.findall(r"(?ms)^\.\. code-block:: yaml\n\n(.*?)^(?=\S)", page)
    )
    (step,) = [step for step in on_github["jobs"]["change"]["steps"] if "with" in step]
    assert step["with"].keys() <= ACTION["inputs"].keys()
    assert step["uses"] == f"./{re.search('``([^`]*verified-change)/action.yml``', page)[1]}"
    (included,) = on_gitlab["include"]
    assert included["inputs"].keys() <= gitlab_inputs().keys()
    assert f"`{included['local']}`" in page
    on_jenkins = re.search(r"(?m)^ +verifiedChange (.*)$", page)[1]
    assert {*re.findall(r"(\w+): '", on_jenkins)} <= {*INPUTS}
    files = {str(path.relative_to(PIECES)) for path in PIECES.rglob("*") if path.is_file()}
    assert {row[0].strip("`") for row in rows_of_three(page)} >= files


@pytest.mark.parametrize(
    ("row", "change", "more", "playbook", "gate"),
    [
        ("verdict ``pass``", "renegotiated", "", 0, 0),
        ("verdict ``fail``", "wrong_psk", "", 2, 2),
        ("verdict ``fail``, ``inconclusive``", "novel_line", "", 2, 2),
        ("verdict ``fail``, ``inconclusive`` or ``error``", "unreadable", "", 2, 2),
        ("tunnel_verify_on_inconclusive=warn", "novel_line", "-e tunnel_verify_on_inconclusive=warn", 0, 2),
        ("a task of the change failed", "no_such_change", "", 2, 2),
        ("refused before the change", "renegotiated", "-e tunnel_baseline_name=nobody", 2, 2),
        ("cannot be reached", "renegotiated", "-i away.yml -e change=away-task.yml", 4, 2),
        ("``--limit``", "renegotiated", "--limit nobody", 0, 2),
        ("``prepare_only``", "renegotiated", "-e prepare_only=true", 0, 2),
        ("no such file of variables", "renegotiated", "-e @nowhere.yml", 1, 2),
        ("is misspelt", "renegotiated", "--nowhere", 2, 2),
    ],
)
def test_exit_codes_are_those_of_the_page(pipeline, tmp_path, row, change, more, playbook, gate):
    (said,) = [codes for what, *codes in rows_of_three(PAGE.read_text("utf-8")) if row in what]
    assert said == [str(playbook), str(gate)]
    away = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_connection": "ssh"}
    (tmp_path / "away.yml").write_text(yaml.safe_dump({"all": {"hosts": {"away": away}}}), "utf-8")
    task = {"name": "Change a router", "ansible.builtin.ping": {}, "delegate_to": "away"}
    (tmp_path / "away-task.yml").write_text(yaml.safe_dump([task]), "utf-8")
    _code, output, _said = ended(pipeline(change, more, service="codes"))
    told = {name: int(found) for name, found in re.findall(r"^(playbook|gate)=(\d+)$", output, re.MULTILINE)}
    assert told == {"playbook": playbook, "gate": gate}, output


def words(text):
    """Return the arguments of commands, with the names that all services share for what is theirs."""
    same = re.sub(r"\$(run|CI_JOB_ID)\b", "RUN", text)
    same = re.sub(r"\$(reports|VPN_REPORTS)\b", "REPORTS", same)
    same = re.sub(r"\$(expect|VPN_EXPECT)\b", "EXPECT", same)
    return re.findall(r'(?: -[ema] +|\bask=)(?:"[^"]*"|\S+)', same)


def test_all_services_have_the_same_commands():
    gitlab = words(SERVICES["gitlab"][0])
    assert len(gitlab) == 10, gitlab
    assert words(SERVICES["github"][0]) == words(SERVICES["jenkins"][0]) == gitlab


def test_all_services_have_the_same_inputs():
    spec = next(yaml.safe_load_all((PIECES / "gitlab" / "verified-change.yml").read_text("utf-8")))["spec"]["inputs"]
    common = {"change", "rollback", "name", "extra", "expect", "negotiated", "reports"}
    assert spec.keys() - {"collection", "job", "stage", "image"} == common
    assert ACTION["inputs"].keys() - {"collection", "artifact"} == common
    assert {*re.findall(r"^// (\w+)  +\S", JENKINS, re.MULTILINE)} == common
    assert {*re.findall(r"\b(\w+): ", re.search(r"Map options = \[(.*)\]", JENKINS)[1])} == common
    for name in common - {"negotiated", "reports"}:
        assert ACTION["inputs"][name]["description"] == spec[name]["description"]


def test_no_input_becomes_a_part_of_a_command():
    """What somebody types into a form of the service is text, and never runs."""
    assert not [step for step in ACTION["runs"]["steps"] if "${{" in step.get("run", "")]
    raw = (PIECES / "gitlab" / "verified-change.yml").read_text("utf-8")
    scripts = raw.partition("before_script:")[2].partition("artifacts:")[0]
    assert "inputs." not in scripts
    assert "${options" not in jenkins()
    used = {*re.findall(r"inputs\.(\w+)", (PIECES / "github" / "action.yml").read_text("utf-8"))}
    assert used == ACTION["inputs"].keys()
    assert {*re.findall(r"inputs\.(\w+) \]\]", raw)} == {*gitlab_inputs()}


def gitlab_inputs():
    return next(yaml.safe_load_all((PIECES / "gitlab" / "verified-change.yml").read_text("utf-8")))["spec"]["inputs"]


def test_gitlab_takes_inputs_with_quotes_and_colons():
    (job,) = gitlab(change='it\'s a: "change".yml', extra='{"a": "b: c"}').values()
    assert job["variables"]["VPN_CHANGE"] == 'it\'s a: "change".yml'
    assert job["variables"]["VPN_EXTRA"] == '{"a": "b: c"}'
    assert job["variables"]["VPN_NAME"] == ""
    assert job["variables"]["VPN_NEGOTIATED"] == "false"


def test_gitlab_knows_the_job(tmp_path):
    program = Path(sys.executable).with_name("check-jsonschema")
    if not program.exists():
        pytest.skip("no check-jsonschema here")
    # A file with inputs is two documents, and the schema is for the second.
    (tmp_path / "job.yml").write_text(yaml.safe_dump(gitlab(**INPUTS)), "utf-8")
    done = subprocess.run(
        [program, "--builtin-schema", "vendor.gitlab-ci", "job.yml"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["gitlab", "github", "jenkins", "cron"])
def test_the_scripts_are_in_order(name, tmp_path):
    program = Path(sys.executable).with_name("shellcheck")
    program = program if program.exists() else shutil.which("shellcheck")
    if not program:
        pytest.skip("no shellcheck here")
    script = tmp_path / name
    if name == "cron":
        script = CRON
    else:
        text, shell, _sets = SERVICES[name]
        script.write_text(f"#!/bin/{shell[0]}\n{text}", "utf-8")
    done = subprocess.run([program, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


CRON = PIECES / "cron" / "verify-tunnels"


@pytest.fixture
def look(pipeline, tmp_path):
    """Look at the tunnels as cron does: with hardly any environment."""

    def start(*arguments, **environment):
        wanted = re.compile("ANSIBLE_(COLL|HOME|PYTHON)|HW_|HUAWEICLOUD|PATH$")
        kept = {name: value for name, value in pipeline.surroundings.items() if wanted.match(name)}
        command = [CRON, "-e", "tunnel_verify_name=hq-primary,hq-secondary", *arguments]
        # A short path: Ansible has a socket there.
        with tempfile.TemporaryDirectory() as folder:
            kept = {**kept, "HOME": str(tmp_path), "TMPDIR": folder, **environment}
            done = subprocess.run(command, env=kept, cwd=tmp_path, capture_output=True, text=True, check=False)
            assert not [*Path(folder).glob("tmp.*")], "it leaves its folder behind"
        return done.returncode, done.stdout, done.stderr

    return start


def test_cron_is_quiet_when_all_is_well(look):
    code, said, trouble = look("-e", "tunnel_verify_since=10m")
    assert (code, trouble) == (0, "")
    assert re.fullmatch(r"VERIFIED: 2 VPN connection\(s\) in run [0-9-]+: hq-primary, hq-secondary\n", said)


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (("--list-tasks",), {}, "NOT VERIFIED: there is no report"),
        (("--check",), {}, "was written in check mode"),
        (("-e", "tunnel_verify_nmae=x"), {}, "is tunnel_verify_name meant?"),
        ((), {"HW_SECRET_KEY": "not-the-key-of-the-emulator"}, "the service refused the credentials"),
        ((), {"PATH": "/usr/bin:/bin"}, "ansible"),
    ],
)
def test_cron_says_what_is_wrong(look, arguments, environment, says):
    code, said, trouble = look(*arguments, **environment)
    assert code != 0
    assert said == ""
    assert says in trouble


def test_cron_sends_the_diagnosis(look, emulator):
    emulator.change("wrong_psk")
    code, said, trouble = look()
    assert (code, said) == (2, "")
    assert "hq-primary: FAIL" in trouble
    assert re.search("^NOT VERIFIED: the verdict of tunnel_verify.json is fail", trouble, re.MULTILINE)
