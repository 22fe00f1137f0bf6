# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sample verdicts for the tests of the reports, also of those without a browser; needs the standard library only."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

NOON = datetime(2026, 11, 23, 10, 0, 0, tzinfo=timezone.utc)
ADVICE = "compare the PSK and the IDs on both ends"
CHECKS = ["log readable", "no failed negotiation", "no unrecognised lines", "watched long enough", "status ACTIVE"]
CAVEATS = [
    "a proposal, PFS or lifetime mismatch shows only at the next IPsec rekey, in at most 3600 s",
    "a PSK, ID or proposal mismatch shows only at the next IKE rekey, in at most 86400 s",
]
HOSTILE = [
    "<script>document.title='owned'</script><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)><a href=javascript:alert(1)>x</a>',
    "]]></failure><!-- --><![CDATA[ & &amp; &#0;",
    "\x1b[31mred\x1b[0m\x00\x07\x9b\x7f",
    "\u202etxt.exe\u2066\u200b\u2028\ufeff\ufffe\ud800",
    "line\n::set-output name=x::y\r\n##vso[task.complete result=Succeeded]\n##[error]x",
    "::error::x",
    "  ::stop-commands::x",
    "##vso[task.complete result=Succeeded;]",
    "| a | b |\n|---|---|\n```\n# head\n- [link](http://192.0.2.1/) ![i](http://192.0.2.1/i.png)",
    "``` @everyone #1 GH-2 https://192.0.2.1/ www.example.test a@example.test **bold** <details>",
    "{{ lookup('pipe', 'id') }} {% raw %} ${x} $(id) `id`",
    "=HYPERLINK(1),@SUM(1);+1",
    "W" * 500,
    "\\|`\\`",
    "",
]


