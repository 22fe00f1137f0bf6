# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of what a task says: nothing is sent, and the line names the option."""

from __future__ import annotations

from typing import Any

from fault_model import GOOD_ANSWER, LINES, PRIMARY, SECRETS, Fault
from fault_server import answer


def option(number: str, what: str, option: str, value: Any, code: str = "E_CONFIG", **more: Any) -> Fault:
    """Return a fault of one option: nothing may be sent, and the line names the option."""
    settings = {"says": (option,), "requests": 0, "options": {option: value}, **more}
    return Fault(number, what, (code,), (), **settings)


def _ids() -> list[Fault]:
    """Return IDs that would lead elsewhere; a lookup takes what is no UUID for a name, and asks for the list."""
    bad = {
        "F002a": ".",
        "F002b": "..",
        "F002c": f"../vpn-connection/{PRIMARY}",
        "F002d": f"{PRIMARY}\\",
        "F003a": "%2e%2e",
        "F003b": f"{PRIMARY[:-3]}%2f",
        "F003c": f"{PRIMARY}%00",
        "F004a": f"{PRIMARY}\n",
        "F004b": f"{PRIMARY}\r\nX-Evil: 1",
        "F004c": "\x00" * 36,
        "F004d": f"\x1b[2J\x9b{PRIMARY}",
        "F005a": f"{PRIMARY}?a=b",
        "F005b": f"{PRIMARY}#a",
        "F005c": f"{PRIMARY};a",
        "F005d": f" {PRIMARY}",
        "F006a": PRIMARY.replace("1", "\uff11"),
        "F006b": f"{PRIMARY}\u200b",
        "F006c": PRIMARY * 9,
        "F006d": "\U0001f512" * 64,
    }
    rows = []
    for number, value in bad.items():
        what = f"connection ID {value[:40]!a}"
        rows.append(option(number, what, "vpn_connection_id", [value], entries=("client", "module")))
        rows.append(
            Fault(
                f"{number}-term",
                f"{what} as the term of a lookup",
                ("E_CONFIG",),
                ([answer('{"vpn_connections": [], "total_count": 0}')],),
                says=("name: ", "there is no VPN connection"),
                options={"vpn_connection_id": [value]},
                entries=("lookup",),
                otherwise="A term that is no ID is a name",
            )
        )
    return rows


def _endpoints() -> list[Fault]:
    bad = (
        *("http://vpn.example.com", "https://user:pass-word-0001@vpn.example.com", "https://vpn.example.com/v5"),
        *("https://vpn.example.com?x=1", "https://vpn.example.com#x", "https://127.1", "https://0x7f.1"),
        *("https://2130706433", "https://vpn.example.com.", "https://vpn.ex\u00e4mple.com", "file:///etc/passwd"),
        *("ftp://vpn.example.com", "https://vpn.example.com\n", "https://vpn.example.com:0", "//vpn.example.com"),
        *("https://\uff56pn.example.com", "https://169.254.169.254", "https://[fe80::1]", "https://0.0.0.0"),
    )
    heading = "No endpoint is guessed to be hostile"
    return [
        option(f"F009{chr(ord('a') + number)}", f"endpoint {value[:40]!a}", "endpoint", value, otherwise=heading)
        for number, value in enumerate(bad)
    ]


def _credentials() -> list[Fault]:
    none = {"access_key": "", "secret_key": ""}
    rows = [
        option("F013a", "no credentials", "access_key", "", "E_CRED", options=none),
        option("F013b", "two kinds of credentials", "auth_token", SECRETS["auth_token"], "E_CRED"),
        option("F013c", "a secret key without an access key", "access_key", "", "E_CRED"),
        option("F013d", "an access key without a secret key", "secret_key", "", "E_CRED"),
        option("F015a", "a secret shorter than 8 characters", "secret_key", "sh0rt!!", "E_CRED"),
    ]
    spoilt = ("{}\n", " {}", "{}\t", "{}\x00", "{}\u0416", "{}\r\nX-Evil: 1")
    for number, form in enumerate(spoilt):
        for name in ("secret_key", "security_token"):
            what = f"{name} written as {form!a}"
            value = form.format(SECRETS[name])
            rows.append(option(f"F014{chr(ord('a') + number)}-{name}", what, name, value, "E_CRED"))
        token = {**none, "auth_token": form.format(SECRETS["auth_token"])}
        number_of_token = f"F014{chr(ord('a') + number)}-auth_token"
        rows.append(option(number_of_token, f"auth_token as {form!a}", "auth_token", "", "E_CRED", options=token))
    return rows


