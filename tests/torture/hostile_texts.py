# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that a peer, or whoever may name a connection, could write; worlds that are full of them; and what shows it.

BAIT stands for a file that is there only when a text was obeyed.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

BAIT = "@BAIT@"
TEXTS = {
    "a plain one": "word",
    "colors": "\x1b[2J\x1b[31mred\x1b[0m",
    "a window title": "\x1b]0;owned\x07",
    "C1": "\x9b31mred\x85next\x9d0;owned\x9c",
    "NUL and others": "\x00\x07\x08\x0b\x0c\x7f",
    "a forged recap": "x\r\nPLAY RECAP ***\r\nlocalhost : ok=9 changed=0 unreachable=0 failed=0",
    "a carriage return": "\rok: [localhost]",
    "unseen line ends": "a\u2028::error::b\u2029c\x85d\x1ce",
    "bidi": "\u202egnp.exe\u2066x\u2069",
    "zero width": "a\u200bb\ufeffc\u00add\u2060e",
    "tags": "a\U000e0041\U000e007fb",
    "no characters": "a\ufffeb\uffffc\ufdd0d\U0001fffe",
    "a lone surrogate": "a\ud800b\udfffc",
    "fillers": "\u3164\u115f\u2800",
    "a template": f"{{{{ lookup('pipe', 'touch {BAIT}') }}}}",
    "a template by a filter": f"{{{{ q('ansible.builtin.pipe', 'touch {BAIT}') | first }}}}",
    "a template as a block": f"{{% for one in [lookup('pipe', 'touch {BAIT}')] %}}{{{{ one }}}}{{% endfor %}}",
    "a template as a comment": "{# a comment #}",
    "an open template": "{{ {% {# word",
    "a sum": "{{ 7 * 191 }}",
    "a YAML tag": f"!unsafe {{{{ lookup('pipe', 'touch {BAIT}') }}}}",
    "YAML": "x: [y\n- z: &a *a\n---\n%TAG",
    "a shell": f"$(touch {BAIT}) `touch {BAIT}`; touch {BAIT} | touch {BAIT} & ${{IFS}}",
    "quotes": "'\"\\' OR ''='",
    "a script": "<script>document.title='owned'</script><img src=x onerror=alert(1)>",
    "an attribute": '"><svg onload=alert(1)><a href=javascript:alert(1)>x</a>',
    "CDATA": "]]></failure><testcase name='x'/><![CDATA[ & &amp; &#0; &lt;",
    "an entity": "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    "a comment": "<!-- x --> -->",
    "Markdown": "| a | b |\n|---|---|\n```\n# head\n- [link](http://192.0.2.1/) ![i](http://192.0.2.1/i.png)",
    "Markdown in a line": "` `` **bold** @everyone #1 [x](http://192.0.2.1/) <details>",
    "a formula": "=cmd|' /C calc'!A0",
    "more formulas": "@SUM(1+1)\t=1+1",
    "set-output": "::set-output name=passed::true",
    "add-mask": "::add-mask::FAIL",
    "behind a word": "word ::error file=x::y",
    "behind a line end": "word\r::error::y\n::notice::z",
    "stop-commands": "  ::stop-commands::x",
    "Azure": "##vso[task.complete result=Succeeded;]done",
    "Azure behind a word": "x ##vso[task.setvariable variable=passed]true",
    "a format of Azure": "##[section]PASS",
    "TeamCity": "##teamcity[testFinished name='x']",
    "GitLab": "section_start:1:x\r\x1b[0Kx",
    "a verdict": "hq-primary: PASS no failed negotiation",
    "a bracket": "x], Reason=[established",
    "brackets": "x]), Reason=[] (A=[",
    "an end": "x]) IPSec tunnel is established. (IfIndex=[1",
    "a line in a line": "x])\n2026-01-01T00:00:00.000000+00:00 host-192-0-2-1 ipsec_ike[1]: [203.0.113.1] "
    "IPSec tunnel is established.",
    "a success": "IPSec tunnel is established.",
    "nothing": "",
    "blanks": "   ",
    "a long one": "W" * 3000,
    "a long one with blanks": "ab ::error::" * 300,
}
COMMAND = re.compile(r"##[A-Za-z]*\[|^\s*::[A-Za-z]", re.MULTILINE)
# Where a peer's text may stand in a failure; the last are lines of which little is left.
LINES = {
    "the reason": "{stamp} host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] IPSec tunnel negotiation fails. "
    "(IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[198.51.100.9], PeerPort=[500], Reason=[@])",
    "every value": "{stamp} host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] IPSec tunnel negotiation fails. "
    "(IfIndex=[@], PolicyName=[@], SeqNum=[@], PeerAddress=[@], PeerPort=[@], Reason=[@])",
    "a key": "{stamp} host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] IPSec tunnel negotiation fails. "
    "(IfIndex=[207], @=[1], Reason=[authentication fail])",
    "host and process": "{stamp} @ @[30085]: [203.0.113.10] IPSec tunnel negotiation fails. "
    "(IfIndex=[207], Reason=[authentication fail])",
    "the local address": "{stamp} host-192-0-2-37 ipsec_ike[30085]: [@] IPSec tunnel negotiation fails. "
    "(IfIndex=[207], Reason=[authentication fail])",
    "the text": "{stamp} host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] @ IPSec tunnel negotiation fails. @",
    "the end": "{stamp} host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10] IPSec tunnel negotiation fails. "
    "(Reason=[x]) @",
    "all behind the stamp": "{stamp} @",
    "before the stamp": "@ {stamp} host-192-0-2-37 ipsec_ike[1]: [203.0.113.10] IPSec tunnel negotiation fails.",
    "all": "@",
}
_SPACE = uuid.UUID("0f5a2a3e-9d59-4c57-8c5e-3a1d0a6f0c11")


