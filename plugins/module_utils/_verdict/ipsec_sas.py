# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What readings of IPsec SAs prove, later than a moment, for which pairs of networks; knows no log and no verdict.

A reading counts by `collected_at`, so that the order in which readings come does not matter. Whatever is left out of
them proves less, never more.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from .._time import SECOND, SKEW
from .evidence import moment_of

SAs = Sequence[Any]
Pair = tuple[str, str]
AHEAD = 300 * SECOND  # so far the clock of a reading may be ahead of the cloud's
_SENT, _RECEIVED = ("packets_sent", "traffic_sent"), ("packets_recv", "traffic_recv")
_COUNTERS = (*_SENT, *_RECEIVED)


class Sample(NamedTuple):
    """An SA as it was read at a moment, in microseconds."""

    at: int
    sa: Mapping[str, Any]


class Readings:
    """All readings of the IPsec SAs of a tunnel."""

    def __init__(self, known: SAs | None, readings: Sequence[tuple[int, SAs]]) -> None:
        """Take the SAs that the baseline has, and all readings, each with the moment it was served at."""
        self._known = _ids(known or ())
        self._samples: dict[str, list[Sample]] = {}  # by the ID of the SA
        self._lists: list[tuple[int, int, set[str]]] = []  # when the SAs of a reading were collected, and their IDs
        for served, reading in readings:
            samples = _samples(reading, served)
            moments = [sample.at for sample in samples.values()]
            if moments:
                self._lists.append((min(moments), max(moments), _ids(reading)))
            for name, sample in samples.items():
                known_samples = self._samples.setdefault(name, [])
                if sample not in known_samples:
                    known_samples.append(sample)

    def grew(self, after: float, until: float = -math.inf) -> set[Pair]:
        """Return the pairs of which one SA counted on both ways between two readings of its own.

        The first of them is later than `after`, the second later than `until`.
        """
        return {
            pair_of(new.sa)
            for name in self._samples
            for old, new in self._twice(name)
            if old.at > after and new.at > until and all(_grew(new.sa, old.sa, way) for way in (_SENT, _RECEIVED))
        }

    def negotiated(self, after: float) -> set[Pair]:
        """Return the pairs that have an SA which was negotiated later than a moment.

        Two readings have it, and one between the moment and those has others only. Or it began to count anew. An ID
        that only one reading has proves nothing: where IDs change at each reading, all are new. Nor does one that the
        baseline has: it was left out for once.
        """
        begin, found = after + SKEW, set()
        for name in self._samples:
            without = [end for start, end, ids in self._lists if start > begin and name not in ids]
            known = not self._known or name in self._known
            for old, new in self._twice(name):
                is_new = not known and any(end < old.at for end in without)
                if is_new or (old.at > begin and _restarted(new.sa, old.sa)):
                    found.add(pair_of(new.sa))
        return found

    def outlived(self, moment: float) -> set[Pair]:
        """Return the pairs that have an SA which is newer than the baseline, read later than a moment."""
        return {
            pair_of(new.sa)
            for name in (self._samples if self._known else ())
            for old, new in self._twice(name)
            if new.at > moment and (name not in self._known or _restarted(new.sa, old.sa))
        }

    def _twice(self, name: str) -> Iterator[tuple[Sample, Sample]]:
        """Yield each two readings of an SA from different moments, the earlier one first."""
        samples = sorted(self._samples[name], key=lambda sample: sample.at)
        return ((old, new) for old, new in combinations(samples, 2) if old.at < new.at)


def read_at(sas: SAs | None) -> int:
    """Return when the first of these SAs was read, 0 where one does not say it."""
    return min((moment_of(sa.get("collected_at")) or 0 for sa in _named(sas or ())), default=0)


def read_later(sas: SAs | None, moment: float, now: int) -> set[Pair]:
    """Return the pairs of SAs that were read later than a moment."""
    return {pair_of(sa) for sa in _named(sas or ()) if moment < (moment_of(sa.get("collected_at")) or 0) <= now + AHEAD}


def pairs(sas: SAs | None) -> set[Pair]:
    """Return the pairs of networks of SAs."""
    return {pair_of(sa) for sa in sas or () if isinstance(sa, Mapping)}


def used_by(sas: SAs | None) -> set[Pair]:
    """Return the pairs of networks whose SAs have counted anything."""
    return {pair_of(sa) for sa in sas or () if isinstance(sa, Mapping) and any(_count(sa, name) for name in _COUNTERS)}


def pair_of(sa: Mapping[str, Any]) -> Pair:
    """Return the two networks of an SA."""
    return network(sa.get("source_ip_cidr")), network(sa.get("dest_ip_cidr"))


def named_pairs(rules: Any) -> set[Pair]:
    """Return the pairs of networks that the policy of a connection names; none where that cannot be told."""
    found = set()
    for rule in rules if isinstance(rules, (list, tuple)) else ():
        destinations = rule.get("destination") if isinstance(rule, Mapping) else None
        if not isinstance(destinations, (list, tuple)):
            return set()
        found |= {(network(rule.get("source")), network(destination)) for destination in destinations}
    return found


def is_within(pair: Pair, named: Iterable[Pair]) -> bool:
    """Tell whether a pair of networks is one of these or a part of one, in either direction."""
    return any(
        all(_is_part(own, other) for own, other in zip(side, whole)) for whole in named for side in (pair, pair[::-1])
    )


def _is_part(own: str, other: str) -> bool:
    try:
        return ipaddress.ip_network(own).subnet_of(ipaddress.ip_network(other))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return own == other


def network(value: Any) -> str:
    """Return a network in the one way that all its spellings have."""
    try:
        return str(ipaddress.ip_network(str(value).strip(), strict=False))
    except ValueError:
        return str(value)


def _named(sas: SAs) -> list[Mapping[str, Any]]:
    return [sa for sa in sas if isinstance(sa, Mapping) and isinstance(sa.get("id"), str)]


def _ids(sas: SAs) -> set[str]:
    return {sa["id"] for sa in _named(sas)}


def _samples(sas: SAs, served: int) -> dict[str, Sample]:
    """Return the SAs of a reading by ID; of two with one ID neither counts, and none without its moment.

    None can have been collected after it was served: a clock that is a little ahead must not make it later than that.
    """
    ids = [sa["id"] for sa in _named(sas)]
    found = {}
    for sa in _named(sas):
        at = moment_of(sa.get("collected_at"))
        if at is not None and at <= served + AHEAD and ids.count(sa["id"]) == 1:
            found[sa["id"]] = Sample(min(at, served), sa)
    return found


def _grew(sa: Mapping[str, Any], before: Mapping[str, Any], counters: tuple[str, ...]) -> bool:
    """Tell whether a counter grew."""
    return any(new > old for new, old in _both(sa, before, counters))


def _restarted(sa: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Tell whether an SA counts anew: none of the four rose and one fell, since a counter that wraps falls alone."""
    counts = _both(sa, before, _COUNTERS)
    return all(new <= old for new, old in counts) and any(new < old for new, old in counts)


def _both(sa: Mapping[str, Any], before: Mapping[str, Any], counters: Sequence[str]) -> list[tuple[float, float]]:
    """Return the counters that both readings have."""
    counts = [(_count(sa, counter), _count(before, counter)) for counter in counters]
    return [(new, old) for new, old in counts if new is not None and old is not None]


def _count(sa: Mapping[str, Any], counter: str) -> float | None:
    """Return a counter, None for what is no count."""
    value = sa.get(counter)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        return None
    return value
