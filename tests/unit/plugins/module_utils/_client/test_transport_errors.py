# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each exception of the HTTP libraries means: they are told by their names, so any class of that name will do."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.transport_errors import transport_error

PROXY = "the proxy that the environment names cannot be used: check its URL, and install PySocks for a SOCKS proxy"
SILENT = "vpn.example.com does not answer"
LATE = "cannot connect to vpn.example.com in time"
BROKEN = "the connection to vpn.example.com broke"


@pytest.mark.parametrize(
    ("name", "code", "text", "sent"),
    [
        ("InvalidProxyURL", "E_CONFIG", PROXY, True),
        ("InvalidSchema", "E_CONFIG", PROXY, True),
        ("InvalidURL", "E_CONFIG", PROXY, True),
        ("LocationParseError", "E_CONFIG", PROXY, True),
        (
            "SSLError",
            "E_TLS",
            "TLS with vpn.example.com failed: no common TLS version, or the server does not use TLS",
            True,
        ),
        (
            "gaierror",
            "E_DNS",
            "the name vpn.example.com cannot be resolved: check region, endpoint and DNS",
            False,
        ),
        (
            "NewConnectionError",
            "E_CONNECT",
            "cannot connect to vpn.example.com: check endpoint, route and firewall",
            False,
        ),
        ("ConnectTimeout", "E_TIMEOUT", LATE, False),
        ("ConnectTimeoutError", "E_TIMEOUT", LATE, False),
        ("ReadTimeout", "E_TIMEOUT", SILENT, True),
        ("ReadTimeoutError", "E_TIMEOUT", SILENT, True),
        ("TimeoutError", "E_TIMEOUT", SILENT, True),
        ("timeout", "E_TIMEOUT", SILENT, True),
        ("RemoteDisconnected", "E_CONNECT", BROKEN, True),
        ("IncompleteRead", "E_TRUNCATED", "the answer of vpn.example.com was cut off", True),
        ("HTTPException", "E_PROTOCOL", "vpn.example.com sent something that is not HTTP", True),
        ("ConnectionError", "E_CONNECT", BROKEN, True),
        ("Unheard", "E_PROTOCOL", "vpn.example.com sent something that is not HTTP (Unheard)", True),
        (
            "ProxyError",
            "E_PROXY",
            "the proxy p.example.com:3128 for vpn.example.com failed: check that it runs, and the proxy variables",
            True,
        ),
    ],
)
@pytest.mark.parametrize("hidden", ["itself", "cause", "context", "reason", "argument"])
def test_what_it_means_is_told_by_its_name(name, code, text, sent, hidden):
    error = type(name, (Exception,), {})("Authorization: canary")
    if hidden != "itself" and name != "Unheard":
        outer = type("Outer", (Exception,), {})("canary", *([error] if hidden == "argument" else []))
        outer.__cause__ = error if hidden == "cause" else None
        outer.__context__ = error if hidden == "context" else None
        outer.reason = error if hidden == "reason" else "canary"
        error = outer
    told = transport_error(error, "vpn.example.com", "http://user:canary@p.example.com:3128/")
    assert (told.code, str(told), told.sent) == (code, f"{text} [{code}]", sent)


def test_a_proxy_without_a_name_is_that_of_the_environment():
    told = transport_error(type("ProxyError", (Exception,), {})(), "vpn.example.com")
    text = "the proxy of the environment for vpn.example.com failed: check that it runs, and the proxy variables"
    assert (told.code, told.message) == ("E_PROXY", text)


def test_causes_that_lead_back_to_one_another_end():
    error, other = ConnectionError(), ValueError()
    error.args, other.__cause__ = (other,), error
    assert transport_error(error, "vpn.example.com").message == BROKEN
