# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict on evidence as it lies in files: what is refused, what a verdict holds, and that less is never better."""

from __future__ import annotations

import copy
import json
import os
from datetime import datetime, timezone
from typing import Any, NamedTuple

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, OptionError, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.judge import BADNESS, judge
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.policy import Policy
from ansible_collections.huaweicloud.vpn.tests.unit.plugins.module_utils.verdict_builders import (
    IDS,
    LATER,
    LONG_UP,
    OLD_GATEWAY,
    PROPOSAL,
    PSK,
    QUIET,
    RECOVERED,
    REKEY,
    THROTTLED,
    Tunnel,
    World,
    after,
    before,
    down,
    evidence_of,
    failed,
    line,
    refusal,
    reset,
    sa,
    sharp,
    stamp,
    strange,
    taught,
    up,
    verdict_on,
    waiver,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CLEAN = before()
FULL = [line(number - 300, "IPSec policy is added. (PolicyName=[a])") for number in range(200)]
OWN_PEER = {"ikepolicy": {"peer_id_type": "ip", "peer_id": "192.0.2.8"}}


def test_a_line_is_known_by_both_its_time_and_its_text():
    known = failed(-60)
    again, old = {**known, "time": known["time"] + 1}, before(known, up(-50))
    assert verdict_on(after(known, up(-50)), old)["verdict"] == "pass"
    assert verdict_on(after(again, up(-50)), old)["verdict"] == "fail"


def test_a_compact_baseline_goes_with_evidence_that_is_not():
    old, new = before(failed(-60)), after(failed(-60), failed(5))
    assert judge(evidence_of(new), evidence_of(old, compact=True)) == judge(evidence_of(new), evidence_of(old))


@pytest.mark.parametrize(
    "log",
    [
        *(None, "", "[", "null", "{}", "[null]", "[[]]", '["text"]', "[" * 9999, 7, []),
        '[{"time": 1}]',
        '[{"time": 1, "raw_message": "", "kind": "noise"}]',
        json.dumps([failed(5)] * 2),
        json.dumps([up(5)]),
        "[]",
    ],
)
def test_a_compact_log_that_was_cut_masked_or_edited_raises(log):
    evidence = evidence_of(after(failed(5), old=[]), compact=True)
    assert judge(copy.deepcopy(evidence))["verdict"] == "fail"
    evidence["vpn_connections"][0]["log"] = log
    with pytest.raises(VpnError, match="masked or edited"):
        judge(evidence)


def test_a_compact_log_of_a_connection_that_could_not_be_read_raises():
    evidence = evidence_of(after(error=OLD_GATEWAY), compact=True)
    assert evidence["vpn_connections"][0]["log"] is None
    evidence["vpn_connections"][0]["log"] = "[]"
    with pytest.raises(VpnError, match="masked or edited"):
        judge(evidence)


def test_a_policy_is_shown_as_its_options_give_it():
    options = {**waiver(), "quiet_for": 60, "require": ["traffic"], "allow_recovered": True, "ha": {"at_least": 1}}
    shown = reset(came_back=False, at=5, msg="hq: was reset")["reset"]
    for row in shown["vpn_connections"]:
        del row["reset"]  # the moment says it
    options["known_lines"] = [{"sentence": "A went down", "means": "down"}]
    for done in (None, shown):
        assert Policy.from_options(**options, reset=done).shown() == {**options, "reset": done}
    broken = {"msg": "killed"}
    assert Policy.from_options(reset=Policy.from_options(reset=broken).shown()["reset"]).shown()["reset"] == broken
    strange_time = reset(came_back=False)["reset"]
    strange_time["vpn_connections"][0]["reset_at"] = "soon"
    assert Policy.from_options(reset=strange_time).shown()["reset"]["vpn_connections"][0]["reset_at"] is None
    assert Policy() == Policy.from_options()
    assert Policy().shown()["ha"] == "all"
    assert Policy.from_options(ha={"at_least": "2"}).at_least == 2


def test_a_waiver_for_an_id_is_for_no_tunnel_of_that_name():
    (agreed,) = Policy.from_options(**waiver(vpn_connection=IDS["hq"])).waivers
    assert agreed.names(IDS["hq"].upper(), "other")
    assert not agreed.names(IDS["dr"], IDS["hq"])
    (loud,) = Policy.from_options(**waiver(vpn_connection=IDS["hq"].upper())).waivers
    assert loud.names(IDS["hq"], "other")
    assert not loud.names(IDS["dr"], IDS["hq"].upper())


def test_a_tunnel_has_its_name_from_the_baseline_where_the_evidence_has_none():
    evidence = evidence_of(after(up(5)))
    evidence["vpn_connections"][0].update(name=None, connection=None)
    assert judge(evidence, evidence_of(CLEAN))["vpn_connections"][0]["name"] == "hq"
    assert judge(evidence)["vpn_connections"][0]["name"] is None


def test_a_time_without_quotes_is_a_time():
    until = datetime(2025, 12, 1, tzinfo=timezone.utc)
    assert Policy.from_options(**waiver(until=until)) == Policy.from_options(**waiver())


def test_failures_are_told_apart_against_the_baseline():
    old = evidence_of(before(failed(-60), failed(-50, PROPOSAL)))
    new = evidence_of(after(failed(-60), failed(-50, PROPOSAL), failed(5, "Authentication-Fail"), failed(6, "novel")))
    failures = judge(new, old)["vpn_connections"][0]["failures"]
    assert {state: [row["reason"] for row in rows] for state, rows in failures.items()} == {
        "new": ["novel"],
        "persisting": ["Authentication-Fail"],
        "resolved": [PROPOSAL],
    }


@pytest.mark.parametrize(
    ("there", "here", "fits"), [("a", "b", False), ("a", "a", True), (None, "b", True), ("a", None, True)]
)
def test_a_baseline_of_another_project_is_said_to_be_one(there, here, fits):
    """Even where all IDs are the same, which they cannot be."""
    before, after = (evidence_of(World((Tunnel(),), at=at)) for at in (0, 60))
    before["acted_as"], after["acted_as"] = ({"project_id": project} for project in (there, here))
    if fits:
        assert judge(after, before)["acted_as"] == {"project_id": here}
    else:
        said = refusal(judge, after, before)
        assert said.startswith("the evidence is of project b, and the baseline of a: check project and region")


def test_the_structure():
    verdict = judge(evidence_of(World((Tunnel([failed(5)]), Tunnel(name="dr", error=OLD_GATEWAY)))))
    assert {*verdict} == {
        *(
            "schema",
            "verdict",
            "settled",
            "negotiated",
            "message",
            "caveats",
            "window",
            "policy",
            "unrecognised",
            "acted_as",
        ),
        *("compared", "ha_groups", "vpn_connections"),
    }
    assert (verdict["schema"], verdict["compared"]) == (1, False)
    for row in verdict["vpn_connections"]:
        assert {*row} == {
            *("id", "name", "verdict", "settled", "negotiated", "tolerated", "message", "checks", "findings"),
            *("caveats", "failures", "evidence"),
        }
        assert {finding["check"] for finding in row["findings"]} <= {*row["checks"]}
        assert all({*finding} == {"check", "code", "verdict", "settled", "message"} for finding in row["findings"])
        assert {*row["failures"]} == {"new", "persisting", "resolved"}
    assert [row["name"] for row in verdict["vpn_connections"]] == ["hq", "dr"]
    assert json.loads(json.dumps(verdict)) == verdict


def test_the_verdict_is_the_same_from_a_file_and_changes_nothing():
    old, new = evidence_of(before(failed(-60))), evidence_of(after(failed(-60), failed(5)))
    kept = copy.deepcopy((old, new))
    assert judge(new, old) == judge(json.loads(json.dumps(new)), json.loads(json.dumps(old)))
    assert (old, new) == kept


@pytest.mark.parametrize("text", ["\x1b[2J", "\u202e", "a\nPLAY RECAP", "\u2028ok", "{{ 1 }}", "x" * 10_000])
def test_a_message_is_one_plain_line(text):
    world = World((Tunnel([failed(5, text), strange(6, text)], status=f"DOWN{text}"),))
    verdict = judge(evidence_of(world))
    for row in verdict["vpn_connections"]:
        for said in [row["message"], *row["caveats"], *(finding["message"] for finding in row["findings"])]:
            assert said.isprintable()
            assert len(said) < 1600


def changed(path, value, world=None):
    """Return whole evidence with one member changed, or removed."""
    evidence = evidence_of(world or after(failed(5), old=[]))
    *parents, last = path
    place = evidence
    for parent in parents:
        place = place[parent]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return evidence


class Undefined:
    """What a template engine hands on for a name that nobody knows."""


ROW = ("vpn_connections", 0)
OF_ANOTHER = {"vpn_connection_id": IDS["dr"], **failed(5)}
NO_EVIDENCE = [
    *(None, [], {}, (), "", "evidence", b"", 0, 1, True, False, float("nan"), Undefined(), "__omit_place_holder__4f"),
    *({"skipped": True, "changed": False}, {"failed": True, "msg": "boom"}, {"unreachable": True, "msg": "ssh"}),
    *({"changed": False}, {"logs": []}, {"vpn_connections": []}, {"logs": [], "vpn_connections": [], "schema": 1}),
    *({"censored": "no_log: true"}, {"verdict": "pass", "vpn_connections": []}, [failed(5)], [evidence_of(after())]),
    *({**evidence_of(after()), "skipped": True}, {**evidence_of(after()), "failed": True}),
    *({**evidence_of(after()), "unreachable": True}, {"results": [evidence_of(after())]}),
    {**evidence_of(after()), "results": []},
    *(changed(("schema",), value) for value in (KeyError, None, 0, 2, "1", True)),
    *(changed(("server_time",), value) for value in (None, "now", "2025-11-24T16:00:00", 1)),
    *(changed(("clock_skew",), value) for value in (None, "0", True, float("nan"), float("inf"))),
    *(changed(("window",), value) for value in (None, {}, {"since": None}, {"since": "soon", "until": None})),
    *(changed(("narrowed_by",), value) for value in (None, "", ["kind"], ["until"], ["limit"], ["since"], [None])),
    *(changed(("narrowed_by",), ["since", value]) for value in ("reason", "peer_address")),
    *(changed(("logs",), value) for value in (None, {}, [], [None], [{}], [OF_ANOTHER], "********")),
    *(changed(("logs", 0, "raw_message"), value) for value in (KeyError, None, "********", up(5)["raw_message"])),
    *(
        changed(("logs", 0, name), "none", after(down(5), old=[]))
        for name in ("kind", "outcome", "reason", "timestamp")
    ),
    *(
        changed(("logs", 0, "raw_message"), value, after(down(5), old=[]))
        for value in ("********", up(5)["raw_message"])
    ),
    changed(("logs", 0, "raw_message"), up(5)["raw_message"], after(up(-5), old=[])),
    *(changed(("logs", 0, "vpn_connection_id"), value) for value in (KeyError, None, IDS["dr"])),
    *(changed(("vpn_connections",), value) for value in (None, {}, [], [None], [{}], [{"id": IDS["hq"]}])),
    *(changed((*ROW, name), KeyError) for name in ("coverage", "total", "error", "connection", "ipsec_sas", "id")),
    *(changed((*ROW, "total"), value) for value in (None, 0, 2, 200, -1, "1", True)),
    *(changed((*ROW, "failures"), value) for value in (None, 2, "0", -1, False)),
    *(changed((*ROW, "unrecognised"), value) for value in (None, 1)),
    *(changed((*ROW, name), "no") for name in ("coverage", "error", "connection", "ipsec_sas")),
    *(changed((*ROW, "id"), value) for value in (None, "", IDS["dr"])),
    *(changed((*ROW, "error"), value) for value in ({}, OLD_GATEWAY.details)),
    changed((*ROW, "connection", "id"), IDS["dr"]),
    changed(("logs",), [], after(strange(5), old=[])),
    changed((*ROW, "oldest_time"), None, after(failed(-700), since="10m")),
    changed((*ROW, "oldest_time"), "2025-11-24T16:05:00Z", after(failed(-700), since="10m")),
    *(evidence_of(after(failed(5), up(9))._replace(options=options)) for options in ({"limit": 1}, {"until": "599s"})),
    *(evidence_of(after(failed(5))._replace(options=options)) for options in ({"kind": ["noise"]}, {"reason": ["x"]})),
    evidence_of(after(failed(5))._replace(options={"peer_address": ["192.0.2.1"]})),
]


@pytest.mark.parametrize("value", NO_EVIDENCE, ids=range(len(NO_EVIDENCE)))
def test_anything_but_whole_evidence_raises(value):
    assert len(NO_EVIDENCE) > 40
    good = evidence_of(after())
    for arguments in [(value,), *([(good, value)] if value is not None else [])]:
        with pytest.raises(VpnError) as error:
            judge(*arguments)
        assert str(error.value).startswith("the baseline " if len(arguments) > 1 else "the evidence ")
        assert str(error.value).isprintable()


STRANGERS = [
    (World((Tunnel(), Tunnel(name="dr")), at=0), after(), "lacks 1 connection(s) of the baseline: dr"),
    (World((Tunnel(name="dr"),), at=0), after(), "lacks 1 connection"),
    (after(), before(), "older than the baseline"),
    (before(), after(up(1), since="5m"), "later than the baseline"),
    (before(up(-700), since="10m"), after(up(-700)), "the baseline is narrowed by since"),
    (before(), after(failed(-60), since="10m"), "lacks lines that arrived late"),
    (World(()), after(), "no connection that could be read"),
    (before(error=OLD_GATEWAY), after(), "no connection that could be read"),
]


@pytest.mark.parametrize(("old", "new", "said"), STRANGERS)
def test_evidence_and_baseline_that_do_not_belong_together(old, new, said):
    with pytest.raises(VpnError, match="E_EVIDENCE") as error:
        judge(evidence_of(new), evidence_of(old))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("watched", "said"),
    [
        (after(at=LATER + 1), "is later than the evidence"),
        (before()._replace(at=-1), "is older than the baseline"),
        (World((Tunnel(name="dr"),), at=10), "is of other connections than the evidence"),
        (World((Tunnel(), Tunnel(name="dr")), at=10), "is of other connections than the evidence"),
    ],
)
def test_evidence_from_right_after_the_change_that_does_not_belong_there(watched, said):
    with pytest.raises(VpnError, match=f"the evidence of watched_from {said}"):
        judge(evidence_of(after()), evidence_of(before()), watched_from=evidence_of(watched))


