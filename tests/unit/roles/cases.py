# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the task and the roles are given, and what they say where that cannot be used."""

from __future__ import annotations

from typing import Any, NamedTuple

PAIR, GATEWAY = ["hq-primary", "hq-secondary"], "ba90819b-1111-4222-8333-3a01622856a5"
ONCE = {"quiet_for": 0, "wait_timeout": 0}
SOON = {"quiet_for": "1s", "wait_sleep": 1, "wait_timeout": 5}
BEFORE = {"baseline_file": "{{ folder }}/{{ world }}.json"}
LOOK = {"name": "hq-primary", "since": "15m", **ONCE}
WAIVER = {"vpn_connection": "none", "reason": "none", "until": "2099-01-01T00:00:00Z", "ticket": "CHG-HIDDEN"}


class Case(NamedTuple):
    """A task with its options, or the role with them as variables, on an emulator of that name."""

    options: dict[str, Any]
    world: str = "healthy"
    role: bool = False
    keywords: dict[str, Any] = {}  # noqa: RUF012 - never changed


def refused(**options):
    return Case({**LOOK, **options})


CASES = {
    # What comes of a verdict.
    "pass": Case({**BEFORE, **SOON}),
    "created": Case({**BEFORE, **SOON}, "created"),
    "created and named": Case({**BEFORE, **SOON, "name": [*PAIR, "dr"]}, "created"),
    "fail": Case({**BEFORE, **SOON, "report_dir": "{{ folder }}/fail", "run_id": "42"}, "broken"),
    "inconclusive": Case({**BEFORE, **SOON, "wait_timeout": 0}, "idle"),
    "warn": Case({**BEFORE, **SOON, "wait_timeout": 0, "on_inconclusive": "warn"}, "idle"),
    "warned of a failure": Case({**BEFORE, **SOON, "on_inconclusive": "warn"}, "broken"),
    "the role fails": Case({**BEFORE, **SOON}, "broken", role=True),
    "hidden": Case({**BEFORE, **SOON, "waivers": [WAIVER]}, "broken", keywords={"no_log": True}),
    # Check mode.
    "check mode": Case({**LOOK, "report_dir": "{{ folder }}/check"}, keywords={"check_mode": True}),
    "check mode resets nothing": Case(
        {**BEFORE, **SOON, "reset": True, "name": PAIR}, "reset", keywords={"check_mode": True}
    ),
    # Reset.
    "reset": Case({**BEFORE, **SOON, "reset": True, "name": PAIR}, "reset"),
    "reset of nothing named": Case({**BEFORE, **SOON, "reset": True}, "reset"),
    "reset of an empty list": Case({**BEFORE, **SOON, "reset": True, "name": []}, "reset"),
    "reset of a gateway": Case({**SOON, "since": "15m", "reset": True, "vgw_id": GATEWAY}, "reset"),
    "reset without time": Case({**LOOK, "reset": True}, "reset"),
    "reset in preparation": Case({**BEFORE, **SOON, "reset": True, "name": PAIR, "prepare": True}, "reset"),
    # Reports.
    "reports": Case({**LOOK, "report_dir": "{{ folder }}/reports", "report_name": "own"}),
    "some reports": Case({**LOOK, "report_dir": "{{ folder }}/some", "report_formats": "json, text,"}),
    "reports at home": Case({**LOOK, "report_dir": "~/home", "require": "active"}),
    "reports and a wrong option": Case({**LOOK, "report_dir": "{{ folder }}/wrong", "require": "active"}),
    "reports and a misspelt option": Case({**LOOK, "report_dir": "{{ folder }}/misspelt", "requires": "traffic"}),
    "relative folder": refused(report_dir="reports"),
    "no folder": Case({**LOOK, "report_dir": ""}),
    "folder that is none": refused(report_dir="/dev/null/reports"),
    "name with a folder": refused(report_dir="{{ folder }}/name", report_name="../other"),
    # What surveys give, and people write.
    "spans": Case({**LOOK, "since": "1h", "quiet_for": "0s", "wait_timeout": "0m", "wait_sleep": "15s"}),
    "lists as text": Case(
        {**LOOK, "name": " hq-primary, hq-secondary ,\nbranch,\n", "require": "status_active, traffic", **SOON}
    ),
    "null beside a baseline": Case({**BEFORE, **SOON, "name": None, "vgw_id": "", "since": None, "title": " "}),
    "null for the role": Case(
        {**BEFORE, **SOON, "name": None, "since": "", "report_dir": "", "waivers": None}, role=True
    ),
    "ha as text": Case({**BEFORE, **SOON, "ha": '{"at_least": 1}'}),
    # What cannot be used.
    "wait_timeout": refused(wait_timeout="soon"),
    "quiet_for": refused(quiet_for="-1"),
    "reset maybe": refused(reset="maybe"),
    "on_inconclusive": refused(on_inconclusive="pass"),
    "gather": refused(gather="logs,status"),
    "require": refused(require="active"),
    "ha": refused(ha="one"),
    "waivers": refused(waivers=[{"vpn_connection": "hq-primary"}]),
    "known_lines": refused(known_lines=[{"sentence": "Tunnel is up", "means": "good"}]),
    "report_formats": refused(report_formats="pdf"),
    "two selections": refused(vgw_id=GATEWAY),
    "since and baseline": Case({**BEFORE, **LOOK}),
    "neither": Case({"name": "hq-primary"}),
    "since that is none": refused(since="yesterday"),
    "unknown name": refused(name="hq-primry"),
    "not of the baseline": Case({**BEFORE, "name": ["branch"]}),
    "too old a file": Case({**BEFORE, **SOON, "max_age": 0}),
    "young enough a file": Case({**BEFORE, **SOON, "max_age": "1h"}),
    "too old a file to prepare with": Case({**BEFORE, "prepare": True, "max_age": "0s"}),
    "age": Case({**BEFORE, "max_age": "old"}),
    "missing file": Case({"baseline_file": "{{ folder }}/missing.json"}),
    "file that is none": Case({"baseline_file": "{{ folder }}/no.json"}),
    "no evidence": Case({"baseline": {"logs": []}}),
    "misspelt": refused(requires=["traffic"]),
    "misspelt, for the role": Case({**LOOK, "requires": ["traffic"]}, role=True),
    # Before the change.
    "prepare": Case({**BEFORE, "prepare": True, "report_dir": "{{ folder }}/prepare"}, "idle"),
    "prepare without a baseline": Case({"prepare": True, "name": "hq-primary"}),
    "prepare what cannot be read": Case({"prepare": True, "name": ["branch"]}, "old"),
    "prepare an unknown name": Case({"prepare": True, "name": ["hq-primry"]}),
    # Credentials.
    "vaulted": Case({**LOOK, "secret_key": "{{ vaulted }}"}, keywords={"environment": {"HW_SECRET_KEY": ""}}),
    "refused credentials": Case({**LOOK, "secret_key": "wrong-secret-key-of-nobody", "retries": 0}, "locked"),
}
WORLDS = {
    "healthy": [],
    "broken": ["wrong_psk"],
    "idle": ["idle"],
    "reset": [],
    "old": ["old_gateway"],
    "locked": [],
    "created": [{"connections": {"dr": {"logs": [{"established": True}]}}}],
}
SAID = {
    "reset of nothing named": "reset: a reset drops traffic: give name or vpn_connection_id of the tunnels to reset",
    "reset of an empty list": "reset: a reset drops traffic: give name or vpn_connection_id",
    "reset of a gateway": "reset: a reset drops traffic: give name or vpn_connection_id",
    "reset without time": "reset: set wait_timeout to how long a tunnel may take to come back",
    "reports at home": "require: give a list of status_active, renegotiated, traffic, not",
    "reports and a wrong option": "require: give a list of status_active, renegotiated, traffic, not",
    "reports and a misspelt option": "requires: there is no such option, is require meant?",
    "relative folder": "report_dir: give an absolute path",
    "folder that is none": "report_dir: reports cannot be written to /dev/null/reports/tunnel_verify",
    "name with a folder": "report_name: give a name without a folder",
    "wait_timeout": "wait_timeout: give seconds, 0 or more, or a span such as 15m, not",
    "quiet_for": "quiet_for: give seconds, 0 or more",
    "reset maybe": "reset",
    "on_inconclusive": "value of on_inconclusive must be one of: fail, warn, got: pass",
    "gather": "value of gather must be one or more of: logs, connection, ipsec_sas. Got no match for: status",
    "require": "require: give a list of status_active, renegotiated, traffic, not",
    "ha": "ha: give all, or at_least with a number of at least 1",
    "waivers": "waivers: each waiver must have vpn_connection, reason, until, ticket",
    "known_lines": "known_lines: means must be one of failure, down, harmless, success",
    "report_formats": "value of report_formats must be one or more of: ",
    "two selections": "vgw_id: give only one of vpn_connection_id, name, vgw_id",
    "since and baseline": "baseline_file: give only one of baseline_file and since",
    "neither": "baseline: give baseline, baseline_file or since",
    "since that is none": "since: cannot read",
    "unknown name": "name: there is no VPN connection 'hq-primry'; there are: branch, hq-primary, hq-secondary",
    "not of the baseline": "lacks 2 connection(s) of the baseline: hq-primary, hq-secondary",
    "too old a file": "the baseline was taken at 20",
    "too old a file to prepare with": "max_age is 0 s: take a new one directly before the change",
    "age": "max_age: give seconds, 0 or more, or a span such as 15m",
    "missing file": "missing.json cannot be read: No such file or directory",
    "file that is none": "no.json is not a JSON file of evidence",
    "no evidence": "the baseline is incomplete: it lacks schema",
    "misspelt": "requires: there is no such option, is require meant?",
    "misspelt, for the role": "tunnel_verify_requires: there is no such option, is tunnel_verify_require meant?",
    "prepare what cannot be read": "this VPN gateway is too old to serve connection logs: upgrade the gateway",
    "prepare an unknown name": "name: there is no VPN connection 'hq-primry'",
    "refused credentials": "and secret_key",
}
GOOD = (
    "pass",
    "created",
    "created and named",
    "warn",
    "check mode",
    "check mode resets nothing",
    "reset",
    "reset in preparation",
    "reports",
    "some reports",
    "no folder",
    "spans",
    "lists as text",
    "null beside a baseline",
    "null for the role",
    "ha as text",
    "prepare",
    "prepare without a baseline",
    "young enough a file",
    "vaulted",
)
