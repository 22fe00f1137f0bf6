# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worlds that a change can leave behind: what each is, what is asked for, and what has to follow."""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._verification import Timing
from ansible_collections.huaweicloud.vpn.tests.unit.plugins.plugin_utils.fake_cloud import Row

PAIR, BRANCH = ("hq-primary", "hq-secondary"), ("branch",)
RENEGOTIATED, TRAFFIC = {"require": ["renegotiated"]}, {"require": ["status_active", "traffic"]}
RECOVERED, ONE = {"allow_recovered": True}, {"ha": {"at_least": 1}}
NOT_YET = "^hq-primary: PASS, NOT TRIED YET: no failed negotiation since 20.*, status ACTIVE$"
PASSED = "^hq-primary: PASS no failed negotiation since 20.*, status ACTIVE$"


def patch(name="hq-primary", **members):
    return {"connections": {name: members}}


def later(span, **members):
    return {"later": [{"in": span, **patch(**members)}]}


def torn_down(reason="dpd timeout", **members):
    return patch(logs=[{"torn_down": reason}], **members)


def says(text, **members):
    return patch(logs=[{"content": text}], **members)


def waiver(**changes):
    agreed = {"vpn_connection": "hq-primary", "reason": "authentication fail", "until": "2099-01-01T00:00:00Z"}
    return {"waivers": [{**agreed, "ticket": "CHG-1", **changes}]}


def taught(sentence, means):
    return {"known_lines": [{"sentence": sentence, "means": means}]}


def fails_later(span):
    return later(span, logs=[{"fails": "authentication fail"}])


def dpd(**timers):
    return patch(ikepolicy={"dpd": timers})


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
# What only the next negotiation shows, and what the reset that forces it comes to.
PSK_OF_NEXT_TIME = patch(on_reset={"status": "DOWN", "logs": [{"fails": "authentication fail"}]})
SILENT = patch(on_reset={"status": "ACTIVE", "ipsec_sas": [], "logs": []})
NO_RIGHT = {"faults": [{"path": "/reset$", "status": 403, "times": "always"}]}
LOST = {"faults": [{"path": "/reset$", "close": True, "times": "always"}]}
HOSTILE = "\x1b[2J{{ 7 * 7 }}\n::set-output name=x::y"
HOSTILE_NEXT_TIME = patch(on_reset={"status": "DOWN", "logs": [{"fails": HOSTILE}]})
HOSTILE_SHOWN = r"\{\{ 7 \* 7 \}\}\\n"
NOTHING_LATER = "and nothing later shows that it is up again"
STATISTICS, REJECTED = "IKE keepalive statistics were collected", "IPsec peer rejected the request"
NEW_SA = [{"packets_sent": 0, "packets_recv": 0}]
IDLE_SA = [{"packets_sent": 0, "packets_recv": 0, "rate": 0}]
IKE_ALONE = patch(logs=[{"torn_down": "dpd timeout"}, {"ike_established": True}], ipsec_sas=[])
OLD_FAILURE = patch(logs=[{"fails": "flow mismatch", "ago": "40m"}, {"established": True, "ago": "35m"}])
NO_LINE, NO_SAS = {"logs_null": True}, "sa_api_missing"
OLD_BUT_LATE = patch(logs=[{"fails": "flow mismatch", "ago": "5m", "after": "20s"}])
BY_ITS_LINE = {"policy": RENEGOTIATED, "parts": ("logs", "connection"), "before": [NO_SAS]}
AT_ONCE = {"timing": Timing(15, 120, 0)}
ESTABLISHED_LATER = later("20s", logs=[{"established": True}])
BOTH = [{"source_ip_cidr": "10.0.0.0/24"}, {"source_ip_cidr": "10.0.1.0/24"}]

