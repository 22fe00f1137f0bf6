# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue of reasons: what a failed negotiation or a teardown means, and what to do; data and its lookup.

Reasons: Huawei Cloud VPN user guide, "The State of a VPN Connection Is Not Connected", and alarm and log references of
the same device family (marked). Phases, categories, causes and advice are engineering judgement.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# The two events that have reasons; "sa with same user exists" is a reason of both.
FAILED, TEARDOWN = "negotiation_failed", "teardown"

_SEPARATORS = re.compile(r"[\s_-]+")


class Reason(NamedTuple):
    """One reason, with what it means for the tunnel and for the people at both ends."""

    event: str
    reason: str
    phase: str | None
    category: str
    transient: str  # no | possible | yes: may it pass without anybody changing anything?
    weight: (
        str  # failed: hard | soft | env (capacity, not configuration). Teardown: down | neutral | expected_in_change
    )
    cause: str
    advice: str
    code: int | None = None  # of the device alarm
    aliases: tuple[str, ...] = ()
    detail: str | None = None  # the end whose log tells more: initiator | responder
    device_only: bool = False  # documented for devices of the family, not for the cloud


def normalize(text: str) -> str:
    """Return a reason without the differences in case, blanks, hyphens and `confict` that one reason is spelt with."""
    return _SEPARATORS.sub(" ", text).strip().lower().replace("confict", "conflict")


def find(event: str, reason: str) -> Reason | None:
    """Return the catalogue's entry for a reason of a failed negotiation or a teardown, None when it has none."""
    return _BY_NAME.get((event, normalize(reason)))


def _failed(
    reason: str,
    code: int | None,
    phase: str | None,
    category: str,
    kind: str,
    cause: str,
    advice: str,
    *aliases: str,
    detail: str | None = None,
    device_only: bool = False,
) -> Reason:
    transient, weight = kind.split()
    return Reason(FAILED, reason, phase, category, transient, weight, cause, advice, code, aliases, detail, device_only)


def _down(
    reason: str, category: str, kind: str, cause: str, advice: str, *aliases: str, device: bool = False
) -> Reason:
    transient, weight = kind.split()
    return Reason(TEARDOWN, reason, None, category, transient, weight, cause, advice, None, aliases, None, device)


