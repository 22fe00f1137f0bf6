# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the verdict: each looks at one tunnel and says what it found.

`fail` is kept for failed negotiations. A tunnel that is DOWN has not passed, but may as well be idle: it is
`inconclusive` and may still come up. Each rule only adds findings, and one bad finding is enough to keep from `pass`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .._errors import error_line
from .._log.known_lines import what_it_says
from .._log.summary import coverage
from .._sanitize import visible
from .._time import SECOND, SKEW
from .diagnosis import bad_news, diagnosis
from .evidence import Tunnel, fresh_lines
from .ipsec_sas import AHEAD, pairs, read_later, used_by
from .tunnel_case import Case, Finding

_SKEW = 300
_WATCHED = "the reading right after the change"
_PASSING = ("VPN.0306", "E_CONTENT", "E_TIMEOUT", "E_DEADLINE", "E_THROTTLED")  # errors that another try may not meet


def not_readable(case: Case) -> Iterator[Finding]:
    """A tunnel that could not be read is an error, with the service's code and what to do."""
    error = case.tunnel.row["error"]
    if error is not None:
        status = error["status"]
        refused = isinstance(status, int) and 400 <= status < 500 and status not in (408, 429)
        settled = (refused or error["code"] in ("E_CONFIG", "E_CRED")) and error["code"] not in _PASSING
        yield Finding("unread", "error", settled, f"cannot be read: {visible(error_line(dict(error)), 400)}")


def failures(case: Case) -> Iterator[Finding]:
    """A failure in the window that is not waived fails, also for a reason that is not known; unless it recovered.

    It has when a negotiation is later than the last failure and than the last teardown, and it was quiet since.
    """
    failing = case.failing
    if not failing:
        return
    recovered = case.negotiated_since([*failing, *case.downs])
    # The cloud's clock comes in whole seconds, so that a line may seem to be of the future.
    quiet = max(case.now - max(line.latest for line in failing), 0) >= case.policy.quiet_for * SECOND
    if case.policy.allow_recovered and recovered and quiet:
        yield Finding("recovered", "pass", True, f"recovered from {diagnosis(case, failing)}")
        return
    more = f"; recovered, but not yet quiet for {_seconds(case.policy.quiet_for)}" if recovered and not quiet else ""
    yield Finding("failed", "fail", not case.policy.allow_recovered, diagnosis(case, failing) + more)


def waived(case: Case) -> Iterator[Finding]:
    """A failure that a waiver covers is reported, and does not fail."""
    lines = [line for line in case.fresh if line.outcome == "failure" and case.waived(line)]
    if lines:
        yield Finding("waived", "pass", True, f"waived: {diagnosis(case, lines)}")


def unrecognised(case: Case) -> Iterator[Finding]:
    """A line that is not understood may be a failure, unless a negotiation is later than the last of them.

    An old SA carries traffic for an hour after a rekey has failed, so that traffic proves nothing here.
    """
    lines = case.unrecognised
    if lines and not case.negotiated_since(lines):
        text = (
            f"{len(lines)} unrecognised line(s) that may be failures, and no later negotiation. Read them and add them "
            f'to known_lines, or reset the tunnel. The last: "{visible(what_it_says(lines[-1]), 160)}"'
        )
        yield Finding("unrecognised", "inconclusive", False, text)


def truncated(case: Case) -> Iterator[Finding]:
    """The whole window must lie inside what the service returned."""
    tunnel, total = case.tunnel, case.tunnel.row["total"]
    covered = coverage(total, tunnel.oldest, case.start)
    known = case.before.lines if case.before else ()
    if covered == "complete" and coverage(total, None, None) == "truncated" and case.before and not tunnel.dropped:
        # An old time proves little: it may have come late. What was in the baseline and still is there does.
        covered = "complete" if known and len(case.fresh) < len(tunnel.lines) else "truncated"
    if covered == "truncated":
        text = f"the log is full ({total} lines) and begins inside the window: older lines are lost"
        yield Finding("truncated", "inconclusive", True, text)


def lost_lines(case: Case) -> Iterator[Finding]:
    """What earlier evidence has and what came since must all be there, but for the oldest, which a full log loses."""
    for what, known in (("the baseline", case.before), (_WATCHED, case.watched_tunnel)):
        gone = _lost(case, known) if known and known.row["error"] is None else 0
        if gone:
            text = f"{gone} line(s) of {what} are missing in the log: it was cleared, cut or replaced"
            yield Finding("lost_lines", "inconclusive", True, text)


def _lost(case: Case, known: Tunnel) -> int:
    """Return how many lines of earlier evidence are gone that should be there."""
    tunnel, since = case.tunnel, case.after.since if case.tunnel.dropped else None
    full = coverage(tunnel.row["total"], None, None) == "truncated"
    expected = [line for line in known.lines if since is None or line.latest >= since]
    left = [line for line in fresh_lines(known, tunnel.lines) if since is None or line.latest >= since]
    gone = sum(not full or (tunnel.oldest is not None and line.earliest > tunnel.oldest) for line in left)
    older = len(known.lines) - len(expected) + known.dropped
    return gone + (0 if full else max(older - tunnel.dropped, 0))


