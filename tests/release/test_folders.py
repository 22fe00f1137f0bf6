# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is public needs no folder but those that Ansible knows."""

from __future__ import annotations

from pathlib import Path

PLAY = Path(__file__).parent / "play.yml"
KNOWN = ("galaxy.yml", "meta/", "playbooks/", "plugins/", "roles/")


def test_it_works_without_everything_else(run, source, tracked, emulator, tmp_path):
    copy = tmp_path / "ansible_collections" / "huaweicloud" / "vpn"
    for name in tracked:
        if name.startswith(KNOWN):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((source / name).read_bytes())
    assert sorted(path.name for path in copy.iterdir()) == sorted(name.rstrip("/") for name in KNOWN)
    given = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path), **emulator}
    code, output = run("ansible-playbook", PLAY, **given)
    assert code == 0, output
    name = ("-e", "tunnel_verify_name=hq-primary", "-e", f"tunnel_verify_report_dir={tmp_path}/reports")
    code, output = run("ansible-playbook", "huaweicloud.vpn.verify", *name, **given)
    assert code == 0, output
    assert "hq-primary: PASS" in output
    assert (tmp_path / "reports" / "tunnel_verify.html").is_file()
