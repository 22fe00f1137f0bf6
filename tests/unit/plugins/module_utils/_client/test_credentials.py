# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys from files and from the metadata service: only where an option names them, and never shown."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import credentials, settings
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.credentials import (
    koocli_profile,
    sdk_profile,
    security_key,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.settings import (
    ENVIRONMENT,
    SECRETS,
    SOURCES,
    Connection,
    connection_spec,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import OptionError, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.logs import gather
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import Query, Selection, query_spec
from hypothesis import assume, example, given
from hypothesis import strategies as st

PROJECT, OTHER_PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "ffffffffffffffffffffffffffffffff"
KEYS = {"access_key": "CANARYACCESSKEY0001", "secret_key": "canary-secret-key"}
TEMPORARY = {**KEYS, "security_token": "canary-security-token"}
PLACE = {"region": "cn-north-4", "project_id": PROJECT}
IAM = {"iam_endpoint": "https://iam.example.com/v3"}
NOW = 1_800_000_000.0

SDK = f"""
[global]
ak = CANARYGLOBALKEY0001
sk = canary-global-key
domain_id = 123
[basic]
ak = {KEYS["access_key"]}
sk: {KEYS["secret_key"]}
project_id={PROJECT}
iam_endpoint = https://iam.example.com/v3
[temporary]
AK = {KEYS["access_key"]}
sk = {KEYS["secret_key"]}
security_token = {TEMPORARY["security_token"]}
"""


def named(**keys):
    return {
        {"access_key": "accessKeyId", "secret_key": "secretAccessKey", "security_token": "securityToken"}[name]: value
        for name, value in keys.items()
    }


KOOCLI = {
    "current": "work",
    "language": "en",
    "profiles": [
        {"name": "home", "mode": "AKSK", **named(**TEMPORARY), "region": ""},
        {"name": "work", "mode": "AKSK", **named(**KEYS), "region": "cn-north-4", "projectId": PROJECT},
        {"name": "sso", "mode": "SSO", "ssoAuth": {"stsToken": named(**TEMPORARY)}, "region": "cn-north-4"},
        {"name": "old", **named(**KEYS), "securityToken": "", "agencyName": None},
        {"name": "agency", "mode": "agency", **named(**KEYS), "agencyName": "canary-agency"},
        {"name": "assumes", "mode": "AKSK", **named(**KEYS), "agencyName": "canary-agency"},
        {"name": "ecs", "mode": "ecsAgency", "region": "cn-north-4"},
        {"name": "half", "mode": "AKSK", "accessKeyId": KEYS["access_key"]},
        {"name": "half-sso", "mode": "SSO", "ssoAuth": {"stsToken": named(**KEYS)}},
        {"name": "no-sso", "mode": "SSO", **named(**KEYS), "ssoAuth": "canary"},
        {"name": "twice", "mode": "AKSK", **named(**KEYS)},
        {"name": "twice", "mode": "AKSK", **named(**KEYS)},
        {"name": "typed", "mode": "AKSK", **named(access_key=["canary"], secret_key=7)},
        {"name": "blank", "mode": "AKSK", **named(access_key=KEYS["access_key"], secret_key="canary secret-key")},
        {"name": "place", "mode": "AKSK", **named(**KEYS), "region": "canary/evil"},
        {"name": "mode", "mode": ["canary"], **named(**KEYS)},
    ],
}
METADATA = {
    "credential": {
        "access": KEYS["access_key"],
        "secret": KEYS["secret_key"],
        "securitytoken": TEMPORARY["security_token"],
        "expires_at": "2027-01-15T08:00:01.5Z",
    }
}


def koocli(profile=None, **members):
    return koocli_profile(json.dumps({**KOOCLI, **members}).encode(), profile, settings._is_fit)


def sdk(text, profile=None):
    return sdk_profile(text if isinstance(text, bytes) else text.encode(), profile, settings._is_fit)


def key_of(now=NOW, **members):
    body = {"credential": {**METADATA["credential"], **members}}
    return security_key(body, settings._is_fit, now)


def read_key(content):
    return security_key(credentials._json(content), settings._is_fit, NOW)


def refused(read, *arguments, **named):
    """Return what is said of something that cannot be used."""
    with pytest.raises(VpnError) as caught:
        read(*arguments, **named)
    message = str(caught.value)
    assert message.isprintable()
    assert "canary" not in message.lower()
    return message


# What is read.


def test_profiles_of_the_sdk():
    assert sdk(SDK) == {**KEYS, "project_id": PROJECT, **IAM}
    assert sdk(SDK, "temporary") == TEMPORARY
    assert sdk(SDK, "global") == {"access_key": "CANARYGLOBALKEY0001", "secret_key": "canary-global-key"}
    assert sdk(SDK.replace("\n", "\r\n")) == sdk(SDK)
    assert sdk(SDK.replace("canary-secret", "canary%%secret"))["secret_key"] == "canary%secret-key"
    assert sdk("[DEFAULT]\nsk = canary-secret-key\n[basic]\nak = CANARYACCESSKEY0001\n") == KEYS


@pytest.mark.parametrize(
    "text", [SDK, SDK.replace("canary-secret", "canary%%secret"), "[DEFAULT]\nsk=k12345678\n[basic]\nak=k12345678\n"]
)
def test_the_official_sdk_reads_the_same(text, tmp_path, monkeypatch):
    provider = pytest.importorskip("huaweicloudsdkcore.auth.provider")
    path = tmp_path / "credentials"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", str(path))
    theirs = provider.ProfileCredentialProvider("basic").get_credentials()
    ours = sdk(text)
    assert (theirs.ak, theirs.sk) == (ours["access_key"], ours["secret_key"])
    assert (theirs.project_id, theirs.iam_endpoint) == (ours.get("project_id"), ours.get("iam_endpoint"))


def test_profiles_of_koocli():
    assert koocli() == {**KEYS, **PLACE}
    assert koocli("home") == TEMPORARY
    assert koocli("sso") == {**TEMPORARY, "region": "cn-north-4"}
    assert koocli("old") == KEYS
    assert koocli(current="home") == TEMPORARY


def test_keys_of_the_metadata_service():
    assert key_of() == TEMPORARY
    assert key_of(expires_at="2027-01-15T08:00:01Z") == TEMPORARY
    assert key_of(expires_at="2027-01-15T10:00:01+02:00") == TEMPORARY


# What is refused.


@pytest.mark.parametrize(
    ("text", "profile", "says"),
    [
        ("", None, "'basic'"),
        ("", None, "one of: none"),
        (SDK, "prod", "'prod': set profile to one of: global, basic, temporary"),
        (SDK, "DEFAULT", "'DEFAULT'"),
        ("ak = canary-key\n", None, "INI file"),
        ("[basic]\nak = canary\nak = canary\n", None, "INI file"),
        ("[basic]\ncanary\n", None, "INI file"),
        ("[basic]\nak = canary\n[basic]\n", None, "INI file"),
        (b"[basic]\nak = \xff\xfe", None, "INI file"),
        ("[basic]\nak = CANARYACCESSKEY0001\n", None, "sk of profile 'basic' is missing"),
        ("[basic]\nak = CANARYACCESSKEY0001\nsk =\n", None, "sk of profile 'basic' is missing"),
        (SDK.replace("canary-secret", "canary%secret"), None, "write %% for a % in sk"),
        (SDK.replace("canary-secret", "canary%(ak)s"), None, "write %% for a % in sk"),
        (SDK.replace("canary-secret", "canary secret"), None, "sk of profile 'basic' is not a valid"),
        (SDK.replace("canary-secret-key", "canary ; my key"), None, "sk of profile"),
        (SDK.replace("canary-secret-key", "canary\n  key"), None, "sk of profile"),
        (SDK.replace(PROJECT, "../canary"), None, "project_id of profile"),
        (SDK.replace("https://iam", "http://canary"), None, "iam_endpoint of profile"),
        (f"{SDK}idp_id = canary\nid_token_file = /canary\n", "temporary", "identity provider"),
    ],
)
def test_files_that_are_no_file_of_the_sdk(text, profile, says):
    assert says in refused(sdk, text, profile)


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        ("none", "one profile 'none': set profile to one of: home, work, sso"),
        ("twice", "one profile 'twice'"),
        ("agency", "an agency or a mode other than AKSK or SSO"),
        ("assumes", "an agency or a mode other than AKSK or SSO"),
        ("ecs", "a mode other than"),
        ("mode", "a mode other than"),
        ("half", "secretAccessKey of profile 'half' is missing"),
        ("half-sso", "securityToken of profile 'half-sso' is missing"),
        ("no-sso", "accessKeyId of profile 'no-sso' is missing"),
        ("typed", "accessKeyId of profile 'typed' is not a valid access_key"),
        ("blank", "secretAccessKey of profile 'blank' is not a valid secret_key"),
        ("place", "region of profile 'place' is not a valid region"),
    ],
)
def test_profiles_of_koocli_that_cannot_be_used(profile, says):
    assert says in refused(koocli, profile)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "JSON"),
        (b"[]", "JSON"),
        (b'{"canary": 1, "canary": 2}', "JSON"),
        (b"{}", "list of profiles"),
        (b'{"profiles": ["canary"]}', "list of profiles"),
        (b'{"profiles": []}', "a current profile: set profile to one of: none"),
        (b'{"profiles": [{"name": null}, {"name": "a"}], "current": null}', "one of: a"),
        (b'{"profiles": [{"name": ["canary"]}], "current": ["canary"]}', "a current profile"),
        (json.dumps({"profiles": [{"name": f"p{n}"} for n in range(30)]}).encode(), "p19 and 10 more"),
        ('{"profiles": [{"name": "\u202e\\u001b[2J"}]}'.encode(), "\\u202e\\x1b[2J"),
    ],
)
def test_files_that_are_no_file_of_koocli(content, says):
    assert says in refused(koocli_profile, content, None, settings._is_fit)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"expires_at": "2027-01-15T08:00:00Z"}, "expired"),
        ({"expires_at": None}, "without an expiry time"),
        ({"expires_at": "tomorrow"}, "without an expiry time"),
        ({"securitytoken": ""}, "securitytoken of credential is missing"),
        ({"access": None}, "access of credential is missing"),
        ({"secret": ["canary"]}, "secret of credential is not a valid"),
        ({"secret": "canary\nkey12"}, "secret of credential is not a valid"),
    ],
)
def test_keys_that_cannot_be_used(members, says):
    assert says in refused(key_of, **members)


