# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take the evidence of tunnels before a change, as one task; documented beside the modules."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.common.validation import check_type_path

from ..module_utils._client.settings import Connection, connection_spec
from ..module_utils._errors import OptionError
from ..module_utils._gather.logs import gather
from ..module_utils._gather.query import PARTS, Query, Selection, query_spec, selection_spec
from ..module_utils._gather.selection import unreadable_summary
from ..module_utils._verdict.evidence import complete_evidence
from ..plugin_utils._direct import DirectAction, Get, is_blank
from ..plugin_utils._files import clear_place, write_file


def baseline_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec beside the connection options."""
    return {
        **selection_spec(),
        "gather": {**query_spec()["gather"], "default": list(PARTS)},
        "concurrency": query_spec()["concurrency"],
        "dest": {"type": "path"},
    }


class ActionModule(DirectAction):
    """Gather, say how the tunnels are, keep the evidence."""

    SPEC: ClassVar[Mapping[str, dict[str, Any]]] = {**connection_spec(), **baseline_spec()}
    dest = "dest"  # the name under which a user gives it

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Remove the file of an earlier run before all else: also where an option is refused, it is not of this one."""
        self.task_vars = task_vars or {}
        given = self._task.args.get("dest")
        with self.environment(), suppress(OptionError, TypeError):  # which are said when the options are checked
            self._clear(None if is_blank(given) else check_type_path(given))
        return super().run(tmp, task_vars)

    def work(self, get: Get, connection: Connection) -> dict[str, Any]:
        """Take the evidence; return it as the task that verifies takes it."""
        dest = get("dest")
        self._clear(dest)
        names = ["file" if name == "dest" else name for name in baseline_spec()]
        self.check_variables(names, "evidence")
        find = {**dict.fromkeys(query_spec()), **{name: get(name) for name in baseline_spec()}}.get
        answer = gather(connection, Selection.from_options(find), Query.from_options(find), compact=True)
        for row in answer["vpn_connections"]:
            self.show(self.prefixed(row["summary"]))
        problem = unreadable_summary(answer)
        if problem:
            error = next(row["error"] for row in answer["vpn_connections"] if row["error"])
            return {"failed": True, "msg": problem, "error": error}
        evidence: dict[str, Any] = remove_values(answer, self.secrets)
        complete_evidence(evidence, "the evidence")  # raises for what could not be compared after the change
        if dest is None:
            return evidence
        try:
            write_file(dest, f"{json.dumps(evidence, indent=4)}\n", 0o600)
        except OSError as error:
            raise self._refused(f"{dest} cannot be written: {error.strerror}") from None
        return {**evidence, "dest": dest}

    def _clear(self, dest: str | None) -> None:
        """Check where the evidence goes, and remove what an earlier run left there."""
        if dest is None:
            return
        if not os.path.isabs(dest):
            raise self._refused("give an absolute path, such as {{ playbook_dir }}/before.json")
        if (self.host() or "") not in dest:
            raise self._refused("with several hosts, put inventory_hostname into it")
        if os.path.exists(dest) and not os.path.isfile(dest):
            raise self._refused(f"{dest} is no file")
        try:
            clear_place(dest, dest)
        except OSError as error:
            raise self._refused(f"{dest} cannot be written: {error.strerror}") from None

    def _refused(self, message: str) -> OptionError:
        """Return the error for where the evidence goes, under the name that a user has given it."""
        return OptionError("tunnel_baseline_file" if self.role() else self.dest, message)
