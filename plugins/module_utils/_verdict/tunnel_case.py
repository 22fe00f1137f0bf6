# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tunnel is judged by, and what in it is proof of life; knows no verdict of its own.

Proof of life is always later than what it disproves, and has two strengths: a negotiation, or that the tunnel is alive,
which a negotiation shows, too. The status is none, it lags.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .._log.known_lines import teach
from .._log.line import Line
from .._log.reasons import normalize
from .._time import SECOND, SKEW
from .evidence import Tunnel, Whole, fresh_lines, moment_of
from .ipsec_sas import Pair, Readings, is_within, named_pairs, pairs, read_at
from .policy import Policy

# So far the clock of a node may be ahead of the cloud's, and of another node's.
AHEAD = 60 * SECOND
# How a gateway calls the removal of an SA that a new one has replaced, and how long after the new one it comes.
_REPLACED = ("peer request", "kick old sa with same flow", "receive backup delete info")
_REPLACED_WITHIN = 10 * SECOND
# A baseline whose SAs were read longer before it may have missed a negotiation that is older than the window.
_STALE = 5 * SECOND
# So long before somebody watches the first reading of traffic may have been collected.
_COLLECTED = 60 * SECOND
# So long after the new SA an IKEv1 gateway may write that it has replaced the old one.
_REPLACES_WITHIN = 30 * SECOND


class Finding(NamedTuple):
    """What a rule found: which verdict it leads to, whether no waiting can change that, and one line for people."""

    code: str
    verdict: str
    settled: bool
    message: str


