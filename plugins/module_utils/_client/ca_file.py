# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file or folder of CA certificates that TLS is verified with."""

from __future__ import annotations

import os
import ssl
from typing import Any

from .._errors import OptionError
from .._sanitize import visible
from .settings import Connection

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def ca_of(connection: Connection) -> tuple[str, Any]:
    """Return what names a CA file or folder, and that; without such a name, whether to verify at all.

    ca_path wins over the variables that requests users know.
    """
    if not connection.validate_certs:
        return "", False
    named = [("ca_path", connection.ca_path), *((name, os.environ.get(name)) for name in _CA_VARIABLES)]
    return next(((name, path) for name, path in named if path), ("", True))


def check_ca(name: str, path: Any, *, read: bool = False) -> tuple[str, Any]:
    """Raise OptionError for what is no CA file or folder; to read it takes long, so it is read after a failure only."""
    try:
        if name and read and not os.path.isdir(path):  # in a folder, OpenSSL looks only for what it needs
            ssl.create_default_context(cafile=path)
        elif name:
            os.stat(path)
    except (OSError, ValueError):
        text = f"{visible(path, 120)} is not a readable file or folder of CA certificates"
        raise OptionError(name, text) from None
    return name, path
