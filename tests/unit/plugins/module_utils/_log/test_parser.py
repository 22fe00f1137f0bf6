# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every line an event: the labelled corpus, our own cases, and what no input may ever do."""

from __future__ import annotations

import copy
import gc
import json
import time
import tracemalloc
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log import parser
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.event import _port, examine, is_ours, normalized
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.kinds import KINDS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.parser import (
    as_entry,
    is_understood,
    moments_of,
    parse_entry,
    parse_line,
    read,
    shows_negotiation,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.reasons import FAILED, REASONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._time import format_moment
from hypothesis import example, given, settings
from hypothesis import strategies as st

FIXTURES = Path(__file__).parents[3] / "fixtures"
CORPUS = [json.loads(line) for line in (FIXTURES / "log_corpus.jsonl").read_text("utf-8").splitlines()]
CASES = [json.loads(line) for line in (FIXTURES / "log_cases.jsonl").read_text("utf-8").splitlines()]
MEMBERS = (
    "time raw_message timestamp host process pid local_address kind outcome event reason category phase peer_address "
    "peer_port fields advice anomalies"
).split()
OUTCOMES = {"failure", "progress", "success", "down", "neutral", "expected_in_change", "warning", "unknown"}
# How good an event is for a verdict: nothing a value holds may lift a line to a higher place.
GOODNESS = {"failure": 0, "down": 1, "unknown": 2, "warning": 3, "expected_in_change": 4, "neutral": 4, "progress": 5}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
HEAD = "2026-11-23T10:02:11.123456+00:00 host-192-0-2-37 ipsec_ike[4411]: [203.0.113.10] "


def entry_of(row):
    return {name: row[name] for name in ("time", "raw_message") if name in row}


def goodness(event):
    return 6 if event["kind"] in ("tunnel_established", "rekey") else GOODNESS[event["outcome"]]


def labels(entry):
    """Return everything the corpus has labels for, public or not."""
    event = examine(entry)
    known, moments = event.known, event.moments
    unread = {"time_missing", "time_invalid"} & {*event.anomalies}
    return {
        **event._asdict(),
        "reason_known": known is not None,
        "reason_canonical": known and known.reason,
        "transient": known.transient if known else "unknown",
        "verdict": known.weight if known else "hard",
        "role": event.fields.get("Role"),
        "reason_code": int(event.fields.get("ReasonCode", 0)),
        "time_s": None if unread else moments[0] // 10**6,
        "skew_s": moments[-1] // 10**6 - moments[0] // 10**6 if moments else None,
    }


@pytest.mark.parametrize("row", CORPUS, ids=lambda row: row["id"])
def test_corpus(row):
    found, public = labels(entry_of(row)), parse_entry(entry_of(row))
    assert list(public) == MEMBERS
    # What was kept and what is examined must agree in every member.
    assert {name: found[name] for name in MEMBERS} == public
    assert {name: found[name] for name in row["expect"]} == row["expect"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_cases(case):
    before = copy.deepcopy(case["entry"])
    event = parse_entry(case["entry"])
    assert case["entry"] == before
    for name, wanted in case["expect"].items():
        assert (sorted(event[name]) if name == "anomalies" else event[name]) == wanted, name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=6,
)
PIECES = st.sampled_from(
    [
        *"[](),=: \n\u2028\ufeff\x00\ud800mx",
        *(", ", ". ", "\x1b[", "\x1b[0m", "fail", "phase2 sa replace", "dpd timeout", "{{ 7*7 }}", HEAD, HEAD[:33]),
        *("Reason=[", "OfflineReason=[", "], Reason=[established", "PolicyName=[", "Role=[Initiator])"),
        *(
            "IPSec tunnel negotiation fails. (",
            "The IPSec tunnel is established. (",
            "An IPSec tunnel is teared down. (",
        ),
        "IPSEC/4/IPSECNEGOFAIL: OID 1.3 ",
    ]
)
HOSTILE = st.lists(PIECES | st.text(max_size=4), max_size=14).map("".join)


@given(JSON | st.fixed_dictionaries({}, optional={"time": JSON, "raw_message": JSON | HOSTILE}))
@settings(max_examples=600, deadline=None)
def test_no_input_raises_and_every_input_is_one_event(entry):
    event, moments = read(entry)
    assert list(event) == MEMBERS
    assert event["kind"] in KINDS
    assert event["outcome"] in OUTCOMES
    assert (event["kind"] == FAILED) == (event["outcome"] == "failure")
    assert (event["timestamp"] is None) == (not moments)
    assert {type(moment) for moment in moments} <= {int}
    assert {type(value) for pair in event["fields"].items() for value in pair} <= {str}
    assert event["advice"] is None or "\n" not in event["advice"]
    assert (event["advice"] is not None) == (event["outcome"] in ("failure", "down"))
    if event["outcome"] == "failure":
        assert event["category"]
    json.dumps(event)


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        (
            "PeerPort=[500]",
            "the line gives no reason: read the logs of both ends and compare all IKE and IPsec settings",
        ),
        (
            "Reason=[hiccup]",
            "the reason is not in the catalogue: read the logs of both ends and compare all IKE and IPsec settings",
        ),
    ],
)
def test_without_a_known_reason_there_is_advice_all_the_same(fields, advice):
    assert parse_line(f"{HEAD}IPSec tunnel negotiation fails. ({fields})")["advice"] == advice


