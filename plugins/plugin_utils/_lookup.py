# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""What lookups have in common: options from keywords, variables and the environment, and errors as lookup errors."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from datetime import date
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.path import unfrackpath

from ..module_utils._client.settings import ENVIRONMENT, SECRETS, connection_spec, first_set
from ..module_utils._errors import VpnError
from ..module_utils._gather.query import query_spec

_PATHS = {name for name, entry in connection_spec().items() if entry["type"] == "path"}
_TEXTS = {name for name, entry in {**connection_spec(), **query_spec()}.items() if entry["type"] in ("str", "path")}


class CloudLookup(LookupBase, metaclass=abc.ABCMeta):
    """A lookup that reads from the cloud."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Run the lookup."""
        # YAML makes a moment of what looks like one, but an option for it is text.
        kwargs = {name: value.isoformat() if isinstance(value, date) else value for name, value in kwargs.items()}
        self._keywords, self._variables = kwargs, variables or {}
        self._check_secrets()
        self.set_options(var_options=variables, direct=kwargs)
        unknown = sorted(set(kwargs) - set(self.option_definitions))
        if unknown:
            raise AnsibleLookupError(f"{self.ansible_name}: {unknown[0]}: there is no such option")
        try:
            return self.look_up(terms)
        except VpnError as error:
            raise AnsibleLookupError(f"{self.ansible_name}: {error}") from None

    @abc.abstractmethod
    def look_up(self, terms: list[Any]) -> list[Any]:
        """Return the result for the terms."""

    def _check_secrets(self) -> None:
        """Raise for a secret that is no text, before ansible-core does: that would show it."""
        for name in SECRETS:
            self._check_text(name, self._keywords.get(name, self._variables.get(f"huaweicloud_vpn_{name}")))

    def _check_text(self, name: str, value: Any) -> None:
        # A text that is vaulted on its own is of a type of core's.
        if isinstance(value, (Mapping, list, tuple, set, bytes)):
            raise AnsibleLookupError(f"{self.ansible_name}: {name}: must be text")

    def option(self, name: str) -> Any:
        """Return an option.

        Two things ansible-core leaves to us: it does not template options that come from variables, and among several
        environment variables it takes the last, even when that is empty.
        """
        from_variable = name not in self._keywords and f"huaweicloud_vpn_{name}" in self._variables
        names = ENVIRONMENT.get(name, ())
        if len(names) > 1 and name not in self._keywords and not from_variable:
            return first_set(names)
        value = self.get_option(name)
        if from_variable and self._templar and isinstance(value, str):
            # Core has made a path of the template; only its result is one.
            value = self._templar.template(self._variables[f"huaweicloud_vpn_{name}"] if name in _PATHS else value)
            value = unfrackpath(value, follow=False) if name in _PATHS and isinstance(value, str) else value
        if name not in _TEXTS or value is None:
            return value
        self._check_text(name, value)
        return str(value)
