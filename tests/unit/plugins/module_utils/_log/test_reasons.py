# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue of reasons: complete, consistent, found however a reason is spelt, and on a page that is current."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.parser import parse_entry
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.reasons import (
    FAILED,
    REASONS,
    TEARDOWN,
    find,
    normalize,
)
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[5]
OUTCOMES = {"down", "neutral", "expected_in_change"}
PHASES = {"1", "2", "1 or 2", "any", "rekey", "config"}
# Every code that is published.
CODES = {*range(1, 55)} - {8, 9, 11, 19, 20, 22, 23, 25, 27, 29, 37, 38}


def names(row):
    return (row.reason, *row.aliases)


def test_all_reasons_are_there():
    assert Counter(row.event for row in REASONS) == {FAILED: 58, TEARDOWN: 32}
    assert Counter(row.event for row in REASONS if not row.device_only) == {FAILED: 47, TEARDOWN: 30}
    assert sorted(row.code for row in REASONS if row.code is not None) == sorted(CODES)


@pytest.mark.parametrize("row", REASONS, ids=lambda row: f"{row.event}-{row.reason}")
def test_every_row_says_all_there_is_to_say(row):
    assert row.transient in {"no", "possible", "yes"}
    assert row.weight in ({"hard", "soft", "env"} if row.event == FAILED else OUTCOMES)
    assert row.phase in PHASES if row.event == FAILED else row.phase is None
    assert row.category.replace("_", "").isalpha()
    assert row.detail in {None, "initiator", "responder"}
    for text in (row.cause, row.advice):
        assert text
        assert text.isascii()
        assert text.isprintable()
    assert len(row.advice) <= 200


@pytest.mark.parametrize("row", REASONS, ids=lambda row: f"{row.event}-{row.reason}")
def test_every_spelling_is_found(row):
    for name in names(row):
        for spelt in (name, name.upper(), name.replace(" ", "-"), name.replace(" ", "_"), f"  {name} \u00a0"):
            assert find(row.event, spelt) is row
        assert find(row.event, name.replace(" ", "  ")) is row
        assert find(row.event, f"{name}x") is None
        assert find(row.event, f"not {name}") is None


def test_a_reason_belongs_to_its_event():
    shared = {normalize(row.reason) for row in REASONS if row.event == FAILED} & {
        normalize(row.reason) for row in REASONS if row.event == TEARDOWN
    }
    assert shared == {"sa with same user exists"}
    assert find(FAILED, "sa with same user exists").category == "state"
    assert find(TEARDOWN, "sa with same user exists").category == "replacement"
    assert find(FAILED, "phase2 sa replace") is None


def test_no_two_rows_share_a_name():
    keys = [(row.event, normalize(name)) for row in REASONS for name in {normalize(name) for name in names(row)}]
    assert len(keys) == len({*keys})


def test_both_spellings_of_conflict_are_one_reason():
    assert normalize("flow confict") == normalize("Flow-Conflict")
    assert find(FAILED, "flow conflict") is find(FAILED, "flow confict") is not None


@given(st.text())
def test_any_text_can_be_looked_up(text):
    assert find(FAILED, text) is None or normalize(text) in {normalize(name) for row in REASONS for name in names(row)}
    assert normalize(normalize(text)) == normalize(text)


def test_every_row_reaches_an_event():
    """A row that the parser cannot find would be dead text."""
    line = "h p[1]: {} ({}=[{}])"
    for row in REASONS:
        failed = row.event == FAILED
        sentence = "IPSec tunnel negotiation fails." if failed else "An IPSec tunnel is teared down."
        raw = line.format(sentence, "Reason" if failed else "OfflineReason", row.reason)
        event = parse_entry({"time": 1735024112, "raw_message": raw})
        assert (event["category"], event["phase"]) == (row.category, row.phase)
        assert event["outcome"] == ("failure" if failed else row.weight)
        assert event["advice"] == (row.advice if event["outcome"] in ("failure", "down") else None)


def test_the_page_is_current():
    spec = importlib.util.spec_from_file_location("reason_page", ROOT / "tests" / "tools" / "reason_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "reasons.md").read_text("utf-8")
    assert page == module.page(), "run python tests/tools/reason_page.py"
    assert all(f"`{row.reason}`" in page for row in REASONS)