TABLE = [
    option("F001a", "an empty ID", "vpn_connection_id", [""], entries=("client", "module")),
    option("F001b", "no ID in the list", "vpn_connection_id", [], says=("the list is empty",)),
    option("F001c", "a blank ID", "vpn_connection_id", ["  "], entries=("client", "module")),
    option("F001d", "an empty term", "vpn_connection_id", [""], says=("a name is empty",), entries=("lookup",)),
    option("F001e", "a term that is null", "vpn_connection_id", [None], says=("terms",), entries=("lookup",)),
    *_ids(),
    option("F007a", "a project ID with a line break", "project_id", "0a1b2c3d\n"),
    option("F007b", "a project ID with a path", "project_id", "../admin"),
    option("F007c", "a region with a line break", "region", "cn-north-4\n"),
    option("F007d", "a cloud that is no domain", "cloud", "evil.example/x"),
    option("F008a", "neither region nor endpoint", "region", "", options={"region": "", "endpoint": ""}),
    Fault(
        *("F008b", "a region that there is not", ("E_DNS",), (), ("vpn.xx-nowhere-9.myhuaweicloud.com", "region")),
        requests=0,
        options={"region": "xx-nowhere-9", "endpoint": ""},
        otherwise="No list of regions",
    ),
    *_endpoints(),
    Fault("F010", "an endpoint that is an IPv6 address", (), ([GOOD_ANSWER],), server="ipv6", lines=LINES),
    option("F011a", "a moment without an offset", "since", "2026-11-23T10:00:00"),
    option("F011b", "a moment with the name of a zone", "since", "2026-11-23T10:00:00 Europe/Berlin"),
    option("F011c", "an hour that happens twice", "until", "2026-10-25T02:30:00"),
    option(
        *("F012a", "since after until", "since", "2026-11-23T11:00:00Z"),
        options={"since": "2026-11-23T11:00:00Z", "until": "2026-11-23T10:00:00Z"},
        says=("since", "2026-11-23T11:00:00Z", "2026-11-23T10:00:00Z"),
    ),
    Fault(
        *("F012b", "since in the future", ("E_CONFIG",), ([GOOD_ANSWER],), ("since", "2099")),
        options={"since": "2099-01-01T00:00:00Z"},
    ),
    *_credentials(),
    option("F016a", "a timeout of 0", "timeout", 0, says=("timeout", "1 to 3600")),
    option("F016b", "a timeout below 0", "timeout", -5, says=("timeout", "1 to 3600")),
    option("F016c", "a timeout beyond all measure", "timeout", 10**9, says=("timeout", "1 to 3600")),
    option("F016d", "a number of retries below 0", "retries", -1, says=("retries", "0 to 10")),
    option("F016e", "a number of retries beyond all measure", "retries", 1000, says=("retries", "0 to 10")),
    option("F016f", "a limit of 0", "limit", 0, says=("limit", "1 or more")),
    option("F016g", "a concurrency of 0", "concurrency", 0, says=("concurrency", "1 to 32")),
    option("F016h", "a timeout that is no number", "timeout", "NaN", entries=("module", "lookup"), by_core=True),
    Fault(
        *("F017", "requests is not installed", ("E_CONFIG",), (), ("requests", "pip install requests")),
        requests=0,
        env={"TORTURE_HIDE": "requests"},
        entries=("module", "lookup"),
    ),
]
