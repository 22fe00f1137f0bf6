# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What readings of IPsec SAs prove, at the borders, and that fewer of them never prove more."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._time import SECOND
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.ipsec_sas import (
    Readings,
    is_within,
    network,
    pair_of,
    pairs,
    read_at,
    read_later,
    used_by,
)
from ansible_collections.huaweicloud.vpn.tests.unit.plugins.module_utils.verdict_builders import LATER, T0, sa
from hypothesis import given, settings
from hypothesis import strategies as st

ALL, BOTH = ("0.0.0.0/0", "0.0.0.0/0"), {("0.0.0.0/0", "0.0.0.0/0")}
JUNK = [None, "sa-1", 7, [], {}, {"id": None}, {"id": 7}, {"id": ["sa-1"]}]


def moment(at):
    return (T0 + at) * SECOND


def readings_of(baseline, *later):
    """Return the baseline's SAs and later readings, all of which were served after a while."""
    taken = [*later] if baseline is None else [baseline, *later]
    return Readings(baseline, [(moment(LATER), sas) for sas in taken])


@pytest.mark.parametrize(
    ("later", "negotiated", "grew", "outlived"),
    [
        # What is new after second 20, and lives on after second 80.
        ([[sa("b", at=30)], [sa("b", at=90)]], False, False, True),
        ([[sa("a", at=30)], [sa("b", at=40)], [sa("b", at=90)]], True, False, True),
        ([[sa("a", at=22)], [sa("b", at=40)], [sa("b", at=90)]], False, False, True),  # within the skew
        ([[sa("a", at=30)], [sa("b", at=90)]], False, False, False),  # IDs may be new in each reading
        ([[sa("b", at=30)], [sa("c", at=60)], [sa("d", at=90)]], False, False, False),
        ([[sa("a", at=90)], [sa("b", at=40)], [sa("b", at=50)]], False, False, False),  # the one without it is later
        ([[sa("b", at=30)], [sa("b", at=70)]], False, False, False),
        ([[sa("a", at=30)], [sa("a", at=90)]], False, False, False),
        ([[sa("a", 11, 11, 30)], [sa("a", 12, 12, 90)]], False, True, False),
        ([[sa("a", 11, 11, 21)], [sa("a", 12, 12, 90)]], False, True, False),
        ([[sa("a", 11, 11, 20)], [sa("a", 12, 12, 90)]], False, False, False),
        ([[sa("a", 12, 12, 90)], [sa("a", 11, 11, 30)]], False, True, False),  # in any order
        ([[sa("a", 11, 11, 30)], [sa("a", 12, 11, 90)]], False, False, False),
        ([[sa("a", 11, 10, 30)], [sa("b", 10, 11, 90)]], False, False, False),
        ([[sa("a", 10, 10, 30)], [sa("a", 0, 0, 90)]], True, False, True),
        ([[sa("a", 9, 10, 30)], [sa("a", 9, 10, 90)]], False, False, True),  # it counted anew before second 30
        ([[sa("a", 10, 11, 30)], [sa("a", 9, 12, 90)]], False, False, False),  # a counter wraps
        ([[sa("a", 1, 1, 30), sa("a", 2, 2, 30)], [sa("a", 9, 9, 90)]], False, False, True),
        ([[sa("a", "11", True, 30)], [sa("a", 12, 12, 90)]], False, False, False),
        ([[sa("a", -1, float("nan"), 30)], [sa("a", 12, float("inf"), 90)]], False, False, False),
        ([[{**sa("a", 11, 11), "collected_at": None}], [sa("a", 12, 12, 90)]], False, False, False),
        (
            [[sa("a", 11, 11, 30)], [sa("a", 12, 12, 30)], [sa("a", 12, 12, 90)]],
            False,
            True,
            False,
        ),  # two of one moment
        ([[*JUNK, sa("a", 11, 11, 30)], [*JUNK, sa("a", 12, 12, 90)]], False, True, False),
        ([[], JUNK], False, False, False),
    ],
)
def test_what_is_later_than_a_moment(later, negotiated, grew, outlived):
    found = readings_of([sa("a", at=-5)], *later)
    assert found.negotiated(moment(20)) == (BOTH if negotiated else set())
    assert found.grew(moment(20)) == (BOTH if grew else set())
    assert found.outlived(moment(80)) == (BOTH if outlived else set())


def test_without_sas_in_the_baseline_none_is_new():
    later = [[sa("a", at=30)], [sa("b", at=40)], [sa("b", at=90)]]
    for baseline in (None, []):
        found = readings_of(baseline, *later, [sa("b", 1, 1, at=120)])
        assert (found.negotiated(moment(20)), found.outlived(moment(20))) == (BOTH, set())  # it counts anew
        assert readings_of(baseline, *later).negotiated(moment(20)) == set()


def test_traffic_may_begin_before_the_moment_that_it_has_to_end_after():
    found = readings_of([sa("a", at=-5)], [sa("a", 11, 11, 30)])
    assert found.grew(moment(-9), moment(29)) == BOTH
    assert found.grew(moment(-9), moment(30)) == set()


