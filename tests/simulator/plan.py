# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a simulated tunnel is, what is done to it, and how its service shows it: drawn from a seed, nothing else.

All times are seconds; 0 is the moment of the baseline.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

QUIET_FOR = 75.0  # 30 s without an answer, then 3 probes of 15 s each
TIMEOUT = 600.0
SLEEP = 15.0
ALWAYS = ((-1e9, 1e9),)
Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Traffic:
    """When there is traffic for a pair of networks, and how many packets a second each way."""

    kind: str
    bursts: Spans
    sent: float
    received: float

    def next(self, now: float) -> float:
        """Return the first moment from now on at which there is traffic."""
        return next((max(begin, now) for begin, end in self.bursts if end > now), math.inf)

    def waiting(self, now: float) -> bool:
        """Tell whether there is traffic now."""
        return self.next(now) <= now


@dataclass(frozen=True)
class Change:
    """What is changed; C(what) says how it takes effect, C(layer) which settings it is of."""

    what: str  # nothing ipsec ike at_once one_pair remove_pair peer_side path restart
    layer: str  # none psk proposal ipsec pair path
    good: bool
    at: float
    healed: float = math.inf  # seconds later at which the other end follows, so that a bad change is good
    length: float = 0.0  # of a restart

    def label(self) -> str:
        """Return the change in a few words."""
        good = "good" if self.good else "bad" if math.isinf(self.healed) else f"bad for {self.healed:.0f} s"
        return f"{self.what}/{self.layer} {good} at {self.at:.0f}"


@dataclass(frozen=True)
class Trouble:
    """What happens by itself: the path is out, or the peer restarts."""

    what: str  # outage restart
    at: float
    length: float


@dataclass(frozen=True)
class Gateway:
    """Both ends of a tunnel, and what becomes of it."""

    version: int
    pairs: tuple[Traffic, ...]
    route_mode: bool
    ike_life: float
    ipsec_life: float
    rekeyer: str  # cloud peer either
    idle_rekey: bool
    cloud_starts: bool
    peer_starts: bool
    eager: bool  # the peer negotiates without traffic, too
    invalid_spi: bool
    initial_contact: bool
    collides: bool
    kick_first: bool  # the line of the old SA stands before that of the new one
    begin: float
    change: Change
    earlier: Change | None = None
    troubles: tuple[Trouble, ...] = ()

    @property
    def standby(self) -> bool:
        """Tell whether the tunnel waits for another one to fail."""
        return all(traffic.kind == "standby" for traffic in self.pairs)


@dataclass(frozen=True)
class Service:
    """How the service shows a tunnel."""

    log: str  # everything failures no_teardowns strange noise
    strange_failures: bool  # a service with its own words has them for failures, too
    rekey_says_up: bool
    fraction: bool
    delay: str  # prompt slow batch late
    limited: bool
    strangers: float  # seconds between failures of a peer that is none of ours; 0 for none
    status_by: str  # ipsec ike
    status_lag: float
    ids: str  # new stable random none
    collected_every: float  # 0: at each reading
    counters: str  # plain wrap cumulative restarting
    clock_ahead: float
    read_time: float
    taught: bool


@dataclass(frozen=True)
class World:
    """All of it, and how it is watched."""

    seed: int
    gateway: Gateway
    service: Service
    watched_from: float
    rest: random.Random = field(compare=False, repr=False, default_factory=random.Random)

    @property
    def until(self) -> float:
        """Return when nobody watches any more."""
        return self.watched_from + QUIET_FOR + TIMEOUT + 60


def draw(seed: int) -> World:
    """Return the world of a seed."""
    chance = random.Random(seed)  # noqa: S311 - the same in each run is what is wanted
    change_at = chance.choice((chance.uniform(5, 60), chance.uniform(30, 900)))
    pairs = _pairs(chance)
    change = _change(chance, change_at, len(pairs))
    watched_from = change_at + chance.uniform(0.5, 15)
    gateway = _gateway(chance, pairs, change, watched_from + QUIET_FOR + TIMEOUT)
    return World(seed, gateway, _service(chance), watched_from, chance)


def _pairs(chance: random.Random) -> tuple[Traffic, ...]:
    count = chance.choices((1, 2, 3), (60, 25, 15))[0]
    if chance.random() < 0.06:
        return (Traffic("standby", (), 0, 0),) * count
    return tuple(_traffic(chance) for _pair in range(count))


def _traffic(chance: random.Random) -> Traffic:
    kind = chance.choices(("busy", "rare", "out", "in", "idle"), (50, 15, 8, 5, 22))[0]
    sent, received = chance.uniform(0.5, 400), chance.uniform(0.5, 400)
    if kind == "idle":
        return Traffic(kind, (), 0, 0)
    if kind == "rare":
        every, length = chance.uniform(60, 600), chance.uniform(1, 20)
        first = chance.uniform(-9e3, -8.4e3) - 12e3
        bursts = tuple((first + n * every, first + n * every + length) for n in range(int(24e3 / every) + 1))
        return Traffic(kind, bursts, sent, received)
    return Traffic(kind, ALWAYS, 0 if kind == "in" else sent, 0 if kind == "out" else received)


