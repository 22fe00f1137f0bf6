# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.

from __future__ import annotations


class ModuleDocFragment:
    """The options that say what to gather and which entries to keep; see module_utils/_gather/query.py."""

    DOCUMENTATION = r"""
options:
  since:
    description:
      - Keep only entries from this moment on.
      - Either a date and time with an offset (RFC 3339, V(2026-11-23T10:00:00Z)), or seconds since the epoch, or a span
        back from the cloud's clock, V(90s), V(15m), V(2h), V(1d).
      - An entry whose own time stamp and the service's C(time) disagree is kept when either lies in the window.
    type: str
  until:
    description: Keep only entries up to this moment, written like O(since).
    type: str
  kind:
    description: Keep only entries of these kinds.
    type: list
    elements: str
    choices:
      - negotiation_failed
      - ike_sa_established
      - tunnel_established
      - rekey
      - dpd_timeout
      - teardown
      - link_quality
      - noise
      - unknown
      - unparsed
  reason:
    description: Keep only entries with these reasons, such as V(authentication fail). Case and hyphens do not matter.
    type: list
    elements: str
  peer_address:
    description: Keep only entries with these addresses of the customer gateway.
    type: list
    elements: str
  limit:
    description: Keep only the newest entries, this many of each connection.
    type: int
"""

    # What there is to gather; whoever uses it may have another default
    PARTS = r"""
options:
  gather:
    description:
      - What to gather of each connection beside its log, which is always read.
      - V(connection) is its status, HA role, policies, lifetimes and DPD settings.
      - V(ipsec_sas) are its IPsec SAs with packet and byte counters. Not every region offers them.
      - Each costs one more request for each connection.
    type: list
    elements: str
    choices:
      - logs
      - connection
      - ipsec_sas
    default:
      - logs
"""
