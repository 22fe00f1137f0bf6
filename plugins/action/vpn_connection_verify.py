# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prove after a change that tunnels still negotiate, as one task; documented beside the modules."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from ansible.module_utils.common.validation import check_type_path

from ..module_utils._client.settings import Connection, connection_spec
from ..module_utils._errors import OptionError, VpnError
from ..module_utils._gather.logs import gather
from ..module_utils._gather.query import PARTS, Query, Selection, query_spec, selection_spec
from ..module_utils._gather.selection import created_after, listing
from ..module_utils._sanitize import visible
from ..module_utils._time import parse_seconds
from ..module_utils._verdict.evidence import check_age, complete_evidence
from ..module_utils._verdict.judge import judge
from ..module_utils._verdict.policy import Policy
from ..plugin_utils._direct import DirectAction, Get, is_blank
from ..plugin_utils._report.files import ReportFiles
from ..plugin_utils._report.wording import source_of
from ..plugin_utils._report.writer import TITLE, WRITERS, write_report
from ..plugin_utils._verification import Timing, Verified, World, verify
from ..plugin_utils._verify_reset import reset_tunnels

CHECK_MODE = "check mode: the change was not made, the verdict describes the tunnels as they are"
_POLICY = ("require", "allow_recovered", "ha", "waivers", "known_lines")
_SELECTION = tuple(selection_spec())
_SHOWN = ("id", "name", "verdict", "message", "tolerated", "negotiated")
_RETURNED = (
    "verdict",
    "settled",
    "negotiated",
    "message",
    "caveats",
    "window",
    "ha_groups",
    "unrecognised",
    "acted_as",
)


