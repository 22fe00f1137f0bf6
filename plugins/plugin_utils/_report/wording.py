# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all reports share: the order of things, and the words that every format says in the same way."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ...module_utils._log.known_lines import is_sentence
from ...module_utils._sanitize import visible
from ...module_utils._verdict.judge import NOT_TRIED
from .verdict_input import VERDICTS, worst

Part = dict[str, Any]

CHECK_MODE = "check mode: the change was not made"
UNSETTLED = "waiting longer may still turn this into a pass"
TO_TEACH = "Unrecognised lines. Find out what each one means, and paste this into the task:"
_MOST_TAUGHT = 20
GROUPS = ("new", "persisting", "resolved")
_OTHERS = {"fail": "failed", "error": "could not be read", "inconclusive": "inconclusive"}
# A line that begins with two colons may be a command for GitHub, which trims it first; ours follows a title or a name.
_COLONS = re.compile(r"^(\s*):(?=:|$)")


@dataclass(frozen=True)
class Report:
    """A checked verdict, and what the report says of the run that it is for."""

    verdict: Part
    title: str
    run_id: str | None
    check_mode: bool

    @cached_property
    def tunnels(self) -> list[Part]:
        """Return the tunnels, the worst first; of those equally bad, one that is tolerated comes last."""
        rows = self.verdict["vpn_connections"]
        return sorted(rows, key=lambda row: (-VERDICTS.index(row["verdict"]), row["tolerated"]))

    @cached_property
    def groups(self) -> list[Part]:
        """Return the HA groups, the worst first."""
        return sorted(self.verdict["ha_groups"], key=lambda group: -VERDICTS.index(group["verdict"]))

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines of the message."""
        return [said(line) for line in self.verdict["message"].split("\n")]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Return what to call each tunnel by its ID: its name, and its ID too where two have the same name."""
        names = {row["id"]: row["name"] or row["id"] for row in self.verdict["vpn_connections"]}
        often = Counter(names.values())
        return {key: said(name if often[name] == 1 else f"{name} ({key})", 100) for key, name in names.items()}


def word(part: Part) -> str:
    """Return the verdict of a tunnel or of the whole in letters that are seen; a pass says whether it was tried."""
    verdict: str = part["verdict"]
    return NOT_TRIED if verdict == "pass" and not part["negotiated"] else verdict.upper()


def to_teach(report: Report) -> list[str]:
    """Return the lines that were not recognised as lines of YAML, to be pasted once somebody knows what they mean."""
    rows = report.verdict["unrecognised"]
    rows = [row for row in rows if is_sentence(row["sentence"])]
    lines = ["known_lines:"] if rows else []
    for row in rows[:_MOST_TAUGHT]:
        first, last = clock(row["first"]), clock(row["last"])
        when = first if first == last else f"{first} to {last}"
        lines += [f"  # {row['count']}x, {when}", f"  - sentence: {said(json.dumps(row['sentence']), 1500)}"]
        lines.append("    means: failure  # or down, harmless, success")
    more = len(rows) - _MOST_TAUGHT
    return [*lines, f"  # and {more} more, see the JSON report"] if more > 0 else lines


class Result(NamedTuple):
    """A check of a tunnel: what it led to, and what it found; nothing where it held."""

    check: str
    verdict: str
    messages: list[str]


def said(text: Any, limit: int = 2000) -> str:
    """Return text for people: one line, nothing hidden in it, and nothing that a pipeline would obey."""
    line = visible(text if isinstance(text, str) else str(text), limit)
    return _COLONS.sub(r"\1\\x3a", line)


def results(tunnel: Part) -> list[Result]:
    """Return every check of a tunnel in order; none that found something may be lost."""
    checks = dict.fromkeys([*tunnel["checks"], *(finding["check"] for finding in tunnel["findings"])])
    found = []
    for check in checks:
        rows = [row for row in tunnel["findings"] if row["check"] == check]
        rows.sort(key=lambda row: -VERDICTS.index(row["verdict"]))
        messages = [said(row["message"]) for row in rows]
        found.append(Result(said(check, 100), worst([row["verdict"] for row in rows]), messages))
    return found


def headline(report: Report) -> str:
    """Return in one line how many tunnels passed, and what became of the others."""
    tunnels = report.tunnels
    counts = Counter(row["verdict"] for row in tunnels)
    others = [f"{counts[verdict]} {word}" for verdict, word in _OTHERS.items() if counts[verdict]]
    tolerated = sum(row["tolerated"] for row in tunnels)
    if not tunnels:
        return "no tunnel was checked"
    passed = f"{counts['pass']} of {len(tunnels)} tunnel{'' if len(tunnels) == 1 else 's'} passed"
    without = f" ({tolerated} tolerated: its HA group passes without it)" if tolerated else ""
    return f"{', '.join([passed, *others])}{without}"


