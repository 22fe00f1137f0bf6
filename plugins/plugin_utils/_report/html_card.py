# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tunnel in the HTML report: as a card with all there is to say, or as a line of a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .html_builder import Html, element
from .html_icons import SORTS, badge, glyph, sort_of, symbol
from .html_timeline import timeline
from .wording import (
    GROUPS,
    UNSETTLED,
    Part,
    Report,
    Result,
    bad_findings,
    clock,
    is_said,
    kind_of,
    results,
    said,
    span,
    what_failed,
    where_and_when,
    word,
)

MOST_LINES = 200
_MOST_ROWS = 30


def card(report: Report, tunnel: Part, with_lines: bool) -> Html:
    """Return the card of a tunnel; without its log lines where the page would become too large."""
    return element(
        "article",
        _head(tunnel, report.labels[tunnel["id"]]),
        element("p", _first(tunnel), class_="diagnosis"),
        *([] if tunnel["evidence"]["error"] else [timeline(tunnel["evidence"], report.verdict["window"])]),
        element("div", *_checks(tunnel), *_failures(report, tunnel), *_caveats(tunnel), class_="two"),
        _numbers(tunnel),
        *_lines(tunnel["evidence"]["logs"], with_lines),
        class_=f"card {tunnel['verdict']}",
    )


def row(report: Report, tunnel: Part) -> Html:
    """Return a tunnel as a line of the compact table."""
    evidence = tunnel["evidence"]
    status = said(evidence["status"], 40) if evidence["status"] else "not known"
    text = said(diagnosis(tunnel), 300)
    known = [] if status in text else [" ", element("span", f"(status {status})", class_="soft")]
    mark = badge(tunnel["verdict"], word(tunnel), ", tolerated" if tunnel["tolerated"] else "")
    name = element("th", said(report.labels[tunnel["id"]], 120), scope="row")
    return element("tr", name, element("td", mark), element("td", text, *known))


def diagnosis(tunnel: Part) -> str:
    """Return the message without the name and the verdict, where these stand beside it."""
    message = said(tunnel["message"])
    start = f"{said(tunnel['name'] or tunnel['id'], 80)}: {word(tunnel)}"
    return message[len(start) :].lstrip(": ") if message.startswith(start) else message


def _first(tunnel: Part) -> str:
    """Return the worst that was found; the checks say the rest. Of a pass, what it rests on."""
    return next(iter(bad_findings(tunnel)), diagnosis(tunnel))


def _head(tunnel: Part, label: str) -> Html:
    """Return the verdict, the name, and the status now and before."""
    evidence = tunnel["evidence"]
    status, before = evidence["status"], evidence.get("status_before")
    chips = []
    if status is not None:
        was = f"{said(before, 40)} \u2192 " if before is not None and before != status else ""
        chips.append(f"status {was}{said(status, 40)}")
    if tunnel["tolerated"]:
        chips.append("tolerated: its HA group passes without it")
    if not tunnel["settled"]:
        chips.append(UNSETTLED)
    key = [element("span", said(tunnel["id"], 64), class_="mono")] if label != tunnel["id"] else []
    shown = [element("span", chip, class_="chip") for chip in chips]
    mark = badge(tunnel["verdict"], word(tunnel))
    return element("div", mark, element("h3", said(label, 120)), *key, *shown, class_="head")


def _checks(tunnel: Part) -> Iterator[Html]:
    """Yield every check with what it found.

    Only where the tunnel passed, a check without a finding gets a tick: elsewhere it says little, and looks like more.
    """
    found = results(tunnel)
    shown = [result for result in found if result.messages or tunnel["verdict"] == "pass"]
    rest = [result.check for result in found if result not in shown]
    items = [_check(result, _first(tunnel)) for result in shown]
    note = [element("p", f"Checked without a finding: {', '.join(rest)}", class_="note")] if rest else []
    if found:
        yield element("div", element("h4", "Checks"), element("ul", *items, class_="list checks"), *note)


