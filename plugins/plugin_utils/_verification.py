# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""The one loop that waits: read, judge, sleep, say. It knows nothing of Ansible; reader, clock and words are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..module_utils._client.retry import is_transient
from ..module_utils._errors import VpnError
from ..module_utils._verdict.evidence import check_age, complete_evidence
from ..module_utils._verdict.judge import judge
from ..module_utils._verdict.policy import Policy

Evidence = dict[str, Any]
# When a gateway takes its peer for dead: after an idle interval without a sign of it, and so many retransmissions
# (Huawei Cloud VPN FAQ on DPD: interval 30 s, timeout 15 s, 3 tries by default).
_DPD_INTERVAL, _DPD_TIMEOUT, _DPD_TRIES = 30, 15, 3


class Timing(NamedTuple):
    """Seconds: from one reading to the next, in all, how long to watch (None for what DPD takes), age of a baseline."""

    wait_sleep: float
    wait_timeout: float
    quiet_for: float | None
    max_age: float | None = None


class World(NamedTuple):
    """What a verification has to do with: a reader of evidence, and time."""

    read: Callable[[Mapping[str, Any]], Evidence]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    say: Callable[[str], None]


class Verified(NamedTuple):
    """The verdict, and what it was made of."""

    verdict: dict[str, Any]
    evidence: Evidence


def verify(
    world: World, selection: Mapping[str, Any], baseline: Any, policy: Mapping[str, Any], timing: Timing
) -> Verified:
    """Read and judge until the verdict is settled, or the time is over.

    The tunnels are found once, at the first reading, and stay the same. Watching begins with the first reading in which
    each of them could be read. Every reading of IPsec SAs from there on goes into the verdict.
    """
    before = None if baseline is None else complete_evidence(baseline, "the baseline")
    began = world.clock()
    watched, watched_since, readings = None, began, []
    while True:
        try:
            evidence = world.read(selection)
        except VpnError as error:
            if not is_transient(error) or world.clock() + timing.wait_sleep > began + timing.wait_timeout:
                raise
            world.say(f"waiting: {error}")
            world.sleep(timing.wait_sleep)
            continue
        quiet_for = _dpd_time(evidence) if timing.quiet_for is None else timing.quiet_for
        rules = Policy.from_options(**{**policy, "quiet_for": quiet_for})
        if watched is None and all(row["error"] is None for row in evidence["vpn_connections"]):
            watched, watched_since = complete_evidence(evidence, "the evidence"), world.clock()
            check_age(watched, before, timing.max_age)
        selection = _same_tunnels(evidence)
        readings.append(_sas_of(evidence))
        verdict = judge(evidence, before, rules, watched, readings)
        now = world.clock()
        # A slow first reading takes nothing from the time to watch.
        end = max(began + timing.wait_timeout, watched_since + quiet_for + timing.wait_sleep if quiet_for else 0)
        if verdict["settled"] or now + timing.wait_sleep > end or not (timing.wait_timeout or quiet_for):
            return Verified(verdict, evidence)
        world.say(_progress(verdict, now - watched_since if watched else None, quiet_for))
        world.sleep(timing.wait_sleep)


def _same_tunnels(evidence: Evidence) -> dict[str, Any]:
    """Return the selection for the next reading: the same tunnels, since the same moment."""
    ids = [row["id"] for row in evidence["vpn_connections"]]
    return {"vpn_connection_id": ids, "since": evidence["window"]["since"]} if ids else {}


def _sas_of(evidence: Evidence) -> dict[str, Any]:
    """Return what is kept of a reading: there may be hundreds of tunnels and dozens of readings."""
    rows = evidence["vpn_connections"]
    sas = [{"id": row["id"], "ipsec_sas": row["ipsec_sas"]} for row in rows]
    return {"server_time": evidence["server_time"], "vpn_connections": sas}


def _dpd_time(evidence: Evidence) -> float:
    """Return for how long the gateways need to notice a dead peer, the slowest of them."""
    dpd = [_dpd_of(row["connection"]) for row in evidence["vpn_connections"]]
    interval = max([_DPD_INTERVAL, *(_seconds(one.get("interval")) for one in dpd)])
    timeout = max([_DPD_TIMEOUT, *(_seconds(one.get("timeout")) for one in dpd)])
    return interval + _DPD_TRIES * timeout


def _dpd_of(connection: Any) -> Mapping[str, Any]:
    policy = connection.get("ikepolicy") if isinstance(connection, Mapping) else None
    dpd = policy.get("dpd") if isinstance(policy, Mapping) else None
    return dpd if isinstance(dpd, Mapping) else {}


def _seconds(value: Any) -> float:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def _progress(verdict: Mapping[str, Any], watched: float | None, quiet_for: float) -> str:
    """Return one short line on where it stands."""
    if watched is None:
        return f"waiting: {verdict['message'].splitlines()[0]}"
    if watched < quiet_for:
        rows = verdict["vpn_connections"]
        bad = [row["message"] for row in rows if row["verdict"] in ("fail", "error")] or ["nothing has failed so far"]
        return f"watched for {watched:.0f} of {quiet_for:.0f} s: {bad[0]}"
    return f"watched for {watched:.0f} s, waiting: {verdict['message'].splitlines()[0]}"