def test_nobody_watches_where_nothing_could_be_read_right_after_the_change():
    watched = evidence_of(after(at=10, error=THROTTLED))
    verdict = judge(evidence_of(after()), evidence_of(before()), Policy(quiet_for=60), watched)
    assert verdict["verdict"] == "inconclusive"
    assert "watched for 0 s" in verdict["message"]


def test_a_failed_task_that_names_what_it_could_not_read_is_evidence_of_that():
    world = World((Tunnel([failed(5)]), Tunnel(name="dr", error=OLD_GATEWAY)))
    verdict = judge({**evidence_of(world), "failed": True, "msg": "cannot read 1 of 2"})
    assert [row["verdict"] for row in verdict["vpn_connections"]] == ["fail", "error"]


UNCLEAR = [
    ("quiet_for", [None, -1, "soon", "", True, float("nan"), float("inf"), [], "1e3"]),
    ("require", ["status_active", ["active"], [None], {}, 1, [["traffic"]]]),
    ("allow_recovered", ["false", "", 0, 1, None]),
    ("waivers", ["", {}, [{}], [None], waiver(ticket="")["waivers"], waiver(until="soon")["waivers"]]),
    ("waivers", [waiver(until="2025-12-01T00:00:00")["waivers"], waiver(reason=None)["waivers"]]),
    ("waivers", [waiver(more=1)["waivers"]]),
    ("reset", ["", [], {}, True, {"skipped": True, "msg": "x"}, {"msg": None}, {"vpn_connections": None}]),
    ("known_lines", ["", {}, 1, [None], ["x"], [{"sentence": "a b"}], [{"sentence": "a b", "means": "good"}]]),
    ("known_lines", [[{"sentence": text, "means": "down"}] for text in (None, "", " ", "5", "#", "x" * 1001, 7)]),
    ("known_lines", [[{"sentence": "a b", "means": "down", "more": 1}]]),
    ("known_lines", [taught(("a  B", "down"), ("A b.", "failure"))["known_lines"]]),
    (
        "known_lines",
        [
            taught((text, "harmless"))["known_lines"]
            for text in (
                *("The IPSec tunnel is established", "the ipsec TUNNEL is  deleted.", "IPSec policy is deleted"),
                *("IPSec tunnel negotiation fails. (Reason=[flow mismatch])", "IKE phase# SA established"),
            )
        ],
    ),
    ("reset", [{"vpn_connections": [None]}, {"vpn_connections": [{}]}, {"vpn_connections": "x", "msg": "x"}]),
    (
        "ha",
        [None, "", "one", 1, {}, {"at_least": 0}, {"at_least": True}, {"at_least": 1, "of": 2}, {"at_least": "x"}],
    ),
]


