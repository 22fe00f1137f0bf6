# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections with their gateways and SAs over a real socket: what is read, how often, and what hides nothing."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.connections import gather
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import (
    InfoQuery,
    Selection,
    info_spec,
    selection_spec,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.selection import unreadable_summary

PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
PRIMARY = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
SECONDARY = "5247ae10-1111-4222-8333-2d10c3a4b5f6"
BRANCH = "4f43df63-1111-4222-8333-76b771cb90aa"
HQ_GATEWAY = "ba90819b-1111-4222-8333-3a01622856a5"
BRANCH_GATEWAY = "b32d91a4-1111-4222-8333-0c464dad56e2"
ALL = ["hq-primary", "hq-secondary", "branch"]


@pytest.fixture
def ask(connect):
    """Gather from a server with these options of the module."""

    def run(url, connection=None, **options):
        values = {name: entry.get("default") for name, entry in {**info_spec(), **selection_spec()}.items()}
        values.update(options)
        return gather(
            connect(url, **{"project_id": PROJECT, "timeout": 10, "retries": 0, **(connection or {})}),
            Selection.from_options(values.get),
            InfoQuery.from_options(values.get),
        )

    return run


def paths(emulator):
    """Count the requests by what follows the project."""
    return Counter(request["path"].partition(PROJECT)[2] for request in emulator.requests)


def test_each_gateway_is_read_once_and_each_connection_has_its_own(ask, emulator):
    rows = ask(emulator.url, name=ALL)["vpn_connections"]
    assert [row["name"] for row in rows] == ALL
    assert [row["gateway"]["id"] for row in rows] == [HQ_GATEWAY, HQ_GATEWAY, BRANCH_GATEWAY]
    assert [row["gateway"]["eip1"]["ip_address"] for row in rows] == ["203.0.113.10", "203.0.113.10", "203.0.113.24"]
    counted = paths(emulator)
    assert counted[f"/vpn-gateways/{HQ_GATEWAY}"] == counted[f"/vpn-gateways/{BRANCH_GATEWAY}"] == 1
    assert counted[f"/vpn-connection/{PRIMARY}"] == counted[f"/vpn-connection/{PRIMARY}/ipsec-sa"] == 1
    assert len(emulator.requests) == 2 + 3 + 3 + 2  # the list ends with an empty page


def test_the_answer_is_flat_and_speaks_of_the_cloud_s_clock(ask, emulator):
    own_id = {"path": f"/vpn-connection/{BRANCH}$", "headers": {"X-Request-Id": "id-of-the-connection"}}
    emulator.change({"clock_skew": 100, "faults": [own_id]})
    answer = ask(emulator.url, vpn_connection_id=[BRANCH])
    assert answer["clock_skew"] == pytest.approx(-100, abs=2)
    assert answer["server_time"].endswith("Z")
    row = answer["vpn_connections"][0]
    assert (row["id"], row["name"], row["status"], row["ha_role"]) == (BRANCH, "branch", "ACTIVE", "master")
    assert row["ikepolicy"]["lifetime_seconds"] == 86400
    assert row["ikepolicy"]["dpd"] == {"timeout": 15, "interval": 30, "msg": "seq-hash-notify"}
    assert row["ipsecpolicy"]["lifetime_seconds"] == 3600
    assert row["ipsec_sas"][0]["packets_sent"] >= 0
    assert (row["caveats"], row["error"]) == ([], None)
    assert row["request_id"] == "id-of-the-connection"


@pytest.mark.parametrize(
    ("parts", "asked"),
    [([], 1), (["gateway"], 2), (["ipsec_sas"], 2), (["gateway", "ipsec_sas"], 3)],
)
def test_only_what_is_asked_for_is_read(ask, emulator, parts, asked):
    row = ask(emulator.url, vpn_connection_id=[PRIMARY], gather=parts)["vpn_connections"][0]
    assert len(emulator.requests) == asked
    assert (row["gateway"] is not None) == ("gateway" in parts)
    assert (row["ipsec_sas"] is not None) == ("ipsec_sas" in parts)
    assert row["caveats"] == []


def test_the_id_is_the_one_that_was_asked_for(ask, emulator):
    body = {"vpn_connection": {"id": BRANCH, "name": "branch"}}
    emulator.change({"faults": [{"path": BRANCH.upper(), "body": body}]})
    row = ask(emulator.url, vpn_connection_id=[BRANCH.upper()], gather=[])["vpn_connections"][0]
    assert (row["id"], row["name"]) == (BRANCH.upper(), "branch")


@pytest.mark.parametrize(
    ("options", "option"),
    [({"gather": ["logs"]}, "gather"), ({"concurrency": 0}, "concurrency"), ({"concurrency": 33}, "concurrency")],
)
def test_bad_options_are_named_and_cost_no_request(ask, emulator, options, option):
    with pytest.raises(VpnError) as caught:
        ask(emulator.url, **options)
    assert str(caught.value).startswith(f"{option}: ")
    assert emulator.requests == []


def test_a_gateway_that_may_not_be_read_hides_no_connection(ask, emulator):
    emulator.change({"faults": [{"path": f"/vpn-gateways/{HQ_GATEWAY}", "status": 403, "times": "always"}]})
    answer = ask(emulator.url, name=ALL)
    assert unreadable_summary(answer) is None
    primary, secondary, branch = answer["vpn_connections"]
    assert (primary["status"], primary["gateway"], primary["error"]) == ("ACTIVE", None, None)
    assert primary["caveats"] == secondary["caveats"]
    assert len(primary["caveats"]) == 1
    assert primary["caveats"][0].startswith(f"gateway {HQ_GATEWAY}: ")
    assert "vpn:vpnGateways:get" in primary["caveats"][0]
    assert "HTTP 403" in primary["caveats"][0]
    assert primary["caveats"][0].isprintable()
    assert (branch["gateway"]["name"], branch["caveats"]) == ("branch-gateway", [])


def test_sas_that_may_not_be_read_hide_no_connection(ask, emulator):
    emulator.change({"faults": [{"path": f"{PRIMARY}/ipsec-sa", "status": 403, "times": "always"}]})
    answer = ask(emulator.url, name=["hq-primary", "branch"])
    assert unreadable_summary(answer) is None
    primary, branch = answer["vpn_connections"]
    assert (primary["status"], primary["ipsec_sas"]) == ("ACTIVE", None)
    assert primary["caveats"][0].startswith("the IPsec SAs: ")
    assert "vpn:vpnConnections:listIpsecSa" in primary["caveats"][0]
    assert branch["ipsec_sas"]


def test_a_region_without_sas_is_a_caveat(ask, emulator):
    emulator.change({"ipsec_sa_api": False})
    answer = ask(emulator.url, name=["branch"])
    row = answer["vpn_connections"][0]
    assert (row["ipsec_sas"], row["error"], unreadable_summary(answer)) == (None, None, None)
    assert len(row["caveats"]) == 1
    assert "does not serve IPsec SAs" in row["caveats"][0]


def test_no_sa_is_not_an_unknown_number_of_them(ask, emulator):
    emulator.change({"connections": {"branch": {"status": "DOWN"}}})
    row = ask(emulator.url, name=["branch"])["vpn_connections"][0]
    assert (row["status"], row["ipsec_sas"], row["caveats"]) == ("DOWN", [], [])


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 404, "code": "VPN.0004"}, {"body": "{}"}])
def test_a_gateway_that_cannot_be_read_is_an_error_of_its_connections(ask, emulator, fault):
    emulator.change({"faults": [{"path": f"/vpn-gateways/{HQ_GATEWAY}", "times": "always", **fault}]})
    answer = ask(emulator.url, name=ALL)
    assert [row["error"] is None for row in answer["vpn_connections"]] == [False, False, True]
    problem = unreadable_summary(answer)
    assert problem.startswith(
        f"cannot read 2 of 3 VPN connections: hq-primary, hq-secondary: gateway {HQ_GATEWAY}: the "
    )
    assert problem.count(HQ_GATEWAY) == 1
    assert "vpn_connection_id" not in problem


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (f"/vpn-connection/{SECONDARY}$", {"status": 403}),
        (f"/vpn-connection/{SECONDARY}$", {"status": 404, "code": "VPN.0004"}),
        (f"/vpn-connection/{SECONDARY}$", {"body": {"vpn_connection": {"id": BRANCH, "vgw_id": HQ_GATEWAY}}}),
        (f"/vpn-connection/{SECONDARY}$", {"body": {"vpn_connection": {"id": SECONDARY}}}),  # whose gateway?
        (f"/vpn-connection/{SECONDARY}/ipsec-sa", {"status": 500}),
        (f"/vpn-connection/{SECONDARY}/ipsec-sa", {"status": 404, "code": "VPN.0004"}),
        (f"/vpn-connection/{SECONDARY}/ipsec-sa", {"body": {"sa_infos": {}}}),
    ],
)
def test_one_unreadable_connection_does_not_hide_the_others(ask, emulator, path, fault):
    emulator.change({"faults": [{"path": path, "times": "always", **fault}]})
    answer = ask(emulator.url, name=ALL)
    assert unreadable_summary(answer).startswith("cannot read 1 of 3 VPN connections: hq-secondary: ")
    primary, secondary, branch = answer["vpn_connections"]
    assert [row["status"] for row in answer["vpn_connections"]] == ["ACTIVE", None, "ACTIVE"]
    assert list(secondary) == list(primary)
    assert (secondary["id"], secondary["name"]) == (SECONDARY, "hq-secondary")
    nothing = {name: value for name, value in secondary.items() if name not in ("id", "name", "error", "request_id")}
    assert not any(nothing.values())
    assert secondary["error"]["request_id"] == secondary["request_id"]
    assert (primary["error"], branch["error"]) == (None, None)