@given(HOSTILE, HOSTILE)
@settings(max_examples=400, deadline=None)
def test_a_failure_outside_brackets_is_never_a_success(before, after):
    text = f"{HEAD}{before.replace('[', '')} IPSec tunnel negotiation fails. {after.replace('[', '')}"
    assert parse_line(text)["kind"] == FAILED


C2 = "IPSec tunnel negotiation fails. (IfIndex=[207], PolicyName=[{}], SeqNum=[0], PeerAddress=[198.51.100.7], " + (
    "PeerPort=[500], Reason=[authentication fail])"
)
D2 = (
    "The IPSec tunnel is established. (Ifindex=[207], SeqNum=[1],TunnelIndex=[1], RuleNum=[5], DstIP=[198.51.100.7], "
    "InsideIP=[0.0.0.0], RemotePort=[4500], CpuID=[0], SrcIP=[203.0.113.10], FlowInfo=[0.0.0.0/0], LifeSize=[1], "
    "LifeTime=[3600], VsysName=[{}], InterfaceName=[Tunnel0/0/1], SlotID=[0], Role=[Initiator])"
)
D4 = (
    "An IPSec tunnel is teared down. (PolicyName=[{}], IfIndex=[207], SeqNum=[0], RuleNum=[5], SrcIP=[203.0.113.10], "
    "DstIP=[198.51.100.7], InboundSPI=[1], Slot=[0], CpuID=[0], OfflineReason=[{{}}], State=[Normal])"
)
D5 = (
    "IKE phase1 sa established. (PeerAddress=[198.51.100.7], PeerPort=[500], LocalAddress=[203.0.113.10], "
    "AuthMethod=[pre-shared-key], AuthID=[{}], IDType=[IP], VsysName=[public], Role=[Responder])"
)
D4S = [D4.replace("{{}}", row.reason) for row in REASONS if row.event != FAILED]
UNKNOWN = "The gateway hiccups. (PolicyName=[{}], PeerAddress=[198.51.100.7])"
TEMPLATES = st.sampled_from([C2, D2, D5, UNKNOWN]) | st.sampled_from(D4S)


@given(TEMPLATES, HOSTILE)
@settings(max_examples=3000, deadline=None)
@example(C2, "x], Reason=[established")
@example(D4S[0], "x], OfflineReason=[phase2 sa replace")
@example(C2, "x], SeqNum=[0], PeerAddress=[192.0.2.9], PeerPort=[1], Reason=[version mismatch]) " + D2)
@example(D5, "x]) The IPSec tunnel is established. ([")
def test_text_in_a_value_never_makes_a_line_better(template, text):
    plain = parse_line(HEAD + template.format(""))
    event = parse_line(HEAD + template.format(text))
    assert goodness(event) <= goodness(plain)
    if plain["kind"] == FAILED:
        assert event["kind"] == FAILED
    for name in ("timestamp", "host", "process", "pid", "local_address"):
        assert event[name] == plain[name], name