@pytest.mark.parametrize(("option", "values"), UNCLEAR)
def test_a_policy_that_is_not_clear_raises(option, values):
    for value in values:
        with pytest.raises(OptionError, match=f"^{option}: "):
            Policy.from_options(**{option: value})


def test_long_words_of_a_task_are_cut():
    (long,) = Policy.from_options(**waiver(ticket="T" * 41, reason="r" * 81)).waivers
    assert long.label() == f'waiver {"T" * 37}... for "{"r" * 77}..."'
    (fits,) = Policy.from_options(**waiver(ticket="T" * 40, reason="r" * 80)).waivers
    assert fits.label() == f'waiver {"T" * 40} for "{"r" * 80}"'
    said = refusal(Policy.from_options, **waiver(ticket=["x" * 50]))
    assert said.startswith(f"waivers: ticket must be text, not ['{'x' * 35}... ")


def test_right_after_the_change_may_be_the_moment_of_the_baseline_or_of_the_evidence():
    old, new = evidence_of(before()), evidence_of(after())
    assert judge(new, old, watched_from=old)["window"]["watched_from"] == old["server_time"]
    assert judge(new, old, watched_from=new)["window"]["watched_from"] == new["server_time"]


def test_a_failure_without_a_peer_is_nobody_foreign():
    nobody = line(5, f"IPSec tunnel negotiation fails. (Reason=[{PSK}])")
    assert "customer gateway" not in judge(evidence_of(after(nobody, shown=OWN_PEER)))["message"]
    long = {"ikepolicy": {"peer_id_type": "ip", "peer_id": "1" * 46}}
    (told,) = judge(evidence_of(after(failed(5), shown=long)))["message"].splitlines()
    assert f"not the customer gateway {'1' * 42}...:" in told


