# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""Rules 1 and 3 to 5 of the verdict, and what is waived of them: each looks at one tunnel and says what it found.

V(fail) is kept for failed negotiations. A tunnel that is DOWN has not passed, but may as well be idle: it is
V(inconclusive) and may still come up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ._case import Case, Finding
from ._clock import SECOND
from ._errors import error_line
from ._line import Line
from ._reasons import fold
from ._summary import coverage, describe, summarise
from ._text import visible
from ._whole import Tunnel, fresh_lines

_SKEW = 300
_SMELLS = (
    *"fail error mismatch timeout reject invalid refuse denied abort unreach unsuccessful cannot no_proposal".split(),
    *("refusal", "timed out", "not match", "no proposal", "is down", "to down", "not found", "could not"),
)
# How the one line begins that the service documents, and those of its family that tell of a teardown.
_BAD_LINES = ("ipsec tunnel negotiation fails", "an ipsec tunnel is teared down", "the ipsec tunnel is deleted")
_PASSING = ("VPN.0306", "E_CONTENT", "E_TIMEOUT", "E_DEADLINE", "E_THROTTLED")  # errors that another try may not meet


def rule_1_error(case: Case) -> Iterator[Finding]:
    """A tunnel that could not be read is an error, with the service's code and what to do."""
    error = case.tunnel.row["error"]
    if error is not None:
        status = error["status"]
        refused = isinstance(status, int) and 400 <= status < 500 and status not in (408, 429)
        settled = (refused or error["code"] in ("E_CONFIG", "E_CRED")) and error["code"] not in _PASSING
        yield Finding(1, "unread", "error", settled, f"cannot be read: {visible(error_line(dict(error)), 400)}")


def rule_3_failures(case: Case) -> Iterator[Finding]:
    """A failure in the window that is not waived fails, also for a reason that nobody knows; unless it recovered."""
    failing = case.failing()
    if not failing:
        return
    last = max(line.latest for line in failing)
    recovered = case.positive(last)
    # The cloud's clock comes in whole seconds, so that a line may seem to be of the future.
    quiet = max(case.now - last, 0) >= case.policy.quiet_for * SECOND
    if case.policy.allow_recovered and recovered and quiet:
        yield Finding(3, "recovered", "pass", True, f"recovered from {diagnosis(case, failing)}")
        return
    more = f"; recovered, but not yet quiet for {case.policy.quiet_for:g} s" if recovered and not quiet else ""
    yield Finding(3, "failed", "fail", not case.policy.allow_recovered, diagnosis(case, failing) + more)


def rule_4_coverage(case: Case) -> Iterator[Finding]:
    """The whole window must lie inside what the service returned."""
    tunnel, total = case.tunnel, case.tunnel.row["total"]
    covered = coverage(total, tunnel.oldest, case.start)
    known = case.before.lines if case.before else ()
    if covered == "complete" and coverage(total, None, None) == "truncated" and case.before and not tunnel.dropped:
        # An old time proves little: it may have come late. What was in the baseline and still is there does.
        covered = "complete" if known and len(case.fresh) < len(tunnel.lines) else "truncated"
    if covered == "truncated":
        text = f"the log is full ({total} lines) and begins inside the window: older lines are lost"
        yield Finding(4, "truncated", "inconclusive", True, text)


def rule_4_nothing_known(case: Case) -> Iterator[Finding]:
    """Where nothing is required, something must show that the tunnel negotiates: silence is no evidence."""
    if not case.negotiated():
        text = "nothing is required, and nothing shows a negotiation in the window"
        yield Finding(4, "nothing_known", "inconclusive", False, text)


def rule_4_lost_lines(case: Case) -> Iterator[Finding]:
    """What earlier evidence has and what came since must all be there, but for the oldest, which a full log loses."""
    for what, known in (("the baseline", case.before), ("watched_from", case.watched_tunnel())):
        gone = _lost(case, known) if known and known.row["error"] is None else 0
        if gone:
            text = f"{gone} line(s) of {what} are gone from the log: it was cleared, cut or exchanged"
            yield Finding(4, "lost_lines", "inconclusive", True, text)


def _lost(case: Case, known: Tunnel) -> int:
    """Return how many lines of earlier evidence are gone that should be there."""
    tunnel, since = case.tunnel, case.after.since if case.tunnel.dropped else None
    full = coverage(tunnel.row["total"], None, None) == "truncated"
    expected = [line for line in known.lines if since is None or line.latest >= since]
    left = [line for line in fresh_lines(known, tunnel.lines) if since is None or line.latest >= since]
    gone = sum(not full or (tunnel.oldest is not None and line.earliest > tunnel.oldest) for line in left)
    older = len(known.lines) - len(expected) + known.dropped
    return gone + (0 if full else max(older - tunnel.dropped, 0))


