# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence of many tunnels over a real socket: which are read, what is counted, and what is never lost."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
import yaml
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.logs import gather
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import (
    Query,
    Selection,
    query_spec,
    selection_spec,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.selection import unreadable_summary
from ansible_collections.huaweicloud.vpn.plugins.modules import vpn_connection_log_info as module

PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
PRIMARY = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
SECONDARY = "5247ae10-1111-4222-8333-2d10c3a4b5f6"
BRANCH = "4f43df63-1111-4222-8333-76b771cb90aa"
HQ_GATEWAY = "ba90819b-1111-4222-8333-3a01622856a5"
NOW = 1_764_000_000


def line(seconds_ago, reason="authentication fail", **changes):
    """Return an entry with a negotiation failure, this long before NOW."""
    stamp = datetime.fromtimestamp(NOW - seconds_ago, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.250000+00:00")
    message = (
        f"{stamp} host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] IPSec tunnel negotiation fails. (IfIndex=[207], "
        f"PolicyName=[], SeqNum=[0], PeerAddress=[198.51.100.9], PeerPort=[500], Reason=[{reason}])"
    )
    return {"time": NOW - seconds_ago, "raw_message": message, **changes}


@pytest.fixture
def ask(connect):
    """Gather from a server with these options of the module."""

    def run(url, connection=None, older=False, **options):
        values = {name: entry.get("default") for name, entry in {**query_spec(), **selection_spec()}.items()}
        values.update(options)
        return gather(
            connect(url, **{"project_id": PROJECT, "timeout": 10, **(connection or {})}),
            Selection.from_options(values.get),
            Query.from_options(values.get),
            older=older,
        )

    return run


@pytest.fixture
def ask_log(ask, serve, answer, monkeypatch):
    """Gather from one connection whose log is this."""

    def run(logs, **options):
        body = json.dumps({"logs": logs, "request_id": "r1"})
        whole = (
            answer(body)
            .replace(b"Date: ", b"X-Old-Date: ")
            .replace(b"X-Old-Date", b"Date: Mon, 24 Nov 2025 16:00:00 GMT\r\nX-Old-Date", 1)
        )
        result = ask(serve(whole).url, vpn_connection_id=[PRIMARY], **options)
        return result, result["vpn_connections"][0]

    return run


def test_ids_in_the_order_asked_each_once(ask, emulator):
    answer = ask(emulator.url, vpn_connection_id=[BRANCH, PRIMARY, BRANCH.upper()])
    assert [row["id"] for row in answer["vpn_connections"]] == [BRANCH, PRIMARY]
    assert [row["name"] for row in answer["vpn_connections"]] == [None, None]
    assert unreadable_summary(answer) is None
    assert all("/log" in request["path"] for request in emulator.requests)


def test_names_gateway_and_all(ask, emulator):
    by_name = ask(emulator.url, name=["branch", "hq-primary"])
    assert [row["id"] for row in by_name["vpn_connections"]] == [BRANCH, PRIMARY]
    of_gateway = ask(emulator.url, vgw_id=HQ_GATEWAY)
    assert {row["name"] for row in of_gateway["vpn_connections"]} == {"hq-primary", "hq-secondary"}
    assert len(ask(emulator.url, vgw_id=HQ_GATEWAY.upper())["vpn_connections"]) == 2
    everything = ask(emulator.url)
    assert {row["id"] for row in everything["vpn_connections"]} == {PRIMARY, SECONDARY, BRANCH}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": ["hq"]}, "name: there is no VPN connection 'hq'; there are: branch, hq-primary, hq-secondary"),
        ({"vgw_id": "ba90819b-1111-4222-8333-000000000000"}, "vgw_id: gateway ba90819b-.* has no VPN connection"),
    ],
)
def test_a_selection_that_finds_nothing_is_an_error(ask, emulator, options, message):
    with pytest.raises(VpnError, match=message):
        ask(emulator.url, **options)