@given(st.sampled_from([C2, D5, *D4S[:3]]), HOSTILE)
@settings(max_examples=3000, deadline=None)
def test_text_in_a_value_never_changes_another_field_unnoticed(template, text):
    plain = parse_line(HEAD + template.format(""))
    event = parse_line(HEAD + template.format(text))
    doubt = {"duplicate_key", "unbalanced_brackets", "ansi", "trailing_text", "truncated"} & {*event["anomalies"]}
    added = {*event["fields"]} - {*plain["fields"]}
    if not doubt and not added:
        own = next(key for key in plain["fields"] if f"{key}=[{{}}]" in template)
        assert {**event["fields"], own: ""} == {**plain["fields"], own: ""}
        for name in ("kind", "outcome", "event", "reason", "category", "phase", "peer_address", "peer_port"):
            assert event[name] == plain[name], name


@given(TEMPLATES, st.text(st.characters(exclude_characters="[]"), max_size=60))
@settings(max_examples=1000, deadline=None)
def test_text_without_brackets_changes_its_own_value_only(template, text):
    plain = parse_line(HEAD + template.format(""))
    event = parse_line(HEAD + template.format(text))
    own = next(key for key in plain["fields"] if f"{key}=[{{}}]" in template)
    if "\x1b" not in text:
        assert event["fields"] == {**plain["fields"], own: text}
    for name in MEMBERS[2:]:
        if name not in ("fields", "anomalies"):
            assert event[name] == plain[name], name


@given(st.sampled_from(CORPUS), st.integers(0, 400))
@settings(max_examples=500, deadline=None)
def test_a_cut_line_is_never_better(row, length):
    if isinstance(row.get("raw_message"), str):
        whole = parse_entry(entry_of(row))
        cut = parse_entry({**entry_of(row), "raw_message": row["raw_message"][:length]})
        assert goodness(cut) <= max(goodness(whole), GOODNESS["unknown"])


ODD = ("newline", "oversize", "bom", "template_like")
LONG = 32 * 1024
ADVERSARIAL = [
    *"[]()=, \n\ta0\u200b:-\\",
    *"\x1b[ \x1b[0 {{ x. a= a=[ a=[] a=[], a=b, ]) )] (a ((a=[ [a] Reason=[ Reason=[x], a=[[ a=[]] ],a=[".split(),
    *(
        "a=[] ,",
        "a=b, ",
        "], ",
        "] ",
        "]  )",
        "( ",
        "(a =",
        "Reason=[x], ",
        "a, b",
        ", a=[",
        "]\t,\ta",
        "a b[1]: ",
        "OID ",
    ),
    *("IPSec ", "IPSec tunnel negotiation ", "negotiation fail", "ip sec", "ipsec  tunnel  ", "phase2 sa replace"),
    *("IPSec tunnel negotiation fails. (", "The IPSec tunnel is established. (", "IPSEC/4/IPSECNEGOFAIL: "),
    *(
        "a b[1]: ",
        "OID ",
        "%%01",
        "IPSECNEGO",
        HEAD,
        HEAD[:33],
        "2026-11-23T10:02:11",
        "a" * 63 + " ",
        ", " + "a" * 63 + " ",
    ),
]
STARTS = ("", HEAD, HEAD + "The IPSec tunnel is established. (", HEAD + C2[:40], HEAD + C2[:-2], HEAD + "A (a=[", "(a=")


# So many times as long as looking at each character, since machines differ in speed. The slowest take 17 times as long.
MOST = 40


