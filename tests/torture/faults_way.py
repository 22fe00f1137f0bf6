# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on the way to an answer: name resolution, connecting, proxies, TLS."""

from __future__ import annotations

from typing import Any

from fault_model import BODY, GOOD_ANSWER, SECRETS, Fault, html
from fault_server import FOR_EVER, RESET, answer, drip

_PROXIED = {"HTTPS_PROXY": f"http://user:{SECRETS['proxy']}@@PROXY@"}
_TLS = {"endpoint": "https://vpn.torture.test:@PORT@", "ca_path": "@CA@"}


def _host(number: str, what: str, label: str, codes: tuple[str, ...] = (), **more: Any) -> Fault:
    """Return a fault of name resolution."""
    host = f"{label}.torture.test" if label else "vpn.no-such-name.test"
    endpoint = f"https://{host}:@PORT@"
    settings = {"requests": 0 if codes else 1, **more}
    return Fault(number, what, codes, ([GOOD_ANSWER],), options={**_TLS, "endpoint": endpoint}, **settings)


CONNECT = [
    _host("F018", "a name without an address", "", ("E_DNS",)),
    _host("F019", "name resolution fails for the moment", "again", ("E_DNS",)),
    _host("F020", "name resolution stalls", "stall", ("E_DEADLINE",), stalls=True),
    Fault("F021", "nobody listens", ("E_CONNECT",), (), server="closed", requests=0),
    Fault("F022", "nobody answers", ("E_DEADLINE", "E_TIMEOUT"), (), server="hole", requests=0, stalls=True),
    _host("F023", "a name with four dead addresses", "many", ("E_DEADLINE",), server="hole", stalls=True),
    _host("F024a", "IPv6 is dead, IPv4 is alive", "v6dead", server="tls:good"),
    _host("F024b", "IPv4 is dead, IPv6 is alive", "v4dead", server="tls6:good"),
    Fault("F025", "the connection is reset at once", ("E_CONNECT",), ([RESET],), server="greet", retried=True),
    Fault("F026a", "the connection is closed at once", ("E_CONNECT",), ([],), retried=True),
    Fault("F026b", "... and then works", (), ([], [GOOD_ANSWER]), requests=2),
    _host("F027", "the network cannot be reached", "unreachable", ("E_CONNECT",)),
    _host("F128", "a bug, with a secret in its text", "bug", ("E_INTERNAL",)),
]

PROXY = [
    Fault(
        *("F028", "the proxy is not there", ("E_PROXY",)),
        options={"endpoint": "https://vpn.torture.test"},
        server="closed",
        requests=0,
        env={"HTTPS_PROXY": f"http://user:{SECRETS['proxy']}@@ORIGIN@"},
    ),
    *(
        Fault(
            *(f"F0{number}", f"the proxy answers {status}", ("E_PROXY",), ([answer(BODY, status)],)),
            retried=retried,
            server="proxy",
            options={"endpoint": "https://vpn.torture.test"},
            env=_PROXIED,
        )
        for number, status, retried in (
            ("29", "407 Proxy Authentication Required", False),
            ("30a", "502 Bad Gateway", True),
            ("30b", "503 Service Unavailable", True),
            ("30c", "403 Forbidden", False),
        )
    ),
    Fault(
        *("F030d", "the proxy is busy once", (), ([answer(BODY, "503 Busy")], [GOOD_ANSWER])),
        server="proxy:tunnel",
        requests=1,
        options=_TLS,
        env=_PROXIED,
    ),
    *(
        Fault(
            f"F031{letter}",
            f"NO_PROXY={value}",
            (),
            ([GOOD_ANSWER],),
            server="tls:good",
            options=_TLS,
            env={"HTTPS_PROXY": "http://@CLOSED@", "NO_PROXY": value, **more},
        )
        for letter, value, more in (
            ("a", "vpn.torture.test", {}),
            ("b", ".torture.test", {}),
            ("c", "*", {}),
            ("d", "vpn.torture.test", {"https_proxy": "http://@CLOSED@", "no_proxy": "vpn.torture.test"}),
        )
    ),
    Fault(
        *("F031e", "NO_PROXY with another name", ("E_PROXY",)),
        server="tls:good",
        requests=0,
        options=_TLS,
        env={"HTTPS_PROXY": "http://@CLOSED@", "NO_PROXY": "torture.example"},
    ),
    *(
        Fault(
            *(f"F032{letter}", f"a proxy at {value.rpartition('@')[2]}", ("E_CONFIG",)),
            requests=0,
            options={"endpoint": "https://vpn.torture.test"},
            env={name: value},
        )
        for letter, name, value in (
            ("a", "ALL_PROXY", f"socks5://user:{SECRETS['proxy']}@127.0.0.1:1080"),
            ("b", "HTTPS_PROXY", f"http://user:{SECRETS['proxy']}@"),
            ("c", "HTTPS_PROXY", f"gopher://user:{SECRETS['proxy']}@127.0.0.1:70"),
            ("d", "HTTPS_PROXY", "http://[::1"),
        )
    ),
    Fault(
        *("F033", "a portal answers CONNECT with a page", ("E_TLS", "E_PROXY"), ([html()],)),
        server="proxy",
        options={"endpoint": "https://vpn.torture.test"},
        env=_PROXIED,
    ),
]


