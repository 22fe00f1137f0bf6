# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SDK-HMAC-SHA256 request signatures; knows nothing of HTTP clients or of credentials' origin.

Source of the algorithm: Huawei Cloud API Request Signing Guide.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

ALGORITHM = "SDK-HMAC-SHA256"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"


def canonical_query(pairs: list[tuple[str, str]]) -> str:
    """Return a query string as it is signed and sent: sorted by decoded name and value, each percent-encoded."""
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(pairs))


def canonical_request(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> tuple[str, str]:
    """Return the canonical request and the list of signed headers; every header given is signed."""
    parts = urlsplit(url)
    path = "/".join(quote(part, safe="~") for part in unquote_to_bytes(parts.path).split(b"/"))
    pairs = [item.partition("=")[::2] for item in parts.query.split("&") if item]
    query = canonical_query([(unquote(name), unquote(value)) for name, value in pairs])
    signed = {name.lower(): value.strip() for name, value in headers.items()}
    names = sorted(signed)
    lines = [
        method.upper(),
        path if path.endswith("/") else f"{path}/",
        query,
        *(f"{name}:{signed[name]}" for name in names),
        "",
        ";".join(names),
        signed["x-sdk-content-sha256"] if body and "x-sdk-content-sha256" in signed else _sha256(body),
    ]
    return "\n".join(lines), ";".join(names)


def authorization(
    method: str, url: str, headers: Mapping[str, str], body: bytes = b"", *, access_key: str, secret_key: str
) -> str:
    """Return the Authorization header of a request; `headers` must hold X-Sdk-Date in UTC (see DATE_FORMAT)."""
    request, names = canonical_request(method, url, headers, body)
    date = next(value for name, value in headers.items() if name.lower() == "x-sdk-date")
    to_sign = f"{ALGORITHM}\n{date.strip()}\n{_sha256(request.encode())}"
    signature = hmac.new(secret_key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
