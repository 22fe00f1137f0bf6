# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP done right, once: the only file that imports requests.

It signs each attempt anew, follows no redirect, reads no netrc, keeps to the task's deadline, and hands on an answer
only when it is proven whole.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .._errors import ApiError, OptionError, TransportError, VpnError, code_of_status, hint_for
from .._sanitize import redacted, visible
from .auth import SignedAuth, TokenAuth
from .ca_file import ca_of, check_ca
from .concurrency import Deadline, RateLimiter
from .response import clock_of, content_error, declared_length, error_parts, error_parts_of, json_object, request_id_of
from .retry import is_transient, may_be_repeated, read_retry_after, wait_before
from .settings import Connection, is_proxy
from .signing import canonical_query
from .transport_errors import redirect_error, transport_error

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from requests.utils import get_environ_proxies, select_proxy
except ImportError:  # said in words by Session()
    requests = None  # type: ignore[assignment]

USER_AGENT = "ansible-collection-huaweicloud.vpn"
_CONNECT, _READ = 10.0, 30.0  # seconds without any progress, each within the deadline
_LARGEST = 4 * 1024 * 1024  # bytes of an answer; 200 entries of the log are some 40 KiB, 200 connections 600 KiB
_LARGEST_ERROR = 64 * 1024
_CHUNK = 64 * 1024
# For a POST, the table of status codes of the VPN API reference has 201; 200 is what GET and PUT have, 202 what an API
# answers that only begins. 204 has no body, and so is not the answer that the reference describes for any of ours.
_GOOD = {"GET": (200,), "POST": (200, 201, 202)}


@dataclass(frozen=True)
class Answer:
    """A whole answer: the JSON object, the request's ID, the service's clock and ours in seconds since the epoch."""

    body: dict[str, Any]
    request_id: str | None
    server_time: float
    local_time: float


class _Call(NamedTuple):
    """A request to send, and whether an error allows to send it again."""

    method: str
    origin: str
    target: str
    headers: dict[str, str]
    may_repeat: Callable[[VpnError], bool]
    body: bytes = b""


def has_requests() -> bool:
    """Tell whether the one library that is needed is there."""
    return requests is not None


