# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which faults are tried again, and after how long: a truth table."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.retry import (
    is_transient,
    read_retry_after,
    wait_before,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, TransportError

NOW = 1_764_000_000.0


# Of each status the codes that come with it; 400 and 409 may mean busy, and whatever the code says, wrong keys lock.
AGAIN = {
    429: "APIGW.0308 VPN.0429",
    500: "VPN.0002 E_SERVER",
    502: "APIGW.0201",
    503: "APIGW.0613",
    504: "VPN.0014",
    408: "E_TIMEOUT",
    425: "VPN.0009",
    400: "VPN.0014 VPN.0030 VPN.0031 VPN.0306 VPN.0429 VPN.0506 VPN.0507",
    409: "VPN.0016 VPN.0017",
    None: "E_CONNECT E_TIMEOUT E_TRUNCATED E_DNS E_PROTOCOL E_PROXY",
}
NOT_AGAIN = {
    400: "VPN.0001 VPN.0304 VPN.0305",
    401: "APIGW.0301 APIGW.0307 VPN.0030",
    403: "VPN.0003 VPN.0014",
    404: "VPN.0004 APIGW.0101",
    501: "E_SERVER",
    505: "E_SERVER",
    409: "E_STATUS",
    302: "E_REDIRECT",
    204: "E_STATUS",
    None: "E_TLS E_CONTENT E_TOO_LARGE E_DEADLINE E_CONFIG",
}


@pytest.mark.parametrize(("table", "again"), [(AGAIN, True), (NOT_AGAIN, False)])
def test_which_faults_are_tried_again(table, again):
    for status, codes in table.items():
        for code in codes.split():
            error = ApiError("x", code=code, status=status) if status else TransportError("x", code=code)
            assert is_transient(error) is again, (status, code)


@pytest.mark.parametrize(
    ("status", "waits"), [(503, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]), (429, [2.0, 4.0, 8.0, 8.0, 8.0, 8.0])]
)
def test_waits_grow_to_a_cap_and_jitter_takes_at_most_half(status, waits):
    error = ApiError("x", code="x", status=status)
    assert [wait_before(attempt, error, lambda: 1.0) for attempt in range(2, 8)] == waits
    assert [wait_before(attempt, error, lambda: 0.0) for attempt in range(2, 8)] == [wait / 2 for wait in waits]


def test_the_service_s_own_wait_wins_unless_it_is_zero():
    assert wait_before(2, ApiError("x", code="x", status=503, retry_after=7.0), lambda: 1.0) == 7.0
    assert wait_before(2, ApiError("x", code="x", status=503, retry_after=0.0), lambda: 1.0) == 0.5


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("3", 3.0),
        (" 3 ", 3.0),
        ("999999999", 999999999.0),
        ("9" * 40, None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("Mon, 24 Nov 2025 16:00:10 GMT", 10.0),
        ("Mon, 24 Nov 2025 16:00:01 GMT", 1.0),
        ("Mon, 24 Nov 2025 16:00:00 GMT", None),
        ("Mon, 24 Nov 2025 15:59:50 GMT", None),
    ],
)
def test_retry_after(header, seconds):
    assert read_retry_after(header, NOW) == seconds
