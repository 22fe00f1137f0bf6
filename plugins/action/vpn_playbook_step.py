# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of the playbooks of this collection; documented beside the modules."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ..module_utils._client.settings import Connection
from ..module_utils._errors import OptionError, VpnError
from ..module_utils._gather.query import selection_spec
from ..module_utils._sanitize import visible
from ..module_utils._verdict.judge import judge
from ..module_utils._verdict.policy import Policy
from ..plugin_utils._direct import DirectAction, Get
from ..plugin_utils._files import write_file
from ..plugin_utils._playbook.play_vars import PlayVars, plain_line
from ..plugin_utils._playbook.rolled_back import AGAIN, marked, outcome
from ..plugin_utils._playbook.task_files import file_problem, path_of
from ..plugin_utils._playbook.variables import BASELINE, OWN, TAKES
from ..plugin_utils._report.files import ReportFiles
from ..plugin_utils._report.verdict_input import VERDICTS
from ..plugin_utils._report.writer import write_report
from ..plugin_utils._verification import Verified
from .vpn_connection_baseline import ActionModule as Baseline
from .vpn_connection_verify import ActionModule as Verify
from .vpn_connection_verify import policy_of, verify_spec

_LOOK = {"since": "15m", "quiet_for": 0, "wait_timeout": 0}  # where there is no baseline: once, and back a little
_MILD = {"allow_recovered": True, "require": ["status_active"], "on_inconclusive": "fail"}
# Where the service cannot be asked, the options are checked all the same, as nobody.
_NOBODY = {
    "access_key": "not-needed",
    "secret_key": "not-needed",
    "endpoint": "https://localhost",
    "project_id": "none",
}


class Take(Baseline):
    """Take the evidence from before the change, and say nothing of it: the list of all that is wrong comes first."""

    def show(self, line: str, *, stderr: bool = False) -> None:
        """Leave it to the verdict to say how the tunnels are."""


class Keep(Baseline):
    """Take the evidence into the file of the playbook."""

    dest = "tunnel_baseline_file"


class Prepare(Verify):
    """Check the options of the verification; without evidence, only what can be checked without reading."""

    def _prepare(self, read: Callable[[], dict[str, Any]], baseline: Any, *options: Any) -> dict[str, Any]:
        return {} if baseline is None else super()._prepare(read, baseline, *options)


class Prove(Verify):
    """Verify, and leave the diagnosis to a later step to show."""

    lines: tuple[str, ...] = ()

    def _tell(self, lines: list[str]) -> None:
        self.lines = tuple(self.masked(self.prefixed(line)) for line in lines)


class Again(Prove):
    """Verify after a roll-back: the reports then say how it ended, and never pass."""

    failed: str | None = None
    before = ""

    def _clear(self, files: ReportFiles) -> None:
        """Keep the reports from before the roll-back until there are others."""

    def work(self, get: Get, connection: Connection) -> dict[str, Any]:
        """Verify whether the tunnels have recovered, whatever else was asked of the change."""
        self.asked = get
        return super().work(lambda name: _MILD.get(name, get(name)), connection)

    def _end(self, verified: Verified, get: Get, files: ReportFiles, done: Any) -> dict[str, Any]:  # noqa: ARG002
        statuses = {row["id"]: (row["connection"] or {}).get("status") for row in verified.evidence["vpn_connections"]}
        ended = outcome(verified.verdict, statuses, self.failed)
        strict = judge(verified.evidence, get("baseline"), Policy.from_options(**policy_of(self.asked)))
        judged = marked(strict, ended, self.before)
        title, check_mode = f"{get('title')} - {ended}", self._task.check_mode
        self._tell(verified.verdict["message"].splitlines())
        try:
            files.write(lambda style: write_report(judged, style, title, get("run_id"), check_mode))
        except VpnError as error:
            ended += f"; {plain_line(str(error))}"
        return {"ended": ended}


