# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of the playbooks: what is misspelt, what is theirs alone, and what a blank has cut off."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

OWN = "validate_change_"
FOUND = ("before", "after", "failed", "undone")  # what validate_change registers, behind OWN
BASELINE = (
    "vpn_connection_id",
    "name",
    "vgw_id",
    "gather",
    "concurrency",
    "file",
)  # the options of the role tunnel_baseline
RESULTS = ("tunnel_baseline_evidence", "tunnel_verify_result")
TAKES = ("baseline", "baseline_file", "since")  # which validate_change finds itself
_NOT_FOR: dict[str, dict[str, str]] = {
    "baseline": {},
    "verify": {"prepare": "always verifies"},
    "validate_change": {**dict.fromkeys(TAKES, "takes the evidence itself"), "prepare": "has prepare_only instead"},
}
CONNECTION = "huaweicloud_vpn_"
FOUND_BY_PLAYS = (*RESULTS, f"{CONNECTION}options")


def variable_problems(
    names: Iterable[str], extra: Mapping[str, Any], verify: Iterable[str], connection: Iterable[str]
) -> Iterator[str]:
    """Yield a line for each variable that is not one of those that there are.

    `names` are all variables of the host, `extra` those of the command line, which outrank what a play finds.
    """
    if extra.get("_raw_params"):
        cut = str(extra["_raw_params"])
        yield f"{cut}: not a variable; quote a value that has a blank: -e \"change='a b.yml'\""
    known = {f"tunnel_baseline_{name}" for name in BASELINE} | {f"tunnel_verify_{name}" for name in verify}
    ours = {OWN + name for name in FOUND}
    options = [*connection, "options"]
    for name in sorted(names):
        if (name in extra and name in {*ours, *RESULTS}) or (name.startswith(OWN) and name not in ours):
            yield f"{name}: leave it out, because the playbook sets it"
        elif name.startswith(("tunnel_baseline_", "tunnel_verify_")) and name not in {*known, *RESULTS}:
            near = difflib.get_close_matches(name, sorted(known), 1)
            yield f"{name}: there is no such option{f', is {near[0]} meant?' if near else ''}"
        elif name.startswith(CONNECTION) and name.removeprefix(CONNECTION) not in options:
            near = difflib.get_close_matches(name.removeprefix(CONNECTION), options, 1)
            if near:
                yield f"{name}: there is no such option, is {CONNECTION}{near[0]} meant?"


def not_for(playbook: str, given: Iterable[str]) -> Iterator[str]:
    """Yield a line for each option of tunnel_verify that has no place in a playbook."""
    for name in given:
        if name in _NOT_FOR[playbook]:
            yield f"tunnel_verify_{name}: leave it out, {playbook} {_NOT_FOR[playbook][name]}"
