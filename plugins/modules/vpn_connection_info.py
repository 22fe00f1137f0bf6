#!/usr/bin/python
# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_connection_info
short_description: Read site-to-site VPN connections with their gateways and IPsec SAs
version_added: "1.0.0"
description:
  - Read Huawei Cloud site-to-site VPN connections. Each comes with its status, HA role, policies, lifetimes and DPD
    settings, with its gateway, and with the counters of its IPsec SAs.
  - Without O(vpn_connection_id), O(name) and O(vgw_id), every connection of the project is read.
  - No pre-shared key or other secret is ever returned. Only the members listed here are, whatever the service sends.
  - The task fails when one connection cannot be read. The result still holds the others.
author:
  - huaweicloud.vpn contributors (!UNKNOWN)
options:
  gather:
    description:
      - What to gather beside the connections themselves, which are always read. An empty list gathers nothing else.
      - V(gateway) is the VPN gateway of each connection. Every gateway is read once.
      - V(ipsec_sas) are the IPsec SAs with their counters. They cost one more request for each connection, and not
        every region has them.
    type: list
    elements: str
    choices:
      - gateway
      - ipsec_sas
    default:
      - gateway
      - ipsec_sas
extends_documentation_fragment:
  - huaweicloud.vpn._connection
  - huaweicloud.vpn._selection
  - huaweicloud.vpn._selection.many
  - huaweicloud.vpn._attributes.info_module
  - huaweicloud.vpn._attributes.actiongroup_huaweicloud
  - huaweicloud.vpn._attributes.in_process
  - ansible.builtin.action_common_attributes
attributes:
  platform:
    platforms: posix
notes:
  - The user needs C(vpn:vpnConnections:get), and C(vpn:vpnConnections:list) unless O(vpn_connection_id) is given. What
    O(gather) adds needs C(vpn:vpnGateways:get) and C(vpn:vpnConnections:listIpsecSa). Where that is not allowed, it is
    V(null), and RV(vpn_connections[].caveats) says so.
  - The status does not prove that the two ends agree. A changed PSK or proposal shows only at the next negotiation, so
    read the log, too.
seealso:
  - module: huaweicloud.vpn.vpn_connection_log_info
"""

EXAMPLES = r"""
- name: Read the tunnels of the head office
  huaweicloud.vpn.vpn_connection_info:
    name:
      - hq-primary
      - hq-secondary
  register: info

- name: Both are up, on gateways that serve connection logs
  ansible.builtin.assert:
    that:
      - item.status == 'ACTIVE'
      - item.gateway.serves_logs
    fail_msg: "{{ item.name }}: {{ item.status }} {{ item.caveats | join(', ') }}"
    quiet: true
  loop: "{{ info.vpn_connections }}"
  loop_control:
    label: "{{ item.id }}"

- name: Say when a changed IPsec policy shows at the latest
  ansible.builtin.debug:
    msg: "{{ item.name }}: rekey within {{ item.ipsecpolicy.lifetime_seconds }} s"
  loop: "{{ info.vpn_connections }}"
  loop_control:
    label: "{{ item.id }}"

- name: Read one connection by its ID, and nothing else
  huaweicloud.vpn.vpn_connection_info:
    vpn_connection_id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    gather: []

- name: Read every connection of the project with its gateway
  huaweicloud.vpn.vpn_connection_info:
    gather: gateway
    concurrency: 16
  register: info

- name: List the connections whose log cannot be read before the gateway is upgraded
  ansible.builtin.debug:
    msg: "{{ info.vpn_connections | rejectattr('gateway.serves_logs') | map(attribute='name') }}"
"""

RETURN = r"""
server_time:
  description:
    - The cloud's clock when the first connection was read, from the C(Date) header. V(null) when none was read.
  returned: when the connections to read were found
  type: str
  sample: "2026-11-23T10:00:00Z"
acted_as:
  description: Endpoint, region, project and credentials of the readings.
  returned: when the connections to read were found
  type: dict
  contains:
    endpoint:
      description: Endpoint of the VPN service.
      type: str
      sample: https://vpn.cn-north-4.myhuaweicloud.com
    region:
      description: The region, V(null) if it was not given.
      type: str
      sample: cn-north-4
    project_id:
      description: ID of the project.
      type: str
      sample: 0a1b2c3d4e5f60718293a4b5c6d7e8f9
    access_key:
      description: The last four characters of the access key, V(null) with a token.
      type: str
      sample: 7F3Q
    agency:
      description: The agency whose temporary keys were used, and its account, if any.
      type: str
      sample: null
clock_skew:
  description:
    - Seconds by which the clock of the host that ran the task is ahead of the cloud's. V(null) when no connection was
      read.
  returned: when the connections to read were found
  type: float
  sample: 0.4