class ActionModule(ActionBase):
    """Do a step of a playbook."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:  # noqa: ARG002
        """Run the step."""
        self.task_vars = task_vars or {}
        self.vars = PlayVars(self.task_vars, self._templar, self._loader, verify_spec())
        self.connection = dict(self._task.args)
        step, self.failed_task = (self.connection.pop(name, None) for name in ("step", "failed_task"))
        try:
            done = getattr(self, f"step_{step}", None)
            if done is None:
                raise OptionError("step", "there is no such step")
            return {"changed": False, **done()}
        except VpnError as error:
            return {"failed": True, "changed": False, "msg": plain_line(str(error))}

    def step_tunnels(self) -> dict[str, Any]:
        """See that the pattern leads to hosts."""
        return {"hosts": self.vars.hosts()}

    def step_baseline(self) -> dict[str, Any]:
        """Take the evidence of the tunnels into a file."""
        problems = self.vars.problems("baseline")
        options = self.vars.options("tunnel_baseline_", BASELINE)
        options["dest"] = options.pop("file", None)
        if options["dest"] is None:
            problems.append("tunnel_baseline_file: give the file to write the evidence to, such as $PWD/before.json")
        refused = self._refused(problems)
        return refused or self._done(Keep, {**options, **self.vars.tunnels("tunnel_baseline_")})[0]

    def step_verify(self) -> dict[str, Any]:
        """Verify against a baseline, or look at the tunnels as they are."""
        refused = self._refused(self.vars.problems("verify"))
        options = self.vars.options("tunnel_verify_", verify_spec())
        if not {"baseline", "baseline_file"} & {*options}:
            options = {**_LOOK, **options}
            self._show([f"no baseline is given: only failures since {options['since']} count"])
        return refused or self._done(Verify, {**options, **self.vars.tunnels("tunnel_verify_")})[0]

    def step_prepare(self) -> dict[str, Any]:
        """Check everything that would be refused after the change, and take the evidence; say all that is wrong."""
        problems = self.vars.problems("validate_change")
        files = self._files(problems)
        taken = self.vars.options("tunnel_baseline_", BASELINE[:-1])
        evidence = self._checked(Take, taken, "tunnel_baseline_", problems, self.connection)
        options = self.vars.options("tunnel_verify_", [name for name in verify_spec() if name not in TAKES])
        options |= {"prepare": True, "baseline": evidence}
        connection = {**self.connection, **({} if evidence else _NOBODY)}
        self._checked(Prepare, options, "tunnel_verify_", problems, connection)
        try:
            only = boolean(self.vars.value("prepare_only") or False)
        except TypeError:
            problems.append("prepare_only: give true or false")
        if not problems and not only:
            problems += self._keep(evidence)
        if problems or evidence is None:
            return self._refused(problems) or {}
        names = ", ".join(str(row["name"] or row["id"]) for row in evidence["vpn_connections"])
        if only:
            return {"prepare_only": True, "lines": [f"ready: {names} can be changed and verified"]}
        mine = {"prepare_only": False, "run": uuid.uuid4().hex, **files}
        return {**evidence, **mine, **self._stats("error", "no verdict was reached", everywhere=True)}

    def step_prove(self) -> dict[str, Any]:
        """Verify after the change."""
        answer, prove = self._verified(Prove)
        found: dict[str, Any] = {name: answer[name] for name in ("verdict", "msg", "failed") if name in answer}
        stats = {} if answer.get("failed") else self._stats(answer["verdict"], answer["message"])
        lines = [line for line in prove.lines if not line.endswith(answer.get("msg", line + " "))]
        return {**found, **stats, "lines": lines, "run": self._run}

    def step_failed(self) -> dict[str, Any]:
        """Note why the change is not good: the verdict, or else the task that failed."""
        proved = self._registered("after")
        verdict, lines = "error", [f"{self._failed_name()} failed, see its error above"]
        if proved.get("failed"):
            # Where the verdict itself is a pass, something else failed, such as the writing of a report.
            verdict = proved["verdict"] if proved.get("verdict", "pass") != "pass" else verdict
            lines = [proved["msg"], *proved["lines"]]
        return {"verdict": verdict, "lines": lines, "run": self._run, **self._stats(verdict, "\n".join(lines))}

    def step_rolled_back(self) -> dict[str, Any]:
        """Verify again after the roll-back, and say how that ended."""
        failed = f"{self._failed_name()} failed, see its error above" if self.failed_task else None
        why = self._registered("failed")
        before = "\n".join(why["lines"])
        answer, again = self._verified(Again, failed=failed, before=before)
        ended = answer.get("ended")
        if ended is None:
            problem = plain_line(answer["msg"])
            ended = f"ROLL-BACK FAILED: {failed}; {problem}" if failed else f"rolled back: STILL UNKNOWN: {problem}"
        lines = [] if ended == AGAIN else [*again.lines]
        stats = self._stats(why["verdict"], f"{before}\n{ended}")
        return {"ended": ended, "lines": lines, "run": self._run, **stats}

    def step_fail(self) -> dict[str, Any]:
        """Show the whole diagnosis, and fail."""
        why, undone = self._registered("failed"), self._registered("undone")
        ended = undone.get("ended", "nothing was rolled back")
        if "tunnels" not in self.task_vars:  # of many hosts, each has one line: that with which it fails
            self._show([*why["lines"], *undone.get("lines", ()), ended])
        return {"failed": True, "msg": f"{why['lines'][0]} ({ended})"}

    def step_end(self) -> dict[str, Any]:
        """See that each tunnel has a verdict of this run; a change may have ended its play without failing."""
        given = [name for name in self.vars.extra() if name.startswith(OWN)]
        if given:
            raise OptionError(given[0], "leave it out, because the playbook sets it")
        hosts = self.vars.hosts()
        rows = [self._ended_of(self.task_vars["hostvars"][host]) for host in hosts]
        found = sorted((row for row in rows if row), key=lambda row: -VERDICTS.index(row["verdict"]))
        self._show([line for row in found for line in row["lines"]])
        without = [host for host, row in zip(hosts, rows) if row is None]
        if without:
            where, why = "", "the change ended the play"
            if "tunnels" in self.task_vars:
                where, why = f" of {', '.join(without[:8])}", f"see which task failed, or {why}"
            raise VpnError(f"the tunnels{where} were not verified: {why}", code="E_CONFIG")
        passed = sum(row["verdict"] == "pass" for row in found)
        if "tunnels" not in self.task_vars or any(row.get("prepare_only") for row in found):
            return {}
        return self._stats(found[0]["verdict"], f"{passed} of {len(found)} tunnels have passed", everywhere=True)

    def _ended_of(self, variables: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return verdict and lines of a host, None if it has none of this run."""
        before = variables.get(f"{OWN}before")
        if not isinstance(before, Mapping) or before.get("failed"):
            return None
        if before.get("prepare_only") is True:
            return {"verdict": "pass", **before}
        for name in ("failed", "after"):
            row = variables.get(OWN + name)
            if isinstance(row, Mapping) and row.get("run") == before["run"] and row.get("verdict") in VERDICTS:
                return dict(row)
        return None

    def _files(self, problems: list[str]) -> dict[str, str | None]:
        """Return the paths of the files of tasks, and add what is wrong with them."""
        files = {name: self.vars.value(name) for name in ("change", "rollback")}
        if files["change"] is None:
            what = "required: give the file with the tasks that make the change (-e change=change.yml)"
            problems.append(f"change: {what}")
        for name, value in files.items():
            problem = None if value is None else file_problem(name, value, self._loader)
            problems += [problem] if problem else []
        return {name: path_of(str(value)) if value is not None else None for name, value in files.items()}

    def _keep(self, evidence: Any) -> list[str]:
        """Keep the evidence in a file, if one is given; return what is wrong with that."""
        path = self.vars.value("tunnel_baseline_file")
        if path is None:
            return []
        if not str(path).startswith("/"):
            return ["tunnel_baseline_file: give an absolute path, such as $PWD/before.json in a shell"]
        try:
            write_file(str(path), json.dumps(evidence, indent=2), 0o600)
        except OSError as error:
            return [f"tunnel_baseline_file: {path} cannot be written: {error.strerror}"]
        return []

    def _checked(
        self, kind: type[DirectAction], options: dict[str, Any], prefix: str, problems: list[str], connection: Any
    ) -> dict[str, Any] | None:
        """Return what comes of an action; add what it refuses, one option after the other, each then left out."""
        while True:
            answer, _action = self._done(kind, options, connection)
            if not answer.get("failed"):
                return answer
            line = plain_line(answer["msg"])
            if kind is Prepare and answer.get("error", {}).get("code") == "E_EVIDENCE":
                given = next((name for name in selection_spec() if name in options), "name")
                line = f"{given}: leave it out, or name the tunnels of tunnel_baseline_{given}: {line.split(' - ')[0]}"
            wrong = next((name for name in options if re.match(rf"(?:value of |argument '?)?{name}\b", line)), None)
            if wrong:
                line = prefix + (line if line.startswith(f"{wrong}:") else f"{wrong}: {line}")
            problems += [line] if line not in problems else []
            if wrong is None or wrong in ("prepare", "baseline"):
                return None
            options = {name: value for name, value in options.items() if name != wrong}

    def _verified(self, kind: type[Prove], **members: Any) -> tuple[dict[str, Any], Any]:
        """Verify against the evidence from before the change."""
        options = self.vars.options("tunnel_verify_", verify_spec())
        options["baseline"] = self.task_vars[f"{OWN}before"]
        return self._done(kind, options, None, **members)

    def _done(
        self, kind: type[DirectAction], options: dict[str, Any], connection: Any = None, **members: Any
    ) -> tuple[dict[str, Any], Any]:
        """Return what comes of another action with these options, and the action."""
        self._task.args = {**(self.connection if connection is None else connection), **options}
        tools = (self._connection, self._play_context, self._loader, self._templar, self._shared_loader_obj)
        action = kind(self._task, *tools)
        for name, value in members.items():
            setattr(action, name, value)
        return action.run(None, self.task_vars), action

    def _refused(self, problems: list[str]) -> dict[str, Any] | None:
        """Return the result of a task that fails with these problems, None if there are none."""
        if len(problems) < 2:
            return {"failed": True, "msg": problems[0]} if problems else None
        self._show(problems)
        return {
            "failed": True,
            "msg": f"{len(problems)} problems, one in each line above; the last: {problems[-1]}",
        }

    @property
    def _run(self) -> Any:
        return self.task_vars[f"{OWN}before"]["run"]

    def _registered(self, name: str) -> dict[str, Any]:
        """Return what an earlier step of this very run has left."""
        row = self.task_vars.get(OWN + name)
        return dict(row) if isinstance(row, Mapping) and row.get("run") == self._run else {}

    def _failed_name(self) -> str:
        return f'the task "{visible(str(self.failed_task or "without a name"), 100)}"'

    def _show(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._display.display(visible(line, 4000))

    def _stats(self, verdict: str, message: str, *, everywhere: bool = False) -> dict[str, Any]:
        """Hand the verdict on: controllers show it, and give it to the next job. Of several hosts each has its own."""
        data = {f"{OWN}verdict": verdict, f"{OWN}message": message}
        each = "tunnels" in self.task_vars and not everywhere
        return {"ansible_stats": {"data": data, "per_host": each, "aggregate": False}}
