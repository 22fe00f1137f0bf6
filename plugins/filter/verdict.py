# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: verdict
short_description: Judge from evidence whether VPN connections negotiated cleanly
version_added: "1.0.0"
author:
  - huaweicloud.vpn contributors
description:
  - Turns the result of M(huaweicloud.vpn.vpn_connection_log_info) into a verdict, in all and for each connection.
  - V(pass) is the only verdict that lets a pipeline go on. V(fail) is a negotiation that failed and is not waived.
    V(inconclusive) is anything that keeps us from knowing, also a connection that is not V(ACTIVE). V(error) is a
    connection that could not be read.
  - A teardown, an unrecognised line or a log without any line needs proof of life that is later, from the log or from
    the IPsec SAs. The status is none, because it lags.
  - Of several connections the worst counts, V(fail) before V(error) before V(inconclusive), unless O(ha) asks for less.
  - Every line is read again from its C(raw_message). The evidence may come from a JSON file.
  - Anything but complete evidence is an error, such as V(none), the result of a loop or of a skipped task, or of one
    that failed without naming the connections that it could not read. So is evidence that was masked or edited, or that
    other options than C(since) narrowed.
options:
  _input:
    description:
      - The registered result of M(huaweicloud.vpn.vpn_connection_log_info), gathered after the change.
    type: dict
    required: true
  baseline:
    description:
      - The result of the same task before the change. Lines that it has never count as new, whatever their time; all
        others do.
      - Every connection in it must be in the evidence.
      - Without it, the window begins at the C(since) of the evidence, or is all that the service returned.
    type: dict
  watched_from:
    description:
      - The result of the same task right after the change. O(quiet_for) counts from there, and so does the traffic that
        O(require) asks for.
      - Without it both count from the O(baseline) on, so that the time which the change itself took counts as watched.
    type: dict
  readings:
    description:
      - The results of the same task between O(watched_from) and the evidence, if it was made several times. Only their
        C(server_time), C(vpn_connections[].id) and C(vpn_connections[].ipsec_sas) count.
      - What the IPsec SAs prove needs several readings. Two cannot show which of two events was later.
    type: list
    elements: dict
    default: []
  quiet_for:
    description:
      - For how many seconds the tunnels must have been watched, and be quiet after they went down, or after a failure
        that recovered.
    type: float
    default: 0
  reset:
    description:
      - Where the change was to reset the connections, the result of M(huaweicloud.vpn.vpn_connection_reset) with
        O(huaweicloud.vpn.vpn_connection_reset#module:wait), also of a task that failed.
      - A connection that was not reset, or did not come back and shows no negotiation since, cannot pass.
    type: dict
extends_documentation_fragment:
  - huaweicloud.vpn._policy
seealso:
  - module: huaweicloud.vpn.vpn_connection_log_info
  - plugin: huaweicloud.vpn.negotiated_cleanly
    plugin_type: test
"""

EXAMPLES = r"""
- name: Judge a change again from what was saved before and after it
  ansible.builtin.assert:
    that: judged.verdict == 'pass'
    fail_msg: "{{ judged.message }}"
  vars:
    before: "{{ lookup('ansible.builtin.file', before_file) | from_json }}"
    after: "{{ lookup('ansible.builtin.file', after_file) | from_json }}"
    judged: "{{ after | huaweicloud.vpn.verdict(baseline=before, quiet_for=60, require=['status_active']) }}"

- name: Let a failure pass that somebody has agreed to
  ansible.builtin.debug:
    msg: "{{ (after | huaweicloud.vpn.verdict(waivers=agreed)).message }}"
  vars:
    after: "{{ lookup('ansible.builtin.file', after_file) | from_json }}"
    agreed:
      - vpn_connection: hq-primary
        reason: authentication fail
        until: "2036-12-01T00:00:00Z"
        ticket: CHG-4711

- name: Say what a line means that the collection does not recognise
  ansible.builtin.debug:
    msg: "{{ (after | huaweicloud.vpn.verdict(known_lines=lines)).message }}"
  vars:
    after: "{{ lookup('ansible.builtin.file', after_file) | from_json }}"
    lines:
      - sentence: IKE keepalive statistics # were collected
        means: harmless

- name: Be content with one of two tunnels, and say when the redundancy is lost
  ansible.builtin.debug:
    msg: "{{ (after | huaweicloud.vpn.verdict(ha={'at_least': 1})).message.splitlines() }}"
  vars:
    after: "{{ lookup('ansible.builtin.file', after_file) | from_json }}"
"""

RETURN = r"""
_value:
  description: The verdict.
  type: dict
  contains:
    schema:
      description: Version of this structure.
      type: int
    verdict:
      description: One of V(pass), V(fail), V(inconclusive), V(error).
      type: str
    settled:
      description: Whether waiting longer cannot turn the verdict into a pass, or it is a pass. Good for C(until).
      type: bool
    negotiated:
      description:
        - Whether the verdict is V(pass) and every connection has negotiated since the change. A pass without that reads
          C(PASS, NOT TRIED YET).
      type: bool
    compared:
      description: Whether there was a O(baseline) to compare with. Without one, every failure is a new one.
      type: bool
    message:
      description: The diagnosis, one line for each connection, the worst first, and for each HA group with trouble.
      type: str
    caveats:
      description: What a pass does not prove, and unused or expired waivers, with the connections concerned.
      type: list
      elements: str
    window:
      description: What was judged, by the cloud's clock, C(since), C(watched_from) and C(until). V(null) where open.
      type: dict
    acted_as:
      description: As whom, and in which project, the evidence was read, as the modules return it; V(null) if unknown.
      type: dict
    policy:
      description: The options it was judged by.
      type: dict
    unrecognised:
      description:
        - The sentences of the window that are not recognised, ready for O(known_lines), each with its C(sentence),
          C(count), C(first) and C(last). Addresses and IDs are masked with V(#), as are numbers where lines differ.
      type: list
      elements: dict
    ha_groups:
      description:
        - The HA groups of two or more tunnels, each with its C(vpn_connections), how many C(passed) and are C(needed),
          C(verdict), C(settled), C(message), and C(state).
        - The state is one of V(redundant), V(redundancy_lost), V(redundancy_unproven), V(service_lost),
          V(service_unproven). Only a tunnel that failed counts as lost.
      type: list
      elements: dict
    vpn_connections:
      description: One item for each connection of the evidence.
      type: list
      elements: dict
      contains:
        id:
          description: ID of the connection.
          type: str
        name:
          description: Name of the connection, V(null) where it is not known.
          type: str
        verdict:
          description: One of V(pass), V(fail), V(inconclusive), V(error).
          type: str
        settled:
          description: Whether waiting longer cannot turn this verdict into a pass, or it is a pass.
          type: bool
        negotiated:
          description: Whether a negotiation since the change is shown, by the log or by the IPsec SAs.
          type: bool
        tolerated:
          description: Whether it did not pass, but its HA group passes without it.
          type: bool
        message:
          description: The diagnosis as one line without control characters.
          type: str
        checks:
          description: What was checked, in words. A check without a finding held.
          type: list
          elements: str
        findings:
          description:
            - What was found, the worst first, each with its C(check), C(code), C(verdict) (what it leads to),
              C(settled) and C(message).
          type: list
          elements: dict
        caveats:
          description: What a pass does not prove, and what is odd about the waivers.
          type: list
          elements: str
        failures:
          description:
            - The failures by reason, as V(new), V(persisting) and V(resolved) against the O(baseline).
          type: dict
        evidence:
          description:
            - What it was judged by, with the lines of the window in C(logs), and the newest of those before it, in
              brief, in C(earlier).
          type: dict
  sample:
    verdict: fail
    settled: true
    message: >-
      hq-primary: FAIL 14x "authentication fail" (authentication, phase 1) 2026-11-23T10:02:11Z to
      2026-11-23T10:07:40Z, peer 203.0.113.9 - compare the PSK and the IDs on both ends
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils._errors import VpnError
from ..module_utils._verdict.judge import judge
from ..module_utils._verdict.policy import Policy


def verdict(
    value: Any,
    baseline: Any = None,
    quiet_for: Any = 0,
    require: Any = None,
    allow_recovered: Any = False,
    waivers: Any = None,
    ha: Any = "all",
    watched_from: Any = None,
    reset: Any = None,
    known_lines: Any = None,
    readings: Any = (),
) -> dict[str, Any]:
    """Return the verdict on evidence."""
    try:
        policy = Policy.from_options(quiet_for, require, allow_recovered, waivers, ha, reset, known_lines)
        judged = judge(value, baseline, policy, watched_from, readings)
    except VpnError as error:
        raise AnsibleFilterError(f"huaweicloud.vpn.verdict: {error}") from None
    # Peers write into these lines: whatever looks like a template in them must stay text.
    result: dict[str, Any] = wrap_var(judged)
    return result


class FilterModule:
    """Offer the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters of this file."""
        return {"verdict": verdict}