def test_a_tunnel_that_could_not_be_read_is_named_by_its_id():
    (row,) = judge(evidence_of(after(error=OLD_GATEWAY)))["vpn_connections"]
    assert row["id"] == IDS["hq"]


def test_lines_are_in_the_order_of_their_stamps():
    first, second = sharp(up(5)), up(5)
    # Earlier within the same second, though its text comes last in the alphabet.
    abroad = {
        **first,
        "raw_message": first["raw_message"].replace(stamp(5), "2025-11-25T00:00:05").replace("+00:", "+08:"),
    }
    (row,) = judge(evidence_of(after(failed(9), second, abroad, old=[])))["vpn_connections"]
    assert [line["timestamp"][17:23] for line in row["evidence"]["logs"]] == ["05.000", "05.250", "09.250"]


def test_a_log_that_was_cleared_is_seen_through_since():
    (row,) = verdict_on(after(old=[], since="10m"), before(up(-700)))["vpn_connections"]
    assert "2 line(s) of the baseline are missing in the log" in row["message"]


def test_a_late_line_that_since_drops_is_not_made_up_for_by_one_at_since():
    known, late = sharp(failed(0)), failed(-60)
    assert judge(evidence_of(after(known, late)), evidence_of(before(known)))["verdict"] == "fail"
    said = refusal(judge, evidence_of(after(known, late, since="10m")), evidence_of(before(known)))
    assert "lacks lines that arrived late" in said


def test_an_entry_needs_no_more_than_what_makes_it_one():
    evidence = evidence_of(after(failed(5)))
    names = ("vpn_connection_id", "time", "raw_message", "timestamp", "kind", "outcome", "reason")
    evidence["logs"] = [{name: entry[name] for name in names} for entry in evidence["logs"]]
    assert judge(evidence)["verdict"] == "fail"


def test_what_an_earlier_version_did_not_understand_is_read_anew():
    evidence = evidence_of(after(failed(5), old=[]))
    (entry,), (row,) = evidence["logs"], evidence["vpn_connections"]
    entry.update(kind="unknown", outcome="unknown", reason=None)
    row.update(failures=0, unrecognised=1)
    assert judge(evidence)["verdict"] == "fail"


def test_a_full_log_that_reaches_back_behind_since_has_no_gap():
    verdict = judge(evidence_of(after(*FULL, up(100), old=[], since="9m")))
    assert (verdict["verdict"], verdict["vpn_connections"][0]["evidence"]["coverage"]) == ("pass", "complete")


