# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.huaweicloud.vpn.plugins.modules import vpn_connection_info as module


@pytest.fixture
def play(tmp_path):
    """Run tasks with ansible-playbook, with these options and variables; return its process."""

    def run(tasks, *options, **variables):
        book = tmp_path / "play.yml"
        book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
        collections = next(path.parent for path in Path(module.__file__).parents if path.name == "ansible_collections")
        settings = {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_HOME": str(tmp_path),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            **variables,
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", *options, str(book)]
        return subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)

    return run
