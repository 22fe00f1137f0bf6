# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From bytes to one JSON object, strictly: what is not whole and unambiguous is refused; knows no HTTP client.

And what the headers beside it say.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from .._errors import TransportError

_DEEPEST = 32  # levels of nesting; the answers we read have five
# How a lone surrogate, U+FFFE or U+FFFF may stand in JSON.
_UNSTORABLE = re.compile(rb"\\u(?:d[89a-f]|fff[ef])|\xef\xbf[\xbe\xbf]", re.IGNORECASE)
# Names of code and message in the error bodies of the VPN service, the API gateway and IAM.
_ERROR_NAMES = (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"))


def content_error(problem: str) -> TransportError:
    """Return the error for an answer whose content cannot be used."""
    return TransportError(f"the answer cannot be used: {problem}", code="E_CONTENT")


def declared_length(content_length: list[str], transfer_encoding: list[str]) -> int | None:
    """Return the length an answer declares, None for chunked; raise where its end could not be proven."""
    if transfer_encoding:
        if content_length or [value.strip().lower() for value in transfer_encoding] != ["chunked"]:
            raise TransportError("the answer's length is not clear from its headers", code="E_PROTOCOL")
        return None
    if not content_length:
        raise TransportError("the answer does not say how long it is, so it may be cut off", code="E_TRUNCATED")
    values = {value.strip() for value in ",".join(content_length).split(",")}
    value = values.pop()
    if values or not (value.isascii() and value.isdigit() and len(value) < 16):
        raise TransportError("the answer's length is not clear from its headers", code="E_PROTOCOL")
    return int(value)


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """Return the ID that the service gave to the request."""
    return headers.get("X-Request-Id") or headers.get("X-IAM-Trace-Id") or None


def clock_of(headers: Mapping[str, str]) -> float | None:
    """Return the service's clock in seconds since the epoch, None where the answer has no valid date."""
    try:
        moment = parsedate_to_datetime(headers["Date"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return moment.timestamp() if moment.tzinfo else None


def json_object(body: bytes) -> dict[str, Any]:
    """Read one JSON object from UTF-8: no duplicate names, no NaN or infinity, nothing after it."""
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except UnicodeDecodeError:
        raise content_error("it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise content_error("it is not valid JSON") from None
    if not isinstance(value, dict):
        raise content_error("it is not a JSON object")
    if _is_deep(value):
        raise content_error("it is nested too deeply")
    # Two marks are found fifty times as fast as the pattern, and most answers have neither.
    doubtful = (b"\\u" in body or b"\xef\xbf" in body) and _UNSTORABLE.search(body)
    return _storable(value) if doubtful else value


def error_parts(body: bytes) -> tuple[str | None, str, str | None]:
    """Return code, message and request ID from the body of an error; blanks where it has none."""
    try:
        return error_parts_of(json_object(body))
    except TransportError:
        return None, "", None


def error_parts_of(value: dict[str, Any]) -> tuple[str | None, str, str | None]:
    """Return code, message and request ID from the four shapes of error bodies; blanks for anything else."""
    inner = value.get("error")
    for candidate in (value, inner if isinstance(inner, dict) else {}):
        for code_name, message_name in _ERROR_NAMES:
            code, message = candidate.get(code_name), candidate.get(message_name)
            if isinstance(code, (str, int)) and isinstance(message, str):
                request_id = value.get("request_id")
                return str(code), message, request_id if isinstance(request_id, str) else None
    return None, "", None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise content_error("a key occurs twice in one JSON object")
    return found


def _is_deep(value: Any) -> bool:
    """Tell whether the value is nested deeper than an answer can be; Ansible itself would fail on it."""
    level = [value]
    for _depth in range(_DEEPEST):
        level = [
            item
            for node in level
            for item in (node.values() if isinstance(node, dict) else node)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True


def _storable(value: Any) -> Any:
    """Write out what is no character: one is enough for Ansible to refuse a result, or to write no JUnit file at all.

    A lone surrogate has no UTF-8, and U+FFFE and U+FFFF cannot stand in XML, not even escaped.
    """
    if isinstance(value, str):
        value = value.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def _no_constant(_name: str) -> NoReturn:
    raise content_error("it holds a number that is not valid JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _no_constant(text)
    return number
