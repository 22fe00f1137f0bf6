# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log lines of the emulated VPN gateway: the short forms of a scenario, composed as the cloud writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from emulator_scenario import ScenarioError

MICRO = 1_000_000
_UNITS = {"ms": 1_000, "s": MICRO, "m": 60 * MICRO, "h": 3600 * MICRO, "d": 86400 * MICRO}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")

FAILS = (
    "IPSec tunnel negotiation fails. (IfIndex=[{if_index}], PolicyName=[], SeqNum=[0], "
    "PeerAddress=[{peer}], PeerPort=[{port}], Reason=[{value}])"
)
# No source prints the cloud's own lines for the next three events; these are the forms of the same device family.
ESTABLISHED = (
    "The IPSec tunnel is established. (Ifindex=[{if_index}], SeqNum=[1],TunnelIndex=[100663299], RuleNum=[5], "
    "DstIP=[{peer}], InsideIP=[0.0.0.0], RemotePort=[{port}], CpuID=[0], SrcIP=[{local}], "
    "FlowInfo=[0.0.0.0/0, 0.0.0.0/0, 0, 0, 0], LifeSize=[1843200], LifeTime=[3600], VsysName=[public], "
    "InterfaceName=[Tunnel0/0/1], SlotID=[0], Role=[Initiator])"
)
IKE_ESTABLISHED = (
    "IKE phase1 sa established. (PeerAddress=[{peer}], PeerPort=[{port}], LocalAddress=[{local}], "
    "AuthMethod=[pre-shared-key], AuthID=[{peer}], IDType=[IP], VsysName=[public], Role=[Initiator])"
)
TORN_DOWN = (
    "An IPSec tunnel is teared down. (PolicyName=[], IfIndex=[{if_index}], SeqNum=[0], RuleNum=[5], SrcIP=[{local}], "
    "DstIP=[{peer}], InboundSPI=[1640139741], Slot=[0], CpuID=[0], OfflineReason=[{value}], State=[Normal])"
)
CONTENTS = {
    "fails": FAILS,
    "established": ESTABLISHED,
    "ike_established": IKE_ESTABLISHED,
    "torn_down": TORN_DOWN,
    "content": "{value}",
}
VERBATIM = ("raw_message", "entry")
MODIFIERS = ("ago", "in", "time", "after", "repeat", "every", "peer", "port")


class Origin(NamedTuple):
    """Where a line comes from: the node that writes it and the two ends of its tunnel."""

    node: str
    pid: int
    if_index: int
    local: str
    peer: str


class Line(NamedTuple):
    """One log line: its moment on the cloud's clock and the moment from which the API shows it (both microseconds)."""

    moment: int
    visible: int
    kind: str
    value: Any
    origin: Origin
    port: int
    time: int | None

    def entry(self, zone: timezone) -> Any:
        """Return the line as the API sends it; time is the stamp of the line with its fraction dropped."""
        if self.kind == "entry":
            return self.value
        if self.kind == "raw_message":
            text = str(self.value).replace("{stamp}", stamp(self.moment, zone))
        else:
            text = self._text(zone)
        return {"time": self.moment // MICRO if self.time is None else self.time, "raw_message": text}

    def _text(self, zone: timezone) -> str:
        origin = self.origin
        content = CONTENTS[self.kind].format(
            value=self.value, if_index=origin.if_index, peer=origin.peer, local=origin.local, port=self.port
        )
        node = origin.node.replace(".", "-")
        return f"{stamp(self.moment, zone)} host-{node} ipsec_ike[{origin.pid}]: [{origin.local}] {content}"


def span(value: Any) -> int:
    """Return a span ('90s', '1h30m', a number of seconds) in microseconds."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return round(value * MICRO)
    parts = _SPAN.findall(str(value))
    if not parts or "".join(number + unit for number, unit in parts) != str(value):
        raise ScenarioError(f"not a span of time: {value!r} (write 90s, 15m, 1h30m, 2d or a number of seconds)")
    return round(sum(float(number) * _UNITS[unit] for number, unit in parts))


def stamp(moment: int, zone: timezone = timezone.utc) -> str:
    """Return the time stamp of a log line: microseconds and a numeric offset, always."""
    when = datetime.fromtimestamp(moment // MICRO, zone).replace(microsecond=moment % MICRO)
    return when.isoformat(timespec="microseconds")


def offset(text: str) -> timezone:
    """Return the zone of an offset such as '+08:00'."""
    match = re.fullmatch(r"([+-])(\d\d):(\d\d)", str(text))
    if not match:
        raise ScenarioError(f"log_offset: not an offset: {text!r} (write '+08:00', in quotes)")
    minutes = int(match[2]) * 60 + int(match[3])
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


def compose(spec: Any, origin: Origin, now: int) -> Iterator[Line]:
    """Yield the lines of one log entry of a scenario; spans count from now (microseconds, the cloud's clock)."""
    kind = _kind(spec)
    if "peer" in spec:
        origin = origin._replace(peer=spec["peer"])
    repeat, every, after = int(spec.get("repeat", 1)), span(spec.get("every", 1)), span(spec.get("after", 0))
    if "in" in spec:
        # Written in the future: a tunnel that goes on failing while the scenario runs.
        first, step = now + span(spec["in"]), every
    else:
        first, step = (span(spec["time"]) if "time" in spec else now - span(spec.get("ago", 0))), -every
    time = spec["time"] if "time" in spec and kind in VERBATIM else None
    for number in range(repeat):
        moment = first + number * step
        visible = (moment if "in" in spec else now) + after
        yield Line(moment, visible, kind, spec[kind], origin, spec.get("port", 500), time)


def _kind(spec: Any) -> str:
    """Return what a log entry says, after a check that it says one thing and nothing unknown."""
    if not isinstance(spec, dict):
        raise ScenarioError(f"a log entry must be a mapping: {spec!r}")
    kinds = [key for key in (*CONTENTS, *VERBATIM) if key in spec]
    unknown = sorted(set(spec) - {*CONTENTS, *VERBATIM, *MODIFIERS})
    if len(kinds) != 1 or unknown:
        what = f"unknown key {unknown[0]!r}" if unknown else f"needs exactly one of {', '.join((*CONTENTS, *VERBATIM))}"
        raise ScenarioError(f"log entry {spec!r}: {what}")
    return kinds[0]
