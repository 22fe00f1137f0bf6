# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator as a server: HTTP, faults, the control API and the command line."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

EMULATOR = Path(__file__).resolve().parents[2] / "integration" / "targets" / "setup_emulator" / "files" / "emulator.py"
TWO = {"connections": [{"name": "one"}, {"name": "two", "logs": [{"fails": "flow mismatch"}]}]}


class TestHttp:
    """What every answer has in common, faults, and the request log."""

    @pytest.mark.parametrize("target", ["/", "/v5", "/v4/x", "/v3/nothing"])
    def test_unknown_paths(self, client: Any, target: str) -> None:
        """The gateway knows no such API."""
        answer = client.call("GET", target)
        assert (answer.status, answer.body["error_code"]) == (404, "APIGW.0101")

    def test_a_wrong_method_is_an_unknown_api(self, client: Any) -> None:
        """That is how the gateway documents it."""
        answer = client.vpn("/vpn-connection", "DELETE")
        assert (answer.status, answer.body["error_code"]) == (404, "APIGW.0101")

    def test_a_foreign_project(self, client: Any) -> None:
        """Is forbidden in the path, and the header must agree with the path."""
        assert client.call("GET", f"/v5/{'f' * 32}/vpn-connection").status == 403
        assert client.vpn("/vpn-connection", X_Project_Id="f" * 32).status == 403

    def test_headers(self, client: Any) -> None:
        """Those of the gateway."""
        headers = client.vpn("/vpn-connection").headers
        assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])
        assert headers["server"] == "api-gateway"
        assert headers["content-type"] == "application/json"

    def test_the_clock_of_the_cloud(self, emulate: Any) -> None:
        """One clock for the Date header, the log and the signature check."""
        client = emulate({**TWO, "clock_skew": 3600})
        answer = client.vpn(f"/vpn-connection/{client.id_of('two')}/log")
        assert answer.status == 200
        assert parsedate_to_datetime(answer.headers["date"]).timestamp() == pytest.approx(time.time() + 3600, abs=3)
        assert answer.body["logs"][0]["time"] == pytest.approx(time.time() + 3600, abs=3)
        client.date_offset = -3600
        assert client.vpn("/vpn-connection").status == 401

    def test_a_fault_strikes_as_often_as_told(self, client: Any) -> None:
        """Then the answer is the true one again; other paths are left alone."""
        fault = {"path": "/log$", "status": 429, "times": 2, "skip": 1, "headers": {"Retry-After": "1"}}
        client.emulator.change({"faults": [fault]})
        target = f"/vpn-connection/{client.id_of('branch')}/log"
        answers = [client.vpn(target) for _number in range(4)]
        assert [answer.status for answer in answers] == [200, 429, 429, 200]
        assert client.vpn("/vpn-connection").status == 200
        assert (answers[1].body["error_code"], answers[1].headers["retry-after"]) == ("APIGW.0308", "1")

    def test_faults_of_the_wire(self, client: Any) -> None:
        """Cut, closed, reset, raw, other bodies and types."""
        faults = [
            {"cut": 10},
            {"close": True},
            {"close": "reset"},
            {"raw": "junk"},
            {"status": 200, "body": "<html>", "headers": {"Content-Type": "text/html", "Server": None}},
            {"status": 204, "body": ""},
        ]
        client.emulator.change({"faults": faults})
        with pytest.raises(http.client.IncompleteRead):
            client.vpn("/vpn-connection")
        client.wire.close()
        with pytest.raises(http.client.RemoteDisconnected):
            client.vpn("/vpn-connection")
        client.wire.close()
        with pytest.raises(ConnectionResetError) as caught:
            client.vpn("/vpn-connection")
        assert not isinstance(caught.value, http.client.RemoteDisconnected)
        client.wire.close()
        with pytest.raises(http.client.BadStatusLine):
            client.vpn("/vpn-connection")
        client.wire.close()
        html = client.vpn("/vpn-connection")
        assert (html.status, html.body, html.headers["content-type"]) == (200, b"<html>", "text/html")
        assert "server" not in html.headers
        assert client.vpn("/vpn-connection").status == 204

    def test_delay_and_latency(self, emulate: Any) -> None:
        """Answers can be made to wait."""
        client = emulate({"faults": [{"delay": "200ms"}]}, latency=20)
        started = time.monotonic()
        assert client.vpn("/vpn-connection").status == 200
        between = time.monotonic()
        client.vpn("/vpn-connection")
        assert between - started >= 0.2
        assert time.monotonic() - between >= 0.02

    def test_the_request_log(self, client: Any) -> None:
        """Says what came, what it got, and over which connection."""
        client.vpn("/vpn-connection?limit=1")
        client.vpn("/vpn-connection?limit=1")
        client.wire.close()
        client.vpn("/vpn-connection", X_Language="en-us")
        first, kept_alive, second = client.emulator.requests
        assert first["method"] == "GET"
        assert first["path"] == f"{client.prefix}/vpn-connection?limit=1"
        assert (first["status"], first["access_key"]) == (200, client.access_key)
        assert first["connection"] == kept_alive["connection"] != second["connection"]
        assert second["headers"]["x-language"] == "en-us"
        assert re.fullmatch(r"\d{8}T\d{6}Z", second["sdk_date"])

    def test_loopback_only(self, client: Any) -> None:
        """A server on every address would answer on this neighbour, too."""
        if not sys.platform.startswith("linux"):
            pytest.skip("only Linux has all of 127.0.0.0/8 on the loopback interface")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", urlsplit(client.emulator.url).port), timeout=5)

    def test_mistakes_in_a_scenario_are_told(self, emulator_module: Any) -> None:
        """A misspelt key would otherwise be a test that tests nothing."""
        for scenario in (
            {"gate_ways": []},
            {"connections": [{"name": "a", "pear_address": "198.51.100.1"}]},
            {"connections": [{"name": "a", "logs": [{"fail": "flow mismatch"}]}]},
            {"connections": [{"name": "a", "logs": [{"ago": "soon", "established": True}]}]},
            {"connections": [{"name": "a", "gateway": "none"}]},
            {"faults": [{"time": 2}]},
            "no-such-scenario",
        ):
            with pytest.raises(ValueError):
                emulator_module.Emulator(scenario)


