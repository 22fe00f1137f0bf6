# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of what an answer says: JSON, the shape of a log, and evidence that proves less than it seems to."""

from __future__ import annotations

import json
from typing import Any

from fault_model import BODY, FAILED, GOOD, LINES, LOG, LONG_AGO, SECRETS, Fault, body, entry, html
from fault_server import answer

_BROKEN = "A broken entry is not a broken answer"
_CONTENT = ("E_CONTENT",)
_ONE_CODE = "One code for every answer that cannot be used"


def _says(number: str, what: str, text: str | bytes, codes: tuple[str, ...] = _CONTENT, **more: Any) -> Fault:
    return Fault(number, what, codes, ([answer(text)],), **more)


def _json(text: str) -> str:
    """Return a log with one entry, of which this is the time."""
    return f'{{"logs": [{{"time": {text}, "raw_message": {json.dumps(FAILED["raw_message"])}}}]}}'


JSON = [
    _says("F089", "an empty body", "", otherwise=_ONE_CODE),
    Fault("F090a", "a page", _CONTENT, ([html()],), ("not JSON",)),
    Fault("F090b", "text", _CONTENT, ([answer(BODY, "200 OK", "Content-Type: text/plain")],), ("not JSON",)),
    *(
        _says(
            f"F091{letter}",
            f"200 with {names}",
            json.dumps({**dict(zip(names, ("VPN.0001", "no"))), **more}),
            ("VPN.0001",),
            says=("VPN.0001",),
        )
        for letter, names, more in (
            ("a", ("code", "message"), {}),
            ("b", ("error_code", "error_msg"), {}),
            ("c", ("errorCode", "errorMsg"), {}),
            ("d", ("error_code", "error_msg"), {"logs": []}),
        )
    ),
    _says(
        "F091e",
        "200 with an error inside",
        json.dumps({"error": {"code": "VPN.0001", "message": "no"}}),
        ("VPN.0001",),
        says=("VPN.0001",),
    ),
    *(
        _says(f"F092{letter}", f"200 with {text[:10]}", text, says=("not a JSON object",), otherwise=_ONE_CODE)
        for letter, text in (("a", "null"), ("b", "[]"), ("c", f'"{BODY}"'), ("d", "1"), ("e", "true"))
    ),
    _says("F093a", "no logs", "{}", says=("logs",), otherwise=_ONE_CODE),
    _says("F093b", "logs that are an object", '{"logs": {}}', says=("logs",), otherwise=_ONE_CODE),
    _says("F093c", "logs that are a text", f'{{"logs": "{BODY}"}}', says=("logs",), otherwise=_ONE_CODE),
    _says("F093d", "logs that are a number", '{"logs": 0}', says=("logs",), otherwise=_ONE_CODE),
    _says("F093e", "logs under another name", '{"Logs": []}', says=("logs",), otherwise=_ONE_CODE),
    _says("F094a", "an entry that is null", '{"logs": [null]}', says=("logs",), otherwise=_ONE_CODE),
    _says("F094b", "an entry that is a text", f'{{"logs": ["{BODY}"]}}', says=("logs",), otherwise=_ONE_CODE),
    _says("F096a", "a time that is NaN", _json("NaN")),
    _says("F096b", "a time that is infinite", _json("-Infinity")),
    _says("F096c", "a time beyond any number", _json("1e999")),
    _says("F096d", "a time of 5000 digits", _json("1" * 5000)),
    _says("F098a", "logs twice", f'{{"logs": [{json.dumps(FAILED)}], "logs": []}}', says=("twice",)),
    _says("F098b", "a line twice", '{"logs": [{"time": 1, "raw_message": "a", "raw_message": "b"}]}', says=("twice",)),
    _says("F099a", "nested 40 levels deep", f'{{"logs": {"[" * 40}{"]" * 40}}}', says=("nested",)),
    _says("F099b", "nested 100 000 levels deep", '{"logs": ' + "[" * 100_000 + "]" * 100_000 + "}"),
    _says("F100a", "something behind the document", GOOD + "x"),
    _says("F100b", "a second document", GOOD + GOOD),
    _says("F100c", "a comma too many", GOOD[:-2] + ",]}"),
    _says("F100d", "half a document", GOOD[: len(GOOD) // 2]),
    _says("F101a", "a byte order mark", b"\xef\xbb\xbf" + GOOD.encode()),
    _says("F101b", "UTF-16", GOOD.encode("utf-16")),
    _says("F101c", "not UTF-8", GOOD.encode().replace(b"fails", b"fail\xff"), says=("UTF-8",)),
    Fault("F102a", "JSON as text", _CONTENT, ([answer(GOOD, "200 OK", "Content-Type: text/plain")],), ("not JSON",)),
    Fault("F102b", "no type at all", _CONTENT, ([answer(GOOD, "200 OK", "Content-Type:")],), ("not JSON",)),
    _says("F105a", "a line of 10 MiB", body(entry(60, raw_message="x" * 10 * 2**20)), ("E_TOO_LARGE",)),
    _says("F105b", "a line of 100 KiB", body(entry(60, raw_message="x" * 100_000)), ("E_TOO_LARGE",)),
    _says("F106", "60 000 entries", json.dumps({"logs": [{"time": 1, "raw_message": ""}] * 60_000}), ("E_TOO_LARGE",)),
    _says("F107", "names nobody knows", body(*LOG, news={"a": [1]}), (), lines=LINES),
    *(
        _says(f"F108{letter}", f"paging: {next(iter(more))}", body(*LOG, **more), ("E_INCOMPLETE",), says=("pages",))
        for letter, more in (
            ("a", {"page_info": {"next_marker": "x"}}),
            ("b", {"next_marker": "x"}),
            ("c", {"total_count": 500}),
        )
    ),
]

# A window that these logs cover, and no other demand: what is left to doubt is the fault alone.
_WINDOW = {"since": "2h"}
_CALM = entry(1800, None)


def _judged(number: str, what: str, verdict: str, *entries: Any, **more: Any) -> Fault:
    """Return a log that is accepted, and what the verdict says of it; a lookup returns no verdict."""
    settings = {"entries": ("client", "module"), "options": _WINDOW, "verdict": verdict, **more}
    return Fault(number, what, (), ([answer(body(*entries))],), **settings)


_QUOTING = f"PolicyName=[{SECRETS['secret_key']}]"
_ODD_TIMES = ("1735024112", 1735024112.5, True, -1, 0, 2**53 + 1, 10**18, None, [], {"a": 1})
EVIDENCE = [
    _judged("F000a", "a log that proves health", "pass", LONG_AGO, _CALM),
    _judged("F000b", "a log with a failure", "fail", LONG_AGO, FAILED),
    *(
        _judged(f"F09{letter}", what, "inconclusive", LONG_AGO, odd, otherwise=_BROKEN)
        for letter, what, odd in (
            ("4c", "an entry without a line", {"time": _CALM["time"]}),
            ("4d", "an empty entry", {}),
            ("5e", "a line that is null", {**_CALM, "raw_message": None}),
            ("5f", "a line that is a number", {**_CALM, "raw_message": 5}),
            ("5g", "a line that is a list", {**_CALM, "raw_message": [_CALM["raw_message"]]}),
        )
    ),
    *(
        _judged(
            f"F096-{number}",
            f"a failure whose time is {value!r}",
            "fail",
            LONG_AGO,
            {**FAILED, "time": value},
            otherwise=_BROKEN,
        )
        for number, value in enumerate(_ODD_TIMES)
    ),
    _judged(
        "F097a",
        "a failure in milliseconds",
        "fail",
        LONG_AGO,
        {**FAILED, "time": FAILED["time"] * 1000},
        otherwise=_BROKEN,
    ),
    _judged(
        "F097b",
        "a failure in microseconds",
        "fail",
        LONG_AGO,
        {**FAILED, "time": FAILED["time"] * 10**6},
        otherwise=_BROKEN,
    ),
    _judged("F103", "half a surrogate pair", "inconclusive", LONG_AGO, {**_CALM, "raw_message": "\ud800 what"}),
    _judged(
        "F104",
        "control characters in a failure",
        "fail",
        LONG_AGO,
        {**FAILED, "raw_message": FAILED["raw_message"].replace("fail]", "\x1b[2J\x00\r\n\x9b\u202e\u2028\ufffe]")},
    ),
    _judged("F109", "no entry at all", "inconclusive"),
    Fault(
        "F109b",
        "logs that are null",
        (),
        ([answer('{"logs": null}')],),
        entries=("client", "module"),
        options=_WINDOW,
        verdict="inconclusive",
        otherwise="logs: null is a log without entries",
    ),
    _judged(
        "F110",
        "a full log that begins in the window",
        "inconclusive",
        *[entry(3600 - number, None) for number in range(200)],
    ),
    _judged("F112", "a log of exactly 100", "inconclusive", *[entry(3600 - number, None) for number in range(100)]),
    _judged(
        "F112b",
        "a full log that reaches back far enough",
        "pass",
        LONG_AGO,
        *[entry(3600 - number, None) for number in range(199)],
    ),
    _judged("F113a", "a log out of order", "fail", _CALM, FAILED, LONG_AGO),
    _judged("F113b", "a log with every line twice", "pass", LONG_AGO, _CALM, LONG_AGO, _CALM),
    _judged("F114", "two clocks of one line that disagree", "fail", LONG_AGO, {**FAILED, "time": LONG_AGO["time"]}),
    _judged("F115a", "a line in no known form", "inconclusive", LONG_AGO, {**_CALM, "raw_message": "it was the peer"}),
    _judged(
        "F115b",
        "a failure in no known form",
        "fail",
        LONG_AGO,
        {**_CALM, "raw_message": "!! IPSec tunnel negotiation fails"},
    ),
    _judged("F116", "a failure of the future", "fail", LONG_AGO, entry(-3600)),
    _judged("F116b", "a calm line of the future", "inconclusive", LONG_AGO, entry(-3600, None)),
    Fault(
        "F117",
        "a clock that is ten minutes off",
        (),
        ([answer(body(LONG_AGO, _CALM), date="@PAST@")],),
        entries=("client", "module"),
        options=_WINDOW,
        verdict="inconclusive",
    ),
    _judged(
        "F119",
        "a line that quotes the secret key",
        "fail",
        LONG_AGO,
        {**FAILED, "raw_message": FAILED["raw_message"].replace("PolicyName=[]", _QUOTING)},
    ),
]
TABLE = [*JSON, *EVIDENCE]
