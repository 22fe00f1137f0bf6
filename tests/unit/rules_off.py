# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches off a rule of the verdict, so that a test can be seen failing without it."""

from __future__ import annotations

import math
from itertools import product

from ansible_collections.huaweicloud.vpn.plugins.module_utils._log import known_lines, line
from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.reasons import normalize
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import (
    diagnosis,
    ha_groups,
    ipsec_sas,
    judge,
    policy,
    rules,
    tunnel_case,
)

FAR = 10**18
_COUNTERS = ipsec_sas._COUNTERS
Case, Readings = tunnel_case.Case, ipsec_sas.Readings
GREW, CASE_OF = Readings.grew, tunnel_case.case_of


def nothing(*_args):
    return iter(())


def removals(case):
    """Return each line that a gateway writes when a new SA has replaced an old one, whatever came before it."""
    return [line for line in case.tunnel.lines if normalize(line.reason or "") in tunnel_case._REPLACED]


def any_two(readings, name):
    """Yield each two readings of any SAs, those of one moment among them."""
    samples = [sample for one in readings._samples.values() for sample in one]
    return ((old, new) for old, new in product(samples, samples) if old.at <= new.at)


def any_fell(sa, old):
    return any(new < was for new, was in ipsec_sas._both(sa, old, _COUNTERS))


# What is not a check of its own, and how it is switched off.
SWITCHES = {
    "order": ("judge._worst", lambda verdicts: "pass" if not verdicts else verdicts[0]),
    "no_tunnel": ("judge.NO_TUNNEL", "pass"),
    "not_readable": ("judge.not_readable", lambda case: iter([tunnel_case.Finding("unread", "pass", True, "")])),
    "window": ("tunnel_case.fresh_lines", lambda tunnel, known: list(tunnel.lines)),
    "multiset": (
        "tunnel_case.fresh_lines",
        lambda tunnel, known: [row for row in tunnel.lines if row.key not in {old.key for old in known}],
    ),
    "since": ("Query.since", None),
    # Proof of life: none at all, the weaker in place of the stronger, and what each kind of it rests on.
    "proof": ("Case._negotiated_after", lambda case, moment, host: False),
    "alive": ("Case.alive_since", lambda case, lines: False),
    "strength": ("Case.negotiated_since", Case.alive_since),
    "negotiated": ("Case.negotiated", False),
    "any_negotiation": ("Case.negotiated", True),
    "ike_alone": ("Line.is_negotiation", property(lambda line: line.kind in ("tunnel_established", "rekey"))),
    "fraction": ("Line.latest", property(lambda line: max(line.moments, default=math.inf))),
    "ahead": ("tunnel_case.AHEAD", FAR),
    "node_clock": ("tunnel_case.AHEAD", 0),
    "teardowns": ("Case.downs", ()),
    "replaced": ("Case._replaced", ()),
    "any_removal": ("Case._replaced", property(removals)),
    "grew": ("Readings.grew", lambda readings, after, until=0: set()),
    "grew_before": ("Readings.grew", lambda readings, after, until=-math.inf: GREW(readings, -math.inf, until)),
    "one_way": ("ipsec_sas._grew", lambda sa, before, counters: True),
    "outlived": ("Readings.outlived", lambda readings, moment: set()),
    "twice": ("Readings._twice", any_two),
    "wrapped": ("ipsec_sas._restarted", any_fell),
    "future": ("ipsec_sas.AHEAD", FAR),
    "stale": ("tunnel_case._STALE", FAR),
    "updated": ("Case._updated", -math.inf),
    "pairs": ("Case.lasting_pairs", frozenset()),
    "are_new": ("Case._are_new", lambda case, later, moment: True),
    "is_removed": ("Case.is_removed", lambda case, pair: False),
    "used": ("rules.used_by", ipsec_sas.pairs),
    "pair_of": ("ipsec_sas.pair_of", lambda sa: (str(sa.get("id")), "")),
    "network": ("ipsec_sas.network", str),
    "no_sas": ("Case.sas", None),
    "sa_is_there": ("rules.read_later", lambda sas, begin, now: set()),
    # What lines mean.
    "taught": ("tunnel_case.teach", lambda line, known: line),
    "sure": ("known_lines._is_sure", lambda line, event, means: True),
    "numbers": (
        "KnownLine.matches",
        lambda known, content: known_lines._skeleton(known.sentence) == known_lines._skeleton(content),
    ),
    "parameters": ("known_lines._is_telling", lambda key, value: False),
    "traffic_grew": ("Case.carried_traffic", False),
    "any_sa": ("Case.carried_traffic", True),
    "full": ("rules.coverage", lambda *args: "truncated"),
    "tried": ("judge.CHECKS", (*judge.CHECKS, rules.Check("", rules.nothing_known))),
    "tried_all": ("judge.all", any),
    "is_settled": ("judge.is_settled", lambda verdict, settled: verdict == "pass" or all(settled)),
    "caveats_of": ("judge.caveats_of", nothing),
    "waiver_caveats": ("judge.waiver_caveats", nothing),
    "waived": ("Case.waived", lambda case, line: False),
    "diagnosis": ("diagnosis.normalized", lambda reason: object()),
    "foreign": ("diagnosis._foreign", lambda case, rows: ""),
    "pair": ("Group.needed", 99),
    "at_least": ("Group.needed", 0),
    "ha_state": ("Group.state", "redundant"),
    "one_group": ("judge.ha_groups", lambda rows, tunnels, at_least: [ha_groups.Group(list(rows), at_least)]),
    "watched": ("judge.case_of", lambda key, after, old, begin, *more: CASE_OF(key, after, old, None, *more)),
    "watch": ("Case.now", 0),
    "came_back": ("Reset.missing", lambda reset, vpn_connection_id: (None, "")),
    "message_order": ("judge.BADNESS", ("fail", "error", "inconclusive", "pass")),
}
PLACES = {
    **{"judge": judge, "rules": rules, "tunnel_case": tunnel_case, "ipsec_sas": ipsec_sas},
    **{"known_lines": known_lines, "diagnosis": diagnosis},
    **{"Group": ha_groups.Group, "Case": Case, "Line": line.Line, "Readings": Readings},
    **{"KnownLine": known_lines.KnownLine, "Reset": policy.Reset},
}


def switch_off(monkeypatch, rule):
    place, replacement = SWITCHES.get(rule, ("", None))
    checks = tuple(check for check in judge.CHECKS if check.rule.__name__ != rule)
    if place == "Query.since":
        monkeypatch.setattr(tunnel_case.Case, "start", None)
        monkeypatch.setattr(tunnel_case, "fresh_lines", lambda tunnel, known: [])
    elif place:
        name, _dot, member = place.partition(".")
        monkeypatch.setattr(PLACES[name], member, replacement, raising=member != "all")
    else:
        assert len(checks) == len(judge.CHECKS) - 1, rule
        monkeypatch.setattr(judge, "CHECKS", checks)