def no_baseline(case: Case) -> Iterator[Finding]:
    """A baseline that could not be read leaves old failures and late ones alike."""
    if case.before and case.before.row["error"] is not None:
        text = "the baseline could not read this tunnel, so old lines look like new ones: take a new baseline"
        yield Finding("no_baseline", "inconclusive", True, text)


def clock_skew(case: Case) -> Iterator[Finding]:
    """A controller whose clock is far off may have been given an old answer, or any."""
    gathered = {"the evidence": case.after, "the baseline": case.baseline, _WATCHED: case.watched}
    skews = {what: abs(whole.skew) for what, whole in gathered.items() if whole and whole.skew is not None}
    off = [what for what, skew in skews.items() if skew > _SKEW]
    if off:
        worst = max(skews.values())
        where = " and ".join(off)
        text = (
            f"the clocks of cloud and controller differ by {worst:.0f} s in {where}, more than {_SKEW} s: set the clock"
        )
        yield Finding("clock_skew", "inconclusive", True, text)


def down(case: Case) -> Iterator[Finding]:
    """A tunnel that went down stays down, whatever its status, until something later shows that it is alive."""
    if case.downs and not case.alive_since(case.downs):
        last = max(case.downs, key=lambda line: line.latest)
        yield Finding("down", "inconclusive", False, f"{bad_news(last)}, and nothing later shows that it is up again")


def vanished(case: Case) -> Iterator[Finding]:
    """IPsec SAs that the baseline has must be there, and a log that ends with bad news needs one, too."""
    before, now = case.sas_before, case.sas
    watched = case.watched_tunnel.row["ipsec_sas"] if case.watched_tunnel else None
    if before and now is None:
        text = f"the IPsec SAs were not gathered, but the baseline has {len(before)}: gather ipsec_sas"
        yield Finding("vanished", "inconclusive", True, text)
    elif before and not now:
        yield Finding("vanished", "inconclusive", False, f"no IPsec SA is left, and the baseline has {len(before)}")
    elif case.before and before is None and now is not None and not now:
        text = "there is no IPsec SA, and the baseline has no information on them: gather ipsec_sas for both"
        yield Finding("vanished", "inconclusive", False, text)
    elif watched and not now:
        text = f"no IPsec SA is left, and {len(watched)} were there right after the change"
        yield Finding("vanished", "inconclusive", False, text)
    else:
        yield from _pairs_gone(case)
        yield from _broken_before(case)


def _pairs_gone(case: Case) -> Iterator[Finding]:
    """Pairs of networks that carried traffic must have an SA; after a teardown idle ones have to be back, too."""
    watched = case.watched_tunnel.row["ipsec_sas"] if case.watched_tunnel else None
    used = case.lasting_pairs if case.downs else case.lasting_pairs & (used_by(case.sas_before) | used_by(watched))
    for source, destination in sorted(used - pairs(case.sas)):
        networks = f"{visible(source, 64)} and {visible(destination, 64)}"
        text = f"no IPsec SA is left between {networks}, and the baseline has one"
        yield Finding("vanished", "inconclusive", False, text)


def _broken_before(case: Case) -> Iterator[Finding]:
    """A tunnel whose log has bad news from before the window needs a later line or a later IPsec SA."""
    last = max(case.bad_before, key=lambda line: line.latest, default=None)
    if last and not case.negotiated_since(case.bad_before) and not read_later(case.sas, last.latest + SKEW, case.now):
        text = f"{bad_news(last)} before the window, and no later line or IPsec SA shows that it is up"
        yield Finding("vanished", "inconclusive", False, text)
    hidden = case.tunnel.dropped and not case.before and not any(line.is_negotiation for line in case.tunnel.lines)
    if hidden and not case.sas:
        text = "since leaves out older lines, and no line or IPsec SA shows that the tunnel is up"
        yield Finding("vanished", "inconclusive", False, text)


def silence(case: Case) -> Iterator[Finding]:
    """A log without any line proves nothing, unless an IPsec SA of each pair was read while somebody watched.

    A service may write failures only: a healthy tunnel must be able to pass.
    """
    if case.tunnel.row["total"]:
        return
    begin = case.now - AHEAD if case.watched_from is None else case.watched_from
    there = read_later(case.sas, begin, case.now)
    if not there or not there >= case.lasting_pairs:
        why = (
            "without IPsec SAs (not gathered, or not offered in this region) nothing shows that the tunnel is up"
            if case.sas is None
            else "some pairs of networks have no IPsec SA"
            if there
            else "no IPsec SA was read after the change"
        )
        yield Finding("silence", "inconclusive", False, f"the log is empty, and {why}")


