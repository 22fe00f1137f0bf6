# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of tasks, checked before anything is changed: found, readable, and a list of tasks that Ansible can parse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.mod_args import ModuleArgsParser

from ...module_utils._sanitize import visible

_NESTED = ("block", "rescue", "always")


def path_of(value: str) -> str:
    """Return the whole path of a file; a relative one begins where the command was started."""
    return os.path.join(os.getcwd(), os.path.expanduser(value.strip()))


def file_problem(option: str, value: Any, loader: Any) -> str | None:
    """Return what is wrong with a file of tasks in one line, None if nothing is."""
    if not isinstance(value, str):
        return f"{option}: give the path of a file of tasks"
    path = path_of(value)
    try:
        with open(path, "rb"):
            tasks = loader.load_from_file(path)
    except OSError as error:
        return f"{option}: {path} cannot be read: {error.strerror}"
    except AnsibleError as error:
        return f"{option}: {path} cannot be parsed: {said(error)}"
    if not isinstance(tasks, list):
        return f"{option}: {path} is not a list of tasks"
    for number, task in _all_tasks(tasks):
        problem = _problem(task)
        if problem:
            return f"{option}: {path}, task {number}: {problem}"
    return None


def said(error: AnsibleError) -> str:
    """Return the first line of what Ansible says."""
    return visible((str(error.message).splitlines() or [""])[0], 200)


def _problem(task: Any) -> str | None:
    """Return what is wrong with a task, as far as Ansible tells it by reading."""
    if not isinstance(task, dict):
        return "this is not a task"
    try:
        ModuleArgsParser(task, collection_list=task.get("collections")).parse()
    except AnsibleError as error:
        return said(error)
    return None


def _all_tasks(tasks: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each task with its number, those of a block behind that of the block."""
    for count, task in enumerate(tasks, 1):
        number = f"{before}{count}"
        parts = [task.get(name) for name in _NESTED] if isinstance(task, dict) and "block" in task else None
        if parts is None:
            yield number, task
            continue
        for part in parts:
            if isinstance(part, list):
                yield from _all_tasks(part, f"{number}.")
