# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for a pull request or the summary of a pipeline step: Markdown as GitHub and GitLab show it.

What people read stands there as prose. A word that a renderer might obey, or turn into something else, stands in a code
span. There it can make no link, mention nobody, refer to no issue and open no tag, and being a single line behind a
mark of ours, it can begin no block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from .wording import (
    CHECK_MODE,
    GROUPS,
    TO_TEACH,
    UNSETTLED,
    Part,
    Report,
    bad_findings,
    basis_lines,
    headline,
    is_said,
    kind_of,
    said,
    shared_caveats,
    some,
    to_teach,
    what_failed,
    where_and_when,
    word,
)

_MOST = 60_000  # a comment on GitHub may have 65,536 characters
_RESERVE = 500  # for the line that says what was cut
_ROWS = 12  # of one kind, for one tunnel
_SHORT = 6  # so many lines are not normalized
_SYMBOLS = {"pass": "\u2705", "fail": "\u274c", "inconclusive": "\u2753", "error": "\u26d4"}
# Letters, and what means nothing between them: all else that is ASCII may be a mark of Markdown or a reference.
_PLAIN = re.compile(r"""(?:[A-Za-z0-9,.;:()"'/+?-]|[^\x00-\x7f])+""")
# Links, emoji, and what GitHub, GitLab and Jira take for a commit, an issue or a ticket.
_REFERENCE = re.compile(
    r"(?i:://|\bwww\.|\bGH-[0-9]|\b[0-9a-f]{7,40}\b)|\b[A-Z][A-Z0-9_]+-[0-9]|:(?![0-9]{2}:)[A-Za-z0-9+-]+:",
    re.ASCII,
)
# At the begin of a line: a list, a rule, or a heading of the line before.
_BLOCK = re.compile(r"[-+]+|[0-9]+[.)]")


def write_markdown(report: Report) -> str:
    """Return the report, cut by whole tunnels where it is too long."""
    head, foot = list(_head(report)), list(_foot(report))
    bad: list[str] = []
    good: list[str] = []
    details: list[str] = []
    left = _MOST - _RESERVE - sum(len(line) + 1 for line in [*head, *foot])
    for tunnel in report.tunnels:
        line, more = _line(report, tunnel), list(_details(report, tunnel))
        left -= sum(len(part) + 1 for part in [line, *more])
        if left < 0:
            break
        (good if tunnel["verdict"] == "pass" else bad).append(line)
        details += more
    cut = len(report.tunnels) - len(bad) - len(good)
    told = [f"**{cut} more tunnels are not shown** to keep this short; the JSON report has all of them.", ""]
    shown = [*bad, "", *_section(f"{len(good)} tunnels passed", good)] if len(good) > _SHORT else [*bad, *good, ""]
    failures = "Failures against the baseline" if report.verdict["compared"] else "Failures"
    return "\n".join([*head, *shown, *(told if cut else []), *_section(failures, details), *foot])


def prose(value: object, limit: int = 1000) -> str:
    """Return a value as a sentence; words that a renderer might obey stand in code spans."""
    words = said(value, limit).strip(" ").split(" ")
    odd = {index for index, text in enumerate(words) if text and not _is_plain(text)}
    odd |= {0} if _BLOCK.fullmatch(words[0]) else set()
    # Such words that stand side by side share a span.
    parts = groupby(enumerate(words), lambda pair: pair[0] in odd)
    runs = [(is_odd, [text for _index, text in pairs]) for is_odd, pairs in parts]
    shown = [_coded(" ".join(texts)) if is_odd else " ".join(filter(None, texts)) for is_odd, texts in runs]
    return " ".join(filter(None, shown)) or code("")


def _coded(text: str) -> str:
    """Return words as a code span, and what ends a part of a sentence behind it."""
    inside = text.rstrip(",;.")
    return code(inside) + text[len(inside) :] if inside else code(text)


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and not _REFERENCE.search(text)


