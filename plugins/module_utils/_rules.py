# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""Rules 1 to 5 of the verdict, and what is waived of them: each looks at one tunnel and says what it found.

V(fail) is kept for failed negotiations. A tunnel that is DOWN has not passed, but may as well be idle: it is
V(inconclusive) and may still come up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ._clock import SECOND
from ._entry import is_understood
from ._errors import error_line
from ._policy import Policy
from ._proof import carried_traffic, renegotiated
from ._reasons import fold
from ._summary import coverage, describe, summarise
from ._text import visible
from ._whole import Line, Tunnel, Whole, fresh_lines

_SKEW = 300
_POSITIVE = ("tunnel_established", "rekey")
_SMELLS = ("fail", "error", "mismatch", "timeout", "reject", "invalid")
_PASSING = ("VPN.0306", "E_CONTENT", "E_TIMEOUT", "E_DEADLINE", "E_THROTTLED")  # errors that another try may not meet


class Finding(NamedTuple):
    """What a rule found: which verdict it leads to, whether waiting can change that, and one line for people."""

    rule: int
    code: str
    verdict: str
    settled: bool
    message: str


class Case(NamedTuple):
    """All that a tunnel is judged by; C(fresh) are the lines of the window, rule 2."""

    tunnel: Tunnel
    before: Tunnel | None
    after: Whole
    baseline: Whole | None
    policy: Policy
    fresh: list[Line]

    @property
    def start(self) -> int | None:
        """Return the begin of the window: the baseline, else the evidence's since, else open (rule 2)."""
        return self.baseline.now if self.baseline else self.after.since

    @property
    def now(self) -> int:
        """Return the cloud's clock when the evidence was gathered."""
        return self.after.now or 0

    def failing(self) -> list[Line]:
        """Return the failures of the window that are not waived (rules 3 and 8)."""
        return [line for line in self.fresh if line.event["outcome"] == "failure" and not self.waived(line)]

    def waived(self, line: Line) -> bool:
        """Tell whether a waiver that has not expired covers the failure (rule 8)."""
        return any(
            waiver.until > self.now
            and waiver.names(self.tunnel.id, self.tunnel.row["name"])
            and waiver.covers(line.event["reason"])
            for waiver in self.policy.waivers
        )

    def positive(self, after: float) -> bool:
        """Tell whether the log shows a negotiation of the window that went well after a moment, and nothing down since.

        A line whose two clocks disagree counts at the worse one.
        """
        begin = max(after, -math.inf if self.start is None else self.start)
        good = [line.earliest for line in self.fresh if line.event["kind"] in _POSITIVE and line.earliest > begin]
        down = [line.latest for line in self.fresh if line.event["outcome"] == "down"]
        return bool(good) and max(good) > max(down, default=-math.inf)

    def negotiated(self) -> bool:
        """Tell whether anything proves a negotiation in the window (rule 5)."""
        return self.positive(-math.inf) or self._new_sas()

    def _new_sas(self) -> bool:
        after, before = self.tunnel.row["ipsec_sas"], self.before.row["ipsec_sas"] if self.before else None
        return after is not None and before is not None and renegotiated(after, before)


def rule_1_error(case: Case) -> Iterator[Finding]:
    """A tunnel that could not be read is an error, with the service's code and what to do."""
    error = case.tunnel.row["error"]
    if error is not None:
        status = error["status"]
        refused = isinstance(status, int) and 400 <= status < 500 and status not in (408, 429)
        settled = (refused or error["code"] in ("E_CONFIG", "E_CRED")) and error["code"] not in _PASSING
        yield Finding(1, "unread", "error", settled, f"cannot be read: {visible(error_line(dict(error)), 400)}")


def rule_2_window(key: str, after: Whole, before: Whole | None, policy: Policy) -> Case:
    """Only lines that are not in the baseline are new, however late they came and whatever their time."""
    tunnel = after.tunnels[key]
    known = before.tunnels.get(key) if before else None
    fresh = fresh_lines(tunnel, known.lines if known else ())
    if known and known.row["error"] is not None and before and before.now is not None:
        start = before.now
        fresh = [line for line in fresh if line.latest >= start]
    return Case(tunnel, known, after, before, policy, fresh)


def rule_3_failures(case: Case) -> Iterator[Finding]:
    """A failure in the window that is not waived fails, also for a reason that nobody knows; unless it recovered."""
    failing = case.failing()
    if not failing:
        return
    last = max(line.latest for line in failing)
    recovered = case.positive(last)
    quiet = case.now - last >= case.policy.quiet_for * SECOND
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
    if not case.policy.require and not case.negotiated():
        text = "nothing is required, and nothing shows a negotiation in the window"
        yield Finding(4, "nothing_known", "inconclusive", False, text)


