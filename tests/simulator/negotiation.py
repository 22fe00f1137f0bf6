# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the two ends negotiate: at first, again before a lifetime is over, and when an SA is missed."""

from __future__ import annotations

import math
from dataclasses import replace

from ends import Ends, Ike
from history import Attempt, Sa

REASONS = {
    "psk": "authentication fail",
    "proposal": "phase1 proposal mismatch",
    "ipsec": "phase2 proposal or pfs mismatch",
    "pair": "flow mismatch",
}
_GIVES_UP = {1: 40.0, 2: 127.0}  # seconds after which a negotiation without answer has failed


class Negotiating(Ends):
    """Two ends that negotiate."""

    def want(self, pair: int, pause: float = 0.0) -> None:
        """Let the end that first misses an SA of a pair negotiate one."""
        if pair not in self.configured or self.plan.standby:
            return
        plan, traffic, soon = self.plan, self.plan.pairs[pair], self.now + pause
        moments = []
        cloud_starts = plan.cloud_starts or not traffic.received
        peer_starts = plan.peer_starts or not (plan.cloud_starts and traffic.sent)
        if cloud_starts and traffic.sent and not self.held("cloud", pair):
            moments.append((traffic.next(soon), "cloud"))
        if not self.held("peer", pair) and (plan.eager or (peer_starts and traffic.received)):
            moments.append((soon if plan.eager else traffic.next(soon), "peer"))
        when, end = min(moments, default=(math.inf, ""), key=lambda moment: (moment[0], self.chance.random()))
        when += self.chance.uniform(0.2, 3)
        if when < self.pending.get(pair, math.inf):
            self.pending[pair] = when
            self.at(when, lambda: self._retry(pair, end, when))

    def _retry(self, pair: int, end: str, planned: float) -> None:
        if self.pending.get(pair) != planned:
            return  # somebody was earlier
        del self.pending[pair]
        if pair not in self.configured:
            return
        if self.held(end, pair):
            self.want(pair, 5)
        elif self.path and self.peer:
            self.attempt(pair, end)
        elif end == "peer":
            self.want(pair, self.chance.uniform(10, 20))  # the cloud hears nothing of it
        else:
            self.pending[pair] = -math.inf
            self._unanswered(pair, self.now + _GIVES_UP[self.plan.version])

    def _unanswered(self, pair: int, until: float) -> None:
        """Send again until the peer answers or the time is over."""
        if self.path and self.peer:
            del self.pending[pair]
            self.attempt(pair, "cloud")
        elif self.now >= until:
            del self.pending[pair]
            self.say("failed", "max transmit reached", pair=pair)
            self.want(pair, self.chance.uniform(5, 30))
        else:
            self.at(min(until, self.now + 10), lambda: self._unanswered(pair, until))

    def attempt(self, pair: int, by: str, old: Sa | None = None) -> None:
        """Negotiate IPsec, and IKE where there is no SA of it; the peer answers."""
        if not self.answers():
            if not self.good("ike", fresh=True):
                self.failed("ike", self.reason("ike"), pair, old)
                return
            self.new_ike(self.now)
            self._initial_contact(pair)
        if not self.good("ipsec") or pair in self.bad_pairs:
            self.failed("ipsec", self.reason("ipsec"), pair, old)
            return
        self.history.attempts.append(Attempt(self.now, "ipsec", True, pair))
        self._establish(pair, by, old)

    def _initial_contact(self, pair: int) -> None:
        """A peer that has lost everything may say so: the cloud lets go of what it had with it for other pairs."""
        for sa in self.history.held("cloud", self.now) if self.plan.initial_contact else ():
            if sa.pair != pair and not sa.held("peer", self.now):
                self.drop(sa, "peer request", "cloud")
                self.want(sa.pair)

    def good(self, layer: str, fresh: bool = False) -> bool:
        """Tell whether both ends agree; the PSK counts in a whole exchange only."""
        if layer == "ipsec":
            return "ipsec" not in self.wrong
        return "proposal" not in self.wrong and not (fresh and "psk" in self.wrong)

    def reason(self, layer: str) -> str:
        """Return why a negotiation fails."""
        names = ("psk", "proposal") if layer == "ike" else ("ipsec",)
        return next((self.wrong[name] for name in names if name in self.wrong), REASONS["pair"])

    def failed(self, layer: str, reason: str, pair: int, old: Sa | None) -> None:
        """Note a failure, and try again while somebody wants to."""
        self.history.attempts.append(Attempt(self.now, layer, False, None if layer == "ike" else pair, fresh=True))
        self.say("failed", reason, pair=pair)
        pause = self.chance.uniform(10, 60)
        if old:
            self.at(self.now + pause, lambda: self.rekey(old))
        else:
            self.want(pair, pause)

    def new_ike(self, born: float) -> None:
        """Establish an IKE SA by a whole exchange."""
        life = self.plan.ike_life
        if self.now == self.plan.begin or self.now < self.plan.begin + 5:
            born -= self.chance.uniform(0, 0.9 * life)  # nobody knows how old it is by then
        self._take_ike(Ike(born + life * self.chance.uniform(0.88, 0.94), born + life), fresh=True)

    def _take_ike(self, ike: Ike, fresh: bool) -> None:
        self.ike = ike
        self.history.attempts.append(Attempt(self.now, "ike", True, None, fresh))
        self.say("ike_up", rekey=not fresh)
        self.at(ike.soft, lambda: self.rekey_ike(ike))
        self.at(ike.hard, lambda: self._end_ike(ike))

    def _establish(self, pair: int, by: str, old: Sa | None) -> None:
        """Establish an IPsec SA; the one it replaces goes a moment later, or at once where the peer had lost it."""
        life, chance = self.plan.ipsec_life, self.chance
        number = len(self.history.sas)
        sa = Sa(number, pair, self.now, self.now + life * chance.uniform(0.85, 0.95), self.now + life)
        replaced = [one for one in self.held("cloud", pair) if one is not old]
        if self.plan.kick_first:
            for one in replaced:
                self.drop(one, "kick old sa with same flow", rekey=True)
        self.history.sas.append(sa)
        self.say("up", rekey=bool(old), pair=pair)
        self.steer(pair)
        for one in replaced:
            self.at(self.now + chance.uniform(0, 0.3), lambda one=one: self._kick(one))
        if old:
            self._replace(old, by)
        self.at(sa.soft, lambda: self.rekey(sa))
        self.at(sa.hard, lambda: self._end(sa))

    def _kick(self, sa: Sa) -> None:
        self.drop(sa, "kick old sa with same flow", rekey=True)

    def _replace(self, old: Sa, by: str) -> None:
        """Delete the old SA once the new one carries: in IKEv2 whoever asked for the rekey does."""
        chance = self.chance
        peers = self.plan.version == 2 and by == "peer"
        reason = "peer request" if peers else "phase2 sa replace"
        pause = (
            chance.uniform(0, 0.5 if chance.random() < 0.6 else 6) if self.plan.version == 2 else chance.uniform(0, 30)
        )
        self.at(self.now + pause, lambda: self.drop(old, reason, rekey=True))
        if self.plan.collides and self.plan.version == 2:
            twin = replace(self.history.sas[-1], number=len(self.history.sas), sent=[], received=[])
            twin.born = self.now + chance.uniform(0.05, 0.4)
            self.at(twin.born, lambda: self._collide(twin))

    def _collide(self, twin: Sa) -> None:
        """Both ends have asked for the rekey: of two new SAs one goes again."""
        self.history.sas.append(twin)
        self.say("up", rekey=True, pair=twin.pair)
        other = self.chance.choice(("peer request", "phase2 sa replace"))
        self.at(self.now + self.chance.uniform(0.1, 3), lambda: self.drop(twin, other, rekey=True))
        self.steer(twin.pair)

    # Lifetimes.

    def rekey(self, sa: Sa) -> None:
        """Negotiate again before the lifetime is over; some do not where there is no traffic."""
        if not (sa.held("cloud", self.now) and sa.held("peer", self.now)) or sa.pair not in self.configured:
            return
        newer = [one for one in self.held("cloud", sa.pair) if one.born > sa.born]
        idle = self.plan.pairs[sa.pair].kind == "idle" and not self.plan.idle_rekey
        if newer or idle:
            return
        if not (self.path and self.peer):
            self.at(self.now + 10, lambda: self.rekey(sa))
            return
        by = self.plan.rekeyer if self.plan.rekeyer != "either" else self.chance.choice(("cloud", "peer"))
        self.attempt(sa.pair, by, sa)

    def _end(self, sa: Sa) -> None:
        if sa.held("cloud", self.now) or sa.held("peer", self.now):
            newer = any(one.born > sa.born for one in self.held("cloud", sa.pair))
            self.drop(sa, "phase2 hard expiry", rekey=newer)
            self.want(sa.pair)

    def rekey_ike(self, ike: Ike) -> None:
        """Replace the IKE SA; IKEv2 does so inside of it, without the PSK."""
        if self.ike is not ike or not (ike.cloud and ike.peer):
            return
        if not (self.path and self.peer):
            self.at(self.now + 10, lambda: self.rekey_ike(ike))
        elif self.good("ike", fresh=self.plan.version == 1):
            life = self.plan.ike_life
            fresh = self.plan.version == 1
            self._take_ike(Ike(self.now + life * self.chance.uniform(0.88, 0.94), self.now + life), fresh)
            self.say("down", "phase1 sa replace", rekey=True)
        else:
            self.history.attempts.append(Attempt(self.now, "ike", False, None, fresh=True))
            self.say("failed", self.reason("ike"))
            self.at(self.now + self.chance.uniform(60, 600), lambda: self.rekey_ike(ike))

    def _end_ike(self, ike: Ike) -> None:
        """End an IKE SA that nothing replaced: in IKEv2 its IPsec SAs go with it, in IKEv1 they live on."""
        if self.ike is not ike:
            return
        ike.cloud = ike.peer = False
        if self.plan.version == 2:
            self.drop_all("phase1 hard expiry")