class TestControl:
    """The control API."""

    def test_change_world_requests_reset(self, client: Any) -> None:
        """Without any signature."""
        assert client.plain("POST", "/emulator/change", '{"name": "wrong_psk"}').status == 200
        patch = {"patch": {"connections": {"branch": {"status": "ERROR"}}}}
        assert client.plain("POST", "/emulator/change", json.dumps(patch)).status == 200
        world = client.plain("GET", "/emulator/world").body
        assert {one["name"]: one["status"] for one in world["connections"]} == {
            "hq-primary": "DOWN",
            "hq-secondary": "ACTIVE",
            "branch": "ERROR",
        }
        assert "recover" in world["changes"]
        client.vpn("/vpn-connection")
        assert [one["status"] for one in client.plain("GET", "/emulator/requests").body] == [200]
        assert client.plain("DELETE", "/emulator/requests").status == 200
        assert client.plain("GET", "/emulator/requests").body == []
        assert client.plain("POST", "/emulator/reset").status == 200
        assert {one.public["status"] for one in client.emulator.world.connections.values()} == {"ACTIVE"}

    @pytest.mark.parametrize("body", ['{"name": "none"}', '{"patch": {"x": 1}}', "{", "{}", '{"patch": 1}'])
    def test_mistakes(self, client: Any, body: str) -> None:
        """Are told, with what is known."""
        answer = client.plain("POST", "/emulator/change", body)
        assert answer.status == 400
        assert answer.body["error"]
        assert client.plain("GET", "/emulator/nothing").status == 404


def test_command_line(tmp_path: Path) -> None:
    """The URL comes first, the ready file is whole, SIGTERM ends it with 0."""
    ready = tmp_path / "ready.json"
    command = [sys.executable, str(EMULATOR), "--scenario", "default", "--ready-file", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            introduction = [process.stdout.readline() for _number in range(7)]
            deadline = time.monotonic() + 10
            while not ready.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            told = json.loads(ready.read_text(encoding="utf-8"))
            assert (told["url"], told["pid"], told["environment"]["HW_REGION_NAME"]) == (url, process.pid, "cn-north-4")
            exports = next(line for line in introduction if line.startswith("export "))
            for name in ("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_REGION_NAME", "HUAWEICLOUD_VPN_ENDPOINT", "HW_AUTH_URL"):
                assert f"{name}=" in exports
            assert any("hq-primary  98c5af8a-1111-4222-8333-ae2280a6f4c3" in line for line in introduction)
            with urllib.request.urlopen(f"{url}/emulator/world", timeout=10) as response:
                assert json.load(response)["region"] == "cn-north-4"
            with socket.create_connection(("127.0.0.1", urlsplit(url).port)):
                # An idle connection does not keep the server alive.
                os.kill(process.pid, signal.SIGTERM)
                assert process.wait(10) == 0
        finally:
            process.kill()


def test_command_line_says_what_is_wrong() -> None:
    """An unknown scenario is named together with those that exist."""
    command = [sys.executable, str(EMULATOR), "--scenario", "nothing"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "default, ha_pairs, many, old_gateway" in done.stderr


def test_command_line_says_what_to_do_where_the_port_is_in_use() -> None:
    """As when another one still runs in another terminal."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, str(EMULATOR), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert f"emulator: port {port} is in use: give another one" in done.stderr