def test_a_refusal_names_the_permission_that_is_missing(ask, emulator):
    emulator.change({"faults": [{"path": f"/vpn-connection/{PRIMARY}$", "status": 403, "times": "always"}]})
    assert "IAM allows this user vpn:vpnConnections:get" in unreadable_summary(
        ask(emulator.url, vpn_connection_id=[PRIMARY])
    )
    emulator.change({"faults": [{"path": "limit=", "status": 403, "times": "always"}]})
    with pytest.raises(VpnError, match=r"IAM allows this user vpn:vpnConnections:list"):
        ask(emulator.url)


def test_nothing_read_is_no_time(ask, emulator):
    emulator.change({"faults": [{"status": 500, "times": "always"}]})
    answer = ask(emulator.url, vpn_connection_id=[PRIMARY])
    assert (answer["server_time"], answer["clock_skew"]) == (None, None)
    assert unreadable_summary(answer).startswith(f"cannot read 1 of 1 VPN connections: {PRIMARY}: ")


def test_no_secret_passes(ask, emulator):
    secret = {"psk": "canary-psk"}
    emulator.change(
        {
            "connections": {"branch": {"ikepolicy": {**secret, "dpd": {"timeout": 15, **secret}}, "bgp_peer": secret}},
            "gateways": {"branch-gateway": {**secret, "certificate": secret, "eip1": {"id": "e1", **secret}}},
        }
    )
    emulator.change({"connections": {"branch": {"ipsec_sas": [{"id": "sa-1", **secret}]}}})
    answer = ask(emulator.url, name=["branch"])
    assert answer["vpn_connections"][0]["gateway"]["eip1"] == {"id": "e1", "ip_address": None}
    assert answer["vpn_connections"][0]["ipsec_sas"][0]["id"] == "sa-1"
    assert "canary" not in json.dumps(answer)
    assert "psk" not in json.dumps(answer)
