# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requirements for collections of Ansible's community package, in our words, each with its check."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import inclusion_files as has
import inclusion_runs as ran


@dataclasses.dataclass(frozen=True)
class Row:
    """One requirement: M for must, S for should; C(slow) when its check needs sessions."""

    number: int
    level: str
    wants: str
    check: Callable[[Path], has.Answer]
    slow: bool = False


def slow(number: int, level: str, wants: str, check: Callable[[Path], has.Answer]) -> Row:
    """Return a row whose check needs sessions."""
    return Row(number, level, wants, check, slow=True)


def public(number: int, level: str, wants: str) -> Row:
    """Return a row that only a public place can fulfil."""
    return Row(number, level, wants, has.public)


# The integration tests with modules on Pythons that no ansible-core has as controller.
MODULES = ("modules(python-3.9)", "modules(python-3.10)")
TOPICS: dict[str, tuple[Row, ...]] = {
    "Communication": (
        public(1, "M", "A tag on Ansible's forum"),
        Row(
            2,
            "M",
            "README tells where to get help",
            has.says("README.md", "a section Communication", "(?m)^## Communication", r"forum\.ansible\.com/c/help/6"),
        ),
        public(3, "S", "GitHub Discussions off where nobody answers them"),
        public(4, "M", "A forum group, if there is one, that everybody can read"),
    ),
    "Infrastructure": (
        public(5, "M", "An issue tracker that everybody can read and write to"),
        Row(6, "M", "A code of conduct that agrees with Ansible's, linked from README", has.conduct),
        Row(7, "M", "On Galaxy, as 1.0.0 or newer", has.version),
        Row(8, "S", "No large or binary files", has.small),
        Row(9, "S", "No file that is not needed", has.tidy),
    ),
    "Python": (
        slow(
            10,
            "M",
            "Every Python that a supported ansible-core has as controller",
            ran.both(ran.session("sanity(*)", "unit(*)"), ran.pythons()),
        ),
        slow(
            11,
            "M",
            "Every Python that a supported ansible-core has on targets, except where it is said",
            ran.both(ran.session("sanity(*)", "integration(*)", *MODULES), ran.pythons(*ran.TARGETS)),
        ),
        Row(12, "M", "README and the settings of the tests name the oldest Python", has.oldest_python),
        Row(
            13,
            "M",
            "Support for a Python ends with an announcement, and a major release",
            has.unreleased("to be read by a person, in the change log"),
        ),
        Row(14, "M", "Private utilities begin with an underscore, and say that they are private", has.private_utils),
        Row(15, "S", "Utilities say which Pythons they support, or support all", has.silent_on_python),
    ),
    "Repository": (
        Row(16, "M", "galaxy.yml has tags, one of them a category of Galaxy", has.tags),
        Row(17, "M", "It depends on collections of the community package only", has.dependencies),
        Row(18, "M", "There is a README", has.says("README.md", "its title", "(?m)^# huaweicloud.vpn")),
        Row(19, "M", "meta/runtime.yml has requires_ansible, and it is what is tested", has.requires_ansible),
        slow(
            20,
            "S",
            "An execution environment gets what the collection needs",
            ran.tested("test_it_installs_what_the_collection_imports"),
        ),
        Row(21, "M", "Known folders only below plugins/", has.folders),
        slow(
            22,
            "M",
            "It works with nothing left but meta, plugins, roles and playbooks",
            ran.tested("test_it_works_without_everything_else"),
        ),
    ),
    "Documentation": (
        slow(
            23,
            "M",
            "Markup says what is an option, a value, a plugin; every reference leads somewhere",
            ran.linted("antsibull-docs lint-collection-docs --plugin-docs"),
        ),
        Row(
            24,
            "M",
            "Everything has DOCUMENTATION",
            has.documented("DOCUMENTATION", "short_description", "description", "author"),
        ),
        Row(25, "M", "Everything has EXAMPLES", has.documented("EXAMPLES")),
        Row(26, "M", "Full names everywhere, also of ansible.builtin", has.full_names),
        Row(27, "M", "Everything that returns data has RETURN", has.documented("RETURN")),
        Row(28, "M", "version_added on what came after the first release", has.dated),
        Row(29, "S", "A guide for contributors", has.says("CONTRIBUTING.md", "how to test", "make test")),
    ),
    "Workflow": (
        slow(
            30,
            "M",
            "A change log in antsibull's form",
            ran.both(ran.linted("antsibull-changelog lint"), ran.tested("test_a_release_would_write_it")),
        ),
        Row(
            31,
            "M",
            "Semantic versioning, and README says so",
            has.says("README.md", "the words", "(?i)semantic versioning"),
        ),
        Row(32, "M", "Each change has the section that it belongs to", has.sections),
        Row(
            33,
            "M",
            "Nothing breaks within a major version",
            has.unreleased("to be read by a person, against the last release"),
        ),
        Row(34, "S", "A policy for releases and deprecation is published", has.policy),
    ),
    "Names": (
        Row(35, "S", "Namespace and name are short, without a word twice", has.names),
        Row(36, "M", "Modules that only read end with _info", has.info_modules),
        Row(37, "M", "Modules that end with _facts return facts alone", has.facts_modules),
    ),
    "Licences": (
        Row(
            38,
            "M",
            "Modules, their utilities and roles have a licence that agrees with GPL-3.0-or-later",
            functools.partial(has.licensed, where=("plugins/module", "roles/", "playbooks/", "meta/")),
        ),
        Row(
            39,
            "M",
            "All other code of plugins, and tests that import it, are GPL-3.0-or-later",
            functools.partial(has.licensed, where=("plugins/", "tests/unit/", "extensions/")),
        ),
        Row(40, "M", "No contributor licence agreement", has.no_cla),
    ),
    "Repository management": (
        public(41, "M", "A public git repository"),
        Row(42, "M", "Each release is a tag", has.tagged),
        slow(
            43,
            "M",
            "The artefact is built from the tagged sources",
            ran.prepared(
                ran.tested("test_everything_is_as_git_has_it"), "there is no tag yet, `make release-check` looks at it"
            ),
        ),
        Row(
            44,
            "M",
            "A linear history, in Ansible's own organisation",
            lambda _root: (has.NONE, "it is not in Ansible's organisation"),
        ),
    ),
    "Continuous integration": (
        slow(
            45,
            "M",
            "ansible-test sanity of the newest ansible-core, with all Pythons",
            ran.both(ran.newest("sanity"), ran.pythons(*ran.TARGETS)),
        ),
        Row(46, "S", "The same of its development branch", has.devel),
        slow(47, "M", "It finds nothing", ran.session("sanity(*)")),
        Row(48, "M", "Few exceptions, with reasons, and some never", has.no_ignores),
        Row(49, "M", "Each supported ansible-core is tested", has.workflow_cores),
        Row(50, "M", "On each pull request", has.workflow("pull requests", r"(?m)^  pull_request:")),
        Row(
            51,
            "M",
            "On the commit of a release",
            has.workflow("tags, with release-check", r"(?m)^    tags:", "make release-check"),
        ),
        Row(52, "M", "Every week, whatever happens", has.workflow("a time table", r"(?m)^  schedule:", "cron:")),
        public(53, "S", "Maintainers read Ansible's news for maintainers"),
    ),
    "Development": (
        slow(
            54, "M", "Ansible's conventions for modules", ran.both(ran.session("sanity(*)"), ran.linted("ruff check"))
        ),
        slow(55, "M", "What runs twice changes nothing the second time", ran.session("integration(*)")),
        Row(56, "M", "No state that only reads", has.no_getters),
        Row(57, "M", "Info modules run in check mode, and change nothing", has.check_mode),
    ),
    "Beyond the list": (
        slow(58, "", "Galaxy's importer takes it", ran.session("build")),
        slow(
            59,
            "",
            "ansible-lint with the profile production, and strict",
            ran.both(
                has.says(".ansible-lint", "profile and strict", "(?m)^profile: production$", "(?m)^strict: true$"),
                ran.linted("ansible-lint --offline"),
            ),
        ),
        slow(60, "", "REUSE: the licence of each file", ran.linted("reuse lint")),
    ),
}
ROWS = [row for rows in TOPICS.values() for row in rows]