def _tls(number: str, what: str, kind: str, *says: str, **more: Any) -> Fault:
    settings = {"requests": 0, "server": f"tls:{kind}", "options": _TLS, **more}
    return Fault(number, what, ("E_TLS",), ([GOOD_ANSWER],), says, **settings)


TLS = [
    _tls("F034", "an expired certificate", "expired", "expired"),
    _tls("F035", "a certificate of the future", "future", "not yet valid", "clock"),
    _tls("F036a", "a certificate of another host", "other_name", "mismatch"),
    _tls("F036b", "a name only as common name", "no_san"),
    _tls("F037b", "an unknown authority", "good", "ca_path", options={**_TLS, "ca_path": "@OTHER_CA@"}),
    _tls("F038", "TLS 1.1 at most", "old_tls"),
    Fault(
        "F039a",
        "plain HTTP where TLS is due",
        ("E_TLS",),
        ([GOOD_ANSWER],),
        server="greet",
        options={"endpoint": "https://@ORIGIN@"},
    ),
    Fault(
        "F039b",
        "TLS where plain HTTP is due",
        ("E_TLS", "E_PROTOCOL", "E_CONNECT", "E_DEADLINE"),
        ([GOOD_ANSWER],),
        server="tls:good",
        retried=True,
        requests=0,
        options={"endpoint": "http://127.0.0.1:@PORT@"},
    ),
    Fault(
        "F040a",
        "the handshake stalls",
        ("E_DEADLINE",),
        ([FOR_EVER],),
        server="greet",
        options={"endpoint": "https://@ORIGIN@"},
        stalls=True,
    ),
    Fault(
        "F040b",
        "the handshake drips",
        ("E_DEADLINE",),
        (drip(b"\x16\x03\x03\x02\x00" + b"\x02" * 500),),
        server="greet",
        options={"endpoint": "https://@ORIGIN@"},
        stalls=True,
    ),
    _tls("F041d", "a CA folder without certificates", "good", "ca_path", options={**_TLS, "ca_path": "@TMP@"}),
    Fault(
        "F042",
        "ca_path and a CA variable that disagree",
        (),
        ([GOOD_ANSWER],),
        server="tls:good",
        options=_TLS,
        env={"REQUESTS_CA_BUNDLE": "@OTHER_CA@", "CURL_CA_BUNDLE": "@OTHER_CA@"},
    ),
    _tls(
        "F042b",
        "ca_path, and a CA variable that trusts a stranger",
        "good",
        "ca_path",
        options={**_TLS, "ca_path": "@OTHER_CA@"},
        env={"REQUESTS_CA_BUNDLE": "@CA@", "CURL_CA_BUNDLE": "@CA@"},
    ),
    Fault(
        "F043",
        "a CA variable that leads nowhere",
        ("E_CONFIG",),
        requests=0,
        options={"endpoint": "https://vpn.torture.test"},
        env={"REQUESTS_CA_BUNDLE": "@TMP@/none.pem"},
    ),
    Fault(
        "F044",
        "SSLKEYLOGFILE is set",
        (),
        ([GOOD_ANSWER],),
        server="tls:good",
        options=_TLS,
        env={"SSLKEYLOGFILE": "@TMP@/keys"},
    ),
]

TABLE = [*CONNECT, *PROXY, *TLS]
