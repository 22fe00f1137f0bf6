# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HA groups: the tunnels of one pair of VPN gateway and customer gateway, and whether enough of them pass.

The verdict on a group is the one that its n-th best tunnel has, n being how many have to pass. So no tunnel that gets
worse, and none that leaves its group, makes a group better.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .._sanitize import visible
from .evidence import Tunnel

BADNESS = ("pass", "inconclusive", "error", "fail")
_STATES = {
    "redundant": "redundant",
    "redundancy_lost": "REDUNDANCY LOST",
    "redundancy_unproven": "redundancy not proven",
    "service_lost": "SERVICE LOST",
    "service_unproven": "service not proven",
}


class Group(NamedTuple):
    """Tunnels that stand in for each other, and how many of them have to pass."""

    rows: list[dict[str, Any]]
    needed: int

    @property
    def passed(self) -> int:
        """Return how many tunnels pass."""
        return sum(row["verdict"] == "pass" for row in self.rows)

    @property
    def verdict(self) -> str:
        """Return the verdict of the n-th best tunnel; a group that is too small for n cannot pass."""
        ranked: list[str] = sorted((row["verdict"] for row in self.rows), key=BADNESS.index)
        if self.needed <= len(ranked):
            return ranked[self.needed - 1]
        return max(ranked[-1], "inconclusive", key=BADNESS.index)

    @property
    def settled(self) -> bool:
        """Tell whether no waiting turns this into a pass, or it is one."""
        may_pass = sum(row["verdict"] == "pass" or not row["settled"] for row in self.rows)
        return self.verdict == "pass" or may_pass < self.needed

    @property
    def state(self) -> str:
        """Return what is left of the redundancy; only a failed tunnel is known to be lost."""
        left = [row["verdict"] for row in self.rows if row["verdict"] != "pass"]
        if not left:
            return "redundant" if self.verdict == "pass" else "redundancy_unproven"
        if self.passed:
            return "redundancy_lost" if "fail" in left else "redundancy_unproven"
        return "service_lost" if {*left} == {"fail"} else "service_unproven"

    def message(self) -> str:
        """Return one line for people: how many pass, and which do not."""
        names = [visible(row["name"] or row["id"], 64) for row in self.rows]
        bad = [f"{name} {row['verdict'].upper()}" for name, row in zip(names, self.rows) if row["verdict"] != "pass"]
        told = f", {', '.join(bad[:8])}" if bad else ""
        label = " + ".join(names[:4]) + (f" and {len(names) - 4} more" if names[4:] else "")
        counts = f"{self.passed} of {len(self.rows)} tunnels pass, {self.needed} needed"
        return f"HA group {label}: {_STATES[self.state]}: {counts}{told}"

    def shown(self) -> dict[str, Any]:
        """Return the group as it stands in a verdict."""
        return {
            "vpn_connections": [row["id"] for row in self.rows],
            "passed": self.passed,
            "needed": self.needed,
            "verdict": self.verdict,
            "settled": self.settled,
            "state": self.state,
            "message": self.message(),
        }


def ha_groups(rows: Sequence[dict[str, Any]], tunnels: Sequence[Tunnel], at_least: int | None) -> list[Group]:
    """Return the groups, in the order of their first tunnels; one whose gateways were not gathered stands alone."""
    members: dict[Any, list[dict[str, Any]]] = {}
    for row, tunnel in zip(rows, tunnels):
        pair = (tunnel.connection("vgw_id"), tunnel.connection("cgw_id"))
        known = all(isinstance(side, str) and side for side in pair)
        members.setdefault(pair if known else row["id"], []).append(row)
    return [Group(group, at_least or len(group)) for group in members.values()]
