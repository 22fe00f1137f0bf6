# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks that only read do, from options to result: as modules, and in ansible's own process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from .._client.settings import SECRETS, Connection, connection_spec
from .._errors import VpnError
from .._sanitize import forms_of
from .query import InfoQuery, Query, Selection, info_spec, query_spec, selection_spec
from .selection import unreadable_summary

Get = Callable[[str], Any]
Hide = Callable[[Iterable[str]], None]


class Task(NamedTuple):
    """A task: its options beside those of the connection, and its work."""

    own_spec: Mapping[str, dict[str, Any]]
    read: Callable[[Connection, Get], dict[str, Any]]

    @property
    def spec(self) -> dict[str, dict[str, Any]]:
        """Return the argument spec."""
        return {**connection_spec(), **self.own_spec, **selection_spec()}

    def run(self, get: Get, hide: Hide) -> dict[str, Any]:
        """Return the result, with failed and msg where it failed; tell every secret to `hide` before it is used."""
        # Core makes a text of a secret that is a list or mapping, but would not know that text again to mask it.
        hide(forms_of(str(get(name)) for name in SECRETS if get(name)))
        try:
            connection = Connection.from_options(get)
            hide(forms_of(connection.secrets))  # they may be from a file, so that core does not know them
            answer = self.read(connection, get)
        except VpnError as error:
            return {"failed": True, "msg": str(error), "error": error.details}
        problem = unreadable_summary(answer)
        return {**answer, "failed": True, "msg": problem} if problem else answer


# A module is compiled anew for each task, and needs one of the two only.
def _read_logs(connection: Connection, get: Get) -> dict[str, Any]:
    from . import logs

    selection, query = Selection.from_options(get), Query.from_options(get)
    return logs.gather(connection, selection, query, compact=get("compact"))


def _read_connections(connection: Connection, get: Get) -> dict[str, Any]:
    from . import connections

    return connections.gather(connection, Selection.from_options(get), InfoQuery.from_options(get))


LOG_INFO = Task({**query_spec(), "compact": {"type": "bool", "default": False}}, _read_logs)
INFO = Task(info_spec(), _read_connections)
