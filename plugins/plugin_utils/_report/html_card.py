# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tunnel in the HTML report: as a card with all there is to say, or as a line of a table."""

from __future__ import annotations

import json
from typing import Any

from .html_icons import SORTS, badge, esc, glyph, sort_of, symbol
from .html_timeline import timeline
from .wording import GROUPS, UNSETTLED, Part, clock, results, said, span, where_and_when, word

MOST_LINES = 200
_MOST_ROWS = 30


def card(tunnel: Part, label: str, window: Part, with_lines: bool) -> str:
    """Return the card of a tunnel; without its log lines where the page would become too large."""
    parts = [
        _head(tunnel, label),
        f'<p class="diagnosis">{esc(_first(tunnel))}</p>',
        "" if tunnel["evidence"]["error"] else timeline(tunnel["evidence"], window),
        f'<div class="two">{_checks(tunnel)}{_failures(tunnel)}{_caveats(tunnel)}</div>',
        _numbers(tunnel),
        _lines(tunnel["evidence"]["logs"], with_lines),
    ]
    return f'<article class="card {tunnel["verdict"]}">{"".join(parts)}</article>'


def row(tunnel: Part, label: str) -> str:
    """Return a tunnel as a line of the compact table."""
    evidence = tunnel["evidence"]
    status = said(evidence["status"], 40) if evidence["status"] else "not known"
    text = said(diagnosis(tunnel), 300)
    known = "" if status in text else f' <span class="soft">(status {esc(status)})</span>'
    tolerated = ", tolerated" if tunnel["tolerated"] else ""
    return (
        f'<tr><th scope="row">{esc(label, 120)}</th><td>{badge(tunnel["verdict"], word(tunnel), tolerated)}</td>'
        f"<td>{esc(text)}{known}</td></tr>"
    )


def diagnosis(tunnel: Part) -> str:
    """Return the message without the name and the verdict, where these stand beside it."""
    message = said(tunnel["message"])
    start = f"{said(tunnel['name'] or tunnel['id'], 80)}: {word(tunnel)}"
    return message[len(start) :].lstrip(": ") if message.startswith(start) else message


def _first(tunnel: Part) -> str:
    """Return the worst that was found; the checks say the rest. Of a pass, what it rests on."""
    bad = [finding["message"] for finding in tunnel["findings"] if finding["verdict"] != "pass"]
    return said(bad[0]) if bad else diagnosis(tunnel)


def _head(tunnel: Part, label: str) -> str:
    """Return the verdict, the name, and the status now and before."""
    evidence = tunnel["evidence"]
    status, before = evidence["status"], evidence.get("status_before")
    chips = []
    if status is not None:
        was = f"{esc(before, 40)} \u2192 " if before is not None and before != status else ""
        chips.append(f"status {was}{esc(status, 40)}")
    if tunnel["tolerated"]:
        chips.append("tolerated: its HA group passes without it")
    if not tunnel["settled"]:
        chips.append(UNSETTLED)
    shown = "".join(f'<span class="chip">{chip}</span>' for chip in chips)
    key = f'<span class="mono">{esc(tunnel["id"], 64)}</span>' if label != tunnel["id"] else ""
    return f'<div class="head">{badge(tunnel["verdict"], word(tunnel))}<h3>{esc(label, 120)}</h3>{key}{shown}</div>'


def _checks(tunnel: Part) -> str:
    """Return every check with what it found."""
    items, above = [], _first(tunnel)
    for result in results(tunnel):
        # What stands above in large letters is not said again.
        messages = [message for message in result.messages if message not in above]
        found = "".join(f"<p>{esc(message)}</p>" for message in messages[:_MOST_ROWS]) + _more(messages)
        text = f"<strong>{esc(result.check, 100)}</strong>: {result.verdict if result.messages else 'held'}"
        mark = symbol(result.verdict)
        items.append(f'<li><span class="{result.verdict}">{mark}</span><div>{text}{found}</div></li>')
    return f'<div><h4>Checks</h4><ul class="list checks">{"".join(items)}</ul></div>' if items else ""


