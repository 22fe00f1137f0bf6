# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the event source, checked: those of the modules, and what it takes to watch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils._client.settings import SECRETS, Connection, connection_spec
from ...module_utils._errors import OptionError, VpnError
from ...module_utils._gather.query import Query, Selection, query_spec, selection_spec
from ...module_utils._sanitize import redacted, visible
from ...module_utils._time import Moment, parse_seconds

_DAY = 86400
# What ansible-rulebook adds by itself.
_NOT_OURS = ("eda_feedback_queue",)


def watch_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec of the event source."""
    return {
        **connection_spec(),
        **selection_spec(),
        **{name: query_spec()[name] for name in ("since", "kind")},
        "interval": {"type": "str", "default": "60"},
        "requests_per_hour": {"type": "int", "default": 1800},
        "debounce": {"type": "str", "default": "0"},
        "cursor_file": {"type": "path"},
    }


@dataclass(frozen=True)
class Settings:
    """Whom to ask, what to watch, how often, and what to emit."""

    connect: Callable[[], Connection]  # anew for each reading: keys that are kept elsewhere are replaced there
    selection: Selection
    since: Moment | None
    kind: tuple[str, ...] | None
    interval: float
    requests_per_hour: int
    debounce: float
    cursor_file: str | None

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> Settings:
        """Check what a rulebook gives; raise VpnError naming the option that cannot be used."""
        value = _validated(arguments)
        rest = {name: entry.get("default") for name, entry in query_spec().items()}
        requests = int(value["requests_per_hour"])
        if not 1 <= requests <= 1_000_000:
            raise OptionError("requests_per_hour", f"{requests} is out of range: give 1 to 1000000")
        query = Query.from_options({**rest, **value}.get)
        return cls(
            connect=partial(Connection.from_options, value.get),
            selection=Selection.from_options(value.get),
            since=query.since,
            kind=query.kind,
            interval=parse_seconds("interval", value["interval"] or "60", 1, _DAY),
            requests_per_hour=requests,
            debounce=parse_seconds("debounce", value["debounce"] or "0", 0, _DAY),
            cursor_file=value["cursor_file"] or None,
        )


def _validated(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with types, defaults and environment, as a module would have them."""
    given = {name: value for name, value in arguments.items() if name not in _NOT_OURS}
    result = ArgumentSpecValidator(watch_spec()).validate(given)
    if result.error_messages:
        secrets = tuple(str(given[name]) for name in SECRETS if given.get(name))
        raise VpnError(visible(redacted(result.error_messages[0], secrets), 600), code="E_CONFIG")
    return dict(result.validated_parameters)
