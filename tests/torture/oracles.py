# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must hold whatever goes wrong; each oracle is proved on a planted defect in test_oracles.py."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fault_model import ACCESS_KEY, SECRETS, Fault

LONGEST = 300
_WINDOW = 8
_TRACEBACK = re.compile(r"Traceback \(most recent|^  File \"", re.MULTILINE)
# For the summary: of each of the worst things, how often it was looked for, and how often found.
WORST = ("accepted", "leaks", "hangs", "tracebacks")
LOOKED: Counter[str] = Counter()
FOUND: Counter[str] = Counter()


class MissedError(AssertionError):
    """An oracle has found a defect."""


@dataclass(frozen=True)
class Outcome:
    """What came of one run: the line for people, or the answer; and everything else that people could see."""

    accepted: bool
    line: str = ""
    code: str | None = None
    answer: dict[str, Any] | None = None
    elapsed: float = 0
    seen: str = ""

    @property
    def lines(self) -> tuple[Any, ...]:
        """The log lines of the answer."""
        return tuple(row["raw_message"] for row in (self.answer or {}).get("logs", []))


def demand(condition: object, problem: str) -> None:
    """Raise unless the condition holds."""
    if not condition:
        raise MissedError(problem)


def tally(what: str, found: int, looked: int = 1) -> None:
    """Note that one of the worst things was looked for, and how much of it there was."""
    LOOKED[what] += looked
    FOUND[what] += found


def refused(outcome: Outcome) -> None:
    """Nothing was taken for an answer, and no log came back that could be read as a clean one."""
    tally("accepted", int(outcome.accepted))
    demand(not outcome.accepted, f"accepted: {str(outcome.answer)[:200]}")
    empty(outcome)


def empty(outcome: Outcome) -> None:
    """What was refused has neither lines nor numbers."""
    demand(not outcome.lines, "refused, and yet there are lines")
    for row in (outcome.answer or {}).get("vpn_connections", []):
        demand(row["error"] and row["total"] is None and row["failures"] is None, "numbers of what was never read")


def one_line(outcome: Outcome) -> None:
    """The line for people is one, is printable, and is short."""
    demand(outcome.line, "no line at all")
    demand(outcome.line.isprintable(), f"not printable: {outcome.line!a}")
    demand(len(outcome.line) <= LONGEST, f"{len(outcome.line)} characters: {outcome.line!a}")


def telling(outcome: Outcome, fault: Fault) -> None:
    """The line names what the fault is about, and its code is one of those expected."""
    demand(outcome.code is None or outcome.code in fault.codes, f"code {outcome.code}, not {fault.codes}")
    demand(any(f"[{code}" in outcome.line for code in fault.codes), f"no code of {fault.codes} in {outcome.line!r}")
    for part in fault.says:
        demand(part in outcome.line, f"{part!r} is missing in {outcome.line!r}")


def in_time(outcome: Outcome, limit: float) -> None:
    """It ended."""
    tally("hangs", int(outcome.elapsed > limit))
    demand(outcome.elapsed <= limit, f"took {outcome.elapsed:.2f} s of {limit:.2f} s")


def no_traceback(outcome: Outcome) -> None:
    """Nobody has to read Python."""
    text = f"{outcome.line}\n{outcome.seen}"
    found = _TRACEBACK.search(text)
    tally("tracebacks", int(bool(found)))
    demand(not found, f"a traceback: {text[max(found.start() - 300, 0) : found.end() + 900] if found else ''}")


def no_secret(text: str) -> None:
    """No part of a secret, in no usual encoding, and nothing of a body that is not to be quoted."""
    places = [(name, text.find(needle)) for name, needles in _NEEDLES.items() for needle in needles]
    shows = [f"{name} shows: {text[max(at - 40, 0) : at + 40]!a}" for name, at in places if at >= 0]
    tally("leaks", len(shows))
    demand(not shows, shows[0] if shows else "")


def no_hit(hits: Iterable[object]) -> None:
    """A scanner found nothing."""
    found = [*hits]
    tally("leaks", len(found))
    demand(not found, f"leaks: {found[:20]}")


def as_many(requests: int, wanted: int) -> None:
    """The server saw exactly the requests it should."""
    demand(requests == wanted, f"{requests} requests, not {wanted}")


def whole(outcome: Outcome, lines: tuple[str, ...]) -> None:
    """A fault that can be overcome changes nothing."""
    demand(outcome.accepted, f"refused: {outcome.line}")
    demand(outcome.lines == lines, f"other lines: {outcome.lines!a}")


def _windows(secret: str) -> set[str]:
    """Return every piece of the secret, in the encodings in which it could get into a text."""
    data = secret.encode()
    forms = [secret, secret[::-1], secret.upper(), secret.lower(), quote(secret, safe=""), data.hex()]
    forms += [repr(secret), json.dumps(secret)]
    forms += [base64.b64encode(b" " * shift + data).decode() for shift in range(3)]
    return {form[at : at + _WINDOW] for form in forms for at in range(len(form) - _WINDOW + 1)}


def _without_padding(windows: set[str]) -> set[str]:
    """Drop the pieces that only the blanks before a base64 text make."""
    return {window for window in windows if not window.startswith(("ICAg", "ICB", "IC"))}


_NEEDLES = {name: _without_padding(_windows(secret)) for name, secret in {**SECRETS, "access_key": ACCESS_KEY}.items()}
