# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parameter list of a log line, `Key=[value], Key=value, ...`; knows nothing of what the keys mean."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_KEY = r"[A-Za-z][\w.-]{0,63}\s*="
_LIST = re.compile(rf"\((?=\s*{_KEY}|\s*\))")
_NEXT_KEY = re.compile(rf"\s*({_KEY})\s*")
_BRACKET = re.compile(r"[\[\]]")
_AFTER = re.compile(rf"\]\s*(?:,(?=\s*{_KEY})|(\)))")
_LOOSELY_AFTER = re.compile(rf"\]\s*(?:,(?=\s*{_KEY})|(\))\s*\Z|\Z)")
_PAIR = r"[A-Za-z][\w.-]{0,63}=\[[^\[\]]*\]"
_PLAIN = re.compile(rf"\((?:{_PAIR}, ?)*{_PAIR}\)")
_PAIRS = re.compile(r"([A-Za-z][\w.-]{0,63})=\[([^\[\]]*)\]")
_AFTER_BARE = re.compile(rf",(?=\s*{_KEY})")
# How the documented templates order their keys, for lines with a key twice: one of the two is forged.
_ORDERS = tuple(
    tuple(order.split())
    for order in (
        "IfIndex PolicyName SeqNum PeerAddress PeerPort Reason",
        "Ifindex SeqNum Reason ReasonCode PeerAddress PeerPort VsysName InterfaceName",
        "Ifindex SeqNum TunnelIndex RuleNum DstIP InsideIP RemotePort CpuID SrcIP FlowInfo LifeSize LifeTime VsysName "
        "InterfaceName SlotID Role",
        "Ifindex SeqNum TunnelIndex RuleNum DstIP InsideIP RemotePort CpuID SrcIP FlowInfo OfflineReason VsysName "
        "InterfaceName SlotID",
        "PolicyName IfIndex SeqNum RuleNum SrcIP DstIP InboundSPI Slot CpuID OfflineReason State",
        "PeerAddress PeerPort LocalAddress AuthMethod AuthID IDType VsysName Role",
    )
)
_MOST = 1000  # fields; the longest documented line has 16
# The fields with text that people type or peers send; machines fill the others.
_FREE_TEXT = frozenset(("PolicyName", "AuthID", "VsysName", "InterfaceName", "FlowInfo"))


class _Field(NamedTuple):
    key: str
    begin: int
    end: int
    bracketed: bool


class Fields(NamedTuple):
    """A parameter list; `outside` is the whole text without the values in brackets, as far as those are certain."""

    values: dict[str, str]
    normalized: dict[str, str]  # the same under keys without case, hyphens, underscores and dots
    outside: str
    complete: bool  # the list ends with its parenthesis
    certain: bool  # brackets balance, no key is there twice, nothing follows the list
    anomalies: list[str]
    plain: bool = False  # from its parenthesis to the end of the text nothing but keys, and values in brackets


def find_list(text: str, start: int) -> int:
    """Return where the parameter list begins, -1 where there is none."""
    match = _LIST.search(text, start)
    return match.start() if match else -1


def read_fields(text: str, start: int) -> Fields:
    """Read the list whose parenthesis opens at `start`."""
    end = len(text.rstrip())
    if _PLAIN.fullmatch(text, start, end):
        # The usual case at a tenth of the cost; the long way below would find the same.
        pairs = _PAIRS.findall(text, start, end)
        normalized = {normalize_key(key): value for key, value in pairs[:_MOST]}
        if len(normalized) == len(pairs):
            return Fields(dict(pairs), normalized, f"{text[:start]}(){text[end:]}", True, True, [], True)
    anomalies = []
    found, stop, complete = _scan(text, start + 1, end, loosely=False)
    if stop < end and text.find("]", stop, end) >= 0:
        # A lone bracket in a value: then a value ends only where another key, or the end of the line, follows.
        anomalies.append("unbalanced_brackets")
        found, stop, complete = _scan(text, start + 1, end, loosely=True)
    if len({normalize_key(field.key) for field in found}) < len(found):
        anomalies.append("duplicate_key")
        found = _without_forged(found)
    if text[stop:end].strip(" ,\t"):
        anomalies.append("trailing_text")
    certain = not anomalies
    if not complete:
        anomalies.append("truncated")
    values: dict[str, str] = {}
    normalized = {}
    for field in found:
        value = values.setdefault(field.key, text[field.begin : field.end])
        normalized.setdefault(normalize_key(field.key), value)
    return Fields(values, normalized, _outside(text, found) if certain else text, complete, certain, anomalies)