_CHANGES = (
    *(("nothing", 14), ("ipsec", 14), ("ike", 14), ("at_once", 24), ("one_pair", 10), ("remove_pair", 3)),
    *(("peer_side", 9), ("path", 6), ("restart", 6)),
)
_LAYERS = {"nothing": ("none",), "ipsec": ("ipsec",), "ike": ("psk", "proposal"), "one_pair": ("pair",)}


def _change(chance: random.Random, at: float, pairs: int) -> Change:
    names, weights = zip(*_CHANGES)
    what = chance.choices(names, weights)[0]
    if pairs == 1 and what in ("one_pair", "remove_pair"):
        what = "at_once"
    if what in ("nothing", "remove_pair"):
        return Change(what, "none", True, at)
    if what == "path":
        return Change(what, "path", False, at, math.inf if chance.random() < 0.6 else chance.uniform(20, 400))
    layer = chance.choice(_LAYERS.get(what, ("psk", "proposal", "ipsec")))
    good = chance.random() < 0.62
    healed = chance.uniform(5, 300) if not good and chance.random() < 0.25 else math.inf
    return Change(what, layer, good, at, healed, chance.uniform(10, 150) if what == "restart" else 0.0)


def _gateway(chance: random.Random, pairs: tuple[Traffic, ...], change: Change, end: float) -> Gateway:
    ipsec = chance.choice((600.0, 1200.0, 1800.0, 3600.0, 3600.0, 3600.0))
    return Gateway(
        version=chance.choice((1, 2, 2)),
        pairs=pairs,
        route_mode=len(pairs) == 1 and chance.random() < 0.6,
        ike_life=chance.choice((3600.0, 14400.0, 86400.0, 86400.0)),
        ipsec_life=ipsec,
        rekeyer=chance.choice(("cloud", "peer", "either")),
        idle_rekey=chance.random() < 0.7,
        cloud_starts=chance.random() < 0.85,
        peer_starts=chance.random() < 0.85,
        eager=chance.random() < 0.35,
        invalid_spi=chance.random() < 0.3,
        initial_contact=chance.random() < 0.6,
        collides=chance.random() < 0.05,
        kick_first=chance.random() < 0.3,
        begin=-chance.uniform(1.0, 2.2) * ipsec,
        change=change,
        earlier=_earlier(chance) if chance.random() < 0.06 else None,
        troubles=_troubles(chance, change.at, end),
    )


def _earlier(chance: random.Random) -> Change:
    """Return what broke the tunnel before the baseline."""
    what = chance.choice(("at_once", "path", "peer_side", "ipsec"))
    layer = "path" if what == "path" else chance.choice(("psk", "proposal", "ipsec"))
    return Change(what, "ipsec" if what == "ipsec" else layer, False, -chance.uniform(60, 1500))


def _troubles(chance: random.Random, change_at: float, end: float) -> tuple[Trouble, ...]:
    made = []
    if chance.random() < 0.12:
        for _event in range(chance.choice((1, 1, 1, 2, 4))):
            what = chance.choice(("outage", "outage", "restart"))
            made.append(Trouble(what, chance.uniform(-300, end), chance.choice((5, 30, 60, 100, 200, 400))))
    return tuple(sorted(made, key=lambda trouble: trouble.at))


def _service(chance: random.Random) -> Service:
    log = chance.choices(("everything", "failures", "no_teardowns", "strange", "noise"), (36, 16, 14, 18, 16))[0]
    return Service(
        log=log,
        strange_failures=chance.random() < 0.5,
        rekey_says_up=chance.random() < 0.8,
        fraction=chance.random() < 0.7,
        delay=chance.choices(("prompt", "slow", "batch", "late"), (60, 20, 12, 8))[0],
        limited=chance.random() < 0.8,
        strangers=chance.uniform(5, 300) if chance.random() < 0.02 else 0.0,
        status_by=chance.choice(("ipsec", "ipsec", "ike")),
        status_lag=chance.choice((0.0, 0.0, 10.0, 60.0, 180.0, 300.0)),
        ids=chance.choices(("new", "stable", "random", "none"), (48, 22, 12, 18))[0],
        collected_every=chance.choice((0.0, 0.0, 0.0, 15.0, 60.0, 120.0, 300.0)),
        counters=chance.choices(("plain", "wrap", "cumulative", "restarting"), (70, 12, 12, 6))[0],
        clock_ahead=28800.0 if chance.random() < 0.01 else 0.0,
        read_time=chance.choice((0.3, 0.5, 2.0, 10.0)),
        taught=chance.random() < 0.85,
    )