def verify_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec beside the connection options."""
    return {
        **selection_spec(),
        "gather": {**query_spec()["gather"], "default": list(PARTS)},
        "concurrency": query_spec()["concurrency"],
        "baseline": {"type": "dict"},
        "baseline_file": {"type": "path"},
        "since": {"type": "str"},
        "max_age": {"type": "str"},
        "require": {"type": "list", "elements": "str", "default": ["status_active"]},
        "allow_recovered": {"type": "bool", "default": False},
        "ha": {"type": "raw", "default": "all"},
        "waivers": {"type": "list", "elements": "dict", "default": []},
        "known_lines": {"type": "list", "elements": "dict", "default": []},
        "quiet_for": {"type": "str"},
        "on_inconclusive": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
        "reset": {"type": "bool", "default": False},
        "wait_sleep": {"type": "str", "default": "15"},
        "wait_timeout": {"type": "str", "default": "600"},
        "report_dir": {"type": "path"},
        "report_name": {"type": "str"},
        "report_formats": {"type": "list", "elements": "str", "choices": list(WRITERS), "default": list(WRITERS)},
        "title": {"type": "str", "default": TITLE},
        "run_id": {"type": "str"},
        "prepare": {"type": "bool", "default": False},
    }


class ActionModule(DirectAction):
    """Gather until settled, judge, report, decide."""

    SPEC: ClassVar[Mapping[str, dict[str, Any]]] = {**connection_spec(), **verify_spec()}
    AS_THEY_ARE = ("baseline",)

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Remove the reports of earlier runs before all else: also where an option is refused, none is of this run."""
        self.task_vars = task_vars or {}
        get = self._task.args.get
        with self.environment(), suppress(OptionError, TypeError):  # which are said when the options are checked
            folder = None if is_blank(get("report_dir")) else check_type_path(get("report_dir"))
            self._clear(ReportFiles(folder, self._report_name(get), ()))
        return super().run(tmp, task_vars)

    def work(self, get: Get, connection: Connection) -> dict[str, Any]:
        """Verify the tunnels; return the verdict in short."""
        files = ReportFiles(get("report_dir"), self._report_name(get), get("report_formats"))
        self._clear(files)
        self.check_variables(verify_spec(), "result")
        timing, policy = _timing(get), policy_of(get)
        baseline = _baseline(get, self.task_vars.get("tunnel_baseline_evidence") if self.role() else None)
        selection = _selection(get, baseline)
        if get("reset"):
            self._check_reset(get, timing)

        def read(chosen: Any) -> dict[str, Any]:
            how = {"gather": get("gather"), "concurrency": get("concurrency")}
            find = {**dict.fromkeys((*_SELECTION, *query_spec())), **how, **chosen}.get
            return gather(connection, Selection.from_options(find), Query.from_options(find), compact=True, older=True)

        if get("prepare"):
            return self._prepare(partial(read, selection), baseline, policy, timing)
        done = reset_tunnels(connection, get, timing, self._task.check_mode, self._say) if get("reset") else None
        world = World(read, time.monotonic, time.sleep, self._say)
        verified = verify(world, selection, baseline, {**policy, "reset": done and done.outcome}, timing)
        if baseline is not None and not any(map(get, _SELECTION)):
            verified.verdict["caveats"] += _created(connection, baseline)
        return self._end(verified, get, files, done)

    def _clear(self, files: ReportFiles) -> None:
        """Remove the reports of earlier runs."""
        files.clear()

    def _prepare(
        self, read: Callable[[], dict[str, Any]], baseline: Any, policy: dict[str, Any], timing: Timing
    ) -> dict[str, Any]:
        """Judge what is there now: whatever would be refused after the change is refused before it."""
        evidence = complete_evidence(read(), "the evidence")
        before = None if baseline is None else complete_evidence(baseline, "the baseline")
        check_age(evidence, before, timing.max_age)
        judged = judge(evidence, before, Policy.from_options(**policy))
        rows = judged["vpn_connections"]
        unread = next((row for row in rows if row["verdict"] == "error"), None)
        if unread:
            return {"failed": True, "msg": unread["message"], "error": unread["evidence"]["error"]}
        if not rows:
            raise VpnError(judged["message"], code="E_CONFIG")
        names = [row["name"] or row["id"] for row in rows]
        return {"ready": True, "message": f"ready to verify {', '.join(names)}"}

    def _end(self, verified: Verified, get: Get, files: ReportFiles, done: Any) -> dict[str, Any]:
        """Write the reports, say the diagnosis, and decide."""
        verdict, check_mode = verified.verdict, self._task.check_mode
        answer = {name: verdict[name] for name in _RETURNED}
        rows = [{name: row[name] for name in _SHOWN} for row in verdict["vpn_connections"]]
        answer["vpn_connections"] = [_fit(row, "name") for row in rows]
        answer["unrecognised"] = [_fit(row, "sentence") for row in verdict["unrecognised"]]
        answer.update(reports=files.paths, changed=bool(done and done.changed))
        source = source_of(verdict)
        if source and not self.host():
            self._say(f"read with {source}")
        lines = [*([CHECK_MODE] if check_mode else ()), *verdict["message"].splitlines()]
        lines += () if self.host() else verdict["caveats"]  # of many hosts, each has one line; the report has them all
        problem = None
        try:
            title = self._title(str(get("title")), [row["name"] for row in verdict["vpn_connections"]])
            files.write(lambda style: write_report(verdict, style, title, get("run_id"), check_mode))
        except VpnError as error:
            problem = str(error)
            lines.append(problem)
        self._tell(lines)
        lenient = get("on_inconclusive") == "warn" and not (done and done.problem)
        if verdict["verdict"] == "inconclusive" and lenient:
            answer["warnings"] = ["the verdict is inconclusive; on_inconclusive says that the task passes"]
        elif verdict["verdict"] != "pass":
            problem = verdict["message"].splitlines()[0]
        return {**answer, **({"failed": True, "msg": problem} if problem else {})}

    def _tell(self, lines: list[str]) -> None:
        """Show the diagnosis."""
        for line in lines:
            self.show(self.prefixed(line))

    def _check_reset(self, get: Get, timing: Timing) -> None:
        """Raise unless the tunnels are named whose traffic may drop, one host at a time, with time to come back."""
        if not (get("name") or get("vpn_connection_id")):
            raise OptionError("reset", "a reset drops traffic: give name or vpn_connection_id of the tunnels to reset")
        if not timing.wait_timeout:
            raise OptionError("reset", "set wait_timeout to how long a tunnel may take to come back, such as 5m")
        if self.host() and len(self.task_vars.get("ansible_play_batch", ())) > 1:
            raise OptionError("reset", "set serial: 1 in the play, or both tunnels of a pair may be down at once")

    def _title(self, title: str, tunnels: list[str | None]) -> str:
        """Return the title; of several hosts each has its own, or a pipeline takes their cases for the same."""
        host = self.host()
        return title if host is None or host in title or host in tunnels else f"{title}, {host}"

    def _report_name(self, get: Get) -> str:
        """Return the name of the reports; of several hosts each has its own."""
        host = self.host()
        name = get("report_name") or (f"tunnel_verify-{host}" if host else "tunnel_verify")
        if host and get("report_dir") and host not in name:
            raise OptionError("report_name", "with several hosts, leave it out or put inventory_hostname into it")
        return str(name)

    def _say(self, line: str) -> None:
        """Say how it goes: on stderr, since stdout does not come live in a pipeline."""
        self.show(self.prefixed(line), stderr=True)


