# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of hosts and groups: each is one, whatever the cloud calls things and in whatever order they come."""

from __future__ import annotations

import random
import uuid

import pytest
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._inventory.names import group_name, inert, unique_names

A, B, C = (f"{digit * 8}-1111-4222-8333-{digit * 12}" for digit in "abc")


@pytest.mark.parametrize(
    ("things", "names"),
    [
        ([("hq", A), ("branch", B)], ["hq", "branch"]),
        ([("hq", A), ("HQ", B), ("lab", C)], ["hq-aaaaaaaa", "HQ-bbbbbbbb", "lab"]),
        ([("a b", A), ("a_b", B)], ["a_b-aaaaaaaa", "a_b-bbbbbbbb"]),
        ([(None, A), ("", B)], ["unnamed-aaaaaaaa", "unnamed-bbbbbbbb"]),
        (
            [("localhost", A), ("All", B), ("vpn_tag_a_b", C)],
            ["localhost-aaaaaaaa", "All-bbbbbbbb", "vpn_tag_a_b-cccccccc"],
        ),
        # A name that is what another one becomes.
        ([("hq", A), ("hq", B), ("hq-aaaaaaaa", C)], [f"hq-{A}", "hq-bbbbbbbb", f"hq-aaaaaaaa-{C}"]),
        ([("hq", A), ("hq", A[:8] + B[8:]), ("x", C)], [f"hq-{A}", f"hq-{A[:8] + B[8:]}", "x"]),
        ([(f"hq-{A}", C), ("hq", A), ("hq", B), ("hq-aaaaaaaa", C[:8] + A[8:])], None),
    ],
)
def test_names_tell_things_apart(things, names):
    found = unique_names(things)
    assert len({name.casefold() for name in found}) == len(things)
    assert names is None or found == names


def test_names_do_not_depend_on_the_order():
    chance = random.Random(7)  # noqa: S311 - reproducible
    for _round in range(300):
        ids = [str(uuid.UUID(int=chance.choice([1, 2, 3]) << 120 | chance.getrandbits(64))) for _number in range(8)]
        known = [
            "hq",
            "HQ",
            "all",
            "x[0]",
            "x_0_",
            f"hq-{ids[0]}",
            f"hq-{ids[1][:8]}",
            f"HQ-{ids[2]}",
            f"hq-{ids[0]}-{ids[1][:8]}",
        ]
        things = [(chance.choice(known), identity) for identity in ids]
        names = dict(zip(things, unique_names(things)))
        assert len({name.casefold() for name in names.values()}) == len(things), things
        chance.shuffle(things)
        assert dict(zip(things, unique_names(things))) == names


def test_a_name_that_is_taken():
    assert unique_names([("hq", A)], {"hq"}) == ["hq-aaaaaaaa"]
    assert unique_names([("hq", A)], {"hq", "hq-aaaaaaaa"}) == [f"hq-{A}"]


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("vpn", "tag", "a b"), "vpn_tag_a_b"),
        (("7",), "_7"),
        (("all",), "_all"),
        (("localhost",), "_localhost"),
        (("",), "_"),
        (("a\u3164{{",), "a_u3164_x7b_x7b"),
    ],
)
def test_groups(parts, name):
    assert group_name(*parts) == name


def test_inert_reaches_every_text():
    assert inert({"{": ["{{", {"#": "#jinja2:"}], "n": 7, "x": None}) == {
        "\\x7b": ["\\x7b\\x7b", {"\\x23": "\\x23jinja2:"}],
        "n": 7,
        "x": None,
    }