@dataclass(frozen=True)
class Case:
    """All that a tunnel is judged by; `fresh` are the lines of the window.

    `watched` is the evidence from right after the change, `others` are the SAs of all readings between that and the
    evidence.
    """

    tunnel: Tunnel
    before: Tunnel | None
    after: Whole
    baseline: Whole | None
    watched: Whole | None
    policy: Policy
    fresh: list[Line]
    others: Sequence[tuple[int | None, Sequence[Any]]] = ()

    @property
    def name(self) -> str | None:
        """Return the name, from the baseline where the evidence has none: of what could not be read only the ID is."""
        earlier = self.before.row["name"] if self.before else None
        name: str | None = self.tunnel.row["name"] or earlier
        return name

    @property
    def start(self) -> int | None:
        """Return the begin of the window: the baseline, else the evidence's since, else open."""
        return self.baseline.now if self.baseline else self.after.since

    @property
    def now(self) -> int:
        """Return the cloud's clock when the evidence was gathered."""
        return self.after.now or 0

    @property
    def watched_from(self) -> int | None:
        """Return when somebody began to watch: right after the change where that was noted, else with the window."""
        return self.watched.now if self.watched else self.start

    @property
    def watched_tunnel(self) -> Tunnel | None:
        """Return the tunnel as it was right after the change, where that was noted."""
        return self.watched.tunnels.get(self.tunnel.id.lower()) if self.watched else None

    @property
    def sas(self) -> Sequence[Any] | None:
        """Return the IPsec SAs, None where they were not gathered or are not served."""
        sas: Sequence[Any] | None = self.tunnel.row["ipsec_sas"]
        return sas

    @property
    def sas_before(self) -> Sequence[Any] | None:
        """Return the IPsec SAs of the baseline."""
        return self.before.row["ipsec_sas"] if self.before else None

    @cached_property
    def failing(self) -> list[Line]:
        """Return the failures of the window that are not waived."""
        return [line for line in self.fresh if line.outcome == "failure" and not self.waived(line)]

    @cached_property
    def unrecognised(self) -> list[Line]:
        """Return the lines of the window that are not understood."""
        return [line for line in self.fresh if not line.understood]

    @cached_property
    def downs(self) -> list[Line]:
        """Return the lines of the window that say that the tunnel went down."""
        replaced = {id(line) for line in self._replaced}
        return [line for line in self.fresh if line.is_down and id(line) not in replaced]

    @cached_property
    def bad_before(self) -> list[Line]:
        """Return the lines from before the window that are bad news, or may be."""
        spared = {id(line) for line in (*self._replaced, *self.fresh)}
        known = [line for line in self.tunnel.lines if id(line) not in spared]
        if self.tunnel.dropped and self.before:
            known += self.before.lines  # what since has left out of the evidence
        return [line for line in known if line.tells and not line.is_negotiation and not self.waived(line)]

    @cached_property
    def lasting_pairs(self) -> set[Pair]:
        """Return the pairs of networks of the baseline's SAs, but for those that were taken out of the policy since."""
        return {pair for pair in pairs(self.sas_before) if not self.is_removed(pair)}

    def is_removed(self, pair: Pair) -> bool:
        """Tell whether the policy of the connection names a pair of networks no more."""
        now, old = (
            named_pairs(self.tunnel.connection("policy_rules")),
            named_pairs(self.before.connection("policy_rules")) if self.before else set(),
        )
        return bool(now) and not is_within(pair, now) and (not old or is_within(pair, old))

    def waived(self, line: Line) -> bool:
        """Tell whether a waiver that has not expired covers the failure."""
        return any(
            waiver.until > self.now and waiver.names(self.tunnel.id, self.name) and waiver.covers(line.reason)
            for waiver in self.policy.waivers
        )

    def negotiated_since(self, lines: Iterable[Line]) -> bool:
        """Tell whether a negotiation is later than each of these lines."""
        return all(self._negotiated_after(*latest) for latest in _latest(lines))

    def alive_since(self, lines: Iterable[Line]) -> bool:
        """Tell whether the tunnel was shown to be alive later than each of these lines."""
        return all(self._negotiated_after(*latest) or self._carries_after(latest[0]) for latest in _latest(lines))

    def negotiated_after(self, moment: float) -> bool:
        """Tell whether a negotiation is later than a moment of the cloud's clock."""
        return self._negotiated_after(moment, None)

    @cached_property
    def negotiated(self) -> bool:
        """Tell whether a negotiation of the window is shown, later than the last update of the connection."""
        end = self.now + AHEAD
        start = -math.inf if self.start is None else self.start
        begin = max(start, self._updated - SKEW)
        if self.tunnel.row["connection"] is None and self.watched:
            begin = max(begin, self.watched.now or 0)  # it is not known when the connection was updated
        if any(line.is_negotiation and begin < _negotiated_at(line) and line.latest <= end for line in self.fresh):
            return True
        if self.start is None or not self.sas_before:
            return False
        known = self.before.lines if self.before else ()
        last = max((line.latest for line in known if line.is_negotiation), default=-math.inf)
        first = min(read_at(self.sas_before), start)
        if self._updated <= start and start - _STALE <= first and last < first:
            begin = first - SKEW - 1  # what the baseline does not have is of the window
        return bool(self._readings.negotiated(begin))

    @cached_property
    def carried_traffic(self) -> bool | None:
        """Tell whether one SA counted on both ways since somebody watches, None where the SAs cannot tell.

        What an SA carried between baseline and change proves nothing of the time after: the later reading counts.
        """
        first = self.watched_tunnel if self.watched else self.before
        if self.sas is None or first is None or first.row["ipsec_sas"] is None or self.watched_from is None:
            return None
        return bool(
            self._readings_from((self.watched_from, first)).grew(self.watched_from - _COLLECTED, self.watched_from)
        )

    @property
    def _updated(self) -> float:
        """Return when the connection was updated last, if that is of the window."""
        updated = moment_of(self.tunnel.connection("updated_at"))
        return -math.inf if updated is None or updated > self.now else updated

    @cached_property
    def _readings(self) -> Readings:
        return self._readings_from((self.start, self.before), (self.watched_from, self.watched_tunnel))

    def _readings_from(self, *first: tuple[int | None, Tunnel | None]) -> Readings:
        """Return the readings from the first of these on, each with the moment it was served at."""
        found = [(served, tunnel.row["ipsec_sas"]) for served, tunnel in first if tunnel]
        found += [*self.others, (self.now, self.sas)]
        known = [(self.now if served is None else served, sas) for served, sas in found if sas is not None]
        return Readings(self.sas_before, known)

    @cached_property
    def _replaced(self) -> list[Line]:
        """Return the lines that tell of an SA which was removed because a new one has replaced it.

        Of a tunnel that was up, an SA is established, and right after that the same node deletes the old one: a normal
        rekey.
        """
        found, up, new = [], False, None  # new: the negotiation right before, of a tunnel that was up
        for line in self.tunnel.lines:
            if line.is_negotiation:
                new, up = (line if up else None), True
            elif (
                new
                and _is_removal(line)
                and line.host == new.host
                and 0 <= line.latest - new.earliest <= _REPLACED_WITHIN
            ):
                found.append(line)
                new = None
            elif line.tells:
                new, up = None, False
        return found

    def _negotiated_after(self, moment: float, host: str | None) -> bool:
        """Tell whether each pair of networks was negotiated later than a moment of a node's clock.

        Another node's clock may be ahead, so that its lines have to be later by that.
        """
        if not moment < math.inf:
            return False
        later = [
            line
            for line in self.tunnel.lines
            if line.is_negotiation
            and _negotiated_at(line) > moment + (0 if host in (None, line.host) else AHEAD)
            and line.latest <= self.now + AHEAD
        ]
        wanted = self.lasting_pairs
        # One pair may have been negotiated twice: of several, each has to have an SA that is newer than the baseline.
        there = len(wanted) < 2 or wanted <= self._readings.outlived(moment + SKEW)
        if later and there and len(later) >= len(wanted) and self._are_new(later, moment):
            return True
        proven = self._readings.negotiated(moment)
        return bool(proven) and proven >= wanted

    def _are_new(self, later: Sequence[Line], moment: float) -> bool:
        """Tell whether negotiations are of what went down, and not rekeys of other pairs of networks.

        Only where several pairs are named, or may be, and no SAs tell them apart.
        """
        is_known = self.tunnel.row["connection"] is not None
        named = len(named_pairs(self.tunnel.connection("policy_rules"))) if is_known else len(self.downs)
        if self.lasting_pairs or named < 2:
            return True
        rekeyed = sum(line.latest > moment for line in self._replaced)
        established = sum(line.kind != "rekey" for line in later)
        return established - rekeyed >= min(named, max(1, len(self.downs)))

    def _carries_after(self, moment: float) -> bool:
        """Tell whether the SAs show later than a moment that each pair of networks is alive."""
        if not moment < math.inf:
            return False
        readings = self._readings
        proven = readings.negotiated(moment) | readings.grew(moment + SKEW)
        proven |= readings.outlived(moment + max(self.policy.quiet_for * SECOND, SKEW))
        return bool(proven) and proven >= self.lasting_pairs


