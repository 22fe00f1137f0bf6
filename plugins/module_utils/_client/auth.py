# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who asks: what a request carries for that, as the HTTP library calls it; knows neither that library nor options."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from .signing import DATE_FORMAT, authorization


class SignedAuth:
    """Signs a request with an access key; X-Security-Token goes along with temporary keys."""

    def __init__(self, access_key: str, secret_key: str, security_token: str | None = None) -> None:
        self._access_key = access_key
        self._secret_key = secret_key
        self._security_token = security_token

    def __call__(self, request: Any) -> Any:
        """Add date and signature of this moment."""
        headers = request.headers
        headers["X-Sdk-Date"] = time.strftime(DATE_FORMAT, time.gmtime())
        headers["Host"] = urlsplit(request.url).netloc
        if self._security_token:
            headers["X-Security-Token"] = self._security_token
        names = ("Content-Type", "Host", "X-Project-Id", "X-Sdk-Date", "X-Security-Token")
        headers["Authorization"] = authorization(
            request.method,
            request.url,
            {name: headers[name] for name in names if name in headers},
            request.body or b"",
            access_key=self._access_key,
            secret_key=self._secret_key,
        )
        return request


class TokenAuth:
    """Presents a project-scoped IAM token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        """Add the token."""
        request.headers["X-Auth-Token"] = self._token
        return request
