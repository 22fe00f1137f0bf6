# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate: what reports prove, and each way in which they prove nothing."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import OptionError
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.files import ReportFiles
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.gate import (
    Demand,
    NotVerifiedError,
    expected,
    read_reports,
    verified,
)
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.writer import write_report

RUN = "job-17"


@pytest.fixture
def report(samples):
    """Return the JSON report of a verdict."""

    def made(*tunnels, run_id=RUN, check_mode=False, **more):
        verdict = samples.whole(*(tunnels or (samples.passed(1, "hq"), samples.passed(2, "dr"))), **more)
        return json.loads(write_report(verdict, "json", run_id=run_id, check_mode=check_mode))

    return made


def why(reports, demand):
    with pytest.raises(NotVerifiedError) as error:
        verified(reports, demand)
    return str(error.value)


def test_a_pass_of_this_run_is_proof(report, samples):
    assert verified({"a.json": report()}, Demand(RUN)) == "2 VPN connection(s) in run job-17: hq, dr"
    each = {"a.json": report(samples.passed(1, "hq")), "b.json": report(samples.passed(2, "dr"))}
    for expect in (None, 2, ["hq", "dr"], ["dr", samples.key(1).upper()]):
        assert verified(each, Demand(RUN, expect, True)).startswith("2 VPN")


@pytest.mark.parametrize(
    ("made", "demand", "said"),
    [
        ({"run_id": "job-16"}, Demand(RUN), "a.json is of run job-16, not of run job-17: delete it"),
        ({"run_id": None}, Demand(RUN), "a.json is of a run without run_id, not of run job-17: delete it"),
        ({"check_mode": True}, Demand(RUN), "a.json was written in check mode: the change was not made"),
        ({}, Demand(RUN, 3), "the reports have 2 VPN connection(s), but expect is 3"),
        ({}, Demand(RUN, 1), "the reports have 2 VPN connection(s), but expect is 1"),
        ({}, Demand(RUN, ["hq", "dr", "lab"]), "the reports lack lab"),
        ({}, Demand(RUN, ["hq"]), "the reports have tunnels that are not in expect: dr"),
        ({}, Demand(RUN, ["HQ", "dr"]), "the reports lack HQ"),
    ],
)
def test_what_proves_nothing(report, made, demand, said):
    assert why({"a.json": report(**made)}, demand).startswith(said)


def test_any_verdict_but_a_pass_is_told_with_its_reason(report, samples):
    for tunnel, word in (
        (samples.broken(1), "fail"),
        (samples.unread(1), "error"),
        (samples.unsure(1), "inconclusive"),
    ):
        text = why({"b.json": report(samples.passed(2)), "a.json": report(tunnel)}, Demand(RUN))
        assert text.startswith(f"the verdict of a.json is {word}: {tunnel['message'][:40]}")


def test_after_a_roll_back_it_says_how_that_ended_and_why_it_was_made(report, samples):
    rolled_back = {**report(samples.broken(1)), "message": "rolled back: ACTIVE again\nhq: FAIL authentication fail"}
    text = why({"a.json": rolled_back}, Demand(RUN))
    assert text == "the verdict of a.json is fail: rolled back: ACTIVE again; hq: FAIL authentication fail"


def test_what_was_not_tried_is_no_proof_where_that_is_asked_for(report, samples):
    untried = report(samples.untried(1, "hq"), samples.passed(2, "dr"))
    assert verified({"a.json": untried}, Demand(RUN))
    assert why({"a.json": untried}, Demand(RUN, None, True)) == "a.json: no negotiation since the change: hq"


def edits(whole):
    """Yield reports that somebody has edited, or that are none, with what is wrong."""
    for value in ([], {}, "pass", None, {"verdict": "pass"}, {"run": RUN}, {"run": {"id": RUN}}):
        yield value, "is not a report of a verification"
    for path, value, said in (
        (("verdict",), "PASS", "has the verdict 'PASS'"),
        (("vpn_connections",), [], "it is pass without a connection"),
        (("vpn_connections", 0, "verdict"), "fail", "contradicts itself"),
        (("vpn_connections", 0, "negotiated"), False, "contradicts itself: it is negotiated"),
        (("schema",), 2, "has schema 2, but schema 1 is needed"),
        (("run", "check_mode"), "false", "was written in check mode"),
    ):
        edited = copy.deepcopy(whole)
        part = edited
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = value
        yield edited, said
    for name in whole:
        yield {key: value for key, value in whole.items() if key != name}, ""


def test_a_report_that_was_edited_is_no_proof(report):
    for edited, said in edits(report()):
        assert said in why({"a.json": edited}, Demand(RUN, None, True))


def test_every_report_counts(report, samples):
    """A tunnel whose verification died before it removed its old report may not be forgotten."""
    old = report(samples.passed(2, "dr"), run_id="job-16")
    assert why({"a.json": report(samples.passed(1, "hq")), "b.json": old}, Demand(RUN)).startswith(
        "b.json is of run job-16, not of run job-17"
    )


def test_files_are_read_as_they_are_named(tmp_path, report):
    assert "there is no report" in unread(tmp_path, "tunnel_verify*")
    (tmp_path / "tunnel_verify-hq.json").write_text(json.dumps(report()))
    (tmp_path / "before.json").write_text("evidence")
    assert [*read_reports(str(tmp_path), "tunnel_verify*")] == ["tunnel_verify-hq.json"]
    (tmp_path / "tunnel_verify.json").write_text('{"verdict": "pa')
    assert unread(tmp_path, "tunnel_verify*") == "tunnel_verify.json is not valid JSON"
    (tmp_path / "tunnel_verify.json").write_text("[" * 100_000)
    assert unread(tmp_path, "tunnel_verify") == "tunnel_verify.json is not valid JSON"
    (tmp_path / "folder.json").mkdir()
    assert unread(tmp_path, "folder") == "folder.json cannot be read: Is a directory"
    assert "there is no report" in unread(tmp_path / "[a]", "tunnel_verify*")


def unread(folder, name):
    with pytest.raises(NotVerifiedError) as error:
        read_reports(str(folder), name)
    return str(error.value)


def test_a_run_whose_reports_cannot_all_be_written_leaves_no_proof(tmp_path, report):
    """Its task fails, and a change is rolled back: the JSON report of a pass would say otherwise."""
    files = ReportFiles(str(tmp_path), "tunnel_verify", ["json", "html"])
    files.clear()
    (tmp_path / "tunnel_verify.html").mkdir()
    with pytest.raises(OptionError, match="report_dir: .*tunnel_verify.html cannot be written"):
        files.write(lambda style: json.dumps(report()))
    assert "there is no report" in unread(tmp_path, "tunnel_verify*")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(None, None), ("3", 3), (["3"], 3), ([3], 3), (["hq", "dr"], ["hq", "dr"]), (["hq"], ["hq"])],
)
def test_what_may_be_expected(value, wanted):
    assert expected(value) == wanted


@pytest.mark.parametrize("value", ["0", [], [""], ["hq", " "]])
def test_what_may_not(value):
    with pytest.raises(OptionError, match="expect: "):
        expected(value)
