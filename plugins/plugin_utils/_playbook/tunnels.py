# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pattern of hosts that are tunnels. Ansible leaves out what matches no host, and calls that a success."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ...module_utils._errors import OptionError

_PART = re.compile(r"[!&]?[^\]\[!&:,\s]+(\[[0-9:-]+\])?")
_SELECTION = ("name", "vgw_id", "vpn_connection_id")


def hosts_of(tunnels: Any, find: Callable[[str], list[str]], strict: bool) -> list[str]:
    """Return the hosts of the pattern; raise OptionError where a part of it matches none, or some may be left out.

    `strict` tells whether Ansible stops at an inventory that it cannot read.
    """
    listed = tunnels if isinstance(tunnels, (list, tuple)) else [tunnels]
    parts = [part.strip() for item in listed for part in str("" if item is None else item).split(",")]
    if not parts or not all(map(_PART.fullmatch, parts)):
        what = "give names, groups or slices of groups (vpn_connections[0:499]), separated by commas"
        raise OptionError("tunnels", f"{what}; each may begin with ! or &")
    whole = ",".join(parts)
    for part in (*(part.lstrip("!&") for part in parts), whole):
        if not find(part):
            raise OptionError(
                "tunnels", f"{part} matches no host: check the pattern, and look for a warning of the inventory above"
            )
    if not strict:
        what = "otherwise Ansible ignores an inventory that it cannot read"
        raise OptionError("tunnels", f"set ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=true, {what}")
    return find(whole)


def check_different(ids: list[str]) -> None:
    """Raise where two hosts are one tunnel."""
    known = [one.lower() for one in ids]
    if len({*known}) != len(known):
        raise OptionError("tunnels", f"two of these hosts are the same VPN connection: {', '.join(known)}")


def selection_of(prefix: str, options: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the selection of one task that is about the tunnels of all hosts; each host names its own.

    `options` are, by host, the variables that are options, without those that are blank. Raises OptionError where two
    hosts differ in anything but the tunnel: the task would do for one of them what is meant for another.
    """
    chosen: dict[str, list[str]] = {}
    first = next(iter(options))
    for host, given in options.items():
        for name in sorted({*given, *options[first]} - {prefix + one for one in _SELECTION}):
            if given.get(name) != options[first].get(name):
                what = f"{first} and {host} differ in {name}: run the playbook once for each of them"
                raise OptionError("tunnels", f"{what}, or give both the same value")
        kinds = [name for name in _SELECTION if given.get(prefix + name)]
        if len(kinds) != 1:
            raise OptionError(
                "tunnels", f"the host {host} has no tunnel: set {prefix}vpn_connection_id or {prefix}name"
            )
        items = given[prefix + kinds[0]]
        chosen.setdefault(kinds[0], []).extend(items if isinstance(items, list) else [items])
    if len(chosen) > 1 or "vgw_id" in chosen:
        raise OptionError("tunnels", f"give each of these hosts {prefix}vpn_connection_id, or each {prefix}name")
    return chosen


def check_own_tunnel(host: str, vpn_connection_id: Any, given: Mapping[str, Any]) -> None:
    """Raise where a host that is a tunnel would be about another one: it would be green for that.

    `given` are the variables of the host that are options of the roles, without those that are blank.
    """
    for role in ("tunnel_baseline", "tunnel_verify"):
        for name in _SELECTION:
            chosen = given.get(f"{role}_{name}")
            own = chosen in (vpn_connection_id, [vpn_connection_id]) if name == "vpn_connection_id" else False
            if chosen is not None and not own:
                raise OptionError(f"{role}_{name}", f"leave it out, or leave out tunnels: the host {host} is a tunnel")
