# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict reading: what is not whole and unambiguous is refused."""

from __future__ import annotations

import contextlib
import json

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.response import (
    declared_length,
    error_parts,
    json_object,
    request_id_of,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import TransportError
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"1",
        b"<html></html>",
        b'{"logs": []',
        b'{"logs": []} {"logs": []}',
        b'{"logs": [{"a": 1}], "logs": []}',
        b'{"x": {"a": 1, "a": 2}}',
        b'{"x": NaN}',
        b'{"x": Infinity}',
        b'{"x": 1e999}',
        b'{"x": ' + b"9" * 5000 + b"}",
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'\xef\xbb\xbf{"logs": []}',
        '{"logs": []}'.encode("utf-16"),
        b'{"x": "\xff"}',
    ],
    ids=lambda body: ascii(body[:24]),
)
def test_refuses(body):
    with pytest.raises(TransportError) as caught:
        json_object(body)
    assert caught.value.code == "E_CONTENT"
    assert str(caught.value).isprintable()


# All but those that are written out.
CHARACTERS = st.characters(blacklist_categories=("Cs",), blacklist_characters="\ufffe\uffff")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(CHARACTERS),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(CHARACTERS, max_size=5), children, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.text(CHARACTERS, max_size=5),
        json_values,
        max_size=4,
    )
)
def test_reads_what_json_reads(value):
    assert json_object(json.dumps(value).encode()) == json.loads(json.dumps(value))


@pytest.mark.parametrize("form", ['"x\\ufffey"', '"x\\uFFFEy"', '"x\ufffey"'])
def test_what_no_xml_can_hold_is_written_out(form):
    """One of these in a result, and ansible-core's JUnit callback writes no file."""
    assert json_object(f'{{"a": [{form}, "\ufffd"]}}'.encode()) == {"a": ["x\\ufffey", "\ufffd"]}


def test_a_lone_surrogate_is_written_out_and_a_pair_is_a_character():
    body = b'{"a": ["x\\ud800y", "\\ud83d\\ude00", "\\uDFFF"]}'
    assert json_object(body) == {"a": ["x\\ud800y", "\U0001f600", "\\udfff"]}


def test_nesting_has_a_limit():
    assert json_object(b'{"x": ' + b"[" * 30 + b"]" * 30 + b"}")
    assert json_object(b'{"x": ' + b"[" * 31 + b"]" * 31 + b"}")
    with pytest.raises(TransportError, match="nested"):
        json_object(b'{"x": ' + b"[" * 32 + b"]" * 32 + b"}")


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body):
    with contextlib.suppress(TransportError):
        assert isinstance(json_object(body), dict)


@pytest.mark.parametrize(
    ("content_length", "transfer_encoding", "expected"),
    [
        (["5"], [], 5),
        (["5", "5"], [], 5),
        ([" 5 "], [], 5),
        ([], ["chunked"], None),
        ([], ["Chunked"], None),
    ],
)
def test_proven_lengths(content_length, transfer_encoding, expected):
    assert declared_length(content_length, transfer_encoding) == expected


@pytest.mark.parametrize(
    ("content_length", "transfer_encoding", "code"),
    [
        ([], [], "E_TRUNCATED"),
        (["5", "6"], [], "E_PROTOCOL"),
        (["5, 6"], [], "E_PROTOCOL"),
        (["-5"], [], "E_PROTOCOL"),
        (["five"], [], "E_PROTOCOL"),
        (["1" * 16], [], "E_PROTOCOL"),
        (["\u0665"], [], "E_PROTOCOL"),
        ([""], [], "E_PROTOCOL"),
        (["5"], ["chunked"], "E_PROTOCOL"),
        ([], ["gzip, chunked"], "E_PROTOCOL"),
        ([], ["chunked", "chunked"], "E_PROTOCOL"),
    ],
)
def test_lengths_that_prove_nothing(content_length, transfer_encoding, code):
    with pytest.raises(TransportError) as caught:
        declared_length(content_length, transfer_encoding)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error_code": "VPN.0001", "error_msg": "bad", "request_id": "r1"}, ("VPN.0001", "bad", "r1")),
        ({"errorCode": "VPN.0001", "errorMsg": "bad"}, ("VPN.0001", "bad", None)),
        ({"code": "VPN.0001", "message": "bad"}, ("VPN.0001", "bad", None)),
        ({"error": {"message": "no", "code": 401, "title": "Unauthorized"}}, ("401", "no", None)),
        ({"error": "x"}, (None, "", None)),
        ({"error_code": None, "error_msg": "bad"}, (None, "", None)),
        ({}, (None, "", None)),
        ([], (None, "", None)),
    ],
)
def test_error_bodies(body, expected):
    assert error_parts(json.dumps(body).encode()) == expected


def test_an_id_that_is_no_text_is_none():
    assert error_parts(b'{"error_code": "X.1", "error_msg": "no", "request_id": 7}') == ("X.1", "no", None)


def test_what_is_no_object_is_told():
    with pytest.raises(TransportError) as error:
        json_object(b"[]")
    assert str(error.value) == "the answer cannot be used: it is not a JSON object [E_CONTENT]"


def test_the_request_has_an_id_by_either_header():
    assert request_id_of({"X-Request-Id": "vpn", "X-IAM-Trace-Id": "iam"}) == "vpn"
    assert request_id_of({"X-IAM-Trace-Id": "iam"}) == "iam"
    assert request_id_of({"X-Request-Id": ""}) is None
