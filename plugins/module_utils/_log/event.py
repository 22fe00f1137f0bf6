# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a log entry to an event, for every entry there can be; knows nothing of what was read before.

Generous toward failure, strict toward success: the sentence of a failed negotiation counts wherever it stands outside a
value in brackets; success, progress and noise are whole sentences from a short list, in a line without any doubt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._time import format_moment
from .fields import Fields, find_list, normalize_key, read_fields
from .grammar import TEMPLATE, UNSEEN, clean, find_envelope, read_moments
from .reasons import FAILED, TEARDOWN, Reason, find

_ADDRESS = r"(?:[0-9xX*]{1,3}\.){3}[0-9xX*]{1,3}|(?=[^:\s]*:[^:\s]*:)[0-9A-Fa-f:.]{2,45}(?:%[\w.-]{1,16})?"
_IS_ADDRESS = re.compile(_ADDRESS)
_MASKED = re.compile(r"(?:[xX*]{1,3}\.){3}[xX*]{1,3}")
_LEVEL = re.compile(r"[A-Za-z]{2,12}|[0-9]{1,2}")
_NODE = re.compile(r"host-([0-9]{1,3})-([0-9]{1,3})-([0-9]{1,3})-([0-9]{1,3})")
_ODD_BLANKS = (" =", "= ", " ,", "( ", " )")

_MNEMONIC = re.compile(
    r"(?:%%[0-9]{2})?(?P<mnemonic>[A-Z][A-Z0-9_-]{1,40}/[0-9]/\w{1,64})(?:\([a-z]\))?(?:\[[0-9]{1,9}\])?:\s*"
    r"(?:OID\s+\S{1,128}\s+)?"
)
_FAILED = re.compile(
    r"\b(?:ip[\s-]{0,3}sec|ike(?:v[12])?)(?:\s{1,9}[\w-]{1,12}){0,3}\s{1,9}negotiation\s{1,9}"
    r"(?:(?:has|have|was|is|been)\s{1,9}){0,2}(?:fail(?:s|ed|ing|ures?)?\b|fai?\s*\Z|f\s*\Z)",
    re.IGNORECASE,
)
_FAILED_MNEMONIC = re.compile(r"NEGO\w{0,20}FAIL", re.IGNORECASE)
_BAD_MNEMONIC = re.compile(r"FAIL|STOP|DOWN|DEL|TEAR", re.IGNORECASE)
# Whole sentences, normalized: kind, outcome, phase. Documented for the device family, or of its build.
_SENTENCES: dict[str, tuple[str, str, str | None]] = {
    **dict.fromkeys(
        (
            "the ipsec tunnel is established",
            "an ipsec tunnel is established",
            "ipsec tunnel is established",
            "ipsec tunnel negotiation succeeds",
            "ipsec tunnel negotiation succeeded",
        ),
        ("tunnel_established", "success", "2"),
    ),
    **dict.fromkeys(
        ("ike phase1 sa established", "ike phase1 sa is established", "the ike phase1 sa is established"),
        ("ike_sa_established", "progress", "1"),
    ),
    **dict.fromkeys(
        (
            "an ipsec tunnel is teared down",
            "an ipsec tunnel is torn down",
            "the ipsec tunnel is teared down",
            "the ipsec tunnel is torn down",
            "the ipsec tunnel is deleted",
            "an ipsec tunnel is deleted",
            # They take the SAs with them.
            "ipsec policy is detached from the interface",
            "ipsec policy is deleted",
            "the ike sas are reset",
            "the ipsec sas are reset",
        ),
        (TEARDOWN, "down", None),
    ),
    **dict.fromkeys(
        (
            "the link status of ipsec sla detection change to down",
            "the link status of ipsec sla detection changes to down",
            "the link status of ipsec sla detection changed to down",
        ),
        ("link_quality", "down", None),
    ),
    "the link quality of ipsec sla detection is worse than the threshold": ("link_quality", "warning", None),
    **dict.fromkeys(("ipsec policy is attached to the interface", "ipsec policy is added"), ("noise", "neutral", None)),
}
_GOOD = frozenset(("tunnel_established", "ike_sa_established", "noise"))
_BAD = frozenset(("failure", "down"))
_REASON = ("reason", "reasonstr", "offlinereason")
_PEERS = ("peeraddress", "dstip")
_PORTS = ("peerport", "remoteport")
_DECIDING = frozenset((*_REASON, *_PEERS, *_PORTS))
_PORT = re.compile(r"[0-9]{1,5}")
_UNKNOWN_REASON = (
    "the reason is not in the catalogue: read the logs of both ends and compare all IKE and IPsec settings"
)
_NO_REASON = "the line gives no reason: read the logs of both ends and compare all IKE and IPsec settings"