def test_seconds_may_be_text():
    assert Policy.from_options(quiet_for="60").quiet_for == 60


def test_a_baseline_and_evidence_since_the_same_moment_go_together():
    since = "2025-11-24T15:50:00Z"
    old = evidence_of(before(failed(-700), failed(-60), since=since))
    new = evidence_of(after(failed(-700), failed(-60), up(5), since=since))
    assert judge(new, old)["verdict"] == "pass"


def doctored(change, world=None):
    evidence = evidence_of(world or after(failed(5), old=[]))
    change(evidence, evidence["vpn_connections"][0])
    return evidence


def test_doctored_evidence_is_refused_in_these_words():
    twice = doctored(lambda evidence, row: evidence["vpn_connections"].append(row))
    assert refusal(judge, twice).startswith("the evidence has one connection twice - ")
    unread = {"code": "E_TIMEOUT", "status": None, "message": "late", "request_id": None}
    gone = dict.fromkeys(("total", "failures", "unrecognised", "flaps"))
    ghost = doctored(lambda _evidence, row: row.update(error=unread, **gone))
    assert refusal(judge, ghost).startswith("the evidence has an entry of a connection that could not be read - ")
    half = doctored(lambda _evidence, row: row.update(error={"code": "E_TIMEOUT"}, **gone))
    assert "has a connection with values that no module returns: " in refusal(judge, half)
    other = doctored(lambda _evidence, row: row["connection"].update(name="another"))
    assert refusal(judge, other).startswith("the evidence shows the data of another connection for ")
    since = after(failed(5), old=[], since="11m")
    cut = doctored(lambda _evidence, row: row.update(total=2, oldest_time="2025-11-24T15:00:00Z"), since)
    assert cut["narrowed_by"] == []
    assert "has other lines of " in refusal(judge, cut)
    full = after(failed(-700), failed(5), since="10m")
    begun = doctored(lambda evidence, row: row.update(oldest_time=evidence["window"]["since"]), full)
    assert "does not say how far back the log of " in refusal(judge, begun)
    good = evidence_of(after())
    assert refusal(judge, good, watched_from={}).startswith("the evidence of watched_from is incomplete: it lacks ")
    narrow = {**good, "narrowed_by": ["limit", "kind"]}
    assert refusal(judge, narrow).startswith("the evidence is narrowed by kind, limit, so a failure may be missing")
    names = [f"branch{number}" for number in range(22)]
    crowd = World(tuple(Tunnel(name=name) for name in ("hq", *names)), at=0)
    assert f"lacks 22 connection(s) of the baseline: {', '.join(names[:20])} - " in refusal(
        judge, good, evidence_of(crowd)
    )
    many = World(tuple(Tunnel(name=name) for name in ("hq", "dr", "branch1", "branch2")), at=0)
    assert "lacks 3 connection(s) of the baseline: dr, branch1, branch2 - " in refusal(judge, good, evidence_of(many))


@pytest.mark.parametrize(
    ("error", "settled"),
    [
        *((ApiError("x", code="X", status=status), True) for status in (400, 407, 409, 430, 499)),
        *((ApiError("x", code="X", status=status), False) for status in (None, 399, 408, 429, 500)),
        *((VpnError("x", code=code), True) for code in ("E_CONFIG", "E_CRED")),
        *((VpnError("x", code=code), False) for code in ("E_TLS", "E_DNS")),
        *(
            (ApiError("x", code=code, status=400), False)
            for code in ("VPN.0306", "E_CONTENT", "E_TIMEOUT", "E_DEADLINE", "E_THROTTLED")
        ),
    ],
)
def test_an_error_is_settled_unless_another_try_may_not_meet_it(error, settled):
    verdict = judge(evidence_of(World((Tunnel(error=error), Tunnel(name="dr")))))
    assert verdict["vpn_connections"][0]["settled"] is verdict["settled"] is settled


@pytest.mark.parametrize(
    ("old", "log", "since", "gone"),
    [
        (before(failed(-700), up(-60)), [failed(-700), up(-60)], "10m", 0),
        (before(up(-900), up(-60)), [up(-900)], "20m", 1),
        (before(up(-900), up(-800), up(-60)), [up(-900), up(-60)], "20m", 1),
        (before(up(-900), up(-60), since="5m"), [up(-60), up(5)], "10m", 1),
        (before(up(-900), sharp(up(0))), [up(-900)], "10m", 1),
        (before(*FULL), [*FULL[1:], up(5)], None, 0),
        (before(*FULL), [*FULL[1:], up(5)], "10m", 0),
        (before(*FULL), [*FULL[:100], *FULL[101:], up(5)], None, 1),
        (before(sharp(strange(-300, "Other")), *map(sharp, FULL[:199])), [*map(sharp, FULL)], None, 0),
    ],
)
def test_how_many_lines_of_the_baseline_are_gone(old, log, since, gone):
    (row,) = verdict_on(after(*log, old=[], since=since), old._replace(tunnels=(Tunnel(old.tunnels[0].log[1:]),)))[
        "vpn_connections"
    ]
    found = [finding["message"].split(" line(s)")[0] for finding in row["findings"] if finding["code"] == "lost_lines"]
    assert found == ([str(gone)] if gone else [])


