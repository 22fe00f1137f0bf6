# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The waiting loop: baseline, change, reading after reading, judged until settled, with all readings of SAs."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.logs import Reading, Target, assemble
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import Query, query_spec
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import judge
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.policy import Policy
from gateway import simulate
from history import History
from plan import QUIET_FOR, SLEEP, TIMEOUT, World, draw
from service import ID, NAME, T0, Shown
from wording import lessons

_QUERY = Query.from_options({name: entry.get("default") for name, entry in query_spec().items()}.get)
# What each policy asks for otherwise.
POLICIES: dict[str, dict[str, Any]] = {
    "default": {},
    "allow_recovered": {"allow_recovered": True},
    "renegotiated": {"require": ["status_active", "renegotiated"]},
    "nothing taught": {"known_lines": []},
}


@dataclass
class Scene:
    """A world that has been lived through: what was true, and what was to be seen of it."""

    world: World
    history: History
    shown: Shown
    _made: dict[float, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World) -> Scene:
        """Live through a world."""
        chance = random.Random(world.seed + 1)  # noqa: S311 - the same in each run is what is wanted
        history = simulate(world.gateway, chance, world.until)
        return cls(world, history, Shown(world, history))

    @classmethod
    def at_seed(cls, seed: int) -> Scene:
        """Live through the world of a seed."""
        return cls.of(draw(seed))

    def evidence(self, now: float) -> dict[str, Any]:
        """Return what the module returns at a moment: the log first, then the connection, then the SAs."""
        if now not in self._made:
            shown, took = self.shown, self.world.service.read_time
            reading = Reading(
                *(shown.log(now), "r1", float(int(T0 + now)), float(int(T0 + now)) + 0.5),
                connection=shown.connection(now + 0.4 * took),
                ipsec_sas=shown.sas(now + 0.8 * took),
            )
            self._made[now] = assemble([Target(ID, NAME)], [reading], _QUERY, compact=True)
        return self._made[now]

    def read_until(self, now: float) -> list[float]:
        """Return when there was a reading, up to a moment."""
        return sorted(at for at in self._made if at <= now)

    @cached_property
    def baseline(self) -> dict[str, Any]:
        """Return the evidence of before the change."""
        return self.evidence(0.0)


@dataclass(frozen=True)
class Outcome:
    """What the loop came to, and when the last reading was."""

    verdict: dict[str, Any]
    at: float
    readings: int

    @property
    def word(self) -> str:
        """Return the verdict in one word."""
        return str(self.verdict["verdict"])

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of what keeps it from a pass."""
        findings = self.verdict["vpn_connections"][0]["findings"]
        return tuple(dict.fromkeys(found["code"] for found in findings if found["verdict"] != "pass"))

    @property
    def negotiated(self) -> bool:
        """Tell whether the verdict claims a negotiation."""
        return self.word == "pass" and self.verdict["vpn_connections"][0].get("negotiated") is True


def watch(scene: Scene, policy: str = "default") -> Outcome:
    """Read and judge until the verdict is settled, or the time is over."""
    taught = lessons(scene.world.service) if scene.world.service.taught else []
    options = {"quiet_for": QUIET_FOR, "known_lines": taught, **POLICIES[policy]}
    rules = Policy.from_options(**options)
    now = begin = scene.world.watched_from
    first = scene.evidence(begin)
    readings: list[dict[str, Any]] = []
    last = None
    while True:
        evidence = scene.evidence(now)
        readings.append(_sas_of(evidence))
        row = evidence["vpn_connections"][0]
        seen = (row["log"], row["connection"])
        # Nothing passes before it was watched for long enough, so that only news need to be judged until then.
        if seen != last or now >= begin + QUIET_FOR - 1:
            verdict, last = judge.judge(evidence, scene.baseline, rules, first, readings), seen
        later = now + SLEEP + scene.world.service.read_time
        if verdict["settled"] or later > begin + QUIET_FOR + TIMEOUT:
            return Outcome(verdict, now, len(readings))
        now = later


def _sas_of(evidence: dict[str, Any]) -> dict[str, Any]:
    """Return what the loop keeps of a reading."""
    rows = [{"id": row["id"], "ipsec_sas": row["ipsec_sas"]} for row in evidence["vpn_connections"]]
    return {"server_time": evidence["server_time"], "vpn_connections": rows}