def test_an_ambiguous_name_is_an_error_that_lists_the_ids(ask, emulator):
    emulator.change({"connections": {"branch": {"name": "hq-primary"}}})
    with pytest.raises(VpnError, match=f"name of several VPN connections, use an ID: .*{BRANCH}"):
        ask(emulator.url, name=["hq-primary"])


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"vpn_connection_id": []}, "vpn_connection_id"),
        ({"vpn_connection_id": ["../../v3/projects"]}, "vpn_connection_id"),
        ({"vpn_connection_id": ["%2e%2e"]}, "vpn_connection_id"),
        ({"name": []}, "name"),
        ({"vgw_id": "x"}, "vgw_id"),
        ({"vpn_connection_id": [PRIMARY], "name": ["hq-primary"]}, "name"),
        ({"name": ["hq-primary"], "vgw_id": PRIMARY}, "vgw_id"),
        ({"kind": ["failure"]}, "kind"),
        ({"kind": []}, "kind"),
        ({"reason": []}, "reason"),
        ({"gather": ["everything"]}, "gather"),
        ({"limit": 0}, "limit"),
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 33}, "concurrency"),
        ({"since": "soon"}, "since"),
        ({"until": "2026-11-23T10:00:00"}, "until"),
        ({"since": "15m", "until": "15m"}, "since"),
        ({"since": "5m", "until": "15m"}, "since"),
        ({"since": "2026-11-23T10:00:00Z", "until": "2026-11-23T10:00:00+00:00"}, "since"),
        ({"since": "1763900000", "until": "2024-11-23T10:00:00Z"}, "since"),
    ],
)
def test_bad_options_are_named_and_cost_no_request(ask, emulator, options, option):
    with pytest.raises(VpnError) as caught:
        ask(emulator.url, **options)
    assert str(caught.value).startswith(f"{option}: ")
    assert str(caught.value).isprintable()
    assert emulator.requests == []


def test_blank_options_are_not_given_and_blanks_around_texts_are_none(ask, emulator):
    blank = {"vpn_connection_id": [" "], "vgw_id": "", "since": " ", "until": "", "reason": [""]}
    blank["peer_address"] = ["", " "]
    answer = ask(emulator.url, **blank, name=["hq-primary\n", "", " branch "])
    assert [row["name"] for row in answer["vpn_connections"]] == ["hq-primary", "branch"]
    assert answer["window"] == {"since": None, "until": None}
    assert answer["narrowed_by"] == []


def test_one_unreadable_connection_does_not_hide_the_others(ask, emulator):
    emulator.change({"connections": {"hq-secondary": {"error": {"status": 400, "code": "VPN.0304"}}}})
    answer = ask(emulator.url, name=["hq-primary", "hq-secondary", "branch"])
    problem = unreadable_summary(answer)
    assert problem.startswith("cannot read 1 of 3 VPN connections: hq-secondary: ")
    assert "VPN.0304" in problem
    assert "too old" in problem
    primary, secondary, branch = answer["vpn_connections"]
    assert (primary["error"], branch["error"]) == (None, None)
    assert (secondary["error"]["code"], secondary["error"]["status"]) == ("VPN.0304", 400)
    assert secondary["error"]["request_id"]
    assert secondary["failures"] is None
    assert secondary["coverage"] == "unknown"
    assert {event["vpn_connection_id"] for event in answer["logs"]} == {PRIMARY, BRANCH}


def test_a_wrong_key_is_told_once_for_all_connections(ask, emulator):
    answer = ask(
        emulator.url,
        {"secret_key": "canary-secret-key"},
        vpn_connection_id=[f"98c5af8a-1111-4222-8333-{number:012d}" for number in range(30)],
    )
    problem = unreadable_summary(answer)
    assert len(emulator.requests) == 1
    assert problem.count("refused the credentials") == 1
    assert "and 10 more" in problem
    assert "canary" not in json.dumps(answer)


def test_tunnels_that_cannot_be_read_are_tried_side_by_side_too(ask, emulator_module):
    with emulator_module.Emulator(latency=30) as emulator:
        ids = [f"98c5af8a-1111-4222-8333-{number:012d}" for number in range(24)]
        answer = ask(emulator.url, vpn_connection_id=ids, concurrency=8)
        assert {row["error"]["code"] for row in answer["vpn_connections"]} == {"VPN.0004"}
        assert len({request["connection"] for request in emulator.requests}) > 4


