# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The loop that waits: lived through on the emulator, on a clock that only sleeping moves."""

from __future__ import annotations

import re

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.judge import judge
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.policy import Policy
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._verification import Timing, World, verify
from ansible_collections.huaweicloud.vpn.tests.unit.plugins.plugin_utils.fake_cloud import LATENCY, Cloud, Row
from ansible_collections.huaweicloud.vpn.tests.unit.plugins.plugin_utils.scenario_verdicts import (
    HEALTHY,
    NOT_YET,
    SCENARIOS,
)
from ansible_collections.huaweicloud.vpn.tests.unit.plugins.plugin_utils.worlds import (
    FAILED,
    PAIR,
    ROWS,
    fails_later,
    later,
)

CHANGES = [(scenario, change) for scenario, changes in SCENARIOS.items() for change in changes]


@pytest.fixture(scope="module")
def emulators(emulator_module):
    """Start an emulator of a scenario once: to stop one takes longer than to live through a row."""
    running = {}

    def get(scenario="default"):
        if scenario not in running:
            world = emulator_module.load(scenario)
            if "generate" in world:  # a long log makes each row slow, and says no more
                world["generate"] = {**world["generate"], "entries": 3}
            running[scenario] = emulator_module.Emulator(world, latency=LATENCY).start()
        return running[scenario]

    yield get
    for emulator in running.values():
        emulator.stop()


@pytest.fixture
def cloud(emulators, emulator_module, connect, monkeypatch):
    """The default scenario and its clock, at the beginning of time."""
    cloud = Cloud(emulators(), connect)
    cloud.stop_time(monkeypatch, emulator_module)
    cloud.begin()
    return cloud


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_a_world_has_its_verdict(row, cloud):
    story = cloud.live(row)
    assert story.verdict["verdict"] == row.verdict, story.lines
    assert any(re.search(row.said, line) for line in story.lines), story.lines


def names_in(cloud, change):
    """Return the tunnels that a named change is about: those it names, or all."""
    world = cloud.emulator.world
    spec = world.changes[change]
    named = [name for one in (spec, *spec.get("later", ())) for name in one.get("connections", ())]
    return sorted({*named}) or [connection.name for connection in world.connections.values()]


@pytest.mark.parametrize(("scenario", "change"), CHANGES)
def test_a_named_change_has_its_verdict(scenario, change, cloud, emulators):
    """With -s this prints a table, to be shown to people."""
    cloud.emulator = emulators(scenario)
    cloud.begin()
    story = cloud.live(Row("", [change], "", names=names_in(cloud, change)))
    verdict = story.verdict["verdict"]
    said = NOT_YET if verdict == "pass" and not story.verdict["negotiated"] else verdict
    print(f"| {scenario} | {change} | {said} | {story.lines[0].partition(': ')[2][:160]} |")
    assert said == SCENARIOS[scenario][change], story.lines


@pytest.mark.parametrize("change", HEALTHY)
def test_what_is_healthy_can_pass(change, cloud):
    story = cloud.live(Row("", [change], "pass", names=names_in(cloud, change), policy=HEALTHY[change]))
    assert story.verdict["verdict"] == "pass", story.lines


def test_every_named_change_is_in_the_table(emulator_module):
    scenarios = (emulator_module.Path(emulator_module.__file__).parent / "scenarios").glob("*.yml")
    known = {path.stem: {*emulator_module.load(path.stem).get("changes", {})} for path in scenarios}
    assert {scenario: {*changes} for scenario, changes in SCENARIOS.items()} == known


class Watch:
    """A reader of evidence that is given, and a clock."""

    def __init__(self, *evidence, first_takes=0):
        self.evidence, self.now, self.selections, self.said = list(evidence), 1000.0, [], []
        self.first_takes = first_takes

    def read(self, selection):
        self.now += 0 if self.selections else self.first_takes
        self.selections.append(selection)
        found = self.evidence.pop(0) if len(self.evidence) > 1 else self.evidence[0]
        if isinstance(found, VpnError):
            raise found
        return found

    def sleep(self, seconds):
        self.now += seconds

    def verify(self, timing, baseline=None):
        world = World(self.read, lambda: self.now, self.sleep, self.said.append)
        return verify(world, {"name": ["hq-primary"]}, baseline, {}, timing)


@pytest.mark.parametrize(
    ("timing", "readings"),
    [
        (Timing(15, 0, 0), 1),  # nothing to wait for
        (Timing(15, 600, None), 6),  # at 0, 15, 30, 45, 60 and 75 s
        (Timing(30, 0, 60), 3),
        (Timing(30, 0, 50), 3),
        (Timing(200, 600, 75), 2),
        (Timing(15, 600, 0), 2),  # what only a baseline has seen was not watched for any time
    ],
)
def test_it_reads_no_more_often_than_it_must(cloud, timing, readings):
    story = cloud.live(Row("", [], "pass", timing=timing))
    assert (story.verdict["verdict"] == "pass") == (readings > 1), story.lines
    assert len(story.readings) == readings


