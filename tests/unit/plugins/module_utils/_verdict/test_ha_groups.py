# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HA groups at their borders; how they make a verdict is in test__verdict."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.ha_groups import Group, ha_groups


def rows(*verdicts):
    return [
        {"id": str(number), "name": f"t{number}", "verdict": verdict.rstrip("!"), "settled": verdict.endswith("!")}
        for number, verdict in enumerate(verdicts)
    ]


@pytest.mark.parametrize(
    ("verdicts", "needed", "settled"),
    [
        (("pass!", "inconclusive"), 2, False),  # it may still become two
        (("pass!", "inconclusive!"), 2, True),
        (("pass!", "fail!"), 1, True),
        (("inconclusive", "fail!"), 1, False),
        (("inconclusive", "fail!"), 2, True),
    ],
)
def test_whether_waiting_helps(verdicts, needed, settled):
    assert Group(rows(*verdicts), needed).settled is settled


@pytest.mark.parametrize(
    ("gateways", "groups"),
    [
        ([("v", "c"), ("v", "c")], [["0", "1"]]),
        ([("v", "c"), ("v", "d")], [["0"], ["1"]]),
        # What has no name is no gateway that two share.
        ([("v", ""), ("v", "")], [["0"], ["1"]]),
        ([("", "c"), ("", "c")], [["0"], ["1"]]),
        ([("v", None), ("v", None)], [["0"], ["1"]]),
        ([(7, 7), (7, 7)], [["0"], ["1"]]),
    ],
)
def test_only_tunnels_of_the_same_two_gateways_stand_in_for_each_other(gateways, groups):
    tunnels = [SimpleNamespace(connection=dict(zip(("vgw_id", "cgw_id"), pair)).get) for pair in gateways]
    made = ha_groups(rows("pass!", "pass!"), tunnels, None)
    assert [[row["id"] for row in group.rows] for group in made] == groups


def test_a_group_of_many_names_some_of_them():
    rows = [{"id": f"id-{number}", "name": None, "verdict": "fail", "settled": True} for number in range(10)]
    rows[1]["name"] = "n" * 65
    rows[9]["verdict"] = "pass"
    message = Group(rows, 10).message()
    assert message.startswith(f"HA group id-0 + {'n' * 61}... + id-2 + id-3 and 6 more: ")
    assert message.endswith(
        "1 of 10 tunnels pass, 10 needed, "
        + ", ".join(f"{name} FAIL" for name in ("id-0", "n" * 61 + "...", *(f"id-{number}" for number in range(2, 8))))
    )
    assert Group(rows[:4], 4).message().startswith(f"HA group id-0 + {'n' * 61}... + id-2 + id-3: ")
    assert " and 1 more: " in Group(rows[:5], 5).message()
