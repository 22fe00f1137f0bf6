# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate of a pipeline: whether the JSON reports of this run prove that its tunnels were verified."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...module_utils._errors import OptionError, VpnError
from ...module_utils._sanitize import visible
from ...module_utils._uuid import is_uuid
from .verdict_input import complete_verdict

_NAMED = 8  # tunnels that a line names


class Demand(NamedTuple):
    """What a run has to show: its ID, which tunnels or how many (None for any), and whether all have negotiated."""

    run_id: str
    expect: Sequence[str] | int | None = None
    negotiated: bool = False


class NotVerifiedError(Exception):
    """Why nothing is proven, as a part of one line for people."""


def expected(value: Any) -> Sequence[str] | int | None:
    """Return the option `expect`: names or IDs of tunnels, or how many there are; raise OptionError for neither."""
    if value is None:
        return None
    items = [str(item).strip() for item in (value if isinstance(value, list) else [value])]
    if len(items) == 1 and items[0].isdecimal():
        if int(items[0]) < 1:
            raise OptionError("expect", "must be at least 1: a run without tunnels proves nothing")
        return int(items[0])
    if not items or not all(items):
        raise OptionError("expect", "give names or IDs of tunnels, or their number")
    return items


def read_reports(folder: str, name: str) -> dict[str, Any]:
    """Return the JSON reports of a folder by file name; an asterisk in the name stands for any text.

    Raises NotVerifiedError where there is none, and for one that cannot be read.
    """
    pattern = os.path.join(glob.escape(folder), f"{name}.json")
    reports = {}
    for path in sorted(glob.glob(pattern)):
        shown = visible(os.path.basename(path), 80)
        try:
            with open(path, encoding="utf-8") as file:
                reports[shown] = json.load(file)
        except OSError as error:
            raise NotVerifiedError(f"{shown} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError):
            raise NotVerifiedError(f"{shown} is not valid JSON") from None
    if not reports:
        where = visible(pattern, 200)
        raise NotVerifiedError(f"there is no report {where}: nothing was verified, or the reports are elsewhere")
    return reports


def verified(reports: Mapping[str, Any], demand: Demand) -> str:
    """Return what the reports prove, as a part of one line; raise NotVerifiedError with the first reason against it.

    Each of them must be a complete report of this run, of a change that was made, whose verdict is a pass.
    """
    tunnels: dict[str, str | None] = {}
    for name, report in reports.items():
        tunnels.update(_tunnels_of(name, report, demand))
    _check_expected(tunnels, demand.expect)
    labels = [visible(label or key, 64) for key, label in tunnels.items()]
    more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
    return f"{len(labels)} VPN connection(s) in run {visible(demand.run_id, 80)}: {', '.join(labels[:_NAMED])}{more}"


def _tunnels_of(name: str, report: Any, demand: Demand) -> dict[str, str | None]:
    """Return the tunnels that a report proves, their names by ID."""
    run = report.get("run") if isinstance(report, Mapping) else None
    if not isinstance(run, Mapping) or "id" not in run or "check_mode" not in run:
        raise NotVerifiedError(f"{name} is not a report of a verification")
    if run["id"] != demand.run_id:
        of = f"run {visible(str(run['id']), 80)}" if run["id"] is not None else "a run without run_id"
        wrong = f"{name} is of {of}, not of run {visible(demand.run_id, 80)}"
        raise NotVerifiedError(f"{wrong}: delete it, or give the verification the same run_id")
    if run["check_mode"] is not False:
        raise NotVerifiedError(f"{name} was written in check mode: the change was not made")
    try:
        verdict = complete_verdict(report)
    except VpnError as error:
        raise NotVerifiedError(f"{name}: {error}") from None
    if verdict["verdict"] != "pass":
        # After a roll-back, the first line is how that ended, and the second why.
        shown = visible("; ".join(verdict["message"].split("\n")), 400)
        raise NotVerifiedError(f"the verdict of {name} is {verdict['verdict']}: {shown}")
    if demand.negotiated and not verdict["negotiated"]:
        untried = [row["name"] or row["id"] for row in verdict["vpn_connections"] if not row["negotiated"]]
        shown = ", ".join(visible(label, 64) for label in untried[:_NAMED])
        raise NotVerifiedError(f"{name}: no negotiation since the change: {shown}")
    return {row["id"]: row["name"] for row in verdict["vpn_connections"]}


def _check_expected(tunnels: Mapping[str, str | None], expect: Sequence[str] | int | None) -> None:
    """Raise for tunnels that are missing, and for others than those that are expected."""
    if isinstance(expect, int) and len(tunnels) != expect:
        raise NotVerifiedError(f"the reports have {len(tunnels)} VPN connection(s), but expect is {expect}")
    if expect is None or isinstance(expect, int):
        return
    known = {*map(str.lower, tunnels), *filter(None, tunnels.values())}
    missing = [item for item in expect if not known & {item, item.lower() if is_uuid(item) else item}]
    wanted = {*expect, *(item.lower() for item in expect if is_uuid(item))}
    others = [label or key for key, label in tunnels.items() if not wanted & {key.lower(), label}]
    if missing:
        raise NotVerifiedError(f"the reports lack {visible(', '.join(missing), 200)}")
    if others:
        raise NotVerifiedError(f"the reports have tunnels that are not in expect: {visible(', '.join(others), 200)}")
