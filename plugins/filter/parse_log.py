# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: parse_log
short_description: Read one line of a VPN connection's log as an event
version_added: "1.0.0"
author:
  - huaweicloud.vpn contributors
description:
  - Turns one C(raw_message) of the log of a Huawei Cloud VPN connection into one event, with the members that
    M(huaweicloud.vpn.vpn_connection_log_info) gives an entry.
  - It reads lines from wherever you have them, and needs no connection to the cloud.
  - Every line becomes an event. One that does not fit has the kind V(unknown) or V(unparsed); it is never taken for a
    success, and its text is kept.
  - One text is one event, even with line breaks in it. Split a file into lines before.
options:
  _input:
    description:
      - The line, or an entry with the members C(raw_message) and C(time).
      - C(time), in seconds since the epoch, serves where the line has no time stamp of its own.
      - Anything else, such as a list or the result of a skipped task, is an error.
    type: raw
    required: true
seealso:
  - module: huaweicloud.vpn.vpn_connection_log_info
  - plugin: huaweicloud.vpn.negotiation_failure
    plugin_type: test
"""

EXAMPLES = r"""
- name: Say what a line means
  ansible.builtin.debug:
    msg: "{{ event.reason }} ({{ event.category }}): {{ event.advice }}"
  vars:
    event: "{{ line | huaweicloud.vpn.parse_log }}"
    line: >-
      2024-12-24T07:08:32.730275+00:00 host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10]
      IPSec tunnel negotiation fails. (IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[198.51.100.7],
      PeerPort=[500], Reason=[version mismatch])

- name: Read a whole answer of the service
  ansible.builtin.debug:
    msg: "{{ answer.logs | map('huaweicloud.vpn.parse_log') | map(attribute='kind') }}"
  vars:
    answer:
      logs:
        - time: 1735024112
          raw_message: "IPSec tunnel negotiation fails. (Reason=[authentication fail])"
"""

RETURN = r"""
_value:
  description: The event.
  type: dict
  contains:
    time:
      description: As given, V(null) when it was not.
      type: raw
    raw_message:
      description: As given, character by character.
      type: raw
    timestamp:
      description: When it happened, as RFC 3339 in UTC with microseconds, or V(null).
      type: str
    host:
      description: The node that wrote the line.
      type: str
    process:
      description: The process that wrote the line.
      type: str
    pid:
      description: The ID of that process.
      type: int
    local_address:
      description: The gateway's address as the line begins with it.
      type: str
    kind:
      description:
        - One of V(negotiation_failed), V(ike_sa_established), V(tunnel_established), V(rekey), V(dpd_timeout),
          V(teardown), V(link_quality), V(noise), V(unknown), V(unparsed).
      type: str
    outcome:
      description:
        - One of V(failure), V(progress), V(success), V(down), V(neutral), V(expected_in_change), V(warning),
          V(unknown).
      type: str
    event:
      description: The sentence that says what happened, without its full stop.
      type: str
    reason:
      description: The reason of a failure or a teardown, as the line has it.
      type: str
    category:
      description: The reason's category, V(unknown) for a reason that is not in the catalogue.
      type: str
    phase:
      description: The phase of IKE that the event belongs to.
      type: str
    peer_address:
      description: The peer's address.
      type: str
    peer_port:
      description: The peer's port.
      type: int
    fields:
      description: Every C(Key=[value]) of the line.
      type: dict
    advice:
      description: What to compare or do, for failures and for tunnels that went down.
      type: str
    anomalies:
      description:
        - Codes for whatever is odd about the entry; a usual one has none.
        - The text V(missing_raw_message), V(empty_raw_message), V(raw_message_type), V(bom), V(ansi), V(newline),
          V(control_characters), V(template_like), V(oversize), V(extra_whitespace).
        - What stands before the event V(no_envelope), V(no_embedded_timestamp), V(ts_nonstandard).
        - The clocks V(time_missing), V(time_invalid), V(time_string), V(time_float), V(time_ms), V(time_us),
          V(time_skew).
        - The fields V(truncated), V(trailing_text), V(unbalanced_brackets), V(duplicate_key), V(comma_inside_value),
          V(address_invalid), V(masked_address), V(port_invalid).
        - The reason V(empty_reason), V(reason_variant), V(several_reasons).
      type: list
      elements: str
  sample:
    kind: negotiation_failed
    outcome: failure
    reason: version mismatch
    category: ike_version
    phase: "1"
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils._log.parser import as_entry, describe, parse_entry, parse_line


def parse_log(value: Any) -> dict[str, Any]:
    """Return the event of one line."""
    entry = as_entry(value)
    if entry is None:
        raise AnsibleFilterError(
            "huaweicloud.vpn.parse_log reads one raw_message (text), or one entry {time, raw_message}, "
            f"not {describe(value)}"
        )
    event = parse_line(value) if isinstance(value, str) else parse_entry(entry)
    # Peers write into these lines: whatever looks like a template in them must stay text.
    result: dict[str, Any] = wrap_var(event)
    return result


class FilterModule:
    """Offer the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters of this file."""
        return {"parse_log": parse_log}
