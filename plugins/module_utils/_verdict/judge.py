# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict: a pure function of evidence, baseline and policy.

`pass` is the only good one, and only knowledge gives it. Of several tunnels or findings the worst counts: `fail`,
then `error`, `inconclusive`, `pass`. A failure is known, and neither waiting nor asking again undoes it, so that it
is never hidden behind a tunnel that could not be read. The window and proof of life are in `tunnel_case`, the
rules in `rules`.

No less and no other evidence moves a verdict toward `pass`: lines are read anew and put in order by `evidence`, a rule
can only add findings, and one bad finding is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._log.known_lines import unrecognised_of
from .._log.line import Line
from .._log.summary import coverage, summarise
from .._sanitize import visible
from .._time import SECOND, rfc3339
from .diagnosis import by_reason, normalized
from .evidence import Whole, check_pair, check_watched, complete_evidence, sas_of_readings
from .ha_groups import BADNESS, Group, ha_groups
from .policy import Policy
from .rules import CHECKS, READABLE, not_readable
from .tunnel_case import Case, case_of

SCHEMA = 1
NO_TUNNEL = "inconclusive"
NOT_TRIED = "PASS, NOT TRIED YET"
DEFAULT = Policy()
_NAMED = 8  # tunnels that a line names
_EARLIER = 50  # lines from before the window that a verdict shows
_TIME = ("too_early", "not_quiet")  # findings that only time mends
_SLIM = ("kind", "outcome", "reason")
# What shows only when the peers negotiate again: which rekey, where its lifetime stands, what is tried then.
_REKEYS = (
    ("IPsec", "ipsecpolicy", "a proposal, PFS or lifetime mismatch"),
    ("IKE", "ikepolicy", "a PSK, ID or proposal mismatch"),
)


def judge(
    evidence: Any, baseline: Any = None, policy: Policy = DEFAULT, watched_from: Any = None, readings: Any = ()
) -> dict[str, Any]:
    """Return the verdict on evidence, compared with the baseline; raise VpnError for anything but whole evidence.

    `watched_from` is evidence from right after the change: how long tunnels were watched, and which traffic counts,
    is counted from there. `readings` is what was gathered between that and the evidence: only its IPsec SAs count.
    """
    before = None if baseline is None else complete_evidence(baseline, "the baseline")
    after = complete_evidence(evidence, "the evidence")
    watched = None if watched_from is None else complete_evidence(watched_from, "the evidence of watched_from")
    cases = _cases(after, before, watched, policy, readings)
    rows = [_judge_tunnel(case) for case in cases]
    groups = ha_groups(rows, [case.tunnel for case in cases], policy.at_least)
    for group in groups:
        for row in group.rows:
            row["tolerated"] = row["verdict"] != "pass" and group.verdict == "pass"
    worst = _worst([group.verdict for group in groups]) if rows else NO_TUNNEL
    settled = is_settled(worst, [group.settled for group in groups if group.verdict != "pass"]) or not rows
    if settled and worst != "pass":
        _note_cut_short(rows)
    return {
        "schema": SCHEMA,
        "verdict": worst,
        "settled": settled,
        "negotiated": worst == "pass" and all(row["negotiated"] for row in rows),
        "compared": before is not None,
        "message": message_of(rows, groups, policy),
        "caveats": _by_caveat(rows),
        "window": _window(after, before, watched),
        "acted_as": after.acted_as,
        "policy": policy.shown(),
        "unrecognised": unrecognised_of(line for case in cases for line in case.unrecognised),
        "ha_groups": [group.shown() for group in groups if _is_group(group)],
        "vpn_connections": rows,
    }


def _window(after: Whole, before: Whole | None, watched: Whole | None) -> dict[str, str | None]:
    """Return what was judged."""
    start = before.now if before else after.since
    watched_from = watched.now if watched else start
    return {"since": rfc3339(start), "watched_from": rfc3339(watched_from), "until": rfc3339(after.now)}


def _cases(after: Whole, before: Whole | None, watched: Whole | None, policy: Policy, readings: Any) -> list[Case]:
    """Return the case of each tunnel; raise VpnError where the parts of the evidence do not belong together."""
    if before:
        check_pair(after, before)
    if watched:
        check_watched(after, before, watched)
    others = sas_of_readings(readings, after)
    return [case_of(key, after, before, watched, policy, others[key]) for key in after.tunnels]


def is_settled(verdict: str, settled: list[bool]) -> bool:
    """A pass is settled, and so is what a single part keeps from a pass for ever."""
    return verdict == "pass" or any(settled)


