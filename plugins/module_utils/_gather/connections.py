# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service knows of many connections: each with its gateway and its IPsec SAs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Union

from .._client.api import VpnApi
from .._client.concurrency import capture_error, run_concurrently
from .._client.session import Answer, Session
from .._client.settings import Connection
from .._errors import ApiError, VpnError, error_line
from .._time import SECOND, rfc3339
from .public_fields import whole_connection, whole_gateway, whole_ipsec_sas
from .query import InfoQuery, Selection
from .selection import Target, gateway_of, select


@dataclass
class Reading:
    """What the service says of one connection; `vgw_id` is that of the gateway to read, None for none."""

    answer: Answer
    vgw_id: str | None = None
    ipsec_sas: list[dict[str, Any]] | None = None
    caveats: list[str] = field(default_factory=list)


Outcome = Union[Reading, VpnError]
Gateways = Mapping[str, Union[dict[str, Any], VpnError]]


def gather(connection: Connection, selection: Selection, query: InfoQuery) -> dict[str, Any]:
    """Read the connections side by side, then each gateway once; return the answer documented with the module.

    Raise VpnError where not even the connections to read are known. What keeps one connection from being read stands
    in its `error`.
    """
    session = Session(connection, query.concurrency)
    api = VpnApi(session, connection)
    targets = select(api, selection, session.deadline)
    jobs = [partial(_read, api, target, query.gather) for target in targets]
    outcomes = run_concurrently(jobs, query.concurrency, session.deadline)
    wanted = [outcome.vgw_id for outcome in outcomes if isinstance(outcome, Reading)]
    vgw_ids = [vgw_id for vgw_id in dict.fromkeys(wanted) if vgw_id]
    gateways = run_concurrently(
        [partial(api.gateway, vgw_id) for vgw_id in vgw_ids], query.concurrency, session.deadline
    )
    answer = capture_error(partial(_assemble, targets, outcomes, dict(zip(vgw_ids, gateways))))
    if isinstance(answer, VpnError):
        raise answer
    return {**answer, "acted_as": api.acted_as()}


def _read(api: VpnApi, target: Target, parts: tuple[str, ...]) -> Reading:
    reading = Reading(api.connection(target.id))
    if "gateway" in parts:
        reading.vgw_id = gateway_of(reading.answer.body["vpn_connection"])
    if "ipsec_sas" in parts:
        reading.ipsec_sas, reading.caveats = _read_ipsec_sas(api, target)
    return reading


def _read_ipsec_sas(api: VpnApi, target: Target) -> tuple[list[dict[str, Any]] | None, list[str]]:
    """Return the SAs; where the region does not serve them, or the user may not read them, a caveat instead."""
    try:
        sas = api.ipsec_sas(target.id)
    except ApiError as error:
        if error.status == 403:
            return None, [f"the IPsec SAs: {error}"]
        raise
    if sas is None:
        return None, ["this region does not serve IPsec SAs: check the status and the log instead"]
    return whole_ipsec_sas(sas), []


def _assemble(targets: Sequence[Target], outcomes: Sequence[Outcome], gateways: Gateways) -> dict[str, Any]:
    answers = [outcome.answer for outcome in outcomes if isinstance(outcome, Reading)]
    first = min(answers, key=lambda answer: answer.server_time, default=None)
    return {
        "server_time": rfc3339(int(first.server_time * SECOND)) if first else None,
        "clock_skew": round(first.local_time - first.server_time, 1) if first else None,
        "vpn_connections": [_row(target, outcome, gateways) for target, outcome in zip(targets, outcomes)],
    }


def _row(target: Target, outcome: Outcome, gateways: Gateways) -> dict[str, Any]:
    """Return a connection's row of the answer."""
    if isinstance(outcome, VpnError):
        return _unread_row(target, outcome.request_id, outcome.details)
    gateway = gateways[outcome.vgw_id] if outcome.vgw_id else None
    caveats = list(outcome.caveats)
    if isinstance(gateway, VpnError):
        details = {**gateway.details, "message": f"gateway {outcome.vgw_id}: {gateway.details['message']}"}
        if gateway.status != 403:
            return _unread_row(target, gateway.request_id, details)
        caveats.append(error_line(details))
        gateway = None
    return {
        **whole_connection(outcome.answer.body["vpn_connection"]),
        "id": target.id,
        "gateway": whole_gateway(gateway) if gateway else None,
        "ipsec_sas": outcome.ipsec_sas,
        "caveats": caveats,
        "request_id": outcome.answer.request_id,
        "error": None,
    }


def _unread_row(target: Target, request_id: str | None, details: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a connection of which not all could be read: it shows nothing but its error."""
    return {
        **whole_connection({}),
        "id": target.id,
        "name": target.name,
        "gateway": None,
        "ipsec_sas": None,
        "caveats": [],
        "request_id": request_id,
        "error": details,
    }
