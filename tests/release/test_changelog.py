# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The change log can be written by a release as things stand."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml

PUBLIC = ("modules", "lookup", "filter", "test", "inventory")


@pytest.fixture
def workspace(source, tracked, tmp_path):
    """A copy that may be changed, at a path where Ansible finds a collection."""
    copy = tmp_path / "ansible_collections" / "huaweicloud" / "vpn"
    for name in tracked:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, copy / name)
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    return copy


def changelog(run, workspace, *arguments):
    """Run antsibull-changelog there."""
    command = 'cd "$1" && shift && exec antsibull-changelog "$@"'
    return run("sh", "-c", command, "-", workspace, *arguments, ANSIBLE_COLLECTIONS_PATH=str(workspace.parents[2]))


def written(workspace):
    """Return the change log, without the backslashes before its punctuation."""
    return re.sub(r"\\([^\sA-Za-z0-9])", r"\1", (workspace / "CHANGELOG.md").read_text("utf-8"))


def test_a_release_would_write_it(run, workspace):
    version = yaml.safe_load((workspace / "galaxy.yml").read_text("utf-8"))["version"]
    assert changelog(run, workspace, "lint") == (0, "")
    released = yaml.safe_load((workspace / "changelogs" / "changelog.yaml").read_text("utf-8"))["releases"]
    fragments = [*(workspace / "changelogs" / "fragments").glob("*.y*ml")]
    if version in released:
        assert not fragments, f"{version} is released: raise the version in galaxy.yml"
    else:
        assert fragments, "nothing to tell of this version"
        code, output = changelog(run, workspace, "release")
        assert code == 0, output
    code, output = changelog(run, workspace, "lint-changelog-yaml", "--strict", "changelogs/changelog.yaml")
    assert code == 0, output
    assert not [*(workspace / "changelogs" / "fragments").glob("*.y*ml")]

    text = written(workspace)
    assert f"## v{version}" in text
    history = yaml.safe_load((workspace / "changelogs" / "changelog.yaml").read_text("utf-8"))["releases"]
    assert "".join(history[version]["changes"]["release_summary"].split()) in "".join(text.split())


def test_the_first_release_names_every_plugin_and_role(run, workspace):
    if yaml.safe_load((workspace / "changelogs" / "changelog.yaml").read_text("utf-8"))["releases"]:
        pytest.skip("there is a release already")
    code, output = changelog(run, workspace, "release")
    assert code == 0, output
    text = written(workspace)
    plugins = {path.stem for kind in PUBLIC for path in (workspace / "plugins" / kind).glob("[!_]*.py")}
    roles = {path.name for path in (workspace / "roles").iterdir()}
    assert plugins
    assert roles
    # A plugin is new when its documentation has the version of the release as version_added.
    missing = {name for name in plugins | roles if f"huaweicloud.vpn.{name} -" not in text}
    assert not missing, text
