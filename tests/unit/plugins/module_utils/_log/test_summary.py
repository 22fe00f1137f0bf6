# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the events of one tunnel add up to."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.summary import describe, one_line, summarise

UP = {"kind": "tunnel_established", "outcome": "success"}
DOWN = {"kind": "dpd_timeout", "outcome": "down"}
CUT = {"kind": "teardown", "outcome": "down"}
REKEY = {"kind": "rekey", "outcome": "neutral", "reason": "phase2 sa replace"}
IKE_REKEY = {**REKEY, "reason": "phase1 sa replace"}  # says nothing of the IPsec SAs
NOISE = {"kind": "noise", "outcome": "neutral"}
PHASE1 = {"kind": "ike_sa_established", "outcome": "progress"}
MORE = {**CUT, "anomalies": ["trailing_text"]}
WHAT = {"kind": "unknown", "outcome": "unknown"}
TEXT = {"kind": "unparsed", "outcome": "unknown"}
FAIL = {"kind": "negotiation_failed", "outcome": "failure", "reason": "authentication fail", "phase": "1"}
FLOW = {**FAIL, "reason": "flow mismatch", "phase": "2"}


def story(*events):
    """Return events a second apart, with the members that all of them have."""
    rest = {
        "anomalies": [],
        "reason": None,
        "category": "c",
        "phase": None,
        "advice": "compare",
        "peer_address": "198.51.100.9",
    }
    return [
        {**rest, "timestamp": f"2026-11-24T10:00:{second:02}.500000Z", **event} for second, event in enumerate(events)
    ]


@pytest.mark.parametrize(
    ("events", "flaps"),
    [
        ((), 0),
        ((UP,), 0),
        ((DOWN,), 0),
        ((UP, DOWN), 1),
        ((UP, DOWN, CUT), 1),  # down once
        ((UP, DOWN, UP, CUT, UP), 2),
        ((UP, REKEY, NOISE, DOWN), 1),
        ((PHASE1, DOWN), 0),
        ((UP, FAIL, UP, FAIL), 0),
    ],
)
def test_flaps(events, flaps):
    assert summarise(story(*events))["flaps"] == flaps


def test_numbers():
    summary = summarise(story(UP, FAIL, WHAT, FAIL, TEXT, REKEY, FLOW, PHASE1, DOWN, IKE_REKEY))
    assert summary["failures"] == 3
    assert summary["unrecognised"] == 2
    assert summary["first_failure"] == "2026-11-24T10:00:01.500000Z"
    assert summary["last_failure"] == "2026-11-24T10:00:06.500000Z"
    assert summary["last_success"] == "2026-11-24T10:00:05.500000Z"
    assert [
        (row["reason"], row["count"], row["first"][17:19], row["last"][17:19]) for row in summary["failure_reasons"]
    ] == [
        ("authentication fail", 2, "01", "03"),
        ("flow mismatch", 1, "06", "06"),
    ]


def test_nothing_counts_as_nothing():
    assert summarise([]) == {
        "failures": 0,
        "failure_reasons": [],
        "first_failure": None,
        "last_failure": None,
        "last_success": None,
        "flaps": 0,
        "unrecognised": 0,
    }


@pytest.mark.parametrize(
    ("events", "coverage", "line"),
    [
        ((UP,), "complete", "hq: no negotiation failure"),
        ((), "unknown", "hq: the log is empty"),
        ((), "complete", "hq: no negotiation failure"),
        ((UP,), "truncated", "hq: the log may have been cut inside the window: older lines may be missing"),
        ((WHAT, UP), "complete", "hq: no negotiation failure, but 1 unrecognised line(s)"),
        ((MORE, UP), "complete", "hq: no negotiation failure, but 1 unrecognised line(s)"),
        (
            (FAIL,),
            "truncated",
            'hq: 1x "authentication fail" (c, phase 1) 2026-11-24T10:00:00Z, peer 198.51.100.9 - compare',
        ),
        (
            (FLOW, FAIL, FAIL),
            "complete",
            'hq: 2x "authentication fail" (c, phase 1) 2026-11-24T10:00:01Z to 2026-11-24T10:00:02Z, peer 198.51.100.9'
            " - compare; and 1 with 1 other reason(s)",
        ),
        (
            ({**FAIL, "reason": None, "timestamp": None, "phase": None, "peer_address": None},),
            "complete",
            'hq: 1x "no reason given" (c) at an unknown time - compare',
        ),
    ],
)
def test_the_line_says_the_worst_first(events, coverage, line):
    assert one_line("hq", summarise(story(*events)), coverage) == line


def test_hostile_text_stays_in_its_line():
    hostile = "\x1b[2J\r\nPLAY RECAP \u202e" + "x" * 500
    events = story({**FAIL, "reason": hostile, "peer_address": hostile})
    line = one_line(hostile, summarise(events), "complete")
    assert line.isprintable()
    assert len(line) < 400
    assert summarise(events)["failure_reasons"][0]["reason"] == hostile


def test_a_reason_is_described_with_its_peers_and_without_advice_where_there_is_none():
    failures = story({**FAIL, "advice": None}, {**FAIL, "advice": None, "peer_address": "198.51.100.10"})
    assert [describe(row) for row in summarise(failures)["failure_reasons"]] == [
        '2x "authentication fail" (c, phase 1) 2026-11-24T10:00:00Z to 2026-11-24T10:00:01Z, '
        "peer 198.51.100.9, 198.51.100.10"
    ]
