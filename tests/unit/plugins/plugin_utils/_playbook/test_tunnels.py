# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts whose tunnels one task is about."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import OptionError
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._playbook.tunnels import selection_of

FIRST = {"tunnel_verify_name": "a", "tunnel_verify_require": ["traffic"], "huaweicloud_vpn_secret_key": "of-nobody-1"}


def test_each_host_adds_its_tunnel():
    more = {**FIRST, "tunnel_verify_name": ["b", "c"]}
    assert selection_of("tunnel_verify_", {"one": FIRST, "two": more}) == {"name": ["a", "b", "c"]}
    ids = {f"h{number}": {"tunnel_verify_vpn_connection_id": [f"id{number}"]} for number in range(3)}
    assert selection_of("tunnel_verify_", ids) == {"vpn_connection_id": ["id0", "id1", "id2"]}


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"tunnel_verify_require": ["status_active"]}, "one and two differ in tunnel_verify_require: run the playbook"),
        ({"tunnel_verify_require": None}, "one and two differ in tunnel_verify_require"),
        ({"tunnel_verify_ha": "all"}, "one and two differ in tunnel_verify_ha"),
        ({"huaweicloud_vpn_secret_key": "of-nobody-2"}, "one and two differ in huaweicloud_vpn_secret_key"),
        ({"tunnel_verify_name": None}, "the host two has no tunnel: set tunnel_verify_vpn_connection_id or tunnel_"),
        ({"tunnel_verify_vgw_id": "x"}, "the host two has no tunnel"),
        ({"tunnel_verify_name": None, "tunnel_verify_vgw_id": "x"}, "give each of these hosts tunnel_verify_vpn_conn"),
        ({"tunnel_verify_name": None, "tunnel_verify_vpn_connection_id": "x"}, "give each of these hosts tunnel_veri"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_what_one_task_cannot_do_for_both_is_refused(second, said, turned):
    two = {name: value for name, value in {**FIRST, **second}.items() if value is not None}
    hosts = {"two": two, "one": FIRST} if turned else {"one": FIRST, "two": two}
    with pytest.raises(OptionError) as raised:
        selection_of("tunnel_verify_", hosts)
    text = str(raised.value).replace("two and one", "one and two")
    assert text.startswith(f"tunnels: {said}")
    assert "of-nobody" not in text