def test_no_reading_is_later_than_it_was_served():
    def grew(at, until=0):
        first, second = [sa("a", 11, 11, at)], [sa("a", 12, 12, at + 60)]
        return Readings(None, [(moment(30), first), (moment(60), second)]).grew(moment(29), moment(until))

    assert grew(30) == BOTH
    assert grew(90) == BOTH  # a clock that is ahead: they are of second 30 and 60
    assert grew(90, until=65) == set()
    assert grew(330) == set()  # so far ahead that it is another's


def test_each_pair_of_networks_is_proven_by_its_own_sas():
    a, b = {"source": "10.0.0.0/24"}, {"source": "10.0.1.9/24"}
    later = [[sa("a", n, n, n, **a), sa("b", n, 10, n, **b)] for n in (30, 90)]
    assert readings_of(None, *later).grew(moment(20)) == {("10.0.0.0/24", "0.0.0.0/0")}
    assert pairs([*JUNK[:4], *later[0]]) == {("10.0.0.0/24", "0.0.0.0/0"), ("10.0.1.0/24", "0.0.0.0/0")}
    assert used_by([sa("a", 0, 0, **a), sa("b", 0, 1, **b), None]) == {("10.0.1.0/24", "0.0.0.0/0")}
    assert used_by([{"traffic_sent": 1}]) == {("None", "None")}
    assert (pairs(None), used_by(None)) == (set(), set())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("10.0.0.9/24", "10.0.0.0/24"),
        (" 10.0.0.0/255.255.255.0 ", "10.0.0.0/24"),
        ("10.0.0.7", "10.0.0.7/32"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("any", "any"),
        (None, "None"),
    ],
)
def test_a_network_has_one_spelling(value, shown):
    assert network(value) == shown
    assert pair_of({"source_ip_cidr": value, "dest_ip_cidr": value}) == (shown, shown)


@pytest.mark.parametrize(
    ("pair", "inside"),
    [
        (("10.0.0.0/24", "0.0.0.0/0"), True),
        (("10.0.0.128/25", "192.168.0.0/16"), True),
        (("192.168.0.0/16", "10.0.0.0/24"), True),  # in the other direction
        (("10.0.0.0/23", "0.0.0.0/0"), False),
        (("10.0.1.0/24", "0.0.0.0/0"), False),
        (("10.0.1.0/24", "10.0.1.0/24"), False),
        (("2001:db8::/32", "0.0.0.0/0"), False),
        (("any", "any"), False),
    ],
)
def test_a_pair_of_networks_is_one_that_is_named_or_a_part_of_it(pair, inside):
    assert is_within(pair, {("10.0.0.0/24", "0.0.0.0/0")}) is inside
    assert is_within(("any", "10.0.0.0/24"), {("any", "10.0.0.0/24")})
    assert not is_within(pair, set())


def test_when_sas_were_read():
    sas = [sa("a", at=30), sa("b", at=9), None]
    assert read_at(sas) == moment(9)
    assert (read_at([*sas, {"id": "c"}]), read_at([]), read_at(None)) == (0, 0, 0)
    assert read_later(sas, moment(29), moment(30)) == BOTH
    assert read_later(sas, moment(30), moment(30)) == set()
    assert read_later([sa(at=330)], moment(29), moment(30)) == BOTH
    assert read_later([sa(at=331)], moment(29), moment(30)) == set()
    assert read_later(None, moment(0), moment(30)) == set()


NAMES, MOMENTS = ("a", "b", "c"), (-5, 10, 30, 60, 90)
COUNTS = st.sampled_from([0, 1, 2, 9])
# What an SA counts at a moment, and which SAs were read at which of their moments.
COUNTERS = st.fixed_dictionaries({(name, at): st.tuples(COUNTS, COUNTS) for name in NAMES for at in MOMENTS})
READ = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(MOMENTS), max_size=3)


@given(COUNTERS, st.none() | READ, st.lists(READ, max_size=4), st.data())
@settings(max_examples=500, deadline=None)
def test_fewer_readings_and_fewer_sas_never_prove_more(counters, baseline, later, data):
    if later and data.draw(st.booleans()):
        gone = data.draw(st.integers(0, len(later) - 1))
        fewer = later[:gone] + later[gone + 1 :]
    else:
        # An SA that only some readings lack is another matter: it may be new.
        name = data.draw(st.sampled_from(NAMES))
        fewer = [{other: at for other, at in read.items() if other != name} for read in later]
    more, less = (
        readings_of(
            *(
                read if read is None else [sa(*(one, *counters[one, at], at)) for one, at in read.items()]
                for read in reads
            )
        )
        for reads in ([baseline, *later], [baseline, *fewer])
    )
    for at in (-5, 8, 28, 58):
        assert less.negotiated(moment(at)) <= more.negotiated(moment(at))
        assert less.grew(moment(at)) <= more.grew(moment(at))
        assert less.outlived(moment(at)) <= more.outlived(moment(at))