@pytest.mark.parametrize(
    ("timing", "readings"),
    [(Timing(15, 60, 0), 4), (Timing(15, 0, 30), 3), (Timing(60, 30, 30), 2), (Timing(1, 0, 0), 1)],
)
def test_it_waits_no_longer_than_it_may(cloud, timing, readings):
    story = cloud.live(Row("", ["idle"], "inconclusive", timing=timing))
    assert story.verdict["verdict"] == "inconclusive"
    assert len(story.readings) == readings


def test_what_is_settled_is_not_waited_for(cloud):
    assert len(cloud.live(Row("", [FAILED], "fail")).readings) == 1


def test_a_slow_first_reading_takes_nothing_from_the_watch(cloud):
    evidence = [cloud.read({"name": ["hq-primary"]})]
    for _reading in range(5):
        cloud.clock.sleep(15)
        evidence.append(cloud.read({"name": ["hq-primary"]}))
    watch = Watch(*evidence, first_takes=1000)
    assert watch.verify(Timing(15, 30, 60)).verdict["verdict"] == "pass"
    assert watch.now == 1000 + 1000 + 60


@pytest.mark.parametrize(("status", "readings"), [(503, 5), (401, 1), (403, 1), (404, 1)])
def test_what_cannot_be_read_is_tried_again_where_that_may_help(status, readings):
    """Wrong keys never do, and lock."""
    watch = Watch(ApiError("no", code="APIGW.0301", status=status))
    with pytest.raises(ApiError):
        watch.verify(Timing(15, 60, 0))
    assert len(watch.selections) == readings


def test_tunnels_that_cannot_be_read_at_first_are_watched_from_when_they_can(cloud):
    unreadable = {"connections": {"hq-secondary": {"error": "VPN.0306"}}}
    again = {"later": [{"in": "40s", "connections": {"hq-secondary": {"error": None}}}]}
    story = cloud.live(Row("", [unreadable, again, fails_later("100s")], "fail", names=PAIR, retries=0))
    assert story.verdict["verdict"] == "fail", "75 s from the first reading would have been too short"
    assert story.said[0].startswith("waiting: hq-secondary: ERROR cannot be read: ")
    assert story.verdict["window"]["watched_from"] == story.readings[3]["server_time"]


def test_the_tunnels_are_found_once(cloud):
    """One that appears while somebody watches is none of those that were to be verified."""
    new = {"later": [{"in": "20s", "connections": {"new": {"logs": [{"fails": "flow mismatch"}]}}}]}
    story = cloud.live(Row("", [new], "pass", names=None, since="15m"))
    assert {one["name"] for one in story.verdict["vpn_connections"]} == {*PAIR, "branch"}
    assert story.verdict["verdict"] == "pass", story.lines
    since = {one["window"]["since"] for one in story.readings}
    assert since == {story.verdict["window"]["since"]}, "the window may not move with the clock"


def test_readings_are_handed_on(cloud):
    """The SA that came back while somebody watched is seen in the readings between the first and the last only."""
    new = {"logs": [{"torn_down": "dpd timeout"}], "ipsec_sas": [{"packets_sent": 9, "packets_recv": 9, "rate": 0}]}
    row = Row("", [later("20s", **new)], "pass")
    story = cloud.live(row)
    assert story.verdict["verdict"] == "pass", story.lines
    assert story.verdict["negotiated"]
    watched, evidence = story.readings[0], story.readings[-1]
    policy = Policy.from_options(quiet_for=75)
    assert judge(evidence, story.baseline, policy, watched)["verdict"] == "inconclusive"


def test_it_says_where_it_stands(cloud):
    row = Row("", ["idle"], "inconclusive", timing=Timing(15, 60, 30))
    assert cloud.live(row).said == [
        "watched for 0 of 30 s: nothing has failed so far",
        "watched for 15 of 30 s: nothing has failed so far",
        "watched for 30 s, waiting: hq-primary: INCONCLUSIVE no IPsec SA is left, and the baseline has 1; the status "
        "is DOWN, and was ACTIVE before",
    ]


def test_it_says_at_once_what_has_failed(cloud):
    row = Row("", ["wrong_psk"], "fail", policy={"allow_recovered": True}, timing=Timing(15, 0, 30))
    assert cloud.live(row).said[0].startswith('watched for 0 of 30 s: hq-primary: FAIL 1x "authentication fail"')


def test_a_baseline_that_is_no_evidence_is_refused_before_anything_is_read(cloud):
    watch = Watch()
    with pytest.raises(Exception, match="the baseline is incomplete"):
        watch.verify(Timing(15, 0, 0), baseline={"logs": []})
    assert watch.selections == []
