# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be shown: only what is listed passes, at every level, whatever the service sends."""

from __future__ import annotations

import json

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.public_fields import (
    shown_connection,
    whole_connection,
    whole_gateway,
    whole_ipsec_sas,
)
from hypothesis import given
from hypothesis import strategies as st

CANARY = "canary-of-a-secret"


def poisoned(value):
    """Return the value with a secret in each of its objects, also in those inside lists."""
    if isinstance(value, dict):
        return {**{name: poisoned(item) for name, item in value.items()}, "psk": CANARY, "more": {"key": [CANARY]}}
    return [poisoned(item) for item in value] if isinstance(value, list) else value


CONNECTION = {
    "id": "98c5af8a-1111-4222-8333-ae2280a6f4c3",
    "status": "ACTIVE",
    "peer_subnets": ["192.168.0.0/24"],
    "policy_rules": [{"rule_index": 1, "source": "10.0.0.0/24", "destination": ["192.168.0.0/24"]}],
    "ikepolicy": {"ike_version": "v2", "dpd": {"timeout": 15, "interval": 30, "msg": "seq-hash-notify"}},
    "ipsecpolicy": {"pfs": "group15", "lifetime_seconds": 3600},
    "bgp_peer": {"peer_asn": 65001},
    "tags": [{"key": "site", "value": "hq"}],
}
GATEWAY = {"id": "ba90819b-1111-4222-8333-3a01622856a5", "eip1": {"id": "e1", "ip_address": "203.0.113.10"}}
IPSEC_SAS = [{"id": "sa-1", "packets_sent": 5}]


def test_what_is_listed_passes_and_nothing_else():
    assert shown_connection(poisoned(CONNECTION)) == CONNECTION
    for shown in (
        whole_connection(poisoned(CONNECTION)),
        whole_gateway(poisoned(GATEWAY)),
        whole_ipsec_sas(poisoned(IPSEC_SAS)),
    ):
        assert CANARY not in json.dumps(shown)
        assert "psk" not in json.dumps(shown)
    assert whole_gateway(poisoned(GATEWAY))["eip1"] == GATEWAY["eip1"]
    assert whole_ipsec_sas(poisoned(IPSEC_SAS))[0]["packets_sent"] == 5


def test_the_members_are_always_the_same():
    for whole, full in ((whole_connection, CONNECTION), (whole_gateway, GATEWAY)):
        assert list(whole({})) == list(whole(full))
    assert whole_connection({"ikepolicy": {}})["ikepolicy"]["dpd"] is None
    assert set(whole_connection({}).values()) == {None}
    assert shown_connection({}) == {"status": None}
    assert whole_ipsec_sas([{}])[0]["collected_at"] is None


@pytest.mark.parametrize(
    "connection",
    [
        {"ikepolicy": [{"psk": CANARY}]},
        {"ikepolicy": {"dpd": CANARY}},
        {"tags": {"key": CANARY}},
        {"tags": [CANARY]},
        {"status": {"psk": CANARY}},
        {"peer_subnets": [{"psk": CANARY}]},
        {"peer_subnets": [[CANARY]]},
    ],
)
def test_another_form_than_documented_shows_nothing(connection):
    assert CANARY not in json.dumps([shown_connection(connection), whole_connection(connection)])


@pytest.mark.parametrize(
    ("features", "serves_logs"),
    [
        (["query_connection_log"], True),
        (["other", "query_connection_log"], True),
        ([], False),
        (["query_connection_logs"], False),
        ("query_connection_log", None),
        (None, None),
    ],
)
def test_whether_a_gateway_serves_logs(features, serves_logs):
    assert whole_gateway({"supported_features": features})["serves_logs"] is serves_logs
    assert whole_gateway({})["serves_logs"] is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*CONNECTION, *CONNECTION["ikepolicy"], "timeout", "eip1", "ip_address"]), inner
            )
        ),
        max_leaves=20,
    ).filter(lambda value: isinstance(value, dict))
)
def test_no_form_of_an_answer_lets_a_secret_pass_or_raises(value):
    for show in (shown_connection, whole_connection, whole_gateway, lambda row: whole_ipsec_sas([row])):
        assert CANARY not in json.dumps(show(poisoned(value)))
