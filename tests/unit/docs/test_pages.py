# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of the guide: every code that people may meet is explained, and every page is in the table of contents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
DOCSITE = ROOT / "docs" / "docsite"
CODE = re.compile(r"""["'](E_[A-Z_]+|(?:VPN|APIGW)\.[0-9]{4})["']""")
FINDING = re.compile(r"""Finding\(\s*"([a-z_]+)\"""")


def in_the_code(pattern):
    """Return what a pattern finds in the code of the collection."""
    files = [*ROOT.glob("plugins/**/*.py"), *ROOT.glob("extensions/**/*.py")]
    return {found for path in files for found in pattern.findall(path.read_text("utf-8"))}


def explained():
    """Return the codes in the first column of the tables, each of which is there once."""
    page = (DOCSITE / "rst" / "troubleshooting.rst").read_text("utf-8")
    codes = [code for row in re.findall(r"^   \* - (.*)$", page, re.MULTILINE) for code in re.findall("``(.+?)``", row)]
    assert len(codes) == len(set(codes))
    return set(codes)


@pytest.mark.parametrize(("pattern", "least"), [(CODE, 35), (FINDING, 18)])
def test_every_code_is_explained(pattern, least):
    codes = in_the_code(pattern)
    assert len(codes) >= least
    assert codes <= explained()


def test_no_code_of_our_own_is_explained_that_there_is_not():
    ours = {code for code in explained() if not re.match(r"(VPN|APIGW)\.", code)}
    assert ours == in_the_code(FINDING) | {code for code in in_the_code(CODE) if code.startswith("E_")}


def test_every_page_is_in_the_table_of_contents():
    sections = yaml.safe_load((DOCSITE / "extra-docs.yml").read_text("utf-8"))["sections"]
    listed = [page for section in sections for page in section["toctree"]]
    # Those of docs are found by conf.py, and Sphinx warns of a page that is in no list.
    there = [path.stem for path in DOCSITE.glob("rst/*.rst")]
    assert sorted(listed) == sorted(there)


@pytest.mark.parametrize("path", sorted(DOCSITE.glob("rst/*.rst")), ids=lambda path: path.stem)
def test_every_page_says_what_it_is_for_and_where_to_go_next(path):
    text = path.read_text("utf-8")
    assert re.search(r"^=+\n\n(This page|A page)", text, re.MULTILINE)
    assert path.stem == "reference" or text.strip().split("\n\n")[-1].startswith("Next: ")