def case_of(
    key: str,
    after: Whole,
    before: Whole | None = None,
    watched: Whole | None = None,
    policy: Policy | None = None,
    others: Sequence[tuple[int | None, Sequence[Any]]] = (),
) -> Case:
    """Return the case of a tunnel. Only lines that are not in the baseline are new, however late they came."""
    policy = policy or Policy()
    tunnel = _taught(after.tunnels[key], policy)
    known = before.tunnels.get(key) if before else None
    known = _taught(known, policy) if known else None
    fresh = fresh_lines(tunnel, known.lines if known else ())
    if known and known.row["error"] is not None and before:
        fresh = _since(before.now, fresh)
    if not before:
        fresh = _since(after.since, fresh)
    return Case(tunnel, known, after, before, watched, policy, fresh, others)


def _negotiated_at(line: Line) -> float:
    """Return the earliest moment of the negotiation that a line tells of."""
    return line.earliest - (_REPLACES_WITHIN if line.kind == "rekey" else 0)


def _since(moment: int | None, lines: list[Line]) -> list[Line]:
    return [line for line in lines if moment is None or line.latest >= moment]


def _taught(tunnel: Tunnel, policy: Policy) -> Tunnel:
    """Return a tunnel whose lines mean what known_lines says."""
    if not policy.known_lines:
        return tunnel
    lines = tuple(teach(line, policy.known_lines) for line in tunnel.lines)
    return Tunnel(tunnel.id, tunnel.row, lines, tunnel.dropped)


def _latest(lines: Iterable[Line]) -> list[tuple[float, str]]:
    """Return the last moment of lines for each node that wrote some."""
    last: dict[str, float] = {}
    for line in lines:
        host = line.host or ""
        last[host] = max(line.latest, last.get(host, -math.inf))
    return [(moment, host) for host, moment in last.items()]


def _is_removal(line: Line) -> bool:
    return line.understood and line.is_down and not line.taught and normalize(line.reason or "") in _REPLACED
