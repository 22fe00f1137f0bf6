# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""A task that runs in ansible's own process, with all that a module has: options, environment, secrets kept masked.

This is the one file that touches private names of ansible-core.
"""

from __future__ import annotations

import abc
import difflib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as ModuleRunner
from ansible.plugins.loader import lookup_loader
from ansible.utils.vars import load_extra_vars

from ..module_utils._client.session import has_requests
from ..module_utils._client.settings import ENVIRONMENT, SECRETS, Connection
from ..module_utils._errors import OptionError, VpnError
from ..module_utils._gather.tasks import Task
from ..module_utils._sanitize import forms_of

Get = Callable[[str], Any]
_OURS = "huaweicloud.vpn."
_SEPARATORS = re.compile(r"[,\r\n]+")
_SWITCH = "huaweicloud_vpn_in_process"
# A lookup runs in a process that is forked for its task, and would be loaded there anew each time. What is loaded where
# actions are, in the process that forks, is there already.
lookup_loader.get(f"{_OURS}vpn_connection_log", class_only=True)
# Variables of the environment that act only where a process begins.
_EARLY = ("PYTHON", "LD_", "DYLD_", "OPENSSL_")


class InProcess(ActionBase, metaclass=abc.ABCMeta):
    """An action plugin that does the work itself, in the process of ansible."""

    _supports_check_mode = True

    @abc.abstractmethod
    def answer(self) -> dict[str, Any]:
        """Return the result of the task, with every secret masked."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task."""
        self.task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        with self.environment():
            result.update(self.answer())
        return result

    def given(self) -> dict[str, Any]:
        """Return the arguments of the task."""
        return {name: value for name, value in self._task.args.items() if not name.startswith("_ansible_")}

    @cached_property
    def wanted(self) -> dict[str, str]:
        """Return the variables of the keyword environment."""
        found: dict[str, Any] = {}
        self._compute_environment_string(found)
        return {str(name): str(value) for name, value in found.items()}

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Set the variables of the keyword environment; a loop has one process for all of its items."""
        before = dict(os.environ)
        os.environ.update(self.wanted)
        try:
            yield
        finally:
            if self.wanted:
                os.environ.clear()
                os.environ.update(before)


class ModuleAction(InProcess):
    """The way of a module whose work needs no process of its own where it is done on the controller anyway.

    The module is run as ever where anything could make a difference; the result is the same.
    """

    _supports_async = True
    TASK: ClassVar[Task]

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do the work here if that can be, else run the module."""
        self.task_vars = task_vars or {}
        why_not = self._why_not()
        way = f"runs as a module: {why_not}" if why_not else "runs in the process of ansible"
        self._display.vvvv(f"{self._task.action} {way}", host=self.task_vars.get("inventory_hostname"))
        if why_not:
            of = (self._task, self._connection, self._play_context, self._loader, self._templar)
            return dict(ModuleRunner(*of, self._shared_loader_obj).run(task_vars=task_vars))
        with _folder(self._loader.get_basedir()):
            return super().run(tmp, task_vars)

    def answer(self) -> dict[str, Any]:
        """Return what the module would return, in the words of core where that refuses an option."""
        checked = ArgumentSpecValidator(self.TASK.spec).validate(_plain(self.given()))
        secrets, options = set(checked._no_log_values), checked.validated_parameters
        if checked.error_messages:
            unsupported = isinstance(checked.errors[0], UnsupportedError)
            prefix = f"Unsupported parameters for ({self._task.action}) module: " if unsupported else ""
            result = {"failed": True, "msg": f"{prefix}{checked.errors.msg}"}
        else:
            result = {"changed": False, **self.TASK.run(options.get, secrets.update)}
        if self._shows_invocation():
            result["invocation"] = {"module_args": options}
        return _masked(result, secrets)

    def _why_not(self) -> str | None:
        """Return why the module has to be run, None where the work can be done here."""
        if self._connection.transport != "local":
            return f"the connection is {self._connection.transport}"
        early = sorted(name for name in self.wanted if name.startswith(_EARLY))
        for applies, why in (
            (self._is_switched_off(), f"{_SWITCH} is off"),
            (self._connection.become is not None, "become"),
            (self._task.async_val, "async"),
            (constants.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES"), "ANSIBLE_KEEP_REMOTE_FILES is on"),
            (not has_requests(), "the Python library requests is missing on the controller"),
            (early, f"{', '.join(early)} in the keyword environment works only in a process of its own"),
        ):
            if applies:
                return why
        wanted = self._interpreter()
        here = not wanted or wanted.startswith("auto") or _place(wanted) == _place(sys.executable)
        return None if here else f"the interpreter is {wanted}"

    def _is_switched_off(self) -> bool:
        value = self._templar.template(self.task_vars.get(_SWITCH))
        return not is_blank(value) and not boolean(value, strict=False)

    def _interpreter(self) -> str:
        """Return the Python that the module would run with; as core finds it, but nothing is discovered."""
        variables = self.task_vars
        if self._task.delegate_to:
            variables = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, variables)
        found = constants.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
        return str(self._templar.template(found) or "").strip()

    def _shows_invocation(self) -> bool:
        """Tell whether a result has its invocation; up to ansible-core 2.20 each has."""
        if not constants.config.get_configuration_definition("INJECT_INVOCATION"):
            return True
        return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=self.task_vars))


