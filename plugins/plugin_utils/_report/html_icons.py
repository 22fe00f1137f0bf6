# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The marks of the HTML report as inline SVG: they look the same everywhere, and need no font that has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .html_builder import Html, element


class Sort(NamedTuple):
    """A sort of events on the time line: its class, its name, and its shape in a square of 12."""

    css: str
    name: str
    shape: Html


SORTS = (
    Sort(
        "t-fail",
        "failure",
        Html('<path d="M2.6.5 6 3.9 9.4.5l2.1 2.1L8.1 6l3.4 3.4-2.1 2.1L6 8.1l-3.4 3.4L.5 9.4 3.9 6 .5 2.6z"/>'),
    ),
    Sort("t-down", "down", Html('<path d="M1 2h10L6 11z"/>')),
    Sort("t-expect", "planned down", Html('<path class="hollow" d="M2 3h8L6 10z"/>')),
    Sort(
        "t-unknown",
        "unrecognised",
        Html('<path d="M.8.8h10.4v10.4H.8z"/><path class="inner" d="M4 4.6a2 2 0 1 1 2.9 1.7Q6 6.3 6 6.7M6 9.2v.1"/>'),
    ),
    Sort("t-warn", "warning", Html('<path d="M6 0l6 6-6 6-6-6z"/>')),
    Sort("t-rekey", "rekey", Html('<circle class="ring" cx="6" cy="6" r="4.4"/>')),
    Sort("t-good", "success", Html('<circle cx="6" cy="6" r="5.6"/><path class="inner" d="M3.3 6.2l2 2 3.5-4"/>')),
    Sort("t-other", "other", Html('<circle cx="6" cy="6" r="2.6"/>')),
)
_OUTCOMES = {
    "failure": 0,
    "down": 1,
    "expected_in_change": 2,
    "unknown": 3,
    "warning": 4,
    "success": 6,
    "progress": 7,
    "neutral": 7,
}
_REKEY = 5
_VERDICTS = {
    "pass": Html('<circle cx="8" cy="8" r="8"/><path class="inner" d="M4.2 8.4l2.7 2.7 5-5.6"/>'),
    "fail": Html(
        '<path d="M4.7 0h6.6L16 4.7v6.6L11.3 16H4.7L0 11.3V4.7z"/><path class="inner" d="M5 5l6 6M11 5l-6 6"/>'
    ),
    "inconclusive": Html(
        '<path d="M8-.4L16.4 8 8 16.4-.4 8z"/><path class="inner" d="M6 6.2a2 2 0 1 1 3.1 1.7Q8 8.4 8 9M8 12.2v.1"/>'
    ),
    "error": Html('<path d="M8 0l8.4 15.4H-.4z"/><path class="inner" d="M8 5.6v3.8M8 12.6v.1"/>'),
}


def symbol(verdict: str) -> Html:
    """Return the mark of a verdict; the word stands beside it."""
    return _icon(f"mark {verdict}", "-1 -1 18 18", _VERDICTS[verdict])


def badge(verdict: str, shown: str = "", more: str = "") -> Html:
    """Return a verdict as mark and word."""
    return element("span", symbol(verdict), shown or verdict, more, class_=f"badge {verdict}")


def sort_of(event: Mapping[str, Any]) -> int:
    """Return the place of an event's sort in `SORTS`; what has no known outcome was not understood."""
    sort = _OUTCOMES.get(event["outcome"], 3)
    return _REKEY if event["kind"] == "rekey" and sort in (6, 7) else sort


def glyph(sort: Sort) -> Html:
    """Return the shape of a sort of events for a legend."""
    return _icon(f"glyph {sort.css}", "0 0 12 12", sort.shape)


def _icon(css: str, box: str, shape: Html) -> Html:
    return element("svg", shape, class_=css, viewBox=box, aria_hidden="true")
