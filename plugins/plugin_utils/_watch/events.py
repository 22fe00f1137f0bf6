# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The events that the event source emits, as data; decides nothing."""

from __future__ import annotations

from typing import Any

from ...module_utils._errors import VpnError
from ...module_utils._gather.selection import Target
from ...module_utils._log.line import Line
from ...module_utils._log.summary import describe, summarise
from ...module_utils._sanitize import visible

Event = dict[str, Any]


def entry_event(target: Target, line: Line, repeated: int = 0) -> Event:
    """Return a new entry of the log; `repeated` says how many entries that were held back it stands for."""
    entry = line.event
    reasons = summarise([entry])["failure_reasons"]
    if reasons:
        said = describe({**reasons[0], "count": repeated or 1})
    else:
        kind = "unrecognised line" if entry["outcome"] == "unknown" else entry["kind"]
        said = f"{kind}: {visible(str(entry['event'] or entry['raw_message'] or ''))}"
    return {**_event("entry", target, said), **entry, "repeated": repeated}


def gap_event(target: Target, since: str | None, until: str | None, why: str) -> Event:
    """Return that entries between two moments may have been lost."""
    said = f"entries may have been lost between {since or 'an unknown time'} and {until}: {why}"
    return {**_event("gap", target, said), "since": since, "until": until}


def recovered_event(target: Target, entry: Event, failures: int, since: str | None) -> Event:
    """Return that a negotiation came after failures."""
    said = f"recovered at {entry['timestamp']} after {failures} failed negotiation(s) since {since}"
    shown = {name: entry[name] for name in ("timestamp", "kind", "peer_address")}
    return {**_event("recovered", target, said), **shown, "failures": failures, "since": since}


def error_event(target: Target, error: VpnError, what: str | None = None) -> Event:
    """Return that something cannot be used; it will be tried again, and nothing is known until `restored`."""
    verb = "cannot be used" if what else "cannot be read"
    return {**_event("error", target, f"{verb}: {error}", what), "error": error.details}


def restored_event(target: Target, what: str | None = None) -> Event:
    """Return that it can be used again."""
    return _event("restored", target, "can be used again" if what else "can be read again", what)


def _event(kind: str, target: Target, said: str, what: str | None = None) -> Event:
    label = what or visible(target.name or target.id, 80)
    return {
        "type": kind,
        "vpn_connection_id": target.id or None,
        "vpn_connection_name": target.name,
        "message": f"{label}: {said}",
    }
