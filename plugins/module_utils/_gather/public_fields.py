# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be shown of connections, gateways and SAs: lists of what may pass, so that no secret ever does."""

from __future__ import annotations

from typing import Any


def _members(names: str, **inner: Any) -> dict[str, Any]:
    """Return a pattern: these members as they are, those given as patterns by theirs."""
    return {**dict.fromkeys(names.split()), **inner}


# A pattern is a dict (an object with these members), a list of one pattern (a list of such objects), or None (a text,
# number, truth value, or a list of these).
_IKE_POLICY = _members(
    "ike_version phase1_negotiation_mode authentication_method authentication_algorithm encryption_algorithm dh_group "
    "lifetime_seconds local_id_type local_id peer_id_type peer_id",
    dpd=_members("timeout interval msg"),
)
_IPSEC_POLICY = _members(
    "authentication_algorithm encryption_algorithm pfs transform_protocol lifetime_seconds encapsulation_mode"
)
_BGP_PEER = _members(
    "peer_ip_address peer_asn state state_duration num_received_routes num_message_received num_message_sent"
)
_CONNECTION = _members(
    "id name status ha_role style vgw_id vgw_ip cgw_id peer_subnets tunnel_local_address tunnel_peer_address "
    "enable_nqa connection_monitor_id enterprise_project_id created_at updated_at",
    policy_rules=[_members("rule_index source destination")],
    ikepolicy=_IKE_POLICY,
    ipsecpolicy=_IPSEC_POLICY,
    bgp_peer=_BGP_PEER,
    tags=[_members("key value")],
)
_GATEWAY = _members(
    "id name status ha_mode flavor bgp_asn network_type attachment_type supported_features",
    eip1=_members("id ip_address"),
    eip2=_members("id ip_address"),
)
_IPSEC_SA = _members("id source_ip_cidr dest_ip_cidr packets_sent packets_recv traffic_sent traffic_recv collected_at")


def shown_connection(connection: dict[str, Any]) -> dict[str, Any]:
    """Return what may be shown of a connection, with the members that the service sends, and always a status."""
    return {"status": None, **_passed(connection, _CONNECTION, whole=False)}


def whole_connection(connection: dict[str, Any]) -> dict[str, Any]:
    """Return what may be shown of a connection, with all members; `null` where the service sends none."""
    return dict(_passed(connection, _CONNECTION, whole=True))


def whole_gateway(gateway: dict[str, Any]) -> dict[str, Any]:
    """Return what may be shown of a gateway, with all members, and whether it is new enough to serve logs."""
    features = gateway.get("supported_features")
    serves_logs = "query_connection_log" in features if isinstance(features, list) else None
    return {**_passed(gateway, _GATEWAY, whole=True), "serves_logs": serves_logs}


def whole_ipsec_sas(sas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what may be shown of IPsec SAs, with all members."""
    return list(_passed(sas, [_IPSEC_SA], whole=True))


def _passed(value: Any, pattern: Any, *, whole: bool) -> Any:
    """Return the parts of the value that the pattern names; `null` where it is of another form."""
    if pattern is None:
        items = value if isinstance(value, list) else [value]
        return None if any(isinstance(item, (dict, list)) for item in items) else value
    if isinstance(pattern, list):
        return [_passed(item, pattern[0], whole=whole) for item in value] if isinstance(value, list) else None
    if not isinstance(value, dict):
        return None
    names = [name for name in pattern if whole or name in value]
    return {name: _passed(value.get(name), pattern[name], whole=whole) for name in names}
