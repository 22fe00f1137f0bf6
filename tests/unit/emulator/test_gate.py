# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the emulator lets in; the published signing vectors are the yardstick."""

from __future__ import annotations

import http.client
import json
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

VECTORS = [
    vector
    for vector in json.loads(
        (Path(__file__).resolve().parents[1] / "fixtures" / "sign_vectors.json").read_text(encoding="utf-8")
    )["vectors"]
    if vector["algorithm"] == "SDK-HMAC-SHA256"
]


def send_vector(client: Any, vector: dict[str, Any], signature: str) -> tuple[int, dict[str, Any]]:
    """Send the very request of a vector at the moment it was signed, with this signature."""
    given = vector["input"]
    signed_at = datetime.strptime(given["date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    credential = {"access_key": given["ak"], "secret_key": given["sk"]}
    patch = {"clock_skew": signed_at.timestamp() - time.time(), "credentials": [credential]}
    client.emulator.change(patch)
    wire = http.client.HTTPConnection(urlsplit(client.emulator.url).netloc, timeout=10)
    wire.putrequest(given["method"].upper(), quote(vector["request_uri"], safe="/?=&%:@+~"), skip_host=True)
    body = (given["body"] or "").encode()
    headers = {**given["headers_before_signing"], **vector["sent_headers"], "Authorization": vector["authorization"]}
    for name, value in headers.items():
        wire.putheader(name, value.replace(vector["signature"], signature))
    if body and "Content-Length" not in vector["sent_headers"]:
        wire.putheader("Content-Length", str(len(body)))
    wire.endheaders(body or None)
    response = wire.getresponse()
    return response.status, json.loads(response.read())


class TestSignatures:
    """Who is let in."""

    @pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
    def test_every_published_vector_is_accepted(self, client: Any, vector: dict[str, Any]) -> None:
        """As the official signer made it, whatever the path then answers, and not with another digit."""
        status, body = send_vector(client, vector, vector["signature"])
        assert client.emulator.requests[-1]["authenticated"], body
        assert status != 401
        other = ("0" if vector["signature"][0] != "0" else "1") + vector["signature"][1:]
        status, body = send_vector(client, vector, other)
        assert not client.emulator.requests[-1]["authenticated"]
        if vector["request_uri"].startswith("/v5/0a1b") and not vector["request_uri"].endswith("/"):
            assert (status, body["error_code"]) == (401, "APIGW.0301")
            assert "canonicalRequest:" + vector["canonical_request"].replace("\n", "|") in body["error_msg"]

    def test_a_wrong_secret_key_is_refused(self, client: Any) -> None:
        """The text is the gateway's."""
        client.secret_key = "another"
        answer = client.vpn("/vpn-connection")
        assert (answer.status, answer.body["error_code"]) == (401, "APIGW.0301")
        assert answer.body["error_msg"].startswith(
            "Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:GET|/v5/"
        )
        assert answer.headers["x-request-id"] == answer.body["request_id"]

    def test_a_changed_query_or_body_is_refused(self, client: Any) -> None:
        """The signature covers both."""
        target = f"{client.prefix}/vpn-connection/{client.id_of('branch')}/reset"
        assert client.plain("POST", target, '{"a": 2}', client.signed("POST", target, '{"a": 1}')).status == 401
        headers = client.signed("GET", f"{client.prefix}/vpn-connection?limit=1")
        assert client.plain("GET", f"{client.prefix}/vpn-connection?limit=2", headers=headers).status == 401

    def test_the_order_of_the_query_on_the_wire_does_not_matter(self, client: Any) -> None:
        """The server sorts by decoded name before it compares."""
        headers = client.signed("GET", f"{client.prefix}/vpn-connection?limit=1&vgw_id=none")
        target = f"{client.prefix}/vpn-connection?vgw_id=none&%6Cimit=1"
        assert client.plain("GET", target, headers=headers).status == 200

    def test_an_unknown_access_key_is_refused(self, client: Any) -> None:
        """The gateway says that the key does not exist, without its name."""
        client.access_key = "NOSUCHACCESSKEY"
        assert client.vpn("/vpn-connection").body["error_msg"].endswith("ak:******,err:ak not exist")

    @pytest.mark.parametrize(("offset", "status"), [(-930, 401), (930, 401), (-870, 200), (870, 200)])
    def test_a_signature_holds_for_fifteen_minutes(self, client: Any, offset: float, status: int) -> None:
        """Too old and too new are refused alike."""
        client.date_offset = offset
        answer = client.vpn("/vpn-connection")
        assert answer.status == status
        if status == 401:
            assert answer.body["error_msg"].endswith("calc ak sk signature fail:signature expired")

    def test_more_than_five_failures_lock_the_key(self, client: Any) -> None:
        """The sixth failure locks; then even the right key is refused until the lock runs out."""
        client.emulator.change({"lock_seconds": 1})
        right, client.secret_key = client.secret_key, "another"
        texts = [client.vpn("/vpn-connection").body["error_msg"] for _number in range(6)]
        assert all("verify aksk signature fail" in text for text in texts)
        client.secret_key = right
        assert (
            client.vpn("/vpn-connection").body["error_msg"].endswith("AK access failed to reach the limit,forbidden.")
        )
        time.sleep(1.05)
        assert client.vpn("/vpn-connection").status == 200

    def test_a_success_clears_the_count_of_failures(self, client: Any) -> None:
        """Only consecutive failures count."""
        right = client.secret_key
        for _number in range(2):
            client.secret_key = "another"
            for _number in range(5):
                client.vpn("/vpn-connection")
            client.secret_key = right
            assert client.vpn("/vpn-connection").status == 200

    def test_no_credentials(self, client: Any) -> None:
        """The gateway misses a token."""
        answer = client.plain("GET", f"{client.prefix}/vpn-connection")
        assert (answer.status, answer.body["error_code"]) == (401, "APIGW.0301")
        assert answer.body["error_msg"] == "Incorrect IAM authentication information: x-auth-token not found"

    def test_a_temporary_key_needs_its_token(self, client: Any) -> None:
        """Without the token, or with another, the key does not exist."""
        client.access_key, credential = list(client.emulator.world.credentials.items())[1]
        client.secret_key = credential["secret_key"]
        assert client.vpn("/vpn-connection").status == 401
        assert client.vpn("/vpn-connection", X_Security_Token="another").status == 401
        assert client.vpn("/vpn-connection", X_Security_Token=credential["security_token"]).status == 200


class TestTokens:
    """IAM tokens in place of signatures."""

    @staticmethod
    def ask(client: Any, token: str, project: str | None = None) -> Any:
        """List connections with a token."""
        prefix = f"/v5/{project}" if project else client.prefix
        return client.plain("GET", f"{prefix}/vpn-connection", headers={"X-Auth-Token": token})

    def test_a_known_token_is_let_in(self, client: Any) -> None:
        """The token of the scenario."""
        assert self.ask(client, "emulator-project-token-0001").status == 200

    def test_an_unknown_token_is_not(self, client: Any) -> None:
        """It cannot be decrypted."""
        answer = self.ask(client, "junk")
        assert (answer.status, answer.body["error_msg"].rpartition(": ")[2]) == (401, "decrypt token fail")

    def test_an_expired_token_is_not(self, client: Any) -> None:
        """The gateway says since when."""
        client.emulator.change({"tokens": [{"token": "old", "expired": True}]})
        assert "token expires, expires_at: 20" in self.ask(client, "old").body["error_msg"]

    def test_a_token_is_good_for_its_project_only(self, client: Any) -> None:
        """Another project of the same account is out of reach."""
        other = client.emulator.world.projects[1]["id"]
        assert self.ask(client, "emulator-project-token-0001", other).body["error_code"] == "VPN.0003"
