# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the default policy says of each named change of the emulator, and with what policy a healthy one passes."""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.tests.unit.plugins.plugin_utils.worlds import (
    ONE,
    RECOVERED,
    STATISTICS,
    taught,
)

NOT_YET = "pass, not tried yet"
SCENARIOS = {
    "default": {
        "wrong_psk": "fail",
        "proposal_mismatch": "fail",
        "pfs_mismatch_hidden": NOT_YET,
        "pfs_mismatch_at_rekey": "fail",
        "unknown_reason": "fail",
        "retry_storm": "fail",
        "late_failure": "fail",
        "renegotiated": "pass",
        "delayed_renegotiation": "pass",
        "recovered": "fail",
        "sas_restart": "pass",
        "being_updated": "pass",
        "flap": "pass",
        "flap_ends_down": "inconclusive",
        "status_flapping_to_error": "inconclusive",
        "recover": "pass",
        "idle": "inconclusive",
        "idle_active": NOT_YET,
        "one_way_traffic": NOT_YET,
        "ha_failover": "inconclusive",
        "ha_both_down": "fail",
        "pre_existing_failure": "fail",
        "still_failing": "fail",
        "strangers": "fail",
        "novel_line": "inconclusive",
        "harmless_line": "inconclusive",
        "log_cleared": "inconclusive",
        "unreadable": "error",
        "throttled_for_a_while": NOT_YET,
        "old_gateway": "error",
        "old_gateway_hq": "error",
        "sa_api_missing": "inconclusive",
        "clock_skew": "inconclusive",
    },
    "ha_pairs": {"master_fails": "fail", "pair_fails": "fail"},
    "many": {"one_fails": "fail"},
    "old_gateway": {"gateway_upgraded": "inconclusive"},
}
# What leaves the tunnels in order, and what has to be asked for to see that.
HEALTHY = {
    "pfs_mismatch_hidden": {},
    "renegotiated": {},
    "delayed_renegotiation": {},
    "recovered": RECOVERED,
    "sas_restart": {},
    "being_updated": {},
    "flap": {},
    "recover": {},
    "idle_active": {},
    "ha_failover": ONE,
    "harmless_line": taught(STATISTICS, "harmless"),
    "throttled_for_a_while": {},
}
