# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""The VPN connections in what `terraform show -json` prints, and what a plan does to each; pure.

A connection that is missing here is verified by nobody. So whatever cannot be read is an error, and a plan has to say
of each connection in its states what happens to it.

The format: https://developer.hashicorp.com/terraform/internals/json-format. OpenTofu has the same, and `forget`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..module_utils._sanitize import visible

TYPE = "huaweicloud_vpn_connection"
GIVE = "give what `terraform show -json` prints of a state or of a saved plan"

_ACTIONS = {
    ("no-op",): "none",
    ("read",): "none",
    ("update",): "update",
    ("create",): "create",
    ("delete",): "delete",
    ("forget",): "forget",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    # The old connection stays in the cloud, but the address gets another one.
    ("create", "forget"): "replace",
    ("forget", "create"): "replace",
}
_PLAN = {"planned_values", "resource_changes", "configuration"}
# What we call it, and what the provider does.
_ATTRIBUTES = (("id", "id"), ("name", "name"), ("vgw_id", "gateway_id"))


class TerraformError(ValueError):
    """What was given does not tell which connections there are; the text is complete, and has no value of theirs."""


class _Found(NamedTuple):
    """A connection, or what happens to one, as Terraform has it."""

    address: str
    deposed: bool
    entry: dict[str, Any]


def connections_of(value: Any) -> list[dict[str, Any]]:
    """Return address, id, name, vgw_id and action of each connection in a state or a plan."""
    shown = _parsed(value)
    version = shown.get("format_version")
    if not isinstance(version, str):
        raise TerraformError(f"this is not output of Terraform: {GIVE}")
    if not re.fullmatch(r"1\.[0-9]+", version, re.ASCII):
        raise TerraformError(f"its format_version is {visible(version, 20)}, but only 1.x is supported")
    if _PLAN & set(shown):
        return _of_plan(shown)
    if "values" in shown:
        return [_item(found, "none", found.entry, "values") for found in _counted(_in_values(shown, "values"))]
    if set(shown) <= {"format_version", "terraform_version"}:
        raise TerraformError("this state is empty: check the folder and the workspace of Terraform")
    raise TerraformError(f"this is neither a state nor a plan: {GIVE}")


def _parsed(value: Any) -> dict[str, Any]:
    """Return the object that a text is, or that was parsed before."""
    if isinstance(value, str):
        if not value.strip():
            raise TerraformError("this is empty: check whether `terraform show -json` has failed")
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            # The text may hold keys, so no part of it is shown.
            raise TerraformError(f"this is not one JSON text: {GIVE}") from None
    if not isinstance(value, dict):
        raise TerraformError(f"this is of type {type(value).__name__}, not output of Terraform: {GIVE}")
    return value