@pytest.mark.parametrize(
    ("log", "seen"),
    [
        ([], "0"),
        ([failed(-300)], "0"),
        ([failed(-300), strange(560), strange(550)], "49.75"),
        ([{"time": None, "raw_message": "hello"}], "0"),
        ([{"time": None, "raw_message": "hello"}, strange(5)], None),
        ([strange(5)], None),
    ],
)
def test_without_a_baseline_the_log_tells_how_long_a_tunnel_was_watched(log, seen):
    (row,) = verdict_on(after(*log, old=[]), policy={**QUIET, **RECOVERED})["vpn_connections"]
    found = [finding["message"] for finding in row["findings"] if finding["code"] == "too_early"]
    assert found == ([f"watched for {seen} s of at least 60 s"] if seen else [])


@pytest.mark.parametrize(
    ("new", "options"),
    [
        *((after(skew=skew), {}) for skew in (300, -300)),
        (after(down(5), up(9), status=None), {"require": []}),
        (after(sharp(down(539)), sharp(up(541))), {"quiet_for": 60}),
        (after(down(5), up(9)), waiver(reason="dpd timeout")),
    ],
)
def test_what_just_passes(new, options):
    verdict = verdict_on(new, CLEAN, options)
    assert (verdict["verdict"], verdict["settled"]) == ("pass", True)
    assert verdict["vpn_connections"][0]["findings"] == []


REKEYS = [
    "a proposal, PFS or lifetime mismatch shows only at the next IPsec rekey, at an unknown time",
    "a PSK, ID or proposal mismatch shows only at the next IKE rekey, at an unknown time",
]
UNSEEN = "the IPsec SAs were not gathered, or are not offered in this region: traffic was not checked"


def test_a_caveat_for_a_connection_that_the_baseline_does_not_have():
    both = World((Tunnel([*LONG_UP, up(5)]), Tunnel([up(5)], "dr")))
    caveats = [row["caveats"] for row in judge(evidence_of(both), evidence_of(CLEAN))["vpn_connections"]]
    assert caveats == [
        [*REKEYS, UNSEEN],
        [*REKEYS, UNSEEN, "this connection is not in the baseline: every line of its log counts"],
    ]


def test_a_caveat_where_an_sa_is_gone():
    two = before(sas=[sa("a"), sa("b")])
    for left, told in (([sa("a", at=8)], True), ([sa("a", at=8), sa("b", at=8)], False)):
        (row,) = verdict_on(after(up(5), sas=left), two)["vpn_connections"]
        text = "the tunnel has 1 IPsec SA(s), the baseline has 2: some networks may not be connected"
        assert (text in row["caveats"]) is told


def test_a_caveat_of_many_tunnels_is_told_once():
    evidence = evidence_of(World(tuple(Tunnel([up(5)], f"branch{number}") for number in range(10))))
    evidence["vpn_connections"][0].update(name=None, connection={"status": "ACTIVE"})
    names = ", ".join([IDS["branch0"], *(f"branch{number}" for number in range(1, 8))])
    assert judge(evidence)["caveats"] == [f"{names} and 2 more: {caveat}" for caveat in [*REKEYS, UNSEEN]]
    assert f"{names}, branch8: {UNSEEN}" not in judge(evidence)["caveats"]
    eight = evidence_of(World(tuple(Tunnel([up(5)], f"branch{number}") for number in range(8))))
    names = ", ".join(f"branch{number}" for number in range(8))
    assert judge(eight)["caveats"][0] == f"{names}: {REKEYS[0]}"


def test_the_message_without_a_tunnel():
    assert judge(evidence_of(World(())))["message"] == "INCONCLUSIVE the evidence has no connection"


def refusals():
    """Yield what people read where no verdict can be made."""
    yield from (refusal(judge, value) for value in NO_EVIDENCE)
    yield from (refusal(verdict_on, new, old) for old, new, _said in STRANGERS)
    yield from (refusal(judge, evidence_of(after()), readings=value) for value in NO_READINGS)
    yield from (refusal(Policy.from_options, **{name: value}) for name, values in UNCLEAR for value in values)


NO_READINGS = [
    *(None, {}, "", 0, evidence_of(after()), [None], [[]], ["x"], [{}], [{"vpn_connections": None}]),
    *(
        [{"vpn_connections": value}]
        for value in ("x", [None], [{}], [{"id": None}], [{"id": IDS["hq"], "ipsec_sas": {}}])
    ),
]


@pytest.mark.parametrize("value", NO_READINGS, ids=range(len(NO_READINGS)))
def test_readings_that_are_none_are_refused(value):
    assert refusal(judge, evidence_of(after()), readings=value).startswith(("readings is ", "a reading has "))


def test_readings_may_be_of_other_tunnels_and_without_sas():
    others = [evidence_of(world) for world in (after(), World((Tunnel(name="dr", sas=[sa()]),)), after(sas=[]))]
    assert verdict_on(after(), CLEAN) == judge(evidence_of(after()), evidence_of(CLEAN), readings=others)


