# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A line as a verdict needs it: when it may have happened, when it is the same again, and what is shown of it."""

from __future__ import annotations

import math

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.line import Line
from ansible_collections.huaweicloud.vpn.plugins.module_utils._time import SECOND, SKEW

STAMP = 1_795_428_131
RAW = (
    "2026-11-23T10:02:11.5+00:00 host-192-0-2-37 ipsec_ike[4411]: [203.0.113.10] IPSec tunnel negotiation fails. "
    "(IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[198.51.100.7], PeerPort=[500], Reason=[version mismatch])"
)


def line(time=STAMP, raw=RAW):
    return Line.of("an-id", {"time": time, "raw_message": raw})


def test_a_line_is_read():
    found = line()
    assert found[:4] == ("an-id", STAMP, RAW, (STAMP * SECOND + SECOND // 2, STAMP * SECOND))
    assert (found.kind, found.outcome, found.reason) == ("negotiation_failed", "failure", "version mismatch")
    assert found.timestamp == "2026-11-23T10:02:11.500000Z"


def test_the_event_is_that_of_the_parser_with_its_owner():
    event = line().event
    assert [*event][:4] == ["vpn_connection_id", "time", "raw_message", "timestamp"]
    assert (event["vpn_connection_id"], event["time"], event["timestamp"]) == ("an-id", STAMP, line().timestamp)
    assert event["anomalies"] == []


@pytest.mark.parametrize(
    ("moments", "earliest", "latest"),
    [
        ((), -math.inf, math.inf),
        ((7,), 7, 7),
        # Clocks that agree: the stamp, which has the fraction, counts.
        ((9, 7), 9, 9),
        ((7, 9), 7, 7),
        ((SKEW, 0), SKEW, SKEW + SECOND - 1),
        ((9 * SKEW + 1, 9 * SKEW), 9 * SKEW + 1, 9 * SKEW + 1),
        # Clocks that do not: from the first to the last.
        ((SKEW + 1, 0), 0, SKEW + 1),
        ((0, SKEW + 1), 0, SKEW + 1),
        # A time without a fraction may be of any moment in its second.
        ((9 * SECOND,), 9 * SECOND, 10 * SECOND - 1),
        ((9 * SECOND, 9 * SKEW), 9 * SECOND, 9 * SKEW + SECOND - 1),
        ((9 * SECOND + 1, 9 * SECOND), 9 * SECOND + 1, 9 * SECOND + 1),
    ],
)
def test_when_it_may_have_happened(moments, earliest, latest):
    found = line()._replace(moments=moments)
    assert (found.earliest, found.latest) == (earliest, latest)


def test_what_makes_a_line_the_same_again():
    assert line().key == (str(STAMP), RAW)
    odd = [
        (True, RAW),
        (None, RAW),
        (float(STAMP), RAW),
        (str(STAMP), RAW),
        (STAMP, None),
        (STAMP, {"b": 1, "a": 2}),
        (STAMP, {RAW}),
    ]
    keys = [line(time, raw)._replace(time=time, raw_message=raw).key for time, raw in odd]
    assert len({*keys, line().key}) == len(odd) + 1
    assert {first for first, _second in keys} == {""}  # nothing that is a number as the service sends it


def test_the_order_of_members_makes_no_other_line():
    one, other = (line()._replace(raw_message=raw).key for raw in ({"a": 1, "b": 2}, {"b": 2, "a": 1}))
    assert one == other


@pytest.mark.parametrize(
    ("kind", "outcome", "reason", "understood", "told"),
    [
        ("tunnel_established", "success", None, True, "negotiation"),
        ("rekey", "neutral", "phase2 sa replace", True, "negotiation"),
        ("rekey", "neutral", "phase1 sa replace", True, ""),
        ("ike_sa_established", "progress", None, True, ""),
        ("teardown", "neutral", "cpu table updated", True, "down"),
        ("dpd_timeout", "down", "dpd timeout", True, "down"),
        ("link_quality", "down", None, True, "down"),
        ("link_quality", "warning", None, True, ""),
        ("negotiation_failed", "failure", "", True, "failure"),
        ("unknown", "unknown", None, False, "doubt"),
        ("noise", "neutral", None, True, ""),
        ("noise", "neutral", None, False, "doubt"),
    ],
)
def test_what_a_line_tells_of_the_tunnel(kind, outcome, reason, understood, told):
    found = line()._replace(kind=kind, outcome=outcome, reason=reason, understood=understood)
    assert (found.is_negotiation, found.is_down) == (told == "negotiation", told == "down")
    assert found.tells is bool(told)


def test_a_line_that_was_taught_has_its_meaning_in_its_event():
    strange = line(raw=RAW.replace("IPSec tunnel negotiation fails", "Something happened"))
    own = {"kind": "noise", "outcome": "neutral", "reason": None}
    assert strange.event["kind"] == "unknown"
    assert strange._replace(**own).event["kind"] == "unknown"
    assert strange._replace(**own, taught=True).event == {**strange.event, **own}
    for outcome in ("failure", "down"):
        event = strange._replace(outcome=outcome, taught=True).event
        assert (event["outcome"], event["category"]) == (outcome, "known_lines")
