# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has happened to a simulated tunnel, and what is true of it at a moment."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from plan import Gateway


class Event(NamedTuple):
    """What a gateway could write a line about."""

    at: float
    what: str  # ike_up up down failed
    reason: str = ""
    rekey: bool = False
    pair: int | None = None


class Attempt(NamedTuple):
    """A negotiation that the peer answered, and what came of it."""

    at: float
    layer: str  # ike ipsec
    ok: bool
    pair: int | None = None
    fresh: bool = False  # a whole exchange, which uses the PSK; a rekey of IKEv2 does not


class State(NamedTuple):
    """What holds from a moment on."""

    at: float
    path: bool
    peer: bool
    good_ike: bool
    good_ipsec: bool
    good_pairs: frozenset[int]
    configured: frozenset[int]
    ike: bool  # an IKE SA which both ends hold
    cloud_ike: bool


@dataclass
class Sa:
    """An IPsec SA: who has held it until when, and when who sent through it."""

    number: int
    pair: int
    born: float
    soft: float
    hard: float
    cloud_until: float = math.inf
    peer_until: float = math.inf
    sent: list[list[float]] = field(default_factory=list)
    received: list[list[float]] = field(default_factory=list)

    def held(self, end: str, now: float) -> bool:
        """Tell whether an end has it at a moment."""
        return self.born <= now < (self.cloud_until if end == "cloud" else self.peer_until)


@dataclass
class History:
    """All that has happened."""

    plan: Gateway
    sas: list[Sa] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)  # pairs that a change of one pair is of

    def state(self, now: float) -> State:
        """Return what holds at a moment."""
        return next((state for state in reversed(self.states) if state.at <= now), self.states[0])

    def held(self, end: str, now: float) -> list[Sa]:
        """Return the SAs that an end has at a moment, oldest first."""
        return [sa for sa in self.sas if sa.held(end, now)]

    def dark(self) -> Iterator[tuple[float, float]]:
        """Yield from when to when nothing of the peer came through."""
        begin = None
        for state in self.states:
            up = state.path and state.peer
            if not up and begin is None:
                begin = state.at
            elif up and begin is not None:
                yield begin, state.at
                begin = None
        if begin is not None:
            yield begin, math.inf

    def works(self, now: float) -> bool:
        """Tell whether traffic passes for each pair of networks, or would, where there is none."""
        return not self.broken_pairs(now)

    def broken_pairs(self, now: float) -> list[int]:
        """Return the pairs that traffic does not pass for.

        One without traffic needs no SA, but must be able to get one: that is how an idle tunnel comes up. Nobody can
        tell of one that had none when the baseline was taken, unless it was broken by then.
        """
        broken = self._disabled(now)
        if not broken or now <= 0:
            return broken
        had, then = {sa.pair for sa in self.held("cloud", 0)}, self._disabled(0)
        return [pair for pair in broken if pair in had or pair in then or self.plan.pairs[pair].waiting(now)]

    def _disabled(self, now: float) -> list[int]:
        if self.plan.standby:
            return []
        state = self.state(now)
        clear = state.path and state.peer
        both = {sa.pair for sa in self.held("cloud", now) if sa.held("peer", now)} if clear else set()
        broken = []
        for pair in sorted(state.configured - both):
            able = clear and state.good_ipsec and pair in state.good_pairs and (state.ike or state.good_ike)
            if not able or self.plan.pairs[pair].waiting(now):
                broken.append(pair)
        return broken

    def broken_since(self, now: float) -> float:
        """Return since when it has not worked."""
        while not self.works(now) and now > self.plan.begin:
            now -= 1
        return now

    def negotiated(self, begin: float, end: float) -> bool:
        """Tell whether IPsec was negotiated between two moments."""
        return any(one.ok and one.layer == "ipsec" and begin < one.at <= end for one in self.attempts)

    def tried(self, end: float) -> bool:
        """Tell whether what was changed has been used by a negotiation that went well."""
        change = self.plan.change
        good = [one for one in self.attempts if one.ok and change.at < one.at <= end]
        if change.layer in ("psk", "proposal"):
            return any(one.layer == "ike" and (one.fresh or change.layer == "proposal") for one in good)
        return any(one.layer == "ipsec" and (not self.touched or one.pair in self.touched) for one in good)

    def doomed(self, end: float) -> bool:
        """Tell whether the last negotiation of IKE, or of IPsec for some pair, failed, so that it will break."""
        last = {(one.layer, one.pair): one.ok for one in self.attempts if one.at <= end}
        return not all(last.values())

    def healthy(self) -> bool:
        """Tell whether nothing ever went wrong, and the change was good."""
        calm = not self.plan.troubles and not self.plan.earlier and self.plan.change.what != "restart"
        return calm and self.plan.change.good and all(one.ok for one in self.attempts)


def overlap(spans: Sequence[Sequence[float]], others: Sequence[Sequence[float]], until: float) -> float:
    """Return for how long both go on, up to a moment."""
    return sum(
        max(0.0, min(end, other_end, until) - max(begin, other_begin))
        for begin, end in spans
        for other_begin, other_end in others
    )