def stamp(seconds):
    """Return the moment so many seconds after the baseline."""
    return (NOON + timedelta(seconds=seconds)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def key(number):
    """Return the ID of a connection."""
    return f"98c5af8a-1111-4222-8333-{number:012d}"


def event(seconds, kind, outcome, reason=None, raw=None):
    """Return a whole event."""
    when = None if seconds is None else stamp(seconds)
    fields = f"(PeerAddress=[198.51.100.9], Reason=[{reason}])"
    line = f"{when} host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] {kind} {fields}"
    return {
        **{"vpn_connection_id": key(1), "time": 0, "raw_message": line if raw is None else raw, "timestamp": when},
        **{"host": "host-192-0-2-37", "process": "ipsec_ike", "pid": 30085, "local_address": "203.0.113.10"},
        **{"kind": kind, "outcome": outcome, "event": kind, "reason": reason, "category": "authentication"},
        **{
            "phase": "1",
            "peer_address": "198.51.100.9",
            "peer_port": 500,
            "fields": {},
            "advice": None,
            "anomalies": [],
        },
    }


def failed(seconds, reason="authentication fail", **more):
    """Return an event of failure."""
    return event(seconds, "negotiation_failed", "failure", reason, **more)


def row(events, **more):
    """Return failures of one reason as a verdict counts them."""
    return {
        **{"reason": events[0]["reason"], "category": "authentication", "phase": "1", "advice": ADVICE},
        **{"count": len(events), "first": events[0]["timestamp"], "last": events[-1]["timestamp"]},
        **{"peer_addresses": ["198.51.100.9"], **more},
    }


def tunnel(
    number, name, findings=(), *, logs=(), earlier=(), caveats=(), status="ACTIVE", message="", tried=True, **more
):
    """Return the verdict on a tunnel; C(findings) are (check, verdict, message), the worst first."""
    found = [
        {"check": check, "code": "x", "verdict": verdict, "settled": verdict == "fail", "message": text}
        for check, verdict, text in findings
    ]
    verdict = found[0]["verdict"] if found else "pass"
    failures = [event for event in logs if event["outcome"] == "failure"]
    new = {"new": [row(failures, waived=False)] if failures else [], "persisting": [], "resolved": []}
    # As a verdict says it: all that keeps a tunnel from a pass.
    bad = [finding["message"] for finding in found if finding["verdict"] != "pass"] or [row["message"] for row in found]
    said = "; ".join(bad) if bad else f"no failed negotiation since {stamp(0)[:19]}Z, status {status}"
    word = verdict.upper() if tried or verdict != "pass" else "PASS, NOT TRIED YET:"
    error = more.pop("error", None)
    evidence = {
        **{"window": {"since": stamp(0), "until": stamp(900)}, "observed": 720.0, "coverage": "complete"},
        **{"status": status, "status_before": "ACTIVE", "failures": len(failures), "failure_reasons": []},
        **{"first_failure": None, "last_failure": None, "last_success": None, "flaps": 0, "unrecognised": 0},
        **{"logs": list(logs), "earlier": [slim(event) for event in earlier], "error": error, "request_id": "r-1"},
    }
    if error:
        evidence.update(observed=None, coverage="unknown", status=None, failures=None, flaps=None, unrecognised=None)
    return {
        **{"id": key(number), "name": name, "verdict": verdict, "settled": verdict in ("pass", "fail")},
        **{"negotiated": tried and not error, "tolerated": False},
        **{"message": message or f"{name or key(number)}: {word} {said}"},
        **{"checks": list(CHECKS), "findings": found, "caveats": list(caveats), "failures": new},
        **{"evidence": evidence, **more},
    }


def slim(event):
    """Return an event from before the window."""
    return {name: event[name] for name in ("timestamp", "kind", "outcome", "reason")}


def whole(*tunnels, groups=(), verdict=None, lines=(), **more):
    """Return a verdict of tunnels."""
    order = ("pass", "inconclusive", "error", "fail")
    ranked = sorted(tunnels, key=lambda row: -order.index(row["verdict"]))
    worst = max((row["verdict"] for row in tunnels if not row["tolerated"]), key=order.index, default="inconclusive")
    empty = ["INCONCLUSIVE the evidence has no connection"]
    policy = {"quiet_for": 600.0, "require": ["status_active"], "allow_recovered": False, "ha": "all", "waivers": []}
    return {
        **{"schema": 1, "verdict": verdict or worst, "settled": worst in ("pass", "fail"), "unrecognised": []},
        "negotiated": (verdict or worst) == "pass" and all(row["negotiated"] for row in tunnels),
        "compared": True,
        "message": "\n".join([row["message"] for row in ranked] + list(lines) or empty),
        "window": {"since": stamp(0), "watched_from": stamp(180), "until": stamp(900)},
        **{"policy": policy, "ha_groups": list(groups), "vpn_connections": list(tunnels), **more},
    }


def group(state, verdict, passed, needed, message):
    """Return an HA group of the first two tunnels."""
    return {
        **{"vpn_connections": [key(1), key(2)], "passed": passed, "needed": needed, "verdict": verdict},
        **{"settled": True, "state": state, "message": message},
    }


LIFE = [
    event(-7200, "tunnel_established", "success"),
    event(-3600, "rekey", "success"),
    failed(-3000, "no policy match"),
    event(-40, "rekey", "success"),
]
HEALTHY = [
    event(62, "teardown", "expected_in_change"),
    event(95, "ike_sa_established", "progress"),
    event(97, "tunnel_established", "success"),
    event(640, "rekey", "success"),
]


def passed(number=1, name="hq-primary"):
    """Return a tunnel that passed."""
    return tunnel(number, name, logs=HEALTHY, earlier=LIFE, caveats=CAVEATS)


def broken(number=2, name="hq-secondary", count=14, **more):
    """Return a tunnel that this change broke."""
    logs = [event(62, "dpd_timeout", "down"), *(failed(131 + 25 * turn) for turn in range(count))]
    text = (
        f'{count}x "authentication fail" (authentication, phase 1) {stamp(131)[:19]}Z to '
        f"{stamp(131 + 25 * (count - 1))[:19]}Z, peer 198.51.100.9 - {ADVICE}"
    )
    found = [("no failed negotiation", "fail", text), ("status ACTIVE", "inconclusive", "status is DOWN, not ACTIVE")]
    made = tunnel(number, name, found, logs=logs, earlier=LIFE, status="DOWN", **more)
    made["failures"]["resolved"] = [row([LIFE[2]], advice="compare the proposals on both ends")]
    return made


def unread(number=3, name="branch-old"):
    """Return a tunnel that could not be read."""
    details = {"code": "VPN.0304", "status": 400, "message": "the gateway is too old", "request_id": "r-9"}
    text = (
        "cannot be read: this VPN gateway is too old to serve connection logs: upgrade the gateway [VPN.0304, HTTP 400]"
    )
    made = tunnel(number, name, [("log readable", "error", text)], error=details)
    return {**made, "checks": ["log readable"]}


def unsure(number=4, name="lab"):
    """Return a tunnel of which nobody can tell."""
    found = [
        ("watched long enough", "inconclusive", "watched for 720 s of 900 s"),
        ("no unrecognised lines", "inconclusive", "1 unrecognised line(s) that may be failures"),
    ]
    logs = [*HEALTHY, event(300, "unparsed", "unknown", raw={"odd": ["entry"]}), event(None, "noise", "neutral")]
    return tunnel(number, name, found, logs=logs, settled=False)


def untried(number=5, name="lab"):
    """Return a tunnel that passed, and was not negotiated since the change."""
    caveats = ["the change is not tried yet: no negotiation followed", *CAVEATS]
    return tunnel(number, name, earlier=LIFE, caveats=caveats, tried=False)


def unrecognised(*sentences):
    """Return the lines that a verdict does not recognise."""
    rows = [{"sentence": sentence, "count": 3, "first": stamp(140), "last": stamp(300)} for sentence in sentences]
    return {"unrecognised": rows}


def storm():
    """Return a tunnel with hundreds of failures, of some reasons, within minutes."""
    names = ("authentication fail", "no policy match", "invalid length", "encapsulation mode mismatch")
    logs = [failed(120 + turn * 3.7, names[turn % 4]) for turn in range(200)]
    logs += [event(100 + turn * 40, "dpd_timeout", "down") for turn in range(20)]
    logs.sort(key=lambda event: event["timestamp"])
    made = broken(count=200)
    made["evidence"].update(logs=logs, failures=200, flaps=20)
    made["failures"]["new"] = [
        row([event for event in logs if event["reason"] == name], waived=False) for name in names
    ]
    return made


def hostile(texts=None):
    """Return a verdict with such texts in every member that somebody else may have written."""
    texts = HOSTILE if texts is None else texts
    tunnels = []
    for number, text in enumerate(texts, 1):
        logs = [
            failed(130, text, raw=text),
            event(140, text, text, text),
            event(150, "noise", "neutral", raw=[text, {text: 1}]),
        ]
        logs[1]["timestamp"] = text
        made = tunnel(
            number,
            text,
            [(text or "x", "fail", text), ("status ACTIVE", "inconclusive", text)],
            **{"logs": logs, "earlier": [failed(-60, text)], "caveats": [text], "status": text, "message": text or "x"},
        )
        change = row(logs[:1], advice=text, category=text, phase=text, peer_addresses=[text], first=text)
        made["failures"] = {"new": [change], "persisting": [change], "resolved": [change]}
        made["evidence"].update(request_id=text, status_before=text, coverage=text, last_success=text)
        tunnels.append(made)
    judged = whole(*tunnels, groups=[group(text, "fail", 0, 1, text) for text in texts], lines=texts)
    judged.update(unrecognised(*texts))
    judged["window"] = {name: next(iter(texts), None) for name in judged["window"]}
    judged["policy"].update(require=list(texts), ha={"at_least": "".join(texts)})
    return judged


def many(count=500, bad=3):
    """Return a verdict on many tunnels, most of which pass."""
    return whole(
        *(broken(number, f"branch-{number:03d}") for number in range(1, bad + 1)),
        *(passed(number, f"branch-{number:03d}") for number in range(bad + 1, count + 1)),
    )


def ha_lost():
    """Return a verdict on an HA pair of which one tunnel is enough, and has to be."""
    text = "HA group hq-primary + hq-secondary: REDUNDANCY LOST: 1 of 2 tunnels pass, 1 needed, hq-secondary FAIL"
    pair = group("redundancy_lost", "pass", 1, 1, text)
    judged = whole(passed(), broken(tolerated=True), groups=[pair], lines=[text])
    judged["policy"]["ha"] = {"at_least": 1}
    return judged


SAMPLES = {
    "pass": lambda: whole(passed()),
    "fail": lambda: whole(passed(), broken()),
    "not_tried": lambda: whole(untried(), passed()),
    "inconclusive": lambda: whole(unsure(), passed(), **unrecognised("Tunnel state changed. (State=[Standby])")),
    "error": lambda: whole(passed(), unread()),
    "ha_lost": ha_lost,
    "storm": lambda: whole(storm(), passed()),
    "hostile": hostile,
    "empty": whole,
    "many": many,
}