class Session:
    """Kept-alive connections to the service under one deadline; may be used from several threads."""

    def __init__(self, connection: Connection, width: int = 1) -> None:
        if not has_requests():
            raise OptionError("requests", "the Python library is missing on this host: pip install requests")
        self.deadline, self._pace = Deadline(connection.timeout, connection.spent), RateLimiter()
        self._connection = connection
        self._redact = partial(redacted, secrets=connection.secrets)  # the service may quote them
        self._auth = (
            TokenAuth(connection.auth_token)
            if connection.auth_token
            else SignedAuth(str(connection.access_key), str(connection.secret_key), connection.security_token)
        )
        self._ca = check_ca(*ca_of(connection))
        if not connection.validate_certs:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._proxies: dict[str, dict[str, str]] = {}
        # It would write header lines that it cannot read, and a traceback, into Ansible's log as they came.
        logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.get_redirect_target = _no_target  # type: ignore[method-assign]
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._http.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "X-Language": "en-us"})
        adapter = HTTPAdapter(pool_maxsize=width, max_retries=0)
        self._http.mount("https://", adapter)
        self._http.mount("http://", adapter)
        # More than five wrong signatures lock an access key for five minutes: until the credentials have been accepted
        # once, requests go one at a time, and none follows a refusal.
        self._first = threading.Lock()
        self._accepted = False
        self._refusal: VpnError | None = None

    def get(
        self, origin: str, path: str, query: Sequence[tuple[str, str]] = (), headers: dict[str, str] | None = None
    ) -> Answer:
        """Get one answer, trying again where that helps; raise ApiError or TransportError."""
        target = path + (f"?{canonical_query(list(query))}" if query else "")
        return self._with_retries(_Call("GET", origin, target, headers or {}, is_transient))

    def post(self, origin: str, path: str, headers: dict[str, str]) -> Answer:
        """Have something done that needs no body; tried again only where it certainly was not done."""
        headers = {"Content-Type": "application/json", **headers}  # the service's SDK says so even without a body
        return self._with_retries(_Call("POST", origin, path, headers, may_be_repeated))

    def ask(self, origin: str, path: str, body: bytes) -> Answer:
        """Post a question that changes nothing, so that it may be repeated like a get."""
        headers = {"Content-Type": "application/json"}
        return self._with_retries(_Call("POST", origin, path, headers, is_transient, body))

    def _with_retries(self, call: _Call) -> Answer:
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._until_authenticated(call)
            except VpnError as error:
                wait = wait_before(attempt + 1, error)
                if attempt > self._connection.retries or not call.may_repeat(error):
                    raise
                if wait >= self.deadline.left():
                    if error.retry_after:
                        error.hint = (
                            f"it asks to wait {error.retry_after:.0f} s, past the end of timeout: try again later"
                        )
                    raise
                if error.status == 429:
                    self._pace.pause(wait)
                else:
                    self.deadline.sleep(wait)

    def _until_authenticated(self, call: _Call) -> Answer:
        if not self._accepted:
            with self._first:
                if not self._accepted:
                    try:
                        answer = self._exchange(call)
                    except ApiError as error:
                        self._accepted = error.status in (400, 403, 404)  # what is asked for is refused, not who asks
                        raise
                    self._accepted = True
                    return answer
        return self._exchange(call)

    def _exchange(self, call: _Call) -> Answer:
        """Send the request once and read the answer."""
        sent = self._pace.wait_for_turn(self.deadline)
        if self._refusal:
            raise self._refusal
        left = self.deadline.left()
        if not left:
            raise self.deadline.exceeded("the request")
        url = f"{call.origin}{call.target}"
        request = self._http.prepare_request(
            requests.Request(call.method, url, headers=call.headers, data=call.body or None, auth=self._auth)
        )
        if request.url != url or request.path_url != call.target:  # what is sent must be what was meant and signed
            raise OptionError("endpoint", "the URL of the request would be changed before it is sent")
        try:
            response = self._http.send(
                request,
                stream=True,
                allow_redirects=False,
                verify=self._ca[1],
                proxies=self._proxies_for(url),
                timeout=(min(_CONNECT, left), min(_READ, left)),
            )
            with response:
                self._pace.learn(sent, refused=response.status_code == 429)
                return self._read(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            if not self.deadline.left():
                raise self.deadline.exceeded("waiting for an answer") from None
            check_ca(*self._ca, read=True)
            proxy = select_proxy(url, self._proxies_for(url))
            raise transport_error(error, urlsplit(url).netloc, proxy) from None

    def _read(self, response: Any) -> Answer:
        request_id = request_id_of(response.headers)
        local_time, server_time = time.time(), clock_of(response.headers)
        if response.status_code not in _GOOD[response.request.method]:
            raise self._status_error(response, request_id, server_time)
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            raise content_error("it is compressed, although no compression was requested")
        if response.headers.get("Age", "0").strip() not in ("", "0"):
            raise content_error("it comes from a cache, so it may be out of date")
        raw = response.raw.headers
        expected = declared_length(raw.getlist("Content-Length"), raw.getlist("Transfer-Encoding"))
        body = b"".join(self._chunks(response, _LARGEST))
        if expected is not None and len(body) != expected:
            raise TransportError(f"the answer was cut: {len(body)} of {expected} bytes came", code="E_TRUNCATED")
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise content_error("it is not JSON: is this the endpoint of the service, or a proxy's page?")
        if server_time is None:
            raise content_error("it has no valid Date, so the cloud's clock is unknown")
        value = json_object(body)
        code, text, inner_id = error_parts_of(value)
        if code:
            skew = local_time - server_time
            raise self._service_error(response.status_code, code, text, request_id or inner_id, skew)
        return Answer(value, self._shown_id(request_id or value.get("request_id")), server_time, local_time)

    def _chunks(self, response: Any, most: int) -> Iterator[bytes]:
        size = 0
        while True:
            chunk = response.raw.read(_CHUNK, decode_content=False)
            if not chunk:
                return
            size += len(chunk)
            if size > most:
                raise TransportError(f"the answer is larger than {most // 2**20} MiB", code="E_TOO_LARGE")
            if not self.deadline.left():
                raise self.deadline.exceeded("reading the answer")
            yield chunk

    def _status_error(self, response: Any, request_id: str | None, server_time: float | None) -> VpnError:
        status = response.status_code
        if 300 <= status < 400 and "Location" in response.headers:
            return redirect_error(status, self._redact(response.headers["Location"]))
        if status < 400:
            return TransportError(
                f"the service answered with HTTP {status} instead of 200", code="E_STATUS", status=status
            )
        code, text, inner_id = error_parts(self._error_body(response))
        now = time.time() if server_time is None else server_time
        error = self._service_error(status, code, text, request_id or inner_id, time.time() - now)
        error.retry_after = read_retry_after(response.headers.get("Retry-After"), now)
        return error

    def _service_error(self, status: int, code: str | None, text: str, request_id: str | None, skew: float) -> VpnError:
        """Return the error the service tells; `skew` is by how many seconds our clock is ahead of the service's."""
        error = ApiError(
            self._message_of(status, text, skew),
            code=visible(self._redact(code), 40) if code and not code.isdigit() else code_of_status(status),
            status=status,
            request_id=self._shown_id(request_id),
            hint=hint_for(status, code or "", "signature expired" if abs(skew) > 900 else text),
        )
        if status == 401:
            self._refusal = error
        return error

    def _shown_id(self, value: Any) -> str | None:
        return visible(self._redact(value), 64) if isinstance(value, str) and value else None

    def _error_body(self, response: Any) -> bytes:
        """Return the body of an error; one that cannot be read changes nothing, the status has said it."""
        try:
            return b"".join(self._chunks(response, _LARGEST_ERROR))
        except (VpnError, urllib3.exceptions.HTTPError, OSError, ValueError):
            return b""

    def _message_of(self, status: int, text: str, skew: float) -> str:
        """Return what the service says; a refusal's own text may quote the request, so that one is not repeated."""
        if status == 401:
            clock = f"; this machine's clock is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
            return f"the service refused the credentials{clock if abs(skew) > 60 else ''}"
        return f"the service answered {visible(self._redact(text), 160)!r}" if text else "the service returned an error"

    def _proxies_for(self, url: str) -> dict[str, str]:
        """Return the environment's proxies; plain http, that is loopback, never goes through one."""
        parts = urlsplit(url)
        if parts.scheme == "http":
            return {}
        if parts.netloc not in self._proxies:
            proxies = get_environ_proxies(url)
            for scheme in ("https", "all"):
                if not is_proxy(proxies.get(scheme)):
                    raise OptionError(f"{scheme.upper()}_PROXY", "this variable is not the URL of a proxy")
            self._proxies[parts.netloc] = proxies
        return self._proxies[parts.netloc]


def _no_target(resp: Any) -> None:
    """Stand in for a redirect's target: to find it, requests would read and unpack the whole body of the redirect."""
