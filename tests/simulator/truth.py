# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a verdict is worth: compared with what was true at the moment of the last reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from plan import QUIET_FOR, TIMEOUT
from service import networks
from watcher import POLICIES, Outcome, Scene, watch


@dataclass(frozen=True)
class Worth:
    """A verdict of one policy, and the truth."""

    verdict: str
    works: bool
    doomed: str  # "" unless the last negotiation failed and an old SA carries on: whether the log told of it
    told: tuple[str, ...]  # where the service showed what is broken, in a false PASS
    unseen: str  # why it was not to be seen
    negotiated: str  # "" where the verdict claims none; else what there really was
    codes: tuple[str, ...]
    readings: int

    @property
    def false_pass(self) -> bool:
        """Tell whether it says that a broken tunnel is well."""
        return self.verdict == "pass" and not self.works


@dataclass(frozen=True)
class Judged:
    """A world, and what each policy makes of it."""

    seed: int
    pairs: int
    healthy: bool
    strangers: bool  # a peer that is none of ours fails all the time
    able: bool  # the service serves SAs and ACTIVE, and its lines are known or taught
    asleep: bool  # without any SA for some pair when watching ended, until there is traffic
    service: str
    circumstances: str
    story: str
    worth: dict[str, Worth]


def judged(seed: int, policies: Iterable[str] = tuple(POLICIES)) -> Judged:
    """Live through the world of a seed and judge it by each policy."""
    scene = Scene.at_seed(seed)
    service = scene.world.service
    known = service.log not in ("strange", "noise") or service.taught
    worth = {policy: worth_of(scene, watch(scene, policy)) for policy in policies}
    return Judged(
        seed,
        len(scene.world.gateway.pairs),
        scene.history.healthy() and not service.strangers,
        bool(service.strangers),
        service.ids != "none" and known,
        asleep(scene),
        f"{service.log}{'' if known else ' untaught'}, ids {service.ids}",
        circumstances(scene),
        story(scene),
        worth,
    )


def asleep(scene: Scene) -> bool:
    """Tell whether the tunnel comes up with traffic only, so that nobody can tell what it would do."""
    end = scene.world.watched_from + QUIET_FOR + TIMEOUT
    held = {sa.pair for sa in scene.history.held("cloud", end)}
    return not held >= scene.history.state(end).configured


def worth_of(scene: Scene, outcome: Outcome) -> Worth:
    """Compare a verdict with the truth."""
    history, at = scene.history, outcome.at
    works = history.works(at)
    false = outcome.word == "pass" and not works
    told = channels(scene, at) if false else ()
    return Worth(
        outcome.word,
        works,
        doomed(scene, at),
        told,
        unseen(scene, at) if false and not told else "",
        claimed(scene, at) if outcome.negotiated else "",
        outcome.codes,
        outcome.readings,
    )


def doomed(scene: Scene, at: float) -> str:
    """Return whether the log told of a negotiation that failed last, while an old SA carries on; else nothing."""
    if not scene.history.works(at) or not scene.history.doomed(at):
        return ""
    told = any(event.what == "failed" for event in scene.shown.told(at, scene.world.gateway.change.at))
    return "in the log" if told else "not in the log yet"


def unseen(scene: Scene, at: float) -> str:
    """Return why the service could not show by then that a tunnel is broken."""
    history = scene.history
    since, broken = history.broken_since(at), history.broken_pairs(at)
    if one_way(scene, {*broken}, since, at):
        return "only counters hint at it: much is sent and nothing comes back"
    if any(event.at >= since - 1 and event.what in ("down", "failed") and event.at <= at for event in history.events):
        return "the gateway knew, the service had not told yet"
    if not any(history.plan.pairs[pair].sent for pair in broken):
        return "nothing is sent, so that DPD does not ask"
    if not any(history.plan.pairs[pair].next(since) < at for pair in broken):
        return "nothing was sent since"
    return f"DPD was still asking, broken for {'less than 75' if at - since < 75 else '75 or more'} s"


def claimed(scene: Scene, at: float) -> str:
    """Return what there really was where a verdict claims a negotiation of the window."""
    history, change = scene.history, scene.world.gateway.change.at
    if history.tried(at) or (scene.world.gateway.change.layer == "none" and history.negotiated(change, at)):
        return "tried"
    if history.negotiated(change, at):
        return "not of what was changed"
    if history.negotiated(0, change):
        return "before the change only"
    return "nothing since the baseline"


def channels(scene: Scene, at: float) -> tuple[str, ...]:
    """Return where the service has shown by now what is broken."""
    shown, history = scene.shown, scene.history
    since, broken = history.broken_since(at), {*history.broken_pairs(at)}
    found = []
    bad = [event for event in shown.told(at, since - 1) if event.what in ("down", "failed") and not event.rekey]
    if any(event.pair is None or event.pair in broken for event in bad):
        found.append("log")
    row = scene.evidence(at)["vpn_connections"][0]
    there = None if row["ipsec_sas"] is None else {sa["source_ip_cidr"] for sa in row["ipsec_sas"]}
    if there is not None and any(networks(history, pair)["source_ip_cidr"] not in there for pair in broken):
        found.append("SAs")
    if row["connection"]["status"] != "ACTIVE":
        found.append("status")
    return tuple(found)


def one_way(scene: Scene, broken: set[int], since: float, at: float) -> bool:
    """Tell whether two readings of one SA show that something is sent for a broken pair, and nothing comes back."""
    seen: dict[str, dict[str, Any]] = {}
    for now in scene.read_until(at):
        for sa in scene.evidence(now)["vpn_connections"][0]["ipsec_sas"] or ():
            mine = any(networks(scene.history, pair)["source_ip_cidr"] == sa["source_ip_cidr"] for pair in broken)
            if not mine or scene.shown.collected(now) <= since or not scene.history.plan.pairs[min(broken)].received:
                continue
            old = seen.setdefault(sa["id"], sa)
            if sa["packets_sent"] > old["packets_sent"] and sa["packets_recv"] == old["packets_recv"]:
                return True
    return False


def circumstances(scene: Scene) -> str:
    """Return in a word or two what happened to the tunnel."""
    plan = scene.world.gateway
    end = scene.world.watched_from + 100
    recent = [event for event in scene.history.events if -60 < event.at <= end]
    kinds = "/".join(sorted({traffic.kind for traffic in plan.pairs}))
    if plan.change.what in ("at_once", "one_pair", "remove_pair", "peer_side"):
        return f"{plan.change.what}, {kinds}"
    if any(event.reason == "phase2 hard expiry" and not event.rekey for event in recent):
        return f"SA expired, {kinds}"
    if any(event.reason == "peer request" for event in recent):
        return f"rekey by the peer{', both at once' if plan.collides else ''}, {kinds}"
    return f"{'rekey' if any(event.rekey for event in recent) else 'calm'}, {kinds}"


def story(scene: Scene) -> str:
    """Return the world in one line."""
    plan, service = scene.world.gateway, scene.world.service
    pairs = "+".join(traffic.kind for traffic in plan.pairs)
    parts = [f"IKEv{plan.version} {pairs}", plan.change.label()]
    if plan.earlier:
        parts.append(f"before: {plan.earlier.label()}")
    parts += [f"{trouble.what} at {trouble.at:.0f} for {trouble.length:.0f} s" for trouble in plan.troubles]
    lag = f"status by {service.status_by} {service.status_lag:.0f} s late"
    sas = f"ids {service.ids}, read every {service.collected_every:.0f} s, counters {service.counters}"
    return "; ".join([*parts, f"log {service.log} {service.delay}", lag, sas])
