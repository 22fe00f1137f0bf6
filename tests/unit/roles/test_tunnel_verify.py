# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worlds that a change can leave behind, each lived through with the real roles against the emulator.

A row says what the world is before and after, what is asked for, and what follows. Its verdict is made once more from
the recorded evidence as the filter does it, and with the rule of the row switched off: then it must not hold.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils import _verdict
from ansible_collections.huaweicloud.vpn.plugins.module_utils._policy import Policy
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import judge

HERE = Path(__file__).parent
SIDE_BY_SIDE = 3
PAIR, PRIMARY, BRANCH = ["hq-primary", "hq-secondary"], ["hq-primary"], ["branch"]
RENEGOTIATED, TRAFFIC = {"require": ["renegotiated"]}, {"require": ["status_active", "traffic"]}
RESET, RESET_BOTH = {"reset": True, "name": PRIMARY}, {"reset": True, "name": PAIR}
RECOVERED, ONE = {"allow_recovered": True}, {"ha": {"at_least": 1}}
LOG_ONLY = {"gather": ["logs", "connection"]}


class Row(NamedTuple):
    """What the world is, what is asked for, and what has to follow."""

    what: str
    rule: str  # what the row is about, see rules_off.py
    after: list[Any]  # changes of the emulator, by name or as a patch
    verdict: str
    said: str = ""  # a pattern in the first line of the message, or in the caveats
    before: list[Any] = []  # noqa: RUF012 - never changed
    names: list[str] = PAIR
    policy: dict[str, Any] = {}  # noqa: RUF012 - never changed
    ends: str | None = None  # what the role does, where that is not what the verdict says
    baseline: bool = True
    retries: int = 3


def patch(name="hq-primary", **members):
    return {"connections": {name: members}}


def waiver(**changes):
    agreed = {"vpn_connection": "hq-primary", "reason": "authentication fail", "until": "2099-01-01T00:00:00Z"}
    return {"waivers": [{**agreed, "ticket": "CHG-1", **changes}]}


