# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The artefact installs, works and upgrades; nothing of the checkout is used but the emulator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

PLAY = Path(__file__).parent / "play.yml"
CHANGE = """
- name: Change
  ansible.builtin.uri:
    url: "{{ lookup('ansible.builtin.env', 'HUAWEICLOUD_VPN_ENDPOINT') }}/emulator/change"
    method: POST
    body_format: json
    body: {name: NAME}
    use_proxy: false
"""
QUICK = {"tunnel_baseline_name": "hq-primary", "tunnel_verify_wait_sleep": 1, "tunnel_verify_quiet_for": 1}


def install(run, where, *arguments):
    """Install a tarball as users do, without any server."""
    code, output = run("ansible-galaxy", "collection", "install", "--offline", "-p", where, *arguments)
    assert code == 0, output
    return where / "ansible_collections" / "huaweicloud" / "vpn"


@pytest.fixture
def installed(run, artefact, tmp_path):
    """The folder of the installed collection."""
    return install(run, tmp_path / "installed", artefact)


@pytest.fixture
def older(run, tmp_path):
    """An installed collection of the same name, of an older version, with files that there are no longer."""
    source = tmp_path / "older"
    (source / "plugins" / "modules").mkdir(parents=True)
    metadata = {"namespace": "huaweicloud", "name": "vpn", "version": "0.9.0", "readme": "README.md"}
    metadata.update(authors=["huaweicloud.vpn contributors"], license=["GPL-3.0-or-later"])
    (source / "galaxy.yml").write_text(yaml.safe_dump(metadata), encoding="utf-8")
    (source / "README.md").write_text("older\n", encoding="utf-8")
    (source / "plugins" / "modules" / "gone.py").write_text("# gone\n", encoding="utf-8")
    code, output = run("ansible-galaxy", "collection", "build", source, "--output-path", tmp_path / "older-built")
    assert code == 0, output
    folder = install(run, tmp_path / "installed", *(tmp_path / "older-built").glob("*.tar.gz"))
    assert (folder / "plugins" / "modules" / "gone.py").is_file()
    return folder


def verify(run, folder):
    """Compare the installed files with the check sums that were installed with them."""
    return run("ansible-galaxy", "collection", "verify", "--offline", "-p", folder.parents[2], "huaweicloud.vpn")


def version(folder):
    """Return the version that is installed."""
    return json.loads((folder / "MANIFEST.json").read_text("utf-8"))["collection_info"]["version"]


def validate(run, installed, emulator, tmp_path, name):
    """Make a change of the emulator with the installed playbook."""
    (tmp_path / "change.yml").write_text(CHANGE.replace("NAME", name), encoding="utf-8")
    given = {**QUICK, "change": f"{tmp_path}/change.yml", "tunnel_verify_report_dir": f"{tmp_path}/reports"}
    command = ("ansible-playbook", "huaweicloud.vpn.validate_change", "-e", json.dumps(given))
    return run(*command, ANSIBLE_COLLECTIONS_PATH=str(installed.parents[2]), **emulator)


def test_plugins_work(run, installed, emulator, tmp_path):
    found = str(installed.parents[2])
    code, output = run("ansible-playbook", PLAY, ANSIBLE_COLLECTIONS_PATH=found, **emulator)
    assert code == 0, output
    # It would find no other one, and does not find it when it is not there.
    code, output = run("ansible-playbook", PLAY, ANSIBLE_COLLECTIONS_PATH=str(tmp_path / "none"), **emulator)
    assert code != 0, output
    assert "huaweicloud.vpn" in output


def test_a_good_change_passes_and_a_bad_one_fails(run, installed, emulator, tmp_path):
    code, output = validate(run, installed, emulator, tmp_path, "renegotiated")
    assert code == 0, output
    assert "hq-primary: PASS" in output
    report = json.loads((tmp_path / "reports" / "tunnel_verify.json").read_text("utf-8"))
    assert report["verdict"] == "pass"
    code, output = validate(run, installed, emulator, tmp_path, "wrong_psk")
    assert code != 0, output
    assert "authentication fail" in output


def test_what_is_installed_can_be_verified(run, installed):
    code, output = verify(run, installed)
    assert code == 0, output
    with (installed / "plugins" / "module_utils" / "_verdict" / "judge.py").open("a", encoding="utf-8") as file:
        file.write("# a change\n")
    code, output = verify(run, installed)
    assert code != 0, output
    assert "judge.py" in output


def test_it_upgrades_an_older_version(run, older, artefact, manifest, emulator, tmp_path):
    assert version(older) == "0.9.0"
    folder = install(run, tmp_path / "installed", "--upgrade", artefact)
    assert folder == older
    assert version(folder) == manifest["version"]
    assert not (folder / "plugins" / "modules" / "gone.py").exists()
    code, output = verify(run, folder)
    assert code == 0, output
    code, output = validate(run, folder, emulator, tmp_path, "renegotiated")
    assert code == 0, output
