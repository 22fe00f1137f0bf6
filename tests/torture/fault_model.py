# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a row of the fault table says, and the answers that the rows are made of."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from fault_server import Script, answer

PRIMARY = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
# Nothing of these may ever be seen by a person. The last one stands in bodies that no message may quote.
ACCESS_KEY = "TORTUREACCESSKEY0001"
SECRETS = {
    "secret_key": "tr0mb0ne-Kx7vQ-wZ9pL-0001",
    "security_token": "Xw4t-mN8b-Gh2k-Rz6y-0002",
    "auth_token": "Jd9s-pV3c-Tq5f-Lb1n-0003",
    "proxy": "Uy6r-Ck2x-Sw8d-0004",
    "body": "b0dy-Canary-0005",
}
BODY = SECRETS["body"]


@dataclass(frozen=True)
class Fault:
    """One fault: what is done, and what has to come of it.

    C(codes) are the error codes of which one must be told; without any the answer must be accepted, with LINES as its
    log. What the line for people says is in messages.txt; C(says) is what OpenSSL says there, which may change.
    """

    id: str
    what: str
    codes: tuple[str, ...] = ()
    scripts: tuple[Script, ...] = ()
    says: tuple[str, ...] = ()
    retried: bool = False
    requests: int | None = None
    server: str = "http"
    options: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    least: float = 0
    stalls: bool = False

    def requests_wanted(self, retries: int) -> int:
        """Return how many requests the server must see."""
        if self.requests is not None:
            return self.requests
        return retries + 1 if self.retried else 1


def entry(ago: float, reason: str | None = "authentication fail", **changes: Any) -> dict[str, Any]:
    """Return a log entry of so many seconds ago: a failed negotiation, or without a reason a good one."""
    moment = time.time() - ago
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + ".000000+00:00"
    peer = "IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[198.51.100.7], PeerPort=[500]"
    what = f"negotiation fails. ({peer}, Reason=[{reason}])" if reason else f"is established. ({peer})"
    return {
        "time": int(moment),
        "raw_message": f"{stamp} host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] IPSec tunnel {what}",
        **changes,
    }


def body(*entries: Any, **more: Any) -> str:
    """Return a log as the service sends it."""
    return json.dumps({"logs": list(entries), **more})


FAILED = entry(3600)
LONG_AGO = entry(3 * 3600)
LOG = (LONG_AGO, FAILED)
GOOD = body(*LOG)
GOOD_ANSWER = answer(GOOD)
LINES = tuple(str(row["raw_message"]) for row in LOG)


def error_body(code: str = "APIGW.0308", text: str = "the service says so", **more: str) -> str:
    """Return an error as the API gateway words it."""
    return json.dumps({"error_code": code, "error_msg": text, "request_id": "r-0001", **more})


def html(status: str = "200 OK") -> bytes:
    """Return a page that somebody else put in the way."""
    return answer(f"<html><h1>{BODY}</h1></html>", status, "Content-Type: text/html")