# A catalogue reads best with a line for each kind of thing that it says.
# fmt: off
REASONS: tuple[Reason, ...] = (
    _failed(
        "phase1 proposal mismatch", 1, "1", "ike_proposal", "no hard",
        "The IKE proposals have nothing in common: encryption, hash, DH group, PRF or authentication method.",
        "compare ikepolicy encryption_algorithm, authentication_algorithm, dh_group and authentication_method on both "
        "ends; the responder's log names the one that differs",
        detail="responder",
    ),
    _failed(
        "phase2 proposal or pfs mismatch", 2, "2", "ipsec_proposal", "no hard",
        "ESP algorithms, the PFS group or the protected subnets differ. The cloud has PFS on unless it was disabled.",
        "compare ipsecpolicy encryption_algorithm, authentication_algorithm and pfs on both ends, then the subnets",
    ),
    _failed(
        "encapsulation mode mismatch", 3, "2", "ipsec_proposal", "no hard",
        "The peer proposes transport mode, as L2TP and GRE over IPsec do.",
        "set tunnel mode on the customer gateway",
    ),
    _failed(
        "flow or peer mismatch", 4, "2", "traffic_selector", "no hard",
        "The subnets are not mirror images, or the request came from the address of another peer.",
        "compare the subnets of both ends crosswise, then the address of the customer gateway",
        device_only=True,
    ),
    _failed(
        "flow mismatch", None, "2", "traffic_selector", "no hard",
        "The protected subnets are not mirror images: one too many, another mask, or policy mode against route mode.",
        "compare policy_rules and subnets of both ends crosswise, one by one",
    ),
    _failed(
        "version mismatch", 5, "1", "ike_version", "no hard",
        "One end speaks IKEv1, the other IKEv2. A change of the version takes effect at once.",
        "compare ikepolicy ike_version on both ends, and change both at the same time",
    ),
    _failed(
        "responder dh mismatch", 6, "1 or 2", "dh_group", "possible hard",
        "DH group or PFS group of the responder differs. In IKEv2 a first wrong guess is answered and tried again.",
        "compare ikepolicy dh_group and ipsecpolicy pfs on both ends, unless an establishment follows",
        detail="responder",
    ),
    _failed(
        "initiator dh mismatch", 7, "1 or 2", "dh_group", "possible hard",
        "DH group or PFS group of the initiator differs. In IKEv2 a first wrong guess is answered and tried again.",
        "compare ikepolicy dh_group and ipsecpolicy pfs on both ends, unless an establishment follows",
        detail="initiator",
    ),
    _failed(
        "ip assigned fail", 10, "config", "remote_access", "no hard",
        "The peer asks for an address as a remote-access client would.",
        "turn mode-config off on the customer gateway",
    ),
    _failed(
        "peer address mismatch", 12, "1", "address", "possible hard",
        "The request came from an address that is not the customer gateway's: NAT, a new WAN address, another uplink, "
        "or a stranger. Or the peer talks to the gateway's other EIP.",
        "compare the peer address of the line with the customer gateway's, and the peer's remote address with the EIP",
    ),
    _failed(
        "config ID mismatch", 13, "1", "identity", "no hard",
        "No peer with that IKE ID is configured: type or value differs, often behind NAT.",
        "compare local_id and peer_id with their types on both ends, crosswise",
    ),
    _failed(
        "construct local ID fail", 14, "1", "local_config", "possible hard",
        "The gateway cannot build its own IKE ID.",
        "check ikepolicy local_id and local_id_type; open a ticket if it stays",
    ),
    _failed(
        "authentication fail", 15, "1", "authentication", "no hard",
        "The PSK differs, by far most often; else an ID or a certificate. There is no reason of its own for the PSK.",
        "compare the PSK (set it anew on both ends, it cannot be read back), then the IDs, then the certificates",
    ),
    _failed(
        "rekey no find old sa", 16, "rekey", "rekey_race", "yes soft",
        "The peer rekeys an SA that this end has already deleted.",
        "wait for the next negotiation; if it comes back compare the lifetimes, and reset the connection",
    ),
    _failed(
        "rekey fail", 17, "rekey", "rekey_race", "yes soft",
        "A rekey met the deletion of the same SA.",
        "wait for the next negotiation; if it comes back compare the lifetimes, and reset the connection",
    ),
    _failed(
        "first packet limited", 18, "1", "rate_limit", "yes soft",
        "Too many first IKE packets: a flapping peer, many peers, or a scan.",
        "stop the retries of the peer, and look for the failure before them",
    ),
    _failed(
        "invalid cookie", 21, "1", "state", "yes soft",
        "An IKE SPI that this end does not know: an SA from before a restart, or unsolicited traffic.",
        "clear the IKE SA on the peer, unless an establishment follows",
    ),
    _failed(
        "invalid length", 24, "any", "protocol", "possible soft",
        "A damaged packet or no IKE at all. In IKEv1 main mode a wrong PSK can look like this.",
        "compare the PSK first, then look for NAT, ALG or MTU trouble on the path",
    ),
    _failed(
        "unsupported version", 26, "1", "protocol", "possible soft",
        "Neither IKEv1 nor IKEv2: a scanner, or no IKE at all.",
        "check the IKE version of the peer if the address is the customer gateway's",
    ),
    _failed(
        "malformed payload", 28, "any", "protocol", "possible hard",
        "A payload makes no sense. In IKEv1 main mode a wrong PSK looks like this.",
        "compare the PSK first, then look for vendor differences, fragmentation and MTU",
    ),
    _failed(
        "malformed message", 30, "any", "protocol", "possible hard",
        "A message makes no sense. In IKEv1 main mode a wrong PSK can look like this.",
        "compare the PSK first, then look for vendor differences, fragmentation and MTU",
    ),
    _failed(
        "cookie mismatch", 31, "1", "state", "yes soft",
        "An answer to another exchange: the peer restarted, or two devices share an address.",
        "clear the IKE SAs on both ends, unless an establishment follows",
    ),
    _failed(
        "exchange mode mismatch", 32, "1", "ike_mode", "no hard",
        "IKEv1 main mode against aggressive mode.",
        "compare ikepolicy phase1_negotiation_mode on both ends",
    ),
    _failed(
        "unknown exchange type", 33, "any", "protocol", "possible soft",
        "A vendor's own or a damaged exchange, or IKEv1 meets IKEv2.",
        "check IKE version and mode of the peer",
    ),
    _failed(
        "short packet", None, "any", "protocol", "possible soft",
        "Something that is no IKE came to UDP 500 or 4500, or a packet was cut.",
        "capture packets if the address is the customer gateway's",
    ),
    _failed(
        "critical drop", 34, "any", "protocol", "no hard",
        "The peer insists on an IKEv2 extension that this end does not know.",
        "turn the extension off on the customer gateway, or upgrade it",
    ),
    _failed(
        "uncritical drop", 35, "any", "protocol", "yes soft",
        "The peer offers an extension that this end does not know; the exchange normally goes on.",
        "look for the reason that comes with it, unless an establishment follows",
    ),
    _failed(
        "route limit", 36, "2", "capacity", "no env",
        "The gateway has as many routes as it can hold.",
        "aggregate subnets, and check the gateway's specification",
    ),
    _failed(
        "eap authentication timeout", None, "1", "remote_access", "no hard",
        "The peer uses EAP, as remote-access clients do.",
        "set PSK authentication on the customer gateway",
    ),
    _failed(
        "eap authentication fail", None, "1", "remote_access", "no hard",
        "The peer uses EAP, as remote-access clients do.",
        "set PSK authentication on the customer gateway",
    ),
    _failed(
        "xauth authentication fail", None, "1", "remote_access", "no hard",
        "The peer uses XAUTH, as remote-access clients do.",
        "turn XAUTH off on the customer gateway",
    ),
    _failed(
        "xauth authentication timeout", None, "1", "remote_access", "no hard",
        "The peer uses XAUTH, as remote-access clients do.",
        "turn XAUTH off on the customer gateway",
    ),
    _failed(
        "license or specification limited", None, "any", "capacity", "no env",
        "The gateway has as many connections as its flavor allows.",
        "check the gateway's flavor and its number of connections",
    ),
    _failed(
        "local address mismatch", 39, "1", "address", "no hard",
        "The peer talks to another EIP of the gateway: active and standby swapped, or the EIP was changed.",
        "compare the peer's remote address with the EIP of this connection",
    ),
    _failed(
        "nat detection fail", 40, "1", "nat", "possible soft",
        "NAT traversal is off, or a device on the path changes the NAT payload.",
        "turn NAT traversal on, and permit UDP 500 and 4500",
    ),
    _failed(
        "ipsec tunnel number reaches limitation", 41, "2", "capacity", "no env",
        "Too many SA pairs, as many subnets in policy mode make them.",
        "aggregate policy rules, and check the gateway's specification",
    ),
    _failed(
        "dynamic peers number reaches limitation", 42, "1", "capacity", "no env",
        "Too many IKE peers.",
        "check the gateway's specification",
    ),
    _failed(
        "none of user's interface is selected", 43, "any", "local_config", "no hard",
        "A device found no interface to use.",
        "check the configuration of the device",
        device_only=True,
    ),
    _failed(
        "in disconnect state", 44, "any", "local_config", "possible soft",
        "A device keeps the peer down because a tracked link is down.",
        "check what the device tracks (NQA, BFD, VRRP)",
        device_only=True,
    ),
    _failed(
        "proposal mismatch or use sm in ikev2", 45, "2", "ipsec_proposal", "no hard",
        "The IPsec proposals differ, or SM algorithms are used with IKEv2.",
        "compare ipsecpolicy on both ends; use AES and SHA-2, or IKEv1 with SM",
    ),
    _failed(
        "flow confict", 46, "2", "traffic_selector", "no hard",
        "The protected flow overlaps with that of another tunnel. The service spells it without the second l.",
        "find the other connection of the gateway whose subnets overlap",
        "flow conflict",
    ),
    _failed(
        "ikev2 not support sm in ipsec proposal", 47, "2", "unsupported", "no hard",
        "SM algorithms need IKEv1.",
        "use AES and SHA-2, or IKEv1 with SM",
        "ikev2 not support sm in ipsec proposal ikev2",
    ),
    _failed(
        "netmask mismatch", 48, "2", "traffic_selector", "no hard",
        "A subnet of the peer has another mask than configured.",
        "compare the prefix lengths of the subnets on both ends",
    ),
    _failed(
        "no policy applied on interface", 49, "any", "local_config", "possible soft",
        "The connection is not ready yet, or the peer talks to the wrong EIP.",
        "wait until the status leaves PENDING, then check the EIP",
    ),
    _failed(
        "fragment packet limit", 50, "1", "fragmentation", "possible soft",
        "An IKE message came in too many fragments.",
        "check path MTU, IKE fragmentation and the length of the certificate chain",
    ),
    _failed(
        "fragment packet reassemble timeout", 51, "1", "fragmentation", "possible soft",
        "Fragments of an IKE message were lost.",
        "permit fragments on the path, turn IKE fragmentation on, or lower the MTU",
    ),
    _failed(
        "form cert payload fail", 52, "1", "certificate", "no hard",
        "The gateway's own certificate or key cannot be used.",
        "check the certificate of the gateway",
        device_only=True,
    ),
    _failed(
        "max transmit reached", 53, "any", "reachability", "possible soft",
        "The peer does not answer: wrong address, UDP 500 or 4500 blocked, peer down, or no peer entry for us there. "
        "IKEv2 gives up after about 127 s.",
        "check that UDP 500 and 4500 reach the customer gateway, and read its log",
    ),
    _failed(
        "no valid local cert", 54, "1", "certificate", "no hard",
        "The gateway has no valid certificate.",
        "renew the certificate of the gateway",
        device_only=True,
    ),
    _failed(
        "peer cert is expired", None, "1", "certificate", "no hard",
        "The peer's certificate has expired, or a clock is wrong.",
        "renew the certificate of the customer gateway, and check the clocks",
    ),
    _failed(
        "peer cert is revoked by CRL", None, "1", "certificate", "no hard",
        "The peer's certificate was revoked.",
        "issue a new certificate for the customer gateway",
    ),
    _failed(
        "sa with same user exists", None, "any", "state", "possible soft",
        "Two peers have one identity, or the SA from before a restart is still there.",
        "check that no two devices share an IKE ID, else wait for DPD",
    ),
    _failed(
        "role mismatch", None, "any", "local_config", "no hard",
        "By its name: both ends only answer, or both are hubs.",
        "check initiator and responder settings of both ends",
        device_only=True,
    ),
    _failed(
        "phase1 proposal encryption algorithm mismatch", None, "1", "ike_proposal", "no hard",
        "The IKE encryption algorithms differ.",
        "compare ikepolicy encryption_algorithm on both ends",
        detail="responder",
        device_only=True,
    ),
    _failed(
        "phase1 proposal authentication method mismatch", None, "1", "ike_proposal", "no hard",
        "One end wants a PSK, the other a certificate or EAP.",
        "compare ikepolicy authentication_method on both ends",
        detail="responder",
        device_only=True,
    ),
    _failed(
        "phase1 proposal authentication algorithm mismatch", None, "1", "ike_proposal", "no hard",
        "The IKE hash algorithms differ.",
        "compare ikepolicy authentication_algorithm on both ends",
        detail="responder",
        device_only=True,
    ),
    _failed(
        "phase1 proposal dh mismatch", None, "1", "ike_proposal", "no hard",
        "The IKE DH groups differ.",
        "compare ikepolicy dh_group on both ends",
        detail="responder",
        device_only=True,
    ),
    _failed(
        "phase1 proposal integrity algorithm mismatch", None, "1", "ike_proposal", "no hard",
        "The integrity algorithms of IKEv2 differ.",
        "compare ikepolicy authentication_algorithm on both ends",
        detail="responder",
        device_only=True,
    ),
    _down(
        "dpd timeout", "liveness", "possible down",
        "The peer did not answer DPD: it or the path is down, it lost its SA, or UDP is blocked.",
        "check that the customer gateway is reachable, has DPD on, and uses the same order of DPD messages",
    ),
    _down(
        "peer request", "peer_initiated", "possible down",
        "The peer asked for the teardown: a restart, a new configuration, an idle timer.",
        "read the log of the customer gateway, unless an establishment follows at once",
    ),
    _down(
        "config modify or manual offline", "local_admin", "yes expected_in_change",
        "The configuration was changed, or the connection was reset.",
        "an establishment must follow",
    ),
    _down(
        "phase1 hard expiry", "expiry", "possible down",
        "The IKE SA ran out without a new one: a deferred change of PSK or algorithms may show only now.",
        "look for the negotiation failure before it",
    ),
    _down(
        "phase2 hard expiry", "expiry", "possible down",
        "The IPsec SA ran out without a new one; an idle IKEv1 tunnel does that, too.",
        "look for the negotiation failure before it, else send traffic through the tunnel",
        "hardware timeout",
    ),
    _down(
        "heartbeat timeout", "liveness", "possible down",
        "The peer did not answer the heartbeat.",
        "check that the customer gateway is reachable",
    ),
    _down(
        "re-auth timeout", "expiry", "possible down",
        "The peer did not authenticate again in time.",
        "compare the re-authentication settings on both ends",
    ),
    _down(
        "aaa cut user", "remote_access", "no down",
        "The user of a remote-access tunnel was logged out.",
        "check why a site-to-site tunnel has a user",
    ),
    _down(
        "ip address syn failed", "platform", "possible down",
        "Addresses were not synchronised inside the platform.",
        "open a ticket if it comes back",
    ),
    _down(
        "hard expiry triggered by port mismatch", "nat", "possible down",
        "The NAT port of the peer has changed.",
        "shorten the NAT keepalive, or lengthen the timeout of the NAT device",
    ),
    _down(
        "kick old sa with same flow", "replacement", "yes neutral",
        "The same flow was negotiated again, so the old SA went.",
        "harmless once; if it comes back two connections carry one flow",
    ),
    _down(
        "cpu table updated", "platform", "yes neutral",
        "Maintenance of the platform.",
        "an establishment must follow",
    ),
    _down(
        "flow overlap", "conflict", "no down",
        "The protected subnet holds the address of the peer.",
        "take the peer's address out of the subnets",
    ),
    _down("spi conflict", "conflict", "yes neutral", "Two SAs drew the same SPI.", "an establishment must follow"),
    _down(
        "admin down", "local_admin", "no expected_in_change",
        "The tunnel was shut down or frozen.",
        "check whether the connection is frozen",
    ),
    _down(
        "peer address switch", "address", "yes neutral",
        "The peer moved to its other address.",
        "an establishment with the new address must follow",
    ),
    _down(
        "forward down", "platform", "possible down",
        "A forwarding unit of the platform went down.",
        "open a ticket if it comes back",
    ),
    _down(
        "sa with same user exists", "replacement", "possible neutral",
        "Another peer has the same identity.",
        "check that no two devices share an IKE ID",
    ),
    _down(
        "reset sa by ike user", "local_admin", "yes expected_in_change",
        "A user reset the connection.",
        "an establishment must follow",
    ),
    _down(
        "phase1 sa replace", "rekey", "yes neutral",
        "A new IKE SA took over: phase 1 works.",
        "nothing to do",
    ),
    _down(
        "phase2 sa replace", "rekey", "yes neutral",
        "A new IPsec SA took over: phase 2 works.",
        "nothing to do",
    ),
    _down(
        "manual offline", "local_admin", "yes expected_in_change",
        "An operator took the tunnel down.",
        "an establishment must follow",
    ),
    _down("nhrp notify", "platform", "possible neutral", "NHRP asked for it (DSVPN).", "check the customer gateway"),
    _down(
        "receive backup delete info", "ha", "yes neutral",
        "The standby unit heard of a deletion on the active one.",
        "look at the line of the active unit",
    ),
    _down(
        "eap delete old sa", "remote_access", "yes neutral",
        "A client authenticated again by EAP.",
        "check why a site-to-site tunnel uses EAP",
    ),
    _down(
        "receive invalid spi notify", "state", "yes neutral",
        "The peer does not know the SA: it has restarted.",
        "an establishment must follow",
    ),
    _down(
        "dns resolution status change", "address", "possible neutral",
        "The name of the peer resolves differently.",
        "check the DNS entry of the customer gateway",
    ),
    _down(
        "ikev1 phase1-phase2 sa dependent offline", "cascade", "possible down",
        "The IPsec SA went with its IKE SA.",
        "look at the line that took the IKE SA down",
    ),
    _down(
        "exchange timeout", "reachability", "possible down",
        "The peer fell silent in an exchange.",
        "check that UDP 500 and 4500 reach the customer gateway",
    ),
    _down("hash gene adjusted", "platform", "yes neutral", "The platform scaled.", "an establishment must follow"),
    _down(
        "modecfg address soft expiry", "remote_access", "possible down",
        "The lease of an assigned address ran out.",
        "turn mode-config off on the customer gateway",
        device=True,
    ),
    _down(
        "disconnect track nqa/bfd/vrrp", "liveness", "possible down",
        "A device took the peer down because a tracked link is down.",
        "check what the device tracks (NQA, BFD, VRRP)",
        device=True,
    ),
)
# fmt: on

_BY_NAME: dict[tuple[str, str], Reason] = {
    (row.event, normalize(name)): row for row in REASONS for name in (row.reason, *row.aliases)
}
