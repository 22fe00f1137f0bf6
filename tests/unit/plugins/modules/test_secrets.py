# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret that is given as a list or a mapping: core makes a text of it, and neither that nor its parts may show."""

from __future__ import annotations

import pytest

# With what repr and JSON write otherwise than it is.
SECRET = "jW5vToq9\\'xZ2rBn7\"kQ8sLd4y"
PARTS = ("jW5vToq9", "xZ2rBn7", "kQ8sLd4y")
GIVEN = {"a list": [SECRET], "a mapping": {"is": SECRET}, "a list of lists": [[SECRET]]}


@pytest.mark.parametrize("name", ["vpn_connection_info", "vpn_connection_log_info", "vpn_connection_reset"])
def test_a_secret_that_is_no_text_is_not_shown(play, emulator, name):
    other = {
        "name": ["branch"],
        "region": "cn-north-4",
        "project_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "endpoint": emulator.url,
    }
    tasks = []
    for what, value in GIVEN.items():
        given = {**other, "auth_token": value, "retries": 0}
        tasks.append({"name": what, f"huaweicloud.vpn.{name}": given, "register": "got", "ignore_errors": True})
        tasks.append({"name": "Show", "ansible.builtin.debug": {"var": "got"}})
    process = play(tasks, "-vvv", ANSIBLE_INJECT_INVOCATION="1")  # no default since ansible-core 2.21
    said = process.stdout + process.stderr
    assert f"ignored={len(GIVEN)}" in said, said
    assert '"auth_token": ' in said
    assert [part for part in PARTS if part in said] == [], said
