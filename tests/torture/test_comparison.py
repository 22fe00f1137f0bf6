# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same bad answers through plain requests, through the official SDK, and through this collection."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import faults_answer
import faults_text
import oracles
import pytest
import requests
from fault_model import ACCESS_KEY, PRIMARY, PROJECT, SECRETS, Fault
from fault_server import FaultServer
from pki import Authority
from rig import Stage, environment, play

CORPUS = [fault for fault in (*faults_answer.TABLE, *faults_text.TABLE) if fault.codes and fault.server == "http"]
PATIENCE = 3.0
OUTCOMES = ACCEPTED, ENDLESS, REFUSED = "accepted silently", "never ends (cut at 3 s)", "refused"


def plain_requests(server: FaultServer) -> Any:
    """What people write who have no client."""
    url = f"{server.url}/v5/{PROJECT}/vpn-connection/{PRIMARY}/log"
    response = requests.get(url, headers={"X-Auth-Token": SECRETS["auth_token"]}, timeout=(2, 2))
    response.raise_for_status()
    return response.json().get("logs", [])


def official_sdk() -> Callable[[FaultServer], Any]:
    """Return a call of the SDK, with a time limit for each read, and otherwise as it comes."""
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", home)  # to be imported is enough for the SDK to write a file there
        credentials = pytest.importorskip("huaweicloudsdkcore.auth.credentials")
        config = pytest.importorskip("huaweicloudsdkcore.http.http_config")
        vpn = pytest.importorskip("huaweicloudsdkvpn.v5")

    def call(server: FaultServer) -> Any:
        settings = config.HttpConfig.get_default_config()
        settings.timeout = (2, 2)
        basic = credentials.BasicCredentials(ACCESS_KEY, SECRETS["secret_key"], PROJECT)
        builder = vpn.VpnClient.new_builder().with_http_config(settings).with_credentials(basic)
        client = builder.with_endpoint(server.url).build()
        return client.show_vpn_connection_log(vpn.ShowVpnConnectionLogRequest(PRIMARY)).logs

    return call


def outcome_of(call: Callable[[FaultServer], Any], server: FaultServer) -> str:
    """Return what becomes of one bad answer."""
    result = [ENDLESS]

    def run() -> None:
        try:
            call(server)
        except Exception:
            result[0] = REFUSED
        else:
            result[0] = ACCEPTED

    thread = threading.Thread(target=run, daemon=True)
    began = time.monotonic()
    thread.start()
    thread.join(PATIENCE)
    assert time.monotonic() - began < PATIENCE + 1
    return result[0]


def test_comparison(whole: bool, authority: Authority, folder: Path, say: Callable[[str], None]) -> None:
    """Of all bad answers this collection accepts none, and comes to an end with each."""
    assert len(CORPUS) >= 120
    corpus = CORPUS if whole else [fault for fault in CORPUS if not fault.stalls][::3]
    clients: dict[str, Callable[[FaultServer], Any]] = {
        "requests": plain_requests,
        "official SDK": official_sdk(),
    }
    totals: Counter[tuple[str, str]] = Counter()
    ours: dict[str, str] = {}

    def compare(fault: Fault) -> None:
        stage = Stage(fault, authority, folder, retries=0)
        try:
            for name, client in clients.items():
                totals[name, outcome_of(client, stage.server)] += 1
            outcome = play({**stage.options, "timeout": 2})
            ours[fault.id] = ACCEPTED if outcome.accepted else ENDLESS if outcome.elapsed > PATIENCE else REFUSED
        finally:
            stage.close()

    with environment({}), ThreadPoolExecutor(8) as pool:
        list(pool.map(compare, corpus))
    totals.update(("this collection", outcome) for outcome in ours.values())
    oracles.tally("accepted", totals["this collection", ACCEPTED], len(corpus))
    oracles.tally("hangs", totals["this collection", ENDLESS], len(corpus))
    say(f"{f'the same {len(corpus)} bad answers':<22}" + "".join(f"{outcome:>26}" for outcome in OUTCOMES))
    for name in (*clients, "this collection"):
        say(f"{name:<22}" + "".join(f"{totals[name, outcome]:>26}" for outcome in OUTCOMES))
    assert {number for number, outcome in ours.items() if outcome != REFUSED} == set()
    # That others fall for them shows that these answers are worth the name.
    assert totals["requests", ACCEPTED] > len(corpus) // 5
    assert totals["official SDK", ACCEPTED] > len(corpus) // 5
    assert totals["requests", ENDLESS] > 0 or not whole