class Event(NamedTuple):
    """All that one entry says: first what an answer shows of it, then what only we use."""

    time: Any
    raw_message: Any
    timestamp: str | None
    host: str | None
    process: str | None
    pid: int | None
    local_address: str | None
    kind: str
    outcome: str
    event: str | None
    reason: str | None
    category: str | None
    phase: str | None
    peer_address: str | None
    peer_port: int | None
    fields: dict[str, str]
    advice: str | None
    anomalies: list[str]
    moments: tuple[int, ...] = ()
    parse: str = "none"
    node_ip: str | None = None
    bracket_token: str | None = None
    level: str | None = None
    mnemonic: str | None = None
    known: Reason | None = None
    timestamp_source: str | None = None
    listed: int = -1  # where the parameters begin, if they end the line and nothing about them is odd


# What answers show of an event.
SHOWN = Event._fields[: Event._fields.index("moments")]
_UNPARSED = Event(
    *(None, None, None, None, None, None, None),
    kind="unparsed",
    outcome="unknown",
    event=None,
    reason=None,
    category=None,
    phase=None,
    peer_address=None,
    peer_port=None,
    fields={},
    advice=None,
    anomalies=[],
)


def examine(entry: Any) -> Event:
    """Return all that an entry says, however odd it is."""
    time, raw = (entry.get("time"), entry.get("raw_message")) if isinstance(entry, Mapping) else (None, None)
    anomalies: list[str] = []
    text = clean(raw, anomalies)
    head = find_envelope(text, anomalies) if text else None
    moments, source = read_moments(time, head, anomalies)
    said = _said(text, head, anomalies)
    node = _NODE.fullmatch(head["host"]) if head else None
    token = head["token"] if head else None
    address = token if token and _IS_ADDRESS.fullmatch(token) else None
    if any(value and _MASKED.fullmatch(value) for value in (address, said.peer_address)):
        anomalies.append("masked_address")
    return said._replace(
        time=time,
        raw_message=raw,
        timestamp=format_moment(moments[0]) if moments else None,
        host=head["host"] if head else None,
        process=head["process"] if head else None,
        pid=int(head["pid"]) if head and head["pid"] else None,
        local_address=address,
        anomalies=list(dict.fromkeys(anomalies)),
        moments=moments,
        node_ip=".".join(node.groups()) if node and all(int(part) < 256 for part in node.groups()) else None,
        bracket_token=token,
        level=token if token and not address and _LEVEL.fullmatch(token) else head["level"] if head else None,
        timestamp_source=source,
    )


def decides(key: str) -> bool:
    """Tell whether the value of a parameter bears on more than the fields: it is the reason, or names the peer."""
    return normalize_key(key) in _DECIDING


def normalized(text: str) -> str:
    """Return a sentence without the differences in case and blanks."""
    return " ".join(text.split()).casefold()


def is_ours(sentence: str) -> bool:
    """Tell whether the collection knows what a sentence means."""
    return normalized(sentence) in _SENTENCES or _FAILED.search(sentence) is not None


def _said(text: str, head: re.Match[str] | None, anomalies: list[str]) -> Event:
    """Read the content of a line: what happened, to which peer, and why."""
    start = head.end() if head else 0
    mnemonic = _MNEMONIC.match(text, start)
    begin = mnemonic.end() if mnemonic else start
    opening = find_list(text, begin)
    sentence = text[begin : opening if opening >= 0 else len(text)].strip()
    sentence = sentence[:-1].rstrip() if sentence.endswith(".") else sentence
    fields = read_fields(text, opening) if opening >= 0 else Fields({}, {}, text, False, True, [])
    if _has_odd_blanks(fields.outside):
        anomalies.append("extra_whitespace")
    anomalies += fields.anomalies
    sure = bool(head) and opening >= 0 and fields.complete and fields.certain
    sure = sure and sentence.isprintable() and "ansi" not in anomalies
    kind, outcome, phase, happened = _judge(sentence, fields, mnemonic, sure)
    if kind == "unknown" and not head:
        return _UNPARSED
    if opening < 0 and kind != "unknown":
        anomalies.append("truncated")
    whole = head and opening >= 0 and fields.complete and not {"unbalanced_brackets", "trailing_text"} & {*anomalies}
    return _explain(kind, outcome, phase, fields, sure, anomalies)._replace(
        event=happened,
        parse="full" if whole else "partial",
        mnemonic=mnemonic["mnemonic"] if mnemonic else None,
        listed=opening if fields.plain else -1,
    )