@pytest.mark.parametrize("start", STARTS, ids=range(len(STARTS)))
@pytest.mark.parametrize("piece", ADVERSARIAL, ids=lambda piece: repr(piece)[:24])
def test_long_lines_take_linear_time(start, piece):
    text = (start + piece * (LONG // len(piece) + 1))[:LONG]
    assert all(_is_quick(text + ending) for ending in ("", ")", "])", "!"))


def _is_quick(text):
    """Tell whether a line is read in time at least once: what else the machine does must not count."""
    return any(_seconds(parse_line, text) < MOST * _seconds(_look, text) for _again in range(5))


def _look(text):
    return sum(1 for letter in text if letter == "[")


def _seconds(function, text):
    begin = time.process_time()
    function(text)
    return time.process_time() - begin


@given(st.lists(PIECES, min_size=1, max_size=4).map("".join), st.sampled_from(STARTS))
@settings(max_examples=150, deadline=None)
def test_repeated_pieces_take_linear_time(piece, start):
    text = (start + piece * (LONG // len(piece) + 1))[:LONG]
    assert all(_is_quick(text + ending) for ending in ("", "])!"))


def test_events_share_nothing():
    entry = entry_of(CORPUS[1])
    first = parse_entry(entry)
    first["fields"]["Reason"] = "changed"
    first["anomalies"].append("changed")
    assert parse_entry(entry) == dict(zip(MEMBERS, examine(entry)))


def test_a_changed_line_is_not_taken_for_the_one_before():
    entry = entry_of(CORPUS[1])
    later = {"time": entry["time"] + 60, "raw_message": entry["raw_message"].replace("09:18", "09:19")}
    one, two = parse_entry(entry), parse_entry(later)
    assert {**one, "time": 0, "raw_message": "", "timestamp": ""} == {
        **two,
        "time": 0,
        "raw_message": "",
        "timestamp": "",
    }
    assert (one["timestamp"], two["timestamp"]) == ("2025-03-04T09:18:23.657433Z", "2025-03-04T09:19:23.657433Z")


NUMBERED = st.lists(
    st.sampled_from(("TunnelIndex=[1]", "InboundSPI=[1]", "Reason=[", "x", ",", " ", "(", ")", "-", "[", "]")),
    max_size=4,
).map("".join)


@given(
    st.sampled_from([D2, D4S[0], f"{D2} {D4S[0]}".replace("[{}]", "[]", 1), UNKNOWN]), NUMBERED, st.integers(0, 10**19)
)
@settings(max_examples=1500, deadline=None)
@example(D2, "", 2)
@example(D4S[0], "TunnelIndex=[1]", 2)
@example(D4S[0], "[InboundSPI=[1]]", 2)
@example(D4S[0], "[TunnelIndex=[1]]", 2)
@example("\x1b[0m" * 9 + " TunnelIndex=[1] happened. (TunnelIndex=[1])", "", 2)
def test_lines_that_differ_in_numbers_only_are_read_as_one_by_one(template, text, number):
    entry = {"time": 1795428131, "raw_message": HEAD + template.format(text)}
    for value in (1, number):
        changed = {**entry, "raw_message": entry["raw_message"].replace("=[1]", f"=[{value}]")}
        assert parse_entry(changed) == dict(zip(MEMBERS, examine(changed)))


ODDITIES = "[](),=: {}%#\n\x1b\x7f\xe9\u200b0aZ-_"


@given(
    st.sampled_from([row["raw_message"] for row in CORPUS if isinstance(row.get("raw_message"), str)])
    | st.sampled_from(
        [
            *(HEAD + text.format("vpn-1") for text in (C2, D2, D4S[0])),
            f"{HEAD}TunnelIndex=[1] happened. (TunnelIndex=1)",
            f"{HEAD}IPSEC/4/IPSECUP: OID (Role=[x], The IPSec tunnel is established. (Role=[Initiator])",
            f"{HEAD}An IPSec tunnel is teared down. (A=[1], Dst-IP=[1.2.3.4], OFFLINEREASON=[phase2 sa replace])",
        ]
    ),
    st.data(),
)
@settings(max_examples=1500, deadline=None)
def test_a_line_that_differs_in_one_character_is_read_as_if_it_were_the_first(line, data):
    place = data.draw(st.integers(0, len(line)))
    changed = line[:place] + data.draw(st.sampled_from(["", *ODDITIES])) + line[place + data.draw(st.integers(0, 1)) :]
    entries = [{"time": time, "raw_message": text} for time in (1795428131, 1741079903) for text in (line, changed)]
    parser._SAID.clear()
    for entry in (*entries, *entries):
        assert parse_entry(entry) == dict(zip(MEMBERS, examine(entry)))
        assert [*parse_entry(entry)["fields"]] == [*examine(entry).fields]


def test_a_line_of_which_only_numbers_are_new_is_not_examined_anew(monkeypatch):
    for content, name in ((D2, "TunnelIndex"), (D4S[0], "InboundSPI")):
        entry = {"time": 1795428131, "raw_message": HEAD + content.format("")}
        first = parse_entry(entry)
        with monkeypatch.context() as unable:
            unable.setattr(parser, "examine", None)
            raw = entry["raw_message"].replace(f"{name}=[1]", f"{name}=[77]")
            second = parse_entry({**entry, "raw_message": raw})
        assert {**second, "raw_message": first["raw_message"], "fields": first["fields"]} == first
        assert second["fields"] == {**first["fields"], name: "77"}


SENTENCES = {
    ("tunnel_established", "success"): "The IPSec tunnel is established; An IPSec tunnel is established; "
    "IPSec tunnel is established; IPSec tunnel negotiation succeeds; IPSec tunnel negotiation succeeded",
    ("ike_sa_established", "progress"): "IKE phase1 sa established; IKE phase1 sa is established; "
    "The IKE phase1 sa is established",
    ("teardown", "down"): "An IPSec tunnel is teared down; An IPSec tunnel is torn down; "
    "The IPSec tunnel is teared down; The IPSec tunnel is torn down; The IPSec tunnel is deleted; "
    "An IPSec tunnel is deleted; IPSec policy is detached from the interface; IPSec policy is deleted; "
    "The IKE SAs are reset; The IPSec SAs are reset",
    ("link_quality", "down"): "The link status of IPSec SLA detection change to down; "
    "The link status of IPSec SLA detection changes to down; The link status of IPSec SLA detection changed to down",
    ("link_quality", "warning"): "The link quality of IPSec SLA detection is worse than the threshold",
    ("noise", "neutral"): "IPSec policy is attached to the interface; IPSec policy is added",
}


@pytest.mark.parametrize(("said", "sentences"), SENTENCES.items(), ids=lambda value: value[0])
def test_what_is_known_of_the_device_family_is_understood(said, sentences):
    for sentence in sentences.split("; "):
        event = parse_line(f"{HEAD}{sentence}. (Role=[Initiator])")
        assert (event["kind"], event["outcome"]) == said, sentence


@pytest.mark.parametrize(
    ("text", "anomaly"),
    [
        ("a\nb", "newline"),
        ("x" * 4096, None),
        ("x" * 4097, "oversize"),
        ("\ufeffa", "bom"),
        ("{{ a }}", "template_like"),
    ],
)
def test_what_is_odd_about_a_text_is_named(text, anomaly):
    assert [code for code in parse_line(text)["anomalies"] if code in ODD] == [anomaly] * bool(anomaly)


@pytest.mark.parametrize("text", ["(A=[1] , B=[2])", "(A=[1],  B=[2])", "(A =[1])", "(A= [1])", "( A=[1])", "(A=[1] )"])
def test_blanks_where_none_belong_are_named(text):
    assert parse_line(f"{HEAD}IPSec tunnel negotiation fails. {text}")["anomalies"] == ["extra_whitespace"]


def test_what_is_odd_about_a_list_alone_is_named():
    assert "duplicate_key" in parse_line("(A=[1], A=[2])")["anomalies"]


@pytest.mark.parametrize(("host", "node"), [("host-10-0-255-1", "10.0.255.1"), ("host-10-0-256-1", None)])
def test_the_name_of_a_host_may_be_an_address(host, node):
    assert examine({"time": 1, "raw_message": HEAD.replace("host-192-0-2-37", host) + C2}).node_ip == node


def test_what_is_no_line_and_no_entry_is_told():
    assert parser.as_entry({"raw_message": "x", "skipped": True}) is None
    assert parser.as_entry({"raw_message": "x", "failed": True}) is None
    assert parser.as_entry({"raw_message": "x", "skipped": False, "kind": "noise"}) == {"raw_message": "x"}
    assert (parser.describe([]), parser.describe(None), parser.describe(1)) == ("a list", "null", "int")
    assert parser.describe(type("AnsibleUndefined", (), {})()) == "an undefined value"
    assert parser.moments_of("x") == ()


def test_memory_stays_flat():
    """What is kept between lines is bounded, whatever a peer sends, and nothing else is kept."""
    tracemalloc.start()
    held = []
    for _round in range(3):
        for number in range(3_000):
            text = f"{HEAD}IPSec tunnel negotiation fails. (PolicyName=[{_round}.{number}], Reason=[rekey fail])"
            read({"time": 1795428131, "raw_message": text})
            assert len(parser._SAID) <= parser._KEPT
        parser._SAID.clear()
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert held[2] < held[0] + 2**16
    read({"time": 1795428131, "raw_message": f"{HEAD}{'x' * 2000}"})
    assert not parser._SAID


# Lines whose stamp is as documented, and mostly is that of time, behind which anything may follow.
STAMPED = st.just("2026-11-23T10:02:11.123456+00:00 ") | st.builds(
    "{}{}{} ".format,
    st.sampled_from(("2026-11-23T10:02:11", "2026-02-30T10:02:11", "2026-11-23T23:59:59", "2026-11-23 10:02:11")),
    st.sampled_from((".123456", ".1", "", ".000000")),
    st.sampled_from(("+00:00", "Z", "+08:00", "", "-24:00")),
)
HEADS = ("", " ", "x", "a[1]: ", "host ipsec_ike: [1.2.3.4] ", "host ipsec_ike[1]: ", HEAD[33:], HEAD[33:].strip())


@given(
    st.sampled_from([entry_of(row) for row in CORPUS])
    | st.builds(
        lambda time, *parts: {"time": time, "raw_message": "".join(parts)},
        st.just(1795428131) | st.sampled_from((1795399331, 0, None, True, 1795428131.5, "1795428131")),
        STAMPED,
        st.sampled_from(HEADS) | HOSTILE,
        st.sampled_from((C2, "IPSec", "", "\u200b", "\x1b[0m")) | HOSTILE,
    )
)
@settings(max_examples=2000)
def test_the_moments_alone_are_those_of_the_whole(entry):
    assert moments_of(entry) == read(entry)[1]


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))
def test_a_moment_is_written_as_python_writes_it(moment):
    text = moment.isoformat(timespec="microseconds") + "Z"
    assert format_moment((moment - EPOCH.replace(tzinfo=None)) // timedelta(microseconds=1)) == text


def test_both_moments_are_told():
    event, moments = read({"time": 1741100960, "raw_message": CORPUS[1]["raw_message"]})
    assert "time_skew" in event["anomalies"]
    assert moments == (1741079903657433, 1741100960 * 10**6)
    assert read({"raw_message": "x"})[1] == ()


@pytest.mark.parametrize(("apart", "differ"), [(-3, True), (-2, False), (0, False), (2, False), (3, True)])
def test_clocks_differ_from_more_than_two_seconds_on(apart, differ):
    raw = CORPUS[1]["raw_message"].replace(".657433", ".000000")
    event, _moments = read({"time": 1741079903 + apart, "raw_message": raw})
    assert ("time_skew" in event["anomalies"]) is differ


def test_a_line_alone_misses_no_time():
    assert parse_line(CORPUS[1]["raw_message"])["anomalies"] == []
    assert parse_line(CORPUS[1]["raw_message"])["timestamp"] == CORPUS[1]["expect"]["timestamp"]


def test_a_day_that_is_none_is_no_moment_however_early_the_other_clock_is():
    entry = {"time": 11, "raw_message": HEAD.replace("11-23", "02-30") + C2}
    assert read(entry)[1] == moments_of(entry) == ()


def test_the_clock_that_is_believed_is_named():
    for stamp, source in ((HEAD[:32], "embedded"), (HEAD[:26], "time")):
        assert examine({"time": 1795428131, "raw_message": stamp + HEAD[32:] + C2}).timestamp_source == source


def test_a_failure_is_understood_whatever_follows_it():
    said = {"outcome": "failure", "anomalies": ["trailing_text"]}
    assert is_understood(said)
    assert not is_understood({**said, "outcome": "down"})


def test_a_line_with_a_lone_bracket_is_read_in_part_only():
    line = HEAD + "IPSec tunnel negotiation fails. (A=[x]y], B=[z])"
    assert examine({"time": 1, "raw_message": line}).parse == "partial"
    assert examine({"time": 1, "raw_message": line.replace("x]", "x")}).parse == "full"


def test_one_member_makes_an_entry():
    assert as_entry("x") == {"raw_message": "x"}
    assert as_entry({"raw_message": "x", "kind": "noise"}) == {"raw_message": "x"}
    assert as_entry({"time": 1, "kind": "noise"}) == {"time": 1}
    assert as_entry({"kind": "noise"}) is None


def test_a_failure_inside_brackets_is_none_the_long_way_either():
    event = parse_line(f"{HEAD}Something happened. (Bare=1, PolicyName=[IPSec tunnel negotiation fails])")
    assert (event["kind"], event["fields"]["PolicyName"]) == ("unknown", "IPSec tunnel negotiation fails")


@pytest.mark.parametrize(
    ("kind", "reason", "shown"),
    [
        ("tunnel_established", None, True),
        ("rekey", "phase2 sa replace", True),
        ("rekey", "Phase2-SA-Replace", True),
        ("rekey", "phase1 sa replace", False),
        ("rekey", None, False),
        ("teardown", "phase2 sa replace", False),
        ("ike_sa_established", None, False),
    ],
)
def test_what_shows_that_an_ipsec_sa_was_negotiated(kind, reason, shown):
    assert shows_negotiation(kind, reason) is shown


def test_sentences_of_ours_are_known_in_any_spelling():
    for sentences in SENTENCES.values():
        assert all(is_ours(f" {sentence.upper()}  ") for sentence in sentences.split("; "))
    assert is_ours("IPSec tunnel negotiation has failed")
    assert not is_ours("Something happened")
    assert normalized(" A\tB ") == "a b"


@pytest.mark.parametrize(
    "content",
    [
        "An IPsec tunnel is teared down. (IfIndex=[1], OfflineReason=[peer request], State=[Normal]) "
        "IPSec tunnel negotiation failure. (Reason=[authentication fail])",
        "The link quality of IPsec SLA detection is worse than the threshold. (A=[b]) but negotiation failed",
        "IPSEC-VPN/4/IKE_NEGO_FAILURE: The IPSec tunnel is established. (Ifindex=[1], Status=[failed])",
        *(
            f"IPSEC/4/IPSECTUNNEL{word}: The IPSec tunnel is established. (Ifindex=[1])"
            for word in ("STOP", "DOWN", "DELETE", "TEARDOWN", "NEGOFAIL", "_down")
        ),
        "The IPSec tunnel is established. (Ifindex=[1], Reason_Code=[15])",
        "IPSec tunnel negotiation is failed. (Reason=[authentication fail])",
        "IPSec tunnel negotiation has been failed. (Reason=[authentication fail])",
        "IPSec tunnel negotiation failure. (Reason=[authentication fail])",
    ],
)
def test_a_line_that_says_two_things_is_never_waved_through(content):
    event = parse_line(HEAD + content)
    assert event["outcome"] == "failure" or not is_understood(event)


@pytest.mark.parametrize(
    ("text", "port", "told"), [("0", 0, []), ("65535", 65535, []), ("65536", None, ["port_invalid"])]
)
def test_a_port_is_a_number_that_a_port_can_have(text, port, told):
    anomalies = []
    assert (_port(text, anomalies), anomalies) == (port, told)
