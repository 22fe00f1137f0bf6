# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: negotiated_cleanly
short_description: Did all VPN connections of this evidence negotiate cleanly
version_added: "1.0.0"
author:
  - huaweicloud.vpn contributors
description:
  - Tells whether P(huaweicloud.vpn.verdict#filter) calls evidence a V(pass) without a baseline and with its default
    policy. No negotiation has failed in the window, nothing in it is unrecognised, no teardown lasts, and every
    connection is V(ACTIVE).
  - V(false) is a failure, and anything that is inconclusive. The message of P(huaweicloud.vpn.verdict#filter)
    says which.
  - Anything but complete evidence is an error, such as V(none), an empty list, or the result of a skipped or failed
    task. So is evidence in which a connection could not be read, or in which the status was not gathered.
  - A changed PSK or proposal shows only at the next negotiation, which this test does not wait for.
options:
  _input:
    description:
      - The registered result of M(huaweicloud.vpn.vpn_connection_log_info), with C(connection) in its C(gather).
    type: dict
    required: true
seealso:
  - module: huaweicloud.vpn.vpn_connection_log_info
  - plugin: huaweicloud.vpn.verdict
    plugin_type: filter
"""

EXAMPLES = r"""
- name: All tunnels negotiated cleanly
  ansible.builtin.assert:
    that: evidence is huaweicloud.vpn.negotiated_cleanly
    fail_msg: "{{ (evidence | huaweicloud.vpn.verdict).message }}"
  vars:
    evidence: "{{ lookup('ansible.builtin.file', after_file) | from_json }}"
"""

RETURN = r"""
_value:
  description: Whether all connections of the evidence pass.
  type: bool
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import VpnError
from ..module_utils._verdict.judge import judge


def negotiated_cleanly(value: Any) -> bool:
    """Return whether evidence passes; raise for what is no evidence, or only a part of it."""
    try:
        judged = judge(value)
    except VpnError as error:
        raise AnsibleFilterError(f"huaweicloud.vpn.negotiated_cleanly: {error}") from None
    for row in judged["vpn_connections"]:
        # Not to know is no answer: neither of a tunnel that was not read, nor without the status that was not gathered.
        if row["verdict"] == "error" or any(found["code"] == "status_missing" for found in row["findings"]):
            raise AnsibleFilterError(f"huaweicloud.vpn.negotiated_cleanly: {row['message']}")
    return bool(judged["verdict"] == "pass")


class TestModule:
    """Offer the test."""

    def tests(self) -> dict[str, Callable[..., bool]]:
        """Return the tests of this file."""
        return {"negotiated_cleanly": negotiated_cleanly}