@pytest.mark.parametrize("content", [b"", b"null", b"{}", b'{"credential": []}', b"<html>canary</html>", b"\xff"])
def test_answers_without_a_key(content):
    refused(read_key, content)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.sampled_from(["work", "AKSK", "SSO"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("profiles", "current", "name", "mode", "ssoAuth", "stsToken", "region", "credential"),
                    *("accessKeyId", "secretAccessKey", "access", "secret", "securitytoken", "expires_at"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
INI = st.lists(st.sampled_from(["[basic]", "[", "]", "ak", "sk", "=", ":", "%", "%%", "%(", "\n", "\r", " ", "x" * 8]))
CONTENT = (
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    | INI.map(lambda parts: "".join(parts).encode())
    | JSON.map(lambda value: json.dumps(value).encode())
)


@given(CONTENT, st.none() | st.sampled_from(["basic", "work", "\ud800", ""]))
@example(b"[basic]\n\x00 = %\n", None)
@example(b"[" * 10_000, None)
def test_garbage_is_refused_in_our_words_or_read(content, profile):
    for read in (
        lambda: sdk_profile(content, profile, settings._is_fit),
        lambda: koocli_profile(content, profile, settings._is_fit),
        lambda: read_key(content),
    ):
        try:
            found = read()
        except VpnError as error:
            assert str(error).isprintable()
            continue
        assert {"access_key", "secret_key"} <= set(found)
        assert all(settings._is_fit(option, text) for option, text in found.items())


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60))
def test_no_error_shows_what_a_file_holds(secret):
    assume(secret not in "access_key secret_key")  # our own words
    said = []
    texts = (f"[basic]\nsk = {secret} x\nak = 1", f"[basic]\n{secret}", f"{secret}\n[basic]", f"[basic\n{secret}")
    for content in (*texts, json.dumps({"profiles": [{"name": "a", "accessKeyId": secret, "mode": secret}]}), secret):
        for read in (sdk_profile, koocli_profile):
            with pytest.raises(VpnError) as caught:
                read(content.encode(), "a" if read is koocli_profile else None, settings._is_fit)
            said.append(str(caught.value))
    assert not [text for text in said if secret in text]


# Files.


@pytest.fixture
def connect():
    """Make a connection from these options alone."""

    def run(**options):
        values = {name: entry.get("default") for name, entry in connection_spec().items()}
        values.update(options)
        return Connection.from_options(values.get)

    return run


@pytest.fixture
def files(tmp_path):
    """A file of each kind."""
    (tmp_path / "credentials").write_text(SDK, encoding="utf-8")
    (tmp_path / "config.json").write_text(json.dumps(KOOCLI), encoding="utf-8")
    return {"credentials_file": str(tmp_path / "credentials"), "shared_config_file": str(tmp_path / "config.json")}


def test_keys_and_place_from_files(connect, files):
    by_sdk = connect(credentials_file=files["credentials_file"], region="cn-east-3")
    assert (by_sdk.access_key, by_sdk.secret_key) == tuple(KEYS.values())
    assert (by_sdk.project_id, by_sdk.iam_endpoint) == (PROJECT, "https://iam.example.com")
    assert by_sdk.secrets == tuple(KEYS.values())
    by_koocli = connect(shared_config_file=files["shared_config_file"])
    assert (by_koocli.region, by_koocli.project_id) == tuple(PLACE.values())
    assert by_koocli.endpoint == "https://vpn.cn-north-4.myhuaweicloud.com"
    assert connect(shared_config_file=files["shared_config_file"], profile="sso").secrets == tuple(TEMPORARY.values())
    assert "canary" not in repr(by_koocli).lower()


def test_what_is_given_goes_before_what_a_file_has(connect, files):
    given = {"region": "cn-east-3", "project_id": OTHER_PROJECT, "iam_endpoint": "https://iam.example.org"}
    for option, path in files.items():
        connection = connect(**{option: path}, **given)
        assert {name: getattr(connection, name) for name in given} == given
    # A project is one of its region.
    assert connect(shared_config_file=files["shared_config_file"], region="cn-east-3").project_id is None
    assert connect(shared_config_file=files["shared_config_file"], region="cn-north-4").project_id == PROJECT


def test_a_home_folder_is_understood(connect, files, monkeypatch):
    monkeypatch.setenv("HOME", str(Path(files["credentials_file"]).parent))
    assert connect(credentials_file="~/credentials", region="cn-north-4").access_key == KEYS["access_key"]


def test_a_byte_order_mark_is_no_obstacle(connect, files):
    for path in files.values():
        Path(path).write_bytes(b"\xef\xbb\xbf" + Path(path).read_bytes())
    assert connect(credentials_file=files["credentials_file"], region="cn-north-4").secret_key == KEYS["secret_key"]
    assert connect(shared_config_file=files["shared_config_file"]).secret_key == KEYS["secret_key"]


@pytest.mark.parametrize("option", settings.FILES)
def test_files_that_cannot_be_read_are_named(connect, option, tmp_path):
    (tmp_path / "large").write_bytes(b"x" * (1024 * 1024 + 1))
    os.mkfifo(tmp_path / "pipe")
    cases = {
        tmp_path / "none": "does not exist on this host",
        tmp_path / "large" / "none": "cannot be read",
        tmp_path: "is not a file",
        tmp_path / "pipe": "is not a file",
        tmp_path / "large": "is too large",
        f"{tmp_path}/\x00\u202e": "cannot be read",
        "\ud800": "cannot be read",
    }
    if os.geteuid():
        (tmp_path / "secret").touch(mode=0)
        cases[tmp_path / "secret"] = "is not readable for the user who runs this task"
    for path, says in cases.items():
        message = refused(connect, **{option: str(path), "region": "cn-north-4"})
        assert message.startswith(f"{option}: ")
        assert says in message
        assert str(path) in message or not str(path).isprintable()
        assert "E_CRED" in message


def test_what_is_wrong_with_a_file_is_said_with_option_and_path(connect, files):
    for option, path in files.items():
        message = refused(connect, **{option: path, "profile": "nobody"})
        assert message.startswith(f"{option}: {path} does not have one profile 'nobody': set profile to one of: ")


# One place, and only where it is named.


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("other", [*SOURCES, *SECRETS])
def test_two_places_are_refused_before_either_is_read(connect, source, other):
    if source == other:
        return
    given = {source: True if source == "ecs_metadata" else "/nowhere/canary", "region": "cn-north-4"}
    given[other] = True if other == "ecs_metadata" else "/nowhere/canary"
    message = refused(connect, **given)
    assert "give either" in message
    assert source in message
    assert other in message
    assert all(variable in message for variable in ENVIRONMENT.get(other, ()))


def test_an_empty_option_is_none(connect, files):
    empty = dict.fromkeys(SECRETS, "")
    assert connect(credentials_file=files["credentials_file"], region="cn-north-4", **empty).access_key
    message = refused(connect, **dict.fromkeys(("credentials_file", "shared_config_file", "profile"), ""))
    assert "no credentials" in message
    assert all(source in message for source in SOURCES)


def test_a_profile_of_no_file_is_refused(connect):
    for options in (KEYS, {"ecs_metadata": True}):
        with pytest.raises(OptionError, match=r"^profile: .*credentials_file or shared_config_file"):
            connect(**options, profile="work", region="cn-north-4")


@pytest.mark.parametrize("value", ["true", "no", 2, [1]])
def test_what_is_no_boolean_does_not_switch_the_metadata_service_on_or_off(connect, value):
    with pytest.raises(OptionError, match=r"^ecs_metadata: must be true or false"):
        connect(**KEYS, region="cn-north-4", ecs_metadata=value)


def test_no_variable_names_a_place():
    assert not set(SOURCES) & set(ENVIRONMENT)
    assert "profile" not in ENVIRONMENT


# The metadata service, over a real socket.


@pytest.fixture
def metadata(serve, monkeypatch):
    """Have these answers from the metadata service."""

    def start(*scripts):
        server = serve(*scripts)
        port = int(server.url.rpartition(":")[2])
        monkeypatch.setattr(credentials, "METADATA_SERVICE", ("127.0.0.1", port))
        monkeypatch.setattr(credentials, "_PAUSE", 0.01)
        return server

    return start


def fresh():
    expires = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() + 3600))
    return json.dumps({"credential": {**METADATA["credential"], "expires_at": expires}})


