# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""The one neutraliser: text from the network made fit for people's eyes; knows nothing of where it comes from."""

from __future__ import annotations

import re

# Unicode calls these printable letters and marks, and yet nobody sees them.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)

# What a pipeline takes for a command: Azure and TeamCity anywhere in a line, GitHub at its begin, and where lines begin
# depends on who wraps them. IPv6 addresses have colons, too, and stay as they are.
_COMMAND = re.compile(r"#(?=#[A-Za-z]*\[)|(?<![0-9A-Fa-f]):(?=:[A-Za-z])|:(?=:[A-Za-z-]+(?: .*)?::)")


def visible(text: str, limit: int = 300) -> str:
    """Return the text as one line of printable characters that no pipeline obeys; all others are written as escapes.

    str.isprintable() is false for control, format (bidi, zero-width), separator, private and unassigned characters and
    for surrogates, that is for all that could move a cursor, hide text or turn its direction.
    """
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[: limit + 1])
    shown = _UNSEEN.sub(lambda match: ascii(match[0])[1:-1], shown)
    shown = _COMMAND.sub(lambda match: f"\\x{ord(match[0]):x}", shown)
    return shown if len(shown) <= limit else f"{shown[: max(limit - 3, 0)]}..."[:limit]
