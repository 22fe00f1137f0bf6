# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags are made in one place, which escapes; what is put together by hand is shown, and not obeyed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report import html_builder
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.html_builder import element, joined

ROOM = Path(html_builder.__file__).parent
BAD = '<script>"x"</script>'
SHOWN = "&lt;script&gt;&quot;x&quot;&lt;/script&gt;"
# Where a constant may be trusted to be HTML.
TRUSTED = ("html_builder.py", "html_icons.py", "html_style.py")


def test_text_and_attributes_are_escaped():
    assert element("p", BAD, title=BAD) == f'<p title="{SHOWN}">{SHOWN}</p>'
    assert element("p", "a\n\u202eb", title="::error::x") == '<p title="\\x3a:error\\x3a:x">a\\n\\u202eb</p>'
    assert element("p", 7, " ", None) == "<p>7 None</p>"
    assert joined(BAD, element("i"), between="&") == f"{SHOWN}&amp;<i></i>"


def test_elements_keep_elements():
    assert element("p", element("b", "x"), class_="c", aria_label="l", x=None) == (
        '<p class="c" aria-label="l"><b>x</b></p>'
    )
    assert element("rect", x=1) == '<rect x="1"/>'
    assert element("rect", element("title", "t"), x=1) == '<rect x="1"><title>t</title></rect>'


@pytest.mark.parametrize(
    "by_hand",
    [
        lambda part: f"{part}",
        lambda part: part + BAD,
        lambda part: " ".join([part, *[BAD]]),
        lambda part: part.replace("x", BAD),
        lambda part: f"{part:>40}",
    ],
)
def test_what_is_put_together_by_hand_is_text_again(by_hand):
    assert "<b>" not in element("p", by_hand(element("b", "x")))
    assert "<script" not in element("p", by_hand(element("b", "x")))


def wrong(name, text):
    """Yield the lines of a file in which HTML is made by hand."""
    tree = ast.parse(text)
    documented = [node.body[0] for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list)]
    said = {id(node.value) for node in documented if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
        if literal and "<" in node.value and name not in TRUSTED:
            yield node.lineno
        if isinstance(node, ast.JoinedStr) and "<" in ast.unparse(node) and name != "html_builder.py":
            yield node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "Html" and name not in TRUSTED:
                yield node.lineno
            # A constant; the style is put together of constants, and holds no tag.
            if node.func.id == "Html" and name == "html_icons.py" and not isinstance(node.args[0], ast.Constant):
                yield node.lineno
            if node.func.id == "element" and name != "html_builder.py" and not isinstance(node.args[0], ast.Constant):
                yield node.lineno


@pytest.mark.parametrize("name", sorted(path.name for path in ROOM.glob("html*.py")))
def test_no_other_file_makes_a_tag(name):
    assert [*wrong(name, (ROOM / name).read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("html.py", 'x = f"<p>{y}</p>"'),
        ("html_card.py", 'x = "<p>" + y'),
        ("html_card.py", "x = Html(y)"),
        ("html_icons.py", "x = Html(y)"),
        ("html_icons.py", 'x = Html(f"<b>{y}</b>")'),
        ("html_style.py", 'x = f"<style>{y}"'),
        ("html_timeline.py", "x = element(y)"),
    ],
)
def test_a_tag_by_hand_is_caught(name, line):
    """The planted defects."""
    assert [*wrong(name, f'"""A <tag> in words."""\n{line}\n')]
