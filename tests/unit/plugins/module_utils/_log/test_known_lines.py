# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users say that lines mean: which lines a sentence is of, what it makes of them, how unknown ones are listed."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import OptionError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.known_lines import (
    KnownLine,
    known_lines_of,
    teach,
    unrecognised_of,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.line import Line
from ansible_collections.huaweicloud.vpn.tests.unit.plugins.module_utils.verdict_builders import (
    IDS,
    line,
    stamp,
    taught,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st


def line_of(text, at=5):
    return Line.of(IDS["hq"], line(at, text))


def known(sentence, means="harmless"):
    return known_lines_of(taught((sentence, means))["known_lines"])


def is_taught(sentence, text, means="harmless"):
    return teach(line_of(text), known(sentence, means)).taught


SAME = [
    ("SA set up", "SA set up"),
    ("sa SET  up.", "SA set up. (PeerAddress=[198.51.100.9], SeqNum=[0])"),
    (" SA\tset up ", "SA set up"),
    ("SA 17 set up", "SA 17 set up"),
    ("SA # set up", "SA 17 set up"),
    ("SA # set up", "SA 0x1f set up"),
    ("SA # set up", "SA 198.51.100.9 set up"),
    ("SA #.#.#.# set up", "SA 198.51.100.9 set up"),
    ("SA # set up", "SA 2001:db8::9 set up"),
    ("SA # set up", f"SA {IDS['hq'].upper()} set up"),
    ("SA # set up", "SA 0123456789abcdef set up"),
    ("SA# of 3", "SA7 of 3"),
    ("SA changed. (Status=[Up])", "SA changed. (SeqNum=[1], Status=[Up], PeerAddress=[198.51.100.9])"),
    ("IKE/4/CHANGED: SA changed", "IKE/4/CHANGED: SA changed. (SeqNum=[1])"),
]
OTHERS = [
    ("SA set up", "SA set up again"),
    ("SA set up", "An SA set up"),
    ("SA set up", "SA set up, not"),
    ("SA 17 set up", "SA 18 set up"),
    ("SA 17 set up", "SA # set up"),
    ("SA # set up", "SA one set up"),
    ("SA # set up", "SA set up"),
    ("SA # set up", "SA 1 2 set up"),
    ("SA .* set up", "SA 17 set up"),
    ("SA changed", "SA changed. (Status=[Up])"),
    ("SA changed. (Status=[Up])", "SA changed. (Status=[Down])"),
    ("SA changed. (Status=[Up])", "SA changed. (State=[Up])"),
    ("SA changed. (Status=[Up])", "SA changed. (Status=[Up], Why=[unknown])"),
    ("SA changed. (Status=[Up])", "SA changed"),
    ("SA changed", "IKE/4/CHANGED: SA changed. (SeqNum=[1])"),
    # Words of the letters of numbers, and numbers that say what happened.
    *(("SA changed", f"SA changed. ({text})") for text in ("Status=[Dead]", "Peer=[bad]")),
    *(
        ("SA changed", f"SA changed. ({name}=[14])")
        for name in ("State", "Status", "RetCode", "Result", "Phase", "Cause", "IkeError", "Type")
    ),
    ("SA changed. (Status=[1])", "SA changed. (Status=[0])"),
]


@pytest.mark.parametrize(("sentence", "text"), SAME)
def test_these_are_the_same(sentence, text):
    assert is_taught(sentence, text)


@pytest.mark.parametrize(("sentence", "text"), OTHERS)
@pytest.mark.parametrize("means", ["failure", "down", "harmless", "success"])
def test_these_are_not(sentence, text, means):
    assert not is_taught(sentence, text, means)


@pytest.mark.parametrize(
    ("number", "is_one"), [("7", False), ("17", False), ("117", True), ("0x7", True), ("::7", True)]
)
def test_for_a_success_a_short_number_tells_too_much_to_stand_for_any(number, is_one):
    """Phase 1 is not phase 2."""
    assert is_taught("SA # set up", f"SA {number} set up", "success") is is_one
    assert is_taught("SA 7 set up", "SA 7 set up", "success")


@pytest.mark.parametrize(
    ("means", "kind", "outcome", "reason"),
    [
        ("failure", "negotiation_failed", "failure", "SA changed"),
        ("down", "teardown", "down", "SA changed"),
        ("harmless", "noise", "neutral", None),
        ("success", "tunnel_established", "success", None),
    ],
)
def test_what_a_meaning_makes_of_a_line(means, kind, outcome, reason):
    one = line_of("SA changed. (SeqNum=[1])")
    found = teach(one, known("sa changed", means))
    assert (found.kind, found.outcome, found.reason, found.understood, found.taught) == (
        kind,
        outcome,
        reason,
        True,
        True,
    )
    assert (found.moments, found.raw_message, found.sentence) == (one.moments, one.raw_message, one.sentence)


def test_a_reason_of_the_line_is_that_of_its_meaning_and_keeps_it_from_success():
    for key, shown in (("Reason", "odd"), ("OfflineReason", "odd"), ("Reason-Code", "odd")):
        sentence = f"SA changed. ({key}=[{shown}])"
        assert teach(line_of(sentence), known(sentence, "failure")).reason == shown
        assert is_taught(sentence, sentence, "harmless")
        assert not is_taught(sentence, sentence, "success")
    assert not is_taught("SA changed", "SA changed. (ReasonCode=[0])", "success")


DOUBTFUL = [
    "SA changed. (SeqNum=[1]) and more",
    "SA changed. (SeqNum=[1], PeerAddress=[198.51.",
    "SA changed. (SeqNum=[1], SeqNum=[2])",
    "SA changed. (SeqNum=[1], Name=[x]])",
    "SA changed. (SeqNum=[1],  Peer=[2])",
    "SA \x1b[0mchanged. (SeqNum=[1])",
    "SA changed. (SeqNum=[\u200b1])",
    "SA changed. (PeerAddress=[*.*.*.*], PeerPort=[500])",
]


@pytest.mark.parametrize("text", DOUBTFUL)
def test_a_line_in_doubt_may_be_bad_and_never_good(text):
    one = line_of(text)
    (row,) = unrecognised_of([one])
    for means in ("failure", "down", "harmless", "success"):
        found = teach(one, [KnownLine(row["sentence"], means), KnownLine("SA changed", means)])
        assert found.understood is (means in ("failure", "down")), means


@pytest.mark.parametrize(
    "raw",
    [
        "SA changed",
        "2025-11-24T16:00:05.250000+00:00 host-192-0-2-37 SA changed",
        "Nov 24 16:00:05 host-192-0-2-37 ipsec_ike[1]: SA changed",
        "",
        None,
    ],
)
def test_nor_is_one_without_its_head_good(raw):
    one = Line.of(IDS["hq"], {"time": 1_764_000_005, "raw_message": raw})
    assert not teach(one, known("SA changed")).taught


def test_a_missing_time_is_no_doubt():
    entry = {**line(5, "SA changed"), "time": None}
    assert teach(Line.of(IDS["hq"], entry), known("SA changed")).taught


def test_what_is_understood_stays_what_it_is():
    for text in ("The IPSec tunnel is established. (SeqNum=[1])", "IPSec policy is added. (SeqNum=[1])"):
        assert teach(line_of(text), [KnownLine(text.partition(".")[0], "failure")]) == line_of(text)


def test_our_own_sentence_in_a_line_that_contradicts_it_is_never_good():
    text = "IKE/4/DOWN: The IPSec tunnel is established. (SeqNum=[1])"
    sentence = "IKE/4/DOWN: The IPSec tunnel is established"
    assert [is_taught(sentence, text, means) for means in ("failure", "harmless", "success")] == [True, False, False]


def test_the_worse_of_two_meanings_counts():
    both = taught(("SA 7 set up", "harmless"), ("SA # set up", "failure"), ("sa 7 set up", "harmless"))["known_lines"]
    for listed in (both, both[::-1]):
        assert len(known_lines_of(listed)) == 2
        assert teach(line_of("SA 7 set up"), known_lines_of(listed)).outcome == "failure"


def test_the_order_of_sentences_does_not_matter_and_none_is_needed():
    assert known_lines_of(None) == known_lines_of([]) == ()
    pairs = [("A parked", "down"), ("A rested", "harmless"), ("A failed", "failure"), ("A made it", "success")]
    assert [one.means for one in known_lines_of(taught(*pairs)["known_lines"])] == [
        "failure",
        "down",
        "harmless",
        "success",
    ]


def test_one_sentence_cannot_mean_two_things():
    listed = taught(("SA set up", "success"), ("SA  SET up.", "harmless"))["known_lines"]
    with pytest.raises(OptionError, match='"SA SET up." is listed twice with different meanings'):
        known_lines_of(listed)


@pytest.mark.parametrize(
    "sentence",
    [
        "The IPSec tunnel is established",
        "an ipsec tunnel is  DELETED.",
        "The IPSec tunnel is established. (Role=[Initiator])",
        "IKE phase# SA established",
        "IPSec tunnel negotiation fails. (Reason=[flow mismatch])",
        "Once more the IPSec tunnel negotiation failed",
    ],
)
def test_a_sentence_of_ours_cannot_be_taught(sentence):
    with pytest.raises(OptionError, match="has a fixed meaning: remove it"):
        known(sentence)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["SA changed. (SeqNum=[1])", "SA changed. (SeqNum=[2])"], "SA changed"),
        (["SA 7 of 9 changed", "SA 8 of 9 changed"], "SA # of 9 changed"),
        (["SA  changed.   (Status=[Up])"], "SA changed. (Status=[Up])"),
        (["Peer 198.51.100.9 left"], "Peer # left"),
        (["Peer 2001:db8::9 left", "Peer 198.51.100.9 left"], "Peer # left"),
        ([f"Peer {IDS['hq']} left"], "Peer # left"),
        (["Peer 0x7f and 0123456789abcdef left"], "Peer # and # left"),
        (["Peer feedbacked left"], "Peer feedbacked left"),
        (["Peer left. (AuthID=[site-7 198.51.100.9])"], "Peer left. (AuthID=[site-7 #])"),
        (["IKE/4/LEFT: Peer left. (SeqNum=[1])"], "IKE/4/LEFT: Peer left"),
    ],
)
def test_how_unknown_lines_are_listed(texts, sentence):
    lines = [line_of(text, at) for at, text in enumerate(texts, 5)]
    (row,) = unrecognised_of([*lines, line_of("IPSec policy is added. (SeqNum=[1])")])
    last = f"{stamp(4 + len(texts))}.250000Z"
    assert row == {"sentence": sentence, "count": len(texts), "first": f"{stamp(5)}.250000Z", "last": last}