def caveats_of(case: Case) -> Iterator[str]:
    """What a pass does not prove."""
    for name, policy, mismatch in _REKEYS:
        settings = case.tunnel.connection(policy)
        lifetime = settings.get("lifetime_seconds") if isinstance(settings, Mapping) else None
        when = f"in at most {lifetime} s" if isinstance(lifetime, int) else "at an unknown time"
        yield f"{mismatch} shows only at the next {name} rekey, {when}"
    if not case.negotiated:
        yield "the change is not tried yet: no negotiation followed, so the changed settings may still fail"
    if not case.tunnel.row["total"]:
        yield "the log is empty: it shows neither a failure nor a success"
    if case.sas is None:
        yield "the IPsec SAs were not gathered, or are not offered in this region: traffic was not checked"
    elif case.carried_traffic is False:
        yield "traffic is not proven: no IPsec SA counted packets in both directions between two readings"
    lost = _lost_sas(case)
    if lost:
        yield lost
    if case.baseline and not case.before:
        yield "this connection is not in the baseline: every line of its log counts"
    if case.unrecognised:
        yield f"{len(case.unrecognised)} unrecognised line(s), followed by a successful negotiation: read them"
    if case.downs:
        yield f"the tunnel went down {len(case.downs)}x in the window, and came up again"


def _lost_sas(case: Case) -> str | None:
    """Return what to say where there are fewer IPsec SAs than before: each is for a pair of networks."""
    before, after = case.sas_before, case.sas
    if before is None or after is None or len(after) >= len(before):
        return None
    return (
        f"the tunnel has {len(after)} IPsec SA(s), the baseline has {len(before)}: some networks may not be connected"
    )


def waiver_caveats(case: Case) -> Iterator[str]:
    """Waivers of the tunnel that have expired, or that nothing needed."""
    for waiver in case.policy.waivers:
        if not waiver.names(case.tunnel.id, case.name):
            continue
        if waiver.until <= case.now:
            yield f"{waiver.label()} expired at {rfc3339(waiver.until)}"
        elif not any(waiver.covers(row["reason"]) for row in by_reason(case.fresh)):
            yield f"{waiver.label()} is not needed: there was no such failure"


def failures_of(case: Case) -> dict[str, list[dict[str, Any]]]:
    """Failures by reason against the baseline: what is new, what goes on, and what does not come any more."""
    if case.tunnel.row["error"] is not None:
        return {"new": [], "persisting": [], "resolved": []}
    before = by_reason(case.before.lines) if case.before else []
    known = {normalized(row["reason"]) for row in before}
    now = [{**row, "waived": _is_waived(case, row)} for row in by_reason(case.fresh)]
    still = {normalized(row["reason"]) for row in now}
    return {
        "new": [row for row in now if normalized(row["reason"]) not in known],
        "persisting": [row for row in now if normalized(row["reason"]) in known],
        "resolved": [row for row in before if normalized(row["reason"]) not in still],
    }


def message_of(rows: Sequence[dict[str, Any]], groups: Sequence[Group], policy: Policy) -> str:
    """The message is the diagnosis: one line per tunnel, the worst first, then HA groups and waivers without tunnel."""
    ordered = sorted(rows, key=lambda row: -BADNESS.index(row["verdict"]))
    lines = [row["message"] for row in ordered] or ["INCONCLUSIVE the evidence has no connection"]
    lines += [group.message() for group in groups if _is_group(group) and group.state != "redundant"]
    known = [(row["id"], row["name"]) for row in rows]
    lines += [
        f"{waiver.label()} is for {visible(waiver.vpn_connection, 64)}, which is not in the evidence"
        for waiver in policy.waivers
        if not any(waiver.names(*names) for names in known)
    ]
    return "\n".join(lines)


