# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time line: what is where, and that nothing gets lost in it."""

from __future__ import annotations

import re

import pytest
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.html_icons import SORTS, sort_of
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.html_timeline import moment_of, timeline


def drawn(samples, logs=(), earlier=(), since=0, watched=180, until=900):
    def stamp(seconds):
        return None if seconds is None else samples.stamp(seconds)

    window = {"since": stamp(since), "watched_from": stamp(watched), "until": stamp(until)}
    evidence = {"logs": list(logs), "earlier": list(earlier), "window": {"since": stamp(since), "until": stamp(until)}}
    return timeline(evidence, window)


def marks(text, css):
    """Return place and number of the marks of a sort in the wide drawing."""
    wide = text.partition('<svg class="narrow"')[0]
    found = re.findall(
        rf'<g class="{css}( old)?"><title>.*?<svg x="([\d.]+)%".*?</g>(?:<text[^>]*>(\d+)</text>)?</svg>', wide
    )
    return [(float(place), int(number or 1), bool(old)) for old, place, number in found]


def test_places(samples):
    text = drawn(samples, [samples.failed(0), samples.failed(450), samples.failed(900)], since=0)
    assert marks(text, "t-fail") == [(0.0, 1, False), (50.0, 1, False), (100.0, 1, False)]
    assert ">window begins 10:00:00<" in text
    assert ">watched from 10:03:00<" in text
    assert '<rect class="change" x="0.00%" width="20.00%" y="34"' in text


def test_what_was_earlier_has_a_scale_of_its_own(samples):
    text = drawn(samples, [samples.failed(1)], [samples.failed(-86400), samples.failed(-1)])
    (old, newer, fresh) = marks(text, "t-fail")
    assert (old, newer[1:]) == ((0.0, 1, True), (1, True))
    assert newer[0] < 24 < fresh[0] < 25
    assert fresh[1:] == (1, False)


def test_a_line_that_came_late_stands_where_it_happened_and_counts_as_new(samples):
    text = drawn(samples, [samples.failed(-60), samples.failed(60)])
    assert [(place < 24, old) for place, _number, old in marks(text, "t-fail")] == [(True, False), (False, False)]


def test_close_events_become_one_mark_with_a_number_and_none_is_lost(samples):
    logs = [samples.failed(130 + turn) for turn in range(200)]
    found = marks(drawn(samples, logs), "t-fail")
    assert sum(number for _place, number, _old in found) == 200
    assert len(found) < 8
    assert all(after[0] - before[0] >= 5 for before, after in zip(found, found[1:]))


def test_what_failed_before_and_after_the_beginning_is_never_one_mark(samples):
    text = drawn(samples, [samples.failed(0), samples.failed(1)], [samples.failed(-1), samples.failed(0)])
    assert sorted((number, old) for _place, number, old in marks(text, "t-fail")) == [(1, True), (1, True), (2, False)]


def test_each_sort_has_a_shape_of_its_own(samples):
    assert len({sort.shape for sort in SORTS}) == len({sort.name for sort in SORTS}) == len(SORTS)
    kinds = [
        ("negotiation_failed", "failure", "failure"),
        ("tunnel_established", "success", "success"),
        ("rekey", "success", "rekey"),
        ("rekey", "progress", "rekey"),
        ("rekey", "failure", "failure"),
        ("dpd_timeout", "down", "down"),
        ("teardown", "expected_in_change", "planned down"),
        ("ike_sa_established", "progress", "other"),
        ("noise", "neutral", "other"),
        ("link_quality", "warning", "warning"),
        ("unparsed", "unknown", "unrecognised"),
        ("anything", "never heard of", "unrecognised"),
    ]
    for kind, outcome, name in kinds:
        assert SORTS[sort_of({"kind": kind, "outcome": outcome})].name == name
    text = drawn(samples, [samples.event(10, kind, outcome) for kind, outcome, _name in kinds])
    assert re.findall(r"</svg>([a-z ]+)</li>", text) == [sort.name for sort in SORTS]


def test_events_without_a_time_are_counted(samples):
    odd = samples.failed(1)
    odd["timestamp"] = "soon"
    text = drawn(samples, [samples.failed(None), odd, samples.failed(5)])
    assert "2 event(s) without a readable time are not drawn." in text
    assert len(marks(text, "t-fail")) == 1


def test_nothing_to_draw(samples):
    assert "No event and no window" in drawn(samples, since=None, watched=None, until=None)
    assert "No event in the log." in drawn(samples)
    assert marks(drawn(samples, [samples.failed(5)], since=None, watched=None, until=None), "t-fail") == [
        (0.0, 1, False)
    ]
    assert "100" in drawn(samples, [samples.failed(2000)])


@pytest.mark.parametrize(
    "stamp", [None, "", "soon", 7, "2026-11-23T10:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_what_is_no_moment(stamp):
    assert moment_of(stamp) is None


def test_moments():
    assert moment_of("2026-11-23T10:00:00Z") == moment_of("2026-11-23T12:00:00.000000+02:00")
