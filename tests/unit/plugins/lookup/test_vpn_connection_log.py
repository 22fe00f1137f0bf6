# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup through Ansible's own loader: where options come from, and that none is ever ignored."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.settings import ENVIRONMENT

PRIMARY = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
BRANCH = "4f43df63-1111-4222-8333-76b771cb90aa"
HQ_GATEWAY = "ba90819b-1111-4222-8333-3a01622856a5"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for names in ENVIRONMENT.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)


@pytest.fixture
def look_up(emulator):
    """Run the lookup against the emulator with these terms, variables and keywords."""

    def run(*terms, variables=None, **keywords):
        given = {"access_key": "EMULATORACCESSKEY001", "secret_key": "emulator-secret-key-of-no-real-account-0001"}
        given.update(region="cn-north-4", endpoint=emulator.url, iam_endpoint=emulator.url)
        given = {name: value for name, value in {**given, **keywords}.items() if value is not None}
        # Templates that stand in a playbook or an inventory are trusted; this is how newer versions say so.
        try:
            from ansible.template import trust_as_template as trust
        except ImportError:
            trust = str
        variables = {
            name: trust(value) if isinstance(value, str) else value for name, value in (variables or {}).items()
        }
        plugin = lookup_loader.get(
            "huaweicloud.vpn.vpn_connection_log", loader=DataLoader(), templar=Templar(DataLoader(), variables)
        )
        return plugin.run(list(terms), variables=variables, **given)

    return run


def test_ids_and_names_and_lists_of_them(look_up):
    entries = look_up(PRIMARY, ["branch"])
    assert {entry["vpn_connection_id"] for entry in entries} == {PRIMARY, BRANCH}
    assert [entry["timestamp"] for entry in entries] == sorted(entry["timestamp"] for entry in entries)


def test_a_gateway(look_up):
    assert len({entry["vpn_connection_id"] for entry in look_up(vgw_id=HQ_GATEWAY)}) == 2


def test_keywords_are_not_ignored(look_up, emulator):
    emulator.change("wrong_psk")
    assert len(look_up("hq-primary", limit=1)) == 1
    assert {entry["kind"] for entry in look_up("hq-primary", kind=["negotiation_failed"])} == {"negotiation_failed"}
    assert len(look_up("hq-primary", since="1m")) < len(look_up("hq-primary"))
    assert look_up("hq-primary", until="1d") == []
    assert look_up("hq-primary", reason=["flow mismatch"]) == []
    assert look_up("hq-primary", peer_address=["192.0.2.1"]) == []


@pytest.mark.parametrize(
    ("terms", "keywords", "message"),
    [
        ([], {}, "terms: give at least one"),
        ([[]], {}, "terms: give at least one"),
        ([None], {}, "terms: give at least one"),
        (["hq-primary"], {"vgw_id": HQ_GATEWAY}, "vgw_id: give either"),
        ([], {"vgw_id": "x"}, "vgw_id: 'x' is not a gateway ID"),
        (["hq"], {}, "name: there is no VPN connection 'hq'; there are: branch, hq-primary, hq-secondary"),
        (["hq-primary"], {"since": "15"}, "since: cannot read '15'"),
        (["hq-primary"], {"concurrency": 33}, "concurrency: 33 is out of range"),
        (["hq-primary"], {"retries": 11}, "retries: 11 is out of range"),
        (["hq-primary"], {"access_key": None}, "access_key: is missing"),
        (["hq-primary"], {"resaon": "flow mismatch"}, "resaon: there is no such option"),
    ],
)
def test_errors_name_the_option(look_up, terms, keywords, message):
    with pytest.raises(AnsibleError) as caught:
        look_up(*terms, **keywords)
    assert f"huaweicloud.vpn.vpn_connection_log: {message}" in str(caught.value)


