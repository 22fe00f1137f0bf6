# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict on simulated gateways, and whether the simulator itself tells the truth."""

from __future__ import annotations

import dataclasses
import math

import pytest
import watcher
from gateway import simulate
from plan import ALWAYS, Change, Gateway, Service, Traffic, Trouble, World, draw
from service import Shown
from simulate import run
from truth import judged
from watcher import Scene, watch

BUSY = Traffic("busy", ALWAYS, 100.0, 100.0)
IDLE = Traffic("idle", (), 0, 0)
NOTHING = Change("nothing", "none", True, 30)
PLAIN = Gateway(
    version=2,
    pairs=(BUSY,),
    route_mode=True,
    ike_life=86400.0,
    ipsec_life=3600.0,
    rekeyer="cloud",
    idle_rekey=True,
    cloud_starts=True,
    peer_starts=True,
    eager=False,
    invalid_spi=False,
    initial_contact=False,
    collides=False,
    kick_first=False,
    begin=-1000,
    change=NOTHING,
)
OPEN = Service(
    log="everything",
    strange_failures=False,
    rekey_says_up=True,
    fraction=True,
    delay="prompt",
    limited=True,
    strangers=0.0,
    status_by="ipsec",
    status_lag=0.0,
    ids="new",
    collected_every=0.0,
    counters="plain",
    clock_ahead=0.0,
    read_time=0.3,
    taught=True,
)


def scene(service=OPEN, **changes):
    plan = dataclasses.replace(PLAIN, **changes)
    return Scene.of(World(1, plan, service, plan.change.at + 5))


def bad(what, layer="ipsec", **more):
    return Change(what, layer, False, 30, **more)


@pytest.fixture(scope="module")
def worlds():
    return run(300, 1, 0, processes=1)


def test_no_broken_tunnel_passes(worlds):
    assert [world.story for world in worlds if world.worth["default"].false_pass and world.worth["default"].told] == []


def test_nearly_all_healthy_tunnels_pass(worlds):
    healthy = [world for world in worlds if world.healthy and world.able and not world.asleep]
    passed = sum(world.worth["default"].verdict == "pass" for world in healthy)
    assert passed >= 0.95 * len(healthy)


def test_the_same_seed_is_the_same_world():
    first, again = draw(5), draw(5)
    assert (first.gateway, first.service) == (again.gateway, again.service)
    assert judged(5, ["default"]) == judged(5, ["default"])


def test_what_always_passes_is_caught(monkeypatch):
    def careless(evidence, baseline, policy, watched_from, readings):
        row = evidence["vpn_connections"][0]
        good = row["connection"]["status"] == "ACTIVE"
        tunnel = {"findings": [], "negotiated": False}
        return {"verdict": "pass" if good else "inconclusive", "settled": good, "vpn_connections": [tunnel]}

    monkeypatch.setattr(watcher.judge, "judge", careless)
    assert any(world.worth["default"].false_pass for world in run(60, 1, 0, processes=1))


# The truth.


@pytest.mark.parametrize(
    ("changes", "works"),
    [
        ({}, True),
        ({"change": bad("path", "path")}, False),
        ({"change": bad("path", "path", healed=60)}, True),
        ({"change": bad("at_once")}, False),
        ({"change": bad("at_once", healed=60)}, True),
        ({"change": bad("ipsec")}, True),  # it will break at the next rekey
        ({"change": bad("ipsec"), "ipsec_life": 1100.0, "begin": -900}, False),  # which failed, and the old SA is over
        ({"change": bad("at_once"), "pairs": (IDLE,)}, False),
        ({"change": Change("at_once", "ipsec", True, 30), "pairs": (IDLE,)}, True),  # comes up with traffic
        ({"change": bad("one_pair", "pair"), "pairs": (BUSY, BUSY), "route_mode": False}, False),
        ({"change": Change("restart", "ipsec", True, 30, length=60)}, True),
        ({"earlier": Change("path", "path", False, -500)}, False),
        ({"troubles": (Trouble("outage", 100, 200),)}, True),
    ],
)
def test_the_simulator_knows_what_works(changes, works):
    assert scene(**changes).history.works(600) is works


def test_a_broken_rekey_is_doomed_while_the_old_sa_carries():
    history = scene(change=bad("ipsec"), ipsec_life=1200.0, begin=-950).history
    (failed, *_rest) = [event for event in history.events if event.what == "failed"]
    assert failed.reason == "phase2 proposal or pfs mismatch"
    assert history.works(failed.at + 1)
    assert history.doomed(failed.at + 1)
    assert not history.tried(failed.at + 1)


def test_a_rekey_makes_before_it_breaks():
    history = scene(ipsec_life=1100.0).history
    old, new = history.sas[:2]
    assert new.born < old.cloud_until < new.born + 7
    assert all(history.works(at) for at in range(600))


def test_the_peer_is_asked_for_75_seconds():
    history = scene(change=bad("path", "path")).history
    (down,) = [event for event in history.events if event.what == "down"]
    assert (down.reason, down.at) == ("dpd timeout", 105)


def test_a_peer_that_restarts_kicks_the_old_sa():
    history = scene(change=Change("restart", "ipsec", True, 30, length=20), begin=-1001).history
    said = [(event.what, event.reason) for event in history.events if event.at > 30]
    assert ("up", "") in said
    assert any(reason in ("kick old sa with same flow", "peer request") for _what, reason in said)


def test_counters_stand_still_where_nothing_comes_through():
    shown = scene(change=bad("path", "path")).shown
    (early,), (late,) = shown.sas(40), shown.sas(90)
    assert early["packets_sent"] < late["packets_sent"]
    assert early["packets_recv"] == late["packets_recv"]


def test_a_service_of_failures_says_nothing_else():
    quiet = dataclasses.replace(OPEN, log="failures")
    assert scene(quiet).shown.log(600) == []
    assert "negotiation fails" in scene(quiet, change=bad("at_once")).shown.log(600)[0]["raw_message"]


def test_a_status_lags():
    lagging = scene(dataclasses.replace(OPEN, status_lag=180.0), change=bad("at_once")).shown
    assert (lagging.status(100), lagging.status(300)) == ("ACTIVE", "DOWN")


@pytest.mark.parametrize(("change", "verdict"), [(NOTHING, "pass"), (bad("at_once"), "fail")])
def test_plain_worlds_have_plain_verdicts(change, verdict):
    assert watch(scene(change=change)).word == verdict


def test_time_has_an_end():
    world = World(1, PLAIN, OPEN, 35)
    history = simulate(PLAIN, world.rest, world.until)
    assert all(math.isfinite(line[0]) for line in Shown(world, history).lines)