class DirectAction(InProcess):
    """An action plugin of which there is no module."""

    _supports_async = False
    SPEC: ClassVar[Mapping[str, dict[str, Any]]] = {}
    # Options that may be large: they are handed over as they are, and never copied or shown.
    AS_THEY_ARE: ClassVar[tuple[str, ...]] = ()
    secrets: frozenset[str] = frozenset()

    @abc.abstractmethod
    def work(self, get: Get, connection: Connection) -> dict[str, Any]:
        """Return the result of the task; raise VpnError where it fails."""

    def answer(self) -> dict[str, Any]:
        """Return the result with every secret masked."""
        given = self.given()
        large = {name: value for name in self.AS_THEY_ARE if not is_blank(value := given.pop(name, None))}
        given = _tidied(_plain(given), self.SPEC)
        spec = {name: entry for name, entry in self.SPEC.items() if name not in self.AS_THEY_ARE}
        checked = ArgumentSpecValidator(spec).validate(given)
        secrets = set(checked._no_log_values)
        try:
            options = self._options(checked)
            secrets |= forms_of(str(options[name]) for name in SECRETS if options.get(name))
            connection = Connection.from_options(options.get)
            secrets |= forms_of(connection.secrets)  # they may be from a file, so that core does not know them
            self.secrets = frozenset(secrets)
            answer = self.work({**options, **large}.get, connection)
        except VpnError as error:
            answer = {"failed": True, "msg": str(error), "error": error.details}
        return _masked({"changed": False, **answer}, secrets)

    def _options(self, checked: Any) -> dict[str, Any]:
        """Return the checked options; raise for the first that cannot be used."""
        for name in sorted(checked.unsupported_parameters):
            raise unknown_option(".".join(name) if isinstance(name, tuple) else str(name), self.SPEC)
        for message in checked.error_messages:
            raise VpnError(str(message), code="E_CONFIG")
        return dict(checked.validated_parameters)

    def show(self, line: str, *, stderr: bool = False) -> None:
        """Show a line to people, with every secret masked; nothing of a task that is not to be logged."""
        if not self._task.no_log:
            self._display.display(self.masked(line), stderr=stderr)

    def masked(self, line: str) -> str:
        """Return a line with every secret masked."""
        return str(remove_values(line, self.secrets))

    def role(self) -> str | None:
        """Return the name of the role that this is a task of, None if that is not one of the collection."""
        name = str(self._task._role.get_name()) if self._task._role else ""
        return name.removeprefix(_OURS) if name.startswith(_OURS) else None

    def check_variables(self, options: Iterable[str], result: str) -> None:
        """Raise for a variable of the role that is no option of it, and for a given one that the role registers.

        Ansible takes no notice of a misspelt option, and what it asks for is lost. Extra variables, and those of
        include_role and of an entry in roles, outrank what is registered.
        """
        role = self.role()
        if role is None:
            return
        known = [f"{role}_{name}" for name in (*options, result)]
        for name in sorted(self.task_vars):
            if name.startswith(f"{role}_") and name not in known:
                raise unknown_option(name, known)
        if known[-1] in self._outranking():
            raise OptionError(known[-1], "leave it out, because the role sets it")

    def _outranking(self) -> set[str]:
        """Return the names of the variables that outrank what a task registers."""
        task = self._task
        params = task._role.get_role_params(task.get_dep_chain())
        return {*load_extra_vars(self._loader), *task.get_include_params(), *params}

    def prefixed(self, line: str) -> str:
        """Return a line with the host that it is about, unless it begins with its name or there is but one."""
        host = self.host()
        return line if host in (None, "localhost") or line.startswith(f"{host}: ") else f"[{host}] {line}"

    def host(self) -> str | None:
        """Return the name of the host where there are several, each with this task."""
        many = len(self.task_vars.get("ansible_play_hosts_all", ())) > 1 and not self._task.run_once
        return str(self.task_vars.get("inventory_hostname")) if many else None


