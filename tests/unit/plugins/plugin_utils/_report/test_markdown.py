# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prose is prose; a word that a renderer might obey stands in a code span."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.markdown import prose


@pytest.mark.parametrize(
    "text",
    [
        '14x "authentication fail" (authentication, phase 1) 2026-11-23T10:02:11Z to 10:07:36Z, peer 198.51.100.9',
        "compare the PSK (set it anew on both ends, it cannot be read back), then the IDs - then the certificates",
        "HA group hq-primary + hq-secondary: REDUNDANCY LOST: 1 of 2 tunnels pass",
        "\u5317\u4eac-\u4e0a\u6d77, Z\u00fcrich/Gen\u00e8ve: it\u2019s up?",
    ],
)
def test_sentences_stay_as_they_are(text):
    assert prose(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("set ha: {at_least: 1}, please", "set ha: `{at_least: 1}`, please"),
        ("gather ipsec_sas for both", "gather `ipsec_sas` for both"),
        ("ask @everyone about #1 and !2", "ask `@everyone` about `#1` and `!2`"),
        ("see http://192.0.2.1/ or WWW.example.test.", "see `http://192.0.2.1/` or `WWW.example.test`."),
        ("gh-1 GH-2 CHG-4711 and 9ba12248", "`gh-1 GH-2 CHG-4711` and `9ba12248`"),
        ("\u00e9GH-1 :100: 2001:db8::1", "`\u00e9GH-1 :100: 2001:db8::1`"),
        ("- x", "`-` x"),
        ("  1) x", "`1)` x"),
        ("--- x", "`---` x"),
        ("a `b` c", "a `` `b` `` c"),
        ("a ``` c", "a ```` ``` ```` c"),
        ("<b>bold</b> **bold** a|b", "`<b>bold</b> **bold** a|b`"),
        ("&amp; &#64;x \\@x", "`&amp; &#64;x \\@x`"),
        ("one\ntwo\x1b", "`one\\ntwo\\x1b`"),
        ("", "`  `"),
        (",#", "`,#`"),
        ("_;", "`_`;"),
    ],
)
def test_marks_and_references_stand_in_code(text, shown):
    assert prose(text) == shown
