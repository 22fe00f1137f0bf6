# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: negotiation_failure
short_description: Is this entry of a VPN connection's log a failed negotiation
version_added: "1.0.0"
author:
  - huaweicloud.vpn contributors
description:
  - Tells whether one entry of the log of a Huawei Cloud VPN connection says that a negotiation failed. Every reason
    counts, also one that the collection does not know.
  - An entry that the collection does not recognise (of kind V(unknown) or V(unparsed), or with more text behind the
    event) is an error, because V(false) would call it harmless and V(true) would invent a failure. To leave such
    entries out, select by C(kind) before.
  - Anything but an entry is an error, too, such as V(none), an empty list, or the result of a skipped or failed task.
  - That no entry is a failure does not prove that the tunnel works.
options:
  _input:
    description:
      - One entry of RV(huaweicloud.vpn.vpn_connection_log_info#module:logs), or a C(raw_message).
    type: raw
    required: true
seealso:
  - module: huaweicloud.vpn.vpn_connection_log_info
  - plugin: huaweicloud.vpn.parse_log
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Judge one line
  ansible.builtin.assert:
    that: line is huaweicloud.vpn.negotiation_failure
  vars:
    line: "IPSec tunnel negotiation fails. (Reason=[authentication fail])"

- name: List the failures of an answer, and stop at a line that is not recognised
  ansible.builtin.debug:
    msg: "{{ answer.logs | select('huaweicloud.vpn.negotiation_failure') | map(attribute='raw_message') }}"
  vars:
    answer:
      logs:
        - time: 1735024112
          raw_message: "IPSec tunnel negotiation fails. (Reason=[authentication fail])"
"""

RETURN = r"""
_value:
  description: Whether the entry is a failed negotiation.
  type: bool
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._log.parser import as_entry, describe, is_understood, parse_entry
from ..module_utils._log.reasons import FAILED
from ..module_utils._sanitize import visible


def negotiation_failure(value: Any) -> bool:
    """Return whether an entry is a failed negotiation; raise for what is no entry, or not understood."""
    entry = as_entry(value)
    if entry is None:
        raise AnsibleFilterError(
            "huaweicloud.vpn.negotiation_failure judges one entry of a log, or one raw_message (text), "
            f"not {describe(value)}"
        )
    event = parse_entry(entry)
    # An entry that was found to be a failure stays one, whatever has become of its text.
    if event["kind"] == FAILED or (isinstance(value, Mapping) and value.get("kind") == FAILED):
        return True
    if not is_understood(event):
        raise AnsibleFilterError(
            f"huaweicloud.vpn.negotiation_failure does not recognise this line ({event['kind']}), "
            f"so read it: {visible(str(event['raw_message']), 200)}"
        )
    return False


class TestModule:
    """Offer the test."""

    def tests(self) -> dict[str, Callable[..., bool]]:
        """Return the tests of this file."""
        return {"negotiation_failure": negotiation_failure}
