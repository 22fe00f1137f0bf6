# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/inclusion.md says what the checks say, and each check sees a defect of its kind."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = "plugins/modules/vpn_connection_info.py"
LOOKUP = "plugins/lookup/vpn_connection_log.py"
HUB, RELEASED = ".github/workflows/test.yml", "releases: {1.0.0: {changes: {}}}"
# The row, the file, what in it is replaced and by what; an empty pattern replaces all of it.
DEFECTS = [
    (2, "README.md", r"^## Communication$", "## Talk"),
    (6, "CODE_OF_CONDUCT.md", r"docs\.ansible\.com", "example.com"),
    (6, "README.md", r"CODE_OF_CONDUCT\.md", "OTHER.md"),
    (7, "galaxy.yml", r"^version: .*", "version: 0.9.0"),
    (8, "docs/picture.bin", "", "\0"),
    (8, "docs/large.txt", "", "x" * 1_000_001),
    (9, "plugins/modules/x.py.orig", "", "left"),
    (9, "plugins/modules/notes.txt", "", "left"),
    (9, "playbooks/reports/tunnel_verify.txt", "", "left"),
    (12, "README.md", r"Python 3\.9 or newer", "Python"),
    (12, "tests/config.yml", r">=3\.9", ">=3.8"),
    (13, "changelogs/changelog.yaml", r"releases: \{\}", RELEASED),
    (14, "plugins/module_utils/_sanitize.py", "PRIVATE", "ours"),
    (14, "plugins/plugin_utils/open.py", "", "# PRIVATE\n"),
    (15, "plugins/module_utils/_sanitize.py", "", '"""Needs Python 3.12."""\n'),
    (16, "galaxy.yml", r"  - (cloud|networking|monitoring)\n", ""),
    (17, "galaxy.yml", r"dependencies: \{\}", 'dependencies: {community.general: "*"}'),
    (18, "README.md", "", "empty"),
    (19, "meta/runtime.yml", r"2\.16\.0", "2.15.0"),
    (21, "plugins/helpers/x.py", "", "# new"),
    (24, CODE, r"^short_description: ", "short: "),
    (24, LOOKUP, "^DOCUMENTATION", "DOCUMENT"),
    (25, LOOKUP, "^EXAMPLES", "SAMPLES"),
    (26, CODE, r"  ansible\.builtin\.debug:", "  debug:"),
    (26, CODE, r"  - huaweicloud\.vpn\._connection", "  - _connection"),
    (27, CODE, "^RETURN", "RETURNED"),
    (28, CODE, r'version_added: "1\.0\.0"', 'version_added: "1.1.0"'),
    (28, CODE, r'^version_added: "1\.0\.0"\n', ""),
    (29, "CONTRIBUTING.md", "make test", "test"),
    (31, "README.md", "(?i)semantic versioning", "numbers"),
    (32, "changelogs/fragments/x.yml", "", "minor_changes: [more]\n"),
    (32, "changelogs/fragments/x.yml", "", "novelties: [more]\n"),
    (33, "changelogs/changelog.yaml", r"releases: \{\}", RELEASED),
    (34, "docs/releasing.md", "^## Deprecation", "## End"),
    (34, "README.md", r"\(docs/releasing\.md\)", "(elsewhere)"),
    (35, "galaxy.yml", "^name: vpn", "name: vpn_huaweicloud"),
    (36, "plugins/modules/vpn_x_info.py", "", 'DOCUMENTATION = "ansible_facts"\n'),
    (36, "plugins/modules/vpn_x.py", "", '"""huaweicloud.vpn._attributes.info_module"""\n'),
    (37, "plugins/modules/vpn_facts.py", "", "\n"),
    (38, "roles/tunnel_verify/tasks/main.yml", "SPDX", "XDPS"),
    (39, LOOKUP, "GPL-3.0-or-later", "MIT"),
    (40, "CONTRIBUTING.md", "$", "Sign the CLA."),
    (42, "changelogs/changelog.yaml", r"releases: \{\}", RELEASED),
    (48, "tests/sanity/ignore-2.19.txt", "", "x y\n"),
    (49, HUB, r', "2\.21"', ""),
    (50, HUB, "^  pull_request:", "  merge:"),
    (51, HUB, r"^    tags: .*\n", ""),
    (51, HUB, "make release-check", "true"),
    (52, HUB, "^  schedule:", "  timetable:"),
    (56, CODE, "^options:", "options:\n  state:\n    choices: [list]"),
    (57, CODE, "supports_check_mode=True", "supports_check_mode=False"),
    (57, "plugins/doc_fragments/_attributes.py", "support: full", "support: none"),
]
SLOW_DEFECTS = [
    (23, "noxfile.py", "antsibull-docs lint-collection-docs", "true"),
    (54, "noxfile.py", "ruff check", "true"),
    (59, ".ansible-lint", "profile: production", "profile: basic"),
    (60, "noxfile.py", "reuse lint", "true"),
]
CASES = (
    *("test_it_installs_what_the_collection_imports", "test_it_works_without_everything_else"),
    *("test_a_release_would_write_it", "test_everything_is_as_git_has_it"),
)


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("inclusion", ROOT / "tests" / "tools" / "inclusion.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows(tool):
    return {row.number: row for every in tool.TOPICS.values() for row in every}


@pytest.fixture(scope="module")
def repository(tool, tmp_path_factory):
    """A copy of the repository, with what README may still lack."""
    copy = tmp_path_factory.mktemp("repository")
    for name in tool.has.files(ROOT):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    with (copy / "README.md").open("a", encoding="utf-8") as file:
        file.write("\n## Communication\n\nhttps://forum.ansible.com/c/help/6\n\n[Versions](docs/releasing.md)\n")
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    return copy


@pytest.fixture
def plant(repository):
    """Change a file, and undo that after the test."""
    undo = []

    def change(name, pattern, replacement):
        path = repository / name
        before = path.read_bytes() if path.is_file() else None
        undo.append((path, before))
        path.parent.mkdir(parents=True, exist_ok=True)
        text = re.sub(pattern, lambda _match: replacement, before.decode(), flags=re.M) if pattern else replacement
        assert text.encode() != before
        path.write_text(text, encoding="utf-8")

    yield change
    for path, before in undo:
        if before is None:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
        else:
            path.write_bytes(before)


@pytest.fixture
def succeeded(tool, repository, monkeypatch, tmp_path):
    """The results of a whole run in which everything went well, and every Python at hand."""
    single = ["lint", "build", "browser", "modules(python-3.9)", "modules(python-3.10)"]
    matrix = [
        f"{name}(core-{core})" for name in ("unit", "sanity", "integration") for core in tool.has.cores(repository)
    ]
    said = [{"signatures": [name], "result": "success", "duration": 1} for name in single + matrix]
    results = repository / ".cache" / "results"
    results.mkdir(parents=True, exist_ok=True)
    report = results / "nox-report-0.json"
    report.write_text(json.dumps({"sessions": said}), encoding="utf-8")
    # It began after the last change of a file, and ends in the future.
    os.utime(report, (time.time() + 3600,) * 2)
    (results / "build.xml").write_text(
        f"<testsuite>{''.join(f'<testcase name={name!r}/>' for name in CASES)}</testsuite>", encoding="utf-8"
    )
    for version in ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14"):
        (tmp_path / f"python{version}").touch(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{Path(shutil.which('git')).parent}")
    yield report
    shutil.rmtree(repository / ".cache")


def test_every_requirement_is_there_once(tool):
    numbers = [row.number for every in tool.TOPICS.values() for row in every]
    assert numbers == [*range(1, 61)]


def test_the_page_says_what_the_files_say(tool, rows):
    page = (ROOT / tool.ran.PAGE).read_text("utf-8").splitlines()
    shown = {int(line.split(" | ")[0].lstrip("| ")): line for line in page if re.match(r"\| \d", line)}
    assert [*shown] == [*range(1, 61)]
    for number, row in rows.items():
        if row.slow:
            assert f" | {row.wants} | " in shown[number], "run `make inclusion`"
        else:
            assert shown[number] == tool.line(row, ROOT), "run `make inclusion`"


@pytest.mark.parametrize("number", sorted({number for number, *_change in DEFECTS}))
def test_without_a_defect_no_row_is_open(rows, repository, number):
    assert rows[number].check(repository)[0] != "open"


@pytest.mark.parametrize(("number", "name", "pattern", "replacement"), DEFECTS)
def test_a_defect_opens_its_row(rows, repository, plant, number, name, pattern, replacement):
    plant(name, pattern, replacement)
    assert rows[number].check(repository)[0] == "open"


def test_a_public_place_is_to_be_looked_at(rows, repository, plant):
    before = rows[41].check(repository)
    plant("galaxy.yml", "^name: ", "repository: https://example.com/\nname: ")
    assert before[0] == "open"
    assert rows[41].check(repository) == ("open", "to be looked at by hand")


def test_after_a_whole_run_no_row_that_needs_one_is_open(rows, repository, succeeded):
    states = {row.number: row.check(repository) for row in rows.values() if row.slow}
    assert not {number: answer for number, answer in states.items() if answer[0] == "open"}


@pytest.mark.parametrize(("number", "name", "pattern", "replacement"), SLOW_DEFECTS)
def test_a_defect_opens_a_row_that_needs_a_run(rows, repository, succeeded, plant, number, name, pattern, replacement):
    plant(name, pattern, replacement)
    assert rows[number].check(repository)[0] == "open"


def test_nothing_counts_after_a_change(rows, repository, succeeded, plant):
    plant("README.md", "$", "more")
    os.utime(repository / "README.md", (time.time() + 3590,) * 2)
    slow = [row for row in rows.values() if row.slow]
    assert {row.check(repository) for row in slow} == {("open", "not run on these files")}


@pytest.mark.parametrize("result", ["failed", "skipped", None])
@pytest.mark.parametrize(
    ("session", "numbers"),
    [
        ("lint", {23, 30, 54, 59, 60}),
        ("build", {20, 22, 30, 43, 58}),
        ("sanity(core-2.18)", {10, 11, 47, 54}),
        ("sanity(core-2.21)", {10, 11, 45, 47, 54}),
        ("unit(core-2.17)", {10}),
        ("modules(python-3.9)", {11}),
        ("integration(core-2.20)", {11, 55}),
    ],
)
def test_a_session_without_success_opens_its_rows(rows, repository, succeeded, session, numbers, result):
    said = json.loads(succeeded.read_text("utf-8"))["sessions"]
    said = [{**one, "result": result} if one["signatures"] == [session] else one for one in said]
    said = [one for one in said if one["result"]]
    succeeded.write_text(json.dumps({"sessions": said}), encoding="utf-8")
    os.utime(succeeded, (time.time() + 3600,) * 2)
    assert {row.number for row in rows.values() if row.slow and row.check(repository)[0] == "open"} == numbers


@pytest.mark.parametrize(("case", "number"), [*zip(CASES, (20, 22, 30, 43))])
def test_a_test_that_did_not_pass_opens_its_row(rows, repository, succeeded, case, number):
    report = succeeded.parent / "build.xml"
    whole = report.read_text("utf-8")
    for change in (
        f"<testcase name='{case}'><failure/></testcase>",
        f"<testcase name='{case}'><skipped/></testcase>",
        "",
    ):
        report.write_text(whole.replace(f"<testcase name='{case}'/>", change), encoding="utf-8")
        assert rows[number].check(repository)[0] == "open"


def test_a_missing_python_is_said(rows, repository, succeeded, tmp_path):
    (tmp_path / "python3.14").unlink()
    for number in (10, 11, 45):
        assert rows[number].check(repository) == ("open", "no Python 3.14 here")
