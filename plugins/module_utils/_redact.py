# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""Text of others without our secrets, which it may quote: whole or in part, as they are or in a usual disguise."""

from __future__ import annotations

import html
import json
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

MASK = "********"
_PART = 8  # so many characters of a secret are no coincidence; the shortest secret has as many


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
