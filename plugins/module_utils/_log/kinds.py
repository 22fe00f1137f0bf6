# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of events; in a file of their own, since every task names them among its options, and few read lines."""

from __future__ import annotations

KINDS = (
    "negotiation_failed ike_sa_established tunnel_established rekey dpd_timeout teardown link_quality noise unknown "
    "unparsed"
).split()
