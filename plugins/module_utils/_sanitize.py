# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""Text from the network made fit for people: the one neutraliser, and the mask over our secrets; knows no origin."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote

# Unicode calls these printable letters and marks, and yet nobody sees them.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)

# What a pipeline takes for a command: Azure and TeamCity anywhere in a line, GitHub at its begin, and where lines begin
# depends on who wraps them. IPv6 addresses have colons, too, and stay as they are.
_COMMAND = re.compile(r"#(?=#[A-Za-z]*\[)|(?<![0-9A-Fa-f]):(?=:[A-Za-z])|:(?=:[A-Za-z-]+(?: .*)?::)")
MASK = "********"
_PART = 8  # so many characters of a secret are no coincidence; the shortest secret has as many


def visible(text: str, limit: int = 300) -> str:
    """Return the text as one line of printable characters that no pipeline obeys; all others are written as escapes.

    str.isprintable() is false for control, format (bidi, zero-width), separator, private and unassigned characters and
    for surrogates, that is for all that could move a cursor, hide text or turn its direction.
    """
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[: limit + 1])
    shown = _UNSEEN.sub(lambda match: ascii(match[0])[1:-1], shown)
    shown = _COMMAND.sub(lambda match: f"\\x{ord(match[0]):x}", shown)
    return shown if len(shown) <= limit else f"{shown[: max(limit - 3, 0)]}..."[:limit]


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """Return the text with a mask over every part of a secret, in whatever case."""
    parts = _parts(secrets)
    kept, end = [], 0  # everything before the end is kept or masked
    for at in range(len(text) - _PART + 1):
        if text[at : at + _PART].lower() in parts:
            if at >= end:
                kept += [text[end:at], MASK]
            end = at + _PART
    return "".join([*kept, text[end:]])


def forms_of(secrets: Iterable[str]) -> set[str]:
    """Return secrets as they are, and as they stand in a JSON text."""
    return {form for secret in secrets for form in (secret, json.dumps(secret)[1:-1])}


@lru_cache(maxsize=2)
def _parts(secrets: tuple[str, ...]) -> frozenset[str]:
    forms = [form.lower() for secret in secrets for form in _disguises(secret)]
    return frozenset(form[at : at + _PART] for form in forms for at in range(len(form) - _PART + 1))


def _disguises(secret: str) -> Iterator[str]:
    """Yield a secret as it may be written; base64 depends on where in a longer text it begins."""
    data = secret.encode()
    yield from (secret, secret[::-1], repr(secret)[1:-1], json.dumps(secret)[1:-1])
    yield from (quote(secret, safe=""), html.escape(secret), data.hex())
    yield from (b64encode(b"\0" * shift + data).decode() for shift in range(3))
