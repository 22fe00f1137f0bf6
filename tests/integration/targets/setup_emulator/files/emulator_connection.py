# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One emulated VPN connection: what the API shows of it, its log and its IPsec SAs."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from operator import attrgetter
from typing import Any

from emulator_lines import MICRO, Line, Origin, compose
from emulator_scenario import check_keys

NAMESPACE = uuid.UUID("6f1d2f7e-5d0c-4d7b-9a55-0c1f6f1e7a10")
NEWEST_CREATION = datetime(2025, 6, 11, 13, 59, 59, 633000, timezone.utc)
PACKET_BYTES = 200

# Members of a connection in a scenario that the API never shows.
PRIVATE = {
    "logs", "clear_logs", "drop_pending", "error", "ipsec_sas", "sa_rates", "on_reset", "gateway", "peer_address",
    "local_address", "node", "pid", "if_index",
}  # fmt: skip
ORIGIN = {"node": "node", "pid": "pid", "if_index": "if_index", "local_address": "local", "peer_address": "peer"}
PUBLIC = {
    "id", "name", "status", "vgw_id", "vgw_ip", "style", "cgw_id", "peer_subnets", "tunnel_local_address",
    "tunnel_peer_address", "enable_nqa", "enable_hub", "policy_rules", "ikepolicy", "ipsecpolicy", "created_at",
    "updated_at", "enterprise_project_id", "connection_monitor_id", "ha_role", "tags", "bgp_peer", "eip_id", "type",
    "route_mode", "peer_subnets_v6", "policy_rules_v6",
}  # fmt: skip
IPSEC_POLICY = {
    "authentication_algorithm": "sha2-256",
    "encryption_algorithm": "aes-128",
    "pfs": "group15",
    "transform_protocol": "esp",
    "lifetime_seconds": 3600,
    "encapsulation_mode": "tunnel",
}
NOWHERE = Origin("", 0, 0, "", "")


def check(name: Any, spec: Mapping[str, Any]) -> None:
    """Raise ScenarioError for what a connection, or a change of one, cannot say: before anything comes of it."""
    check_keys(f"connection {name}", spec, PUBLIC | PRIVATE)
    check_keys(f"connection {name}: sa_rates", spec.get("sa_rates") or {}, {"sent", "recv"})
    for entry in spec.get("logs") or ():
        next(compose(entry, NOWHERE, 0), None)
    if spec.get("on_reset"):
        check(name, spec["on_reset"])


def _ike_policy(local: str, peer: str) -> dict[str, Any]:
    """Return the IKE policy of a connection whose scenario does not give one."""
    return {
        "ike_version": "v2",
        "authentication_algorithm": "sha2-256",
        "encryption_algorithm": "aes-128",
        "dh_group": "group15",
        "authentication_method": "pre-share",
        "lifetime_seconds": 86400,
        "local_id_type": "ip",
        "local_id": local,
        "peer_id_type": "ip",
        "peer_id": peer,
        "dpd": {"timeout": 15, "interval": 30, "msg": "seq-hash-notify"},
    }


def iso(moment: float) -> str:
    """Return a moment as the VPN service prints it: UTC, milliseconds."""
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(text: str) -> int:
    """Return a time stamp of the VPN service (fraction of any length) in microseconds; ValueError if it is none."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?Z", text)
    if not match:
        raise ValueError(text)
    seconds = datetime.fromisoformat(match[1]).replace(tzinfo=timezone.utc).timestamp()
    return int(seconds) * MICRO + int((match[2] or "0").ljust(6, "0"))


def to_json(value: Any) -> bytes:
    """Return JSON in UTF-8; escapes are used only for what UTF-8 cannot say (lone surrogates)."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