def test_a_kind_that_does_not_exist_is_refused(look_up, emulator):
    """By Ansible itself, in its words; a misspelt kind would match nothing, and nothing looks healthy."""
    with pytest.raises(AnsibleError, match="kind"):
        look_up("hq-primary", kind=["failure"])
    with pytest.raises(AnsibleError, match="kind"):
        look_up("hq-primary", kind="negotiation_failed,failure")
    assert emulator.requests == []
    assert look_up("hq-primary", kind="rekey") != []
    assert look_up("hq-primary", kind="rekey,teardown") != []


def test_a_connection_that_cannot_be_read_is_an_error(look_up, emulator):
    emulator.change({"connections": {"branch": {"error": "VPN.0305"}}})
    with pytest.raises(AnsibleError, match=r"cannot read 1 of 2 VPN connections: branch: .*VPN\.0305"):
        look_up("branch", "hq-primary")


def test_an_empty_list_never_hides_what_is_not_known(look_up, emulator):
    assert look_up("hq-primary", since="15m", kind=["negotiation_failed"]) == []
    emulator.change({"connections": {"hq-primary": {"logs": [{"content": "IPSec tunnel negotiation is odd."}]}}})
    with pytest.raises(AnsibleError, match="1 unrecognised line"):
        look_up("hq-primary", since="15m", kind=["negotiation_failed"])
    with pytest.raises(AnsibleError, match="1 unrecognised line"):
        look_up("hq-primary", reason=["flow mismatch"])
    assert len(look_up("hq-primary", since="15m", kind=["negotiation_failed", "unknown", "unparsed"])) == 1
    emulator.change({"connections": {"branch": {"clear_logs": True}}})
    assert look_up("branch") == []
    with pytest.raises(AnsibleError, match="since: the log of branch is empty"):
        look_up("branch", since="15m")
    emulator.change("retry_storm")
    with pytest.raises(AnsibleError, match="since: the log of hq-primary is empty, or may have been cut"):
        look_up("hq-primary", since="15m", kind=["tunnel_established"])


def test_a_moment_from_yaml_and_a_number_from_a_variable(look_up):
    since = datetime.now(timezone.utc) - timedelta(minutes=15)
    assert look_up("hq-primary", since=since, limit=1) == look_up("hq-primary", since=since.isoformat(), limit=1)
    with pytest.raises(AnsibleError, match="VPN.0003"):
        look_up(PRIMARY, variables={"huaweicloud_vpn_project_id": 123})


def test_variables_serve_and_are_templated(look_up, emulator):
    variables = {
        "keys": {"access": "EMULATORACCESSKEY001"},
        "url": emulator.url,
        "region": "somewhere",  # a variable of the user's own that is named like an option
        "endpoint": "http://127.0.0.1:1",
        "huaweicloud_vpn_access_key": "{{ keys.access }}",
        "huaweicloud_vpn_endpoint": "{{ url }}",
        "huaweicloud_vpn_iam_endpoint": "{{ url }}",
        "huaweicloud_vpn_region": "cn-north-4",
        "huaweicloud_vpn_timeout": 5,
    }
    assert look_up(PRIMARY, variables=variables, access_key=None, endpoint=None, iam_endpoint=None, region=None)


