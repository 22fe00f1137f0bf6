# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is not a complete verdict is refused, and so is one that is better than its parts."""

from __future__ import annotations

import copy
import json
import math

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.verdict_input import (
    complete_verdict,
    plain,
    worst,
)
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.writer import WRITERS, write_report


class Undefined:
    """Stands for a variable that is not defined."""


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "is null"),
        ([], "of type list"),
        ("pass", "of type str"),
        (True, "of type bool"),
        (Undefined(), "is undefined"),
        ({}, "lacks schema"),
        ({"skipped": True, "changed": False}, "task that was skipped"),
        ({"failed": True, "msg": "x"}, "task that failed"),
        ({"unreachable": True}, "did not reach its host"),
        ({"results": [], "changed": False}, "result of a loop"),
        ({"schema": 1, "narrowed_by": [], "logs": [], "vpn_connections": []}, "which has no verdict yet"),
        ({"verdict": "pass"}, "lacks schema, settled"),
    ],
)
def test_anything_else_is_refused_in_one_line(value, named):
    with pytest.raises(VpnError) as error:
        complete_verdict(value)
    assert named in str(error.value)
    assert "huaweicloud.vpn.verdict" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "name", ["pass", "not_tried", "fail", "inconclusive", "error", "ha_lost", "storm", "hostile", "empty", "many"]
)
def test_complete_verdicts_are_taken_as_they_are(samples, name):
    judged = samples.SAMPLES[name]()
    assert complete_verdict(judged) == judged
    assert complete_verdict(json.loads(json.dumps(judged))) == judged


def parts(value, path=()):
    """Yield the path of every member of mappings that a report may need."""
    if isinstance(value, dict):
        for name in value:
            yield (*path, name)
            yield from parts(value[name], (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield (*path, place)
            yield from parts(item, (*path, place))


def without(value, path, *other):
    """Return a copy without a member, or with another value in its place."""
    value = copy.deepcopy(value)
    part = value
    for step in path[:-1]:
        part = part[step]
    if other:
        part[path[-1]] = other[0]
    else:
        del part[path[-1]]
    return value


ODD = [
    (),
    (None,),
    ([],),
    *(pytest.param((odd,), marks=pytest.mark.nightly) for odd in ({}, [[]], {"x": []}, 7, 0.5, "x", True)),
]


@pytest.mark.parametrize("other", ODD, ids=repr)
def test_no_member_can_be_missing_or_odd_without_a_word(samples, other):
    """Whatever is left out or exchanged, there are reports of the same verdict or one of our own errors."""
    judged = samples.ha_lost()
    judged["vpn_connections"] = [samples.unread(1), samples.broken(2, count=1, tolerated=True)]
    judged.update(verdict="error", negotiated=False)
    taken = refused = 0
    for path in [*parts(judged)]:
        odd = without(judged, path, *other)
        try:
            texts = [write_report(odd, style) for style in WRITERS]
        except VpnError as error:
            refused += 1
            assert "\n" not in str(error)
        else:
            taken += 1
            assert all("error" in text.lower() for text in texts) or path[0] == "verdict"
    assert refused > 20
    assert taken > 20


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda judged: judged.update(schema=2), "schema 2, but schema 1 is needed"),
        (lambda judged: judged.update(schema=True), "schema of type bool"),
        (lambda judged: judged.update(verdict="PASS"), "the verdict 'PASS'"),
        (lambda judged: judged["vpn_connections"][0].update(verdict="ok"), "a connection has the verdict"),
        (lambda judged: judged["vpn_connections"][1].update(findings=[]), "but its findings are not"),
        (lambda judged: judged["vpn_connections"][1].update(verdict="pass"), "but its findings are not"),
        (lambda judged: judged["vpn_connections"][1].update(tolerated=False), "it is pass, but connection"),
        (lambda judged: judged.update(ha_groups=[]), "no HA group passes without it"),
        (lambda judged: judged["ha_groups"][0].update(verdict="fail"), "no HA group passes without it"),
        (lambda judged: judged.update(vpn_connections=[]), "pass without a connection"),
        (lambda judged: judged["ha_groups"].append({**judged["ha_groups"][0], "verdict": "error"}), "HA group is not"),
        (lambda judged: judged["vpn_connections"][0].update(caveats=[1]), "no list of strings"),
        (lambda judged: judged["vpn_connections"][0].update(negotiated=False), "a connection is not negotiated"),
        (lambda judged: judged.update(unrecognised=[{"sentence": "x"}]), "an item of unrecognised lacks count"),
    ],
)
def test_a_verdict_that_is_better_than_its_parts_is_refused(samples, change, named):
    judged = samples.ha_lost()
    complete_verdict(judged)
    change(judged)
    with pytest.raises(VpnError) as error:
        complete_verdict(judged)
    assert named in str(error.value)


def test_what_is_nested_without_end_is_refused(samples):
    judged = samples.whole(samples.passed())
    deep = []
    for _turn in range(100_000):
        deep = [deep]
    judged["vpn_connections"][0]["evidence"]["logs"][0]["raw_message"] = deep
    with pytest.raises(VpnError, match="nested too deeply"):
        complete_verdict(judged)
    while deep:  # or Python itself would fall over it when it tidies up
        deep = deep.pop()


def test_plain_data():
    class Text(str):
        """As Ansible marks its own texts."""

    made = plain({Text("a"): (Text("b"), 1, 1.5, None, True, math.inf, {"c": b"d"})})
    assert made == {"a": ["b", 1, 1.5, None, True, "inf", {"c": "b'd'"}]}
    assert type(next(iter(made))) is type(made["a"][0]) is str


def test_the_worst_counts():
    assert worst(["pass", "error", "inconclusive"]) == "error"
    assert worst(["error", "fail"]) == "fail"
    assert worst([]) == "pass"
