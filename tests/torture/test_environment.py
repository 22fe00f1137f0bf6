# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hostile environment changes nothing of what is sent, except where the documentation says so."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import child
from fault_model import GOOD_ANSWER
from fault_server import FaultServer, ProxyServer
from pki import Authority
from rig import environment, play, task

NETRC = "machine 127.0.0.1 login mallory password evil\ndefault login mallory password evil\n"
FAST = ("netrc in HOME", "HTTPS_PROXY", "C locale", "another authority")


def environments(folder: Path, proxy: str, other_ca: str) -> dict[str, dict[str, str]]:
    """Return the settings, by what they are."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    for name in (".netrc", "_netrc"):
        (home / name).write_text(NETRC)
    (home / ".huaweicloud").mkdir(exist_ok=True)
    (home / ".huaweicloud" / "credentials").write_text("[basic]\nak = MALLORYSACCESSKEY01\nsk = mallorys-key\n")
    (home / ".hcloud").mkdir(exist_ok=True)
    profile = {"name": "m", "mode": "AKSK", "accessKeyId": "MALLORYSACCESSKEY01", "secretAccessKey": "mallorys-key"}
    configuration = home / ".hcloud" / "config.json"
    configuration.write_text(json.dumps({"current": "m", "profiles": [profile]}))
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), proxy)
    return {
        "netrc in HOME": {"HOME": str(home)},
        "NETRC": {"NETRC": str(home / ".netrc")},
        "HOME that is not there": {"HOME": str(folder / "nowhere")},
        "credentials of the SDK": {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(home / ".huaweicloud" / "credentials")},
        "configuration of KooCLI": {"HW_SHARED_CONFIG_FILE": str(configuration), "HW_PROFILE": "m", "HOME": str(home)},
        "keys of another account": {"HW_ACCESS_KEY": "MALLORYSACCESSKEY01", "HW_SECRET_KEY": "mallorys-secret-key"},
        "keys of the SDK": {"HUAWEICLOUD_SDK_AK": "MALLORYSACCESSKEY01", "HUAWEICLOUD_SDK_SK": "mallorys-secret-key"},
        "a token beside the keys": {"HUAWEICLOUD_SDK_PROJECT_ID": "ffffffffffffffffffffffffffffffff"},
        "endpoints elsewhere": {
            "HUAWEICLOUD_VPN_ENDPOINT": "https://evil.example",
            "HW_AUTH_URL": "https://evil.example",
        },
        "another region": {"HW_REGION_NAME": "eu-west-101", "HW_CLOUD": "evil.example"},
        "HTTP_PROXY and ALL_PROXY": proxies,
        "HTTPS_PROXY": {"HTTPS_PROXY": proxy},
        "https_proxy": {"https_proxy": proxy},
        "HTTPS_PROXY and NO_PROXY": {"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "torture.test"},
        "another authority": {"REQUESTS_CA_BUNDLE": other_ca, "CURL_CA_BUNDLE": other_ca},
        "no authority": {"REQUESTS_CA_BUNDLE": str(folder / "none.pem"), "CURL_CA_BUNDLE": ""},
        "SSL_CERT_FILE": {"SSL_CERT_FILE": other_ca, "SSL_CERT_DIR": str(folder)},
        "key log": {"SSLKEYLOGFILE": str(folder / "keys")},
        "C locale": {"LANG": "C", "LC_ALL": "C"},
        "another locale": {"LANG": "de_DE.ISO-8859-1", "LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr"},
        "no UTF-8": {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"},
        "far east": {"TZ": "Pacific/Kiritimati"},
        "a zone with half hours": {"TZ": "Australia/Lord_Howe"},
        "a zone that is none": {"TZ": "../../etc/passwd"},
    }


class Wire:
    """A plain and a TLS server, and the proxy on the way to the second; what they see of each environment."""

    def __init__(self, authority: Authority) -> None:
        self.plain = FaultServer([GOOD_ANSWER])
        self.tls = FaultServer([GOOD_ANSWER], tls=authority.context())
        self.proxy = ProxyServer(target=("127.0.0.1", self.tls.port))
        endpoint = f"https://vpn.torture.test:{self.tls.port}"
        self.tasks = [time.time(), task(self.plain.url, ca_path=authority.ca), task(endpoint, ca_path=authority.ca)]

    def seen(self, env: dict[str, str]) -> tuple[list[bytes], list[bytes]]:
        """Return what came in plain text, and what came through TLS."""
        outcomes = child.run(self.tasks, env)
        for outcome in outcomes:
            assert outcome["accepted"], outcome["line"]
        got = list(self.plain.requests), list(self.tls.requests)
        self.plain.requests.clear()
        self.tls.requests.clear()
        return got

    def close(self) -> None:
        """Stop."""
        for server in (self.plain, self.tls, self.proxy):
            server.close()


def test_environments(whole: bool, authority: Authority, tmp_path: Path) -> None:
    """Byte for byte the same requests, the clock standing still."""
    wire = Wire(authority)
    try:
        clean = wire.seen({})
        assert [len(requests) for requests in clean] == [1, 1]
        assert b"SDK-HMAC-SHA256" in clean[0][0]
        settings = environments(tmp_path, wire.proxy.url, authority.other_ca)
        for name, env in settings.items():
            if whole or name in FAST:
                wire.proxy.requests.clear()
                assert wire.seen(env) == clean, name
                proxied = "ALL_PROXY" in env or wire.proxy.url in (env.get("HTTPS_PROXY"), env.get("https_proxy"))
                assert len(wire.proxy.requests) == proxied, name
    finally:
        wire.close()


def test_credentials_are_never_found_by_chance(tmp_path: Path, resolver: Any) -> None:
    """No file, no netrc and no metadata service is asked for what the task does not name."""
    with FaultServer([GOOD_ANSWER]) as sink:
        resolver.SINK = sink.port
        for name, env in environments(tmp_path, sink.url, str(tmp_path)).items():
            if "HW_ACCESS_KEY" not in env and "HUAWEICLOUD_SDK_AK" not in env:
                with environment(env):
                    outcome = play(task("https://vpn.evil.example", access_key=None, secret_key=None))
                assert outcome.code == "E_CRED", name
        assert sink.connections == 0