def rule_4_lost_lines(case: Case) -> Iterator[Finding]:
    """What the baseline has and what came since must all be there, but for the oldest lines, which a full log loses."""
    if not case.before or case.before.row["error"] is not None:
        return
    tunnel, since = case.tunnel, case.after.since if case.tunnel.dropped else None
    full = coverage(tunnel.row["total"], None, None) == "truncated"
    expected = [line for line in case.before.lines if since is None or line.latest >= since]
    left = [line for line in fresh_lines(case.before, tunnel.lines) if since is None or line.latest >= since]
    gone = sum(not full or (tunnel.oldest is not None and line.earliest > tunnel.oldest) for line in left)
    older = len(case.before.lines) - len(expected) + case.before.dropped
    gone += 0 if full else max(older - tunnel.dropped, 0)
    if gone:
        text = f"{gone} line(s) of the baseline are gone from the log: it was cleared, cut or exchanged"
        yield Finding(4, "lost_lines", "inconclusive", True, text)


def rule_4_observed(case: Case) -> Iterator[Finding]:
    """The window must have been watched for quiet_for, and a baseline says nothing of the moment it was taken at."""
    begin = case.start
    if begin is None:
        # No failure may prove for how long there was none.
        others = [line.latest for line in case.tunnel.lines if line.moments and line.event["outcome"] != "failure"]
        begin = int(min(others)) if others else None
    seen = (case.now - begin) / SECOND if begin is not None else 0
    if seen < case.policy.quiet_for or (case.baseline and seen <= 0):
        text = f"watched for {max(seen, 0):g} s of at least {case.policy.quiet_for or 1:g} s"
        yield Finding(4, "too_early", "inconclusive", False, text)


def rule_4_smell(case: Case) -> Iterator[Finding]:
    """A line that was not understood but smells of failure keeps us from knowing."""
    strange = [line for line in case.fresh if not is_understood(line.event) and _smells(line)]
    if strange:
        text = visible(str(strange[-1].event["raw_message"]), 160)
        what = f"{len(strange)} line(s) not understood that smell of failure, the last: {text}"
        yield Finding(4, "unrecognised", "inconclusive", True, what)


def rule_4_skew(case: Case) -> Iterator[Finding]:
    """A controller whose clock is far off may have been given an old answer, or any."""
    for what, whole in (("evidence", case.after), ("baseline", case.baseline)):
        if whole and whole.skew is not None and abs(whole.skew) > _SKEW:
            text = f"the clocks of cloud and controller differ by {abs(whole.skew):g} s in the {what}, at most {_SKEW}"
            yield Finding(4, "clock_skew", "inconclusive", True, text)


def rule_4_down(case: Case) -> Iterator[Finding]:
    """A tunnel that went down in the window is not up again by silence alone."""
    down = [line for line in case.fresh if line.event["outcome"] == "down"]
    if down and not case.positive(-math.inf) and case.tunnel.connection("status") != "ACTIVE":
        reason = visible(down[-1].event["reason"] or "no reason given", 128)
        text = f'went down ("{reason}") and nothing shows that it is up again'
        yield Finding(4, "down", "inconclusive", False, text)


def rule_4_baseline(case: Case) -> Iterator[Finding]:
    """A baseline that could not be read leaves old failures and late ones alike."""
    if case.before and case.before.row["error"] is not None:
        text = "could not be read for the baseline: lines that came late cannot be told from old ones"
        yield Finding(4, "no_baseline", "inconclusive", True, text)


def rule_5_status(case: Case) -> Iterator[Finding]:
    """C(status_active): the service calls the connection ACTIVE."""
    if "status_active" not in case.policy.require:
        return
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
    if "renegotiated" in case.policy.require and not case.negotiated():
        text = "a renegotiation is required, but neither the log nor the IPsec SAs show one in the window"
        yield Finding(5, "not_renegotiated", "inconclusive", False, text)


def rule_5_traffic(case: Case) -> Iterator[Finding]:
    """C(traffic): the counters of the SAs grew in both directions after the change."""
    if "traffic" not in case.policy.require:
        return
    after, before = case.tunnel.row["ipsec_sas"], case.before.row["ipsec_sas"] if case.before else None
    if after is None or before is None or case.start is None:
        text = "traffic is required, but the IPsec SAs were not gathered in baseline and evidence, or are not served"
        yield Finding(5, "traffic_missing", "inconclusive", True, text)
    elif not carried_traffic(after, before, case.start):
        text = "traffic is required, but the counters of the IPsec SAs did not grow in both directions"
        yield Finding(5, "no_traffic", "inconclusive", False, text)


def rule_8_waived(case: Case) -> Iterator[Finding]:
    """A failure that a waiver covers is told, and does not fail."""
    waived = [line for line in case.fresh if line.event["outcome"] == "failure" and case.waived(line)]
    if waived:
        yield Finding(8, "waived", "pass", True, f"waived: {diagnosis(case, waived)}")


# Each adds findings and takes none away: what they find together is the verdict.
CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    *(rule_3_failures, rule_4_coverage, rule_4_nothing_known, rule_4_lost_lines, rule_4_observed, rule_4_smell),
    *(rule_4_skew, rule_4_down, rule_4_baseline, rule_5_status, rule_5_renegotiated, rule_5_traffic, rule_8_waived),
)


def by_reason(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the failures among lines by their reason, the most frequent first."""
    rows: list[dict[str, Any]] = summarise([line.event for line in lines])["failure_reasons"]
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
    return f"{describe(rows[0])}{old}{more}"


def _smells(line: Line) -> bool:
    text = str(line.event["raw_message"]).casefold()
    return any(smell in text for smell in _SMELLS)
