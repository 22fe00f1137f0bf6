# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as a complete verdict, as plain data; what does not, or contradicts itself, raises."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...module_utils._errors import VpnError
from ...module_utils._sanitize import visible

SCHEMA = 1
VERDICTS = ("pass", "inconclusive", "error", "fail")  # the last is the worst
_TEXT = (str, type(None))
_TOP: dict[str, tuple[type, ...]] = {
    "verdict": (str,),
    "settled": (bool,),
    "negotiated": (bool,),
    "compared": (bool,),
    "message": (str,),
    "window": (dict,),
    "policy": (dict,),
    "unrecognised": (list,),
    "ha_groups": (list,),
    "vpn_connections": (list,),
}
_TUNNEL: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "name": _TEXT,
    "verdict": (str,),
    "settled": (bool,),
    "negotiated": (bool,),
    "tolerated": (bool,),
    "message": (str,),
    "checks": (list,),
    "findings": (list,),
    "caveats": (list,),
    "failures": (dict,),
    "evidence": (dict,),
}
_FINDING: dict[str, tuple[type, ...]] = {"check": (str,), "verdict": (str,), "message": (str,)}
_GROUP: dict[str, tuple[type, ...]] = {
    "vpn_connections": (list,),
    "passed": (int,),
    "needed": (int,),
    "verdict": (str,),
    "state": (str,),
    "message": (str,),
}
_FAILURES: dict[str, tuple[type, ...]] = {"new": (list,), "persisting": (list,), "resolved": (list,)}
# A member without types may be anything: the service's own words are only shown.
_ROW: dict[str, tuple[type, ...]] = {
    "reason": _TEXT,
    "category": _TEXT,
    "phase": (),
    "advice": _TEXT,
    "count": (int,),
    "first": _TEXT,
    "last": _TEXT,
    "peer_addresses": (list,),
}
_EVIDENCE: dict[str, tuple[type, ...]] = {
    "status": (),
    "coverage": (str,),
    "logs": (list,),
    "earlier": (list,),
    "error": (dict, type(None)),
    "observed": (int, float, type(None)),
    "failures": (int, type(None)),
    "window": (dict,),
}
_EVENT: dict[str, tuple[type, ...]] = {"timestamp": _TEXT, "kind": (str,), "outcome": (str,), "reason": _TEXT}
_UNRECOGNISED: dict[str, tuple[type, ...]] = {"sentence": (str,), "count": (int,), "first": _TEXT, "last": _TEXT}
_WINDOW: dict[str, tuple[type, ...]] = {"since": _TEXT, "watched_from": _TEXT, "until": _TEXT}


def complete_verdict(value: Any) -> dict[str, Any]:
    """Return a verdict as plain data; raise VpnError for anything else, and for one that contradicts itself."""
    problem = _no_verdict(value)
    if problem:
        raise _refusal(problem)
    try:
        verdict: dict[str, Any] = plain(value)
    except RecursionError:
        raise _refusal("is nested too deeply") from None
    for problem in _problems(verdict):
        raise _refusal(problem)
    return verdict


def worst(verdicts: Sequence[str]) -> str:
    """Return the worst of some verdicts; of none, a pass."""
    return max(verdicts, key=VERDICTS.index, default="pass")


