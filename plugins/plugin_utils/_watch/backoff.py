# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When to read next: the interval, the budget of requests, and what to do when reading fails; pure, time is given."""

from __future__ import annotations

from dataclasses import dataclass

from ...module_utils._client.retry import is_transient
from ...module_utils._errors import VpnError

_LONGEST = 900.0  # seconds between two attempts, unless the interval or the service asks for more
_LONGEST_ASKED = 3600.0  # the most that the service may ask for
_HOUR = 3600


@dataclass(frozen=True)
class Backoff:
    """What could not be read: how many times in a row, and when it is due again on the monotonic clock."""

    times: int = 0
    due: float = 0.0

    def again(self, error: VpnError, now: float, interval: float) -> Backoff:
        """Return the trouble after one more failure: each doubles the wait, and what the service asks for is kept."""
        wait = min(interval * 2.0 ** min(self.times, 16), max(_LONGEST, interval))
        return Backoff(self.times + 1, now + max(wait, min(error.retry_after or 0.0, _LONGEST_ASKED)))

    def is_worth_telling(self, error: VpnError) -> bool:
        """Tell whether people should hear of it: not of a fault that passes before the next reading."""
        return self.times > 1 or not passes(error)


def passes(error: VpnError) -> bool:
    """Tell whether the error may go away by itself."""
    return is_transient(error) or error.code == "E_DEADLINE"


def ends_it(error: VpnError, *, read_before: bool) -> bool:
    """Tell whether going on is of no use: refused credentials, as repeats lock the key, and mistakes at the start."""
    return error.status == 401 or (not read_before and not passes(error))


def next_reading(started: float, requests: int, interval: float, requests_per_hour: int) -> float:
    """Return when to read next: after the interval, or as much later as the requests sent have used of the budget."""
    return started + max(float(interval), requests * _HOUR / requests_per_hour)
