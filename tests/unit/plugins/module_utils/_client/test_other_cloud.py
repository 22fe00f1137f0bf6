# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another cloud with the same operations: the emulator answers under its host names, over TLS."""

from __future__ import annotations

import socket
import ssl
import threading

import pytest
import urllib3.util.connection
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.logs import gather
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import Query, Selection, query_spec

trustme = pytest.importorskip("trustme")

CLOUD = {"cloud": "otc.t-systems.com", "region": "eu-de", "project_name": "eu-de_vpn", "endpoint": None}
HOSTS = ("vpn.eu-de.otc.t-systems.com", "iam.eu-de.otc.t-systems.com")


def forward(source, target):
    while chunk := source.recv(65536):
        target.sendall(chunk)
    target.close()


@pytest.fixture
def authority(emulator, monkeypatch, tmp_path):
    """Answer as these hosts on loopback, whatever the port; return the file of the authority to trust."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    listener = socket.create_server(("127.0.0.1", 0))
    place, real = listener.getsockname(), socket.create_connection

    def serve():
        while True:
            try:
                outside = context.wrap_socket(listener.accept()[0], server_side=True)
            except OSError:
                return
            inside = real(("127.0.0.1", int(emulator.url.rpartition(":")[2])))
            for pair in ((outside, inside), (inside, outside)):
                threading.Thread(target=forward, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()

    def connect(address, *arguments, **keywords):
        assert address[0] in HOSTS
        assert address[1] == 443
        return real(place, keywords.get("timeout", 10))

    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)
    yield str(tmp_path / "ca.pem")
    listener.close()


def test_open_telekom_cloud_needs_its_domain_region_and_project(emulator, authority, connect):
    emulator.world.projects[0]["name"] = CLOUD["project_name"]
    connection = connect("https://unused.example", **CLOUD, iam_endpoint=None, ca_path=authority)
    query = Query.from_options({name: entry.get("default") for name, entry in query_spec().items()}.get)
    answer = gather(connection, Selection(), query)
    assert [row["name"] for row in answer["vpn_connections"]] == ["hq-primary", "hq-secondary", "branch"]
    assert answer["logs"]
    assert answer["acted_as"]["endpoint"] == f"https://{HOSTS[0]}"
    assert {request["headers"]["host"] for request in emulator.requests} == {*HOSTS}
    assert all(request["authenticated"] for request in emulator.requests)
