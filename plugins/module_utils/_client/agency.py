# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys of an agency, as Terraform's provider takes them. Imported only when an agency is to be used.

Source: Huawei Cloud IAM API reference, obtaining a temporary access key through an agency (v3.0).
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

from .._errors import ApiError, CredentialsError, VpnError
from .credentials import Fit, security_key
from .session import Session
from .settings import Connection
from .terraform import Role

_PATH = "/v3.0/OS-CREDENTIAL/securitytokens"
_SECONDS = 7200  # the longest task takes an hour; IAM allows 900 to 86400


def assume(connection: Connection, role: Role, is_fit: Fit) -> Connection:
    """Return the settings with the temporary keys of the agency in place of their own; raise CredentialsError."""
    began = time.monotonic()
    identity = {
        "methods": ["assume_role"],
        "assume_role": {"agency_name": role.agency, "domain_name": role.domain, "duration_seconds": _SECONDS},
    }
    body = json.dumps({"auth": {"identity": identity}}).encode()
    try:
        answer = Session(connection).ask(connection.iam_endpoint, _PATH, body)
    except ApiError as error:
        if error.status in (403, 404):
            error.hint = "check agency_name and domain_name, and that the user has the permission Agent Operator"
        raise
    try:
        keys = security_key(answer.body, is_fit, answer.server_time)
    except VpnError as error:
        raise CredentialsError("assume_role", f"IAM {error.message}") from None
    spent = connection.spent + time.monotonic() - began
    own: dict[str, Any] = {"auth_token": None, **keys}
    return replace(connection, **own, agency=str(role), spent=spent)
