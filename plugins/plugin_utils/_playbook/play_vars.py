# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of a host as a playbook sees them: blank ones are not given, and those that cannot be are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.loader import lookup_loader
from ansible.utils.vars import load_extra_vars

from ...module_utils._client.settings import connection_spec
from ...module_utils._errors import OptionError, VpnError
from ...module_utils._gather.query import selection_spec
from .._direct import inventory_variable, is_blank
from .task_files import said
from .tunnels import check_different, check_own_tunnel, hosts_of, selection_of
from .variables import CONNECTION, FOUND_BY_PLAYS, not_for, variable_problems


class PlayVars:
    """The variables of one host."""

    def __init__(self, given: Mapping[str, Any], templar: Any, loader: Any, verify: Iterable[str]) -> None:
        """Take them as they are; `verify` are the options of the role tunnel_verify."""
        self.given, self._templar, self._loader, self._verify = given, templar, loader, (*verify,)

    def value(self, name: str) -> Any:
        """Return the value of a variable, None if it is not given."""
        if name not in self.given:
            return None
        try:
            value = self._templar.template(self.given[name])
        except AnsibleError as error:
            raise OptionError(name, f"its template cannot be rendered: {said(error)}") from None
        return None if is_blank(value) or value == self.given.get("omit") else value

    def options(self, prefix: str, names: Iterable[str]) -> dict[str, Any]:
        """Return the options that variables give; null and empty text are not given."""
        found = {name: self.value(prefix + name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def extra(self) -> Mapping[str, Any]:
        """Return the variables of the command line, which outrank all others."""
        found: Mapping[str, Any] = load_extra_vars(self._loader)
        return found

    def hosts(self) -> list[str]:
        """Return the hosts that are tunnels, or the one that verifies them all."""
        if "tunnels" not in self.given:
            return ["localhost"]

        def find(pattern: str) -> list[str]:
            lookup = lookup_loader.get(
                "ansible.builtin.inventory_hostnames", loader=self._loader, templar=self._templar
            )
            return [str(host) for host in lookup.run([pattern], variables=self.given)]

        strict = boolean(constants.config.get_config_value("INVENTORY_ANY_UNPARSED_IS_FAILED"))
        hosts = hosts_of(self._templar.template(self.given["tunnels"]), find, strict)
        ids = [inventory_variable(self.given["hostvars"], host, "vpn_connection_id") for host in hosts]
        check_different([str(one) for one in ids if one])
        return hosts

    def tunnels(self, prefix: str) -> dict[str, Any]:
        """Return the options that select the tunnels of all hosts for one task, none where there are no hosts."""
        if "tunnels" not in self.given:
            return {}
        return selection_of(prefix, {host: self._options_of(host, prefix) for host in self.hosts()})

    def _options_of(self, host: str, prefix: str) -> dict[str, Any]:
        """Return the variables of another host that are options, as that host sees them."""
        given = self.given["hostvars"].raw_get(host)
        its = PlayVars(given, self._templar.copy_with_new_env(available_variables=given), self._loader, self._verify)
        names = [name for name in given if name.startswith((prefix, CONNECTION)) and name not in FOUND_BY_PLAYS]
        found = {name: value for name in names if (value := its.value(name)) is not None}
        if given.get("vpn_connection_id"):
            check_own_tunnel(host, given["vpn_connection_id"], found)
        return found

    def problems(self, playbook: str) -> list[str]:
        """Return what is wrong with the hosts and the variables of a playbook."""
        names, extra = self.given, self.extra()
        problems = [*variable_problems(names, extra, self._verify, connection_spec())]
        problems += not_for(playbook, self.options("tunnel_verify_", self._verify))
        host, own = self.given["inventory_hostname"], self.given.get("vpn_connection_id")
        try:
            if host not in self.hosts():
                raise OptionError("tunnels", "set it on the command line (-e tunnels=...)")
            if own:
                check_own_tunnel(host, own, self._selection())
        except VpnError as error:
            problems.append(plain_line(str(error)))
        return problems

    def _selection(self) -> dict[str, Any]:
        roles = ("tunnel_baseline_", "tunnel_verify_")
        return {f"{role}{name}": self.value(f"{role}{name}") for role in roles for name in selection_spec()}


def plain_line(message: str) -> str:
    """Return a message without the code that says no more than that an option is wrong."""
    return message.removesuffix(" [E_CONFIG]")
