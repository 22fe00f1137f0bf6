# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failed exchange means, in our own words; told by the names of the exceptions, so it needs no HTTP library."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from .._errors import TransportError
from .._sanitize import visible

# Class names among the causes of a failure, the most telling first: code, and what to say.
_MEANINGS: tuple[tuple[frozenset[str], str, str], ...] = (
    (
        frozenset({"InvalidProxyURL", "InvalidSchema", "InvalidURL", "LocationParseError"}),
        "E_CONFIG",
        "the proxy that the environment names cannot be used: check its URL, and install PySocks for a SOCKS proxy",
    ),
    (frozenset({"SSLError"}), "E_TLS", "TLS with {host} failed: {why}"),
    (frozenset({"gaierror"}), "E_DNS", "the name {host} cannot be resolved: check region, endpoint and DNS"),
    (frozenset({"NewConnectionError"}), "E_CONNECT", "cannot connect to {host}: check endpoint, route and firewall"),
    (frozenset({"ConnectTimeout", "ConnectTimeoutError"}), "E_TIMEOUT", "cannot connect to {host} in time"),
    (frozenset({"ReadTimeout", "ReadTimeoutError", "TimeoutError", "timeout"}), "E_TIMEOUT", "{host} does not answer"),
    (frozenset({"RemoteDisconnected"}), "E_CONNECT", "the connection to {host} broke"),
    (frozenset({"IncompleteRead"}), "E_TRUNCATED", "the answer of {host} was cut off"),
    (frozenset({"HTTPException"}), "E_PROTOCOL", "{host} sent something that is not HTTP"),
    (frozenset({"ConnectionError"}), "E_CONNECT", "the connection to {host} broke"),
)
# There was no connection over which a request could have left.
_UNSENT = frozenset({"ConnectTimeout", "ConnectTimeoutError", "NewConnectionError", "gaierror"})
# How http.client tells that a proxy did not open the way; the status is all that is taken from its text.
_TUNNEL = re.compile(r"Tunnel connection failed: ([1-5][0-9]{2})\b", re.ASCII)


def transport_error(error: BaseException, host: str, proxy: str | None = None) -> TransportError:
    """Name a failure of the HTTP library; its own text is dropped, it may hold a header or a proxy's password.

    `proxy` is the address of the proxy on the way, for the case that it is the cause.
    """
    causes = list(_causes(error))
    names = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    named = _named(causes, names, type(error).__name__, host, proxy)
    named.sent = not _UNSENT & names
    return named


def _named(causes: list[BaseException], names: set[str], kind: str, host: str, proxy: str | None) -> TransportError:
    if "ProxyError" in names:
        return _proxy_error(causes, host, _without_user(proxy or "of the environment"))
    for known, code, text in _MEANINGS:
        if known & names:
            return TransportError(text.format(host=host, why=_tls_reason(causes)), code=code)
    return TransportError(f"{host} sent something that is not HTTP ({kind})", code="E_PROTOCOL")


def redirect_error(status: int, location: str) -> TransportError:
    """Say where a redirect leads, without user, path and query; it may be no address at all."""
    try:
        host = visible(urlsplit(location).hostname or "the same host", 80)
    except ValueError:
        host = "an invalid address"
    text = f"the answer is a redirect to {host}, and redirects are not followed"
    return TransportError(text, code="E_REDIRECT", status=status, hint="check endpoint")


def _without_user(proxy: str) -> str:
    return visible(proxy.rpartition("@")[2].rpartition("//")[2].partition("/")[0], 80)


def _proxy_error(causes: list[BaseException], host: str, proxy: str) -> TransportError:
    """Say what the proxy did; with its status it is told apart whether to try again."""
    found = next(filter(None, (_TUNNEL.search(str(cause)) for cause in causes)), None)
    if found is None:
        text = f"the proxy {proxy} for {host} failed: check that it runs, and the proxy variables"
        return TransportError(text, code="E_PROXY")
    advice = "check user and password in its variable" if found[1] == "407" else "check what it allows"
    text = f"the proxy {proxy} refused the connection to {host}: {advice}"
    return TransportError(text, code="E_PROXY", status=int(found[1]))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and all it was made from; HTTP libraries hide causes in arguments and reasons, too."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, BaseException) and id(item) not in seen:
            seen.add(id(item))
            yield item
            waiting += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]


def _tls_reason(causes: list[BaseException]) -> str:
    """Return OpenSSL's words for a certificate that does not verify; they hold names and dates, no secret."""
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"{visible(cause.verify_message, 120)} (check the clock, and ca_path for a private CA)"
    return "no common TLS version, or the server does not use TLS"