def asked(server):
    return [request.split(b"\r\n", 1)[0].decode() for request in server.requests]


GET, PUT = "GET /openstack/latest/securitykey HTTP/1.1", "PUT /meta-data/latest/api/token HTTP/1.1"


def test_a_key_of_the_metadata_service(metadata, connect, answer, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server = metadata(answer(fresh()))
    connection = connect(ecs_metadata=True, region="cn-north-4")
    assert connection.secrets == tuple(TEMPORARY.values())
    assert 0 < connection.spent < 5
    assert asked(server) == [GET]


def test_a_token_is_fetched_where_it_is_demanded(metadata, connect, answer):
    server = metadata(answer("{}", "401 Unauthorized"), answer("a-token=="), answer(fresh()))
    assert connect(ecs_metadata=True, region="cn-north-4").secrets == tuple(TEMPORARY.values())
    assert asked(server) == [GET, PUT, GET]
    assert b"X-Metadata-Token-Ttl-Seconds: 21600\r\n" in server.requests[1]
    assert b"X-Metadata-Token: a-token==\r\n" in server.requests[2]


def test_the_official_sdk_is_served_the_same_way(metadata, connect, answer, monkeypatch):
    internal = pytest.importorskip("huaweicloudsdkcore.auth.internal")
    server = metadata(answer("a-token=="), answer(fresh()))
    monkeypatch.setattr(internal.MetadataAccessor, "_METADATA_ENDPOINT", server.url)
    theirs = internal.MetadataAccessor().get_credential()
    assert (theirs.access, theirs.secret, theirs.security_token) == tuple(TEMPORARY.values())
    assert asked(server) == [PUT, GET]


def test_a_busy_service_is_asked_again(metadata, connect, answer):
    server = metadata(answer("", "429 Too Many Requests"), answer("", "503 Service Unavailable"), answer(fresh()))
    assert connect(ecs_metadata=True, region="cn-north-4").access_key == KEYS["access_key"]
    assert asked(server) == [GET] * 3


@pytest.mark.parametrize(
    ("scripts", "says", "times"),
    [
        (["404 Not Found"], "HTTP 404: check that this ECS instance has an agency", 1),
        (["302 Found"], "HTTP 302", 1),
        (["401 Agency"], "HTTP 401: check that this ECS instance has an agency", 1),
        (["401 Unauthorized", "404 Not Found"], "HTTP 404", 2),
        (["401 Unauthorized", "200 OK", "401 Unauthorized"], "HTTP 401", 3),
    ],
)
def test_refusals_of_the_metadata_service(metadata, connect, answer, scripts, says, times):
    texts = {"401 Agency": "Please configure Cloud Service Agency first."}
    location = "Location: http://127.0.0.1:1/canary"
    server = metadata(*(answer(texts.get(status, "canary"), status, location) for status in scripts))
    message = refused(connect, ecs_metadata=True, region="cn-north-4")
    assert message.startswith("ecs_metadata: the metadata service ")
    assert says in message
    assert len(server.requests) == times


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (None, "cannot be reached"),
        (b"", "is this an ECS instance?"),
        (b"SSH-2.0-canary\r\n\r\n", "cannot be reached"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n", "cannot be reached"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2_000_000, "valid JSON"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + fresh().encode()[:100], "valid JSON"),
    ],
)
def test_what_is_no_answer_of_the_metadata_service(metadata, connect, script, says):
    server = metadata(script if isinstance(script, bytes) else [None])
    if script == b"":
        server.close()
    assert says in refused(connect, ecs_metadata=True, region="cn-north-4")


