# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.

from __future__ import annotations


class ModuleDocFragment:
    """The options that say which connections; see module_utils/_gather/query.py."""

    DOCUMENTATION = r"""
options:
  vpn_connection_id:
    description: IDs of the VPN connections. Exclusive with O(name).
    type: list
    elements: str
  name:
    description:
      - Names of the VPN connections. A name that is unknown or not unique is an error that lists the candidates.
    type: list
    elements: str
"""

    # Where connections need not be named, so that there may be many
    MANY = r"""
options:
  vgw_id:
    description: ID of a VPN gateway, for all of its connections. Exclusive with selecting connections by name or ID.
    type: str
  concurrency:
    description: How many connections to read at the same time, from V(1) to V(32).
    type: int
    default: 8
"""