# Which tunnel, what failed, since when, with whom, and what to compare.
DIAGNOSIS = (
    r'^hq-primary: FAIL \d+x "authentication fail" \(authentication, phase 1\) 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ.*, '
    r"peer 198.51.100.9 - compare the PSK "
)
FAILED = patch(logs=[{"fails": "authentication fail"}])
AGAIN = {"every": "2s", "repeat": 60}
FLAPPING = patch(
    logs=[{"torn_down": "dpd timeout", "in": "1s", **AGAIN}, {"established": True, "in": "1500ms", **AGAIN}]
)
SKEW = {"clock_skew": 600}
# What only the next negotiation shows, and what the reset that forces it comes to.
PSK_OF_NEXT_TIME = patch(on_reset={"status": "DOWN", "logs": [{"fails": "authentication fail"}]})
SILENT = patch(on_reset={"status": "ACTIVE", "ipsec_sas": [], "logs": []})
NO_RIGHT = {"faults": [{"path": "/reset$", "status": 403, "times": "always"}]}
LOST = {"faults": [{"path": "/reset$", "close": True, "times": "always"}]}
HOSTILE = "\x1b[2J{{ 7 * 7 }}\n::set-output name=x::y"
ROWS = [
    Row("nothing happens", "watch", [], "pass", "^hq-primary: PASS no failed negotiation since 20.*, status ACTIVE$"),
    # Negotiations that fail.
    Row("another PSK", "rule_3_failures", ["wrong_psk"], "fail", DIAGNOSIS),
    Row("another proposal", "rule_3_failures", ["proposal_mismatch"], "fail", '"phase1 proposal mismatch"'),
    Row("a reason that nobody knows", "rule_3_failures", ["unknown_reason"], "fail", "peer policy revision too old"),
    Row("a failure on a tunnel that is up", "rule_3_failures", [FAILED], "fail", "FAIL 1x", [], PRIMARY),
    Row(
        *("the line comes late", "rule_3_failures", ["late_failure"], "fail", "authentication fail", [], PRIMARY),
        {"quiet_for": 5},
    ),
    Row(
        *("the line comes late, with a time from before the baseline", "rule_3_failures"),
        *([patch(logs=[{"fails": "flow mismatch", "ago": "5m", "after": "2s"}])], "fail", "flow mismatch", [], PRIMARY),
        {"quiet_for": 5},
    ),
    Row(
        *("the rekey fails that comes while somebody watches", "rule_3_failures", ["pfs_mismatch_at_rekey"], "fail"),
        *("phase2 proposal or pfs mismatch", [], PRIMARY, {"quiet_for": 9, "timeout": 20}),
    ),
    Row("a storm", "rule_3_failures", ["retry_storm"], "fail", r'FAIL \d+x "flow mismatch"', [], PRIMARY),
    Row("times of another zone", "rule_3_failures", ["wrong_psk"], "fail", "FAIL", [{"log_offset": "+08:00"}], PRIMARY),
    Row("lines in disorder", "rule_3_failures", ["wrong_psk"], "fail", "FAIL", [{"log_order": "shuffled"}], PRIMARY),
    Row("strangers", "foreign", ["strangers"], "fail", "that is not the customer gateway 198.51.100.9", [], PRIMARY),
    Row(
        *("hostile text in a reason", "rule_3_failures"),
        [patch(logs=[{"fails": HOSTILE}])],
        *("fail", r"\{\{ 7 \* 7 \}\}\\n", [], PRIMARY),
    ),
    Row("both lines are cut", "rule_3_failures", ["ha_both_down"], "fail", "max transmit reached"),
    # What a pass cannot prove is said.
    Row("a mismatch that waits for the rekey", "rule_7_caveats", ["pfs_mismatch_hidden"], "pass", "a proposal, PFS or"),
    Row("nothing was tried", "rule_7_caveats", ["pfs_mismatch_hidden"], "pass", "may not have been tried", [], PRIMARY),
    Row("an empty log", "rule_7_caveats", [], "pass", "the log is empty", [{"logs_null": True}], PRIMARY),
    Row(
        *(
            "a region without SAs",
            "rule_7_caveats",
            [],
            "pass",
            "not served in this region",
            ["sa_api_missing"],
            PRIMARY,
        ),
    ),
    Row(
        *("a flapping tunnel that has calmed down", "rule_7_caveats", ["flap"], "pass", "went down 3x", [], PRIMARY),
        {"quiet_for": 3, "timeout": 30},
    ),
    # A reset, which tries now what was changed.
    Row("another PSK, not tried yet", "rule_7_caveats", [PSK_OF_NEXT_TIME], "pass", "PSK, ID or", [], PRIMARY),
    Row("and tried", "rule_3_failures", [PSK_OF_NEXT_TIME], "fail", DIAGNOSIS, [], PRIMARY, RESET),
    Row("both are back", "positive", [], "pass", "", [], PAIR, {**RESET_BOTH, **RENEGOTIATED, **LOG_ONLY}),
    Row(
        "one is not",
        "rule_4_reset",
        [SILENT],
        "inconclusive",
        "^hq-primary: .*did not come back in 6 s",
        [],
        PAIR,
        RESET_BOTH,
    ),
    Row(
        "nor is the other reset",
        "rule_4_reset",
        [SILENT],
        "inconclusive",
        "^hq-secondary: .*was not reset",
        [],
        PAIR,
        RESET_BOTH,
    ),
    Row("refused", "rule_4_reset", [NO_RIGHT], "inconclusive", "was not reset: the service", [], PRIMARY, RESET),
    Row(
        "and not let through",
        "rule_4_reset",
        [NO_RIGHT],
        "inconclusive",
        "was not",
        [],
        PRIMARY,
        {**RESET, "on_inconclusive": "warn"},
    ),
    Row("without an answer", "rule_4_reset", [LOST], "inconclusive", "it may have been executed", [], PRIMARY, RESET),
    Row(
        "reset after the update",
        "rule_7_caveats",
        ["being_updated"],
        "pass",
        "a PSK, ID or",
        [],
        PRIMARY,
        {**RESET, "timeout": 20},
        retries=0,
    ),
    Row(
        "hostile text after a reset",
        "rule_3_failures",
        [patch(on_reset={"status": "DOWN", "logs": [{"fails": HOSTILE}]})],
        "fail",
        r"\{\{ 7 \* 7 \}\}\\n",
        [],
        PRIMARY,
        RESET,
    ),
    # Recovery.
    Row("recovered is not enough", "rule_3_failures", ["recovered"], "fail", "FAIL [12]x", [], PRIMARY),
    Row(
        *("unless that is allowed", "recovery", ["recovered"], "pass", "PASS recovered from 2x", [], PRIMARY),
        {**RECOVERED, "quiet_for": 3, "timeout": 20},
    ),
    Row("not recovered", "rule_3_failures", ["wrong_psk"], "fail", "FAIL", [], PRIMARY, {**RECOVERED, "timeout": 4}),
    Row(
        *(
            "recovered behind a storm that filled the log",
            "rule_4_coverage",
            ["retry_storm", "recover"],
            "inconclusive",
        ),
        *("the log is full", [], PRIMARY, {**RECOVERED, "quiet_for": 0}),
    ),
    # A tunnel that is not up.
    Row("idle and down", "rule_5_status", ["idle"], "inconclusive", "status is DOWN .before: ACTIVE., not ACTIVE"),
    Row(
        "let through",
        "rule_5_status",
        ["idle"],
        "inconclusive",
        "DOWN",
        [],
        PRIMARY,
        {"on_inconclusive": "warn"},
        "pass",
    ),
    Row(
        "a failure is never let through",
        "rule_3_failures",
        [FAILED],
        "fail",
        "",
        [],
        PRIMARY,
        {"on_inconclusive": "warn"},
    ),
    Row(
        "up, down, and down",
        "rule_4_down",
        ["flap_ends_down"],
        "inconclusive",
        "went down",
        [],
        PRIMARY,
        {"timeout": 9},
    ),
    Row("an error in the end", "rule_5_status", ["status_flapping_to_error"], "inconclusive", "ERROR", [], PRIMARY),
    Row(
        *("down for a while", "watch", ["delayed_renegotiation"], "pass", "PASS", [], PRIMARY, {"timeout": 20}),
    ),
    Row(
        *("still flapping", "rule_4_quiet", [FLAPPING], "inconclusive", "may be flapping", [], PRIMARY),
        {"quiet_for": 5},
    ),
    # Requirements.
    Row(
        "no renegotiation",
        "rule_5_renegotiated",
        [],
        "inconclusive",
        "renegotiation is requ",
        [],
        PRIMARY,
        RENEGOTIATED,
    ),
    Row("by its line", "positive", ["renegotiated"], "pass", "", [], PRIMARY, {**RENEGOTIATED, **LOG_ONLY}),
    Row("by its SA", "renegotiated", ["sas_restart"], "pass", "", [], PRIMARY, RENEGOTIATED),
    Row(
        "a hidden mismatch",
        "rule_5_renegotiated",
        ["pfs_mismatch_hidden"],
        "inconclusive",
        "",
        [],
        PRIMARY,
        RENEGOTIATED,
    ),
    Row("traffic", "traffic", [], "pass", "", [], PAIR, TRAFFIC),
    Row("traffic that has stopped", "watched", ["idle_active"], "inconclusive", "did not grow", [], PRIMARY, TRAFFIC),
    Row("one way only", "rule_5_traffic", ["one_way_traffic"], "inconclusive", "did not grow", [], PRIMARY, TRAFFIC),
    Row("no SAs", "rule_5_traffic", [], "inconclusive", "not served", ["sa_api_missing"], PRIMARY, TRAFFIC),
    # HA groups.
    Row("a failover is not two tunnels", "rule_4_down", ["ha_failover"], "inconclusive", "hq-primary: INC.* went down"),
    Row("but one, where that is enough", "at_least", ["ha_failover"], "pass", "hq-primary: INC", [], PAIR, ONE),
    Row("redundancy lost", "at_least", ["wrong_psk"], "pass", "REDUNDANCY LOST: 1 of 2", [], PAIR, ONE),
    Row("service lost", "rule_3_failures", ["ha_both_down"], "fail", "SERVICE LOST: 0 of 2", [], PAIR, ONE),
    Row("no stand-in", "rule_3_failures", ["wrong_psk"], "fail", "FAIL", [], [*PRIMARY, *BRANCH], ONE),
    # What was the case before.
    Row("failing before", "rule_2_window", [], "inconclusive", "before: DOWN", ["pre_existing_failure"], BRANCH),
    Row(
        "and once more",
        "diagnosis",
        ["still_failing"],
        "fail",
        "before the change, too",
        ["pre_existing_failure"],
        BRANCH,
    ),
    Row(
        "old failures",
        "rule_2_window",
        [],
        "pass",
        "",
        [patch(logs=[{"fails": "flow mismatch", "ago": "1h"}])],
        PRIMARY,
    ),
    Row("no baseline", "rule_3_failures", [FAILED], "fail", "FAIL 1x", [], PRIMARY, {"since": "15m"}, None, False),
    Row("since", "since", [], "pass", "since 20", [], PRIMARY, {"since": "15m", "quiet_for": 0}, None, False),
    Row("a cleared log", "rule_4_lost_lines", ["log_cleared"], "inconclusive", "are gone from the log", [], PRIMARY),
    Row("logs that are null", "rule_4_lost_lines", [{"logs_null": True}], "inconclusive", "are gone", [], PRIMARY),
    # Waivers.
    Row("agreed to", "waived", [FAILED], "pass", "PASS waived: 1x", [], PRIMARY, waiver()),
    Row(
        "no longer",
        "rule_8_waivers",
        [FAILED],
        "fail",
        "has expired",
        [],
        PRIMARY,
        waiver(until="2026-01-01T00:00:00Z"),
    ),
    Row("another", "rule_3_failures", [FAILED], "fail", "FAIL", [], PRIMARY, waiver(reason="flow mismatch")),
    Row("not needed", "rule_8_waivers", [], "pass", "is not needed", [], PRIMARY, waiver()),
    # Lines, clocks and answers that are not as they should be.
    Row("a strange line", "rule_4_smell", ["novel_line"], "inconclusive", "rejected the request", [], PRIMARY),
    Row("a harmless one", "no_smell", ["harmless_line"], "pass", "", [], PRIMARY),
    Row("clocks", "rule_4_skew", [], "inconclusive", "differ by (59|60)", [SKEW], PRIMARY),
    Row(
        "an old gateway",
        "rule_1_error",
        ["old_gateway"],
        "error",
        "branch: ERROR .*upgrade the gateway.*VPN.0304",
        [],
        BRANCH,
    ),
    Row("not hidden by it", "order", ["old_gateway", FAILED], "fail", "^hq-primary: FAIL", [], [*BRANCH, *PRIMARY]),
    Row(
        "deleted", "rule_1_error", [{"connections": {"hq-secondary": None}}], "error", "^hq-secondary: ERROR.*VPN.0004"
    ),
    Row("HTTP 500", "rule_1_error", ["unreadable"], "error", "HTTP 500", [], PRIMARY, {"timeout": 2}, retries=0),
    Row("throttled", "watch", ["throttled_for_a_while"], "pass", "PASS", [], PRIMARY),
    Row("being updated", "watch", ["being_updated"], "pass", "PASS", [], PRIMARY, {"timeout": 20}, retries=0),
]


