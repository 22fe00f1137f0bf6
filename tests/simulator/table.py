# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table: how often verdicts are right, wrong and needlessly unsure, and what each policy changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from truth import Judged
from watcher import POLICIES

_WORDS = ("pass", "fail", "inconclusive", "error")


def table(worlds: Sequence[Judged], stories: int = 40) -> Iterator[str]:
    """Yield the lines of the report."""
    yield f"worlds {len(worlds)}, healthy throughout {sum(world.healthy for world in worlds)}"
    yield f"verdicts {_words(worlds)}"
    readings = sum(world.worth["default"].readings for world in worlds)
    yield f"readings judged for each, on average {readings / max(len(worlds), 1):.1f}"
    yield from _false_passes(worlds, stories)
    yield from _negotiated(worlds)
    yield from _healthy(worlds)
    yield from _policies(worlds)


def _false_passes(worlds: Sequence[Judged], stories: int) -> Iterator[str]:
    for count in sorted({world.pairs for world in worlds}):
        false = [world for world in worlds if world.pairs == count and world.worth["default"].false_pass]
        seen = sum(bool(world.worth["default"].told) for world in false)
        passes = sum(world.worth["default"].verdict == "pass" for world in worlds if world.pairs == count)
        hidden = len(false) - seen
        yield f"false PASS, {count} pair(s): {seen} that the service showed, {hidden} unseen, of {passes} PASS"
        why = Counter(world.worth["default"].unseen for world in false if world.worth["default"].unseen)
        yield from (f"  {number:4} unseen: {cause}" for cause, number in why.most_common())
    doomed = [w for w in worlds if w.worth["default"].verdict == "pass" and w.worth["default"].doomed]
    late = sum(world.worth["default"].doomed == "not in the log yet" for world in doomed)
    yield f"PASS although the last negotiation failed and an old SA carries on: {len(doomed)}, of {late} no line yet"
    for what, group in (("false", [w for w in worlds if w.worth["default"].false_pass]), ("doomed", doomed)):
        told = sorted(group, key=lambda world: not world.worth["default"].told)
        for world in told[:stories]:
            shown = ", ".join(world.worth["default"].told) or world.worth["default"].unseen
            yield f"  {what} {world.seed}: {world.story}" + (f"; shown: {shown}" if what == "false" else "")


def _negotiated(worlds: Sequence[Judged]) -> Iterator[str]:
    passes = [world for world in worlds if world.worth["default"].verdict == "pass"]
    claims = Counter(world.worth["default"].negotiated for world in passes)
    told = ", ".join(f"{count} {what}" for what, count in claims.most_common() if what)
    yield f"NEGOTIATED claimed in {sum(claims.values()) - claims['']} of {len(passes)} PASS: {told}"
    for world in passes:
        if world.worth["default"].negotiated == "nothing since the baseline":
            yield f"  false NEGOTIATED {world.seed}: {world.story}"


def _healthy(worlds: Sequence[Judged]) -> Iterator[str]:
    healthy = [world for world in worlds if world.healthy]
    knowable = [world for world in healthy if world.able and not world.asleep]
    yield f"healthy tunnels that pass: {percent(knowable)} of those that can be known (SAs served, lines known, awake)"
    yield f"  {percent([w for w in healthy if w.able and w.asleep])} of those that have no SA until there is traffic"
    yield f"  {percent([w for w in healthy if not w.able])} of those without SAs served, or with lines nobody taught"
    yield "not healthy throughout, but works at the end: " + _words(w for w in worlds if not w.healthy and _works(w))
    yield "  with failures of a stranger in its log: " + _words(world for world in worlds if world.strangers)
    for what, group in (("can be known", knowable), ("others", [world for world in healthy if world not in knowable])):
        yield from _needless(what, [world for world in group if world.worth["default"].verdict != "pass"])


def _needless(what: str, needless: Sequence[Judged]) -> Iterator[str]:
    codes = Counter(f"{w.worth['default'].verdict} {'+'.join(w.worth['default'].codes)}" for w in needless)
    yield f"needless ({what}), by finding: " + ", ".join(f"{count} {code}" for code, count in codes.most_common())
    causes: dict[str, list[int]] = {}
    for world in needless:
        cause = f"{'+'.join(world.worth['default'].codes)} | {world.circumstances} | {world.service}"
        causes.setdefault(cause, []).append(world.seed)
    for cause, seeds in sorted(causes.items(), key=lambda one: -len(one[1]))[:15]:
        yield f"  {len(seeds):4} {cause} (as {seeds[0]})"


def _works(world: Judged) -> bool:
    return world.worth["default"].works and not world.strangers


def _words(worlds: Iterable[Judged]) -> str:
    words = Counter(world.worth["default"].verdict for world in worlds)
    return ", ".join(f"{word} {words[word]}" for word in _WORDS)


def percent(worlds: Sequence[Judged]) -> str:
    """Return how many of healthy tunnels pass."""
    good = sum(world.worth["default"].verdict == "pass" for world in worlds)
    return f"{100 * good / max(len(worlds), 1):.1f} % of {len(worlds)}"


def _policies(worlds: Sequence[Judged]) -> Iterator[str]:
    for policy in list(POLICIES)[1:]:
        both = [(world, world.worth["default"], world.worth[policy]) for world in worlds if policy in world.worth]
        if not both:
            continue
        moved = Counter((usual.verdict, now.verdict) for _world, usual, now in both)
        said = ", ".join(f"{count} {a} to {b}" for (a, b), count in moved.most_common() if a != b)
        false = [one for one in both if one[2].false_pass]
        shown = sum(bool(now.told) for _world, _usual, now in false)
        doomed = sum(now.verdict == "pass" and now.doomed == "in the log" for _world, _usual, now in both)
        yield f"policy {policy}, of {len(both)}: {said or 'changes nothing'}"
        hidden = len(false) - shown
        yield f"  false PASS {shown} shown, {hidden} unseen; {doomed} PASS although the log says it will break"
        for world, usual, now in false:
            if now.told and not usual.false_pass:
                yield f"  false {world.seed}: {world.story}; shown: {', '.join(now.told)}"
        for world, _usual, now in both:
            if now.verdict == "pass" and now.doomed == "in the log":
                yield f"  will break {world.seed}: {world.story}"
