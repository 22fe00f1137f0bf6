# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One exchange done right: what goes over a real socket, what is accepted, what is tried again, and how it is told."""

from __future__ import annotations

import dataclasses
import gzip
import importlib.util
import logging
import os
import sys
import time
from contextlib import nullcontext
from email.utils import formatdate
from types import SimpleNamespace

import certifi
import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import session
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.api import VpnApi
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.concurrency import Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.session import Session
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, OptionError, VpnError
from urllib3.response import HTTPResponse

PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
PRIMARY = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
GOOD = '{"logs": [], "request_id": "inner"}'


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Retries in these tests do not wait; how long they would is tested with retry and concurrency."""
    utils = "ansible_collections.huaweicloud.vpn.plugins.module_utils"
    monkeypatch.setattr(f"{utils}._client.session.wait_before", lambda *_: 0.0)
    monkeypatch.setattr(f"{utils}._client.concurrency._GAP", 0.001)


@pytest.fixture
def get(connect):
    """Get something from a server, with these options."""

    def run(server, path="/x", **options):
        return Session(connect(server.url, **{"timeout": 5, **options})).get(server.url, path)

    return run


def error_of(call, *args, **options):
    with pytest.raises(VpnError) as caught:
        call(*args, **options)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 400
    return caught.value


def test_the_emulator_accepts_our_signature_and_keeps_one_connection(emulator, connect):
    connection = connect(emulator.url)
    api = VpnApi(Session(connection), connection)
    for _round in range(3):
        assert len(api.log(PRIMARY).body["logs"]) == 3
    iam, *vpn = emulator.requests
    assert iam["path"] == "/v3/projects?name=cn-north-4"
    assert {request["path"] for request in vpn} == {f"/v5/{PROJECT}/vpn-connection/{PRIMARY}/log"}
    assert {request["status"] for request in emulator.requests} == {200}
    assert len({request["connection"] for request in emulator.requests}) == 1
    assert vpn[0]["headers"]["x-project-id"] == PROJECT
    assert vpn[0]["headers"]["user-agent"] == "ansible-collection-huaweicloud.vpn"
    assert vpn[0]["headers"]["x-language"] == "en-us"
    assert vpn[0]["headers"]["accept-encoding"] == "identity"


def test_a_token_stands_for_a_signature(emulator, connect):
    token = next(iter(emulator.world.tokens))
    connection = connect(emulator.url, access_key=None, secret_key=None, auth_token=token)
    assert VpnApi(Session(connection), connection).log(PRIMARY).body["logs"]
    assert {request["headers"].get("authorization") for request in emulator.requests} == {None}


def test_a_wrong_secret_key_costs_one_request(emulator, connect):
    connection = connect(emulator.url, secret_key="canary-secret-key", project_id=PROJECT)
    session = Session(connection)
    api = VpnApi(session, connection)
    errors = [error_of(api.log, PRIMARY) for _round in range(10)]
    assert len(emulator.requests) == 1
    assert "secret_key" in str(errors[0])
    assert "canary" not in str(errors[0])
    assert (errors[0].status, errors[0].code) == (401, "APIGW.0301")
    assert str(errors[9]) == str(errors[0])


def test_a_clock_that_is_off_is_named(emulator_module, connect):
    with emulator_module.Emulator({"clock_skew": 1200}) as emulator:
        connection = connect(emulator.url, project_id=PROJECT)
        error = error_of(VpnApi(Session(connection), connection).log, PRIMARY)
    assert "this machine's clock is 1" in str(error)
    assert "s behind" in str(error)
    assert "set the clock" in str(error)


@pytest.mark.parametrize(
    ("skew", "clock", "hint"),
    [
        (0.0, "", False),
        (60.0, "", False),
        (61.0, "; this machine's clock is 61 s ahead", False),
        (-61.0, "; this machine's clock is 61 s behind", False),
        (900.0, "; this machine's clock is 900 s ahead", False),
        (901.0, "; this machine's clock is 901 s ahead", True),
        (-901.0, "; this machine's clock is 901 s behind", True),
    ],
)
def test_a_refusal_names_a_clock_that_may_be_its_cause(connect, skew, clock, hint):
    error = Session(connect("https://vpn.example.com"))._service_error(401, "APIGW.0301", "verify fail", None, skew)
    assert error.message == f"the service refused the credentials{clock}"
    assert ("set the clock" in str(error)) == hint


def test_each_attempt_is_signed_anew(emulator, connect, monkeypatch):
    now, moments = time.time(), iter(range(100))
    real = time.gmtime
    monkeypatch.setattr(
        "ansible_collections.huaweicloud.vpn.plugins.module_utils._client.session.time.gmtime",
        lambda: real(now - next(moments)),
    )
    emulator.change({"faults": [{"path": "/log$", "status": 503, "code": "APIGW.0613", "times": 2}]})
    connection = connect(emulator.url, project_id=PROJECT)
    VpnApi(Session(connection), connection).log(PRIMARY)
    assert [request["status"] for request in emulator.requests] == [503, 503, 200]
    assert len({request["headers"]["authorization"] for request in emulator.requests}) == 3
    assert len({request["sdk_date"] for request in emulator.requests}) == 3


def test_transient_faults_are_tried_again(serve, get, answer):
    server = serve(
        answer('{"error_code": "VPN.0030", "error_msg": "busy"}', "400 Bad Request"),
        answer("<html>", "502 Bad Gateway", "Content-Type: text/html"),
        None,
        answer(GOOD),
    )
    assert get(server).body["logs"] == []
    assert len(server.requests) == 4


def test_a_wait_that_does_not_fit_ends_at_once(serve, get, answer, monkeypatch):
    monkeypatch.undo()
    server = serve(answer("{}", "429 Too Many Requests", "Retry-After: 999999999"))
    error = error_of(get, server)
    assert error.status == 429
    assert "it asks to wait 999999999 s" in str(error)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found", "400 Bad Request", "501 No"])
def test_what_will_not_change_is_not_tried_again(serve, get, answer, status):
    server = serve(answer('{"error_code": "VPN.0030", "error_msg": "x"}' if status[0:3] == "401" else "{}", status))
    error_of(get, server)
    assert len(server.requests) == 1


def test_a_refusal_whose_body_is_cut_is_still_a_refusal(serve, get, answer):
    server = serve(answer("{", "401 Unauthorized", length="Content-Length: 500"))
    assert error_of(get, server).code == "E_AUTH"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_redirects_are_not_followed(serve, get, answer, status):
    other = serve(answer(GOOD))
    server = serve(answer("", f"{status} Moved", f"Location: {other.url}/x?token=1"))
    error = error_of(get, server)
    assert (error.code, error.status) == ("E_REDIRECT", status)
    assert "127.0.0.1" in str(error)
    assert "token" not in str(error)
    assert other.requests == []
    assert len(server.requests) == 1


def answer(*args, **kwargs):
    """Note how to make an answer with the fixture of the same name, which there is only inside a test."""
    return args, kwargs


CHUNKED = "Transfer-Encoding: chunked"
# By the code that is told of them.
BAD = {
    "E_CONTENT": {
        "empty": answer(""),
        "html": answer("<html></html>", "200 OK", "Content-Type: text/html"),
        "json as text": answer(GOOD, "200 OK", "Content-Type: text/plain"),
        "list": answer("[]"),
        "duplicate": answer('{"logs": [{"time": 1, "raw_message": "fails"}], "logs": []}'),
        "not utf-8": answer(b'{"logs": "\xff"}'),
        "gzip": answer(gzip.compress(GOOD.encode()), "200 OK", "Content-Encoding: gzip"),
        "cached": answer(GOOD, "200 OK", "Age: 10800"),
        "deep": answer('{"logs": ' + "[" * 40 + "]" * 40 + "}"),
        "no date": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    },
    "E_TRUNCATED": {
        "too short": answer(GOOD, length="Content-Length: 500"),
        "no length": answer(GOOD, length=""),
    },
    "E_PROTOCOL": {
        "two lengths": answer(GOOD, length="Content-Length: 5\r\nContent-Length: 6"),
        "negative length": answer(GOOD, length="Content-Length: -1"),
        "length and chunked": answer("2\r\n{}\r\n0\r\n\r\n", "200 OK", CHUNKED, length="Content-Length: 12"),
        "not http": b"SSH-2.0-OpenSSH_9.2\r\n",
        "a long header": answer(GOOD, "200 OK", "X: " + "a" * 70_000),
    },
    "E_TRUNCATED E_PROTOCOL": {
        "no last chunk": answer("2\r\n{}\r\n", "200 OK", CHUNKED, length=""),
        "bad chunk": answer("zz\r\n{}\r\n0\r\n\r\n", "200 OK", CHUNKED, length=""),
        "cut in headers": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: x",
    },
    "E_STATUS": {
        "204": answer("", "204 No Content", length=""),
        "206": answer(GOOD, "206 Partial Content"),
        "304": answer("", "304 Not Modified", length=""),
    },
    "E_SERVER": {"999": answer(GOOD, "999 What")},
    "E_CONNECT": {"nothing": b"", "reset": None},
}


@pytest.mark.parametrize(("codes", "name"), [(codes, name) for codes, answers in BAD.items() for name in answers])
def test_bad_answers_are_never_accepted(serve, get, answer, codes, name):
    script = BAD[codes][name]
    server = serve(answer(*script[0], **script[1]) if isinstance(script, tuple) else script)
    error = error_of(get, server, retries=0)
    assert error.code in codes.split()
    assert "html" not in str(error)


def test_good_answers_are_accepted(serve, get, answer):
    chunked = answer("23\r\n" + GOOD + "\r\n0\r\n\r\n", "200 OK", "Transfer-Encoding: chunked", length="")
    assert len(GOOD) == 0x23
    for script in (
        answer(GOOD),
        answer(GOOD, "200 OK", "Content-Encoding: "),
        answer(GOOD, "200 OK", "Age: 0"),
        chunked,
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer(GOOD),
    ):
        assert get(serve(script)).request_id == "inner"


def test_a_bomb_is_not_inflated_and_a_flood_is_cut(serve, get, answer, monkeypatch):
    bomb = answer(gzip.compress(b"0" * 2**24), "200 OK", "Content-Encoding: gzip")
    assert error_of(get, serve(bomb)).code == "E_CONTENT"
    monkeypatch.setattr("ansible_collections.huaweicloud.vpn.plugins.module_utils._client.session._LARGEST", 1000)
    assert error_of(get, serve(answer("x" * 2000))).code == "E_TOO_LARGE"


def test_the_bounds_are_those_that_the_decisions_name():
    assert (session._CONNECT, session._READ) == (10, 30)
    assert (session._LARGEST, session._LARGEST_ERROR) == (4 * 2**20, 64 * 2**10)


def test_an_answer_of_just_the_size_that_is_allowed_is_read(serve, get, answer, monkeypatch):
    monkeypatch.setattr("ansible_collections.huaweicloud.vpn.plugins.module_utils._client.session._LARGEST", len(GOOD))
    assert get(serve(answer(GOOD))).body["logs"] == []


def test_an_answer_that_does_not_end_is_cut_at_the_deadline(connect):
    session = Session(connect("https://vpn.example.com"))
    session.deadline = Deadline(0)
    drips = SimpleNamespace(raw=SimpleNamespace(read=lambda _size, decode_content: b"x"))
    assert str(error_of(list, session._chunks(drips, 1000))).startswith("timeout: reading the answer took longer")


def test_an_answer_that_does_not_say_what_it_is_is_refused(serve, get):
    head = f"HTTP/1.1 200 OK\r\nDate: {formatdate(usegmt=True)}\r\nContent-Length: {len(GOOD)}\r\n\r\n"
    error = error_of(get, serve((head + GOOD).encode()))
    assert "it is not JSON: is this the endpoint of the service, or a proxy's page?" in str(error)


@pytest.mark.parametrize(("header", "shown"), [("X-Request-Id: outer", "outer"), ("X: y", "inner")])
def test_an_error_that_comes_as_a_good_answer_names_its_request(serve, get, answer, header, shown):
    body = '{"error_code": "VPN.0001", "error_msg": "no", "request_id": "inner"}'
    assert error_of(get, serve(answer(body, "200 OK", header))).request_id == shown


def test_a_silent_server_ends_at_the_deadline(serve, get, answer):
    error = error_of(get, serve([2, answer(GOOD)]), timeout=1)
    assert str(error) == "timeout: waiting for an answer took longer than 1 s [E_DEADLINE]"


def test_nothing_is_sent_when_the_time_is_over(serve, connect, answer):
    server = serve(answer(GOOD))
    session = Session(connect(server.url, timeout=5))
    session.deadline = Deadline(0)
    assert str(error_of(session.get, server.url, "/x")) == "timeout: the request took longer than 0 s [E_DEADLINE]"
    assert server.requests == []


def test_the_time_that_finding_the_keys_took_is_spent(connect):
    connection = dataclasses.replace(connect("https://vpn.example.com", timeout=9), spent=4.0)
    assert 3 < Session(connection).deadline.left() <= 5


def test_a_temporary_key_goes_with_its_token(serve, connect, answer):
    server = serve(answer(GOOD))
    Session(connect(server.url, security_token="a-token-of-a-temporary-key")).get(server.url, "/x")
    assert b"\r\nX-Security-Token: a-token-of-a-temporary-key\r\n" in server.requests[0]
    assert b"x-security-token" in server.requests[0].partition(b"SignedHeaders=")[2].partition(b",")[0]


def test_a_post_says_what_it_would_hold(serve, connect, answer):
    server = serve(answer(GOOD, "201 Created"))
    assert Session(connect(server.url)).post(server.url, "/x", {"X-Project-Id": PROJECT}).body["logs"] == []
    head = server.requests[0]
    assert head.startswith(b"POST /x HTTP/1.1\r\n")
    assert b"\r\nContent-Type: application/json\r\n" in head
    assert b"content-type;" in head.partition(b"SignedHeaders=")[2]
    assert PROJECT.encode() in head


def test_a_post_is_not_repeated_when_it_may_have_been_done(serve, connect, answer):
    server = serve(answer('{"error_code": "VPN.0001", "error_msg": "no"}', "503 Busy"))
    error_of(Session(connect(server.url, retries=3)).post, server.url, "/x", {})
    assert len(server.requests) == 1
    server = serve(answer('{"error_code": "APIGW.0308", "error_msg": "no"}', "429 Too Many Requests"))
    error_of(Session(connect(server.url, retries=3)).post, server.url, "/x", {})
    assert len(server.requests) == 4


def test_there_are_as_many_connections_as_are_used_side_by_side(connect):
    session = Session(connect("https://vpn.example.com"), 23)
    for url in ("https://vpn.example.com", "http://127.0.0.1"):
        adapter = session._http.get_adapter(url)
        assert (adapter._pool_maxsize, adapter.max_retries.total) == (23, 0)


@pytest.mark.parametrize(
    ("status", "known"), [(200, True), (400, True), (403, True), (404, True), (401, False), (500, False)]
)
def test_who_asks_is_accepted_when_only_what_is_asked_is_refused(serve, connect, answer, status, known):
    server = serve(answer(GOOD if status == 200 else '{"error_code": "VPN.0001", "error_msg": "no"}', f"{status} No"))
    session = Session(connect(server.url, retries=0))
    assert session._accepted is False
    with nullcontext() if status == 200 else pytest.raises(ApiError):
        session.get(server.url, "/x")
    assert session._accepted is known


@pytest.mark.parametrize(("status", "slowed"), [(429, True), (503, False)])
def test_each_wait_is_longer_and_only_too_many_requests_slow_all_down(
    serve, connect, answer, monkeypatch, status, slowed
):
    utils, asked, pauses = "ansible_collections.huaweicloud.vpn.plugins.module_utils", [], []
    monkeypatch.setattr(
        f"{utils}._client.session.wait_before", lambda number, error: asked.append((number, error.status)) or 0.001
    )
    server = serve(answer('{"error_code": "X.1", "error_msg": "no"}', f"{status} No"))
    session = Session(connect(server.url, retries=2))
    learnt = []
    monkeypatch.setattr(session._pace, "pause", pauses.append)
    monkeypatch.setattr(session._pace, "learn", lambda _sent, *, refused: learnt.append(refused))
    assert isinstance(error_of(session.get, server.url, "/x"), ApiError)
    assert asked == [(2, status), (3, status), (4, status)]
    assert pauses == ([0.001, 0.001] if slowed else [])
    assert learnt == [slowed] * 3


def test_nothing_is_sent_to_a_server_that_is_not_there(get, serve):
    server = serve(b"")
    server.close()
    error = error_of(get, server, retries=0)
    assert error.code == "E_CONNECT"
    assert server.url[7:] in str(error)


def test_cookies_are_not_kept(serve, connect, answer):
    server = serve(answer(GOOD, "200 OK", "Set-Cookie: a=b; Path=/"))
    session = Session(connect(server.url))
    session.get(server.url, "/a")
    session.get(server.url, "/b")
    assert b"ookie" not in server.requests[1]


def test_netrc_and_proxies_do_not_touch_loopback(serve, get, answer, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password canary\ndefault login mallory password canary\n")
    proxy = serve(answer(GOOD))
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    server = serve(answer(GOOD))
    get(server)
    assert b"SDK-HMAC-SHA256 Access=EMULATORACCESSKEY001" in server.requests[0]
    assert b"Basic" not in server.requests[0]
    assert proxy.requests == []


@pytest.mark.parametrize(
    ("status", "says", "attempts"),
    [
        ("407 Who", "check user and password", 1),
        ("403 No", "check what it allows", 1),
        ("503 Busy", "check what it allows", 3),
    ],
)
def test_what_a_proxy_answers_is_told_and_only_tried_again_where_that_helps(
    serve, connect, answer, monkeypatch, status, says, attempts
):
    proxy = serve(answer("<html>", status))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//user:can@ary@"))
    url = "https://vpn.cn-north-4.myhuaweicloud.com"
    error = error_of(Session(connect(url, retries=2, timeout=5)).get, url, "/x")
    assert (error.code, error.status) == ("E_PROXY", int(status[:3]))
    assert f"the proxy {proxy.url[7:]} refused the connection" in str(error)
    assert says in str(error)
    assert "ary" not in str(error)
    assert len(proxy.requests) == attempts
    assert proxy.requests[0].startswith(b"CONNECT vpn.cn-north-4.myhuaweicloud.com:443")
    assert b"SDK-HMAC" not in proxy.requests[0]


def test_a_redirect_is_judged_without_its_body(serve, get, answer, monkeypatch):
    bomb = gzip.compress(b"0" * 2**20)
    for location in ("/elsewhere", "https://[::1"):
        server = serve(answer(bomb, "302 Go", f"Location: {location}", "Content-Encoding: gzip"))
        monkeypatch.setattr("requests.Response.content", property(lambda _self: pytest.fail("the body was read")))
        assert error_of(get, server).code == "E_REDIRECT"
        assert len(server.requests) == 1


def test_header_lines_that_cannot_be_read_stay_out_of_the_log(serve, get, answer, caplog):
    server = serve(answer(GOOD, length="canary: \x1b[2J\r\nContent Length 35"))
    assert error_of(get, server, retries=0).code == "E_TRUNCATED"
    assert [record for record in caplog.records if record.name.startswith("urllib3") and record.levelno > 20] == []
    assert logging.getLogger().level == logging.WARNING  # others may log as before


def test_a_cut_answer_is_found_by_us_where_the_library_does_not_count(serve, get, answer, monkeypatch):
    """urllib3 1.26 hands on what came."""
    made = HTTPResponse.__init__
    uncounted = {"enforce_content_length": False}
    monkeypatch.setattr(HTTPResponse, "__init__", lambda self, *args, **named: made(self, *args, **named | uncounted))
    error = error_of(get, serve(answer(GOOD, length="Content-Length: 500")), retries=0)
    assert str(error) == f"the answer was cut: {len(GOOD)} of 500 bytes came [E_TRUNCATED]"


def test_plain_http_behind_https_is_a_tls_error(serve, connect):
    server = serve(b"HTTP/1.1 200 OK\r\n\r\n")
    url = server.url.replace("http:", "https:")
    error = error_of(Session(connect(url, retries=0, timeout=3)).get, url, "/x")
    assert error.code in ("E_TLS", "E_DEADLINE", "E_TIMEOUT", "E_CONNECT")


@pytest.mark.parametrize("name", ["ca_path", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_ca_file_that_is_none_is_named(connect, serve, tmp_path, monkeypatch, name):
    path = tmp_path / "ca.pem"
    options = {}
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    if name == "ca_path":
        options["ca_path"] = str(path)
    else:
        monkeypatch.setenv(name, str(path))
    url = serve(b"").url.replace("http:", "https:")
    error = error_of(Session, connect(url, **options))
    path.write_text("not a certificate")
    later = error_of(Session(connect(url, **options)).get, url, "/")
    assert isinstance(error, OptionError)
    assert str(error) == str(later)
    assert str(error).startswith(f"{name}: ")


def test_ca_path_wins_over_the_variables(connect, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    Session(connect("https://vpn.example.com", ca_path=certifi.where()))
    Session(connect("https://vpn.example.com", ca_path=os.path.dirname(certifi.where())))
    Session(connect("https://vpn.example.com", validate_certs=False))


def test_the_missing_library_is_named(connect, monkeypatch):
    monkeypatch.setattr("ansible_collections.huaweicloud.vpn.plugins.module_utils._client.session.requests", None)
    error = error_of(Session, connect("https://vpn.example.com"))
    assert str(error) == ("requests: the Python library is missing on this host: pip install requests [E_CONFIG]")


def test_without_the_library_it_can_be_imported(monkeypatch):
    monkeypatch.setitem(sys.modules, "requests", None)
    spec = importlib.util.find_spec(Session.__module__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.requests is None


@pytest.mark.parametrize("path", ["/v5/p/../x", "/v5/p/%2e%2e/x", "/v5/p/a b", "/v5/p/x#y"])
def test_an_address_that_would_be_rewritten_is_not_sent(serve, get, answer, path):
    server = serve(answer(GOOD))
    error = error_of(get, server, path)
    assert str(error) == "endpoint: the URL of the request would be changed before it is sent [E_CONFIG]"
    assert server.requests == []


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_secrets_that_the_service_quotes_are_taken_out_before_anything_is_cut(serve, get, answer, status):
    secret = "canary" * 60
    body = f'{{"error_code": "{secret}", "error_msg": "key {secret} x", "request_id": "{secret}"}}'
    error = error_of(get, serve(answer(body, status, f"X-Request-Id: {secret}")), secret_key=secret)
    assert "canary" not in str(error)
    assert "********" in str(error)


@pytest.mark.parametrize(
    "proxy", ["ftp://127.0.0.1:1", "http://:pw@", "http://[::1", "http://127.0.0.1:0", "http://x:y"]
)
def test_an_address_that_is_no_proxy_is_named(connect, monkeypatch, proxy):
    url = "https://vpn.cn-north-4.myhuaweicloud.com"
    for name in ("HTTPS_PROXY", "ALL_PROXY"):
        with monkeypatch.context() as environment:
            environment.setenv(name, proxy)
            error = error_of(Session(connect(url, retries=0, timeout=5)).get, url, "/x")
        assert str(error).startswith(f"{name}: ")
    assert "pw" not in str(error)


def test_the_service_s_words_are_passed_on_without_control_characters_and_secrets(serve, get, answer):
    secret = "emulator-secret-key-of-no-real-account-0001"
    text = f"\\u001b[2Jbad {secret} \\u202e" + "x" * 500
    server = serve(
        answer(f'{{"error_code": "VPN.0001", "error_msg": "{text}", "request_id": "r1"}}', "400 Bad Request")
    )
    error = error_of(get, server)
    assert (error.code, error.status, error.request_id) == ("VPN.0001", 400, "r1")
    assert "\\x1b[2Jbad ********" in str(error)
    assert secret not in str(error)
