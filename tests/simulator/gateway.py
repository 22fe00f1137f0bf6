# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tunnel and what is done to it: changes, a path that is out, a peer that restarts, and who notices."""

from __future__ import annotations

import math
import random

from history import History
from negotiation import REASONS, Negotiating
from plan import Change, Gateway, Trouble

_DPD_IDLE, _DPD_TRIES = 30.0, 45.0
_BY_HAND = (
    "config modify or manual offline",
    "config modify or manual offline",
    "reset sa by ike user",
    "manual offline",
)


def simulate(plan: Gateway, chance: random.Random, until: float) -> History:
    """Return what happens to a tunnel up to a moment."""
    tunnel = Tunnel(plan, chance)
    for change in filter(None, (plan.earlier, plan.change)):
        tunnel.at(change.at, lambda change=change: tunnel.change(change))
    for trouble in plan.troubles:
        tunnel.at(trouble.at, lambda trouble=trouble: tunnel.happen(trouble))
    tunnel.start()
    return tunnel.run(until)


class Tunnel(Negotiating):
    """Two ends, and what is done to them."""

    def start(self) -> None:
        """Establish what there is at the begin."""
        if not self.plan.standby:
            for pair in sorted(self.configured):
                self.at(self.now + self.chance.uniform(0.1, 1.5), lambda pair=pair: self.attempt(pair, "cloud"))
        elif self.chance.random() < 0.5:
            self.new_ike(self.now)

    def change(self, change: Change) -> None:
        """Apply a change, and what the other end does about it later."""
        if change.good:
            self.wrong.pop(change.layer, None)  # whatever was wrong there is put right
        elif change.layer in ("psk", "proposal", "ipsec"):
            at_once = change.what in ("at_once", "peer_side", "restart") and change.layer == "proposal"
            self.wrong[change.layer] = (
                "version mismatch" if at_once and self.chance.random() < 0.4 else REASONS[change.layer]
            )
        act = getattr(self, f"_{change.what}", None)
        if act:
            act(change)
        if math.isfinite(change.healed):
            self.at(self.now + change.healed, lambda: self._heal(change))

    def _heal(self, change: Change) -> None:
        self.wrong.pop(change.layer, None)
        self.bad_pairs.clear()
        if change.what == "path":
            self._path_back()
        self._all_want()

    def _all_want(self) -> None:
        for pair in sorted(self.configured):
            self.want(pair)

    def _at_once(self, change: Change) -> None:
        """The cloud takes all SAs down, and tells the peer where it hears that."""
        reason = self.chance.choice(_BY_HAND)
        self._take_down(reason)

    def _take_down(self, reason: str, pairs: set[int] | None = None) -> None:
        self.drop_all(reason, "cloud peer" if self.path and self.peer else "cloud", pairs)
        self.at(self.now + self.chance.uniform(30, 120), self._peer_notices)

    def _one_pair(self, change: Change) -> None:
        pairs = {self.chance.randrange(len(self.plan.pairs))}
        self.history.touched |= pairs
        if not change.good:
            self.bad_pairs |= pairs
        self._take_down(_BY_HAND[0], pairs)

    def _remove_pair(self, change: Change) -> None:
        pairs = {len(self.plan.pairs) - 1}
        self.configured -= pairs
        self._take_down(_BY_HAND[0], pairs)

    def _peer_side(self, change: Change) -> None:
        """The peer is changed: it deletes all, and the cloud hears that."""
        heard = self.path and self.peer
        self.drop_all("peer request" if heard else "", "cloud peer" if heard else "peer")

    def _path(self, change: Change) -> None:
        self._path_out()

    def _restart(self, change: Change) -> None:
        self._restart_peer(change.length)

    def happen(self, trouble: Trouble) -> None:
        """Let something happen by itself."""
        if trouble.what == "restart":
            self._restart_peer(trouble.length)
        else:
            self._path_out()
            self.at(self.now + trouble.length, self._path_back)

    def _path_out(self) -> None:
        self.outages += 1
        self.path = False
        self._lost()
        self.at(self.now + self.chance.uniform(30, 180), self._peer_notices)

    def _path_back(self) -> None:
        self.outages = max(0, self.outages - 1)
        self.path = not self.outages
        self._all_want()

    def _restart_peer(self, length: float) -> None:
        """The peer goes, with or without a word, and comes back without any SA."""
        if self.path and self.peer and self.chance.random() < 0.3:
            self.drop_all("peer request")
        self.restarts += 1
        self.peer = False
        self.drop_all("", "peer")
        self._lost()
        self.at(self.now + length, self._peer_back)

    def _peer_back(self) -> None:
        self.restarts -= 1
        self.peer = not self.restarts
        if not self.peer:
            return
        self._all_want()
        for pair in sorted(self.configured):
            traffic = self.plan.pairs[pair]
            if self.plan.invalid_spi and traffic.sent:
                self.at(traffic.next(self.now) + self.chance.uniform(1, 5), lambda pair=pair: self._invalid_spi(pair))

    def _invalid_spi(self, pair: int) -> None:
        """The peer gets traffic of an SA that it does not know, and says so."""
        for sa in self.held("cloud", pair) if self.path and self.peer else ():
            if not sa.held("peer", self.now):
                self.drop(sa, "receive invalid spi notify", "cloud")
        self.want(pair)

    def _lost(self) -> None:
        """The peer does not answer any more: DPD on demand notices once there is traffic for it."""
        self.losses += 1
        loss = self.losses
        moments = []
        for pair in sorted(self.configured):
            traffic = self.plan.pairs[pair]
            if traffic.sent and self.held("cloud", pair):
                sent = traffic.next(self.now)
                asked = (
                    max(sent, self.now + _DPD_IDLE) if traffic.received else sent + self.chance.uniform(0, _DPD_IDLE)
                )
                moments.append(asked + _DPD_TRIES)
        self.at(min(moments, default=math.inf), lambda: self._dpd(loss))

    def _dpd(self, loss: int) -> None:
        if loss == self.losses and self.ike and self.ike.cloud and not self.answers():
            self.drop_all("dpd timeout", "cloud")
            self.at(self.now + self.chance.uniform(30, 120), self._peer_notices)

    def _peer_notices(self) -> None:
        """The peer lets go of what the cloud does not have any more, or does not answer for."""
        for sa in list(self.history.sas):
            if sa.held("peer", self.now) and not (self.path and sa.held("cloud", self.now)):
                self.drop(sa, "", "peer")
        if self.ike and not (self.path and self.ike.cloud):
            self.ike.peer = False
        self._all_want()
