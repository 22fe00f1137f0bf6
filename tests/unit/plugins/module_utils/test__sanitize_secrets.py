# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No part of a secret is left in what others say, however they write it; all else stays."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._sanitize import MASK, redacted
from hypothesis import given
from hypothesis import strategies as st

SECRET = "wJ4k-Rq8'vT2n\\Lx6&p<Zs\"0Yd%/+="
WAYS = {
    "as it is": SECRET,
    "upper case": SECRET.upper(),
    "backwards": SECRET[::-1],
    "its begin": SECRET[:8],
    "its end": SECRET[-8:],
    "repr": repr(SECRET)[1:-1],
    "JSON": json.dumps(SECRET)[1:-1],
    "URL": quote(SECRET, safe=""),
    "URL, small": quote(SECRET, safe="").lower(),
    "HTML": html.escape(SECRET),
    "hex": SECRET.encode().hex(),
    "HEX": SECRET.encode().hex().upper(),
    **{f"base64 {lead}": base64.b64encode((lead + SECRET).encode()).decode() for lead in ("", "a", "ab", "user:")},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_is_masked(way):
    shown = redacted(f"we got {WAYS[way]}, no", ("another-secret", SECRET))
    assert shown.startswith("we got ")
    assert shown.endswith(", no")
    # What base64 makes of the characters before it tells nothing, and may stay.
    assert MASK in shown
    assert len(shown) <= len("we got , no") + len(MASK) + (8 if "base64" in way else 0)


@pytest.mark.parametrize("write", [lambda text: repr(text)[1:-1], lambda text: json.dumps(text)[1:-1], html.escape])
def test_what_is_written_otherwise_is_masked_to_its_last_character(write):
    secret = "kQ7vB2nMx\\<"
    assert redacted(f"<{write(secret)}>", (secret,)) == f"<{MASK}>"


def test_what_is_no_secret_stays():
    text = f"{SECRET[:7]} and {SECRET[1:8]}, APIGW.0301 Incorrect IAM authentication information: \u0130"
    assert redacted(text, (SECRET,)) == text
    assert redacted(text, ()) == text
    assert redacted("", (SECRET,)) == ""


def test_each_secret_is_masked_alone():
    assert redacted(f"a {SECRET} b other-secret{SECRET}", (SECRET, "other-secret")) == f"a {MASK} b {MASK}{MASK}"


@given(st.text(), st.text(), st.integers(0, len(SECRET) - 8), st.integers(8, len(SECRET)))
def test_no_part_is_left_between_other_text(before, after, start, length):
    part = SECRET[start : start + length]
    assert part not in redacted(before + part + after, (SECRET,))
