# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canaries: secrets of nobody that must not turn up anywhere, and the scanner that looks for them in every disguise."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

WINDOW = 8  # so many characters of a secret are a leak
CANARIES = {
    "access_key": "QX7ZK2WVJ9HB4TNC8MLR",
    "secret_key": "wJ4k-Rq8vT2n_Lx6'pZs0&Yd%c<Hb>\"Mg3/Fa+\\E=uO",
    "security_token": "gT5~mB0cK9xR{2vW7yQ4nD1zS}8jL3hP6f",
    "auth_token": "MIIe<Rz4Kq&7Tw/2Bn+9Vs=6Xj\"1Lc'8Pd\\0Gf5Hm3",
    "proxy": "pW9u.xE3-kV7_tA1rN5oC2i",
    # Read from a file as it is, with the line break at its end.
    "newline_token": "nT6b:zF2;gY8,aJ4|eU0sK7w\n",
}


def _repr(text: str) -> str:
    return repr(text)[1:-1]


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _url(text: str) -> str:
    return quote(text, safe="")


def _hex(text: str) -> str:
    return text.encode().hex()


# What makes one text of each piece of a secret. Base64 has three, by the place where the secret begins.
_BY_CHARACTER: dict[str, Callable[[str], str]] = {
    "raw": str,
    "repr": _repr,
    "json": _json,
    "url": _url,
    "hex": _hex,
    "reversed": lambda text: text[::-1],
    "upper": str.upper,
    "lower": str.lower,
    "html": html.escape,
}
BASE64 = ("base64+0", "base64+1", "base64+2")
ENCODINGS = (*_BY_CHARACTER, *BASE64)


class Hit(NamedTuple):
    """A piece of a canary that was found: of which one, in which disguise, and where."""

    canary: str
    encoding: str
    where: str


def encoded(secret: str, encoding: str) -> str:
    """Return the secret in a disguise."""
    if encoding in BASE64:
        return base64.b64encode(b"\x00" * BASE64.index(encoding) + secret.encode()).decode()
    return _BY_CHARACTER[encoding](secret)


def _pieces(secret: str, encoding: str) -> Iterator[str]:
    """Yield every piece of so many characters in a disguise."""
    if encoding in BASE64:
        shift = BASE64.index(encoding)
        # Only whole groups of four letters that do not depend on what stands before or behind.
        letters = encoded(secret, encoding)[4 * (shift > 0) : (shift + len(secret.encode())) // 3 * 4]
        yield from (letters[at : at + 10] for at in range(len(letters) - 9))
        return
    for at in range(len(secret) - WINDOW + 1):
        yield encoded(secret[at : at + WINDOW], encoding)


class Scanner:
    """Looks for every piece of every canary in every disguise."""

    def __init__(self, canaries: dict[str, str] | None = None) -> None:
        self._known: dict[str, dict[str, list[tuple[str, str]]]] = {}
        for name, secret in (CANARIES if canaries is None else canaries).items():
            for encoding in ENCODINGS:
                for piece in _pieces(secret, encoding):
                    self._known.setdefault(piece[:WINDOW], {}).setdefault(piece, []).append((name, encoding))

    def text(self, text: str, where: str) -> list[Hit]:
        """Return what is found in a text."""
        found: dict[Hit, None] = {}
        for start in {text[at : at + WINDOW] for at in range(len(text) - WINDOW + 1)} & self._known.keys():
            for piece, owners in self._known[start].items():
                if piece in text:
                    found.update({Hit(*owner, where): None for owner in owners})
        return list(found)

    def tree(self, folder: Path, but: Iterable[Path] = ()) -> list[Hit]:
        """Return what is found in the names and the content of all files below a folder."""
        hits = []
        for path in sorted(folder.rglob("*")):
            if any(path.is_relative_to(other) for other in but):
                continue
            where = str(path.relative_to(folder))
            hits += self.text(where, f"name {where}")
            if path.is_file() and not path.is_symlink():
                # Canaries are ASCII, and so are their disguises: any encoding that keeps ASCII will do.
                hits += self.text(path.read_bytes().decode("latin-1"), where)
        return hits
