# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The version stands in galaxy.yml. What else names one agrees with it."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text("utf-8"))["version"]
CODE = [path for where in ("plugins", "roles", "extensions") for path in (ROOT / where).rglob("*") if path.is_file()]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.rst")]
PIECES = [path for path in (ROOT / "pipelines").rglob("*") if path.is_file()]


def numbers(version):
    return [int(number) for number in version.split(".")]


def releases():
    return yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text("utf-8"))["releases"]


def test_it_is_semantic():
    assert re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", VERSION)


def test_whatever_says_when_it_came_names_a_release_or_this_one():
    found = {
        path: re.findall(r"""(?m)^\s*version_added: ["']?([\d.]+)["']?$""", path.read_text("utf-8"))
        for path in CODE
        if path.suffix in (".py", ".yml")
    }
    known = {*releases(), VERSION}
    assert sum(map(len, found.values())) >= 10
    assert not {path.name: said for path, said in found.items() if not known.issuperset(said)}


def test_the_artefact_has_its_name_everywhere():
    named = {
        path.name: re.findall(r"huaweicloud-vpn-(\d[\w.]*\d)\.tar\.gz", path.read_text("utf-8"))
        for path in (*PAGES, *PIECES)
    }
    assert named["README.md"]
    assert {version for said in named.values() for version in said} == {VERSION}


def test_the_change_log_is_not_ahead():
    history = sorted(releases(), key=numbers)
    assert not history or numbers(history[-1]) <= numbers(VERSION)
    if VERSION in history:
        assert f"## v{VERSION}" in (ROOT / "CHANGELOG.md").read_text("utf-8").replace("\\", "")
    else:
        # What is to be told of it.
        assert [*(ROOT / "changelogs" / "fragments").glob("*.y*ml")]


def test_no_code_says_it_again():
    said = [
        path.name
        for path in CODE
        if path.suffix == ".py"
        and re.search(rf"(?<!version_added: \")\b{re.escape(VERSION)}\b(?!\.)", path.read_text("utf-8"))
    ]
    assert not said
