# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs plays in a folder of their own, and keeps all that they leave behind: for whoever looks for what must not be.

Homes, temporary folders, logs and reports of a run are below C(left); what it was given is below C(given).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _sanitize
from fault_model import PRIMARY
from rig import clean_environment

LOGS, INFO = "huaweicloud.vpn.vpn_connection_log_info", "huaweicloud.vpn.vpn_connection_info"
LOUDEST = {
    "ANSIBLE_DISPLAY_TRACEBACK": "always",
    "ANSIBLE_INJECT_INVOCATION": "1",  # no default since ansible-core 2.21
    "ANSIBLE_KEEP_REMOTE_FILES": "1",
}
COLLECTIONS = next(path.parent for path in Path(_sanitize.__file__).parents if path.name == "ansible_collections")
_SECONDS = 600


class Ended(NamedTuple):
    """How a run ended, what it said, and the folder of what it left behind."""

    code: int
    said: str
    left: Path

    @property
    def ignored(self) -> int:
        """Return how many tasks failed and were ignored."""
        return int(re.findall(r"ignored=(\d+)", self.said)[-1])


def run(
    folder: Path,
    play: Sequence[Mapping[str, Any]] | str,
    variables: Mapping[str, Any],
    env: Mapping[str, str],
    *arguments: str,
) -> Ended:
    """Run a play, or a playbook by its name, with what core can write switched on."""
    given, left = folder / "given", folder / "left"
    for path in (given, *(left / name for name in ("home", "tmp", "junit", "work"))):
        path.mkdir(parents=True)
    name = play if isinstance(play, str) else str(given / "play.json")
    if not isinstance(play, str):
        (given / "play.json").write_text(json.dumps(play), encoding="utf-8")
    (given / "vars.json").write_text(json.dumps(variables), encoding="utf-8")
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", name]
    command += [f"--extra-vars=@{given / 'vars.json'}", *arguments]
    with tempfile.TemporaryDirectory() as short:
        # The path of a socket may have a hundred bytes or so, and ansible-core 2.21 makes one there.
        (Path(short) / "t").symlink_to(left / "tmp")
        process = subprocess.run(
            command,
            env={**_environment(left), "TMPDIR": f"{short}/t", **env},
            cwd=left / "work",
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    said = (process.stdout + b"\n" + process.stderr).decode("utf-8", "surrogateescape")
    return Ended(process.returncode, said, left)


def _environment(left: Path) -> dict[str, str]:
    """Return variables that keep a run below its folder."""
    kept = {name: value for name, value in clean_environment(os.environ).items() if not name.startswith("ANSIBLE_")}
    return {
        **kept,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_HOME": str(left / "home" / ".ansible"),
        "ANSIBLE_ASYNC_DIR": str(left / "home" / "async"),
        "ANSIBLE_REMOTE_TMP": str(left / "home" / "remote"),
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOG_PATH": str(left / "ansible.log"),
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
        "JUNIT_OUTPUT_DIR": str(left / "junit"),
        "HOME": str(left / "home"),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def play(*tasks: Mapping[str, Any], **more: Any) -> list[dict[str, Any]]:
    """Return a play on this machine."""
    return [
        {
            "name": "Torture",
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            **more,
            "tasks": list(tasks),
        }
    ]


def ask(module: str, loop: str, **options: Any) -> dict[str, Any]:
    """Return a task that asks once for each item; none of them may succeed, and all of it is shown."""
    return {
        "name": f"Ask {module} about {loop}",
        module: {"vpn_connection_id": [PRIMARY], "region": "cn-north-4", "retries": 0, "timeout": 2, **options},
        "loop": f"{{{{ {loop} }}}}",
        "register": "asked",
        "ignore_errors": True,
        "no_log": False,
    }


def look_up(items: Iterable[str], options: Mapping[str, str], **more: Any) -> list[dict[str, Any]]:
    """Return tasks that look up, one for each item, which is C(case); options are Jinja expressions.

    No loop: ansible-core before 2.18 would end it with the first error.
    """
    known = {"region": "'cn-north-4'", "retries": "0", "timeout": "2", "endpoint": "url", **options}
    keywords = ", ".join(f"{name}={value}" if value else name for name, value in known.items())
    message = f"{{{{ query('huaweicloud.vpn.vpn_connection_log', '{PRIMARY}', {keywords}) }}}}"
    return [
        {
            "name": "Look up",
            "ansible.builtin.debug": {"msg": message},
            "ignore_errors": True,
            "register": "asked",
            **more,
            "vars": {"case": item, **more.get("vars", {})},
        }
        for item in items
    ]


SHOW = {"name": "Show all of it", "ansible.builtin.debug": {"var": "asked"}}


def refusals(task: Mapping[str, Any], loop: str) -> list[Mapping[str, Any]]:
    """Return the tasks that ask, show all of what came, and see to it that each was refused."""
    demand = f"asked.results | selectattr('failed') | list | length == {loop} | length"
    end = {"name": "Assert that each was refused", "ansible.builtin.assert": {"that": demand, "quiet": True}}
    return [task, SHOW, end]