@lru_cache(1024)
def normalize_key(key: str) -> str:
    """Return a key in the one way that all its spellings have; a device uses few, the network may send others."""
    return key.casefold().replace("-", "").replace("_", "").replace(".", "")


def _scan(text: str, position: int, end: int, *, loosely: bool) -> tuple[list[_Field], int, bool]:
    """Read field by field; return them, the place where the grammar ended, and whether the list was closed there."""
    found: list[_Field] = []
    if text[position:end].strip() == ")":
        return found, end, True
    while len(found) < _MOST:
        match = _NEXT_KEY.match(text, position, end)
        if not match:
            return found, position, False
        key, begin = match[1][:-1].rstrip(), match.end()
        if not text.startswith("[", begin):
            field, position, closed = _bare(key, text, begin, end)
            if field:
                found.append(field)
        else:
            finish, after = _bracketed(text, begin, end, loosely)
            if finish < 0:
                # The line was cut inside the value, or (before the second, loose try) a bracket has no partner.
                if text.find("]", begin, end) < 0:
                    found.append(_Field(key, begin + 1, end, True))
                    begin = end
                return found, begin, False
            found.append(_Field(key, begin + 1, finish, True))
            position, closed = (after.end(), bool(after[1])) if after else (finish + 1, False)
            if not after:
                return found, position, False
        if closed or position >= end:
            return found, position, closed
    return found, position, False


def _bracketed(text: str, begin: int, end: int, loosely: bool) -> tuple[int, re.Match[str] | None]:
    """Return where the bracket at `begin` closes, -1 where it does not, and what follows: a comma or the end."""
    if loosely:
        after = _LOOSELY_AFTER.search(text, begin + 1, end)
        return (after.start(), after) if after else (-1, None)
    depth = 0
    for match in _BRACKET.finditer(text, begin, end):
        depth += 1 if match[0] == "[" else -1
        if depth == 0:
            return match.start(), _AFTER.match(text, match.start(), end)
    return -1, None


def _bare(key: str, text: str, begin: int, end: int) -> tuple[_Field | None, int, bool]:
    """Read a value without brackets: it goes on to the next key, the last one to the last parenthesis."""
    match = _AFTER_BARE.search(text, begin, end)
    if match:
        return _Field(key, begin, begin + len(text[begin : match.start()].rstrip()), False), match.end(), False
    close = text.rfind(")", begin, end)
    finish = begin + len(text[begin : close if close >= 0 else end].rstrip())
    field = _Field(key, begin, finish, False) if close >= 0 or finish > begin else None
    return field, close + 1 if close >= 0 else end, close >= 0


def _without_forged(found: list[_Field]) -> list[_Field]:
    """Give text back to the value that it was forged in, where the documented order of the keys tells which that is.

    The last of equal keys are the line's own: what a value holds can only stand before them.
    """
    for order in sorted(_ORDERS, key=len, reverse=True):
        own: list[int] = []
        for index in range(len(found) - 1, -1, -1):
            if len(own) < len(order) and found[index].key == order[-1 - len(own)]:
                own.append(index)
        if len(own) == len(order):
            own.reverse()
            break
    else:
        return found
    mended = []
    for index, following in zip(own, [*own[1:], own[-1] + 1]):
        if following > index + 1 and found[index].key not in _FREE_TEXT:
            return found
        mended.append(found[index]._replace(end=found[following - 1].end))
    return mended + found[own[-1] + 1 :] if own[0] == 0 else found


def _outside(text: str, found: list[_Field]) -> str:
    """Return the text without what stands in brackets."""
    pieces, position = [], 0
    for field in found:
        if field.bracketed:
            pieces.append(text[position : field.begin])
            position = field.end
    pieces.append(text[position:])
    return "".join(pieces)
