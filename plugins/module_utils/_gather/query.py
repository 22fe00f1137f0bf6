# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks for: the options of modules and lookup beside the connection's, checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .._errors import OptionError, quoted
from .._log.kinds import KINDS
from .._time import Moment, check_order, parse_moment
from .._uuid import is_uuid

PARTS = ("logs", "connection", "ipsec_sas")
INFO_PARTS = ("gateway", "ipsec_sas")


def query_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec of the options that say what to gather."""
    return {
        "since": {"type": "str"},
        "until": {"type": "str"},
        "kind": {"type": "list", "elements": "str", "choices": list(KINDS)},
        "reason": {"type": "list", "elements": "str"},
        "peer_address": {"type": "list", "elements": "str"},
        "limit": {"type": "int"},
        "gather": {"type": "list", "elements": "str", "choices": list(PARTS), "default": ["logs"]},
        "concurrency": {"type": "int", "default": 8},
    }


def info_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec of the options that say what to gather beside the connections themselves."""
    return {
        "gather": {"type": "list", "elements": "str", "choices": list(INFO_PARTS), "default": list(INFO_PARTS)},
        "concurrency": {"type": "int", "default": 8},
    }


def selection_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec of the options that say whose evidence."""
    return {
        "vpn_connection_id": {"type": "list", "elements": "str"},
        "name": {"type": "list", "elements": "str"},
        "vgw_id": {"type": "str"},
    }


@dataclass(frozen=True)
class Selection:
    """Whose evidence: connections by ID or name in the order asked, those of a gateway, or all of the project."""

    ids_and_names: tuple[tuple[str, str], ...] | None = None
    vgw_id: str | None = None

    @classmethod
    def from_options(cls, get: Callable[[str], Any]) -> Selection:
        """Check the options of `selection_spec()`."""
        given = {name: value for name in selection_spec() if (value := _not_blank(get(name))) is not None}
        if len(given) > 1:
            raise OptionError([*given][-1], f"give only one of {', '.join(selection_spec())}")
        for option in ("vpn_connection_id", "name"):
            if option in given:
                return cls(_wanted(option, given[option]))
        return cls.of_gateway(given.get("vgw_id"))

    @classmethod
    def of_gateway(cls, vgw_id: str | None) -> Selection:
        """Select the connections of a gateway, or of the whole project with None."""
        if vgw_id is not None and not is_uuid(vgw_id):
            raise OptionError("vgw_id", f"{quoted(vgw_id)} is not a gateway ID (a UUID)")
        return cls(vgw_id=vgw_id and vgw_id.lower())

    @classmethod
    def from_terms(cls, terms: list[Any]) -> Selection:
        """Check the terms of a lookup: each is a connection's ID or name, or a list of these."""
        flat = [item for term in terms for item in (term if isinstance(term, (list, tuple)) else [term])]
        values = [str(item) for item in flat if item is not None]
        if len(values) != len(flat) or not values:
            raise OptionError("terms", "give at least one ID or name of a VPN connection; the list is empty")
        options = ["vpn_connection_id" if is_uuid(value) else "name" for value in values]
        return cls(tuple(wanted for option, value in zip(options, values) for wanted in _wanted(option, [value])))


@dataclass(frozen=True)
class Query:
    """What to gather, and which entries to keep."""

    since: Moment | None
    until: Moment | None
    kind: tuple[str, ...] | None
    reason: tuple[str, ...] | None
    peer_address: tuple[str, ...] | None
    limit: int | None
    gather: tuple[str, ...]
    concurrency: int

    @classmethod
    def from_options(cls, get: Callable[[str], Any]) -> Query:
        """Check the options of `query_spec()`."""
        limit = get("limit")
        if limit is not None and limit < 1:
            raise OptionError("limit", f"must be at least 1, got {limit}")
        width = _width(get("concurrency"))
        since, until = (parse_moment(name, _not_blank(get(name))) for name in ("since", "until"))
        check_order(since, until)
        return cls(
            since=since,
            until=until,
            kind=_listed("kind", get("kind"), tuple(KINDS)),
            reason=_listed("reason", _not_blank(get("reason"))),
            peer_address=_listed("peer_address", _not_blank(get("peer_address"))),
            limit=limit,
            gather=_listed("gather", get("gather"), PARTS) or ("logs",),
            concurrency=width,
        )


@dataclass(frozen=True)
class InfoQuery:
    """What to gather beside the connections themselves; it may be nothing."""

    gather: tuple[str, ...]
    concurrency: int

    @classmethod
    def from_options(cls, get: Callable[[str], Any]) -> InfoQuery:
        """Check the options of `info_spec()`."""
        return cls(_listed("gather", get("gather") or None, INFO_PARTS) or (), _width(get("concurrency")))


def _width(concurrency: int) -> int:
    if not 1 <= concurrency <= 32:
        raise OptionError("concurrency", f"{concurrency} is out of range: give 1 to 32")
    return concurrency


def _not_blank(value: Any) -> Any:
    """Return an option without blanks around and between its texts, None where nothing is left of it.

    An empty list stays one: an expression that finds nothing is no wish for everything.
    """
    if isinstance(value, list) and value:
        return [item.strip() for item in value if item.strip()] or None
    return (value.strip() or None) if isinstance(value, str) else value


def _wanted(option: str, values: list[str]) -> tuple[tuple[str, str], ...]:
    """Return the connections asked for, each once, as (option, value)."""
    if not values:
        raise OptionError(option, "the list is empty: name at least one VPN connection")
    for value in values:
        if option == "vpn_connection_id" and not is_uuid(value):
            raise OptionError(option, f"{quoted(value)} is not a connection ID (a UUID)")
        if option == "name" and not value.strip():
            raise OptionError(option, "a name is empty")
    return tuple(dict.fromkeys((option, value) for value in values))


def _listed(option: str, values: list[str] | None, choices: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    if values is None:
        return None
    if not values:
        raise OptionError(option, "the list is empty: leave the option out, or give a value")
    for value in values:
        if choices and value not in choices:
            raise OptionError(option, f"{quoted(value)} is not one of {', '.join(choices)}")
    return tuple(values)
