# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of the answer itself: its framing, its encoding and its status."""

from __future__ import annotations

import gzip
import zlib

from fault_model import BODY, GOOD, GOOD_ANSWER, Fault, error_body, html
from fault_server import FOR_EVER, RESET, Script, answer, chunked, drip, flood

_HALF = GOOD[: len(GOOD) // 2].encode()
_HEAD, _EMPTY, _TAIL = answer(GOOD).partition(b"\r\n\r\n")
_LONG = f"Content-Length: {len(GOOD) + 500}"
_CHUNKED = "Transfer-Encoding: chunked"
_CUT, _PROTOCOL = ("E_TRUNCATED",), ("E_PROTOCOL",)


def _bad(number: str, what: str, codes: tuple[str, ...], *steps: object, **more: object) -> Fault:
    """Return a fault whose one script is used for every connection."""
    script: Script = steps  # type: ignore[assignment]
    return Fault(number, what, codes, (script,), **more)  # type: ignore[arg-type]


def _stall(number: str, what: str, *steps: object) -> Fault:
    return _bad(number, what, ("E_DEADLINE",), *steps, stalls=True, requests=1)


FRAMING = [
    _stall("F045", "no byte after the request", FOR_EVER),
    _stall("F046", "the body drips", *drip(answer(GOOD), at_once=len(_HEAD) + 4)),
    _stall("F047", "the headers drip", *drip(answer(GOOD), at_once=20)),
    _bad("F048", "cut in the headers", (*_CUT, *_PROTOCOL), _HEAD[:60], retried=True),
    _bad("F048b", "cut behind the status line", (*_CUT, *_PROTOCOL), b"HTTP/1.1 200 OK\r\n", retried=True),
    _bad("F049", "a body shorter than it says", _CUT, answer(GOOD, length=_LONG), retried=True),
    _stall("F050", "a body shorter than it says, and then silence", answer(GOOD, length=_LONG), FOR_EVER),
    Fault("F051", "bytes behind the body", (), ([answer(GOOD) + answer('{"logs": []}')],)),
    _bad("F052", "reset in the body", (*_CUT, "E_CONNECT"), answer(GOOD, length=_LONG), RESET, retried=True),
    _bad("F053a", "no last chunk", (*_CUT, *_PROTOCOL), chunked(GOOD.encode(), end=b""), retried=True),
    _bad("F053b", "cut in a chunk", _CUT, chunked(end=b"%x\r\n%s" % (len(GOOD), _HALF)), retried=True),
    _bad("F053c", "cut behind half of the chunks", (*_CUT, *_PROTOCOL), chunked(_HALF, end=b""), retried=True),
    _bad(
        "F054a", "a chunk size that is none", (*_PROTOCOL, *_CUT), chunked(end=b"zz\r\n{}\r\n0\r\n\r\n"), retried=True
    ),
    _bad("F054b", "a chunk size below 0", (*_PROTOCOL, *_CUT), chunked(end=b"-2\r\n{}\r\n0\r\n\r\n"), retried=True),
    _bad("F055", "Content-Length and chunks", _PROTOCOL, answer("0\r\n\r\n", "200 OK", _CHUNKED), retried=True),
    *(
        _bad(f"F056{letter}", what, _PROTOCOL, answer(GOOD, length=length), retried=True)
        for letter, what, length in (
            ("a", "two lengths", f"Content-Length: {len(GOOD)}\r\nContent-Length: 12"),
            ("b", "a length below 0", "Content-Length: -1"),
            ("c", "a length in words", "Content-Length: many"),
            ("d", "a length in Arabic digits", "Content-Length: \u00b2"),
        )
    ),
    _bad(
        "F057",
        "a broken header hides the length",
        _CUT,
        answer(GOOD, length=f"Content Length {len(GOOD)}"),
        retried=True,
    ),
    _bad("F058", "no length at all", _CUT, answer(GOOD, length=""), retried=True),
    _bad("F059a", "another protocol", _PROTOCOL, b"SSH-2.0-" + BODY.encode() + b"\r\n", retried=True),
    _bad("F059b", "HTTP/0.9", _PROTOCOL, GOOD.encode(), retried=True),
    _bad("F059c", "HTTP/2", _PROTOCOL, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", retried=True),
    _bad("F059d", "noise", _PROTOCOL, bytes(range(255, 0, -1)) * 4 + b"\r\n\r\n", retried=True),
    _bad("F059e", "a status that is no number", _PROTOCOL, b"HTTP/1.1 abc OK\r\n\r\n", retried=True),
    _bad("F060a", "an endless header", _PROTOCOL, answer(GOOD, "200 OK", "X-A: " + "a" * 70_000), retried=True),
    _bad("F060b", "very many headers", _PROTOCOL, answer(GOOD, "200 OK", *["X-A: b"] * 150), retried=True),
    Fault("F061", "100 Continue first", (), ([b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD_ANSWER],)),
    Fault("F061b", "in chunks", (), ([chunked(_HALF, GOOD.encode()[len(_HALF) :])],)),
    _bad("F061c", "from a cache", ("E_CONTENT",), answer(GOOD, "200 OK", "Age: 3600")),
    _bad("F061d", "without a clock", ("E_CONTENT",), _HEAD.replace(b"Date", b"X-Date") + _EMPTY + _TAIL),
]


def _encoded(number: str, what: str, data: bytes, encoding: str = "gzip") -> Fault:
    packed = answer(data, "200 OK", f"Content-Encoding: {encoding}")
    return _bad(number, what, ("E_CONTENT",), packed)


_GZIP = gzip.compress(GOOD.encode())
ENCODING = [
    _encoded("F062a", "gzip, unasked", _GZIP),
    _encoded("F062b", "deflate, unasked", zlib.compress(GOOD.encode()), "deflate"),
    _encoded("F062c", "an encoding nobody knows", GOOD.encode(), "rot13"),
    _encoded("F063", "gzip that is none", GOOD.encode()),
    _encoded("F064", "gzip, cut", _GZIP[: len(_GZIP) // 2]),
    _encoded("F065", "gzip without its checksum", _GZIP[:-8]),
    Fault(
        "F067",
        "a body of 16 MiB",
        ("E_TOO_LARGE",),
        (flood(answer("", length=f"Content-Length: {2**24}"), b" " * 2**16, 256),),
    ),
    Fault(
        "F067b",
        "a body without end, in chunks",
        ("E_TOO_LARGE",),
        (flood(answer("", "200 OK", _CHUNKED, length=""), b"10000\r\n" + b" " * 2**16 + b"\r\n", 256),),
    ),
]


def _status(number: str, status: str, *codes: str, text: str | bytes | None = None, **more: object) -> Fault:
    body = error_body() if text is None else text
    return _bad(number, f"status {status}", codes, answer(body, status), **more)


def _answered(number: str, status: str, code: str, text: str = "no", **more: object) -> Fault:
    """Return an error of the service itself: its code is ours."""
    return _status(number, status, code, text=error_body(code, text), **more)


_OTHER = "Location: http://@OTHER@/v5/x?token=1"
STATUS = [
    *(_status(f"F068{letter}", f"{status} No", "E_STATUS", text="") for letter, status in (("a", 204), ("b", 205))),
    _status("F069", "206 Partial Content", "E_STATUS", text=GOOD),
    _status("F070", "304 Not Modified", "E_STATUS", text=""),
    *(
        _bad(f"F071-{status}", f"{status} to another origin", ("E_REDIRECT",), answer("", f"{status} Go", _OTHER))
        for status in (301, 302, 303, 307, 308)
    ),
    _bad("F071a", "302 to the same path", ("E_REDIRECT",), answer("", "302 Go", "Location: ?again")),
    _bad(
        "F071b",
        "302 with a user in it",
        ("E_REDIRECT",),
        answer("", "302 Go", f"Location: https://{BODY}@evil.example/x"),
    ),
    _bad("F071c", "302 to no address", ("E_REDIRECT",), answer("", "302 Go", "Location: https://[::1")),
    _bad("F071d", "200 with a Location", (), answer(GOOD, "200 OK", _OTHER)),
    _answered("F072", "400 Bad Request", "VPN.0001"),
    _answered("F073", "400 Bad Request", "VPN.0030", retried=True),
    _answered("F074a", "401 Unauthorized", "APIGW.0301", text="verify aksk signature fail"),
    _status("F074b", "401 Unauthorized", "E_AUTH", text=html()),
    _bad("F074c", "401 whose body is cut", ("E_AUTH",), answer("{", "401 No", length="Content-Length: 500")),
    _bad(
        "F074d",
        "401 whose body drips",
        ("E_AUTH", "E_DEADLINE"),
        *drip(answer(error_body(), "401 No"), at_once=150),
        stalls=True,
        requests=1,
    ),
    _bad(
        "F075",
        "401 from a clock 20 minutes ahead",
        ("APIGW.0301",),
        answer(error_body("APIGW.0301", "signature expired"), "401 No", date="Fri, 01 Jan 2100 00:00:00 GMT"),
    ),
    _answered("F076", "401 Unauthorized", "APIGW.0301", text="reach the limit of failures"),
    _answered("F077", "403 Forbidden", "VPN.0003"),
    _answered("F077b", "403 Forbidden", "VPN.0030"),
    _answered("F078", "404 Not Found", "VPN.0004"),
    _answered("F079", "404 Not Found", "APIGW.0101"),
    *(_status(f"F080-{code}", f"{code} No", "E_STATUS", text="{}") for code in (400, 405, 406, 410, 415)),
    *(_status(f"F080-{code}", f"{code} No", "E_SERVER", text="{}") for code in (501, 505, 599, 999)),
    _status("F081", "408 Request Timeout", "E_TIMEOUT", text="", retried=True),
    _answered("F082", "429 Too Many Requests", "APIGW.0308", retried=True),
    *(
        Fault(
            f"F083{status}",
            f"{status} with a short Retry-After",
            (),
            ([answer(error_body(), f"{status} Later", "Retry-After: 1")], [GOOD_ANSWER]),
            requests=2,
            least=1.0,
        )
        for status in (429, 503)
    ),
    Fault(
        "F084a",
        "Retry-After as a date",
        (),
        ([answer(error_body(), "429 Later", "Retry-After: @LATER@")], [GOOD_ANSWER]),
        requests=2,
        least=1.0,
    ),
    _bad(
        "F086",
        "a Retry-After beyond all patience",
        ("APIGW.0308",),
        answer(error_body(), "429 Later", "Retry-After: 999999999"),
    ),
    *(_answered(f"F087-{status}", f"{status} No", "APIGW.0611", retried=True) for status in (500, 502, 503, 504)),
    _bad("F087-html", "a page with 502", ("E_SERVER",), html("502 Bad Gateway"), retried=True),
]
TABLE = [*FRAMING, *ENCODING, *STATUS]