def rule_4_observed(case: Case) -> Iterator[Finding]:
    """The tunnel must have been watched for quiet_for, and a baseline says nothing of the moment it was taken at."""
    begin = case.watched_from
    if begin is None and case.watched is None:
        # No failure may prove for how long there was none.
        others = [line.latest for line in case.tunnel.lines if line.moments and line.outcome != "failure"]
        begin = int(min(others)) if others else None
    seen = (case.now - begin) / SECOND if begin is not None else 0
    if seen < case.policy.quiet_for or (case.baseline and seen <= 0):
        text = f"watched for {max(seen, 0):g} s of at least {case.policy.quiet_for or 1:g} s"
        yield Finding(4, "too_early", "inconclusive", False, text)


def rule_4_smell(case: Case) -> Iterator[Finding]:
    """A line that was not understood but smells of failure keeps us from knowing."""
    strange = [line for line in case.fresh if not line.understood and _smells(line)]
    if strange:
        text = visible(str(strange[-1].raw_message), 160)
        what = f"{len(strange)} line(s) not understood that smell of failure, the last: {text}"
        yield Finding(4, "unrecognised", "inconclusive", True, what)


def rule_4_skew(case: Case) -> Iterator[Finding]:
    """A controller whose clock is far off may have been given an old answer, or any."""
    for what, whole in (("evidence", case.after), ("baseline", case.baseline), ("watched_from", case.watched)):
        if whole and whole.skew is not None and abs(whole.skew) > _SKEW:
            text = f"the clocks of cloud and controller differ by {abs(whole.skew):g} s in the {what}, at most {_SKEW}"
            yield Finding(4, "clock_skew", "inconclusive", True, text)


def rule_4_down(case: Case) -> Iterator[Finding]:
    """A tunnel that went down in the window is not up again by silence alone."""
    down = [line for line in case.fresh if line.outcome == "down"]
    if down and not case.positive(-math.inf) and case.tunnel.connection("status") != "ACTIVE":
        reason = visible(down[-1].reason or "no reason given", 128)
        text = f'went down ("{reason}") and nothing shows that it is up again'
        yield Finding(4, "down", "inconclusive", False, text)


def rule_4_quiet(case: Case) -> Iterator[Finding]:
    """A tunnel that went down a moment ago may do so again, even when it is up."""
    last = max((line.latest for line in case.fresh if line.outcome == "down"), default=-math.inf)
    if case.now - last < case.policy.quiet_for * SECOND:
        text = f"went down in the last {case.policy.quiet_for:g} s: it may be flapping"
        yield Finding(4, "not_quiet", "inconclusive", False, text)


def rule_4_baseline(case: Case) -> Iterator[Finding]:
    """A baseline that could not be read leaves old failures and late ones alike."""
    if case.before and case.before.row["error"] is not None:
        text = "could not be read for the baseline: lines that came late cannot be told from old ones"
        yield Finding(4, "no_baseline", "inconclusive", True, text)


def rule_4_reset(case: Case) -> Iterator[Finding]:
    """A tunnel that was to be reset must have been, and have negotiated anew since; else nothing was tried."""
    missing = case.policy.reset.missing(case.tunnel.id) if case.policy.reset else None
    if missing:
        at, why = missing
        if at is None or not case.positive(at):
            # The task that reset it has waited already, unless it has seen a failure that this policy gives time.
            settled = at is None or not case.policy.allow_recovered
            yield Finding(4, "not_back", "inconclusive", settled, visible(why, 600))


def rule_5_status(case: Case) -> Iterator[Finding]:
    """C(status_active): the service calls the connection ACTIVE."""
    status = case.tunnel.connection("status")
    if not isinstance(status, str) or not status:
        text = "status_active is required, but the status was not gathered: gather connection, too"
        yield Finding(5, "status_missing", "inconclusive", True, text)
    elif status != "ACTIVE":
        before = case.before.connection("status") if case.before else None
        was = f" (before: {visible(str(before), 40)})" if before else ""
        text = f"the status is {visible(status, 40)}{was}, not ACTIVE: the tunnel is down, or idle and without traffic"
        yield Finding(5, "status", "inconclusive", False, text)


