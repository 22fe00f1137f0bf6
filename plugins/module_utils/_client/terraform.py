# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Terraform's provider takes from the environment besides keys: the agency, the name of the project, and the rest.

The rest is not obeyed, and refused where it would lead to other tunnels. Source: the provider's documentation
(usermanual-terraform/terraform_0001) and its provider.go.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import CredentialsError, OptionError, quoted

# These two are read only where the options do not say the same in another way.
PROJECT_NAME = "HW_PROJECT_NAME"
ROLE = {"agency_name": "HW_ASSUME_ROLE_AGENCY_NAME", "domain_name": "HW_ASSUME_ROLE_DOMAIN_NAME"}
# What Terraform's provider obeys and we do not, by the option to give instead: it would read other tunnels than ours.
_NOT_OBEYED = {
    "assume_role": (
        *(f"HW_ASSUME_ROLE_{name}" for name in ("DOMAIN_ID", "IDP_ID", "ID_TOKEN", "ID_TOKEN_FILE")),
        *("OS_AGENCY_NAME", "OS_AGENCY_DOMAIN_NAME"),
    ),
    "project_id": ("OS_PROJECT_ID", "OS_PROJECT_NAME", "OS_TENANT_ID", "OS_TENANT_NAME", "OS_DELEGATED_PROJECT"),
    "shared_config_file": ("HW_SHARED_CONFIG_FILE", "HW_PROFILE"),
}

_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,64}")


class Role(NamedTuple):
    """An agency, and the account (domain) that has delegated to it."""

    agency: str
    domain: str

    def __str__(self) -> str:
        """Return it as people name it."""
        return f"{self.agency} of {self.domain}"


def role_of(value: Any) -> Role | None:
    """Return the agency to use, if any; to ignore an environment variable, give its option an empty value."""
    given = {name: os.environ.get(variable) for name, variable in ROLE.items()} if value is None else value
    if not isinstance(given, Mapping) or any(not isinstance(given.get(name) or "", str) for name in ROLE):
        raise OptionError("assume_role", f"must be a dictionary of {' and '.join(ROLE)}, both strings")
    strange = [str(name) for name in given if name not in ROLE]
    if strange:
        raise OptionError("assume_role", f"{quoted(strange[0])}: unknown key, use {', '.join(ROLE)}")
    texts = {name: (given.get(name) or "").strip() for name in ROLE}
    for name, text in texts.items():
        if any(texts.values()) and not (text and _NAME.fullmatch(text)):
            raise CredentialsError("assume_role", f"{name} ({ROLE[name]}) is missing or not a valid name")
    return Role(*texts.values()) if all(texts.values()) else None


def project_name_of(value: Mapping[str, Any]) -> str | None:
    """Return the name of the project, None where its ID or the region has to do; an ID goes before the variable."""
    if value["project_id"] and value["project_name"]:
        raise OptionError("project_name", "give either project_name or project_id, not both")
    found = value["project_name"] or (None if value["project_id"] else os.environ.get(PROJECT_NAME))
    if found and not _NAME.fullmatch(str(found)):
        raise OptionError("project_name", f"{quoted(str(found))} is not the name of a project")
    return str(found) if found else None


def check_obeyed(value: Mapping[str, Any], environment_keys: bool, elsewhere: bool) -> None:
    """Raise for a variable of Terraform that would have it read other tunnels than these options do.

    Only the environment's own keys are Terraform's; `elsewhere` tells whether an option names a place of keys.
    """
    if not environment_keys:
        return
    named = {
        "assume_role": value["assume_role"] is not None or any(map(os.environ.get, ROLE.values())),
        "project_id": bool(value["project_id"] or value["project_name"]),
        "shared_config_file": elsewhere,
    }
    for option, names in _NOT_OBEYED.items():
        name = next((name for name in names if os.environ.get(name) not in (None, "", value["region"])), None)
        if name and not named[option]:
            what = f"{name} is set; Terraform uses it, this collection does not"
            raise OptionError(option, f"{what}: give {option}, or unset the variable")