@pytest.mark.parametrize("token", [b"", b"canary token", b"canary\r\nX-Evil: 1", "canary\u00e9".encode()])
def test_a_token_that_cannot_be_sent(metadata, connect, answer, token):
    server = metadata(answer("", "401 Unauthorized"), answer(token), answer(fresh()))
    assert "returned an invalid token" in refused(connect, ecs_metadata=True, region="cn-north-4")
    assert len(server.requests) == 2


def test_an_answer_that_drips_ends_with_the_timeout(metadata, connect):
    drip = [step for _second in range(15) for step in (b" ", 0.2)]
    metadata([b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", *drip])
    assert "does not answer within 1 s" in refused(connect, ecs_metadata=True, region="cn-north-4", timeout=1)


def test_the_time_for_the_key_is_time_of_the_task(metadata, connect, answer, serve):
    metadata([1.4, answer(fresh())])
    silent = serve([1.2, answer()])  # in time, if the key had taken none
    options = {"endpoint": silent.url, "project_id": PROJECT, "retries": 0, "region": "cn-north-4"}
    connection = connect(ecs_metadata=True, timeout=2, **options)
    query = Query.from_options({name: entry.get("default") for name, entry in query_spec().items()}.get)
    evidence = gather(connection, Selection((("vpn_connection_id", "98c5af8a-1111-4222-8333-ae2280a6f4c3"),)), query)
    assert evidence["vpn_connections"][0]["error"]["code"] == "E_DEADLINE"


def test_the_address_is_fixed():
    assert credentials.METADATA_SERVICE == ("169.254.169.254", 80)


def test_an_option_that_cannot_be_used_is_found_before_anybody_is_asked(metadata, connect, answer):
    server = metadata(answer(fresh()))
    with pytest.raises(OptionError, match=r"^timeout: "):
        connect(ecs_metadata=True, region="cn-north-4", timeout=0)
    assert server.requests == []
