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

CALLBACKS = Path(__file__).parents[3] / "torture" / "callback_plugins"


@pytest.fixture
def play(tmp_path):
    """Run tasks with ansible-playbook, with these options and variables.

    Return its process, which also has the results of the tasks, without what Ansible adds to them.
    """

    def run(tasks, *options, **variables):
        results = tmp_path / "results"
        results.write_text("", encoding="utf-8")
        book = tmp_path / "play.yml"
        book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
        collections = next(path.parent for path in Path(module.__file__).parents if path.name == "ansible_collections")
        settings = {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_HOME": str(tmp_path),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "torture_results",
            "TORTURE_RESULTS": str(results),
            **variables,
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", *options, str(book)]
        process = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
        rows = map(json.loads, results.read_text(encoding="utf-8").splitlines())
        added = ("_ansible", "deprecations", "exception", "invocation", "warnings")
        process.results = [
            {
                **{name: value for name, value in row["result"].items() if not name.startswith(added)},
                "failed": row["failed"],
            }
            for row in rows
        ]
        return process

    return run