def _created(connection: Connection, baseline: Mapping[str, Any]) -> list[str]:
    """Return a line on the tunnels that the change has created, if any: the baseline cannot name them."""
    known = {row["id"].lower() for row in baseline["vpn_connections"]}
    try:
        names = created_after(connection, baseline["server_time"], known)
    except VpnError as error:
        return [f"cannot check whether the change has created VPN connections: {error}"]
    return [f"{listing(names)}: created after the baseline, not verified: list every tunnel in name"] if names else []


def _fit(row: dict[str, Any], member: str) -> dict[str, Any]:
    """Return a row with a member made fit for people, who see it where the task fails; reports have it as it is."""
    return {**row, member: row[member] and visible(row[member], 2000)}


def _timing(get: Get) -> Timing:
    quiet_for, max_age = (
        None if get(name) is None else parse_seconds(name, get(name)) for name in ("quiet_for", "max_age")
    )
    sleep, timeout = (parse_seconds(name, get(name)) for name in ("wait_sleep", "wait_timeout"))
    return Timing(max(sleep, 1), timeout, quiet_for, max_age)


def policy_of(get: Get) -> dict[str, Any]:
    """Return the options of the policy, checked; on the command line a dictionary is a text in braces."""
    policy = {name: get(name) for name in _POLICY}
    if isinstance(policy["ha"], str) and policy["ha"].startswith("{"):
        try:
            policy["ha"] = json.loads(policy["ha"])
        except ValueError:
            raise OptionError("ha", 'give all, or {"at_least": 1}') from None
    Policy.from_options(**policy)
    return policy


def _baseline(get: Get, taken: Any) -> Any:
    """Return the evidence from before the change, None where since says from when on failures count.

    C(taken) is what the role tunnel_baseline has left: it counts where the other role is given none.
    """
    given = [name for name in ("baseline", "baseline_file", "since") if get(name) is not None]
    if taken is not None and given == ["since"]:
        raise OptionError("since", "leave it out, because the role tunnel_baseline has taken a baseline")
    if taken is not None and not given:
        return taken
    if get("prepare") and not given:
        return None  # before the baseline is taken, the rest can be checked
    if len(given) != 1:
        what = f"give only one of {' and '.join(given)}" if given else "give baseline, baseline_file or since"
        raise OptionError(given[0] if given else "baseline", what)
    if given[0] == "baseline_file":
        try:
            with open(get("baseline_file"), encoding="utf-8") as file:
                return json.load(file)
        except OSError as error:
            raise OptionError("baseline_file", f"{get('baseline_file')} cannot be read: {error.strerror}") from None
        except ValueError:
            raise OptionError("baseline_file", f"{get('baseline_file')} is not a JSON file of evidence") from None
    return get("baseline")


def _selection(get: Get, baseline: Any) -> dict[str, Any]:
    """Return which tunnels to read: those named, else those of the baseline.

    What the baseline has is read by its ID, so that a tunnel that the change has deleted is judged, too.
    """
    chosen = {name: get(name) for name in (*_SELECTION, "since")}
    if baseline is None:
        return chosen
    judge(baseline, baseline)  # raises for what is no evidence
    rows = baseline["vpn_connections"]
    if not any(chosen[name] for name in _SELECTION):
        chosen["vpn_connection_id"] = [row["id"] for row in rows]
    names = chosen["name"] or []
    ids = [row["id"] for name in names for row in rows if row["name"] == name]
    if names and len(ids) == len(names):
        chosen.update(name=None, vpn_connection_id=ids)
    return chosen