def _check(result: Result, above: str) -> Html:
    """Return a check; what stands above in large letters is not said again."""
    messages = [message for message in result.messages if message != above]
    found = [element("p", message) for message in messages[:_MOST_ROWS]]
    name = element("strong", said(result.check, 100))
    verdict = result.verdict if result.messages else "held"
    mark = element("span", symbol(result.verdict), class_=result.verdict)
    return element("li", mark, element("div", name, f": {verdict}", *found, *_more(messages)))


def _failures(report: Report, tunnel: Part) -> Iterator[Html]:
    """Yield the failures by reason, told apart by what was before the change, with what to compare."""
    items, above, compared = [], " ".join(bad_findings(tunnel)), report.verdict["compared"]
    for name in GROUPS:
        found = [row for row in tunnel["failures"][name] if compared or not is_said(row, above)]
        items += [_failure(row, name, kind_of(report, row, name), above) for row in found[:_MOST_ROWS]]
        items += [element("li", more) for more in _more(found)]
    if items:
        title = "Failures against the baseline" if compared else "Failures"
        yield element("div", element("h4", title), element("ul", *items, class_="list"))


def _failure(failure: Part, name: str, kind: str, above: str) -> Html:
    """Return one reason of failure; of one that stands above with all details, only what it is and how often."""
    tag = [element("span", kind, class_="tag"), " "] if kind else []
    what = [element("p", where_and_when(failure), class_="soft")]
    if failure["advice"]:
        what.append(element("p", element("strong", "What to do:"), " ", said(failure["advice"])))
    details = [] if is_said(failure, above) else what
    return element("li", *tag, element("strong", what_failed(failure)), *details, class_=f"failure {name}")


def _caveats(tunnel: Part) -> Iterator[Html]:
    """Yield what the verdict does not prove."""
    if tunnel["caveats"]:
        items = [element("li", said(caveat)) for caveat in tunnel["caveats"][:_MOST_ROWS]]
        title = "What this pass does not prove" if tunnel["verdict"] == "pass" else "Caveats"
        shown = element("ul", *items, class_="list caveats")
        yield element("div", element("h4", title), shown, *_more(tunnel["caveats"]))


def _numbers(tunnel: Part) -> Html:
    """Return the numbers that it was judged by."""
    evidence = tunnel["evidence"]
    values = {
        "log covers the window": evidence["coverage"],
        "watched for": None if evidence["observed"] is None else span(evidence["observed"]),
        "failures": evidence["failures"],
        # That the log shows none does not mean that there was none: the status may be DOWN.
        "went down, by the log": evidence.get("flaps") or None,
        "unrecognised lines": evidence.get("unrecognised"),
        "last success": clock(evidence["last_success"]) if evidence.get("last_success") else None,
        "request ID": evidence.get("request_id"),
    }
    items = [
        element("div", element("dt", name), element("dd", said(value, 80)))
        for name, value in values.items()
        if value is not None
    ]
    return element("dl", *items, class_="numbers")


def _lines(logs: list[Part], with_lines: bool) -> Iterator[Html]:
    """Yield the log lines of the window, the newest first."""
    if logs and not with_lines:
        text = f"{len(logs)} log line(s) are left out to keep this page small; the JSON report has them."
        yield element("p", text, class_="note")
    elif logs:
        items = [_line(event) for event in logs[: -MOST_LINES - 1 : -1]]
        cut = len(logs) - MOST_LINES
        text = f"{cut} older line(s) are not shown; the JSON report has them."
        title = f"Evidence: {len(logs)} log line{'' if len(logs) == 1 else 's'} of the window, newest first"
        note = [element("p", text, class_="note")] if cut > 0 else []
        yield element("details", element("summary", title), element("ul", *items, class_="log"), *note)


def _line(event: Part) -> Html:
    """Return one log line as it was sent, made visible."""
    raw: Any = event.get("raw_message")
    text = raw if isinstance(raw, str) else json.dumps(raw)
    sort = SORTS[sort_of(event)]
    when = element("span", glyph(sort), clock(event["timestamp"]), class_="when")
    what = element("span", f"{sort.name}, {said(event['kind'], 40)}", class_="what")
    return element("li", when, what, element("code", said(text, 1000)))


def _more(items: list[Any]) -> list[Html]:
    more = len(items) - _MOST_ROWS
    return [element("p", f"and {more} more", class_="note")] if more > 0 else []