class Story(NamedTuple):
    """What came of a row."""

    code: int
    output: str
    record: dict[str, Any]


def run_play(book: Path, emulator: Any, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook as a user of the emulator."""
    collections = next(path.parent for path in Path(_verdict.__file__).parents if path.name == "ansible_collections")
    environment = {
        **os.environ,
        **emulator.environment,
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_NOCOLOR": "1",
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", str(book), *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


def live_through(row: Row, emulator_module: Any, folder: Path) -> Story:
    """Run the roles on the world of a row."""
    with emulator_module.Emulator() as emulator:
        for change in row.before:
            emulator.change(change)
        extra = {"quiet_for": 2, "delay": 1, "timeout": 6, **row.policy}
        variables = {
            **{f"tunnel_verify_{name}": value for name, value in extra.items()},
            "tunnel_baseline_name": row.names,
            "with_baseline": row.baseline,
            "module_retries": row.retries,
            "changes_file": str(folder / "changes.json"),
            "recorded": str(folder / "record.json"),
            "ansible_python_interpreter": sys.executable,
        }
        if not row.baseline:
            variables["tunnel_verify_name"] = row.names
        folder.mkdir()
        changes = [{"name": one} if isinstance(one, str) else {"patch": one} for one in row.after]
        (folder / "changes.json").write_text(json.dumps(changes), encoding="utf-8")
        (folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
        process = run_play(HERE / "play.yml", emulator, folder, "--extra-vars", f"@{folder / 'variables.json'}")
    output = process.stdout + process.stderr
    recorded = folder / "record.json"
    record = json.loads(recorded.read_text(encoding="utf-8")) if recorded.is_file() else {}
    return Story(process.returncode, output, record)


@pytest.fixture(scope="module")
def stories(emulator_module, tmp_path_factory, request):
    """Live through the rows that were chosen, some side by side: most of the time is waiting."""
    base = tmp_path_factory.mktemp("rows")
    chosen = [item.callspec.params.get("row") for item in request.session.items if hasattr(item, "callspec")]
    rows = [row for row in ROWS if row in chosen]
    jobs = {row.what: (row, emulator_module, base / f"row-{number}") for number, row in enumerate(rows)}
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        futures = {what: pool.submit(live_through, *job) for what, job in jobs.items()}
        return {what: future.result() for what, future in futures.items()}


def judge_again(story: Story) -> dict[str, Any]:
    """Return the verdict that the engine makes of the recorded evidence."""
    record = story.record
    policy = Policy.from_options(**record["verdict"]["policy"])
    return judge(record["evidence"], record["baseline"] or None, policy, record["begin"])


def holds(row: Row, verdict: dict[str, Any]) -> bool:
    """Tell whether a verdict is what the row says; its pattern is looked for in each line that people read."""
    lines = [*verdict["message"].splitlines(), *verdict["caveats"]]
    return verdict["verdict"] == row.verdict and any(re.search(row.said, line) for line in lines)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_the_role_ends_as_the_verdict_says(row, stories):
    story = stories[row.what]
    verdict = story.record.get("verdict")
    assert verdict, story.output
    assert holds(row, verdict), story.output
    assert (story.code == 0) == ((row.ends or verdict["verdict"]) == "pass"), story.output
    # The first line is what people see of a failure.
    assert json.dumps(verdict["message"].splitlines()[0])[1:-1] in story.output
    assert "Traceback" not in story.output


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_the_filter_says_the_same_of_the_recorded_evidence(row, stories):
    assert judge_again(stories[row.what]) == stories[row.what].record["verdict"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_without_its_rule_a_row_does_not_hold(row, stories, switch_off):
    switch_off(row.rule)
    assert not holds(row, judge_again(stories[row.what]))


def test_no_pass_is_false():
    """Only what this table calls a pass may be one, and it has more than forty rows."""
    assert len({row.what for row in ROWS}) == len(ROWS) > 40


@pytest.fixture
def verify(emulator, tmp_path):
    """Run the role with these options, and what of it; return its process."""

    def run(*options, tasks_from="main", hosts="localhost", interpreter=sys.executable, **variables):
        role = {"name": "huaweicloud.vpn.tunnel_verify", "tasks_from": tasks_from}
        tasks = [
            {"ansible.builtin.include_role": {"name": "huaweicloud.vpn.tunnel_baseline"}},
            {"ansible.builtin.include_role": role},
        ]
        play = {"hosts": hosts, "connection": "local", "gather_facts": False, "tasks": tasks}
        book = tmp_path / "verify.yml"
        book.write_text(json.dumps([play]), encoding="utf-8")
        options_of_the_role = {"quiet_for": 2, "timeout": 6, "delay": 1, **variables}
        given = {f"tunnel_verify_{name}": value for name, value in options_of_the_role.items()}
        given = {**given, "tunnel_baseline_name": PRIMARY, "ansible_python_interpreter": str(interpreter)}
        return run_play(book, emulator, tmp_path, *options, "--extra-vars", json.dumps(given))

    return run


def resets(emulator):
    return [one["path"].rpartition("/")[2] for one in emulator.requests if one["method"] == "POST"]


@pytest.mark.parametrize("tasks_from", ["prepare", "main"])
@pytest.mark.parametrize("named", [{}, {"name": []}, {"vgw_id": "ba90819b-1111-4222-8333-3a01622856a5"}])
def test_nothing_is_reset_that_is_not_named(verify, emulator, tasks_from, named):
    process = verify(tasks_from=tasks_from, reset=True, **named)
    assert process.returncode == 2, process.stdout
    assert "tunnel_verify_reset: name the tunnels whose traffic may drop" in process.stdout + process.stderr
    assert resets(emulator) == []


def test_prepare_resets_nothing(verify, emulator):
    process = verify(tasks_from="prepare", reset=True, name=PRIMARY)
    assert (process.returncode, resets(emulator)) == (0, []), process.stdout


def test_check_mode_resets_nothing_and_says_so(verify, emulator):
    process = verify("--check", reset=True, name=PRIMARY)
    assert process.returncode == 0, process.stdout
    assert resets(emulator) == []
    assert "check mode: nothing was reset, else it would have been: hq-primary" in process.stdout
    assert "hq-primary: PASS" in process.stdout


def test_a_reset_that_check_mode_finds_impossible_does_not_pass(verify, emulator):
    emulator.change({"connections": {"hq-primary": {"status": "PENDING_UPDATE"}}})
    process = verify("--check", reset=True, name=PRIMARY)
    assert process.returncode == 2, process.stdout
    assert "its status is PENDING_UPDATE" in process.stdout


def test_the_output_says_that_traffic_drops_before_anything_is_read(verify, emulator):
    process = verify(reset=True, name=PRIMARY)
    assert process.returncode == 0, process.stdout
    assert resets(emulator) == ["reset"]
    order = ["THEIR TRAFFIC DROPS NOW", "reset, and back again: hq-primary", "Read the tunnels right after the change"]
    places = [process.stdout.index(text) for text in order]
    assert places == sorted(places)
    assert "that is reset drops until" in " ".join((process.stdout + process.stderr).split())


def test_without_the_option_nothing_is_reset(verify, emulator):
    process = verify(name=PRIMARY)
    assert (process.returncode, resets(emulator)) == (0, []), process.stdout
    assert "TRAFFIC" not in process.stdout


def test_a_reset_without_an_answer_is_not_sent_again(verify, emulator):
    emulator.change(LOST)
    process = verify(reset=True, name=PRIMARY)
    assert (process.returncode, resets(emulator)) == (2, ["reset"]), process.stdout
    assert "it may have been executed all the same" in process.stdout


def test_a_reset_whose_module_died_is_not_sent_again(verify, emulator, tmp_path):
    dies = tmp_path / "python"
    dies.write_text(
        f"""#!/bin/sh
case "$1" in *vpn_connection_reset*) {sys.executable} "$@" >/dev/null; kill -9 $$ ;; esac
exec {sys.executable} "$@"
""",
        encoding="utf-8",
    )
    dies.chmod(0o755)
    process = verify(reset=True, name=PRIMARY, interpreter=dies)
    assert (process.returncode, resets(emulator)) == (2, ["reset"]), process.stdout
    assert "hq-primary: INCONCLUSIVE may have been reset, the task broke off" in process.stdout


@pytest.mark.parametrize("tasks_from", ["prepare", "main"])
def test_a_reset_needs_time_to_come_back(verify, emulator, tasks_from):
    process = verify(tasks_from=tasks_from, reset=True, name=PRIMARY, timeout=0)
    assert (process.returncode, resets(emulator)) == (2, []), process.stdout
    assert (
        "set tunnel_verify_timeout to the seconds in which a tunnel has to come back" in process.stdout + process.stderr
    )


@pytest.mark.parametrize("tasks_from", ["prepare", "main"])
def test_two_hosts_of_a_play_reset_nothing(verify, emulator, tasks_from):
    """Both tunnels of an HA pair would be down at once."""
    process = verify("-i", "one,other,", tasks_from=tasks_from, hosts="one,other", reset=True, name=PRIMARY)
    assert (process.returncode, resets(emulator)) == (2, []), process.stdout
    assert "tunnel_verify_reset: give the play serial: 1" in process.stdout + process.stderr


def test_reports_are_of_this_verification_and_the_folder_stays_as_it_is(verify, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "reports"
    folder.mkdir(mode=0o700)
    names = sorted(f"tunnel_verify.{extension}" for extension in ("html", "json", "md", "txt", "xml"))
    for name in names:
        (folder / name).write_text("of an earlier one", encoding="utf-8")
    process = verify(report_dir="~/reports", since="15m")
    assert "tunnel_verify_since: leave it out" in process.stdout + process.stderr
    assert [*folder.iterdir()] == []
    process = verify(report_dir="~/reports")
    assert process.returncode == 0, process.stdout
    assert sorted(path.name for path in folder.iterdir()) == names
    assert folder.stat().st_mode & 0o777 == 0o700
