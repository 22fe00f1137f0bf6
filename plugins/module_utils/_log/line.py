# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A line of a log as a verdict needs it; knows no evidence and no rules."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._time import SECOND, SKEW
from .parser import find, is_understood, read, shows_negotiation, timestamp_of
from .reasons import TEARDOWN


class Line(NamedTuple):
    """A line of a log, read anew: whose, as it came, when it may have happened, and what of it decides.

    There may be hundreds of thousands, of which few are shown: the rest of what a line says is read again for those.
    """

    owner: str
    time: Any
    raw_message: Any
    moments: tuple[int, ...]
    kind: str
    outcome: str
    reason: str | None
    sentence: str
    understood: bool
    host: str | None
    taught: bool = False  # known_lines says what it means, the collection does not

    @classmethod
    def of(cls, owner: str, entry: Mapping[str, Any]) -> Line:
        """Read a line of the connection with this ID."""
        time, raw = entry["time"], entry["raw_message"]
        (said, _names), _values, moments, _stamp = find({"time": time, "raw_message": raw})
        # Most lines of a baseline come again; one copy of them saves a third of the memory.
        raw = sys.intern(raw) if raw.__class__ is str else raw  # not a subclass
        sentence = sys.intern(str(said["event"] or ""))
        known = is_understood(said)
        return cls(
            owner, time, raw, moments, said["kind"], said["outcome"], said["reason"], sentence, known, said["host"]
        )

    @property
    def event(self) -> dict[str, Any]:
        """Return the whole event, for an answer."""
        said = read({"time": self.time, "raw_message": self.raw_message})[0]
        own = {"kind": self.kind, "outcome": self.outcome, "reason": self.reason} if self.taught else {}
        if self.taught and self.outcome in ("failure", "down"):
            own["category"] = "known_lines"
        return {"vpn_connection_id": self.owner, **said, **own}

    @property
    def is_negotiation(self) -> bool:
        """Tell whether it shows that an IPsec SA was negotiated."""
        return shows_negotiation(self.kind, self.reason)

    @property
    def is_down(self) -> bool:
        """Tell whether it says that the tunnel went down, whatever the reason."""
        return self.outcome == "down" or self.kind in (TEARDOWN, "dpd_timeout")

    @property
    def tells(self) -> bool:
        """Tell whether it says something of the state of the tunnel, or may do so."""
        return self.is_negotiation or self.is_down or self.outcome == "failure" or not self.understood

    @property
    def timestamp(self) -> str | None:
        """Return the stamp of the event."""
        return timestamp_of(self.moments)

    @property
    def key(self) -> tuple[str, str]:
        """Return what makes it the same line again."""
        time, raw = self.time, self.raw_message
        if isinstance(time, int) and isinstance(raw, str) and not isinstance(time, bool):
            return str(time), raw
        return "", json.dumps([time, raw], sort_keys=True, default=repr)

    @property
    def earliest(self) -> float:
        """Return the first moment it may have happened; a line without any may be as old as can be."""
        return self.moments[0] if self._agree() else min(self.moments, default=-math.inf)

    @property
    def latest(self) -> float:
        """Return the last moment it may have happened; a line without any may be the newest.

        A time without a fraction may be a second older than what it tells of.
        """
        last = self.moments[0] if self._agree() else max(self.moments, default=math.inf)
        return last + SECOND - 1 if last % SECOND == 0 else last

    def _agree(self) -> bool:
        """Tell whether both clocks mean one moment: `time` is the stamp without its fraction."""
        return bool(self.moments) and abs(self.moments[0] - self.moments[-1]) <= SKEW