def nothing_known(case: Case) -> Iterator[Finding]:
    """Where nothing is required, something must show that the tunnel negotiates."""
    if not case.negotiated:
        text = "require is empty, and the window shows no negotiation: require status_active, renegotiated or traffic"
        yield Finding("nothing_known", "inconclusive", False, text)


def too_early(case: Case) -> Iterator[Finding]:
    """The tunnel must have been watched for quiet_for, and a baseline says nothing of the moment it was taken at."""
    begin = case.watched_from
    if begin is None and case.watched is None:
        # No failure may prove for how long there was none.
        others = [line.latest for line in case.tunnel.lines if line.moments and line.outcome != "failure"]
        begin = int(min(others)) if others else None
    seen = (case.now - begin) / SECOND if begin is not None else 0
    if seen < case.policy.quiet_for or (case.baseline and seen <= 0):
        text = f"watched for {_seconds(max(round(seen, 2), 0))} of at least {_seconds(case.policy.quiet_for or 1)}"
        yield Finding("too_early", "inconclusive", False, text)


def not_quiet(case: Case) -> Iterator[Finding]:
    """A tunnel that went down a moment ago may do so again, even when it is up."""
    last = max((line.latest for line in case.downs), default=-math.inf)
    if case.now - last < case.policy.quiet_for * SECOND:
        ago = f"in the last {_seconds(case.policy.quiet_for)}" if case.policy.quiet_for else "a moment ago"
        text = f"went down {ago}: it may be flapping"
        yield Finding("not_quiet", "inconclusive", False, text)


def not_back(case: Case) -> Iterator[Finding]:
    """A tunnel that was to be reset must have been, and have negotiated again since; else nothing was tried."""
    missing = case.policy.reset.missing(case.tunnel.id) if case.policy.reset else None
    if missing:
        at, why = missing
        if at is None or not case.negotiated_after(at):
            # The task that reset it has waited already, unless it has seen a failure that this policy gives time.
            settled = at is None or not case.policy.allow_recovered
            yield Finding("not_back", "inconclusive", settled, f"the tunnel {visible(why, 600)}")


def status_active(case: Case) -> Iterator[Finding]:
    """`status_active`: the service calls the connection ACTIVE."""
    status = case.tunnel.connection("status")
    if not isinstance(status, str) or not status:
        text = "status_active is required, but the status was not gathered: gather connection, too"
        yield Finding("status_missing", "inconclusive", True, text)
    elif status != "ACTIVE":
        shown = visible(status, 40)
        before = case.before.connection("status") if case.before else None
        was = f", and was {visible(str(before), 40)} before" if before else ""
        if before == status:
            advice = "bring it up, or set ha: {at_least: 1} if another tunnel of its HA group is enough"
            was = f", and was {shown} before, too: {advice}"
        text = f"the status is {shown}{was}"
        yield Finding("status", "inconclusive", False, text)


def renegotiated(case: Case) -> Iterator[Finding]:
    """`renegotiated`: a negotiation of the window went well, by its line or by its SAs."""
    if not case.negotiated:
        text = "a renegotiation is required, but neither the log nor the IPsec SAs show one since the change"
        yield Finding("not_renegotiated", "inconclusive", False, text)


def traffic(case: Case) -> Iterator[Finding]:
    """`traffic`: one SA counted on both ways after the change."""
    grew = case.carried_traffic
    if grew is None:
        text = "traffic is required, but the IPsec SAs were not gathered before and after, or are not offered here"
        yield Finding("traffic_missing", "inconclusive", True, text)
    elif not grew:
        text = "traffic is required, but no IPsec SA counted packets in both directions between two readings"
        yield Finding("no_traffic", "inconclusive", False, text)


def _seconds(value: float) -> str:
    return f"{value:.12g} s"


class Check(NamedTuple):
    """A rule under the name that people read of it in a report.

    One for a requirement is made only when that is asked for; `nothing` stands for no requirement at all, and `reset`
    for the option of that name.
    """

    title: str
    rule: Callable[[Case], Iterator[Finding]]
    requirement: str | None = None


READABLE = "log can be read"
_COVERED, _UNFAILED = "log covers the window", "no failed negotiation"
CHECKS: tuple[Check, ...] = (
    Check(_UNFAILED, failures),
    Check(_UNFAILED, waived),
    Check("no lasting teardown", down),
    Check("IPsec SAs are present", vanished),
    Check("no unrecognised lines", unrecognised),
    Check(_COVERED, truncated),
    Check(_COVERED, lost_lines),
    Check(_COVERED, no_baseline),
    Check("log is not empty", silence),
    Check("clocks agree", clock_skew),
    Check("log or SAs show a negotiation", nothing_known, "nothing"),
    Check("reset and up again", not_back, "reset"),
    Check("status is ACTIVE", status_active, "status_active"),
    Check("negotiated again", renegotiated, "renegotiated"),
    Check("traffic in both directions", traffic, "traffic"),
    Check("watched for long enough", too_early),
    Check("not flapping", not_quiet),
)
