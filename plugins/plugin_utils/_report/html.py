# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as one page for a browser: the verdict first, then trouble, then what passed. No script, no network."""

from __future__ import annotations

from collections.abc import Iterator

from .html_card import card, row
from .html_icons import badge, esc, symbol
from .html_style import STYLE
from .wording import (
    CHECK_MODE,
    TO_TEACH,
    UNSETTLED,
    Part,
    Report,
    headline,
    policy_line,
    said,
    shared_caveats,
    some,
    to_teach,
    window_line,
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
    title = f"{word(report.verdict)}: {esc(report.title, 200)}"
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta name="color-scheme" content="light dark"><title>{title}</title><style>{STYLE}</style></head><body>',
        _header(report),
        f"<main>{''.join(_sections(report))}</main>",
        "<footer>All times are UTC, on the clock of the cloud.</footer></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _header(report: Report) -> str:
    """Return the verdict, so that it is seen first, and what it is about."""
    verdict = report.verdict["verdict"]
    # Green is for a change that was made and held.
    color = "inconclusive" if report.check_mode and verdict == "pass" else verdict
    check = f'<p class="check" role="note">{CHECK_MODE}</p>' if report.check_mode else ""
    good = {said(tunnel["message"]) for tunnel in report.tunnels if tunnel["verdict"] == "pass"}
    lines = [line for line in report.lines if line not in good]
    more = [f"and {len(lines) - _MOST_HEADLINES} more below"] if len(lines) > _MOST_HEADLINES else []
    items = "".join(f"<li>{esc(line)}</li>" for line in [*lines[:_MOST_HEADLINES], *more])
    shown = f"<ul>{items}</ul>" if items else ""
    run = "" if report.run_id is None else f" \u00b7 run {esc(report.run_id, 200)}"
    settled = "" if report.verdict["settled"] else f" \u00b7 {UNSETTLED}"
    basis = f"{esc(window_line(report))} \u00b7 {esc(policy_line(report))}"
    return (
        f'<header class="{color}"><div>{check}<p class="title">{esc(report.title, 200)}{run}</p>'
        f"<h1>{symbol(verdict)}{word(report.verdict)}</h1>"
        f'<p class="counts">{headline(report)}{settled}</p>{shown}<p class="basis">{basis}</p></div></header>'
    )


def _sections(report: Report) -> Iterator[str]:
    """Yield the parts of the page in the order in which one wants to read them."""
    groups, tunnels = report.groups, report.tunnels
    trouble = [tunnel for tunnel in tunnels if tunnel["verdict"] != "pass"]
    passes = [tunnel for tunnel in tunnels if tunnel["verdict"] == "pass"]
    if groups:
        items = "".join(
            f'<li class="{_group_color(group)}">{badge(group["verdict"])}<p>{esc(group["message"])}</p></li>'
            for group in groups[:_MOST_GROUPS]
        )
        yield f'<section><h2>Redundancy</h2><ul class="cards groups">{items}</ul></section>'
    if not tunnels:
        lines = "".join(f"<p>{esc(line)}</p>" for line in report.lines)
        yield f'<section><h2>No tunnel</h2><div class="card {report.verdict["verdict"]}">{lines}</div></section>'
    known = {said(part["message"]) for part in [*tunnels, *groups]}
    others = [line for line in report.lines if tunnels and line not in known]
    if others:
        items = "".join(f"<li>{esc(line)}</li>" for line in others[:_MOST_GROUPS])
        yield f'<section><h2>Also</h2><ul class="list caveats">{items}</ul></section>'
    spent = 0
    if trouble:
        shown, spent = _tunnels(report, "Not passed", trouble, spent)
        yield shown
    taught = to_teach(report)
    if taught:
        lines = "\n".join(esc(line) for line in taught)
        yield f'<section><h2>Unrecognised lines</h2><p>{TO_TEACH}</p><pre class="teach">{lines}</pre></section>'
    if len(passes) > _PASSES:
        yield f"<section><h2>Passed ({len(passes)})</h2>{_table(report, passes)}</section>"
    elif passes:
        yield _tunnels(report, "Passed", passes, spent)[0]


def _group_color(group: Part) -> str:
    """Return the color of an HA group: one that passes and yet is not whole is not simply green."""
    return "inconclusive" if group["verdict"] == "pass" and group["state"] != "redundant" else group["verdict"]


def _tunnels(report: Report, title: str, tunnels: list[Part], spent: int) -> tuple[str, int]:
    """Return tunnels as cards as long as the page stays small, then as a table; and the size of all cards so far."""
    cards: list[str] = []
    window, labels = report.verdict["window"], report.labels
    for tunnel in tunnels:
        shown = card(tunnel, labels[tunnel["id"]], window, spent < _WITH_LINES)
        size = len(shown.encode())
        if spent + size > _CARDS:
            break
        spent += size
        cards.append(shown)
    rest = tunnels[len(cards) :]
    table = f"<h2>{len(rest)} more, in short</h2>{_table(report, rest)}" if rest else ""
    cards_shown = f'<div class="cards">{"".join(cards)}</div>'
    return f"<section><h2>{title} ({len(tunnels)})</h2>{cards_shown}{table}</section>", spent


def _table(report: Report, tunnels: list[Part]) -> str:
    """Return tunnels as a table, and each of their caveats once."""
    rows = "".join(row(tunnel, report.labels[tunnel["id"]]) for tunnel in tunnels[:_MOST_ROWS])
    cut = len(tunnels) - _MOST_ROWS
    note = f'<p class="note">{cut} more are not shown; the JSON report has them.</p>' if cut > 0 else ""
    caveats = shared_caveats(tunnels, report.labels)
    items = "".join(
        f'<li>{esc(text)} <span class="soft">({esc(some(names))})</span></li>'
        for text, names in list(caveats.items())[:_PASSES]
    )
    told = f'<h4>What this does not prove</h4><ul class="list caveats">{items}</ul>' if items else ""
    head = '<tr><th scope="col">Tunnel</th><th scope="col">Verdict</th><th scope="col">Diagnosis</th></tr>'
    return f'<table class="tight"><thead>{head}</thead><tbody>{rows}</tbody></table>{note}{told}'
