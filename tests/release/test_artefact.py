# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The artefact holds what users need, as git has it, and nothing else."""

from __future__ import annotations

import re

import yaml

# Whatever is new at the top of the repository is shipped only after it got its place here.
SHIPPED = {
    *("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "README.md", "REUSE.toml", "SECURITY.md"),
    *("LICENSES", "changelogs", "docs", "extensions", "meta", "pipelines", "playbooks", "plugins", "roles"),
}
NEEDED = {
    *("CODE_OF_CONDUCT.md", "README.md", "SECURITY.md", "LICENSES/GPL-3.0-or-later.txt", "changelogs/changelog.yaml"),
    *("docs/decisions.md", "docs/docsite/rst/pipelines.rst", "docs/reasons.md", "docs/releasing.md"),
    *(
        "meta/runtime.yml",
        "meta/execution-environment.yml",
        "meta/ee-requirements.txt",
        "playbooks/validate_change.yml",
    ),
    *("pipelines/github/action.yml", "pipelines/gitlab/verified-change.yml", "pipelines/jenkins/verifiedChange.groovy"),
    *("plugins/modules/vpn_connection_log_info.py", "roles/tunnel_verify/meta/argument_specs.yml"),
}
SECRETS = {
    "a private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY",
    "an access key": rb"\b(?:AKIA|ASIA|HPUA|HST[A-Z0-9])[A-Z0-9]{16}\b",
    "a secret key": rb"(?i)(?:secret_key|HW_SECRET_KEY)['\"]?\s*[:=]\s*['\"]?[A-Za-z0-9+/]{40}\b",
    "a token": rb"\bMII[A-Za-z0-9+/\-]{100}",
}
LIMIT = 2_000_000


def test_it_holds_exactly_what_users_need(shipped, tracked):
    expected = {
        name for name in tracked if name.partition("/")[0] in SHIPPED and not name.startswith("changelogs/fragments/")
    }
    assert shipped.keys() - {"MANIFEST.json", "FILES.json"} == expected
    assert not NEEDED - shipped.keys()


def test_everything_is_as_git_has_it(shipped, source):
    changed = [
        name
        for name, content in shipped.items()
        if name not in ("MANIFEST.json", "FILES.json") and content != (source / name).read_bytes()
    ]
    assert not changed


def test_nothing_private_is_in_it(shipped, source):
    patterns = {**SECRETS, "a path of this machine": re.escape(str(source.parents[2])).encode()}
    found = [
        f"{name}: {what}"
        for name, content in shipped.items()
        for what, pattern in patterns.items()
        if re.search(pattern, content)
    ]
    assert not found


def test_it_is_small(artefact):
    assert artefact.stat().st_size < LIMIT


def test_it_says_who_it_is(manifest, source):
    metadata = yaml.safe_load((source / "galaxy.yml").read_text("utf-8"))
    for name in ("namespace", "name", "version", "authors", "description", "license", "tags"):
        assert manifest[name] == metadata[name]
    assert manifest["dependencies"] == {}
