# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which oracles fit a fault, and the verdict on what was accepted."""

from __future__ import annotations

import dataclasses

import oracles
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.judge import judge
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.policy import Policy
from oracles import Outcome
from rig import Stage


def check(stage: Stage, outcome: Outcome) -> None:
    """Apply every oracle that fits the fault."""
    fault = dataclasses.replace(stage.fault, says=tuple(stage.says))
    oracles.no_traceback(outcome)
    oracles.no_secret(outcome.line + outcome.seen)
    oracles.as_many(stage.seen, fault.requests_wanted(stage.retries))
    oracles.as_many(len(stage.other.requests), 0)
    if fault.codes and not fault.retried:
        oracles.demand(getattr(stage.server, "connections", 0) <= 1, "connected again")
    if fault.by_core:
        oracles.demand(not outcome.accepted and all(part in outcome.line for part in fault.says), outcome.line)
    elif fault.codes:
        oracles.refused(outcome)
        oracles.one_line(outcome)
        oracles.telling(outcome, fault)
    elif fault.verdict:
        oracles.demand(outcome.accepted, f"refused: {outcome.line}")
        oracles.demand(verdict_of(outcome) == fault.verdict, f"verdict {verdict_of(outcome)}, not {fault.verdict}")
    else:
        oracles.whole(outcome, fault.lines or ())


def verdict_of(outcome: Outcome) -> str:
    """Return the verdict on the answer alone, without further demands."""
    try:
        return str(judge(outcome.answer, policy=Policy.from_options(require=[]))["verdict"])
    except VpnError as error:
        return f"refused: {error}"