def plain(value: Any) -> Any:
    """Return data without the types that Ansible puts around it, as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    return str.__str__(value) if isinstance(value, str) else str(value)


def _no_verdict(value: Any) -> str | None:
    """Tell what a value is instead of a verdict."""
    if value is None:
        return "is null"
    if not isinstance(value, Mapping):
        kind = type(value).__name__
        return "is undefined" if "Undefined" in kind else f"is of type {kind}"
    for sign, meaning in (("skipped", "was skipped"), ("unreachable", "did not reach its host"), ("failed", "failed")):
        if value.get(sign):
            return f"is the result of a task that {meaning}"
    if "results" in value:
        return "is the result of a loop"
    if "verdict" not in value and "narrowed_by" in value:
        return "is evidence, which has no verdict yet"
    return None


def _problems(verdict: dict[str, Any]) -> Iterator[str]:
    """Tell what a verdict lacks, or what in it cannot be."""
    yield from _lacks("it", verdict, {"schema": (int,), **_TOP})
    if verdict["schema"] != SCHEMA:
        yield f"has schema {visible(repr(verdict['schema']), 20)}, but schema {SCHEMA} is needed"
    yield from _lacks("its window", verdict["window"], _WINDOW)
    yield from _no_word("it", verdict)
    for row in verdict["unrecognised"]:
        yield from _lacks("an item of unrecognised", row, _UNRECOGNISED)
    for group in verdict["ha_groups"]:
        yield from _lacks("an HA group", group, _GROUP)
        yield from _no_word("an HA group", group)
        yield from _no_texts("an HA group", group, "vpn_connections")
    for tunnel in verdict["vpn_connections"]:
        yield from _tunnel_problems(tunnel)
    yield from _contradictions(verdict)


def _tunnel_problems(tunnel: Any) -> Iterator[str]:
    """Tell what a tunnel of a verdict lacks."""
    yield from _lacks("a connection", tunnel, _TUNNEL)
    yield from _no_word("a connection", tunnel)
    where = f"connection {visible(tunnel['id'], 64)}"
    for finding in tunnel["findings"]:
        yield from _lacks(f"a finding of {where}", finding, _FINDING)
        yield from _no_word(f"a finding of {where}", finding)
    yield from _lacks(f"{where}, failures:", tunnel["failures"], _FAILURES)
    for name in _FAILURES:
        for row in tunnel["failures"][name]:
            yield from _lacks(f"a failure of {where}", row, _ROW)
    yield from _lacks(f"{where}, evidence:", tunnel["evidence"], _EVIDENCE)
    for event in [*tunnel["evidence"]["logs"], *tunnel["evidence"]["earlier"]]:
        yield from _lacks(f"an event of {where}", event, _EVENT)
    yield from _no_texts(where, tunnel, "checks")
    yield from _no_texts(where, tunnel, "caveats")


def _contradictions(verdict: dict[str, Any]) -> Iterator[str]:
    """Tell where a verdict is better than its parts: a report of it would be green where something is broken."""
    spared = {key for group in verdict["ha_groups"] if group["verdict"] == "pass" for key in group["vpn_connections"]}
    tunnels = verdict["vpn_connections"]
    for tunnel in tunnels:
        where = f"connection {visible(tunnel['id'], 64)}"
        if tunnel["verdict"] != worst([finding["verdict"] for finding in tunnel["findings"]]):
            yield f"contradicts itself: {where} is {tunnel['verdict']}, but its findings are not"
        if tunnel["tolerated"] and tunnel["id"] not in spared:
            yield f"contradicts itself: {where} is tolerated, but no HA group passes without it"
        if verdict["verdict"] == "pass" != tunnel["verdict"] and not tunnel["tolerated"]:
            yield f"contradicts itself: it is pass, but {where} is {tunnel['verdict']}"
    if verdict["verdict"] == "pass":
        if not tunnels:
            yield "contradicts itself: it is pass without a connection"
        if any(group["verdict"] != "pass" for group in verdict["ha_groups"]):
            yield "contradicts itself: it is pass, but an HA group is not"
    if verdict["negotiated"] > (verdict["verdict"] == "pass" and all(row["negotiated"] for row in tunnels)):
        yield "contradicts itself: it is negotiated, but it is not pass, or a connection is not negotiated"


def _lacks(where: str, part: Any, members: Mapping[str, tuple[type, ...]]) -> Iterator[str]:
    """Tell which members a part lacks, or has in another type; plain data has exact types."""
    if not isinstance(part, dict):
        yield f"is not a complete verdict: {where} is not a mapping"
        return
    missing = [name for name in members if name not in part]
    if missing:
        yield f"is not a complete verdict: {where} lacks {', '.join(missing[:5])}"
        return
    for name, types in members.items():
        if types and type(part[name]) not in types:
            yield f"is not a complete verdict: {where} has a {name} of type {type(part[name]).__name__}"


def _no_word(where: str, part: dict[str, Any]) -> Iterator[str]:
    if part["verdict"] not in VERDICTS:
        yield f"is not a complete verdict: {where} has the verdict {visible(repr(part['verdict']), 40)}"


def _no_texts(where: str, part: dict[str, Any], name: str) -> Iterator[str]:
    if not all(isinstance(text, str) for text in part[name]):
        yield f"is not a complete verdict: {where} has no list of strings in {name}"


def _refusal(problem: str) -> VpnError:
    hint = "give the result of the filter huaweicloud.vpn.verdict"
    return VpnError(f"the verdict {problem}", code="E_VERDICT", hint=hint)
