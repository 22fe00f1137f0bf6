# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate of the emulated cloud: request signatures, temporary keys, IAM tokens, clock skew and the lock-out.

Written from the published signing guide and independent of the collection, so that the two can contradict each other.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "SDK-HMAC-SHA256"
MAX_SKEW = 900
MAX_FAILURES = 5
UNSIGNED = "UNSIGNED-PAYLOAD"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
_AUTHORIZATION = re.compile(ALGORITHM + r" Access=([^,\s]+), SignedHeaders=([^,\s]+), Signature=([0-9a-f]{64})")
_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*")


class Refused(Exception):
    """A caller the gate does not let in; the text is the reason the API gateway gives."""


class Caller(NamedTuple):
    """Who was let in: the access key, or the project to which the token is bound (None for an account-wide token)."""

    access_key: str | None
    scope: str | None = None

    def may_use(self, project_id: str) -> bool:
        """Tell whether this caller may work on a project of the account."""
        return self.access_key is not None or self.scope == project_id


def canonical_path(path: str) -> str:
    """Return the path as it is signed: decoded, encoded again segment by segment, with a slash at its end."""
    if not _PLAIN.fullmatch(path):
        path = "/".join(quote(segment, safe="~") for segment in _decode(path).split(b"/"))
    return path if path.endswith("/") else f"{path}/"


def canonical_query(query: str) -> str:
    """Return the query as it is signed: sorted by decoded name, then decoded value; every name keeps its '='."""
    if not query:
        return ""
    pairs = (item.partition("=")[::2] for item in query.split("&") if item)
    decoded = sorted((_decode(name), _decode(value)) for name, value in pairs)
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in decoded)


def _decode(text: str) -> bytes:
    # Like header values, the request line was read as latin-1.
    return unquote_to_bytes(text.encode("latin-1"))


def payload_hash(headers: Mapping[str, str], body: bytes) -> str:
    """Return the hash that stands for the body; the literal of the header counts only when there is a body."""
    if not body:
        return EMPTY_HASH
    return UNSIGNED if headers.get("x-sdk-content-sha256") == UNSIGNED else hashlib.sha256(body).hexdigest()


def canonical_request(
    method: str, path: str, query: str, headers: Mapping[str, str], names: str, body: bytes = b""
) -> str:
    """Return the canonical request for the signed header names the caller chose (lower case, joined by ';')."""
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in names.split(";"))
    return (
        f"{method.upper()}\n{canonical_path(path)}\n{canonical_query(query)}\n{lines}\n{names}\n"
        f"{payload_hash(headers, body)}"
    )


def signature(secret_key: str, date: str, canonical: str) -> str:
    """Return the signature of a canonical request."""
    # Header values were read as latin-1: the same codec gives back the very bytes that came over the wire.
    digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
    return hmac.new(secret_key.encode(), f"{ALGORITHM}\n{date}\n{digest}".encode(), hashlib.sha256).hexdigest()


class Gate:
    """Checks callers against the credentials and tokens of a world and remembers failures per access key."""

    def __init__(self, world: Any) -> None:
        """Start with no failures on record."""
        self.world = world
        self._failures: dict[str, int] = {}
        self._locked_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def admit(self, request: Any) -> Caller:
        """Return the caller of a request, or raise Refused."""
        headers = request.headers
        if headers.get("authorization", "").startswith(ALGORITHM):
            return self._admit_signed(request)
        token = headers.get("x-auth-token")
        if token is None:
            raise Refused("x-auth-token not found")
        return self._admit_token(token)

    def _admit_token(self, token: str) -> Caller:
        known = self.world.tokens.get(token)
        if known is None:
            raise Refused("decrypt token fail")
        if known["expires_at"] <= self.world.now():
            raise Refused(f"token expires, expires_at: {utc(known['expires_at'])}")
        return Caller(None, known.get("project_id"))

    def _admit_signed(self, request: Any) -> Caller:
        match = _AUTHORIZATION.fullmatch(request.headers["authorization"])
        if not match:
            raise Refused("verify aksk signature fail, the authorization header is malformed")
        access_key, names, given = match.groups()
        if self._locked_until.get(access_key, 0) > time.monotonic():
            raise Refused("AK access failed to reach the limit,forbidden.")
        credential = self.world.credentials.get(access_key)
        if credential is None:
            raise Refused("Get secretKey failed,ak:******,err:ak not exist")
        try:
            self._verify(request, credential, names, given)
        except Refused:
            self._record_failure(access_key)
            raise
        if self._failures:
            self._failures.pop(access_key, None)
        return Caller(access_key)

    def _verify(self, request: Any, credential: Mapping[str, str], names: str, given: str) -> None:
        headers = request.headers
        date = headers.get("x-sdk-date", "").strip()
        if "x-sdk-date" not in names.split(";") or self._skew(date) > MAX_SKEW:
            raise Refused("calc ak sk signature fail:signature expired")
        token = credential.get("security_token")
        if token is not None and not _same(token, headers.get("x-security-token", "")):
            raise Refused("Get secretKey failed,ak:******,err:ak not exist")
        canonical = canonical_request(request.method, request.path, request.query, headers, names, request.body)
        if not _same(signature(credential["secret_key"], date, canonical), given):
            raise Refused("verify aksk signature fail, canonicalRequest:" + canonical.replace("\n", "|"))

    def _skew(self, date: str) -> float:
        signed = _epoch(date)
        return float("inf") if signed is None else abs(signed - self.world.now())

    def _record_failure(self, access_key: str) -> None:
        with self._lock:
            count = self._failures[access_key] = self._failures.get(access_key, 0) + 1
            if count > MAX_FAILURES:
                self._locked_until[access_key] = time.monotonic() + self.world.lock_seconds
                del self._failures[access_key]


def utc(moment: float) -> str:
    """Return a moment the way IAM prints it."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@lru_cache(maxsize=1024)
def _epoch(date: str) -> float | None:
    try:
        return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode("utf-8"), given.encode("utf-8"))