class Connection:
    """One VPN connection: what the API shows of it, its log and its IPsec SAs."""

    def __init__(self, world: Any, spec: Mapping[str, Any], number: int, now: int) -> None:
        """Fill in what the scenario leaves out; spans count from now (microseconds, the cloud's clock)."""
        check(spec.get("name"), spec)
        self.world = world
        self.name = spec.get("name") or f"connection-{number}"
        self.id = spec.get("id") or str(uuid.uuid5(NAMESPACE, self.name))
        gateway = world.gateway_of(spec)
        role = spec.get("ha_role", "master")
        eip = gateway.get("eip2" if role == "slave" else "eip1") or {}
        local = spec.get("local_address") or eip.get("ip_address", "203.0.113.10")
        peer = spec.get("peer_address") or "198.51.100.10"
        self.origin = Origin(f"192.0.2.{37 + number % 200}", 30085, 207 + number, local, peer)
        created = NEWEST_CREATION - timedelta(seconds=61.007 * number)
        self.public: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "status": "ACTIVE",
            "vgw_id": gateway["id"],
            "vgw_ip": eip.get("id", local),
            "style": "STATIC",
            "cgw_id": spec.get("cgw_id") or world.customer_gateway(peer),
            "peer_subnets": ["192.168.0.0/24"],
            "tunnel_local_address": f"169.254.{56 + number // 64 % 64}.{number % 64 * 4 + 1}/30",
            "tunnel_peer_address": f"169.254.{56 + number // 64 % 64}.{number % 64 * 4 + 2}/30",
            "enable_nqa": False,
            "ikepolicy": _ike_policy(local, peer),
            "ipsecpolicy": dict(IPSEC_POLICY),
            "created_at": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "updated_at": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "enterprise_project_id": "0",
            "ha_role": role,
            "tags": [],
        }
        self.lines: list[Line] = []
        self.sas: list[dict[str, Any]] = []
        self.error: Any = None
        self.on_reset: Mapping[str, Any] | None = None
        self._resets = 0
        self._logs: tuple[float, bytes] = (0, b"")
        self.update(spec, now)

    def update(self, spec: Mapping[str, Any], now: int) -> None:
        """Merge a description, or a change of one, into this connection as of a moment."""
        for key in PUBLIC.intersection(spec):
            old, new = self.public.get(key), spec[key]
            self.public[key] = {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new
        if "gateway" in spec:
            self.public["vgw_id"] = self.world.gateway_of(spec)["id"]
        self.origin = self.origin._replace(**{field: spec[key] for key, field in ORIGIN.items() if key in spec})
        self.error = spec.get("error", self.error)
        self.on_reset = spec.get("on_reset", self.on_reset)
        if spec.get("clear_logs"):
            self.lines = []
        if spec.get("drop_pending"):
            self.lines = [line for line in self.lines if line.visible <= now]
        for number, entry in enumerate(spec.get("logs") or ()):
            # One microsecond apart, so that entries of the same moment keep the order of the scenario.
            self.lines.extend(compose(entry, self.origin, now + number))
        self._update_sas(spec, now / MICRO)
        self.document = to_json(self.public)
        self.created = instant(self.public["created_at"])
        self._logs = (0, b"")

    def _update_sas(self, spec: Mapping[str, Any], now: float) -> None:
        if "ipsec_sas" in spec:
            self.sas = [self._sa(sa, now) for sa in spec["ipsec_sas"] or ()]
        elif self.public["status"] != "ACTIVE":
            self.sas = []
        elif not self.sas:
            self.sas = [self._sa({}, now)]
        if spec.get("sa_rates"):
            rates = {f"rate_{way}": rate for way, rate in spec["sa_rates"].items()}
            self.sas = [{**sa, **_counters(sa, now), **rates, "since": now} for sa in self.sas]

    def _sa(self, spec: Mapping[str, Any], now: float) -> dict[str, Any]:
        """Return an SA with its counters; 'rate' packets a second go each way from now on."""
        self._resets += 1
        return {
            "id": str(uuid.uuid5(NAMESPACE, f"{self.id}/{self._resets}")),
            "source_ip_cidr": "0.0.0.0/0",
            "dest_ip_cidr": "0.0.0.0/0",
            "packets_sent": 1,
            "packets_recv": 1,
            "rate": 10,
            "since": now,
            **spec,
        }

    def reset(self) -> None:
        """Negotiate anew: what on_reset says, else a clean teardown and establishment."""
        self.sas = []
        now = self.world.now_us()
        torn_down = {"torn_down": "reset sa by ike user"}
        if self.on_reset is None:
            logs = [torn_down, {"ike_established": True}, {"established": True}]
            self.update({"status": "ACTIVE", "logs": logs}, now)
        else:
            self.update({"logs": [torn_down]}, now)
            self.update(self.on_reset, now + 1)

    def forget(self) -> None:
        """Compose the log anew next time: a setting it depends on may have changed."""
        self._logs = (0, b"")

    def sa_infos(self) -> list[dict[str, Any]]:
        """Return the SAs with their counters as of now."""
        now = self.world.now()
        return [_sa_info(sa, now) for sa in self.sas]

    def logs(self) -> bytes:
        """Return the visible log as JSON; composed once and kept until another line becomes visible."""
        now = self.world.now_us()
        fresh_until, document = self._logs
        if now < fresh_until:
            return document
        visible = [line for line in sorted(self.lines, key=attrgetter("moment")) if line.visible <= now]
        visible = visible[-self.world.log_cap :]
        pending = [line.visible for line in self.lines if line.visible > now]
        if self.world.log_order == "newest":
            visible.reverse()
        elif self.world.log_order == "shuffled":
            random.Random(self.id).shuffle(visible)  # noqa: S311 - reproducible disorder, not a secret
        entries = [line.entry(self.world.zone) for line in visible]
        document = to_json(entries)
        self._logs = (min(pending, default=float("inf")), document)
        return document


def _counters(sa: Mapping[str, Any], now: float) -> dict[str, int]:
    """Return the counters of an SA, grown at its rates since it was made."""
    counters = {}
    for way in ("sent", "recv"):
        packets = sa[f"packets_{way}"]
        grown = int(sa.get(f"rate_{way}", sa["rate"]) * max(0, now - sa["since"]))
        counters[f"packets_{way}"] = packets + grown
        counters[f"traffic_{way}"] = sa.get(f"traffic_{way}", packets * PACKET_BYTES) + grown * PACKET_BYTES
    return counters


def _sa_info(sa: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Return an SA as the API shows it."""
    info = {key: value for key, value in sa.items() if key not in ("rate", "rate_sent", "rate_recv", "since")}
    return {"collected_at": iso(now), **info, **_counters(sa, now)}