def basis_lines(report: Report) -> list[str]:
    """Return what the verdict rests on: the window, the policy, and the credentials and project of the readings."""
    source = source_of(report.verdict)
    return [window_line(report), policy_line(report), *([f"read with {source}"] if source else [])]


def source_of(verdict: Part) -> str | None:
    """Return with which credentials, and in which project, the tunnels were read; None if the verdict does not say."""
    source = verdict.get("acted_as")
    if not isinstance(source, dict):
        return None
    place = [source.get("project_id"), source.get("region"), source.get("endpoint")]
    key = f"access key ending in {source['access_key']}" if source.get("access_key") else "IAM token"
    agency = f" (agency {source['agency']})" if source.get("agency") else ""
    return said(f"{key}{agency}, project {', '.join(str(part) for part in place if part)}", 300)


def window_line(report: Report) -> str:
    """Return the window in one line."""
    window = report.verdict["window"]
    until = f"until {clock(window['until'])}" if window["until"] else "not known"
    since = f"since {clock(window['since'])}" if window["since"] else "all that the log holds"
    watched = f", watched from {clock(window['watched_from'])}" if window["watched_from"] else ""
    return f"window: {since}{watched}, {until}" if window["until"] else f"window: {since}{watched}"


def policy_line(report: Report) -> str:
    """Return the policy in one line."""
    policy = report.verdict["policy"]
    require = policy.get("require") or []
    ha = policy.get("ha", "all")
    least = ha.get("at_least") if isinstance(ha, dict) else None
    waivers = policy.get("waivers") or []
    parts = [
        f"quiet for {span(policy.get('quiet_for'))}",
        f"required: {', '.join(map(str, require)) if isinstance(require, list) and require else 'no failure'}",
        f"failures that recovered {'are accepted' if policy.get('allow_recovered') else 'count'}",
        f"{'every tunnel' if least is None else f'at least {least}'} of an HA group must pass",
        *([f"{len(waivers)} waiver(s)"] if isinstance(waivers, list) and waivers else []),
    ]
    return said(f"policy: {'; '.join(parts)}", 500)


def kind_of(report: Report, row: Part, name: str) -> str:
    """Return what a failure is against the baseline, and whether it is waived; without a baseline none is new."""
    return ", ".join([*([name] if report.verdict["compared"] else []), *(["waived"] if row.get("waived") else [])])


def is_said(row: Part, text: str) -> bool:
    """Tell whether a diagnosis says all of a failure already."""
    return bool(row["reason"]) and what_failed(row) in text


def bad_findings(tunnel: Part) -> list[str]:
    """Return what keeps a tunnel from a pass, the worst first."""
    return [said(finding["message"]) for finding in tunnel["findings"] if finding["verdict"] != "pass"]


def what_failed(row: Part) -> str:
    """Return how often a negotiation failed, and the reason that was given."""
    return f'{row["count"]}x "{said(row["reason"], 128)}"' if row["reason"] else f"{row['count']}x no reason given"


def where_and_when(row: Part) -> str:
    """Return where a failure belongs, when it was seen, and who took part."""
    phase = f", phase {said(row['phase'], 20)}" if row["phase"] is not None else ""
    first, last = clock(row["first"]), clock(row["last"])
    when = first if first == last else f"{first} to {last[11:] if last[:11] == first[:11] else last}"
    peers = ", ".join(said(peer, 45) for peer in row["peer_addresses"][:3])
    return f"({said(row['category'], 40)}{phase}) {when}{', peer ' + peers if peers else ''}"


def shared_caveats(tunnels: Sequence[Part], labels: dict[str, str]) -> dict[str, list[str]]:
    """Return each caveat once, with the tunnels that it is for."""
    found: dict[str, list[str]] = {}
    for tunnel in tunnels:
        for caveat in dict.fromkeys(tunnel["caveats"]):
            found.setdefault(said(caveat, 500), []).append(labels[tunnel["id"]])
    return found


def some(names: Sequence[str], most: int = 5) -> str:
    """Return a few names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def clock(stamp: Any) -> str:
    """Return a time stamp to the second: nobody needs microseconds at two in the morning."""
    if not stamp:
        return "at an unknown time"
    return said(re.sub(r"^(.{19})\.[0-9]+Z$", r"\1Z", str(stamp)), 40)


def span(seconds: Any) -> str:
    """Return a span in the largest unit that says it well."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return "an unknown time"
    if seconds < 180:
        return f"{seconds:g} s" if seconds == int(seconds) else f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.0f} days"