def test_gathered_parts(ask, emulator):
    row = ask(emulator.url, vpn_connection_id=[BRANCH], gather=["connection", "ipsec_sas"])["vpn_connections"][0]
    assert row["name"] == "branch"
    assert row["connection"]["status"] == "ACTIVE"
    assert row["connection"]["ikepolicy"]["dpd"]
    assert row["ipsec_sas"][0]["packets_sent"] >= 0


def test_no_secret_of_a_connection_is_handed_on(ask, serve, answer):
    shown = {"id": PRIMARY, "status": "DOWN", "psk": "canary", "ikepolicy": {"psk": "canary", "ike_version": "v2"}}
    server = serve(answer('{"logs": []}'), answer(json.dumps({"vpn_connection": shown})))
    row = ask(server.url, vpn_connection_id=[PRIMARY], gather=["connection"])["vpn_connections"][0]
    assert row["connection"] == {"id": PRIMARY, "status": "DOWN", "ikepolicy": {"ike_version": "v2"}}


def test_a_connection_that_is_another_one_is_an_error(ask, serve, answer):
    server = serve(answer('{"logs": []}'), answer(json.dumps({"vpn_connection": {"id": BRANCH}})))
    row = ask(server.url, vpn_connection_id=[PRIMARY], gather=["connection"])["vpn_connections"][0]
    assert row["error"]["code"] == "E_CONTENT"


def test_regions_without_ipsec_sas_give_none(ask, serve, answer):
    missing = answer('{"error_code": "APIGW.0101", "error_msg": "no API"}', "404 Not Found")
    server = serve(answer('{"logs": []}'), missing)
    row = ask(server.url, vpn_connection_id=[PRIMARY], gather=["ipsec_sas"])["vpn_connections"][0]
    assert (row["error"], row["ipsec_sas"]) == (None, None)


def test_entries_are_handed_on_as_they_came(ask_log):
    odd = {"time": NOW - 5, "raw_message": "\x1b[2J {{ 1+1 }} \u202e ]]> \r\n", "extra": 1}
    answer, _row = ask_log([line(10), odd])
    assert [(event["time"], event["raw_message"]) for event in answer["logs"]] == [
        (line(10)["time"], line(10)["raw_message"]),
        (odd["time"], odd["raw_message"]),
    ]


def test_an_entry_has_the_members_that_are_documented(ask_log):
    documented = yaml.safe_load(module.RETURN)["logs"]
    answer, row = ask_log([line(10)])
    assert {*answer["logs"][0]} == {*documented["contains"]} == {*documented["sample"][0]}
    assert row["failure_reasons"][0]["advice"]


def test_the_cloud_s_clock_rules(ask_log):
    answer, row = ask_log([line(901), line(899)], since="15m")
    assert answer["server_time"] == "2025-11-24T16:00:00Z"
    assert answer["window"] == {"since": "2025-11-24T15:45:00Z", "until": None}
    assert row["failures"] == 1
    assert row["total"] == 2
    assert answer["narrowed_by"] == ["since"]
    assert answer["clock_skew"] > 1e6


def test_a_window_holds_both_its_ends(ask_log):
    stamps = [line(20), line(10), line(0)]
    since = stamps[1]["raw_message"][:32]
    answer, _row = ask_log(stamps, since=since)
    assert len(answer["logs"]) == 2
    answer, _row = ask_log(stamps, until=since)
    assert len(answer["logs"]) == 2
    assert answer["narrowed_by"] == ["until"]


@pytest.mark.parametrize(
    "entry",
    [
        line(10, time=NOW - 7200),  # the service's time is off
        line(7200, time=NOW - 10),  # the line's own stamp is off
        {"time": None, "raw_message": "IPSec tunnel negotiation fails. (Reason=[authentication fail])"},
    ],
    ids=["time", "stamp", "neither"],
)
def test_an_entry_whose_clocks_disagree_or_are_missing_is_never_dropped(ask_log, entry):
    answer, row = ask_log([entry], since="15m")
    assert len(answer["logs"]) == 1
    assert answer["narrowed_by"] == []
    assert row["failures"] + row["unrecognised"] == 1


