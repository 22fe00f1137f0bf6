# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines that the collection does not know: what users say that they mean, and how to ask them; pure.

A sentence is compared whole, with the words of its parameters: `Status=[Down]` is not `Status=[Up]`. Parameters that
hold only numbers, addresses or IDs are left out. Numbers in the sentence itself count, and `#` stands for any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from .._errors import OptionError
from .._sanitize import visible
from .event import Event, examine, is_ours, normalized
from .line import Line
from .reasons import FAILED, TEARDOWN

# What a line may mean, the worst first: of two that match a line, the worse one counts.
_MEANS = {
    "failure": (FAILED, "failure"),
    "down": (TEARDOWN, "down"),
    "harmless": ("noise", "neutral"),
    "success": ("tunnel_established", "success"),
}
_GOOD = ("harmless", "success")
_LONGEST = 1000
_MOST = 100  # sentences that a verdict lists
_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|(?=[0-9a-f:.]{0,40}::|(?:[0-9a-f]{1,4}:){7})[0-9a-f:.]{2,45}"
_HEX = r"(?<![0-9a-z])(?=[a-f]{0,64}[0-9])[0-9a-f]{8,64}(?![0-9a-z])"
_ID = rf"[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|0x[0-9a-f]+|{_HEX}"
_NAMES_ONE = re.compile(rf"{_ID}|{_ADDRESS}", re.IGNORECASE)
_NUMBER = re.compile(rf"{_ID}|{_ADDRESS}|[0-9]+|#", re.IGNORECASE)
# A number this short is often a phase or a step, and tells a success from something else.
_TELLING = re.compile("[0-9]{1,2}")
_NO_WORD = re.compile(r"[*.:/,\s#-]*")
# Parameters whose numbers say what happened.
_STATE = re.compile("state|status|code|result|phase|cause|error|type", re.IGNORECASE)
# What tells of a line whether its sentence is in doubt; that it came without a time is not that.
_HARMLESS_ODDITIES = {"time_missing"}


class KnownLine(NamedTuple):
    """A sentence, and what it means."""

    sentence: str
    means: str

    def matches(self, content: str) -> bool:
        """Tell whether the content of a line is this sentence."""
        own, other = _NUMBER.findall(_folded(self.sentence)), _NUMBER.findall(_folded(content))
        if _skeleton(self.sentence) != _skeleton(content):
            return False
        return all(mine == its or (mine == "#" and not self._is_telling(its)) for mine, its in zip(own, other))

    def _is_telling(self, number: str) -> bool:
        return self.means == "success" and _TELLING.fullmatch(number) is not None


def known_lines_of(value: Any) -> tuple[KnownLine, ...]:
    """Check the option; raise OptionError rather than take a sentence for something that it does not say."""
    if value is not None and not isinstance(value, (list, tuple)):
        raise OptionError("known_lines", f"give a list, not {visible(repr(value), 80)}")
    known: dict[str, KnownLine] = {}
    for one in map(_known_line, value or ()):
        if known.setdefault(_folded(one.sentence), one).means != one.means:
            raise OptionError("known_lines", f'"{visible(one.sentence, 80)}" is listed twice with different meanings')
    return tuple(sorted(known.values(), key=lambda one: [*_MEANS].index(one.means)))


def teach(line: Line, known: Iterable[KnownLine]) -> Line:
    """Return a line that is not understood with the meaning that users have given it, if they have.

    Only a line without doubt may become good: whole, without any oddity, and a success only without a reason.
    """
    if line.understood:
        return line
    event = _examined(line)
    content = _content(line, event)
    means = next((one.means for one in known if one.matches(content)), None)
    if means is None or (means in _GOOD and not _is_sure(line, event, means)):
        return line
    kind, outcome = _MEANS[means]
    reason = (_reason(event) or line.sentence) if outcome in ("failure", "down") else None
    return line._replace(kind=kind, outcome=outcome, reason=reason, understood=True, taught=True)


