# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.

from __future__ import annotations


class ModuleDocFragment:
    """The options that say what a pass takes, for the task and the filter; see module_utils/_verdict/policy.py."""

    DOCUMENTATION = r"""
options:
  require:
    description:
      - What must hold for a pass, out of V(status_active), V(renegotiated) and V(traffic).
      - V(status_active) is that the service calls the connection ACTIVE. Gather C(connection) for it.
      - V(renegotiated) is a negotiation in the window, shown by a line or by IPsec SAs that are new or whose counters
        started again, and later than the connection's C(updated_at).
      - V(traffic) is that the counters of one IPsec SA grew in both directions between two readings after the change.
        Gather C(ipsec_sas) for it in each.
    type: list
    elements: str
    default: [status_active]
  allow_recovered:
    description:
      - Accept a failure if a successful negotiation followed it and every teardown, and if no other failure followed
        for O(quiet_for).
    type: bool
    default: false
  ha:
    description:
      - How many tunnels of an HA group have to pass. Either V(all), or a dictionary with C(at_least), a number.
      - An HA group is the tunnels between one VPN gateway and one customer gateway. Gather C(connection) for it, or
        each tunnel stands alone.
      - In any case, the message says whether redundancy is lost or the service is lost.
    type: raw
    default: all
  waivers:
    description:
      - Failures that are accepted until a date. Each has all of C(vpn_connection) (ID or name), C(reason), C(until)
        (date and time with an offset) and C(ticket).
      - Expired and unused waivers are listed in the caveats.
    type: list
    elements: dict
    default: []
  known_lines:
    description:
      - What lines mean that the collection does not recognise. Each has a C(sentence) and what it C(means), one of
        V(failure), V(down), V(success) and V(harmless).
      - The verdict lists the sentences to copy as C(unrecognised), and the reports have them as a block to paste here.
      - A sentence is compared as a whole, with the words of its parameters, without regard to case and blanks. V(#)
        stands for a number, an address or an ID.
      - Only a line that is read completely can be V(success) or V(harmless), and a V(success) may not give a reason. In
        a V(success), V(#) does not stand for a number of one or two digits, such as that of a phase.
      - A sentence that the collection knows cannot be given another meaning.
    type: list
    elements: dict
    default: []
"""
