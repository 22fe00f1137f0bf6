# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for a pull request or the summary of a pipeline step: Markdown as GitHub and GitLab show it.

Every value stands in a code span. There it can make no link, mention nobody, refer to no issue and open no tag, and
being a single line behind a mark of ours, it can begin no block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .wording import (
    CHECK_MODE,
    GROUPS,
    TO_TEACH,
    UNSETTLED,
    Part,
    Report,
    headline,
    policy_line,
    results,
    said,
    shared_caveats,
    to_teach,
    where_and_when,
    window_line,
    word,
)

_MOST = 60_000  # a comment on GitHub may have 65,536 characters
_RESERVE = 500  # for the line that says what was cut
_ROWS = 12  # of one kind, for one tunnel
_SYMBOLS = {"pass": "\u2705", "fail": "\u274c", "inconclusive": "\u2753", "error": "\u26d4"}
_TABLE = ["| Verdict | Tunnel | Status | Failures | Diagnosis |", "| --- | --- | --- | --- | --- |"]


def write_markdown(report: Report) -> str:
    """Return the report, cut by whole tunnels where it is too long."""
    head, foot = list(_head(report)), list(_foot(report))
    rows: list[str] = []
    details: list[str] = []
    tunnels = report.tunnels
    left = _MOST - _RESERVE - sum(len(line) + 1 for line in [*head, *_TABLE, *foot])
    for tunnel in tunnels:
        row, more = _row(tunnel, report.labels[tunnel["id"]]), list(_details(tunnel, report.labels[tunnel["id"]]))
        left -= sum(len(line) + 1 for line in [row, *more])
        if left < 0:
            break
        rows.append(row)
        details += more
    cut = len(tunnels) - len(rows)
    told = [f"**{cut} more tunnels are not shown** to keep this short; the JSON report has all of them.", ""]
    table = [*_TABLE, *rows, ""] if tunnels else []
    return "\n".join([*head, *table, *(told if cut else []), *details, *foot])


def code(value: object, limit: int = 1000) -> str:
    """Return a value as a code span that ends where we end it, and that is whole also in a table."""
    # A backslash before it would hide a bar from some readers of tables, hence an escape that all of them leave alone.
    text = said(value, limit).replace("|", "\\x7c")
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _head(report: Report) -> Iterator[str]:
    """Yield the headline, and what the report rests on."""
    title = said(report.title, 200)
    # Nothing in plain letters means anything to Markdown.
    title = title if re.fullmatch("[A-Za-z]+(?: [A-Za-z]+)*", title) else code(title, 200)
    yield f"## {_SYMBOLS[report.verdict['verdict']]} {word(report.verdict)}: {title}"
    yield ""
    if report.check_mode:
        yield f"> \u26a0\ufe0f **{CHECK_MODE}**"
        yield ""
    yield f"**{headline(report)}**" + ("" if report.verdict["settled"] else f" \u2013 {UNSETTLED}")
    yield ""
    if report.run_id is not None:
        yield f"- run: {code(report.run_id, 200)}"
    for line in (window_line(report), policy_line(report)):
        name, _colon, text = line.partition(": ")
        yield f"- {name}: {code(text)}"
    known = {said(tunnel["message"]) for tunnel in report.tunnels}
    groups = {said(group["message"]) for group in report.groups}
    others = [line for line in report.lines if line not in known | groups]
    yield from _few([f"- {_group_symbol(group)} HA: {code(group['message'])}" for group in report.groups])
    yield from _few([f"- {code(line)}" for line in others])
    yield ""


def _group_symbol(group: Part) -> str:
    """Return the mark of an HA group: one that passes and yet is not whole is not simply green."""
    return (
        "\u26a0\ufe0f" if group["verdict"] == "pass" and group["state"] != "redundant" else _SYMBOLS[group["verdict"]]
    )


def _row(tunnel: Part, label: str) -> str:
    """Return the line of a tunnel in the table."""
    evidence = tunnel["evidence"]
    shown = f"{_SYMBOLS[tunnel['verdict']]} {word(tunnel)}{', tolerated' if tunnel['tolerated'] else ''}"
    status = code(evidence["status"], 40) if evidence["status"] else "not known"
    failures = "not known" if evidence["failures"] is None else str(evidence["failures"])
    return f"| {shown} | {code(label)} | {status} | {failures} | {code(tunnel['message'])} |"


def _details(tunnel: Part, label: str) -> Iterator[str]:
    """Yield what was found on a tunnel that did not pass."""
    if tunnel["verdict"] == "pass":
        return
    yield f"### {_SYMBOLS[tunnel['verdict']]} {code(label)}"
    yield ""
    lines = []
    for result in results(tunnel):
        lines += [f"- {result.verdict}, {code(result.check)}: {code(message)}" for message in result.messages]
    yield from _few(lines)
    for name in GROUPS:
        yield from _few([_failure(row, name) for row in tunnel["failures"][name]])
    yield ""


def _failure(row: Part, name: str) -> str:
    what = code(row["reason"], 128) if row["reason"] else "no reason given"
    advice = f", {code(row['advice'])}" if row["advice"] else ""
    waived = ", waived" if row.get("waived") else ""
    return f"- **{name}**{waived}: {row['count']}x {what} {code(where_and_when(row))}{advice}"


def _foot(report: Report) -> Iterator[str]:
    """Yield the lines to teach, and the caveats, each once."""
    taught = to_teach(report)
    if taught:
        # Indented, not fenced: whatever stands in a line, it cannot end the block.
        yield from ("### Unrecognised lines", "", f"**{TO_TEACH}**", "", *(f"    {line}" for line in taught), "")
    caveats = shared_caveats(report.tunnels, report.labels)
    if caveats:
        yield "### What this does not prove"
        yield ""
        yield from _few([f"- {code(text, 500)} ({_names(names)})" for text, names in caveats.items()])
        yield ""


def _names(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(code(name, 100) for name in names[:5]) + more


def _few(lines: list[str]) -> list[str]:
    """Return the first lines of a list, and how many more there are."""
    more = len(lines) - _ROWS
    return lines if more <= 0 else [*lines[:_ROWS], f"- and {more} more"]