ROWS = [
    # Nothing fails, and nothing was tried.
    Row("nothing happens", [], "pass", NOT_YET, PAIR),
    Row("idle as before", [], "pass", NOT_YET, before=[patch(ipsec_sas=IDLE_SA)]),
    Row("a mismatch that waits for the rekey", ["pfs_mismatch_hidden"], "pass", "a proposal, PFS or", PAIR),
    Row("nothing was tried", ["pfs_mismatch_hidden"], "pass", "the changed settings may still fail"),
    Row("another PSK, not tried yet", [PSK_OF_NEXT_TIME], "pass", NOT_YET),
    Row("a region without SAs", [], "pass", "not offered in this region", before=[NO_SAS]),
    Row("a standby without SAs, ACTIVE", [], "pass", NOT_YET, before=[patch(ipsec_sas=[])]),
    # Negotiations that fail.
    Row("another PSK", ["wrong_psk"], "fail", DIAGNOSIS, PAIR),
    Row("all that is wrong", ["wrong_psk"], "fail", "FAIL .*; went down .*; no IPsec SA .*; the status is DOWN,"),
    Row("another proposal", ["proposal_mismatch"], "fail", '"phase1 proposal mismatch"'),
    Row("a reason that nobody knows", ["unknown_reason"], "fail", "peer policy revision too old"),
    Row("a failure on a tunnel that is up", [FAILED], "fail", "FAIL 1x"),
    Row("the line comes late", ["late_failure"], "fail", "authentication fail"),
    Row("with a time from before the baseline", [], "fail", "flow mismatch", before=[OLD_BUT_LATE]),
    Row("the rekey fails while somebody watches", ["pfs_mismatch_at_rekey"], "fail", "phase2 proposal or pfs mismatch"),
    Row("a storm", ["retry_storm"], "fail", r'FAIL \d+x "flow mismatch"'),
    Row("times of another zone", ["wrong_psk"], "fail", DIAGNOSIS, before=[{"log_offset": "+08:00"}]),
    Row("lines in disorder", ["wrong_psk"], "fail", DIAGNOSIS, before=[{"log_order": "shuffled"}]),
    Row("strangers", ["strangers"], "fail", "not the customer gateway 198.51.100.9"),
    Row("hostile text in a reason", [patch(logs=[{"fails": HOSTILE}])], "fail", HOSTILE_SHOWN),
    Row("both lines are cut", ["ha_both_down"], "fail", "max transmit reached", PAIR),
    # Recovery.
    Row("recovered is not enough", ["recovered"], "fail", "FAIL [12]x"),
    Row("unless that is allowed", ["recovered"], "pass", "PASS recovered from 2x", policy=RECOVERED),
    Row("not recovered", ["wrong_psk"], "fail", "FAIL", policy=RECOVERED),
    Row("the old SA carries on after a failure", [FAILED], "fail", "FAIL 1x", policy=RECOVERED),
    Row("behind a storm", ["retry_storm", "recover"], "inconclusive", "the log is full", policy=RECOVERED, **AT_ONCE),
    # A tunnel that went down needs proof of life that is later, whatever its status.
    Row("back by its lines", ["renegotiated"], "pass", PASSED),
    Row("down for a while", ["delayed_renegotiation"], "pass", PASSED),
    Row("a flapping tunnel that has calmed down", ["flap"], "pass", "went down 3x"),
    Row("up, down, and down", ["flap_ends_down"], "inconclusive", f"went down.*{NOTHING_LATER}.*the status is DOWN"),
    Row("still flapping", [FLAPPING], "inconclusive", "may be flapping"),
    Row("torn down, ACTIVE, no SA", [torn_down(ipsec_sas=[])], "inconclusive", f"{NOTHING_LATER}.*no IPsec SA is left"),
    Row("and for another reason", [torn_down("spi conflict", ipsec_sas=[])], "inconclusive", NOTHING_LATER),
    Row("an IKE SA alone", [IKE_ALONE], "inconclusive", NOTHING_LATER),
    Row("no SA, and no line", [patch(ipsec_sas=[])], "inconclusive", "no IPsec SA is left, and the baseline has 1"),
    Row("torn down in a region without SAs", [NO_SAS, torn_down()], "inconclusive", NOTHING_LATER),
    Row("torn down, the SA counts on", [torn_down()], "pass", "PASS, NOT TRIED YET"),
    Row("torn down, the SA counts one way", [torn_down(), "one_way_traffic"], "inconclusive", NOTHING_LATER),
    Row("torn down, an idle SA is new", [torn_down(ipsec_sas=IDLE_SA)], "pass", "came up again"),
    Row("torn down while somebody watches", [later("20s", logs=[{"torn_down": "dpd timeout"}])], "pass"),
    Row("torn down before", [], "inconclusive", "before the window", before=[torn_down(ipsec_sas=[])]),
    Row(
        "one network is gone",
        [patch(ipsec_sas=BOTH[:1])],
        "inconclusive",
        "between 10.0.1.0/24",
        before=[patch(ipsec_sas=BOTH)],
    ),
    # The status.
    Row("idle and down", ["idle"], "inconclusive", "the status is DOWN, and was ACTIVE before", PAIR),
    Row("an error in the end", ["status_flapping_to_error"], "inconclusive", "the status is ERROR"),
    Row("down before, too", [], "inconclusive", r"was DOWN before, too: .* ha: \{at_least: 1\}", before=["idle"]),
    Row("failing before", [], "inconclusive", "failed to .* before the window", BRANCH, ["pre_existing_failure"]),
    Row("and once more", ["still_failing"], "fail", "before the change, too", BRANCH, ["pre_existing_failure"]),
    # Requirements.
    Row("no renegotiation", [], "inconclusive", "renegotiation is required", policy=RENEGOTIATED),
    Row("renegotiated, by its line", ["renegotiated"], "pass", PASSED, **BY_ITS_LINE),
    Row("renegotiated, by its SA", ["sas_restart"], "pass", PASSED, policy=RENEGOTIATED),
    Row("a hidden mismatch", ["pfs_mismatch_hidden"], "inconclusive", "renegotiation is req", policy=RENEGOTIATED),
    Row("traffic", [], "pass", NOT_YET, PAIR, policy=TRAFFIC),
    Row("traffic that has stopped", ["idle_active"], "inconclusive", "no IPsec SA counted packets", policy=TRAFFIC),
    Row("one way only", ["one_way_traffic"], "inconclusive", "in both directions", policy=TRAFFIC),
    Row("no SAs", [], "inconclusive", "not offered", before=[NO_SAS], policy=TRAFFIC),
    # HA groups.
    Row("a failover is not two tunnels", ["ha_failover"], "inconclusive", "hq-primary: INC.* went down", PAIR),
    Row("but one, where that is enough", ["ha_failover"], "pass", "hq-primary: INC", PAIR, policy=ONE),
    Row("redundancy lost", ["wrong_psk"], "pass", "REDUNDANCY LOST: 1 of 2", PAIR, policy=ONE),
    Row("service lost", ["ha_both_down"], "fail", "SERVICE LOST: 0 of 2", PAIR, policy=ONE),
    Row("no stand-in", ["wrong_psk"], "fail", "FAIL", ("hq-primary", *BRANCH), policy=ONE),
    # What was the case before.
    Row("old failures", [], "pass", NOT_YET, before=[OLD_FAILURE]),
    Row("no baseline", [FAILED], "fail", "FAIL 1x", since="15m"),
    Row("since", [], "pass", "since 2025-11-24T15:45:0", since="15m", timing=Timing(15, 0, 0)),
    Row("since, and a failure that is older", [], "pass", NOT_YET, before=[OLD_FAILURE], since="15m"),
    Row("a cleared log", ["log_cleared"], "inconclusive", "are missing in the log"),
    Row("logs that are null", [NO_LINE], "inconclusive", "are missing"),
    # A log without any line.
    Row("an empty log", [], "pass", "the log is empty", before=[NO_LINE]),
    Row("and no SAs", [], "inconclusive", "the log is empty, and without IPsec SAs", before=[NO_LINE, NO_SAS]),
    # Waivers.
    Row("agreed to", [FAILED], "pass", "PASS, NOT TRIED YET: waived: 1x", policy=waiver()),
    Row("no longer", [FAILED], "fail", "expired at", policy=waiver(until="2025-01-01T00:00:00Z")),
    Row("another", [FAILED], "fail", "FAIL", policy=waiver(reason="flow mismatch")),
    Row("not needed", [], "pass", "is not needed", policy=waiver()),
    # Lines that nobody knows.
    Row("a strange line", ["novel_line"], "inconclusive", "unrecognised line.*rejected the request"),
    Row("one that sounds harmless", ["harmless_line"], "inconclusive", "no later negotiation"),
    Row("a usual wording", [says("not responding, giving up after 5 retransmissions")], "inconclusive", "unrecog"),
    Row("taught as harmless", ["harmless_line"], "pass", NOT_YET, policy=taught(STATISTICS, "harmless")),
    Row("taught as a failure", ["novel_line"], "fail", REJECTED, policy=taught(REJECTED, "failure")),
    Row(
        "taught as a teardown",
        ["harmless_line", "one_way_traffic"],
        "inconclusive",
        "went down",
        policy=taught(STATISTICS, "down"),
    ),
    Row("followed by a negotiation", ["novel_line", ESTABLISHED_LATER], "pass", "followed by a successful negotiation"),
    # Clocks and answers that are not as they should be.
    Row("clocks", [], "inconclusive", "differ by (59|60)", before=[{"clock_skew": 600}]),
    Row("an old gateway", ["old_gateway"], "error", "branch: ERROR .*upgrade the gateway.*VPN.0304", BRANCH),
    Row("not hidden by it", ["old_gateway", FAILED], "fail", "^hq-primary: FAIL", (*BRANCH, "hq-primary")),
    Row("deleted", [{"connections": {"hq-secondary": None}}], "error", "^hq-secondary: ERROR.*VPN.0004", PAIR),
    Row("HTTP 500", ["unreadable"], "error", "HTTP 500", timing=Timing(15, 40, None), retries=0),
    Row("throttled", ["throttled_for_a_while"], "pass", "PASS"),
    Row("being updated", ["being_updated"], "pass", PASSED, retries=0),
    # A reset, which tries now what was changed.
    Row("tried, and refused", [PSK_OF_NEXT_TIME], "fail", DIAGNOSIS, reset=True),
    Row("both are back", [], "pass", PASSED, PAIR, reset=True, **BY_ITS_LINE),
    Row("one is not", [SILENT], "inconclusive", "^hq-primary: .*did not come back in 120 s", PAIR, reset=True),
    Row("nor is the other reset", [SILENT], "inconclusive", "^hq-secondary: .*was not reset", PAIR, reset=True),
    Row("not allowed", [NO_RIGHT], "inconclusive", "was not reset: the service answered", reset=True),
    Row("a reset without an answer", [LOST], "inconclusive", "the request may have been executed", reset=True),
    Row("reset after the update", ["being_updated"], "pass", PASSED, retries=0, reset=True),
    Row("hostile text after a reset", [HOSTILE_NEXT_TIME], "fail", HOSTILE_SHOWN, reset=True),
    # For how long: as the gateways need to notice a dead peer, the slowest of them.
    Row("a failure within 75 s", [fails_later("70s")], "fail", "FAIL 1x"),
    Row("one that comes after 75 s", [fails_later("100s")], "pass", NOT_YET),
    Row("unless DPD takes longer", [fails_later("100s")], "fail", "FAIL 1x", before=[dpd(interval=60, timeout=30)]),
    Row("no shorter than usual", [fails_later("70s")], "fail", "FAIL 1x", before=[dpd(interval=5, timeout=1)]),
    Row("DPD that is no number", [], "pass", NOT_YET, before=[dpd(interval="soon", timeout=None)]),
    Row("a given time is not changed", [fails_later("70s")], "pass", NOT_YET, timing=Timing(15, 120, 30)),
]
