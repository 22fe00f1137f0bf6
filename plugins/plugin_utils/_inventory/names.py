# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the cloud calls things, made fit for an inventory: no template as a value, no pattern as a name; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from typing import Any

from ...module_utils._sanitize import visible

_LONGEST_NAME = 64  # characters; file names are made of it, and the service allows no more
# To Ansible these are groups or this machine, whoever else has such a name; and what ends like an ID is left to us.
_RESERVED = re.compile(
    r"all|ungrouped|localhost|127\.0\.0\.1|vpn_(?:connections|(?:gateway|status|ha_role|region|tag)_.*)"
    r"|.*[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


def inert(value: Any) -> Any:
    """Return a text, or a mapping or list of texts, such that Ansible never takes it for a template.

    A mark would not do instead: before ansible-core 2.19 an expression that joins two texts loses it, and so does every
    inventory that is kept as text, as controllers keep it. No template begins without a brace, or "#jinja2:".
    """
    if isinstance(value, str):
        return visible(value).replace("{", "\\x7b").replace("#", "\\x23")
    if isinstance(value, dict):
        return {inert(name): inert(item) for name, item in value.items()}
    return [inert(item) for item in value] if isinstance(value, list) else value


def unique_names(things: Sequence[tuple[str | None, str]], taken: Container[str] = ()) -> list[str]:
    """Return a name for each thing, given as (name, ID): its own, with a part of its ID where that does not tell it.

    It depends on nothing but these names and IDs, and not on their order. Names that differ only in case are one to
    some file systems.
    """
    plain = [_plain(name or "unnamed") for name, _identity in things]
    names = plain
    reserved = [_RESERVED.fullmatch(name.casefold()) is not None for name in plain]
    for length in (8, 36):  # of the ID
        counted = Counter(name.casefold() for name in names)
        unfit = [counted[name.casefold()] > 1 or name in taken for name in names]
        names = [
            f"{base}-{identity[:length].lower()}" if is_unfit or (is_reserved and length == 8) else name
            for name, base, is_unfit, is_reserved, (_name, identity) in zip(names, plain, unfit, reserved, things)
        ]
    return names


def group_name(*parts: Any) -> str:
    """Return the name of a group: a word of letters, digits and underscores that is no name of Ansible's own."""
    word = re.sub(r"\W", "_", inert("_".join(map(str, parts))))
    return f"_{word}" if word[:1].isdigit() or word in ("all", "ungrouped", "localhost", "") else word


def _plain(name: str) -> str:
    """Return the name without what has a meaning in patterns, paths and command lines."""
    word = re.sub(r"[^\w.-]", "_", visible(name, _LONGEST_NAME))
    return f"_{word[1:]}" if word[:1] in ("-", ".") else word