def _failures(tunnel: Part) -> str:
    """Return the failures by reason, told apart by what was before the change, with what to compare."""
    items = []
    for name in GROUPS:
        found = tunnel["failures"][name]
        items += [_failure(failure, name) for failure in found[:_MOST_ROWS]]
        items += [f"<li>{_more(found)}</li>"] if _more(found) else []
    if not items:
        return ""
    return f'<div><h4>Failures against the baseline</h4><ul class="list">{"".join(items)}</ul></div>'


def _failure(failure: Part, name: str) -> str:
    """Return one reason of failure."""
    what = f"\u201c{esc(failure['reason'], 128)}\u201d" if failure["reason"] else "no reason given"
    waived = ", waived" if failure.get("waived") else ""
    advice = f"<p><strong>What to do:</strong> {esc(failure['advice'])}</p>" if failure["advice"] else ""
    return (
        f'<li class="failure {name}"><span class="tag">{name}{waived}</span> '
        f'<strong>{failure["count"]}x {what}</strong><p class="soft">{esc(where_and_when(failure))}</p>{advice}</li>'
    )


def _caveats(tunnel: Part) -> str:
    """Return what the verdict does not prove."""
    if not tunnel["caveats"]:
        return ""
    items = "".join(f"<li>{esc(caveat)}</li>" for caveat in tunnel["caveats"][:_MOST_ROWS])
    title = "What this pass does not prove" if tunnel["verdict"] == "pass" else "Caveats"
    return f'<div><h4>{title}</h4><ul class="list caveats">{items}</ul>{_more(tunnel["caveats"])}</div>'


def _numbers(tunnel: Part) -> str:
    """Return the numbers that it was judged by."""
    evidence = tunnel["evidence"]
    values = {
        "log covers the window": evidence["coverage"],
        "watched for": None if evidence["observed"] is None else span(evidence["observed"]),
        "failures": evidence["failures"],
        "went down": evidence.get("flaps"),
        "unrecognised lines": evidence.get("unrecognised"),
        "last success": clock(evidence["last_success"]) if evidence.get("last_success") else None,
        "request ID": evidence.get("request_id"),
    }
    items = "".join(
        f"<div><dt>{name}</dt><dd>{esc(value, 80)}</dd></div>" for name, value in values.items() if value is not None
    )
    return f'<dl class="numbers">{items}</dl>'


def _lines(logs: list[Part], with_lines: bool) -> str:
    """Return the log lines of the window, the newest first."""
    if not logs:
        return ""
    if not with_lines:
        text = f"{len(logs)} log line(s) are left out to keep this page small; the JSON report has them."
        return f'<p class="note">{text}</p>'
    items = "".join(_line(event) for event in logs[: -MOST_LINES - 1 : -1])
    cut = len(logs) - MOST_LINES
    note = f'<p class="note">{cut} older line(s) are not shown; the JSON report has them.</p>' if cut > 0 else ""
    title = f"Evidence: {len(logs)} log line{'' if len(logs) == 1 else 's'} of the window, newest first"
    return f'<details><summary>{title}</summary><ul class="log">{items}</ul>{note}</details>'


def _line(event: Part) -> str:
    """Return one log line as it was sent, made visible."""
    raw: Any = event.get("raw_message")
    text = raw if isinstance(raw, str) else json.dumps(raw)
    sort = SORTS[sort_of(event)]
    what = f"{sort.name}, {said(event['kind'], 40)}"
    return (
        f'<li><span class="when">{glyph(sort)}{esc(clock(event["timestamp"]), 40)}</span>'
        f'<span class="what">{esc(what)}</span><code>{esc(text, 1000)}</code></li>'
    )


def _more(items: list[Any]) -> str:
    more = len(items) - _MOST_ROWS
    return f'<p class="note">and {more} more</p>' if more > 0 else ""
