# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Second opinion: Huawei's own client, unmodified, works against the emulator."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest

with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
    # To be imported is enough for the SDK to write a file into the home directory.
    patch.setenv("HOME", home)
    credentials = pytest.importorskip("huaweicloudsdkcore.auth.credentials")
    exceptions = pytest.importorskip("huaweicloudsdkcore.exceptions.exceptions")
    region_module = pytest.importorskip("huaweicloudsdkcore.region.region")
    vpn = pytest.importorskip("huaweicloudsdkvpn.v5")
    iam = pytest.importorskip("huaweicloudsdkiam.v3")


@pytest.fixture
def sdk(client: Any) -> Any:
    """The VPN client with everything given."""
    project_id = client.emulator.world.projects[0]["id"]
    basic = credentials.BasicCredentials(client.access_key, client.secret_key, project_id)
    return vpn.VpnClient.new_builder().with_credentials(basic).with_endpoint(client.emulator.url).build()


def test_log(client: Any, sdk: Any) -> None:
    """Time and message of every entry."""
    client.emulator.change("wrong_psk")
    response = sdk.show_vpn_connection_log(vpn.ShowVpnConnectionLogRequest(client.id_of("hq-primary")))
    assert response.status_code == 200
    assert "Reason=[authentication fail]" in response.logs[0].raw_message
    assert [{"time": one.time, "raw_message": one.raw_message} for one in response.logs] == client.log("hq-primary")


def test_temporary_keys_of_an_agency(client: Any) -> None:
    """The IAM client gets them, and they work with the VPN client."""
    signed = credentials.GlobalCredentials(client.access_key, client.secret_key, client.emulator.world.domain_id)
    judge = iam.IamClient.new_builder().with_credentials(signed).with_endpoint(client.emulator.url).build()
    role = iam.IdentityAssumerole(agency_name="vpn-reader", domain_name="emulator-partner", duration_seconds=3600)
    identity = iam.AgencyAuthIdentity(methods=["assume_role"], assume_role=role)
    body = iam.CreateTemporaryAccessKeyByAgencyRequestBody(auth=iam.AgencyAuth(identity=identity))
    request = iam.CreateTemporaryAccessKeyByAgencyRequest(body=body)
    key = judge.create_temporary_access_key_by_agency(request).credential
    basic = credentials.BasicCredentials(key.access, key.secret, client.emulator.world.projects[0]["id"])
    basic.with_security_token(key.securitytoken)
    agent = vpn.VpnClient.new_builder().with_credentials(basic).with_endpoint(client.emulator.url).build()
    assert agent.list_vpn_connections(vpn.ListVpnConnectionsRequest()).total_count == 3
    role.agency_name = "unheard-of"
    with pytest.raises(exceptions.ClientRequestException) as caught:
        judge.create_temporary_access_key_by_agency(request)
    assert caught.value.status_code == 404


def test_list_by_pages(sdk: Any) -> None:
    """Limit and marker."""
    names, marker = [], None
    for _number in range(3):
        response = sdk.list_vpn_connections(vpn.ListVpnConnectionsRequest(limit=1, marker=marker))
        names += [one.name for one in response.vpn_connections]
        marker = response.page_info.next_marker
    assert names == ["hq-primary", "hq-secondary", "branch"]
    assert response.total_count == 3
    assert not sdk.list_vpn_connections(vpn.ListVpnConnectionsRequest(limit=1, marker=marker)).vpn_connections


def test_connection_and_gateway(client: Any, sdk: Any) -> None:
    """The models of the SDK take every member."""
    found = sdk.show_vpn_connection(vpn.ShowVpnConnectionRequest(client.id_of("hq-secondary"))).vpn_connection
    assert (found.status, found.ha_role, found.ikepolicy.dpd.interval) == ("ACTIVE", "slave", 30)
    gateway = sdk.show_vgw(vpn.ShowVgwRequest(found.vgw_id)).vpn_gateway
    assert gateway.eip2.ip_address == found.ikepolicy.local_id
    assert len(sdk.list_vgws(vpn.ListVgwsRequest()).vpn_gateways) == 2


def test_errors(client: Any, sdk: Any) -> None:
    """Status, code and request id arrive where the SDK looks for them."""
    with pytest.raises(exceptions.ClientRequestException) as caught:
        sdk.show_vpn_connection_log(vpn.ShowVpnConnectionLogRequest("00000000-0000-4000-8000-000000000000"))
    assert (caught.value.status_code, caught.value.error_code) == (404, "VPN.0004")
    assert len(caught.value.request_id) == 32


def test_projects(client: Any) -> None:
    """IAM with global credentials; the account id is looked up too."""
    account = credentials.GlobalCredentials(client.access_key, client.secret_key).with_iam_endpoint(client.emulator.url)
    sdk = iam.IamClient.new_builder().with_credentials(account).with_endpoint(client.emulator.url).build()
    found = sdk.keystone_list_projects(iam.KeystoneListProjectsRequest(name="cn-north-4")).projects
    assert [one.id for one in found] == [client.emulator.world.projects[0]["id"]]
    assert len(sdk.keystone_list_auth_projects(iam.KeystoneListAuthProjectsRequest()).projects) == 2


def test_the_project_is_found_by_its_region(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a project id the SDK asks IAM first."""
    monkeypatch.setattr(credentials.BasicCredentials, "_CACHE", {})
    basic = credentials.BasicCredentials(client.access_key, client.secret_key).with_iam_endpoint(client.emulator.url)
    region = region_module.Region("cn-north-4", client.emulator.url)
    sdk = vpn.VpnClient.new_builder().with_credentials(basic).with_region(region).build()
    assert sdk.list_vpn_connections(vpn.ListVpnConnectionsRequest()).total_count == 3
    paths = [one["path"] for one in client.emulator.requests]
    assert paths == ["/v3/projects?name=cn-north-4", f"{client.prefix}/vpn-connection"]
