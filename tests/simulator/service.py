# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a service shows a tunnel at a moment: its log, its status and its IPsec SAs, with all the habits it may have."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import wording
from history import Event, History, Sa, overlap
from plan import World

T0 = 1_764_000_000  # the moment of the baseline, 2025-11-24T16:00:00Z
ID = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
NAME = "hq"
LIMIT = 200
_WRAP = 2**32
_STRANGE_REASONS = ("peer address mismatch", "phase1 proposal mismatch", "config ID mismatch")


def stamp(at: float, fraction: int = 3) -> str:
    """Return a moment as the cloud writes it, without its offset."""
    text = datetime.fromtimestamp(T0 + at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text[: 20 + fraction] if fraction else text[:19]


class Shown:
    """What the service shows of a tunnel whose history is known."""

    def __init__(self, world: World, history: History) -> None:
        self.world, self.service, self.history = world, world.service, history
        self.chance = random.Random(world.seed + 7)  # noqa: S311 - the same in each run is what is wanted
        self._phase = self.chance.uniform(0, 300)
        self._offset = self.chance.choice((0, _WRAP - self.chance.randrange(1, 2_000_000)))
        self._restart_at = self.chance.uniform(-300, world.until)
        self.lines = sorted(self._written(), key=lambda line: line[:2])

    def _written(self) -> Iterator[tuple[float, float, Event | None, dict[str, Any]]]:
        """Yield when each line is there to be read, when it happened, of which event, and the entry."""
        service, chance = self.service, self.chance
        for event in self.history.events:
            arrives = event.at + self._delay()
            if self._writes(event):
                yield arrives, event.at, event, self._entry(event.at, wording.content(event, service))
        begin, end = max(self.history.plan.begin, -2400), self.world.until
        for every, kind in (
            (chance.uniform(40, 240) * (service.log == "noise"), "noise"),
            (service.strangers, "failed"),
        ):
            at = begin + every
            while every and at < end:
                number = chance.randrange(1000)
                noise = wording.NOISE.format(number=number) + f". (PeerAddress=[{wording.PEER}])"
                reason = _STRANGE_REASONS[number % 3 if every > 60 else 0]
                text = noise if kind == "noise" else wording.stranger(reason)
                yield at + self._delay(), at, None, self._entry(at, text)
                at += every

    def _writes(self, event: Event) -> bool:
        service = self.service
        if event.what == "up" and event.rekey and not service.rekey_says_up:
            return False
        if service.log == "failures":
            return event.what == "failed"
        return event.what != "down" or service.log != "no_teardowns"

    def _delay(self) -> float:
        chance = self.chance
        most = {"prompt": 1.5, "slow": 40.0, "batch": 60.0, "late": 10.0}[self.service.delay]
        late = 240.0 if self.service.delay == "late" and chance.random() < 0.1 else most
        return chance.uniform(0, late)

    def _entry(self, at: float, content: str) -> dict[str, Any]:
        when = stamp(at, 6 if self.service.fraction else 0)
        raw = f"{when}+00:00 host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] {content}"
        return {"time": int(T0 + at), "raw_message": raw}

    def log(self, now: float) -> list[dict[str, Any]]:
        """Return the log, newest first."""
        there = sorted(
            ((at, entry) for arrives, at, _event, entry in self.lines if arrives <= now), key=lambda one: one[0]
        )
        return [entry for _at, entry in there[-LIMIT if self.service.limited else 0 :][::-1]]

    def told(self, now: float, since: float) -> list[Event]:
        """Return the events that the log tells of by now, from a moment on."""
        return [event for arrives, at, event, _entry in self.lines if event and arrives <= now and at >= since]

    def status(self, now: float) -> str:
        """Return the status; it lags."""
        then = now - self.service.status_lag
        if self.service.status_by == "ike":
            state = self.history.state(then)
            return "ACTIVE" if state.cloud_ike or self.history.held("cloud", then) else "DOWN"
        return "ACTIVE" if self.history.held("cloud", then) else "DOWN"

    def collected(self, now: float) -> float:
        """Return when what is read now was collected."""
        every = self.service.collected_every
        return now - (now - self._phase) % every if every else now

    def sas(self, now: float) -> list[dict[str, Any]] | None:
        """Return the IPsec SAs as they were collected last, None where the service does not serve them."""
        if self.service.ids == "none":
            return None
        at = self.collected(now)
        held = self.history.held("cloud", at)
        if self.service.ids == "stable":
            held = [sa for sa in held if all(one.pair != sa.pair or one.born <= sa.born for one in held)]
        when = f"{stamp(at + self.service.clock_ahead)}Z"
        return [
            {"id": self._id(sa, now), **networks(self.history, sa.pair), **self._counters(sa, at), "collected_at": when}
            for sa in held
        ]

    def _id(self, sa: Sa, now: float) -> str:
        if self.service.ids == "random":
            return f"{random.Random(f'{self.world.seed} {now} {sa.number}').getrandbits(64):016x}"  # noqa: S311
        return f"sa-{sa.pair}" if self.service.ids == "stable" else f"sa-{sa.pair}-{sa.number:04d}"

    def _counters(self, sa: Sa, at: float) -> dict[str, int]:
        """Return the counters: from the begin of the SA on, or of the pair, or of what counts them."""
        same = [one for one in self.history.sas if one.pair == sa.pair and one.born <= sa.born]
        counted = same if self.service.counters == "cumulative" and self.service.ids == "stable" else [sa]
        restarting = self.service.counters == "restarting" and at >= self._restart_at
        zero = self._counts(counted, self._restart_at) if restarting else (0, 0)
        sent, received = (now - then for now, then in zip(self._counts(counted, at), zero))
        size = 200 + 40 * sa.pair
        offset = self._offset if self.service.counters == "wrap" else 0
        wrap = _WRAP if self.service.counters == "wrap" else 2**63
        return {
            "packets_sent": sent,
            "packets_recv": received,
            "traffic_sent": (offset + sent * size) % wrap,
            "traffic_recv": (offset + received * size) % wrap,
        }

    def _counts(self, sas: list[Sa], until: float) -> tuple[int, int]:
        history = self.history
        bursts, dark = history.plan.pairs[sas[0].pair].bursts, list(history.dark())
        traffic = history.plan.pairs[sas[0].pair]
        sent = sum(overlap(sa.sent, bursts, until) for sa in sas)
        received = 0.0
        for sa in sas:
            spans = [[begin, min(end, sa.cloud_until)] for begin, end in sa.received]
            lost = [
                [max(begin, a), min(end, b)] for begin, end in spans for a, b in dark if max(begin, a) < min(end, b)
            ]
            received += overlap(spans, bursts, until) - overlap(lost, bursts, until)
        return int(sent * traffic.sent), int(max(0.0, received) * traffic.received)

    def connection(self, now: float) -> dict[str, Any]:
        """Return what the service shows of the connection."""
        plan, configured = self.history.plan, self.history.state(now).configured
        rules = [
            {"rule_index": pair + 1, "source": f"10.0.{pair}.0/24", "destination": ["192.168.0.0/16"]}
            for pair in sorted(configured)
        ]
        changed = plan.change.what in ("ipsec", "ike", "at_once", "one_pair", "remove_pair") and now >= plan.change.at
        return {
            **{"id": ID, "name": NAME, "status": self.status(now), "style": "static" if plan.route_mode else "policy"},
            **({} if plan.route_mode else {"policy_rules": rules}),
            "updated_at": f"{stamp(plan.change.at if changed else plan.begin - 86400)}Z",
            "ikepolicy": {"ike_version": f"v{plan.version}", "lifetime_seconds": int(plan.ike_life)},
            "ipsecpolicy": {"lifetime_seconds": int(plan.ipsec_life)},
        }


def networks(history: History, pair: int) -> dict[str, str]:
    """Return the two networks of a pair."""
    if history.plan.route_mode:
        return {"source_ip_cidr": "0.0.0.0/0", "dest_ip_cidr": "0.0.0.0/0"}
    return {"source_ip_cidr": f"10.0.{pair}.0/24", "dest_ip_cidr": "192.168.0.0/16"}
