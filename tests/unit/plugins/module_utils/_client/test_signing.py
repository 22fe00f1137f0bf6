# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures: the published vectors, and the official SDK's signer as second opinion on random requests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.session import SignedAuth
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.signing import (
    ALGORITHM,
    authorization,
    canonical_query,
    canonical_request,
)
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from hypothesis import given, settings
from hypothesis import strategies as st

VECTORS = json.loads((Path(__file__).parents[3] / "fixtures" / "sign_vectors.json").read_text("utf-8"))["vectors"]
USABLE = [vector for vector in VECTORS if vector["algorithm"] == ALGORITHM]

text = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12)
value = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
plain = st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789+/=", min_size=8, max_size=40)


@pytest.mark.parametrize("vector", USABLE, ids=lambda vector: vector["name"])
def test_reproduces_vector(vector):
    given_ = vector["input"]
    body = (given_["body"] or "").encode()
    url = f"{given_['scheme']}://{given_['host']}{vector['request_uri']}"
    sent = {name.lower(): text for name, text in vector["sent_headers"].items()}
    sent.setdefault("host", given_["host"])
    headers = {name: sent[name] for name in vector["signed_headers"]}

    request, names = canonical_request(given_["method"], url, headers, body)
    header = authorization(given_["method"], url, headers, body, access_key=given_["ak"], secret_key=given_["sk"])

    assert request == vector["canonical_request"]
    assert names.split(";") == vector["signed_headers"]
    assert header == vector["authorization"]


@settings(max_examples=3000, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    # The official signer takes a percent sign for the begin of an escape; no path of ours has one.
    segments=st.lists(text.filter(lambda item: item not in (".", "..") and "%" not in item), min_size=1, max_size=4),
    query=st.lists(st.tuples(text, value), max_size=4, unique_by=lambda pair: pair[0]),
    body=st.one_of(st.just(""), value),
    access_key=plain,
    secret_key=plain,
    token=st.one_of(st.none(), plain),
)
def test_agrees_with_the_official_signer(method, segments, query, body, access_key, secret_key, token):
    path = "/" + "/".join(segments)
    headers = {"Content-Type": "application/json", "X-Sdk-Date": "20250102T030405Z", "X-Project-Id": "p" * 32}
    if token:
        headers["X-Security-Token"] = token
    theirs = SdkRequest(
        method=method,
        schema="https",
        host="vpn.example.com",
        resource_path=path,
        query_params=query,
        header_params=dict(headers),
        body=body,
    )
    credentials = BasicCredentials(access_key, secret_key, "p" * 32)
    signed = Signer(credentials).sign(theirs)

    encoded = "/".join(quote(part, safe="~") for part in path.split("/"))
    url = f"https://vpn.example.com{encoded}" + (f"?{canonical_query(query)}" if query else "")
    ours = authorization(
        method,
        url,
        {"Host": "vpn.example.com", **headers},
        body.encode(),
        access_key=access_key,
        secret_key=secret_key,
    )

    assert ours == signed.header_params["Authorization"]
    if query:
        assert signed.uri.endswith(f"?{canonical_query(query)}")


def test_auth_signs_each_attempt_with_the_date_of_its_moment(monkeypatch):
    module = "ansible_collections.huaweicloud.vpn.plugins.module_utils._client.session.time.gmtime"
    prepared = []
    for second in (0, 1):
        monkeypatch.setattr(module, lambda second=second: (2026, 11, 24, 1, 2, second, 1, 1, 0))
        auth = SignedAuth("AKIDEXAMPLE", "secret-key-of-a-test", "token-of-a-test")
        prepared.append(requests.Request("GET", "https://vpn.example.com:8443/v5/p/x?b=2&a=1", auth=auth).prepare())

    first, second = (request.headers for request in prepared)
    assert first["Host"] == "vpn.example.com:8443"
    assert "SignedHeaders=host;x-sdk-date;x-security-token" in first["Authorization"]
    assert (first["X-Sdk-Date"], second["X-Sdk-Date"]) == ("20261124T010200Z", "20261124T010201Z")
    assert first["Authorization"] != second["Authorization"]


def test_without_a_body_an_empty_one_is_signed():
    url, headers = "https://vpn.example.com/x", {"X-Sdk-Date": "20251124T160000Z", "Host": "vpn.example.com"}
    keys = {"access_key": "key", "secret_key": "secret"}
    assert canonical_request("GET", url, headers)[0].endswith(hashlib.sha256(b"").hexdigest())
    assert authorization("GET", url, headers, **keys) == authorization("GET", url, headers, b"", **keys)
