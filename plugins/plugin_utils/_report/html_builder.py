# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTML that escapes by itself: the one place where tags are made.

Whatever is not `Html` is text, also a text that somebody put together of `Html`: a mistake shows tags to people, and
never gives them to the browser.
"""

from __future__ import annotations

from html import escape
from typing import Any

from .wording import said

_VOID = ("circle", "line", "meta", "path", "rect")


class Html(str):
    """Text that is HTML already: made by `element`, or a constant of ours."""

    __slots__ = ()


def element(tag: str, *children: Any, **attributes: Any) -> Html:
    """Return an element; children and attributes are escaped, but for children that are `Html`.

    In the name of an attribute an underscore stands for a hyphen, and one at its end sets it apart from a word of
    Python, as in `class_`. An attribute that is None is left out.
    """
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value is not None}
    start = "".join([tag, *(f' {name}="{escape(said(value))}"' for name, value in named.items())])
    return Html(f"<{start}/>" if tag in _VOID and not children else f"<{start}>{joined(*children)}</{tag}>")


def joined(*children: Any, between: str = "") -> Html:
    """Return some children as one; text among them is escaped."""
    return Html(escape(between).join(child if isinstance(child, Html) else escape(said(child)) for child in children))


def document(head: Html, body: Html) -> str:
    """Return a whole page."""
    return f"<!DOCTYPE html>{element('html', head, body, lang='en')}\n"
