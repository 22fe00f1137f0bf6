# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches off a rule of the verdict, so that a test can be seen failing without it."""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _case, _groups, _proof, _rules, _verdict


def nothing(*_args):
    return iter(())


# What is not a check of its own, and how it is switched off.
SWITCHES = {
    "order": ("_verdict._worst", lambda verdicts: "pass" if not verdicts else verdicts[0]),
    "no_tunnel": ("_verdict.NO_TUNNEL", "pass"),
    "rule_1_error": ("_verdict.rule_1_error", lambda case: iter([_case.Finding(1, "unread", "pass", True, "")])),
    "rule_2_window": ("_case.fresh_lines", lambda tunnel, known: list(tunnel.lines)),
    "multiset": (
        "_case.fresh_lines",
        lambda tunnel, known: [row for row in tunnel.lines if row.key not in {old.key for old in known}],
    ),
    "since": ("Query.since", None),
    "recovery": ("Case.positive", lambda case, moment: False),
    "positive": ("Case.positive", lambda case, moment: False),
    "renegotiated": ("_case.renegotiated", lambda *args: False),
    "traffic": ("_case.carried_traffic", lambda *args: False),
    "full": ("_rules.coverage", lambda *args: "truncated"),
    "no_smell": ("_rules._smells", lambda line: True),
    "rule_6_settled": ("_verdict.rule_6_settled", lambda verdict, settled: verdict == "pass" or all(settled)),
    "rule_7_caveats": ("_verdict.rule_7_caveats", nothing),
    "rule_8_waivers": ("_verdict.rule_8_waivers", nothing),
    "waived": ("Case.waived", lambda case, line: False),
    "diagnosis": ("_rules.folded", lambda reason: object()),
    "foreign": ("_rules._foreign", lambda case, rows: ""),
    "pair": ("Group.needed", 99),
    "at_least": ("Group.needed", 0),
    "ha_state": ("Group.state", "redundant"),
    "one_group": ("_verdict.ha_groups", lambda rows, tunnels, at_least: [_groups.Group(list(rows), at_least)]),
    "watched": ("Case.watched", None),
    "torn_down": ("_case._TORN_DOWN", ()),
    "ahead": ("_case._AHEAD", 10**18),
    "is_positive": ("_case._is_positive", lambda line: line.event["kind"] in ("tunnel_established", "rekey")),
    "later": ("_case.renegotiated", lambda after, before, start: _proof.renegotiated(after, before, 0)),
    "any_sa": ("_case.carried_traffic", lambda after, before, start: bool(after)),
    "watch": ("Case.watched_from", None),
    "message_order": ("_verdict.BADNESS", ("fail", "error", "inconclusive", "pass")),
}


PLACES = {"_verdict": _verdict, "_rules": _rules, "_case": _case, "Group": _groups.Group, "Case": _case.Case}


def switch_off(monkeypatch, rule):
    place, replacement = SWITCHES.get(rule, ("", None))
    checks = tuple(check for check in _verdict.CHECKS if check.rule.__name__ != rule)
    if place == "Query.since":
        monkeypatch.setattr(_case.Case, "start", None)
        monkeypatch.setattr(_case, "fresh_lines", lambda tunnel, known: [])
    elif place:
        name, _dot, member = place.partition(".")
        monkeypatch.setattr(PLACES[name], member, replacement)
    else:
        assert len(checks) == len(_verdict.CHECKS) - 1, rule
        monkeypatch.setattr(_verdict, "CHECKS", checks)