def _has_odd_blanks(text: str) -> bool:
    """Tell whether there are other blanks than single ones between words; one behind a last comma shows a cut only."""
    text = text[:-1] if text.endswith(", ") else text
    return " ".join(text.split()) != text or any(odd in text for odd in _ODD_BLANKS)


def _judge(
    sentence: str, fields: Fields, mnemonic: re.Match[str] | None, sure: bool
) -> tuple[str, str, str | None, str]:
    """Return kind, outcome, phase and the sentence of what happened."""
    outside = fields.outside
    failed = _FAILED.search(outside if outside.isprintable() else UNSEEN.sub("", outside))
    if failed or (mnemonic and _FAILED_MNEMONIC.search(mnemonic["mnemonic"])):
        return FAILED, "failure", None, failed[0] if failed else sentence
    known = _SENTENCES.get(normalized(sentence))
    if not known:
        return "unknown", "unknown", None, sentence
    contradicted = any("reason" in name for name in fields.normalized) or (
        mnemonic and _BAD_MNEMONIC.search(mnemonic["mnemonic"])
    )
    if known[0] in _GOOD and (contradicted or not sure):
        return "unknown", "unknown", None, sentence
    return (*known, sentence)


def _explain(kind: str, outcome: str, phase: str | None, fields: Fields, sure: bool, anomalies: list[str]) -> Event:
    """Return the event with its reason and its peer."""
    values = fields.normalized
    peers = _PEERS if kind == FAILED else (*_PEERS[1:], _PEERS[0])
    reason = known = category = None
    if kind in (FAILED, TEARDOWN):
        reason = _value(values, _REASON if kind == FAILED else _REASON[::-1])
        if sum(name in values for name in _REASON) > 1:
            # One of them is forged, or this is no line we know.
            anomalies.append("several_reasons")
            sure = False
        known = find(kind, reason) if reason else None
        category, phase = (known.category, known.phase) if known else ("unknown", None)
        _check_reason(reason, known, anomalies)
    if kind == TEARDOWN:
        kind, outcome = _torn_down(known, sure)
    if any(", " in value for value in fields.values.values()):
        anomalies.append("comma_inside_value")
    advice = (known.advice if known else _UNKNOWN_REASON if reason else _NO_REASON) if outcome in _BAD else None
    return _UNPARSED._replace(
        kind=kind,
        outcome=outcome,
        reason=reason,
        category=category,
        phase=phase,
        peer_address=_address(_value(values, peers), anomalies),
        peer_port=_port(_value(values, _PORTS), anomalies),
        fields=fields.values,
        advice=advice,
        known=known,
    )


def _torn_down(known: Reason | None, sure: bool) -> tuple[str, str]:
    """Return kind and outcome of a teardown; anything better than `down` needs a line without doubt."""
    if known and known.reason == "dpd timeout":
        return "dpd_timeout", "down"
    if not known or not sure:
        return TEARDOWN, "down"
    return "rekey" if known.category == "rekey" else TEARDOWN, known.weight


def _check_reason(reason: str | None, known: Reason | None, anomalies: list[str]) -> None:
    """Note a reason that is empty, or not spelt as in the catalogue; hyphens for blanks are usual."""
    names = [name.replace("-", " ") for name in (known.reason, *known.aliases)] if known else []
    if reason is not None and not reason.strip():
        anomalies.append("empty_reason")
    elif reason and reason.replace("-", " ") not in names and not TEMPLATE.search(reason):
        anomalies.append("reason_variant")


def _value(normalized: dict[str, str], names: tuple[str, ...]) -> str | None:
    """Return the value of the first of these keys that is there."""
    return next((normalized[name] for name in names if name in normalized), None)


def _address(value: str | None, anomalies: list[str]) -> str | None:
    """Return an address as it stands in the line, None for what is none: the fields keep that."""
    if not value or _IS_ADDRESS.fullmatch(value):
        return value or None
    anomalies.append("address_invalid")
    return None


def _port(value: str | None, anomalies: list[str]) -> int | None:
    if not value or (_PORT.fullmatch(value) and int(value) < 65536):
        return int(value) if value else None
    anomalies.append("port_invalid")
    return None
