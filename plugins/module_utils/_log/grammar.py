# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands around the content of a log line: its stamp, host and process; knows nothing of what lines say."""

from __future__ import annotations

import re
from typing import Any

from .._time import SKEW, read_stamp, read_time

_ANSI = re.compile(r"\x1b\[[0-9;:?]{0,32}[A-Za-z]")
_NEWLINE = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
TEMPLATE = re.compile(r"\{[{%#]")
_LONG = 4096
_NAME = r"[^\s\[\]():,=]{1,255}"
_ENVELOPE = re.compile(
    r"\s*(?:(?P<stamp>[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}[0-9.,:+Zz-]{0,20})\s+"
    r"|(?P<odd>[A-Za-z]{3}\s{1,3}[0-9]{1,2}\s(?:[0-9]{4}\s)?[0-9:]{8}(?:\.[0-9]{1,9})?|[0-9][0-9T:./+Zz-]{5,40})\s+)?"
    rf"(?P<host>{_NAME})\s+(?P<process>{_NAME})(?:\[(?P<pid>[0-9]{{1,18}})\])?:\s*"
    r"(?:(?P<level>[A-Z]{3,12})\s+(?=\[))?(?:\[(?P<token>[^\[\]]{0,64})\]\s*)?"
)


def clean(raw: Any, anomalies: list[str]) -> str:
    """Return the text to read, without colours and byte order mark, empty where there is none."""
    if not isinstance(raw, str):
        anomalies.append("missing_raw_message" if raw is None else "raw_message_type")
        return ""
    text = str(raw)
    if not text.isprintable():
        if text.startswith("\ufeff"):
            anomalies.append("bom")
            text = text[1:]
        if _ANSI.search(text):
            anomalies.append("ansi")
            text = _ANSI.sub("", text)
        if _NEWLINE.search(text.strip()):
            anomalies.append("newline")
        if UNSEEN.search(text):
            anomalies.append("control_characters")
    if not text.strip():
        anomalies.append("empty_raw_message")
        return ""
    if len(text) > _LONG:
        anomalies.append("oversize")
    if TEMPLATE.search(text):
        anomalies.append("template_like")
    return text


def find_envelope(text: str, anomalies: list[str]) -> re.Match[str] | None:
    """Return the match of stamp, host and process; a line without stamp has to show a process ID to have one."""
    head = _ENVELOPE.match(text)
    if not head or not (head["stamp"] or head["odd"] or head["pid"]):
        anomalies.append("no_envelope")
        return None
    if not head["stamp"]:
        anomalies.append("ts_nonstandard" if head["odd"] else "no_embedded_timestamp")
    return head


def read_moments(time: Any, head: re.Match[str] | None, anomalies: list[str]) -> tuple[tuple[int, ...], str | None]:
    """Return the moments of both clocks, the one to believe first, and which that is."""
    given, oddity = read_time(time)
    if oddity:
        anomalies.append(oddity)
    if not head or not head["stamp"]:
        return ((given,), "time") if given is not None else ((), None)
    stamp, zoned = read_stamp(head["stamp"])
    if stamp is None or not zoned:
        anomalies.append("ts_nonstandard")
    elif given is not None and abs(given - stamp) > SKEW:
        anomalies.append("time_skew")
    if not zoned and given is None:
        return (), None  # hours may lie between what it says and what it means
    believed = (stamp, given) if zoned else (given, stamp)
    moments = tuple(moment for moment in believed if moment is not None)
    return moments, ("embedded" if moments and moments[0] == stamp else "time") if moments else None
