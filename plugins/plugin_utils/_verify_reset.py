# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""The reset that a verification begins with; what fails here is judged and reported."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ..module_utils._client.settings import Connection
from ..module_utils._errors import VpnError
from ..module_utils._resetter import Resetter
from ._verification import Timing

_DROPS = "resetting the tunnels one after the other: THEIR TRAFFIC DROPS NOW"


class Done(NamedTuple):
    """What came of a reset: for the policy, and whether anything was changed or went wrong."""

    outcome: dict[str, Any] | None
    changed: bool
    problem: str | None


def reset_tunnels(
    connection: Connection, get: Callable[[str], Any], timing: Timing, check_mode: bool, say: Callable[[str], None]
) -> Done:
    """Reset the named tunnels. One that is still being updated is waited for, and nothing else is tried again."""
    wait = max(1, min(3600, int(timing.wait_timeout)))
    given = {"vpn_connection_id": get("vpn_connection_id"), "name": get("name"), "wait": True, "wait_timeout": wait}
    say("check mode: no tunnel is reset" if check_mode else _DROPS)
    end = time.monotonic() + timing.wait_timeout
    while True:
        done = _once(connection, given, check_mode)
        busy = done.problem and ("its status is PENDING_" in done.problem or "VPN.0306" in done.problem)
        if done.changed or not busy or time.monotonic() + timing.wait_sleep > end:
            say(done.problem or f"{'would be reset' if check_mode else 'reset and up again'}: {_names(done)}")
            # Of a reset in check mode, only what went wrong counts.
            return done._replace(outcome=None, changed=False) if check_mode and not done.problem else done
        time.sleep(timing.wait_sleep)


def _once(connection: Connection, given: dict[str, Any], check_mode: bool) -> Done:
    try:
        outcome = Resetter(connection, given.get).run(predict=check_mode)
    except VpnError as error:
        return Done({"msg": str(error), "error": error.details}, False, str(error))
    except Exception as error:
        # It may have sent a reset before: that is judged as one that broke off.
        problem = f"internal error ({type(error).__name__}), please report it"
        return Done({"msg": problem}, True, problem)
    said = {"msg": outcome.problem} if outcome.problem else {}
    return Done({**outcome.answer, **said}, outcome.changed and not check_mode, outcome.problem)


def _names(done: Done) -> str:
    rows = (done.outcome or {}).get("vpn_connections", ())
    return ", ".join(str(row["name"] or row["id"]) for row in rows)
