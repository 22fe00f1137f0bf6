# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When to try again, and after how long; decides, and does nothing itself."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from .._errors import ApiError, VpnError

# Transient by nature: no whole answer came, or the service says "later".
_TRANSPORT = frozenset({"E_CONNECT", "E_DNS", "E_PROTOCOL", "E_PROXY", "E_TIMEOUT", "E_TRUNCATED"})
_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
# VPN codes that mean "busy", whatever HTTP status they come with (VPN API error codes).
_BUSY = frozenset(
    {"VPN.0014", "VPN.0016", "VPN.0017", "VPN.0030", "VPN.0031", "VPN.0306", "VPN.0429", "VPN.0506", "VPN.0507"}
)
# One request too many, which the gateway or the service did not look at (API Gateway and VPN API error codes).
_THROTTLED = frozenset({"APIGW.0308", "VPN.0429"})
_BASE, _THROTTLED_BASE, _CAP = 0.5, 2.0, 8.0  # seconds; the gateway's FAQ advises 2 to 5 s after 429
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


def is_transient(error: VpnError) -> bool:
    """Tell whether the same request may succeed a little later; 401 and 403 never do, and wrong keys lock."""
    if error.status in (401, 403):
        return False
    return error.code in _BUSY or error.status in _STATUS or (error.status is None and error.code in _TRANSPORT)


def may_be_repeated(error: VpnError) -> bool:
    """Tell whether what must not be done twice may be asked for again: it never left, or was turned away unseen."""
    if error.sent:
        return error.status == 429 and error.code in _THROTTLED
    return error.status is None and error.code in _TRANSPORT


def may_have_executed(error: VpnError) -> bool:
    """Tell whether what was asked for may have been done all the same: no answer came, or none that says no."""
    says_no = isinstance(error, ApiError) and 400 <= (error.status or 0) < 500 and error.status != 408
    return error.sent and not says_no


def wait_before(attempt: int, error: VpnError, jitter: Callable[[], float] = random.random) -> float:
    """Return the seconds to wait before the attempt with this number (2 is the first retry)."""
    if error.retry_after:
        return error.retry_after
    base = _THROTTLED_BASE if error.status == 429 else _BASE
    longest = min(_CAP, base * 2.0 ** (attempt - 2))
    return longest / 2 + longest / 2 * jitter()


def read_retry_after(value: str | None, now: float) -> float | None:
    """Read a Retry-After header, seconds or an HTTP date on the service's clock; None where it says nothing usable."""
    if value is None:
        return None
    if _SECONDS.fullmatch(value.strip()):
        return float(value)
    try:
        seconds = parsedate_to_datetime(value).timestamp() - now
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None
