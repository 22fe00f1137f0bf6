# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time line of a tunnel as inline SVG: what happened before the change, in it and after it, one row for each sort.

Places are percentages and sizes are pixels, so that it fits a phone and a wide screen with the same letters. What lies
too close to be told apart becomes one mark with a number; how close that is depends on the screen, hence two drawings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from .html_builder import Html, element, joined
from .html_icons import SORTS, glyph, sort_of
from .wording import Part, said

_TOP, _ROW, _AXIS = 34, 24, 24  # pixels
_BEFORE = 24.0  # percent of the width for all that was before the window
_GAPS = {"wide": 5.0, "narrow": 17.0}  # percent between two marks; a mark with its number takes some 32 pixels
_WORDS = {"wide": ("window begins", "watched from"), "narrow": ("begin", "watch")}
_STEPS = (1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400, 604800)  # seconds


class Dot(NamedTuple):
    """An event on the time line."""

    moment: datetime
    sort: int
    reason: str
    fresh: bool


class Scale(NamedTuple):
    """From moments to percent: the window, and before it, on a scale of its own, what was earlier."""

    first: datetime | None
    start: datetime
    end: datetime

    @property
    def zero(self) -> float:
        """Return where the window begins."""
        return _BEFORE if self.first else 0.0

    def place(self, moment: datetime) -> float:
        """Return the place of a moment."""
        if moment < self.start and self.first:
            length = (self.start - self.first) / timedelta(seconds=1)
            return max((moment - self.first) / timedelta(seconds=1) / length, 0.0) * (_BEFORE - 4)
        length = max((self.end - self.start) / timedelta(seconds=1), 1.0)
        return self.zero + min(max((moment - self.start) / timedelta(seconds=1) / length, 0.0), 1.0) * (100 - self.zero)


def timeline(evidence: Part, window: Part) -> Html:
    """Return the time line of a tunnel, or a word on why there is none."""
    dots = [
        dot
        for events, fresh in ((evidence["earlier"], False), (evidence["logs"], True))
        for dot in _dots(events, fresh)
    ]
    lost = len(evidence["earlier"]) + len(evidence["logs"]) - len(dots)
    notes = [f"{lost} event(s) without a readable time are not drawn."] if lost else []
    scale = _scale(dots, moment_of(evidence["window"].get("since")), moment_of(window["until"]))
    if scale is None:
        return _notes(notes or ["No event and no window to draw."])
    sorts = sorted({dot.sort for dot in dots})
    legend = [element("li", glyph(SORTS[sort]), SORTS[sort].name) for sort in sorts]
    look = {"role": "img", "aria_label": _summary(dots), "width": "100%", "height": _height(sorts)}
    watched = moment_of(window["watched_from"])
    drawings = [element("svg", *_drawing(dots, sorts, scale, watched, width), class_=width, **look) for width in _GAPS]
    drawn = element(
        "div", element("ul", *legend, class_="legend"), element("div", *drawings, class_="plot"), class_="timeline"
    )
    return joined(drawn, _notes([*([] if dots else ["No event in the log."]), *notes]))


def _notes(lines: Sequence[str]) -> Html:
    return joined(*(element("p", line, class_="note") for line in lines))


