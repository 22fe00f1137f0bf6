# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches off a rule of the verdict, so that a test can be seen failing without it."""

from __future__ import annotations

import math
from itertools import product

from ansible_collections.huaweicloud.vpn.plugins.module_utils import (
    _case,
    _diagnosis,
    _groups,
    _known_lines,
    _line,
    _policy,
    _proof,
    _rules,
    _verdict,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._reasons import fold

FAR = 10**18
_COUNTERS = _proof._COUNTERS
Case, Readings = _case.Case, _proof.Readings
GREW, CASE_OF = Readings.grew, _case.case_of


def nothing(*_args):
    return iter(())


def removals(case):
    """Return each line that a gateway writes when a new SA has replaced an old one, whatever came before it."""
    return [line for line in case.tunnel.lines if fold(line.reason or "") in _case._REPLACED]


def any_two(readings, name):
    """Yield each two readings of any SAs, those of one moment among them."""
    samples = [sample for one in readings._samples.values() for sample in one]
    return ((old, new) for old, new in product(samples, samples) if old.at <= new.at)


# What is not a check of its own, and how it is switched off.
SWITCHES = {
    "order": ("_verdict._worst", lambda verdicts: "pass" if not verdicts else verdicts[0]),
    "no_tunnel": ("_verdict.NO_TUNNEL", "pass"),
    "not_readable": ("_verdict.not_readable", lambda case: iter([_case.Finding("unread", "pass", True, "")])),
    "window": ("_case.fresh_lines", lambda tunnel, known: list(tunnel.lines)),
    "multiset": (
        "_case.fresh_lines",
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
    "ahead": ("_case.AHEAD", FAR),
    "node_clock": ("_case.AHEAD", 0),
    "teardowns": ("Case.downs", ()),
    "replaced": ("Case._replaced", ()),
    "any_removal": ("Case._replaced", property(removals)),
    "grew": ("Readings.grew", lambda readings, after, until=0: set()),
    "grew_before": ("Readings.grew", lambda readings, after, until=-math.inf: GREW(readings, -math.inf, until)),
    "one_way": ("_proof._grew", lambda sa, before, counters: True),
    "outlived": ("Readings.outlived", lambda readings, moment: set()),
    "twice": ("Readings._twice", any_two),
    "wrapped": ("_proof._restarted", lambda sa, old: any(new < was for new, was in _proof._both(sa, old, _COUNTERS))),
    "future": ("_proof.AHEAD", FAR),
    "stale": ("_case._STALE", FAR),
    "updated": ("Case._updated", -math.inf),
    "pairs": ("Case.lasting_pairs", frozenset()),
    "are_new": ("Case._are_new", lambda case, later, moment: True),
    "is_removed": ("Case.is_removed", lambda case, pair: False),
    "used": ("_rules.used_by", _proof.pairs),
    "pair_of": ("_proof.pair_of", lambda sa: (str(sa.get("id")), "")),
    "network": ("_proof.network", str),
    "no_sas": ("Case.sas", None),
    "sa_is_there": ("_rules.read_later", lambda sas, begin, now: set()),
    # What lines mean.
    "taught": ("_case.teach", lambda line, known: line),
    "sure": ("_known_lines._is_sure", lambda line, event, means: True),
    "numbers": (
        "KnownLine.matches",
        lambda known, content: _known_lines._skeleton(known.sentence) == _known_lines._skeleton(content),
    ),
    "parameters": ("_known_lines._is_telling", lambda key, value: False),
    "traffic_grew": ("Case.carried_traffic", False),
    "any_sa": ("Case.carried_traffic", True),
    "full": ("_rules.coverage", lambda *args: "truncated"),
    "tried": ("_verdict.CHECKS", (*_verdict.CHECKS, _rules.Check("", _rules.nothing_known))),
    "tried_all": ("_verdict.all", any),
    "is_settled": ("_verdict.is_settled", lambda verdict, settled: verdict == "pass" or all(settled)),
    "caveats_of": ("_verdict.caveats_of", nothing),
    "waiver_caveats": ("_verdict.waiver_caveats", nothing),
    "waived": ("Case.waived", lambda case, line: False),
    "diagnosis": ("_diagnosis.folded", lambda reason: object()),
    "foreign": ("_diagnosis._foreign", lambda case, rows: ""),
    "pair": ("Group.needed", 99),
    "at_least": ("Group.needed", 0),
    "ha_state": ("Group.state", "redundant"),
    "one_group": ("_verdict.ha_groups", lambda rows, tunnels, at_least: [_groups.Group(list(rows), at_least)]),
    "watched": ("_verdict.case_of", lambda key, after, old, begin, *more: CASE_OF(key, after, old, None, *more)),
    "watch": ("Case.now", 0),
    "came_back": ("Reset.missing", lambda reset, vpn_connection_id: (None, "")),
    "message_order": ("_verdict.BADNESS", ("fail", "error", "inconclusive", "pass")),
}
PLACES = {
    **{"_verdict": _verdict, "_rules": _rules, "_case": _case, "_proof": _proof},
    **{"_known_lines": _known_lines, "_diagnosis": _diagnosis},
    **{"Group": _groups.Group, "Case": Case, "Line": _line.Line, "Readings": Readings},
    **{"KnownLine": _known_lines.KnownLine, "Reset": _policy.Reset},
}


def switch_off(monkeypatch, rule):
    place, replacement = SWITCHES.get(rule, ("", None))
    checks = tuple(check for check in _verdict.CHECKS if check.rule.__name__ != rule)
    if place == "Query.since":
        monkeypatch.setattr(_case.Case, "start", None)
        monkeypatch.setattr(_case, "fresh_lines", lambda tunnel, known: [])
    elif place:
        name, _dot, member = place.partition(".")
        monkeypatch.setattr(PLACES[name], member, replacement, raising=member != "all")
    else:
        assert len(checks) == len(_verdict.CHECKS) - 1, rule
        monkeypatch.setattr(_verdict, "CHECKS", checks)