# Less is never better: whatever is done to evidence either raises, or leads to a verdict that is as bad or worse.
REASONS = st.sampled_from([PSK, PROPOSAL, "novel", ""])
TEARDOWNS = st.sampled_from(["dpd timeout", "manual offline", "peer request", "kick old sa with same flow", "novel"])
KNOWN = [
    *(("Something happened", "harmless"), ("A said yes", "success"), ("A rested # s", "harmless")),
    *(("A said no", "failure"), ("A parked", "down")),
]
TEXTS = st.sampled_from(["Something happened", "A said yes", "A rested 7 s", "A said no", "A parked", "unheard of"])
OLD, NEW = st.integers(-900, -1), st.integers(1, LATER - 1)
STATUS = st.sampled_from(["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "DOWN", None])
COUNTS = st.sampled_from([0, 1, 9, 99])
NETWORKS = st.sampled_from(["10.0.0.0/24", "10.0.1.0/24"])


def entries(when):
    """Return the lines of a while; some of them are of a rekey by the peer, which takes two."""
    good = st.one_of(st.builds(up, when), st.builds(down, when, st.sampled_from([REKEY, "phase1 sa replace"])))
    bad = st.builds(failed, when, REASONS) | st.builds(down, when, TEARDOWNS) | st.builds(strange, when, TEXTS)
    rekey = when.map(lambda at: [sharp(up(at)), down(at, "peer request")])
    parts = st.one_of(
        good.map(lambda one: [one]), (good | bad).map(lambda one: [one]), bad.map(lambda one: [sharp(one)]), rekey
    )
    return st.lists(parts, max_size=4).map(lambda found: [one for part in found for one in part])


def sas_of(*moments):
    """Return SAs that were read at one of these moments, or none that were gathered."""
    one = st.builds(sa, st.sampled_from(["a", "b", "c"]), COUNTS, COUNTS, st.sampled_from(moments), NETWORKS)
    found = st.lists(one, max_size=3, unique_by=lambda made: made["id"])
    return st.none() | found | found


POLICY = st.fixed_dictionaries(
    {
        "quiet_for": st.sampled_from([0, 0, 60, 3600]),
        "require": st.lists(st.sampled_from(["status_active", "renegotiated", "traffic"]), max_size=2),
        "allow_recovered": st.booleans(),
        "waivers": st.sampled_from([[], waiver()["waivers"], waiver(until="2025-01-01T00:00:00Z")["waivers"]]),
        "ha": st.sampled_from(["all", "all", {"at_least": 1}, {"at_least": 2}]),
        "reset": st.sampled_from([None, None, reset(came_back=True, at=5)["reset"], reset(False, 5)["reset"]]),
        "known_lines": st.sets(st.sampled_from(KNOWN)).map(lambda known: taught(*sorted(known))["known_lines"]),
    }
)
SHOWN = st.fixed_dictionaries(
    {},
    optional={
        "vgw_id": st.just("vgw-1"),
        "cgw_id": st.sampled_from(["cgw-1", "cgw-2"]),
        "updated_at": st.sampled_from([f"{stamp(at)}Z" for at in (-60, 100, 400)]),
        "policy_rules": st.just([{"source": "10.0.0.0/24", "destination": ["0.0.0.0/0"]}]),
    },
)


# MONOTONY_CASES=10000 is the size at which the rule was shown; a run of the tests takes a part of that.
# Without it more negotiations count: where the connection was not gathered, nobody can tell when it was updated.
KEPT = {"updated_at"}
CASES = int(os.environ.get("MONOTONY_CASES", "1500"))


class Story(NamedTuple):
    """A baseline or none, the world after it and right after the change, other readings, and a policy."""

    baseline: World | None
    world: World
    watched: World | None
    readings: list[World]
    policy: dict[str, Any]


@st.composite
def stories(draw):
    tunnels, olds, watched, others = [], [], [], [[], []]
    for name in draw(st.sampled_from([("hq",), ("hq", "dr")])):
        log = [*draw(st.sampled_from([LONG_UP, LONG_UP, []])), *draw(entries(OLD))]
        olds.append(Tunnel(log, name, draw(STATUS), draw(sas_of(-240, -5))))
        log = [*log, *draw(entries(NEW)), *draw(st.sampled_from([[], [], [failed(-5)], [down(-5)]]))]
        error = draw(st.sampled_from([None] * 15 + [OLD_GATEWAY]))
        tunnels.append(Tunnel(log, name, draw(STATUS), draw(sas_of(300, 590)), error, draw(SHOWN)))
        watched.append(Tunnel([], name, "ACTIVE", draw(sas_of(-5, 8, 100))))
        for other, at in zip(others, (200, 400)):
            other.append(Tunnel([], name, "ACTIVE", draw(sas_of(at - 150, at - 5))))
    baseline = World(tuple(olds), at=0) if draw(st.booleans()) else None
    begin = World(tuple(watched), at=draw(NEW)) if draw(st.booleans()) else None
    readings = [World(tuple(other), at=at) for other, at in zip(others, (200, 400))]
    return Story(baseline, World(tuple(tunnels)), begin, readings[: draw(st.integers(0, 2))], draw(POLICY))


def with_tunnel(world, **changes):
    first, *others = world.tunnels
    return world._replace(tunnels=(first._replace(**changes), *others))


def without(found, one):
    return [other for other in found if other is not one]


def worse_log(draw, story):
    """Return the log of the first tunnel with more bad or less good in it."""
    log = story.world.tunnels[0].log
    known = [] if story.baseline is None else story.baseline.tunnels[0].log
    losable = [one for one in log if one in known or "established" in one["raw_message"]]
    return draw(
        st.one_of(
            st.builds(failed, NEW | OLD, REASONS).map(lambda one: [*log, one]),
            st.builds(down, NEW | OLD, TEARDOWNS).map(lambda one: [*log, one]),
            st.builds(strange, NEW | OLD, st.sampled_from(["unheard of", "A said no", "A parked"])).map(
                lambda one: [*log, one]
            ),
            st.sampled_from(losable).map(lambda one: without(log, one)) if losable else st.just(log),
            st.just(log[::-1]),
        )
    )


def worse_sas(draw, story):
    """Return the story with fewer readings of SAs, or fewer SAs in the last one."""
    sas, readings = story.world.tunnels[0].sas, story.readings
    fewer = [story._replace(world=with_tunnel(story.world, sas=None))]
    if sas:
        fewer.append(story._replace(world=with_tunnel(story.world, sas=draw(st.sampled_from([[], sas[1:]])))))
    if readings:
        blind = [*readings[:-1], with_tunnel(readings[-1], sas=draw(st.sampled_from([None, []])))]
        fewer += [story._replace(readings=fewer) for fewer in (readings[1:], readings[:-1], blind)]
    if story.watched:
        fewer.append(story._replace(watched=with_tunnel(story.watched, sas=None)))
    return draw(st.sampled_from(fewer))


def worse_story(draw, story):
    """Return the story with more bad, less good or less knowledge in it."""
    world, policy, (tunnel, *_others) = story.world, story.policy, story.world.tunnels
    good = [one for one in policy["known_lines"] if one["means"] in ("success", "harmless")]
    fewer = without(policy["known_lines"], draw(st.sampled_from(good))) if good else policy["known_lines"]
    less = {name: value for name, value in tunnel.shown.items() if name in KEPT}
    narrower = world._replace(options={"since": f"{LATER + draw(st.integers(0, 900))}s"})
    worse = [
        *[story._replace(world=with_tunnel(world, log=worse_log(draw, story)))] * 4,
        *[worse_sas(draw, story)] * 3,
        story._replace(policy={**policy, "known_lines": fewer}),
        story._replace(world=with_tunnel(world, shown=less)),
        story._replace(world=world._replace(skew=900)),
    ]
    if tunnel.status:
        worse.append(story._replace(world=with_tunnel(world, status="DOWN")))
        if not {*tunnel.shown} & KEPT:
            worse.append(story._replace(world=with_tunnel(world, status=None)))
    if story.baseline:
        worse.append(story._replace(world=narrower))
    return draw(st.sampled_from(worse))


def worse_evidence(draw, story):
    """Cut, mask, shuffle or decorate evidence as it would lie in a file."""
    evidence = evidence_of(story.world)
    logs, rows = evidence["logs"], evidence["vpn_connections"]
    what = draw(st.integers(0, 9))
    entry = draw(st.sampled_from(logs)) if logs else {}
    row = draw(st.sampled_from(rows))
    if what == 0 and logs:
        logs.remove(entry)
    elif what == 1:
        del logs[: draw(st.integers(1, 5))]
    elif what == 2:
        evidence["logs"], evidence["vpn_connections"] = draw(st.permutations(logs)), draw(st.permutations(rows))
    elif what == 3 and logs:
        entry.update(draw(st.sampled_from([{"kind": "noise", "outcome": "success"}, {"category": "none", "new": 1}])))
    elif what == 4 and logs:
        entry["raw_message"] = draw(st.sampled_from(["********", "", up(5)["raw_message"], None]))
    elif what == 5:
        row.update(failures=0, failure_reasons=[], unrecognised=0, flaps=0, coverage="complete", summary="fine")
    elif what == 6:
        lost = [{"total": 0}, {"failures": None}, {"ipsec_sas": None}]
        lost += [] if {*(row["connection"] or ())} & KEPT else [{"connection": None}]
        row.update(draw(st.sampled_from(lost)))
    elif what == 7 and story.baseline:
        rows.remove(row)
    elif what == 8:
        evidence["narrowed_by"] = ["kind"]
    else:
        evidence.update(changed=False, failed=False, warnings=[], verdict="pass", clock_skew=9e9)
    return evidence


def badness(story, evidence=None):
    baseline, watched = (world and evidence_of(world) for world in (story.baseline, story.watched))
    readings = [evidence_of(world) for world in story.readings]
    try:
        verdict = judge(
            evidence or evidence_of(story.world), baseline, Policy.from_options(**story.policy), watched, readings
        )
    except VpnError:
        return len(BADNESS)
    assert (verdict["verdict"] == "pass") <= verdict["settled"]
    assert verdict["negotiated"] <= (verdict["verdict"] == "pass")
    return BADNESS.index(verdict["verdict"])


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(stories(), st.data())
def test_no_less_and_no_other_evidence_moves_a_verdict_toward_pass(story, data):
    found = badness(story)
    assert badness(worse_story(data.draw, story)) >= found
    assert badness(story, worse_evidence(data.draw, story)) >= found


def test_what_came_before_since_counts_where_it_is_handed_over():
    """As the action gathers it: a teardown before the window does not vanish with the window."""
    evidence = evidence_of(after(down(-700), up(-650), down(-640), since="10m"), older=True)
    assert evidence["narrowed_by"] == []
    assert [row["total"] for row in evidence["vpn_connections"]] == [len(evidence["logs"])]
    (row,) = judge(evidence)["vpn_connections"]
    assert row["evidence"]["logs"] == []
    assert "went down at 2025-11-24T15:49:20Z" in row["message"]
    assert "before the window" in row["message"]