def moment_of(stamp: Any) -> datetime | None:
    """Return the moment of RFC 3339 in UTC, None for anything else."""
    try:
        moment = datetime.fromisoformat(str(stamp).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment.astimezone(timezone.utc) if moment.tzinfo and 2000 < moment.year < 9000 else None


def _dots(events: Sequence[Mapping[str, Any]], fresh: bool) -> Iterator[Dot]:
    """Yield the events that have a time."""
    for event in events:
        moment = moment_of(event["timestamp"])
        if moment:
            yield Dot(moment, sort_of(event), event["reason"] or event["kind"], fresh)


def _scale(dots: Sequence[Dot], since: datetime | None, until: datetime | None) -> Scale | None:
    """Return the scale, None where there is nothing to draw; lines of the future stretch it."""
    moments = sorted(dot.moment for dot in dots)
    start = since or (moments[0] if moments else until)
    end = max([moment for moment in (until, *moments[-1:]) if moment], default=start)
    if start is None or end is None:
        return None
    return Scale(moments[0] if moments and moments[0] < start else None, min(start, end), end)


def _height(sorts: Sequence[int]) -> int:
    return _TOP + max(len(sorts), 1) * _ROW + _AXIS


def _drawing(
    dots: Sequence[Dot], sorts: Sequence[int], scale: Scale, watched: datetime | None, width: str
) -> Iterator[Html]:
    """Yield the parts of a drawing, from the back to the front."""
    bottom = _height(sorts) - _AXIS
    high = {"y": _TOP, "height": bottom - _TOP}
    if scale.first:
        yield element("rect", class_="before", x=0, width=f"{_BEFORE - 2:.1f}%", **high)
        yield element("text", "before", class_="time", x=0, y=28)
    begin = scale.place(scale.start)
    mark = scale.place(watched) if watched and watched > scale.start else None
    if mark is not None:
        said_of_it = element("title", "from the start of the window to the first reading after the change")
        yield element("rect", said_of_it, class_="change", x=_percent(begin), width=_percent(mark - begin), **high)
    for row in range(len(sorts)):
        middle = _TOP + row * _ROW + _ROW // 2
        yield element("line", class_="lane", x1=0, x2="100%", y1=middle, y2=middle)
    yield from _axis(scale, bottom, width)
    begins, watches = _WORDS[width]
    yield from _marker(begin, bottom, f"{begins} {scale.start:%H:%M:%S}", 12, "begin")
    if mark is not None and watched:
        yield from _marker(mark, bottom, f"{watches} {watched:%H:%M:%S}", 26, "watch")
    for row, sort in enumerate(sorts):
        for cluster in _clusters([dot for dot in dots if dot.sort == sort], scale, _GAPS[width]):
            yield _mark(cluster, scale, _TOP + row * _ROW + _ROW // 2)


def _percent(place: float) -> str:
    return f"{place:.2f}%"


def _axis(scale: Scale, bottom: int, width: str) -> Iterator[Html]:
    """Yield the axis with its times; round ones between the ends where there is room."""
    yield element("line", class_="axis", x1=_percent(scale.zero), x2="100%", y1=bottom, y2=bottom)
    days = scale.end.date() != (scale.first or scale.start).date()
    form, short = ("%m-%d %H:%M", "%m-%d") if days else ("%H:%M:%S", "%H:%M")
    first = scale.first or scale.start
    texts = [(0.0, "start", f"{first:{short if width == 'narrow' else form}}")]
    texts.append((100.0, "end", f"{scale.end:{short if width == 'narrow' else form + ' UTC'}}"))
    for moment in _round(scale, 4 if days else 8) if width == "wide" else ():
        place = scale.place(moment)
        yield element("line", class_="axis", x1=_percent(place), x2=_percent(place), y1=bottom, y2=bottom + 4)
        if 15 < place < 80:
            texts.append((place, "middle", f"{moment:{form if days or moment.second else short}}"))
    for place, anchor, text in texts:
        yield element("text", text, class_="time", x=_percent(place), y=bottom + 17, text_anchor=anchor)


def _round(scale: Scale, most: int) -> Iterator[datetime]:
    """Yield round moments of the window, as many as there is room for."""
    start, end = scale.start.timestamp(), scale.end.timestamp()
    step = next((step for step in _STEPS if (end - start) / step <= most), None)
    tick = start // step * step + step if step else end
    while step and tick < end:
        yield datetime.fromtimestamp(tick, timezone.utc)
        tick += step


def _marker(place: float, bottom: int, text: str, height: int, css: str) -> Iterator[Html]:
    """Yield an upright line with its name, which stands on the side that has more room."""
    anchor, shift = ("start", 4) if place < 55 else ("end", -4)
    yield element("line", class_=css, x1=_percent(place), x2=_percent(place), y1=height - 9, y2=bottom)
    yield element("text", text, class_="marker", x=_percent(place), dx=shift, y=height, text_anchor=anchor)


def _clusters(dots: Sequence[Dot], scale: Scale, gap: float) -> list[list[Dot]]:
    """Return the events of a row, those together that would overlap; never one before the window with one in it."""
    clusters: list[list[Dot]] = []
    for dot in sorted(dots, key=lambda dot: (dot.moment, dot.fresh)):
        last = clusters[-1] if clusters else None
        near = last and scale.place(dot.moment) - scale.place(last[0].moment) < gap
        if last and near and dot.fresh == last[0].fresh:
            last.append(dot)
        else:
            clusters.append([dot])
    return clusters


def _mark(cluster: Sequence[Dot], scale: Scale, middle: int) -> Html:
    """Return the mark of one event, or of some: with a number, and a line from the first to the last of them."""
    first, last, sort = cluster[0], cluster[-1], SORTS[cluster[0].sort]
    left, right = scale.place(first.moment), scale.place(last.moment)
    when = f"{first.moment:%Y-%m-%d %H:%M:%S}" + (f" to {last.moment:%H:%M:%S}" if first.moment != last.moment else "")
    reasons = ", ".join(f"{count}x {reason}" for reason, count in Counter(dot.reason for dot in cluster).most_common(3))
    title = f"{sort.name}, {when} UTC: {reasons}" + ("" if first.fresh else " (before the window)")
    old = "" if first.fresh else " old"
    number = [element("text", str(len(cluster)), class_="number", x=9, y=4)] if len(cluster) > 1 else []
    ends = {"x1": _percent(left), "x2": _percent(right), "y1": middle, "y2": middle}
    line = [element("line", class_="extent", **ends)] if left < right else []
    shape = element("g", sort.shape, transform="translate(-6 -6)")
    drawn = element("svg", shape, *number, x=_percent(left), y=middle)
    return element("g", element("title", said(title, 400)), *line, drawn, class_=f"{sort.css}{old}")


def _summary(dots: Sequence[Dot]) -> str:
    """Return the time line in words."""
    counts = Counter(SORTS[dot.sort].name for dot in dots)
    told = ", ".join(f"{count} {name}" for name, count in counts.items()) or "no event"
    return f"time line: {told}"