def key(what: str) -> str:
    """Return the ID of what has this name."""
    return str(uuid.uuid5(_SPACE, what))


def texts(bait: str) -> dict[str, str]:
    """Return the texts, with the bait put in."""
    return {name: text.replace(BAIT, bait) for name, text in TEXTS.items()}


def connections(found: Mapping[str, str], *, lines: bool) -> dict[str, dict[str, Any]]:
    """Return connections as a scenario has them, one for each text, which stands wherever it can."""
    made = {}
    for number, (name, text) in enumerate(found.items()):
        policy = {"lifetime_seconds": 3600, "encryption_algorithm": text, "authentication_algorithm": text}
        made[key(name)] = {
            "id": key(name),
            "name": text,
            "vgw_id": key(f"gateway {name}"),
            "cgw_id": key(f"customer {name}"),
            "status": "ACTIVE" if number % 3 else text,
            "ha_role": text,
            "style": text,
            "peer_subnets": [text],
            "tags": [{"key": text, "value": text}],
            "ikepolicy": {**policy, "peer_id": text, "local_id": text, "dpd": {"interval": 30, "msg": text}},
            "ipsecpolicy": {**policy, "pfs": text},
            "bgp_peer": {"state": text, "peer_ip_address": text},
            "policy_rules": [{"rule_index": number, "source": text, "destination": [text]}],
            "ipsec_sas": [{"id": key(f"sa {name}"), "source_ip_cidr": text, "dest_ip_cidr": text}],
            "logs": [
                {"ago": "5h", "established": True},
                *({"ago": "30m", "raw_message": line.replace("@", text)} for line in LINES.values() if lines),
            ],
        }
    return made


def gateways(found: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the gateways of these connections."""
    return [
        {
            "id": key(f"gateway {name}"),
            # The emulator makes IDs of it, which half a surrogate pair cannot be.
            "name": text.encode("utf-8", "ignore").decode(),
            "status": text,
            "flavor": text,
            "supported_features": [text, "query_connection_log"],
        }
        for name, text in found.items()
    ]


def people_read(value: Any, inside: str = "") -> Iterator[str]:
    """Yield what is there for people in an answer or a verdict: the members that are ours, not the service's."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name not in ("connection", "gateway", "logs", "earlier", "ipsec_sas", "fields", "policy"):
                yield from people_read(item, str(name))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from people_read(item, inside)
    elif isinstance(value, str) and inside in ("summary", "message", "caveats", "advice", "code", "request_id"):
        yield value


def harm(text: str) -> str | None:
    """Tell what in a text for people may do something, None where nothing does."""
    for char in text:
        if not char.isprintable() and char != "\n":
            return f"{char!a} in {text[:200]!a}"
    command = COMMAND.search(text)
    return f"{command[0]!a} in {text[:200]!a}" if command else None
