# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The neutraliser: nothing that could move a cursor, hide text or turn its direction gets past it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._sanitize import visible
from hypothesis import given
from hypothesis import strategies as st

COMMAND = re.compile(r"##[A-Za-z]*\[|::[A-Za-z-]+( .*)?::")
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, \u529e\u516c\u5ba4 and \u00e9", "plain text, \u529e\u516c\u5ba4 and \u00e9"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\r\tc\x00", "a\\nb\\r\\tc\\x00"),
        ("\x7f\x85\x9b", "\\x7f\\x85\\x9b"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("\ufffe\ufdd0\U0001ffff", "\\ufffe\\ufdd0\\U0001ffff"),
        ("\ud800x", "\\ud800x"),
        ("\u3164\u115f\ufe0f\U000e0100", "\\u3164\\u115f\\ufe0f\\U000e0100"),
        ("a\u00a0b", "a\\xa0b"),
        ("##vso[task.complete]x ##[error] a##teamcity[", "\\x23#vso[task.complete]x \\x23#[error] a\\x23#teamcity["),
        ("::error::x", "\\x3a:error\\x3a:x"),
        ("a ::add-mask::b", "a \\x3a:add-mask\\x3a:b"),
        ("f::set-output name=b::y", "f\\x3a:set-output name=b::y"),
        ("::stop-commands::::x", "\\x3a:stop-commands::\\x3a:x"),
        ("peer 2001:db8::bad, fe80::dead:beef, ::1, [::]", "peer 2001:db8::bad, fe80::dead:beef, ::1, [::]"),
        ("## title [1], #[x], a:b, 10:00:00", "## title [1], #[x], a:b, 10:00:00"),
        ("", ""),
    ],
)
def test_what_is_shown(text, shown):
    assert visible(text) == shown


def test_long_text_is_cut():
    assert visible("x" * 300) == "x" * 300
    assert visible("x" * 301) == "x" * 297 + "..."
    assert visible("\x00" * 301, 10) == "\\x00\\x0..."
    assert [visible("abcdef", limit) for limit in (6, 5, 3, 2, 0)] == ["abcdef", "ab...", "...", "..", ""]


@given(st.text(st.characters() | st.sampled_from("#[:-a "), max_size=400), st.integers(0, 400))
def test_any_text_becomes_one_visible_line(text, limit):
    shown = visible(text, limit)
    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1
    assert not {unicodedata.category(char) for char in shown} & HIDDEN
    assert not COMMAND.search(shown)
    shown.encode("utf-8")
    assert visible(shown, limit) == shown