def _of_plan(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a plan does to each connection."""
    if plan.get("errored", False) is not False:
        raise TerraformError("this plan ended with an error and is not complete: plan again")
    if plan.get("complete", True) is not True:
        raise TerraformError("this plan is not complete: plan again without -target, and until nothing is deferred")
    changes = list(_tunnels(_objects(plan, "resource_changes"), "module_address"))
    known = {found.address for found in changes if not found.deposed}
    for found in (*_in_prior_state(plan), *_in_values(plan, "planned_values")):
        if found.address not in known and not found.deposed:
            raise TerraformError(
                f"this plan does not say what happens to {visible(found.address)}: "
                "plan again without -target, -exclude and -refresh-only"
            )
    return [_changed(found) for found in _counted(changes)]


def _changed(found: _Found) -> dict[str, Any]:
    """Return a connection that is in a plan, as it is before; a new one as it will be."""
    change = _object(found.entry, "change", found.address)
    actions: Any = change.get("actions")
    try:
        action = _ACTIONS[tuple(actions)]
    except (KeyError, TypeError):
        raise TerraformError(
            f"this plan has an unknown action for {visible(found.address)}: {visible(str(actions), 60)}"
        ) from None
    return _item(found, action, change, "after" if action == "create" else "before")


def _item(found: _Found, action: str, entry: dict[str, Any], side: str) -> dict[str, Any]:
    """Return a connection; what is only known after the apply, and what is sensitive, is null."""
    values = _object(entry, side, found.address)
    unknown = entry.get("after_unknown") if side == "after" else None
    sensitive = entry.get("sensitive_values" if side == "values" else f"{side}_sensitive")
    item: dict[str, Any] = {"address": found.address}
    for ours, theirs in _ATTRIBUTES:
        text = values.get(theirs)
        if _marked(sensitive, theirs) or (text is None and _marked(unknown, theirs)):
            item[ours] = None
        elif isinstance(text, str) and text:
            item[ours] = text
        else:
            raise TerraformError(f"{visible(found.address)} has no {theirs}")
    if item["id"] is None and action != "create":
        raise TerraformError(f"{visible(found.address)} has an id that is sensitive: it cannot be read")
    return {**item, "action": action}


def _marked(marks: Any, name: str) -> bool:
    """Return whether an attribute is marked, alone or with all others."""
    return bool(marks.get(name) if isinstance(marks, dict) else marks)


def _counted(found: Iterator[_Found] | list[_Found]) -> list[_Found]:
    """Return the connections that count, and no address twice.

    A deposed one is left of a replacement whose last step failed, and the next apply deletes it. It counts only where
    its address has nothing else: then it is the tunnel.
    """
    every = list(found)
    current = [one.address for one in every if not one.deposed]
    for address in current:
        if current.count(address) > 1:
            raise TerraformError(f"{visible(address)} is in it twice")
    return [one for one in every if not one.deposed or one.address not in current]


def _in_prior_state(plan: dict[str, Any]) -> Iterator[_Found]:
    """Yield the connections that were there before; the first plan has no state."""
    if "prior_state" in plan:
        state = _object(plan, "prior_state", "this plan")
        if "values" in state:
            yield from _in_values(state, "values")


def _in_values(shown: dict[str, Any], name: str) -> Iterator[_Found]:
    """Yield the connections of all modules, each module before those inside it."""
    modules = [_object(_object(shown, name, "this"), "root_module", f"its {name}")]
    while modules:
        module = modules.pop(0)
        place = {"module": module.get("address", "")}
        yield from _tunnels([{**resource, **place} for resource in _objects(module, "resources")], "module")
        modules = [*_objects(module, "child_modules"), *modules]


def _tunnels(entries: list[dict[str, Any]], module: str) -> Iterator[_Found]:
    """Yield the managed connections of a list, in which a member names the module."""
    for entry in entries:
        address, kind = entry.get("address"), entry.get("type")
        if not (isinstance(address, str) and isinstance(kind, str) and address and kind):
            raise TerraformError("it has a resource without address or type")
        if kind != TYPE and f"{TYPE}." not in address:
            continue
        mode = entry.get("mode")
        inside = f"{entry[module]}." if entry.get(module) else ""
        start = f"{inside}{'' if mode == 'managed' else f'{mode}.'}{kind}.{entry.get('name')}"
        # Were they at odds, a connection could pass for something else.
        if address != start and not address.startswith(f"{start}["):
            raise TerraformError(f"address and mode, type or name of {visible(address)} do not match")
        if kind == TYPE and mode == "managed":
            yield _Found(address, "deposed" in entry or "deposed_key" in entry, entry)


def _object(parent: dict[str, Any], name: str, whose: str) -> dict[str, Any]:
    """Return a member that has to be an object."""
    value = parent.get(name)
    if not isinstance(value, dict):
        raise TerraformError(f"{visible(whose)} has no {name}: {GIVE}")
    return value


def _objects(parent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a member that is a list of objects, or is not there."""
    value = parent.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise TerraformError(f"its {name} is not a list of objects: {GIVE}")
    return value
