# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""What a tunnel is judged by (rule 2 of the verdict), and what that proves; knows no verdict of its own."""

from __future__ import annotations

import math
from typing import NamedTuple

from ._clock import SECOND
from ._line import Line
from ._policy import Policy
from ._proof import carried_traffic, renegotiated
from ._reasons import fold
from ._whole import Tunnel, Whole, fresh_lines

_IPSEC_REKEY = "phase2 sa replace"
_TORN_DOWN = ("teardown", "dpd_timeout")
_AHEAD = 60 * SECOND  # so far the clock of a node may be ahead of the cloud's


class Finding(NamedTuple):
    """What a rule found: which verdict it leads to, whether no waiting can change that, and one line for people."""

    rule: int
    code: str
    verdict: str
    settled: bool
    message: str


class Case(NamedTuple):
    """All that a tunnel is judged by; C(fresh) are the lines of the window, rule 2.

    C(watched) is the evidence from right after the change, where there is such.
    """

    tunnel: Tunnel
    before: Tunnel | None
    after: Whole
    baseline: Whole | None
    watched: Whole | None
    policy: Policy
    fresh: list[Line]

    @property
    def name(self) -> str | None:
        """Return the name, from the baseline where the evidence has none: of what could not be read only the ID is."""
        earlier = self.before.row["name"] if self.before else None
        name: str | None = self.tunnel.row["name"] or earlier
        return name

    @property
    def start(self) -> int | None:
        """Return the begin of the window: the baseline, else the evidence's since, else open (rule 2)."""
        return self.baseline.now if self.baseline else self.after.since

    @property
    def now(self) -> int:
        """Return the cloud's clock when the evidence was gathered."""
        return self.after.now or 0

    @property
    def watched_from(self) -> int | None:
        """Return when somebody began to watch: right after the change where that was noted, else with the window."""
        return self.watched.now if self.watched else self.start

    def failing(self) -> list[Line]:
        """Return the failures of the window that are not waived (rules 3 and 8)."""
        return [line for line in self.fresh if line.outcome == "failure" and not self.waived(line)]

    def waived(self, line: Line) -> bool:
        """Tell whether a waiver that has not expired covers the failure (rule 8)."""
        return any(
            waiver.until > self.now and waiver.names(self.tunnel.id, self.name) and waiver.covers(line.reason)
            for waiver in self.policy.waivers
        )

    def positive(self, after: float) -> bool:
        """Tell whether the log shows a negotiation of the window that went well after a moment, and nothing down since.

        A line whose two clocks disagree counts at the worse one, and one of the future not at all. A new IKE SA alone
        says nothing of the IPsec SAs, and whatever tore a tunnel down, it has to come up again.
        """
        begin, end = max(after, -math.inf if self.start is None else self.start), self.now + _AHEAD
        good = [
            line.earliest for line in self.fresh if _is_positive(line) and begin < line.earliest and line.latest <= end
        ]
        down = [line.latest for line in self.fresh if line.kind in _TORN_DOWN]
        return bool(good) and max(good) > max(down, default=-math.inf)

    def negotiated(self) -> bool:
        """Tell whether anything proves a negotiation in the window (rule 5)."""
        return self.positive(-math.inf) or self._new_sas()

    def carried_traffic(self) -> bool | None:
        """Tell whether traffic went both ways since somebody watches, None where the SAs cannot tell.

        What an SA carried between baseline and change proves nothing of the time after: the later reading counts.
        """
        since = self.watched_tunnel() if self.watched else self.before
        after, before = self.tunnel.row["ipsec_sas"], since.row["ipsec_sas"] if since else None
        if after is None or before is None or self.watched_from is None:
            return None
        earlier = (self.before.row["ipsec_sas"] if self.before else None) or []
        return carried_traffic(after, [*before, *earlier], self.watched_from)

    def watched_tunnel(self) -> Tunnel | None:
        """Return the tunnel as it was right after the change, where that was noted."""
        return self.watched.tunnels.get(self.tunnel.id.lower()) if self.watched else None

    def _new_sas(self) -> bool:
        after, before = self.tunnel.row["ipsec_sas"], self.before.row["ipsec_sas"] if self.before else None
        return after is not None and before is not None and renegotiated(after, before, self.start or 0)


def _is_positive(line: Line) -> bool:
    kind, reason = line.kind, line.reason
    return kind == "tunnel_established" or (kind == "rekey" and fold(reason or "") == _IPSEC_REKEY)


def rule_2_window(key: str, after: Whole, before: Whole | None, watched: Whole | None, policy: Policy) -> Case:
    """Only lines that are not in the baseline are new, however late they came and whatever their time."""
    tunnel = after.tunnels[key]
    known = before.tunnels.get(key) if before else None
    fresh = fresh_lines(tunnel, known.lines if known else ())
    if known and known.row["error"] is not None and before and before.now is not None:
        start = before.now
        fresh = [line for line in fresh if line.latest >= start]
    return Case(tunnel, known, after, before, watched, policy, fresh)
