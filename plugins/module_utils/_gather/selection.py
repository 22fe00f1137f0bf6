# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which connections a task is about: by ID, by name, of a gateway, or all of the project."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .._client.api import VpnApi
from .._client.concurrency import Deadline, run_concurrently
from .._client.response import content_error
from .._client.session import Session
from .._client.settings import Connection
from .._errors import OptionError, VpnError, error_line
from .._sanitize import visible
from .._time import read_stamp
from .._uuid import is_uuid
from .query import Selection

_CANDIDATES = 20  # names listed with an error; more help nobody


@dataclass(frozen=True)
class Target:
    """A connection to read; its name is known only where the service was asked for it."""

    id: str
    name: str | None = None


def select(api: VpnApi, selection: Selection, deadline: Deadline) -> list[Target]:
    """Return the connections to read, in the order asked; raise VpnError where that is unclear, none, or too late."""
    (targets,) = run_concurrently([partial(_select, api, selection)], 1, deadline)
    if isinstance(targets, VpnError):
        raise targets
    return targets


def created_after(connection: Connection, moment: str, known: Collection[str]) -> list[str]:
    """Return what to call the connections of the project that were created later than this, and are not known by ID."""
    rows = VpnApi(Session(connection), connection).connections()
    since, _zoned = read_stamp(moment)
    stamps = [read_stamp(str(row.get("created_at")))[0] for row in rows]
    new = [target_of(row) for row, stamp in zip(rows, stamps) if stamp is not None and stamp > (since or 0)]
    return [target.name or target.id for target in new if target.id.lower() not in known]


def unreadable_summary(answer: dict[str, Any]) -> str | None:
    """Return one line that names every connection that could not be read, None when all were."""
    connections = answer["vpn_connections"]
    failed = [row for row in connections if row["error"]]
    if not failed:
        return None
    by_error: dict[str, list[dict[str, Any]]] = {}
    for row in failed:
        by_error.setdefault(row["error"]["message"], []).append(row)
    causes = "; ".join(
        f"{listing([row['name'] or row['id'] for row in rows])}: {error_line(rows[0]['error'])}"
        for rows in by_error.values()
    )
    return f"cannot read {len(failed)} of {len(connections)} VPN connections: {causes}"


def _select(api: VpnApi, selection: Selection) -> list[Target]:
    api.project_id()
    wanted = selection.ids_and_names
    if wanted is None:
        # The service can filter by gateway, too, but then its count does not tell whether the list is whole.
        rows = [row for row in api.connections() if selection.vgw_id is None or selection.vgw_id == gateway_of(row)]
        found = [target_of(row) for row in rows]
        if not found:
            where = f"gateway {selection.vgw_id}" if selection.vgw_id else "the project"
            raise OptionError("vgw_id" if selection.vgw_id else "project_id", f"{where} has no VPN connection")
        return found
    names = [value for option, value in wanted if option == "name"]
    known = [target_of(row) for row in api.connections()] if names else []
    targets = [_named(value, known) if option == "name" else Target(value) for option, value in wanted]
    each_once: dict[str, Target] = {}
    for target in targets:
        each_once.setdefault(target.id.lower(), target)
    return list(each_once.values())


def target_of(row: dict[str, Any]) -> Target:
    """Return the connection that the service shows; a name that is no text is none."""
    name = row.get("name")
    return Target(row["id"], name if isinstance(name, str) else None)


def gateway_of(row: dict[str, Any]) -> str:
    """Return the ID of the gateway of a connection that the service shows."""
    if not is_uuid(row.get("vgw_id")):
        raise content_error(f"the connection {row['id']} does not name its gateway")
    return str(row["vgw_id"]).lower()


def _named(name: str, known: Sequence[Target]) -> Target:
    """Return the one connection of this name."""
    matches = [target for target in known if target.name == name]
    if len(matches) == 1:
        return matches[0]
    if matches:
        ids = listing([target.id for target in matches])
        raise OptionError("name", f"{visible(name, 64)!r} is the name of several VPN connections, use an ID: {ids}")
    names = listing(sorted(str(target.name) for target in known)) or "none"
    raise OptionError("name", f"there is no VPN connection {visible(name, 64)!r}; there are: {names}")


def listing(names: Sequence[str]) -> str:
    """Return names or IDs as people read them; of very many, the first ones."""
    shown = ", ".join(visible(name, 64) for name in names[:_CANDIDATES])
    return f"{shown} and {len(names) - _CANDIDATES} more" if len(names) > _CANDIDATES else shown