def unknown_option(name: str, known: Iterable[str]) -> OptionError:
    """Return the error for an option that there is not, with the one that may be meant."""
    near = difflib.get_close_matches(name, known, 1)
    return OptionError(name, f"there is no such option{f', is {near[0]} meant?' if near else ''}")


def is_blank(value: Any) -> bool:
    """Tell whether a value counts as not given."""
    return value is None or (isinstance(value, str) and not value.strip())


def inventory_variable(hostvars: Any, host: str, name: str) -> Any:
    """Return a variable that the inventory gives a host; to ask for all variables of hundreds takes minutes."""
    found = hostvars._inventory.get_host(host)
    return None if found is None else found.vars.get(name)


def _plain(value: Any) -> Any:
    """Return a value as JSON would have carried it to a module: no tags, no marks, no lazy containers."""
    return json.loads(json.dumps(value, default=lambda odd: odd.isoformat() if isinstance(odd, date) else str(odd)))


def _tidied(given: Mapping[str, Any], spec: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what is given: null and empty text are not, and a text for a list is one item a line or comma.

    An empty option that has a variable of the environment is given: it keeps the variable out.
    """
    return {
        name: _items(value) if spec.get(name, {}).get("type") == "list" else value
        for name, value in given.items()
        if not is_blank(value) or (value is not None and name in ENVIRONMENT)
    }


def _items(value: Any) -> Any:
    if isinstance(value, str) and value.strip()[:1] in "[{":
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, str):
        value = _SEPARATORS.split(value)
        value = [item for item in value if item.strip()]
    if isinstance(value, list):
        return [item.strip() if isinstance(item, str) else item for item in value]
    return value


def _masked(result: dict[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
    """Return the result without secrets, as a module would return it.

    Most results hold none, and to see that in their JSON text is much cheaper than to look at each value.
    """
    text = json.dumps(result, default=str)
    if not any(json.dumps(secret)[1:-1] in text for secret in secrets):
        return result
    plain = {name: value for name, value in result.items() if value is None or isinstance(value, bool)}
    return {**remove_values(result, secrets), **plain}


def _place(path: str) -> str:
    """Return a whole path; no link is followed, since the python of a virtual environment is one."""
    return os.path.abspath(os.path.expanduser(path))


@contextmanager
def _folder(path: str) -> Iterator[None]:
    """Go where a module on the controller is run, so that relative paths mean the same."""
    before = None
    with suppress(OSError):  # there may be none any more
        before = os.getcwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before or path)