def code(text: str) -> str:
    """Return a line as a code span that ends where we end it."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _head(report: Report) -> Iterator[str]:
    """Yield the headline, and what is said of no single tunnel."""
    yield f"## {_SYMBOLS[report.verdict['verdict']]} {word(report.verdict)}: {prose(report.title, 200)}"
    yield ""
    if report.check_mode:
        yield f"> \u26a0\ufe0f **{CHECK_MODE}**"
        yield ""
    yield f"**{headline(report)}**" + ("" if report.verdict["settled"] else f" \u2013 {UNSETTLED}")
    yield ""
    known = {said(part["message"]) for part in [*report.tunnels, *report.groups]}
    groups = [f"- {_group_symbol(group)} {prose(group['message'])}" for group in report.groups]
    others = [f"- {prose(line)}" for line in report.lines if line not in known]
    yield from _few(groups)
    yield from _few(others)


def _group_symbol(group: Part) -> str:
    """Return the mark of an HA group: one that passes and yet is not whole is not simply green."""
    return (
        "\u26a0\ufe0f" if group["verdict"] == "pass" and group["state"] != "redundant" else _SYMBOLS[group["verdict"]]
    )


def _line(report: Report, tunnel: Part) -> str:
    """Return the diagnosis of a tunnel: its message, which begins with its name."""
    tolerated = " (tolerated: its HA group passes without it)" if tunnel["tolerated"] else ""
    name, message = said(tunnel["name"] or tunnel["id"], 80), said(tunnel["message"])
    text = prose(message[len(name) + 2 :] if message.startswith(f"{name}: ") else message, 2000)
    return f"- {_SYMBOLS[tunnel['verdict']]} **{prose(report.labels[tunnel['id']])}**: {text}{tolerated}"


def _details(report: Report, tunnel: Part) -> Iterator[str]:
    """Yield what its line does not say of a tunnel that did not pass."""
    if tunnel["verdict"] == "pass":
        return
    message, label = said(tunnel["message"]), prose(report.labels[tunnel["id"]])
    lines = [f"- **{label}**: {prose(text)}" for text in bad_findings(tunnel) if text not in message]
    for name in GROUPS:
        rows = [row for row in tunnel["failures"][name] if report.verdict["compared"] or not is_said(row, message)]
        lines += _few([f"- **{label}** {_failure(report, row, name, message)}" for row in rows])
    yield from lines


def _failure(report: Report, row: Part, name: str, message: str) -> str:
    """Return a reason of failure; of one that is said already, only what it is and how often."""
    kind = kind_of(report, row, name)
    advice = f" - {said(row['advice'])}" if row["advice"] else ""
    more = "" if is_said(row, message) else f" {where_and_when(row)}{advice}"
    return f"{kind}: {prose(what_failed(row) + more)}" if kind else prose(what_failed(row) + more)


def _foot(report: Report) -> Iterator[str]:
    """Yield the lines to teach, the caveats, each once, and what the verdict rests on."""
    taught = to_teach(report)
    if taught:
        # Indented, not fenced: whatever stands in a line, it cannot end the block.
        yield from ("### Unrecognised lines", "", f"**{TO_TEACH}**", "", *(f"    {line}" for line in taught), "")
    caveats = shared_caveats(report.tunnels, report.labels)
    shown = [f"- {prose(text, 500)} ({prose(some(names), 600)})" for text, names in caveats.items()]
    yield from _section("What this does not prove", _few(shown))
    run = [] if report.run_id is None else [f"run: {said(report.run_id, 200)}"]
    for line in [*run, *basis_lines(report)]:
        yield from (prose(line), "")


def _section(title: str, lines: Sequence[str]) -> list[str]:
    """Return lines under a title of ours, normalized if they are many."""
    if not lines:
        return []
    if len(lines) <= _SHORT:
        return [f"### {title}", "", *lines, ""]
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>", ""]


def _few(lines: list[str]) -> list[str]:
    """Return the first lines of a list, and how many more there are."""
    more = len(lines) - _ROWS
    return lines if more <= 0 else [*lines[:_ROWS], f"- and {more} more"]
