# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenario files of the emulator: where they are, what they may say and what they may leave out.

A scenario is YAML; nothing in it is required. A misspelt key is an error. Spans are written 90s, 15m, 1h30m, 2d.

    region, domain_id, projects [{id, name}], credentials [{access_key, secret_key, security_token?}],
    tokens [{token, project_id?, expires_in? | expired: true}],
    agencies [{agency_name, domain_name}]: whose temporary keys IAM gives
    clock_skew         seconds the cloud's clock is ahead of the machine's: Date, log lines, signature check
    lock_seconds (300)
    log_cap (200), log_order newest | oldest | shuffled, log_offset '+08:00', logs_null, page_limit (200),
    max_page_limit (2000), ipsec_sa_api (false: APIGW.0101)
    gateways           [{name, id?, eip1: {ip_address}, supported_features, ...}]; members go to the API as they are
    customer_gateways  [{id, name, id_value, created_at, ...}]; made from the peer addresses when left out
    connections        [{name, id?, ...}]; members of the API, and these that the API does not show:
        gateway        name of the gateway (instead of vgw_id);   peer_address, local_address, node, pid, if_index
        logs           see below
        error          VPN.0306, or {code, status, message}: what the log call answers
        ipsec_sas      [{id?, packets_sent?, packets_recv?, rate: packets a second each way (10), rate_sent?,
                       rate_recv?, collected_at?}]
                       default: one SA while ACTIVE, none otherwise, a new one after each recovery
        sa_rates       {sent?, recv?}: from now on so many packets a second through the SAs there are
        on_reset       what a reset does (same members as a connection in a change); default: a clean renegotiation
    generate           {connections: 500, entries: 200, name: "tunnel-{number:04d}", entry: {...}, ha_pairs: true if
                       numbers 1 and 2, 3 and 4, ... are master and slave of one customer gateway, other members}
    faults             see class Fault
    changes            {name: {connections: {name or id: members}, gateways: {...}, faults: [...], any switch above}}
        members merge into the connection, logs are appended, clear_logs: true forgets the old ones, drop_pending:
        true those not yet visible; an unknown name is a new connection, null deletes one
        about          what an engineer would have done, for people
        later          [{in: SPAN, members of a change}]: patches that take effect by themselves, on the cloud's
                       clock, in the order of their moments. They are applied when the next request comes, but as of
                       their moment: a late poll sees the same history. A reset of the world forgets them
        drop_later     true forgets the patches that have not taken effect yet, but for those of the same change

One log entry says one thing:
    established: true | ike_established: true | fails: REASON | torn_down: REASON | content: TEXT after the envelope
    raw_message: the whole line, {stamp} filled in | entry: anything, sent as it is in place of {time, raw_message}
and when: ago: SPAN (default 0) | in: SPAN (written in the future) | time: EPOCH; after: SPAN later it becomes visible.
repeat: N with every: SPAN goes back from ago and forward from in. peer and port replace those of the connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

SCENARIOS = Path(__file__).resolve().parent / "scenarios"

# What a scenario may leave out. The first group may also be set by a change.
SWITCHES: dict[str, Any] = {
    "clock_skew": 0,
    "ipsec_sa_api": True,
    "log_cap": 200,
    "log_offset": "+00:00",
    "log_order": "newest",  # or oldest, shuffled
    "logs_null": False,
    "page_limit": 200,
    "max_page_limit": 2000,
    "lock_seconds": 300,
}
DEFAULTS: dict[str, Any] = {
    "description": "",
    "region": "cn-north-4",
    "domain_id": "d0a1b2c3d4e5f60718293a4b5c6d7e8f",
    "credentials": [
        {"access_key": "EMULATORACCESSKEY001", "secret_key": "emulator-secret-key-of-no-real-account-0001"},
        {
            "access_key": "EMULATORTEMPORARY001",
            "secret_key": "emulator-temporary-secret-key-0001",
            "security_token": "emulator-security-token-0001",
        },
    ],
    "tokens": [{"token": "emulator-project-token-0001"}],
    "agencies": [{"agency_name": "vpn-reader", "domain_name": "emulator-partner"}],
    "projects": [],
    "gateways": [],
    "customer_gateways": [],
    "connections": [],
    "generate": {},
    "faults": [],
    "changes": {},
}
PATCHABLE = {
    *SWITCHES, "credentials", "tokens", "gateways", "connections", "faults", "description", "about", "later",
    "drop_later",
}  # fmt: skip
DEFAULT_PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
FAULT_KEYS = {
    "path", "method", "times", "skip", "status", "code", "message", "headers", "body", "delay", "close", "cut",
    "raw",
}  # fmt: skip


class ScenarioError(ValueError):
    """A scenario or a change that cannot be understood; the text says where and why."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # libyaml takes a tenth of the time
    """YAML without dates: a created_at stays the text that the API sends."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(scenario: Any) -> dict[str, Any]:
    """Return a scenario given as a name, a file or a mapping."""
    if isinstance(scenario, Mapping):
        return dict(scenario)
    path = Path(scenario)
    if not path.exists():
        path = SCENARIOS / f"{scenario}.yml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in SCENARIOS.glob("*.yml")))
        raise ScenarioError(f"no scenario {str(scenario)!r}: neither a file nor one of {known}")
    # The loader is a SafeLoader.
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader) or {}  # noqa: S506


def check_keys(where: str, given: Mapping[str, Any], known: set[str]) -> None:
    """Raise ScenarioError for a key nobody would read: most often a misspelt one."""
    unknown = sorted(str(key) for key in given if key not in known)
    if unknown:
        raise ScenarioError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")


class Fault:
    """A disturbance of the next matching requests.

    Which: path (regular expression searched in path and query), method, skip: N (let N pass first), times: N | always.
    What: status, code, message (an error in the usual shape), or body (text or a mapping), headers (null removes one),
    delay: SPAN, close: true | reset (no answer), cut: N (bytes of the body sent, then the end),
    raw: the whole answer as it goes over the wire, then the end. Without status, code or body the true answer is used.
    """

    def __init__(self, spec: Mapping[str, Any]) -> None:
        """Check the description and start to count."""
        check_keys("fault", spec, FAULT_KEYS)
        self.spec = spec
        self.path = re.compile(spec.get("path", ""))
        self.skip = spec.get("skip", 0)
        self.times = spec.get("times", 1)

    def strikes(self, method: str, target: str) -> bool:
        """Tell whether this request is hit, and count it."""
        if self.times == 0 or self.spec.get("method", method) != method or not self.path.search(target):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times != "always":
            self.times -= 1
        return True


def generated(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the connections of 'generate': numbered copies of one connection, each with so many log entries."""
    if not spec:
        return
    spec = dict(spec)
    count, entries = int(spec.pop("connections")), int(spec.pop("entries", 1))
    name, entry = spec.pop("name", "tunnel-{number:04d}"), spec.pop("entry", {"ago": "10m", "established": True})
    pairs = spec.pop("ha_pairs", False)
    logs = [{"every": "30s", **entry, "repeat": entries}] if entries else []
    for number in range(1, count + 1):
        peer = f"198.51.100.{((number + 1) // 2 if pairs else number) % 250 + 1}"
        role = "slave" if pairs and number % 2 == 0 else "master"
        yield {"peer_address": peer, "ha_role": role, **spec, "name": name.format(number=number), "logs": logs}
