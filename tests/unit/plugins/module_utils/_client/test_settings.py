# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection options: defaults, what is refused, and one table for documentation and code."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.huaweicloud.vpn.plugins.doc_fragments._connection import ModuleDocFragment
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.settings import (
    ENVIRONMENT,
    SECRETS,
    Connection,
    connection_spec,
    first_set,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import CredentialsError, OptionError
from hypothesis import given
from hypothesis import strategies as st

KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "canary-secret-key"}


def connect(**options):
    values = {name: entry.get("default") for name, entry in connection_spec().items()}
    values.update({"region": "cn-north-4", **KEYS})
    values.update(options)
    return Connection.from_options(values.get)


@pytest.mark.parametrize(
    ("options", "endpoint", "iam_endpoint"),
    [
        ({}, "https://vpn.cn-north-4.myhuaweicloud.com", "https://iam.cn-north-4.myhuaweicloud.com"),
        (
            {"region": "eu-west-101"},
            "https://vpn.eu-west-101.myhuaweicloud.eu",
            "https://iam.eu-west-101.myhuaweicloud.eu",
        ),
        ({"region": "eu-west-0"}, "https://vpn.eu-west-0.myhuaweicloud.com", "https://iam.eu-west-0.myhuaweicloud.com"),
        ({"region": "af-north-1"}, "https://vpn.af-north-1.myhuaweicloud.com", "https://iam.myhuaweicloud.com"),
        (
            {"region": "eu-de", "cloud": "otc.t-systems.com"},
            "https://vpn.eu-de.otc.t-systems.com",
            "https://iam.eu-de.otc.t-systems.com",
        ),
        (
            {"endpoint": "HTTP://127.0.0.1:8080/", "iam_endpoint": "http://localhost:8080/v3"},
            "http://127.0.0.1:8080",
            "http://localhost:8080",
        ),
        (
            {"endpoint": "https://[2001:db8::1]:443", "iam_endpoint": "https://iam.example.com:443/v3/"},
            "https://[2001:db8::1]",
            "https://iam.example.com",
        ),
        ({"endpoint": "", "region": "cn-east-3"}, "https://vpn.cn-east-3.myhuaweicloud.com", None),
    ],
)
def test_endpoints(options, endpoint, iam_endpoint):
    connection = connect(**options)
    assert connection.endpoint == endpoint
    assert iam_endpoint in (None, connection.iam_endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://vpn.example.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "https://user:password@vpn.example.com",
        "https://vpn.example.com/path",
        "https://vpn.example.com?x=1",
        "https://vpn.example.com#x",
        "https://vpn.example.com.",
        "https://vpn.example.com:0",
        "https://vpn.example.com:65536",
        "https://vpn.example.com\n",
        "https://vpn example.com",
        "https://vpn\u3002example.com",
        "https://\uff41.example.com",
        "https://127.1",
        "https://2130706433",
        "https://0x7f.1",
        "https://0x7f000001",
        "https://127.0.0.01",
        "https://256.0.0.1",
        "https://[::1",
        "https://[zz]",
        "https://",
        "https://-x.example.com",
        "vpn.example.com",
        "file:///etc/passwd",
        "ftp://vpn.example.com",
        "//vpn.example.com",
        "https://a@b",
        "https://169.254.169.254",
        "https://[fe80::1]",
        "https://[::ffff:169.254.169.254]",
        "https://224.0.0.1",
        "https://0.0.0.0",
        "https://[::]",
        "https:\\\\vpn.example.com",
    ],
)
def test_refused_endpoints_are_named_and_never_quoted(endpoint):
    for option in ("endpoint", "iam_endpoint"):
        with pytest.raises(OptionError) as caught:
            connect(**{option: endpoint})
        assert str(caught.value).startswith(f"{option}: ")
        assert "password" not in str(caught.value)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"region": None}, "region"),
        ({"region": "cn-north-4\n"}, "region"),
        ({"region": "CN-NORTH-4"}, "region"),
        ({"region": "cn-north-4.evil.example.com"}, "region"),
        ({"region": "cn-north-4/"}, "region"),
        ({"cloud": "evil.example.com/"}, "cloud"),
        ({"cloud": "com"}, "cloud"),
        ({"project_id": "../../x"}, "project_id"),
        ({"project_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9\n"}, "project_id"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": 3601}, "timeout"),
        ({"retries": -1}, "retries"),
        ({"retries": 11}, "retries"),
    ],
)
def test_refused_options_are_named(options, option):
    with pytest.raises(OptionError) as caught:
        connect(**options)
    assert str(caught.value).startswith(f"{option}: ")
    assert str(caught.value).isprintable()


