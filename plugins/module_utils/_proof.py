# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""What IPsec SAs prove: that a tunnel negotiated anew, and that traffic went through it; knows no verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ._whole import moment_of

SAs = Sequence[Any]
_SENT, _RECEIVED = ("packets_sent", "traffic_sent"), ("packets_recv", "traffic_recv")


def renegotiated(after: SAs, before: SAs, start: int) -> bool:
    """Tell whether a reading after the start has an SA that was not there before, or one that counts anew."""
    known, seen = _by_id(before), _ids(before)
    return any(
        name not in seen or (name in known and any(_less(sa, known[name], counter) for counter in (*_SENT, *_RECEIVED)))
        for name, sa in _late(after, start).items()
    )


def carried_traffic(after: SAs, before: SAs, start: int) -> bool:
    """Tell whether counters of SAs that were collected after the start grew in both directions.

    An SA has grown when it has against each of its earlier readings; one that has none counts from 0.
    """
    earlier: dict[str, list[Any]] = {}
    for sa in before:
        if isinstance(sa, Mapping) and isinstance(sa.get("id"), str):
            earlier.setdefault(sa["id"], []).append(sa)
    late = _late(after, start).items()
    return all(
        any(all(_grew(sa, known, way) for known in earlier.get(name, [None])) for name, sa in late)
        for way in (_SENT, _RECEIVED)
    )


def _late(sas: SAs, start: int) -> dict[str, Mapping[str, Any]]:
    """Return the SAs by ID whose counters were collected after the start."""
    return {name: sa for name, sa in _by_id(sas).items() if (moment_of(sa.get("collected_at")) or 0) > start}


def _ids(sas: SAs) -> set[str]:
    return {sa["id"] for sa in sas if isinstance(sa, Mapping) and isinstance(sa.get("id"), str)}


def _by_id(sas: SAs) -> dict[str, Mapping[str, Any]]:
    """Return the SAs by ID; of two with one ID neither can be compared."""
    named = [sa for sa in sas if isinstance(sa, Mapping) and isinstance(sa.get("id"), str)]
    ids = [sa["id"] for sa in named]
    return {sa["id"]: sa for sa in named if ids.count(sa["id"]) == 1}


def _grew(sa: Mapping[str, Any], before: Mapping[str, Any] | None, counters: tuple[str, ...]) -> bool:
    """Tell whether a counter grew, from 0 on for an SA that is new or began again."""
    for counter in counters:
        count = _count(sa, counter)
        old = _count(before, counter) if before else 0
        if count is not None and old is not None and count > (old if count >= old else 0):
            return True
    return False


def _less(sa: Mapping[str, Any], before: Mapping[str, Any], counter: str) -> bool:
    count, old = _count(sa, counter), _count(before, counter)
    return count is not None and old is not None and count < old


def _count(sa: Mapping[str, Any], counter: str) -> float | None:
    """Return a counter, None for what is no count."""
    value = sa.get(counter)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        return None
    return value