def test_filters_narrow_the_entries_and_not_the_numbers(ask_log):
    logs = [line(30), line(20, "flow mismatch"), line(10, "flow mismatch")]
    answer, row = ask_log(logs, reason=["Flow-Mismatch"], limit=1)
    assert [event["time"] for event in answer["logs"]] == [NOW - 10]
    assert answer["narrowed_by"] == ["limit", "reason"]
    assert row["failures"] == 3
    assert [(reason["reason"], reason["count"]) for reason in row["failure_reasons"]] == [
        ("flow mismatch", 2),
        ("authentication fail", 1),
    ]
    answer, row = ask_log(logs, peer_address=["192.0.2.1"], kind=["negotiation_failed"])
    assert answer["logs"] == []
    assert answer["narrowed_by"] == ["peer_address"]
    assert row["failures"] == 3


def test_oldest_first_over_all_connections(ask, emulator):
    answer = ask(emulator.url)
    stamps = [event["timestamp"] for event in answer["logs"]]
    assert stamps == sorted(stamps)
    assert len({event["vpn_connection_id"] for event in answer["logs"][:4]}) > 1


def test_null_is_no_entries_and_anything_else_is_an_error(ask, serve, answer):
    row = ask(serve(answer('{"logs": null}')).url, vpn_connection_id=[PRIMARY])["vpn_connections"][0]
    assert (row["total"], row["coverage"], row["error"]) == (0, "unknown", None)
    for body in ("{}", '{"logs": {}}', '{"logs": "none"}', '{"logs": [null]}', '{"logs": [[]]}', '{"log": []}'):
        result = ask(serve(answer(body)).url, vpn_connection_id=[PRIMARY])
        assert result["vpn_connections"][0]["error"]["code"] == "E_CONTENT"
        assert unreadable_summary(result)
    body = '{"error_code": "VPN.0004", "error_msg": "gone"}'
    result = ask(serve(answer(body)).url, vpn_connection_id=[PRIMARY])
    assert result["vpn_connections"][0]["error"]["code"] == "VPN.0004"
    assert "gone" in unreadable_summary(result)


@pytest.mark.parametrize(
    ("total", "since", "expected"),
    [
        (0, "15m", "unknown"),
        (0, None, "unknown"),
        (5, None, "complete"),
        (5, "1d", "complete"),
        (99, "1d", "complete"),
        (100, "1d", "truncated"),  # a suspiciously round number
        (100, "10s", "complete"),
        (199, "1d", "complete"),
        (200, "1d", "truncated"),
        (200, None, "truncated"),
        (200, "100s", "complete"),  # the oldest of the 200 lines is 199 s old
        (200, "199s", "truncated"),
        (201, "1d", "truncated"),
        (1000, "1d", "truncated"),
    ],
)
def test_coverage(ask_log, total, since, expected):
    _answer, row = ask_log([line(number) for number in range(total)], since=since)
    assert row["coverage"] == expected
    assert row["total"] == total


@pytest.mark.parametrize(
    "entry",
    [
        line(20, time=NOW - 10, raw_message=line(10)["raw_message"].replace("2025-", "1970-")),
        {**line(10), "raw_message": "1970-01-01T00:00:01+00:00 host-1 ipsec_ike[1]: [203.0.113.10] x"},
        {"time": 1, "raw_message": "x"},
        {"time": NOW - 10, "raw_message": line(90_000)["raw_message"]},
        {"time": NOW - 90_000, "raw_message": line(10)["raw_message"]},
    ],
)
def test_a_wrong_clock_does_not_prove_that_the_log_reaches_back(ask_log, entry):
    _answer, row = ask_log([*(line(number) for number in range(199)), entry], since="1d")
    assert row["coverage"] == "truncated"