def test_what_is_refused_is_shown_in_ascii_and_not_at_length():
    for value in ("\U0001f512" * 64, "\x00" * 64, "a b" * 100_000, "\uff43n-north-4"):
        with pytest.raises(OptionError) as caught:
            connect(region=value)
        assert str(caught.value).isascii()
        assert len(str(caught.value)) < 150


def test_endpoint_and_project_need_no_region():
    connection = connect(region=None, endpoint="https://vpn.example.com", project_id="0a1b2c3d4e5f60718293a4b5c6d7e8f9")
    assert connection.region is None


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"access_key": None, "secret_key": None}, "access_key"),
        ({"access_key": "", "secret_key": ""}, "access_key"),
        ({"secret_key": None}, "secret_key"),
        ({"access_key": None}, "access_key"),
        ({"auth_token": "canary-auth-token"}, "auth_token"),
        ({"secret_key": "canary-secret-key\n"}, "secret_key"),
        ({"secret_key": " canary-secret-key"}, "secret_key"),
        ({"secret_key": "canary secret-key"}, "secret_key"),
        ({"secret_key": "canary-s\u00e9cret"}, "secret_key"),
        ({"secret_key": "canary"}, "secret_key"),
        ({"access_key": "canary-\x00access"}, "access_key"),
        ({"security_token": "canary-token\r\n"}, "security_token"),
        ({"access_key": None, "secret_key": None, "auth_token": "canary-token\n"}, "auth_token"),
    ],
)
def test_refused_credentials_are_named_and_never_shown(options, option):
    with pytest.raises(CredentialsError) as caught:
        connect(**options)
    message = str(caught.value)
    assert message.startswith(f"{option}: ")
    assert all(name in message for name in ENVIRONMENT[option])
    assert "canary" not in message
    assert message.isprintable()


def test_a_token_stands_for_keys():
    connection = connect(access_key=None, secret_key=None, auth_token="canary-auth-token")
    assert connection.secrets == ("canary-auth-token",)


def test_no_secret_in_a_traceback_with_locals():
    connection = connect(security_token="canary-security-token")
    assert "canary" not in repr(connection)
    assert "AKIDEXAMPLE" not in repr(connection)


def test_the_first_variable_that_is_set_and_not_empty_counts():
    assert first_set(("A", "B"), {"A": "1", "B": "2"}) == "1"
    assert first_set(("A", "B"), {"A": "", "B": "2"}) == "2"
    assert first_set(("A", "B"), {}) is None


def test_fragment_and_spec_are_one_table():
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    plugin = yaml.safe_load(ModuleDocFragment.PLUGIN)["options"]
    spec = connection_spec()
    assert list(documented) == list(plugin) == list(spec)
    for name, entry in spec.items():
        assert documented[name]["type"] == entry["type"]
        assert documented[name].get("default") == entry.get("default")
        assert [row["name"] for row in plugin[name].get("env", [])] == list(ENVIRONMENT.get(name, ()))
        assert plugin[name]["vars"] == [{"name": f"huaweicloud_vpn_{name}"}]
        assert entry.get("no_log", False) == (name in SECRETS)
        text = "".join(documented[name]["description"])
        assert all(f"E({variable})" in text for variable in ENVIRONMENT.get(name, ()))


@given(st.sampled_from(["region", "cloud", "project_id", "endpoint", "iam_endpoint"]), st.text(max_size=80))
def test_any_text_makes_a_plain_origin_or_a_clear_error(option, text):
    try:
        connection = connect(**{option: text})
    except OptionError as error:
        assert str(error).startswith(f"{option}: ")
        assert str(error).isprintable()
        return
    for origin in (connection.endpoint, connection.iam_endpoint):
        assert origin.startswith("https://")
        assert origin.isascii()
        assert not set(origin[8:]) & set("/?#@\\ ")