def rule_5_renegotiated(case: Case) -> Iterator[Finding]:
    """C(renegotiated): a negotiation of the window went well, by its line or by its SAs."""
    if not case.negotiated():
        text = "a renegotiation is required, but neither the log nor the IPsec SAs show one in the window"
        yield Finding(5, "not_renegotiated", "inconclusive", False, text)


def rule_5_traffic(case: Case) -> Iterator[Finding]:
    """C(traffic): the counters of the SAs grew in both directions after the change."""
    grew = case.carried_traffic()
    if grew is None:
        text = "traffic is required, but the IPsec SAs were not gathered before and after, or are not served"
        yield Finding(5, "traffic_missing", "inconclusive", True, text)
    elif not grew:
        text = "traffic is required, but the counters of the IPsec SAs did not grow in both directions"
        yield Finding(5, "no_traffic", "inconclusive", False, text)


def rule_8_waived(case: Case) -> Iterator[Finding]:
    """A failure that a waiver covers is told, and does not fail."""
    waived = [line for line in case.fresh if line.outcome == "failure" and case.waived(line)]
    if waived:
        yield Finding(8, "waived", "pass", True, f"waived: {diagnosis(case, waived)}")


class Check(NamedTuple):
    """A rule under the name that people read of it in a report.

    One for a requirement is made only when that is asked for; C(nothing) stands for no requirement at all, and C(reset)
    for the option of that name.
    """

    title: str
    rule: Callable[[Case], Iterator[Finding]]
    requirement: str | None = None


READABLE = "log can be read"
_COVERED, _UNFAILED = "log covers the window", "no failed negotiation"
# Each adds findings and takes none away: what they find together is the verdict.
CHECKS: tuple[Check, ...] = (
    Check(_UNFAILED, rule_3_failures),
    Check(_UNFAILED, rule_8_waived),
    Check(_COVERED, rule_4_coverage),
    Check(_COVERED, rule_4_lost_lines),
    Check(_COVERED, rule_4_baseline),
    Check("no line that may be a failure", rule_4_smell),
    Check("clocks agree", rule_4_skew),
    Check("up again where it went down", rule_4_down),
    Check("log or SAs show a negotiation", rule_4_nothing_known, "nothing"),
    Check("reset, and back again", rule_4_reset, "reset"),
    Check("status is ACTIVE", rule_5_status, "status_active"),
    Check("negotiated anew", rule_5_renegotiated, "renegotiated"),
    Check("traffic in both directions", rule_5_traffic, "traffic"),
    Check("watched for long enough", rule_4_observed),
    Check("not flapping", rule_4_quiet),
)


def by_reason(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the failures among lines by their reason, the most frequent first."""
    failures = [line.event for line in lines if line.outcome == "failure"]
    rows: list[dict[str, Any]] = summarise(failures)["failure_reasons"]
    return rows


def folded(reason: str | None) -> str | None:
    """Return a reason in the one way that all its spellings have."""
    return None if reason is None else fold(reason)


def diagnosis(case: Case, failing: Sequence[Line]) -> str:
    """Return what failed, what is new first (rule 9), as one line."""
    before = {folded(row["reason"]) for row in by_reason(case.before.lines if case.before else ())}
    rows = sorted(by_reason(failing), key=lambda row: folded(row["reason"]) in before)
    old = "; failed like this before the change, too" if folded(rows[0]["reason"]) in before else ""
    count = sum(row["count"] for row in rows[1:])
    more = f"; and {count}x for {len(rows) - 1} other reason(s)" if count else ""
    return f"{describe(rows[0])}{old}{_foreign(case, rows)}{more}"


def _foreign(case: Case, rows: Sequence[dict[str, Any]]) -> str:
    """Return a hint where no failure came from the peer that the connection is made for."""
    policy = case.tunnel.connection("ikepolicy")
    own = policy.get("peer_id") if isinstance(policy, Mapping) and policy.get("peer_id_type") == "ip" else None
    peers = {peer for row in rows for peer in row["peer_addresses"]}
    if not isinstance(own, str) or not peers or own in peers:
        return ""
    return f"; that is not the customer gateway {visible(own, 45)}: has its address changed, or is it a stranger"


def _smells(line: Line) -> bool:
    """Tell whether a line may be a failure: it says such a word, or was cut inside its sentence or before that."""
    text = str(line.raw_message).casefold()
    sentence = line.sentence.casefold().strip()
    cut = sentence.startswith("[") or any(bad.startswith(sentence) for bad in _BAD_LINES)
    return cut or not sentence.isascii() or any(smell in text for smell in _SMELLS)