def test_lines_are_told_apart_by_their_words_and_a_hundred_kinds_are_listed():
    listed = unrecognised_of(line_of(f"Peer {'x' * number} left") for number in range(1, 120))
    assert len(listed) == 100
    assert [row["count"] for row in unrecognised_of(map(line_of, ("a b", "a c", "A  b", "a b.")))] == [3, 1]


def test_a_line_without_a_time_is_listed_without_one():
    timeless = Line.of(IDS["hq"], {"time": None, "raw_message": "hello"})
    assert unrecognised_of([timeless]) == [{"sentence": "hello", "count": 1, "first": None, "last": None}]


WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", categories=("L", "N", "P", "S", "Zs")), max_size=12
)
NUMBERS = st.sampled_from(
    ["7", "17", "4711", "198.51.100.9", "2001:db8::9", "0x1f", IDS["hq"], "#", "10.0.0.0/24", "a7"]
)
TEXTS = st.lists(WORDS | NUMBERS, min_size=1, max_size=6).map(" ".join)
VALUES = st.sampled_from(["Up", "Down", "7", "198.51.100.9", "fail 7", "a::b", "10.0.0.0/24, any", ""])
LISTS = st.dictionaries(st.sampled_from(["Status", "SeqNum", "PeerAddress", "Name"]), VALUES, max_size=3)


@given(TEXTS, TEXTS, LISTS, LISTS)
@settings(max_examples=1000, deadline=None)
def test_what_is_listed_can_be_taught(first, second, one, other):
    """Pasted back as it is, each sentence is of the lines that it was listed for."""
    lines = [
        line_of(f"{text}. ({', '.join(f'{key}=[{value}]' for key, value in fields.items())})" if fields else text)
        for text, fields in ((first, one), (second, other), (first, other))
    ]
    lines = [found for found in lines if not found.understood]
    listed = [{"sentence": row["sentence"], "means": "down"} for row in unrecognised_of(lines)]
    try:
        sentences = known_lines_of(listed)
    except OptionError as refused:
        # Without a word, or with one of ours in it: what that is of has to be told by its line.
        assume("is in it twice" in str(refused))
        raise
    assert all(teach(found, sentences).taught for found in lines)