@pytest.mark.parametrize("time", [1, 1.5, 86_400, 20_261_124, NOW // 60, "0", NOW * 10**9, 10**11, True, None])
def test_a_failure_whose_time_nobody_can_believe_is_in_every_window(ask_log, time):
    message = "IPSec tunnel negotiation fails. (PeerAddress=[198.51.100.9], Reason=[authentication fail])"
    answer, row = ask_log([line(90_000), {"time": time, "raw_message": message}], since="15m")
    assert row["failures"] == 1
    assert [event["raw_message"] for event in answer["logs"]] == [message]


def test_a_stamp_without_offset_and_without_time_is_in_every_window(ask_log):
    message = line(20_000)["raw_message"].replace("+00:00", "")
    _answer, row = ask_log([line(90_000), {"raw_message": message}], since="15m")
    assert row["failures"] == 1


@pytest.mark.parametrize(
    "body",
    [
        '{"logs": [], "page_info": {"next_marker": "m"}}',
        '{"logs": [], "next_marker": null}',
        '{"logs": [], "total_count": 5}',
    ],
)
def test_a_log_that_announces_more_is_an_error(ask, serve, answer, body):
    row = ask(serve(answer(body)).url, vpn_connection_id=[PRIMARY])["vpn_connections"][0]
    assert row["error"]["code"] == "E_INCOMPLETE"


def test_a_log_that_is_far_too_large_is_an_error(ask_log, monkeypatch):
    _answer, row = ask_log([{"time": NOW, "raw_message": "x" * 65_537}])
    assert row["error"]["code"] == "E_TOO_LARGE"
    _answer, row = ask_log([{"time": NOW, "raw_message": "x"}] * 10_001)
    assert row["error"]["code"] == "E_TOO_LARGE"


def test_the_summary_is_the_diagnosis_in_one_plain_line(ask_log):
    _answer, row = ask_log([line(20), line(10)])
    assert row["summary"].startswith(
        f'{PRIMARY}: 2x "authentication fail" (authentication, phase 1) '
        "2025-11-24T15:59:40Z to 2025-11-24T15:59:50Z, peer 198.51.100.9 - "
    )
    _answer, row = ask_log([line(20, "\x1b[2Jok\u202e\nPLAY RECAP")])
    assert row["summary"].isprintable()
    assert row["failures"] == 1


@pytest.mark.parametrize("page", [1, 2, 7, 200])
def test_paging_finds_every_connection(ask, emulator_module, monkeypatch, page):
    monkeypatch.setattr("ansible_collections.huaweicloud.vpn.plugins.module_utils._client.api._PAGE", page)
    with emulator_module.Emulator({"generate": {"connections": 14, "entries": 1}}) as emulator:
        assert len(ask(emulator.url)["vpn_connections"]) == 14


def row_of(number):
    return {"id": f"98c5af8a-1111-4222-8333-{number:012d}", "name": f"c{number}"}


def page_of(rows, marker=None, **more):
    info = {"current_count": len(rows), **({"next_marker": marker} if marker else {})}
    return json.dumps({"vpn_connections": rows, "page_info": info, **more})


# What a list may show of a connection, but for the rules of its policy.
SHOWN = {
    **{"status": "ACTIVE", "updated_at": "2025-11-24T15:59:40Z", "style": "POLICY", "vgw_id": HQ_GATEWAY},
    **{"cgw_id": HQ_GATEWAY, "ikepolicy": {"dpd": {"timeout": 15}}, "ipsecpolicy": {"pfs": "group14"}},
}
RULES_NULL = {"policy_rules": None}
IKE_NULL = {"style": "STATIC", "ikepolicy": None}
NO_DPD = {"style": "STATIC", "ikepolicy": {"ike_version": "v2"}}
PARTS = ["logs", "connection", "ipsec_sas"]


@pytest.mark.parametrize(
    ("count", "fault", "asked"),
    [
        (4, {}, (False, 4)),  # a list would take more requests
        (5, {}, (True, 0)),
        (5, {"path": "limit=", "status": 403, "times": "always"}, (True, 5)),
        (5, {"path": "limit=", "body": page_of([], total_count=9), "times": "always"}, (True, 5)),
        (5, {"path": "limit=", "body": page_of([row_of(n) for n in range(5)])}, (True, 5)),
        # Without these rules, proof of life for one pair of networks would be enough for all.
        (5, {"path": "limit=", "body": page_of([{**SHOWN, **row_of(n)} for n in range(5)])}, (True, 5)),
        (5, {"path": "limit=", "body": page_of([{**SHOWN, **RULES_NULL, **row_of(n)} for n in range(5)])}, (True, 5)),
        # Without the timers of this policy, nobody would watch for as long as its DPD takes.
        (5, {"path": "limit=", "body": page_of([{**SHOWN, **IKE_NULL, **row_of(n)} for n in range(5)])}, (True, 5)),
        (5, {"path": "limit=", "body": page_of([{**SHOWN, **NO_DPD, **row_of(n)} for n in range(5)])}, (True, 5)),
    ],
    ids="few|many|no permission|a list that is cut|a list that shows less|no rules|rules null|IKE null|no DPD".split(
        "|"
    ),
)
def test_a_verdict_takes_its_connections_from_one_list(ask, emulator_module, count, fault, asked):
    """And where the list lacks what a verdict reads, each is asked for; the evidence is the same either way."""
    scenario = {"connections": [{**row_of(number), "logs": [{"established": True}]} for number in range(5)]}
    ids = [row_of(number)["id"] for number in range(count)]
    with emulator_module.Emulator(scenario) as emulator:
        wanted = ask(emulator.url, vpn_connection_id=ids, gather=PARTS)
        emulator.change({"faults": [fault] if fault else []})
        emulator.clear_requests()
        got = ask(emulator.url, vpn_connection_id=ids, gather=PARTS, older=True)
        paths = [request["path"] for request in emulator.requests]
    of_connections = [[row["connection"] for row in answer["vpn_connections"]] for answer in (got, wanted)]
    assert of_connections[0] == of_connections[1]
    assert (any("?" in path for path in paths), sum(path.rpartition("/")[2] in ids for path in paths)) == asked


@pytest.mark.parametrize(
    "pages",
    [
        [page_of([row_of(1), row_of(2)], "m1", total_count=2), page_of([], total_count=0)],
        [page_of([row_of(1)], "m1"), page_of([row_of(2)], "m2"), page_of([])],
        [page_of([row_of(1)], "m1"), page_of([row_of(2)], "m1"), page_of([row_of(3)], "m1")],  # repeated marker
        [page_of([row_of(1), row_of(2)], "m1"), page_of([row_of(1), row_of(2)], "m2")],  # nothing new, for ever
        [page_of([row_of(1), row_of(2)])],
        [page_of([row_of(1), row_of(2)], total_count=2)],
    ],
)
def test_paging_ends_whatever_the_markers(ask, serve, answer, pages):
    logs = answer('{"logs": []}')
    server = serve(*[answer(page) for page in pages], *([logs] * 2))
    assert len(ask(server.url, concurrency=1)["vpn_connections"]) == 2


@pytest.mark.parametrize("selection", [{}, {"name": ["c1"]}, {"vgw_id": HQ_GATEWAY}])
def test_a_list_shorter_than_the_service_s_count_is_an_error(ask, serve, answer, selection):
    pages = [page_of([row_of(1)], "m1", total_count=2), page_of([], total_count=0)]
    with pytest.raises(VpnError, match="there are 2 VPN connections, but lists 1"):
        ask(serve(*map(answer, pages)).url, **selection)


@pytest.mark.parametrize(
    ("page", "selection"),
    [
        (page_of([{"id": "98c5af8a", "name": "c1"}]), {}),
        (page_of([{"name": "c1"}]), {}),
        (page_of([row_of(1)], total_count="1"), {}),
        (page_of([row_of(1)]), {"vgw_id": HQ_GATEWAY}),  # whose gateway is it?
    ],
)
def test_a_connection_that_cannot_be_placed_is_an_error(ask, serve, answer, page, selection):
    with pytest.raises(VpnError) as caught:
        ask(serve(answer(page)).url, **selection)
    assert caught.value.code == "E_CONTENT"


def test_a_name_that_is_no_text_is_no_name(ask, serve, answer):
    server = serve(answer(page_of([{**row_of(1), "name": 123}])), answer('{"logs": []}'))
    assert ask(server.url)["vpn_connections"][0]["name"] is None


def test_only_the_region_s_own_project_counts(ask, serve, answer):
    projects = '{"projects": [{"id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "name": "eu-west-101"}]}'
    with pytest.raises(VpnError, match="there is no project named 'cn-north-4'"):
        ask(serve(answer(projects)).url, {"project_id": None})
