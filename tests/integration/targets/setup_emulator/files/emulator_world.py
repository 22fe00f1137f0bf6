# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulated world: what a scenario file describes, and how named changes alter it while the server runs.

A World holds state only. What the API says about it stands in emulator_api.py, who may ask in emulator_gate.py.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from emulator_connection import NAMESPACE, NEWEST_CREATION, PUBLIC, Connection, check, iso
from emulator_lines import MICRO, offset, span
from emulator_scenario import (
    DEFAULT_PROJECT,
    DEFAULTS,
    PATCHABLE,
    SWITCHES,
    Fault,
    ScenarioError,
    check_keys,
    generated,
)


class World:
    """Everything behind the API: clock, credentials, gateways, connections, faults and named changes."""

    # The switches of a scenario; their defaults stand in emulator_scenario.py.
    clock_skew: float
    ipsec_sa_api: bool
    log_cap: int
    log_order: str
    logs_null: bool
    page_limit: int
    max_page_limit: int
    lock_seconds: float

    def __init__(self, scenario: Mapping[str, Any]) -> None:
        """Build the world of a scenario; spans in it count from this moment."""
        check_keys("scenario", scenario, {*SWITCHES, *DEFAULTS})
        settings = {**SWITCHES, **DEFAULTS, **scenario}
        self.lock = threading.RLock()
        self.description, self.region = settings["description"], settings["region"]
        self.domain_id, self.agencies = settings["domain_id"], settings["agencies"]
        self.projects = settings["projects"] or [{"id": DEFAULT_PROJECT, "name": self.region}]
        self.changes = settings["changes"]
        self.faults: list[Fault] = []
        self.credentials: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.gateways: dict[str, dict[str, Any]] = {}
        self.customer_gateways = {spec["id"]: spec for spec in settings["customer_gateways"]}
        self.connections: dict[str, Connection] = {}
        # Patches that are not due yet, the next one first, each with its moment in microseconds.
        self.later: list[tuple[int, Mapping[str, Any]]] = []
        self._switch(settings)
        now = self.now_us()
        for spec in settings["gateways"] or [{"name": "gateway-1"}]:
            self._add_gateway(spec)
        for number, spec in enumerate((*settings["connections"], *generated(settings["generate"]))):
            self._add_connection(spec, number, now)
        for name, change in self.changes.items():
            self._check(f"change {name}", change or {})
        self._order()

    def now(self) -> float:
        """Return the cloud's clock."""
        return time.time() + self.clock_skew

    def now_us(self) -> int:
        """Return the cloud's clock in microseconds."""
        return round(self.now() * MICRO)

    def strike(self, method: str, target: str) -> Mapping[str, Any] | None:
        """Return the fault that hits a request, if any."""
        with self.lock:
            return next((fault.spec for fault in self.faults if fault.strikes(method, target)), None)

    def change(self, change: str | Mapping[str, Any]) -> None:
        """Apply a named change of the scenario, or a patch of the same shape."""
        if isinstance(change, str):
            if change not in self.changes:
                raise ScenarioError(f"no change {change!r}; this scenario knows {', '.join(self.changes) or 'none'}")
            change = self.changes[change] or {}
        self._check("change", change)
        with self.lock:
            self.settle()
            self._apply(change, self.now_us())

    def about(self) -> dict[str, str]:
        """Return the named changes, each with one line that says what an engineer would have done."""
        return {name: " ".join(((change or {}).get("about") or "").split()) for name, change in self.changes.items()}

    def settle(self) -> None:
        """Apply what has become due by now, each patch as of its own moment."""
        if not self.later:
            return
        with self.lock:
            while self.later and self.later[0][0] <= self.now_us():
                moment, patch = self.later.pop(0)
                self._apply(patch, moment)

    def reset_connection(self, connection: Connection) -> None:
        """Reset a connection as the API call does."""
        with self.lock:
            connection.reset()

    def gateway_of(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Return the gateway a connection names by vgw_id or by gateway (a name); the first one if it names none."""
        key = spec.get("vgw_id") or spec.get("gateway")
        return self._find(self.gateways, key, "gateway") if key else next(iter(self.gateways.values()))

    def customer_gateway(self, address: str) -> str:
        """Return the id of the customer gateway with this address; it is made when the scenario has none."""
        for known in self.customer_gateways.values():
            if address in (known.get("ip"), known.get("id_value")):
                return str(known["id"])
        identity = str(uuid.uuid5(NAMESPACE, f"customer gateway {address}"))
        moment = iso(NEWEST_CREATION.timestamp() - 86400 - len(self.customer_gateways))
        self.customer_gateways[identity] = {
            "id": identity,
            "name": f"cgw-{address}",
            "id_type": "ip",
            "id_value": address,
            "ip": address,
            "route_mode": "static",
            "created_at": moment,
            "updated_at": moment,
            "tags": [],
        }
        return identity

    def supports_logs(self, connection: Connection) -> bool:
        """Tell whether the gateway of a connection is new enough to be asked for logs."""
        gateway = self.gateways.get(connection.public["vgw_id"], {})
        return "query_connection_log" in gateway.get("supported_features", ())

    def _check(self, where: str, change: Mapping[str, Any], *more: str) -> None:
        """Raise ScenarioError for what cannot be understood, also in patches for later, before any of it is done."""
        check_keys(where, change, {*PATCHABLE, *more})
        for key in change.get("gateways") or ():
            self._find(self.gateways, key, "gateway")
        for key, spec in (change.get("connections") or {}).items():
            check(key, spec or {})
            self.gateway_of(spec or {})
        for spec in change.get("faults") or ():
            Fault(spec)
        for patch in change.get("later") or ():
            if "in" not in patch:
                raise ScenarioError(f"{where}: later {patch!r} needs in: SPAN")
            span(patch["in"])
            self._check(f"{where}: later", patch, "in")

    def _apply(self, change: Mapping[str, Any], now: int) -> None:
        """Apply a patch as of a moment of the cloud's clock (microseconds), which the patch itself may move."""
        skew = self.clock_skew
        self._switch(change)
        now += round((self.clock_skew - skew) * MICRO)
        for key, spec in (change.get("gateways") or {}).items():
            self._find(self.gateways, key, "gateway").update(spec)
        for key, spec in (change.get("connections") or {}).items():
            self._change_connection(key, spec, now)
        if change.get("drop_later"):
            self.later.clear()
        self.later += [(now + span(patch["in"]), patch) for patch in change.get("later") or ()]
        self.later.sort(key=itemgetter(0))
        self._order()

    def _switch(self, settings: Mapping[str, Any]) -> None:
        for key in SWITCHES:
            if key in settings:
                setattr(self, key, settings[key])
        if "log_offset" in settings:
            self.zone = offset(settings["log_offset"])
        if "credentials" in settings:
            self.credentials = {spec["access_key"]: spec for spec in settings["credentials"]}
        for spec in settings.get("tokens") or ():
            expires_at = self.now() + span(spec["expires_in"]) / MICRO if "expires_in" in spec else self.now() + 86400
            if spec.get("expired"):
                expires_at = self.now() - 1
            project_id = spec.get("project_id", self.projects[0]["id"])
            self.tokens[spec["token"]] = {"project_id": project_id, "expires_at": expires_at}
        self.faults.extend(Fault(spec) for spec in settings.get("faults") or ())

    def _add_gateway(self, spec: Mapping[str, Any]) -> None:
        number = len(self.gateways)
        name = spec.get("name") or f"gateway-{number + 1}"
        identity = spec.get("id") or str(uuid.uuid5(NAMESPACE, f"gateway {name}"))
        eips = {f"eip{n}": _eip(f"{name}/eip{n}", f"203.0.113.{10 + 2 * number % 200 + n - 1}") for n in (1, 2)}
        self.gateways[identity] = {
            "id": identity,
            "name": name,
            "status": "ACTIVE",
            "network_type": "public",
            "attachment_type": "vpc",
            "ip_version": "ipv4",
            "vpc_id": str(uuid.uuid5(NAMESPACE, f"vpc {name}")),
            "local_subnets": ["10.0.0.0/24"],
            "bgp_asn": 64512,
            "flavor": "Professional1",
            "availability_zone_ids": ["cn-north-4a", "cn-north-4b"],
            "connection_number": 10,
            "enterprise_project_id": "0",
            "ha_mode": "active-standby",
            **eips,
            "created_at": "2025-06-01T08:00:00.24Z",
            "updated_at": "2025-06-01T08:00:00.5Z",
            "supported_features": ["query_connection_log"],
            "supported_flavors": [],
            "tags": [],
            **{key: value for key, value in spec.items() if key not in eips},
            **{key: {**eip, **spec.get(key, {})} for key, eip in eips.items()},
        }

    def _add_connection(self, spec: Mapping[str, Any], number: int, now: int) -> None:
        connection = Connection(self, spec, number, now)
        if connection.id in self.connections:
            raise ScenarioError(f"two connections have the id {connection.id}")
        self.connections[connection.id] = connection

    def _change_connection(self, key: str, spec: Mapping[str, Any] | None, now: int) -> None:
        moment = iso(now / MICRO)
        known = [connection for connection in self.connections.values() if key in (connection.id, connection.name)]
        if spec is None:
            for connection in known:
                del self.connections[connection.id]
        elif known:
            # What happens at a tunnel, such as a line of its log or a new SA, is no update of the connection.
            updated = {"updated_at": moment} if PUBLIC.intersection(spec) else {}
            for connection in known:
                connection.update({**updated, **spec}, now)
        else:
            self._add_connection({"created_at": moment, "name": key, **spec}, len(self.connections), now)

    def _order(self) -> None:
        """Keep the order of the list operation, newest first, and drop what settings may have made stale."""
        self.ordered = sorted(self.connections.values(), key=lambda connection: -connection.created)
        for connection in self.ordered:
            connection.forget()

    @staticmethod
    def _find(where: Mapping[str, dict[str, Any]], key: str, what: str) -> dict[str, Any]:
        for identity, found in where.items():
            if key in (identity, found["name"]):
                return found
        raise ScenarioError(f"no {what} {key!r}")


def _eip(name: str, address: str) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(NAMESPACE, name)),
        "ip_version": 4,
        "type": "5_bgp",
        "ip_address": address,
        "charge_mode": "bandwidth",
        "bandwidth_size": 10,
        "share_type": "PER",
    }