def _judge_tunnel(case: Case) -> dict[str, Any]:
    """Return the verdict on one tunnel."""
    made, findings = [READABLE], [{"check": READABLE, **finding._asdict()} for finding in not_readable(case)]
    readable = not findings
    if readable:
        asked = (None, *(case.policy.require or ("nothing",)), *(("reset",) if case.policy.reset else ()))
        checks = [check for check in CHECKS if check.requirement in asked]
        made = list(dict.fromkeys([READABLE, *(check.title for check in checks)]))
        findings = [{"check": check.title, **found._asdict()} for check in checks for found in check.rule(case)]
    if any(finding["settled"] and finding["verdict"] != "pass" for finding in findings):
        # Where waiting does not help, nobody has to know for how long one did not. Nor did those checks hold.
        late = [finding["check"] for finding in findings if finding["code"] in _TIME]
        made = [check for check in made if check not in late]
        findings = [finding for finding in findings if finding["code"] not in _TIME]
    # What no waiting changes is the cause, and comes before what only needs time.
    findings.sort(key=lambda finding: (-BADNESS.index(finding["verdict"]), not finding["settled"]))
    verdict = _worst([finding["verdict"] for finding in findings])
    bad = [finding for finding in findings if finding["verdict"] != "pass"]
    return {
        "id": case.tunnel.id,
        "name": case.name,
        "verdict": verdict,
        "settled": is_settled(verdict, [finding["settled"] for finding in bad]),
        "negotiated": readable and case.negotiated,
        "tolerated": False,
        "message": _tunnel_message(case, verdict, findings),
        "checks": made,
        "findings": findings,
        "caveats": [*(caveats_of(case) if verdict == "pass" else ()), *waiver_caveats(case)],
        "failures": failures_of(case),
        "evidence": _evidence(case),
    }


def _note_cut_short(rows: Sequence[dict[str, Any]]) -> None:
    """Say of tunnels that were not watched to the end that another one has failed, and not that they have."""
    for row in rows:
        early = [finding for finding in row["findings"] if finding["code"] == "too_early"]
        for finding in early:
            was = finding["message"]
            finding["message"] = f"watching ended early, because another tunnel did not pass: {was}"
            row["message"] = row["message"].replace(was, finding["message"])


def _tunnel_message(case: Case, verdict: str, findings: Sequence[Mapping[str, Any]]) -> str:
    """Return the line of a tunnel: all that keeps it from a pass, or what the pass rests on."""
    label = visible(case.name or case.tunnel.id, 80)
    if verdict != "pass":
        said = [finding["message"] for finding in findings if finding["verdict"] != "pass"]
        return f"{label}: {verdict.upper()} {'; '.join(said)}"
    since = f" since {rfc3339(case.start)}" if case.start is not None else " in its log"
    status = case.tunnel.connection("status")
    active = f", status {visible(status, 40)}" if isinstance(status, str) else ""
    clean = [finding["message"] for finding in findings] or [f"no failed negotiation{since}{active}"]
    return f"{label}: {'PASS' if case.negotiated else f'{NOT_TRIED}:'} {'; '.join(clean)}"


def _evidence(case: Case) -> dict[str, Any]:
    """Return what a tunnel was judged by."""
    row, not_read = case.tunnel.row, case.tunnel.row["error"] is not None
    events = [line.event for line in case.fresh]
    numbers = summarise(events)
    covered = "unknown" if not_read else coverage(row["total"], case.tunnel.oldest, case.start)
    begin = case.watched_from
    observed = None if not_read or begin is None else (case.now - begin) / SECOND
    return {
        "window": {"since": rfc3339(case.start), "until": rfc3339(case.after.now)},
        "observed": observed,
        "coverage": covered,
        "status": case.tunnel.connection("status"),
        "status_before": case.before.connection("status") if case.before else None,
        **(dict.fromkeys(numbers) if not_read else numbers),
        "logs": events,
        "earlier": [
            {"timestamp": line.timestamp, **{name: getattr(line, name) for name in _SLIM}} for line in _earlier(case)
        ],
        "error": row["error"],
        "request_id": row["request_id"],
    }


def _by_caveat(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return each caveat once, behind the tunnels that it is for: one line each."""
    names: dict[str, list[str]] = {}
    for row in rows:
        for caveat in row["caveats"]:
            names.setdefault(caveat, []).append(visible(row["name"] or row["id"], 64))
    return [
        f"{', '.join(tunnels[:_NAMED])}{f' and {len(tunnels) - _NAMED} more' if tunnels[_NAMED:] else ''}: {caveat}"
        for caveat, tunnels in names.items()
    ]


def _earlier(case: Case) -> list[Line]:
    """Return the newest lines that are not of the window."""
    fresh = {id(line) for line in case.fresh}
    return [line for line in case.tunnel.lines if id(line) not in fresh][-_EARLIER:]


def _is_group(group: Group) -> bool:
    """Tell whether a group is worth a word: a single tunnel is none, unless that is the trouble."""
    return len(group.rows) > 1 or group.needed > 1


def _is_waived(case: Case, row: dict[str, Any]) -> bool:
    same = (line for line in case.fresh if line.outcome == "failure" and line.reason == row["reason"])
    return all(case.waived(line) for line in same)


def _worst(verdicts: Sequence[str]) -> str:
    return max(verdicts, key=BADNESS.index, default="pass")
