# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two gateways with a path between them and a clock: what each of them has, and who sends through what."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from history import Event, History, Sa, State
from plan import Gateway


@dataclass
class Ike:
    """The IKE SA: who has it, and until when."""

    soft: float
    hard: float
    cloud: bool = True
    peer: bool = True


class Ends:
    """The two gateways, the path between them, and a clock."""

    def __init__(self, plan: Gateway, chance: random.Random) -> None:
        self.plan, self.chance = plan, chance
        self.history = History(plan)
        self.now = plan.begin
        self.path = self.peer = True
        self.ike: Ike | None = None
        self.wrong: dict[str, str] = {}  # layer -> the reason for which it fails
        self.bad_pairs: set[int] = set()
        self.configured = set(range(len(plan.pairs)))
        self.outages = self.restarts = self.losses = 0
        self.pending: dict[int, float] = {}  # when a pair is negotiated next
        self._todo: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def run(self, until: float) -> History:
        """Let everything happen up to a moment."""
        self.note()
        while self._todo and self._todo[0][0] <= until:
            self.now, _number, act = heapq.heappop(self._todo)
            act()
            self.note()
        return self.history

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Do something at a moment."""
        if math.isfinite(when):
            self._count += 1
            heapq.heappush(self._todo, (max(when, self.now), self._count, act))

    def note(self) -> None:
        """Write down what holds from now on."""
        good_pairs = frozenset(range(len(self.plan.pairs))) - self.bad_pairs
        both = bool(self.ike and self.ike.cloud and self.ike.peer)
        state = State(
            *(self.now, self.path, self.peer, not {"psk", "proposal"} & {*self.wrong}, "ipsec" not in self.wrong),
            *(good_pairs, frozenset(self.configured), both, bool(self.ike and self.ike.cloud)),
        )
        states = self.history.states
        if not states or states[-1]._replace(at=0) != state._replace(at=0):
            states.append(state)

    def say(self, what: str, reason: str = "", rekey: bool = False, pair: int | None = None) -> None:
        """Note what the cloud's gateway could write a line about."""
        self.history.events.append(Event(self.now, what, reason, rekey, pair))

    # What an end has.

    def held(self, end: str, pair: int) -> list[Sa]:
        """Return the SAs that an end has of a pair, the newest last."""
        return [sa for sa in self.history.sas if sa.pair == pair and sa.held(end, self.now)]

    def answers(self) -> bool:
        """Tell whether the peer answers within the IKE SA that the cloud has."""
        return self.path and self.peer and bool(self.ike and self.ike.cloud and self.ike.peer)

    def steer(self, pair: int) -> None:
        """Let both ends send through the newest SA that they have."""
        for end, name in (("cloud", "sent"), ("peer", "received")):
            held = self.held(end, pair)
            for sa in self.history.sas:
                spans = getattr(sa, name)
                if sa.pair == pair and spans and math.isinf(spans[-1][1]) and (not held or sa is not held[-1]):
                    spans[-1][1] = self.now
            if held:
                spans = getattr(held[-1], name)
                if not spans or not math.isinf(spans[-1][1]):
                    spans.append([self.now, math.inf])

    def drop(self, sa: Sa, reason: str, ends: str = "cloud peer", rekey: bool = False) -> None:
        """Let go of an SA; the cloud says so where it had it."""
        if "cloud" in ends and sa.held("cloud", self.now):
            sa.cloud_until = self.now
            self.say("down", reason, rekey, sa.pair)
        if "peer" in ends and sa.held("peer", self.now):
            sa.peer_until = self.now
        self.steer(sa.pair)

    def drop_all(self, reason: str, ends: str = "cloud peer", pairs: set[int] | None = None) -> None:
        """Let go of all SAs, and see who wants them back."""
        for sa in list(self.history.sas):
            if pairs is None or sa.pair in pairs:
                self.drop(sa, reason, ends)
        if pairs is None and self.ike:
            self.ike.cloud &= "cloud" not in ends
            self.ike.peer &= "peer" not in ends
        for pair in sorted(self.configured if pairs is None else pairs & self.configured):
            self.want(pair)

    def want(self, pair: int, pause: float = 0.0) -> None:
        """Let the end that first misses an SA of a pair negotiate one."""
        raise NotImplementedError