def unrecognised_of(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Return the sentences of lines that are not understood, ready to be taught, with how often and when they came.

    Addresses and IDs become `#`, and so do numbers that differ between lines which are alike otherwise.
    """
    alike: dict[str, list[tuple[str, Line]]] = {}
    for line in lines:
        if not line.understood:
            content = _content(line, _examined(line))
            alike.setdefault(_skeleton(content), []).append((content, line))
    rows = []
    for group in alike.values():
        stamps = [line.timestamp for _content, line in group if line.timestamp]
        sentence = _merged([content for content, _line in group])
        first, last = min(stamps, default=None), max(stamps, default=None)
        rows.append({"sentence": sentence, "count": len(group), "first": first, "last": last})
    return rows[:_MOST]


def is_sentence(value: Any) -> bool:
    """Tell whether a text can be taught: it holds words, and is not too long."""
    return isinstance(value, str) and len(value) <= _LONGEST and re.search(r"[^\W\d_]", value) is not None


def what_it_says(line: Line) -> str:
    """Return a line without its time, host and numbers in brackets; all of it where it cannot be read."""
    return _content(line, _examined(line))


def _known_line(value: Any) -> KnownLine:
    if not isinstance(value, Mapping) or {*value} != {"sentence", "means"}:
        raise OptionError("known_lines", "each entry must have sentence and means, and no other key")
    sentence, means = value["sentence"], value["means"]
    if means not in _MEANS:
        raise OptionError("known_lines", f"means must be one of {', '.join(_MEANS)}, not {visible(repr(means), 40)}")
    if not is_sentence(sentence):
        text = f"sentence must be the words of a line, at most {_LONGEST} characters, not {visible(repr(sentence), 80)}"
        raise OptionError("known_lines", text)
    sentence = str.__str__(sentence)
    if is_ours(sentence.partition("(")[0].strip().rstrip(".").replace("#", "1")):
        raise OptionError("known_lines", f'"{visible(sentence, 80)}" has a fixed meaning: remove it')
    return KnownLine(" ".join(sentence.split()), str.__str__(means))


def _examined(line: Line) -> Event:
    """Return all that a line says; each reading of a log has the lines of the former again."""
    plain = line.time.__class__ is int and line.raw_message.__class__ is str
    time, raw_message = line.time, line.raw_message
    return _examined_plain(time, raw_message) if plain else examine({"time": time, "raw_message": raw_message})


@lru_cache(4096)
def _examined_plain(time: int, raw_message: str) -> Event:
    return examine({"time": time, "raw_message": raw_message})


def _content(line: Line, event: Event) -> str:
    """Return what a line says: its mnemonic, its sentence, and the parameters that hold words."""
    if event.event is None:
        return " ".join(str(line.raw_message).split())
    words = [f"{key}=[{value}]" for key, value in event.fields.items() if _is_telling(key, value)]
    mnemonic = f"{event.mnemonic}: " if event.mnemonic else ""
    listed = f". ({', '.join(words)})" if words else ""
    return " ".join(f"{mnemonic}{event.event}{listed}".split())


def _is_telling(key: str, value: str) -> bool:
    """Tell whether a parameter holds more than numbers, addresses and IDs, or a number that is a state."""
    return bool(_STATE.search(key)) or not _NO_WORD.fullmatch(_NUMBER.sub("", value))


def _is_sure(line: Line, event: Event, means: str) -> bool:
    """Tell whether nothing about a line is in doubt, so that it may be good."""
    whole = event.event is not None and (event.parse == "full" or not event.fields)
    odd = {*event.anomalies} - _HARMLESS_ODDITIES
    return whole and not odd and not is_ours(line.sentence) and (means != "success" or _reason(event) is None)


def _reason(event: Event) -> str | None:
    return next((value for key, value in event.fields.items() if "reason" in key.casefold()), None)


@lru_cache(4096)
def _folded(text: str) -> str:
    """Return a sentence without case, blanks and its last full stop; four numbers with dots are one address."""
    return normalized(text.replace("#.#.#.#", "#")).rstrip(".")


@lru_cache(4096)
def _skeleton(text: str) -> str:
    return _NUMBER.sub("\0", _folded(text))


def _merged(contents: list[str]) -> str:
    """Return the one sentence for contents that differ in numbers only."""
    first, *others = ([*_NUMBER.finditer(content)] for content in contents)
    pieces, end = [], 0
    for place, match in enumerate(first):
        same = all(len(other) == len(first) and other[place][0] == match[0] for other in others)
        pieces += [contents[0][end : match.start()], match[0] if same and not _NAMES_ONE.fullmatch(match[0]) else "#"]
        end = match.end()
    return "".join([*pieces, contents[0][end:]])
