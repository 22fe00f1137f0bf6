# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A parameter list in which somebody forged a field: the documented order of the keys tells which one is the line's."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.fields import read_fields


@pytest.mark.parametrize(
    ("keys", "free"),
    [
        ("IfIndex PolicyName SeqNum PeerAddress PeerPort Reason", "PolicyName"),
        ("Ifindex SeqNum Reason ReasonCode PeerAddress PeerPort VsysName InterfaceName", "VsysName"),
        (
            "Ifindex SeqNum TunnelIndex RuleNum DstIP InsideIP RemotePort CpuID SrcIP FlowInfo LifeSize LifeTime "
            "VsysName InterfaceName SlotID Role",
            "FlowInfo",
        ),
        (
            "Ifindex SeqNum TunnelIndex RuleNum DstIP InsideIP RemotePort CpuID SrcIP FlowInfo OfflineReason VsysName "
            "InterfaceName SlotID",
            "VsysName",
        ),
        (
            "Ifindex SeqNum TunnelIndex RuleNum DstIP InsideIP RemotePort CpuID SrcIP FlowInfo OfflineReason VsysName "
            "InterfaceName SlotID",
            "InterfaceName",
        ),
        ("PolicyName IfIndex SeqNum RuleNum SrcIP DstIP InboundSPI Slot CpuID OfflineReason State", "PolicyName"),
        ("PeerAddress PeerPort LocalAddress AuthMethod AuthID IDType VsysName Role", "AuthID"),
    ],
)
def test_a_forged_field_is_given_back_to_the_text_it_stands_in(keys, free):
    keys = keys.split()
    for forged in {*keys} - {free}:
        texts = {key: f"own {key}" for key in keys} | {free: f"x], {forged}=[forged"}
        found = read_fields("(" + ", ".join(f"{key}=[{value}]" for key, value in texts.items()) + ")", 0)
        assert found.values == texts
        assert found.anomalies == ["duplicate_key"]


def test_what_stands_behind_the_documented_fields_stays():
    keys = "IfIndex PolicyName SeqNum PeerAddress PeerPort Reason".split()
    texts = {key: f"own {key}" for key in keys} | {"PolicyName": "x], SeqNum=[forged", "New": "1", "Newer": "2"}
    found = read_fields("(" + ", ".join(f"{key}=[{value}]" for key, value in texts.items()) + ")", 0)
    assert found.values == texts


MORE = ["unbalanced_brackets", "trailing_text", "truncated"]


@pytest.mark.parametrize("between", [", ", " ,"], ids=["plain", "the long way"])
@pytest.mark.parametrize(("count", "anomalies"), [(1000, []), (1001, MORE)])
def test_a_thousand_fields_are_read(between, count, anomalies):
    found = read_fields("(" + between.join(f"K{number}=[{number}]" for number in range(count)) + ")", 0)
    assert list(found.values.items()) == [(f"K{number}", str(number)) for number in range(1000)]
    assert found.anomalies == anomalies


@pytest.mark.parametrize(
    ("text", "values", "complete", "anomalies"),
    [
        ("(A=[1]) more", {"A": "1"}, True, ["trailing_text"]),
        ("(A=[1], B=[cut  ", {"A": "1", "B": "cut"}, False, ["truncated"]),
        ("(A=[], B=[x]y], C=[z])", {"A": "", "B": "x]y", "C": "z"}, True, ["unbalanced_brackets"]),
    ],
)
def test_lists_that_are_not_whole(text, values, complete, anomalies):
    found = read_fields(text, 0)
    assert (found.values, found.complete, found.anomalies) == (values, complete, anomalies)