vpn_connections:
  description:
    - One item for each connection asked for, in the order asked.
    - Every member is always there. It is V(null) where the service sends none, and when the connection was not read.
  returned: when the connections to read were found
  type: list
  elements: dict
  contains:
    id:
      description: ID of the connection.
      type: str
      sample: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    name:
      description: Name of the connection.
      type: str
      sample: hq-primary
    status:
      description:
        - V(ACTIVE) when the tunnel is up, V(DOWN) when it is not connected, V(ERROR) when it is abnormal.
        - Also V(PENDING_CREATE), V(PENDING_UPDATE), V(PENDING_DELETE), V(FREEZED) and V(UNKNOWN).
      type: str
      sample: ACTIVE
    ha_role:
      description: Role in a pair of tunnels, V(master) or V(slave).
      type: str
      sample: master
    style:
      description: Kind of routing, V(STATIC), V(BGP) or V(POLICY).
      type: str
      sample: STATIC
    vgw_id:
      description: ID of the VPN gateway.
      type: str
      sample: ba90819b-1111-4222-8333-3a01622856a5
    vgw_ip:
      description:
        - Where the tunnel ends on the gateway. ID of an EIP, see RV(vpn_connections[].gateway), or a private address.
      type: str
      sample: 0c464dad-1111-4222-8333-56e2b32d91a4
    cgw_id:
      description: ID of the customer gateway.
      type: str
      sample: 5247ae10-1111-4222-8333-0000c3a4b5f6
    peer_subnets:
      description: Subnets behind the customer gateway.
      type: list
      elements: str
      sample: [192.168.0.0/24]
    tunnel_local_address:
      description: Address of the tunnel interface on the gateway.
      type: str
      sample: 169.254.56.1/30
    tunnel_peer_address:
      description: Address of the tunnel interface on the customer gateway.
      type: str
      sample: 169.254.56.2/30
    enable_nqa:
      description: Whether the gateway probes the other end of the tunnel (NQA), for V(STATIC) routing.
      type: bool
      sample: false
    connection_monitor_id:
      description: ID of the monitor of the connection.
      type: str
      sample: null
    enterprise_project_id:
      description: ID of the enterprise project.
      type: str
      sample: "0"
    created_at:
      description: When the connection was made, in UTC.
      type: str
      sample: "2025-06-11T13:59:59.633Z"
    updated_at:
      description: When the connection was last changed, in UTC.
      type: str
      sample: "2025-06-11T13:59:59.633Z"
    policy_rules:
      description: Which traffic enters the tunnel, for V(POLICY) routing.
      type: list
      elements: dict
      contains:
        rule_index:
          description: Number of the rule.
          type: int
          sample: 1
        source:
          description: Subnet on the side of the cloud.
          type: str
          sample: 10.0.0.0/24
        destination:
          description: Subnets behind the customer gateway.
          type: list
          elements: str
          sample: [192.168.0.0/24]
    ikepolicy:
      description: The IKE policy. A change of it takes effect at the next IKE negotiation.
      type: dict
      contains:
        ike_version:
          description: Version of IKE.
          type: str
          sample: v2
        phase1_negotiation_mode:
          description: V(main) or V(aggressive), for IKE version 1.
          type: str
          sample: null
        authentication_method:
          description: How the two ends prove who they are.
          type: str
          sample: pre-share
        authentication_algorithm:
          description: Hash of the IKE proposal.
          type: str
          sample: sha2-256
        encryption_algorithm:
          description: Cipher of the IKE proposal.
          type: str
          sample: aes-128
        dh_group:
          description: Diffie-Hellman group of the IKE proposal.
          type: str
          sample: group15
        lifetime_seconds:
          description: Lifetime of an IKE SA.
          type: int
          sample: 86400
        local_id_type:
          description: Kind of the gateway's ID.
          type: str
          sample: ip
        local_id:
          description: The gateway's ID.
          type: str
          sample: 203.0.113.10
        peer_id_type:
          description: Kind of the customer gateway's ID.
          type: str
          sample: ip
        peer_id:
          description: The customer gateway's ID.
          type: str
          sample: 198.51.100.9
        dpd:
          description: Dead peer detection, with C(timeout) and C(interval) in seconds, and the order of C(msg).
          type: dict
          sample:
            timeout: 15
            interval: 30
            msg: seq-hash-notify
    ipsecpolicy:
      description: The IPsec policy. A change of it takes effect at the next rekey.
      type: dict
      contains:
        authentication_algorithm:
          description: Hash of the IPsec proposal.
          type: str
          sample: sha2-256
        encryption_algorithm:
          description: Cipher of the IPsec proposal.
          type: str
          sample: aes-128
        pfs:
          description: Diffie-Hellman group for PFS, or V(disable).
          type: str
          sample: group15
        transform_protocol:
          description: Protocol of the tunnel.
          type: str
          sample: esp
        lifetime_seconds:
          description: Lifetime of an IPsec SA.
          type: int
          sample: 3600
        encapsulation_mode:
          description: Mode of the tunnel.
          type: str
          sample: tunnel
    bgp_peer:
      description: The BGP session, for V(BGP) routing.
      type: dict
      contains:
        peer_ip_address:
          description: Address of the BGP peer.
          type: str
          sample: 169.254.56.2
        peer_asn:
          description: AS number of the BGP peer.
          type: int
          sample: 65001
        state:
          description: State of the session.
          type: str
          sample: Established
        state_duration:
          description: How long it has been in that state, as the service says it.
          type: str
          sample: 01h12m
        num_received_routes:
          description: Number of routes received.
          type: int
          sample: 2
        num_message_received:
          description: Number of messages received.
          type: int
          sample: 143
        num_message_sent:
          description: Number of messages sent.
          type: int
          sample: 144
    tags:
      description: The tags, each with C(key) and C(value).
      type: list
      elements: dict
      sample:
        - key: site
          value: hq
    gateway:
      description:
        - The VPN gateway of the connection.
        - V(null) when O(gather) does not hold V(gateway), or the user may not read it.
      type: dict
      contains:
        id:
          description: ID of the gateway.
          type: str
          sample: ba90819b-1111-4222-8333-3a01622856a5
        name:
          description: Name of the gateway.
          type: str
          sample: hq-gateway
        status:
          description: Status of the gateway, such as V(ACTIVE), V(FAULT) or V(PENDING_UPDATE).
          type: str
          sample: ACTIVE
        ha_mode:
          description: V(active-active) or V(active-standby).
          type: str
          sample: active-standby
        flavor:
          description: Size of the gateway.
          type: str
          sample: Professional1
        bgp_asn:
          description: AS number of the gateway.
          type: int
          sample: 64512
        network_type:
          description: V(public) or V(private).
          type: str
          sample: public
        attachment_type:
          description: What the gateway is attached to, V(vpc) or V(er).
          type: str
          sample: vpc
        supported_features:
          description: What the gateway can do.
          type: list
          elements: str
          sample: [query_connection_log]
        eip1:
          description: First EIP, with C(id) and C(ip_address). V(null) while the gateway is not active.
          type: dict
          sample:
            id: 0c464dad-1111-4222-8333-56e2b32d91a4
            ip_address: 203.0.113.10
        eip2:
          description: Second EIP, with C(id) and C(ip_address). V(null) while the gateway is not active.
          type: dict
          sample:
            id: 0c464dad-1111-4222-8333-56e2b32d91a5
            ip_address: 203.0.113.11
        serves_logs:
          description:
            - Whether the gateway is new enough to be asked for the logs of its connections, that is whether
              C(query_connection_log) is among RV(vpn_connections[].gateway.supported_features).
            - V(null) when the service does not send these.
          type: bool
          sample: true
    ipsec_sas:
      description:
        - The IPsec SAs with their counters. An empty list when there are none.
        - V(null) when O(gather) does not hold V(ipsec_sas), the region does not serve them, or the user may not read
          them.
      type: list
      elements: dict
      contains:
        id:
          description: ID of the SA.
          type: str
          sample: 4f43df63-1111-4222-8333-000000000001
        source_ip_cidr:
          description: Subnet on the side of the cloud.
          type: str
          sample: 0.0.0.0/0
        dest_ip_cidr:
          description: Subnet behind the customer gateway.
          type: str
          sample: 0.0.0.0/0
        packets_sent:
          description: Number of packets sent.
          type: float
          sample: 15516
        packets_recv:
          description: Number of packets received.
          type: float
          sample: 15502
        traffic_sent:
          description: Number of bytes sent.
          type: float
          sample: 3103200
        traffic_recv:
          description: Number of bytes received.
          type: float
          sample: 3100400
        collected_at:
          description: When the counters were read, in UTC.
          type: str
          sample: "2026-11-23T09:59:31.250Z"
    caveats:
      description: What could not be read of the connection, and why, one line each. An empty list if nothing.
      type: list
      elements: str
      sample: []
    request_id:
      description: ID of the request for the connection, for a support ticket.
      type: str
      sample: 5ba1e4cf0a2c4f2f8d3a1c1b7c0a9d11
    error:
      description:
        - Why the connection, or what O(gather) asks for, could not be read, with V(code), V(status), V(message) and
          V(request_id).
        - V(null) when it was read.
      type: dict
      sample: null
error:
  description: Why nothing could be read, with V(code), V(status), V(message) and V(request_id).
  returned: when the task fails before any connection is read
  type: dict
  sample:
    code: E_CRED
    status: null
    message: "secret_key: is missing: give secret_key (HW_SECRET_KEY, HUAWEICLOUD_SDK_SK) as well"
    request_id: null
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._gather.tasks import INFO


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=INFO.spec, supports_check_mode=True)
    result = INFO.run(module.params.get, module.no_log_values.update)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
