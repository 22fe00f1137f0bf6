# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VPN connections of several projects with their gateways: all of them, or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ...module_utils._client.api import VpnApi
from ...module_utils._client.concurrency import run_concurrently
from ...module_utils._client.session import Session
from ...module_utils._client.settings import SECRETS, SOURCES, Connection
from ...module_utils._errors import ApiError, OptionError, VpnError, quoted
from ...module_utils._gather.public_fields import whole_connection
from ...module_utils._gather.query import Selection
from ...module_utils._gather.selection import gateway_of, listing

MEMBERS = ("region", "project_id", "project_name", "endpoint")


@dataclass(frozen=True)
class Tunnel:
    """A connection as the service lists it, the project that it is of, and the name of its gateway where known."""

    row: dict[str, Any]
    project: Connection
    project_id: str
    vgw_id: str
    gateway: str | None


def projects_of(get: Callable[[str], Any], entries: Sequence[Mapping[str, Any]] | None) -> list[Connection]:
    """Return the settings for each project to read, all checked; without entries that of the options alone."""
    if entries is None:
        return [Connection.from_options(get)]
    if not entries:
        raise OptionError("projects", "the list is empty: leave the option out, or name a project")
    own = [_members(entry) for entry in entries]
    # Where the keys are is looked up once. A project that is written there is not that of these entries.
    found = Connection.from_options(_over(get, own[0]))
    known: dict[str, Any] = {name: getattr(found, name) for name in SECRETS}
    if any(get(name) for name in SOURCES):
        known["iam_endpoint"] = found.iam_endpoint
    known |= {**dict.fromkeys((*SOURCES, "profile")), "assume_role": {}}  # the keys are those of the agency by now
    projects = [Connection.from_options(_over(get, {**known, **members})) for members in own]
    return [replace(project, spent=found.spent) for project in projects]


def _members(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as options; the ID is never that of the options, which is of one project."""
    if not isinstance(entry, Mapping) or any(isinstance(value, (Mapping, list)) for value in entry.values()):
        raise OptionError("projects", f"each must be a dictionary of {', '.join(MEMBERS)}, all strings")
    strange = [str(name) for name in entry if name not in MEMBERS]
    if strange:
        raise OptionError("projects", f"{quoted(strange[0])}: unknown key, use {', '.join(MEMBERS)}")
    if not entry.get("region") and not entry.get("project_id"):
        raise OptionError("projects", "a project has neither region nor project_id: give one of them or both")
    name = None if entry.get("project_id") else entry.get("region")  # the variable is that of one project
    return {
        "project_id": None,
        "project_name": name,
        **{name: str(value) for name, value in entry.items() if value is not None},
    }


def _over(get: Callable[[str], Any], own: Mapping[str, Any]) -> Callable[[str], Any]:
    return lambda name: own[name] if name in own else get(name)


def read(projects: Sequence[Connection], selection: Selection, width: int) -> tuple[list[Tunnel], list[str]]:
    """Return the connections of all projects, each once, and warnings; raise VpnError when one cannot be read.

    One session serves all: they have one deadline, and wrong credentials are tried once and not once a project.
    """
    session = Session(projects[0], width)
    apis = [VpnApi(session, project) for project in projects]
    listed = run_concurrently([partial(_list, api) for api in apis], width, session.deadline)
    found: dict[str, tuple[VpnApi, Connection, dict[str, Any]]] = {}
    unread = [(project, rows) for project, rows in zip(projects, listed) if isinstance(rows, VpnError)]
    if unread:
        raise _with_place(unread, len(projects))
    for api, project, rows in zip(apis, projects, listed):
        for row in [] if isinstance(rows, VpnError) else rows:
            found.setdefault(row["id"].lower(), (api, project, row))
    chosen = [found[identity] for identity in _chosen([row for _api, _project, row in found.values()], selection)]
    return _with_gateways(chosen, width, session)


def _list(api: VpnApi) -> list[dict[str, Any]]:
    api.project_id()
    rows = api.connections()
    if not rows:
        raise OptionError(
            "project_id", "the project has no VPN connection: check project_id and region, or leave it out"
        )
    for row in rows:
        gateway_of(row)
    return rows


def _with_place(unread: Sequence[tuple[Connection, VpnError]], count: int) -> VpnError:
    """Return the error of the first project that could not be read; it says which, and how many are like it."""
    project, error = unread[0]
    place = "/".join(filter(None, (project.region, project.project_id))) or project.endpoint
    error.message = f"cannot read {len(unread)} of {count} projects: {place}: {error.message}"
    return error


def _chosen(rows: Sequence[dict[str, Any]], selection: Selection) -> list[str]:
    """Return the IDs of the rows that are selected; raise for a name or gateway that there is not."""
    if selection.vgw_id is not None:
        rows = [row for row in rows if gateway_of(row) == selection.vgw_id]
        if not rows:
            raise OptionError("vgw_id", f"gateway {selection.vgw_id} has no VPN connection in these projects")
    if selection.ids_and_names is not None:
        wanted = {name for _option, name in selection.ids_and_names}
        missing = sorted(wanted - {str(row.get("name")) for row in rows})
        if missing:
            names = listing(sorted({str(row.get("name")) for row in rows}))
            raise OptionError("name", f"there is no VPN connection {listing(missing)}; there are: {names}")
        rows = [row for row in rows if row.get("name") in wanted]
    return [row["id"].lower() for row in rows]


def _with_gateways(
    chosen: Sequence[tuple[VpnApi, Connection, dict[str, Any]]], width: int, session: Session
) -> tuple[list[Tunnel], list[str]]:
    """Read each gateway once, for its name; a user who may not read gateways goes without."""
    of_gateway = {gateway_of(row): api for api, _project, row in chosen}
    jobs = [partial(api.gateway, vgw_id) for vgw_id, api in of_gateway.items()]
    gateways = dict(zip(of_gateway, run_concurrently(jobs, width, session.deadline)))
    names: dict[str, str | None] = {}
    warnings: list[str] = []
    for vgw_id, gateway in gateways.items():
        if not isinstance(gateway, VpnError):
            name = gateway.get("name")
            names[vgw_id] = name if isinstance(name, str) and name else None
        elif isinstance(gateway, ApiError) and gateway.status == 403:
            warnings.append(f"gateway {vgw_id} could not be read, so its group is named after its ID: {gateway}")
        else:
            gateway.message = f"gateway {vgw_id}: {gateway.message}"
            raise gateway
    tunnels = [
        Tunnel(whole_connection(row), project, api.project_id(), gateway_of(row), names.get(gateway_of(row)))
        for api, project, row in chosen
    ]
    return tunnels, warnings[:1]
