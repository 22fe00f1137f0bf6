# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as one page for a browser: the verdict first, then trouble, then what passed. No script, no network."""

from __future__ import annotations

from collections.abc import Iterator

from .html_builder import Html, document, element, joined
from .html_card import card, row
from .html_icons import badge, symbol
from .html_style import STYLE
from .wording import (
    CHECK_MODE,
    TO_TEACH,
    UNSETTLED,
    Part,
    Report,
    basis_lines,
    headline,
    said,
    shared_caveats,
    some,
    to_teach,
    word,
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_MOST_HEADLINES = 3
_PASSES = 12  # so many that pass get a card each; more become a table
# In bytes; beyond the first, cards come without log lines, beyond the second as lines of a table.
_WITH_LINES, _CARDS = 1_400_000, 2_200_000
_MOST_ROWS, _MOST_GROUPS = 1000, 100


def write_html(report: Report) -> str:
    """Return the page."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{word(report.verdict)}: {said(report.title, 200)}"),
        element("style", STYLE),
    )
    lines = (*basis_lines(report), "All times are UTC, on the clock of the cloud.")
    footer = element("footer", *(element("p", line) for line in lines))
    return document(head, element("body", _header(report), element("main", *_sections(report)), footer))


def _header(report: Report) -> Html:
    """Return the verdict, so that it is seen first, and what it is about."""
    verdict = report.verdict["verdict"]
    # Green is for a change that was made and held.
    color = "inconclusive" if report.check_mode and verdict == "pass" else verdict
    check = [element("p", CHECK_MODE, class_="check", role="note")] if report.check_mode else []
    # What was found stands right below.
    trouble = [row for row in report.tunnels if row["verdict"] != "pass"]
    spared = {True: ", tolerated", False: ""}
    bad = [f"{report.labels[row['id']]}: {word(row)}{spared[row['tolerated']]}" for row in trouble]
    more = [f"and {len(bad) - _MOST_HEADLINES} more below"] if len(bad) > _MOST_HEADLINES else []
    items = [element("li", line) for line in [*bad[:_MOST_HEADLINES], *more]]
    run = "" if report.run_id is None else f" \u00b7 run {said(report.run_id, 200)}"
    settled = "" if report.verdict["settled"] else f" \u00b7 {UNSETTLED}"
    inside = element(
        "div",
        *check,
        element("p", f"{said(report.title, 200)}{run}", class_="title"),
        element("h1", symbol(verdict), word(report.verdict)),
        element("p", f"{headline(report)}{settled}", class_="counts"),
        *([element("ul", *items)] if items else []),
    )
    return element("header", inside, class_=color)


def _sections(report: Report) -> Iterator[Html]:
    """Yield the parts of the page in the order in which one wants to read them."""
    groups, tunnels = report.groups, report.tunnels
    trouble = [tunnel for tunnel in tunnels if tunnel["verdict"] != "pass"]
    passes = [tunnel for tunnel in tunnels if tunnel["verdict"] == "pass"]
    if groups:
        yield _section("Redundancy", element("ul", *map(_group, groups[:_MOST_GROUPS]), class_="cards groups"))
    if not tunnels:
        lines = [element("p", line) for line in report.lines]
        yield _section("No tunnel", element("div", *lines, class_=f"card {report.verdict['verdict']}"))
    known = {said(part["message"]) for part in [*tunnels, *groups]}
    others = [line for line in report.lines if tunnels and line not in known]
    if others:
        items = [element("li", line) for line in others[:_MOST_GROUPS]]
        yield _section("Also", element("ul", *items, class_="list caveats"))
    spent = 0
    if trouble:
        shown, spent = _tunnels(report, "Not passed", trouble, spent)
        yield shown
    taught = to_teach(report)
    if taught:
        block = element("pre", joined(*taught, between="\n"), class_="teach")
        yield _section("Unrecognised lines", element("p", TO_TEACH), block)
    if len(passes) > _PASSES:
        yield _section(f"Passed ({len(passes)})", *_table(report, passes))
    elif passes:
        yield _tunnels(report, "Passed", passes, spent)[0]


def _section(title: str, *parts: Html) -> Html:
    return element("section", element("h2", title), *parts)


def _group(group: Part) -> Html:
    """Return an HA group: one that passes and yet is not whole is not simply green."""
    lost = group["verdict"] == "pass" and group["state"] != "redundant"
    color = "inconclusive" if lost else group["verdict"]
    return element("li", badge(group["verdict"]), element("p", said(group["message"])), class_=color)


def _tunnels(report: Report, title: str, tunnels: list[Part], spent: int) -> tuple[Html, int]:
    """Return tunnels as cards as long as the page stays small, then as a table; and the size of all cards so far."""
    cards: list[Html] = []
    for tunnel in tunnels:
        shown = card(report, tunnel, spent < _WITH_LINES)
        size = len(shown.encode())
        if spent + size > _CARDS:
            break
        spent += size
        cards.append(shown)
    rest = tunnels[len(cards) :]
    table = [element("h2", f"{len(rest)} more, in short"), *_table(report, rest)] if rest else []
    return _section(f"{title} ({len(tunnels)})", element("div", *cards, class_="cards"), *table), spent


def _table(report: Report, tunnels: list[Part]) -> Iterator[Html]:
    """Yield tunnels as a table, and each of their caveats once."""
    rows = [row(report, tunnel) for tunnel in tunnels[:_MOST_ROWS]]
    head = element("tr", *(element("th", name, scope="col") for name in ("Tunnel", "Verdict", "Diagnosis")))
    yield element("table", element("thead", head), element("tbody", *rows), class_="tight")
    cut = len(tunnels) - _MOST_ROWS
    if cut > 0:
        yield element("p", f"{cut} more are not shown; the JSON report has them.", class_="note")
    caveats = [*shared_caveats(tunnels, report.labels).items()][:_PASSES]
    items = [element("li", text, " ", element("span", f"({some(names)})", class_="soft")) for text, names in caveats]
    if items:
        yield element("h4", "What this does not prove")
        yield element("ul", *items, class_="list caveats")
