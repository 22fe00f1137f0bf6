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
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible.utils.vars import load_extra_vars

from ..module_utils._client.settings import ENVIRONMENT, SECRETS, Connection
from ..module_utils._errors import OptionError, VpnError

Get = Callable[[str], Any]
_OURS = "huaweicloud.vpn."
_SEPARATORS = re.compile(r"[,\r\n]+")


class DirectAction(ActionBase, metaclass=abc.ABCMeta):
    """An action plugin that does the work itself."""

    _supports_check_mode = True
    _supports_async = False
    SPEC: ClassVar[Mapping[str, dict[str, Any]]] = {}
    EXCLUSIVE: ClassVar[tuple[tuple[str, ...], ...]] = ()
    # Options that may be large: they are handed over as they are, and never copied or shown.
    AS_THEY_ARE: ClassVar[tuple[str, ...]] = ()
    secrets: frozenset[str] = frozenset()

    @abc.abstractmethod
    def work(self, get: Get, connection: Connection) -> dict[str, Any]:
        """Return the result of the task; raise VpnError where it fails."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task."""
        self.task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        with self.environment():
            result.update(self._answer())
        return result

    def _answer(self) -> dict[str, Any]:
        """Return the result with every secret masked."""
        given = {name: value for name, value in self._task.args.items() if not name.startswith("_ansible_")}
        large = {name: value for name in self.AS_THEY_ARE if not is_blank(value := given.pop(name, None))}
        given = _tidied(_plain(given), self.SPEC)
        spec = {name: entry for name, entry in self.SPEC.items() if name not in self.AS_THEY_ARE}
        checked = ArgumentSpecValidator(spec, mutually_exclusive=list(self.EXCLUSIVE)).validate(given)
        secrets = set(checked._no_log_values)
        try:
            options = self._options(checked)
            _hide(secrets, (str(options[name]) for name in SECRETS if options.get(name)))
            connection = Connection.from_options(options.get)
            # They may be from a file, so that core does not know them.
            _hide(secrets, connection.secrets)
            self.secrets = frozenset(secrets)
            answer = self.work({**options, **large}.get, connection)
        except VpnError as error:
            answer = {"failed": True, "msg": str(error), "error": error.details}
        answer.setdefault("changed", False)
        plain = {name: value for name, value in answer.items() if value is None or isinstance(value, bool)}
        return {**remove_values(answer, secrets), **plain}

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
            self._display.display(str(remove_values(line, self.secrets)), stderr=stderr)

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
            raise OptionError(known[-1], "leave it out, it is what the role finds")

    def _outranking(self) -> set[str]:
        """Return the names of the variables that outrank what a task registers."""
        task = self._task
        params = task._role.get_role_params(task.get_dep_chain())
        return {*load_extra_vars(self._loader), *task.get_include_params(), *params}

    def prefixed(self, line: str) -> str:
        """Return a line with the host that it is about; on localhost there is but one."""
        host = self.task_vars.get("inventory_hostname")
        return line if host in (None, "localhost") else f"[{host}] {line}"

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Set the variables of the keyword environment; a loop has one process for all of its items."""
        wanted: dict[str, Any] = {}
        self._compute_environment_string(wanted)
        before = dict(os.environ)
        os.environ.update({str(name): str(value) for name, value in wanted.items()})
        try:
            yield
        finally:
            if wanted:
                os.environ.clear()
                os.environ.update(before)


def unknown_option(name: str, known: Iterable[str]) -> OptionError:
    """Return the error for an option that there is not, with the one that may be meant."""
    near = difflib.get_close_matches(name, known, 1)
    return OptionError(name, f"there is no such option{f', is {near[0]} meant?' if near else ''}")


def is_blank(value: Any) -> bool:
    """Tell whether a value counts as not given."""
    return value is None or (isinstance(value, str) and not value.strip())


def _plain(value: Any) -> Any:
    """Return a value as JSON would have carried it to a module: no tags, no marks, no lazy containers."""
    return json.loads(json.dumps(value, default=str))


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


def _hide(secrets: set[str], values: Iterable[str]) -> None:
    """Add secrets, also as they stand in a JSON text."""
    for value in values:
        secrets.update((value, json.dumps(value)[1:-1]))
