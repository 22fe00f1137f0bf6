# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builders for tests of the verdict: lines, IPsec SAs, what the service knows at a moment, and evidence of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.logs import Reading, Target, assemble
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import Query, query_spec
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.judge import judge
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.policy import Policy

T0 = 1_764_000_000  # when the baseline is taken, 2025-11-24T16:00:00Z
LATER = 600  # seconds after which the evidence is taken
IDS = {
    "hq": "98c5af8a-1111-4222-8333-ae2280a6f4c3",
    "dr": "5247ae10-1111-4222-8333-2d10c3a4b5f6",
    **{f"branch{number}": f"{number:08x}-1111-4222-8333-2d10c3a4b5f6" for number in range(22)},
}
PSK, PROPOSAL = "authentication fail", "phase1 proposal mismatch"
REKEY = "phase2 sa replace"
OLD_GATEWAY = ApiError("old", code="VPN.0304", status=400, request_id="r9", hint="upgrade the gateway")
THROTTLED = ApiError("slow down", code="APIGW.0308", status=429)


def stamp(at):
    return datetime.fromtimestamp(T0 + at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def line(at, text):
    """Return an entry, this many seconds after the baseline."""
    raw = f"{stamp(at)}.250000+00:00 host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] {text}"
    return {"time": T0 + at, "raw_message": raw}


def failed(at, reason=PSK, peer="198.51.100.9"):
    return line(
        at,
        f"IPSec tunnel negotiation fails. (IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[{peer}], "
        f"PeerPort=[500], Reason=[{reason}])",
    )


def up(at):
    return line(at, "The IPSec tunnel is established. (PeerAddress=[198.51.100.9], PeerPort=[500])")


def down(at, reason="dpd timeout"):
    return line(at, f"An IPSec tunnel is teared down. (PeerAddress=[198.51.100.9], OfflineReason=[{reason}])")


def strange(at, text="Something happened"):
    return line(at, f"{text}. (PeerAddress=[198.51.100.9])")


def sharp(entry):
    """Return the entry with a stamp to the second, so that its two clocks agree."""
    return {**entry, "raw_message": entry["raw_message"].replace(".250000", ".000000")}


def other_node(entry):
    """Return the entry as another node writes it."""
    return {**entry, "raw_message": entry["raw_message"].replace("host-192-0-2-37", "host-192-0-2-38")}


def sa(name="sa-1", sent=10, received=10, at=-5, source="0.0.0.0/0", destination="0.0.0.0/0", **more):
    counters = {"packets_sent": sent, "packets_recv": received, "collected_at": f"{stamp(at)}.000Z"}
    return {"id": name, "source_ip_cidr": source, "dest_ip_cidr": destination, **counters, **more}


LONG_UP = (up(-18000),)  # an old establishment, which most logs have


class Tunnel(NamedTuple):
    """What the service knows of a connection at a moment."""

    log: Sequence[Any] = LONG_UP
    name: str = "hq"
    status: str | None = "ACTIVE"
    sas: list[Any] | None = None
    error: VpnError | None = None
    shown: dict[str, Any] = {}  # noqa: RUF012 - never changed


class World(NamedTuple):
    """All connections at a moment, and how they are asked."""

    tunnels: tuple[Tunnel, ...]
    at: float = LATER
    skew: float = 0.5
    options: dict[str, Any] = {}  # noqa: RUF012 - never changed


def evidence_of(world, *, compact=False, older=False):
    """Return evidence as the module makes it of what the service says."""
    values = {name: entry.get("default") for name, entry in query_spec().items()}
    outcomes = []
    for tunnel in world.tunnels:
        shown = {"id": IDS[tunnel.name], "name": tunnel.name, "status": tunnel.status, **tunnel.shown}
        now = T0 + world.at
        reading = Reading(tunnel.log, "r1", now, now + world.skew, shown if tunnel.status else None, tunnel.sas)
        outcomes.append(tunnel.error or reading)
    targets = [Target(IDS[tunnel.name], tunnel.name) for tunnel in world.tunnels]
    query = Query.from_options({**values, **world.options}.get)
    return assemble(targets, outcomes, query, compact=compact, older=older)


def before(*log, old=LONG_UP, since=None, **changes):
    """Return the world of one tunnel at the baseline; the old establishment is left out by C(old=[])."""
    return World((Tunnel([*old, *log], **changes),), at=0, options={"since": since} if since else {})


def after(*log, old=LONG_UP, at=LATER, skew=0.5, since=None, **changes):
    """Return the world of one tunnel at the end."""
    return World((Tunnel([*old, *log], **changes),), at, skew, {"since": since} if since else {})


def soon(*log, at=10, **changes):
    """Return the world of one tunnel right after the change."""
    return after(*log, at=at, **changes)


def pair(*logs, status="ACTIVE", cgw="cgw-1"):
    """Return the world of two tunnels of one gateway; the status is that of the second one."""
    logs = [[*LONG_UP, *log] for log in (*logs, [], [])]
    first = Tunnel(logs[0], shown={"vgw_id": "vgw-1", "cgw_id": "cgw-1"})
    second = Tunnel(logs[1], "dr", status, shown={"vgw_id": "vgw-1", **({"cgw_id": cgw} if cgw else {})})
    return World((first, second))


def waiver(**changes):
    agreed = {"vpn_connection": "hq", "reason": PSK, "until": "2025-12-01T00:00:00Z", "ticket": "CHG-1"}
    return {"waivers": [{**agreed, **changes}]}


def reset(came_back=None, at=None, message="was reset, but did not come back in 9 s: the status is DOWN", **more):
    """Return the policy of a reset that came to this, as its module says it."""
    row = {"id": IDS["hq"], "reset": at is not None, "reset_at": None if at is None else f"{stamp(at)}Z"}
    return {"reset": {"vpn_connections": [{**row, "came_back": came_back, "message": message}], **more}}


def taught(*known):
    """Return the policy that knows these sentences, each of which comes with what it means."""
    return {"known_lines": [{"sentence": sentence, "means": means} for sentence, means in known]}


ONE = {"ha": {"at_least": 1}}
RECOVERED = {"allow_recovered": True}
QUIET = {"quiet_for": 60}


def verdict_on(new, old=None, policy=None, watched=None, readings=(), *, compact=False):
    """Return the verdict on these worlds."""
    evidence, baseline, begin = (world and evidence_of(world, compact=compact) for world in (new, old, watched))
    others = [evidence_of(world, compact=compact) for world in readings]
    return judge(evidence, baseline, Policy.from_options(**(policy or {})), begin, others)


def refusal(function, *arguments, **options):
    """Return the words with which something is refused."""
    with pytest.raises(VpnError) as error:
        function(*arguments, **options)
    return str(error.value)


class Row(NamedTuple):
    """A line of the specification."""

    what: str
    rule: str  # the code that holds it
    verdict: str
    before: World | None
    after: World
    watched: World | None = None  # right after the change
    said: str = ""  # in the message, the findings or the caveats; ^ stands for the begin of the message
    settled: bool = True
    negotiated: bool | None = None  # None where the row is not about that
    policy: dict[str, Any] = {}  # noqa: RUF012 - never changed
    readings: tuple[World, ...] = ()  # between those two


def passes(what, rule, *worlds, **more):
    return Row(what, rule, "pass", *worlds, **more)


def fails(what, rule, *worlds, **more):
    return Row(what, rule, "fail", *worlds, **more)


def unsure(what, rule, *worlds, settled=False, **more):
    """Waiting may help here, unless a row says that it does not."""
    return Row(what, rule, "inconclusive", *worlds, settled=settled, **more)


def untried(what, rule, *worlds, said="^hq: PASS, NOT TRIED YET: ", **more):
    return passes(what, rule, *worlds, said=said, negotiated=False, **more)