def test_keyword_before_variable_before_environment(look_up, emulator, monkeypatch):
    monkeypatch.setenv("HW_ACCESS_KEY", "ENVIRONMENTKEY")
    variables = {"huaweicloud_vpn_access_key": "VARIABLEKEY"}
    for options, key in (
        ({"access_key": "KEYWORDKEY", "variables": variables}, "KEYWORDKEY"),
        ({"access_key": None, "variables": variables}, "VARIABLEKEY"),
        ({"access_key": None}, "ENVIRONMENTKEY"),
    ):
        emulator.clear_requests()
        with pytest.raises(AnsibleError):
            look_up(PRIMARY, **options)
        assert f"Access={key}," in emulator.requests[0]["headers"]["authorization"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("EMULATORACCESSKEY001", "SECONDKEY"),
        ("EMULATORACCESSKEY001", None),
        ("", "EMULATORACCESSKEY001"),
        (None, "EMULATORACCESSKEY001"),
    ],
)
def test_the_first_environment_variable_that_is_set_counts(look_up, monkeypatch, first, second):
    for name, value in (("HW_ACCESS_KEY", first), ("HUAWEICLOUD_SDK_AK", second)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert look_up(PRIMARY, access_key=None)


def test_a_secret_may_be_vaulted_on_its_own(look_up, tmp_path):
    secrets = [("default", VaultSecret(b"vault password"))]
    text = VaultLib(secrets).encrypt("emulator-secret-key-of-no-real-account-0001").decode().replace("\n", "\n  ")
    (tmp_path / "vars.yml").write_text(f"secret: !vault |\n  {text}\n", encoding="utf-8")
    loader = DataLoader()
    loader.set_vault_secrets(secrets)
    with suppress(ImportError):  # from ansible-core 2.19 on, what is decrypted late finds the password there
        from ansible.parsing.vault import VaultSecretsContext

        if VaultSecretsContext.current(optional=True) is None:
            VaultSecretsContext.initialize(VaultSecretsContext(secrets))
    vaulted = loader.load_from_file(str(tmp_path / "vars.yml"))["secret"]
    assert look_up("branch", secret_key=None, variables={"huaweicloud_vpn_secret_key": vaulted})


@pytest.mark.parametrize("secret", [["list-of-a-Secret"], {"is": "list-of-a-Secret"}])
@pytest.mark.parametrize("way", ["keyword", "variable", "template"])
def test_a_secret_that_is_no_text_is_never_shown(look_up, emulator, way, secret):
    """ansible-core's own error would quote it."""
    given = {"secret_key": None, "access_key": None} if way != "keyword" else {"access_key": None, "secret_key": secret}
    variables = {
        "keyword": {},
        "variable": {"huaweicloud_vpn_secret_key": secret},
        "template": {"huaweicloud_vpn_secret_key": "{{ mine }}", "mine": secret},
    }[way]
    variables["huaweicloud_vpn_access_key"] = "EMULATORACCESSKEY001"
    with pytest.raises(AnsibleError, match="secret_key: must be text") as error:
        look_up(PRIMARY, variables=variables, **given)
    assert "list-of" not in str(error.value)
    assert not emulator.requests


@pytest.fixture
def credentials(tmp_path):
    """A file of the SDK with the emulator's keys."""
    path = tmp_path / "credentials"
    lines = ["[basic]", "ak = EMULATORACCESSKEY001", "sk = emulator-secret-key-of-no-real-account-0001"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_keys_from_a_file(look_up, credentials, monkeypatch):
    none = {"access_key": None, "secret_key": None}
    entries = look_up("hq-primary")
    assert look_up("hq-primary", credentials_file=str(credentials), **none) == entries
    for path in (str(credentials), "{{ folder }}/credentials", "~/credentials", "{{ '~' }}/credentials"):
        monkeypatch.setenv("HOME", str(credentials.parent))
        variables = {"huaweicloud_vpn_credentials_file": path, "folder": str(credentials.parent)}
        assert look_up("hq-primary", variables=variables, **none) == entries


def test_keys_from_a_file_and_from_elsewhere(look_up, credentials, monkeypatch):
    with pytest.raises(AnsibleError, match=r"give either credentials_file or access_key \(HW_ACCESS_KEY"):
        look_up("hq-primary", credentials_file=str(credentials))
    monkeypatch.setenv("HW_ACCESS_KEY", "AKIDEXAMPLE")
    with pytest.raises(AnsibleError, match=r"give either credentials_file or access_key \(HW_ACCESS_KEY"):
        look_up("hq-primary", credentials_file=str(credentials), access_key=None, secret_key=None)
    assert look_up("hq-primary", credentials_file=str(credentials), access_key="", secret_key="")


@pytest.mark.parametrize("path", ["~/none.pem", "{{ folder }}/none.pem", "{{ '~' }}/none.pem"])
def test_a_path_from_a_variable_is_a_path(look_up, tmp_path, monkeypatch, path):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(AnsibleError, match=rf"ca_path: {tmp_path}/none.pem is not"):
        look_up("hq-primary", variables={"huaweicloud_vpn_ca_path": path, "folder": str(tmp_path)})
