# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words in which services tell of events: those that the collection knows, and others that it has to be taught."""

from __future__ import annotations

from history import Event
from plan import Service

PEER = "198.51.100.9"
STRANGER = "203.0.113.77"
NOISE = "IKE keepalive statistics {number} were collected"
_KNOWN = {
    "ike_up": "IKE phase1 SA established",
    "up": "The IPSec tunnel is established",
    "down": "An IPSec tunnel is teared down",
    "failed": "IPSec tunnel negotiation fails",
}
_STRANGE = {
    "ike_up": "IKE handshake was completed",
    "up": "IPsec SA was set up",
    "down": "Tunnel was released",
    "failed": "Key exchange with the peer was aborted",
}
_CAUSES = {
    "phase1 sa replace": "key renewal",
    "phase2 sa replace": "replaced by a new one",
    "kick old sa with same flow": "superseded",
    "peer request": "asked by the peer",
    "dpd timeout": "no answer",
    "phase1 hard expiry": "key is too old",
    "phase2 hard expiry": "too old",
    "receive invalid spi notify": "not known to the peer",
}
_FAILURES = ("authentication fail", "phase1 proposal mismatch", "phase2 proposal or pfs mismatch", "flow mismatch")
_FAILURES += ("version mismatch", "max transmit reached")
_REPLACED = ("phase1 sa replace", "phase2 sa replace", "kick old sa with same flow")
_LOCAL = "local request"


def content(event: Event, service: Service) -> str:
    """Return what a line says of an event."""
    peer = f"PeerAddress=[{PEER}], PeerPort=[500]"
    if service.log == "strange" and (event.what != "failed" or service.strange_failures):
        cause = f", Cause=[{_cause(event.reason)}]" if event.reason else ""
        return f"{_STRANGE[event.what]}. ({peer}{cause})"
    if event.what == "failed":
        return f"{_KNOWN['failed']}. (IfIndex=[207], PolicyName=[], SeqNum=[0], {peer}, Reason=[{event.reason}])"
    reason = f", OfflineReason=[{event.reason}]" if event.what == "down" else ""
    return f"{_KNOWN[event.what]}. ({peer}{reason})"


def stranger(reason: str) -> str:
    """Return what a line says of the failure of a peer that is none of ours."""
    peer = f"PeerAddress=[{STRANGER}], PeerPort=[500]"
    return f"{_KNOWN['failed']}. (IfIndex=[207], PolicyName=[], SeqNum=[0], {peer}, Reason=[{reason}])"


def lessons(service: Service) -> list[dict[str, str]]:
    """Return what somebody who knows this service teaches of it."""
    taught = []
    if service.log == "noise":
        taught.append((NOISE.format(number="#"), "harmless"))
    if service.log == "strange":
        taught += [(_STRANGE["ike_up"], "harmless"), (_STRANGE["up"], "success")]
        for reason in (*_CAUSES, _LOCAL):
            means = "harmless" if reason in _REPLACED else "down"
            taught.append((f"{_STRANGE['down']}. (Cause=[{_cause(reason)}])", means))
        taught += [(f"{_STRANGE['failed']}. (Cause=[{reason}])", "failure") for reason in _FAILURES]
    return [{"sentence": sentence, "means": means} for sentence, means in taught]


def _cause(reason: str) -> str:
    return _CAUSES.get(reason, reason if reason in _FAILURES else _LOCAL)
