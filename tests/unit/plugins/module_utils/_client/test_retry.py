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


@pytest.mark.parametrize(
    ("status", "code", "again"),
    [
        (429, "APIGW.0308", True),
        (429, "VPN.0429", True),
        (500, "VPN.0002", True),
        (500, "E_SERVER", True),
        (502, "APIGW.0201", True),
        (503, "APIGW.0613", True),
        (504, "VPN.0014", True),
        (408, "E_TIMEOUT", True),
        (425, "VPN.0009", True),
        (400, "VPN.0014", True),
        (409, "VPN.0016", True),
        (409, "VPN.0017", True),
        (400, "VPN.0030", True),  # system busy
        (400, "VPN.0031", True),
        (400, "VPN.0306", True),  # connection is being updated
        (400, "VPN.0429", True),  # too many requests, under another status
        (400, "VPN.0506", True),  # gateway is being created
        (400, "VPN.0507", True),
        (400, "VPN.0001", False),
        (400, "VPN.0304", False),
        (400, "VPN.0305", False),
        (401, "APIGW.0301", False),
        (401, "APIGW.0307", False),
        (401, "VPN.0030", False),  # whatever the code says: wrong keys lock
        (403, "VPN.0003", False),
        (403, "VPN.0014", False),
        (404, "VPN.0004", False),
        (404, "APIGW.0101", False),
        (501, "E_SERVER", False),
        (505, "E_SERVER", False),
        (409, "E_STATUS", False),
        (302, "E_REDIRECT", False),
        (204, "E_STATUS", False),
    ],
)
def test_answers(status, code, again):
    assert is_transient(ApiError("x", code=code, status=status)) is again


@pytest.mark.parametrize(
    ("code", "again"),
    [
        ("E_CONNECT", True),
        ("E_TIMEOUT", True),
        ("E_TRUNCATED", True),
        ("E_DNS", True),
        ("E_PROTOCOL", True),
        ("E_PROXY", True),
        ("E_TLS", False),
        ("E_CONTENT", False),
        ("E_TOO_LARGE", False),
        ("E_DEADLINE", False),
        ("E_CONFIG", False),
    ],
)
def test_failures_without_an_answer(code, again):
    assert is_transient(TransportError("x", code=code)) is again


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
