# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a verdict asks for, checked: how long to watch, what must hold, and which failures are waived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._errors import OptionError
from .._log.known_lines import KnownLine, known_lines_of
from .._log.reasons import normalize
from .._sanitize import visible
from .._time import parse_seconds, rfc3339
from .._uuid import is_uuid
from .evidence import moment_of

REQUIREMENTS = ("status_active", "renegotiated", "traffic")
_WAIVER = ("vpn_connection", "reason", "until", "ticket")


@dataclass(frozen=True)
class Waiver:
    """A failure that somebody has agreed to, up to a moment on the cloud's clock."""

    vpn_connection: str
    reason: str
    until: int
    ticket: str

    def names(self, vpn_connection_id: str, name: str | None) -> bool:
        """Tell whether the waiver is for this connection, by its ID or its name; what looks like an ID is no name."""
        if is_uuid(self.vpn_connection):
            return self.vpn_connection.lower() == vpn_connection_id.lower()
        return self.vpn_connection == name

    def covers(self, reason: str | None) -> bool:
        """Tell whether the waiver is for this reason; a failure without a reason cannot be waived."""
        return reason is not None and normalize(self.reason) == normalize(reason)

    def shown(self) -> dict[str, str | None]:
        """Return the waiver as the option gives it."""
        text = {"vpn_connection": self.vpn_connection, "reason": self.reason, "ticket": self.ticket}
        return {**text, "until": rfc3339(self.until)}

    def label(self) -> str:
        """Return the waiver for people."""
        return f'waiver {visible(self.ticket, 40)} for "{visible(self.reason, 80)}"'


@dataclass(frozen=True)
class Reset:
    """What came of a reset: of each connection its ID, whether it came back, when it was reset, and the words for it.

    `rest` is for connections that the task does not name, and `broken` says that it may have reset those, too.
    """

    rows: tuple[tuple[str, bool, str | None, str], ...]
    rest: str
    broken: bool

    @classmethod
    def of(cls, value: Any) -> Reset:
        """Take the registered result of the module, also of one that failed; raise OptionError for anything else."""
        rows = value.get("vpn_connections", ()) if isinstance(value, Mapping) and not value.get("skipped") else None
        if not isinstance(rows, (list, tuple)) or not ("vpn_connections" in value or isinstance(value.get("msg"), str)):
            raise OptionError("reset", f"give the result of vpn_connection_reset, not {visible(repr(value), 80)}")
        named = []
        for row in rows:
            if not isinstance(row, Mapping) or not isinstance(row.get("id"), str):
                raise OptionError("reset", "a connection has no ID: give the result of vpn_connection_reset")
            at = row.get("reset_at") if moment_of(row.get("reset_at")) else None
            named.append((row["id"].lower(), row.get("came_back") is True, at, str(row.get("message"))))
        # A module that died has said neither.
        broken = "vpn_connections" not in value and "error" not in value
        return cls(tuple(named), str(value.get("msg") or "the reset task did not name it"), broken)

    def missing(self, vpn_connection_id: str) -> tuple[int | None, str] | None:
        """Return when a connection that did not come back was reset, None if at all, and why; None if it came back."""
        for known, back, at, message in self.rows:
            if known == vpn_connection_id.lower():
                return None if back else (moment_of(at), message)
        how = "may have been reset: the reset task ended without a result" if self.broken else "was not reset"
        return None, f"{how}: {self.rest}"

    def shown(self) -> dict[str, Any]:
        """Return the result as the option gives it, without what nobody judges by."""
        rows = [dict(zip(("id", "came_back", "reset_at", "message"), row)) for row in self.rows]
        return {"msg": self.rest, **({} if self.broken else {"vpn_connections": rows})}


@dataclass(frozen=True)
class Policy:
    """What has to hold for a pass."""

    quiet_for: float = 0
    require: tuple[str, ...] = ("status_active",)
    allow_recovered: bool = False
    waivers: tuple[Waiver, ...] = ()
    at_least: int | None = None  # tunnels of each HA group that have to pass; None for all
    reset: Reset | None = None  # where the tunnels were to be reset
    known_lines: tuple[KnownLine, ...] = ()

    @classmethod
    def from_options(
        cls,
        quiet_for: Any = 0,
        require: Any = None,
        allow_recovered: Any = False,
        waivers: Any = None,
        ha: Any = "all",
        reset: Any = None,
        known_lines: Any = None,
    ) -> Policy:
        """Check the options of the filter; raise OptionError rather than take one for something it does not say."""
        if require is None:
            require = cls.require
        if not isinstance(require, (list, tuple)) or any(item not in REQUIREMENTS for item in require):
            raise OptionError("require", f"give a list of {', '.join(REQUIREMENTS)}, not {visible(repr(require), 80)}")
        if not isinstance(allow_recovered, bool):
            raise OptionError("allow_recovered", f"give true or false, not {visible(repr(allow_recovered), 40)}")
        if waivers is not None and not isinstance(waivers, (list, tuple)):
            raise OptionError("waivers", f"give a list, not {visible(repr(waivers), 80)}")
        agreed = tuple(map(_waiver, waivers or ()))
        done = None if reset is None else Reset.of(reset)
        known, quiet = known_lines_of(known_lines), parse_seconds("quiet_for", quiet_for)
        return cls(quiet, tuple(require), allow_recovered, agreed, _at_least(ha), done, known)

    def shown(self) -> dict[str, Any]:
        """Return the policy as the options give it."""
        return {
            "quiet_for": self.quiet_for,
            "require": list(self.require),
            "allow_recovered": self.allow_recovered,
            "ha": "all" if self.at_least is None else {"at_least": self.at_least},
            "waivers": [waiver.shown() for waiver in self.waivers],
            "reset": self.reset and self.reset.shown(),
            "known_lines": [one._asdict() for one in self.known_lines],
        }


def _at_least(ha: Any) -> int | None:
    """Return how many tunnels of an HA group have to pass, None for all."""
    if ha == "all":
        return None
    count = ha.get("at_least") if isinstance(ha, Mapping) and {*ha} == {"at_least"} else None
    if isinstance(count, str) and count.isdecimal():
        count = int(count)  # older versions of Ansible hand numbers from templates on as text
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise OptionError("ha", f"give all, or at_least with a number of at least 1, not {visible(repr(ha), 80)}")
    return count


def _waiver(value: Any) -> Waiver:
    """Return a waiver; one that is not complete could cover more than somebody agreed to."""
    if not isinstance(value, Mapping) or {*value} != {*_WAIVER}:
        raise OptionError("waivers", f"each waiver must have {', '.join(_WAIVER)}, and no other key")
    if isinstance(value["until"], datetime):
        value = {**value, "until": value["until"].isoformat()}  # YAML makes it of a time without quotes
    for name in _WAIVER:
        if not isinstance(value[name], str) or not value[name].strip():
            raise OptionError("waivers", f"{name} must be text, not {visible(repr(value[name]), 40)}")
    until = moment_of(value["until"])
    if until is None:
        raise OptionError("waivers", "until must be a date and time with an offset (2026-11-23T10:00:00Z)")
    return Waiver(value["vpn_connection"], value["reason"], until, value["ticket"])
