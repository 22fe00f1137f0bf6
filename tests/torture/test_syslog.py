# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module sends to the system's log: how it was invoked, and no secret, however that is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import canary_play
import oracles
import pytest
from ansible.release import __version__
from canary import CANARIES, Scanner
from canary_play import INFO, LOGS, Ended, ask
from canary_server import KEYS
from fault_model import PROJECT
from fault_server import closed_port

pytestmark = pytest.mark.usefixtures("only_whole")
KEPT = {name: f"{{{{ canaries.{name} }}}}" for name in KEYS}
# How a task may give its secrets, fit or not.
GIVEN: dict[str, dict[str, Any]] = {
    "keys": KEPT,
    "a token": {"auth_token": "{{ canaries.auth_token }}"},
    "a list": {"auth_token": ["{{ canaries.auth_token }}"]},
    "a line break": {"auth_token": "{{ canaries.newline_token }}"},
    "all of them": {**KEPT, "auth_token": "{{ canaries.auth_token }}"},
}
ENVIRONMENT = {f"HW_{name.upper()}": CANARIES[name] for name in KEYS}


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Callable[..., tuple[Ended, str]]]:
    """Run tasks with the real module machinery; return how that ended, and what went to syslog."""

    def run(*tasks: Mapping[str, Any], env: Mapping[str, str] | None = None) -> tuple[Ended, str]:
        log = tmp_path / "run" / "left" / "syslog"
        path = [str(Path(__file__).parent / "hostile"), os.environ.get("PYTHONPATH", "")]
        settings = {
            "PYTHONPATH": os.pathsep.join(path),
            "TORTURE_SYSLOG": str(log),
            "ANSIBLE_TARGET_LOG_INFO": "from-the-torture-suite",
        }
        # What runs in ansible's own process writes no such line.
        variables = {"canaries": CANARIES, "huaweicloud_vpn_in_process": False}
        ended = canary_play.run(
            tmp_path / "run", canary_play.play(*tasks), variables, {**settings, **(env or {})}, "-vvv"
        )
        assert ended.code == 0, ended.said
        return ended, log.read_text(encoding="utf-8", errors="surrogateescape")

    return run


def asked(module: str, what: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task that cannot reach anybody."""
    elsewhere = {"endpoint": f"http://127.0.0.1:{closed_port()}", "project_id": PROJECT}
    return {**ask(module, "[1]", **elsewhere, **given), "name": f"Ask with {what}"}


def test_what_a_module_logs_has_no_secret(logged: Any, count: Callable[..., None]) -> None:
    """From the environment, and from options that are good, wrong, or too many."""
    ways: dict[str, dict[str, Any]] = {"variables": {}, **GIVEN}
    tasks = [asked(module, what, given) for module in (LOGS, INFO) for what, given in ways.items()]
    ended, log = logged(*tasks, env=ENVIRONMENT)
    lines = [line for line in log.splitlines() if "Invoked with " in line and "region=cn-north-4" in line]
    assert len(lines) == len(tasks), log
    assert all("secret_key=NOT_LOGGING_PARAMETER" in line for line in lines)
    # What the configuration puts before each line, from ansible-core 2.17 on.
    assert __version__.startswith("2.16.") or all(line.startswith("from-the-torture-suite ") for line in lines)
    scanner = Scanner()
    oracles.no_hit([*scanner.text(log, "syslog"), *scanner.text(ended.said, "terminal")])
    count("invocations in syslog looked through", len(lines))
    count("canaries x encodings x places scanned", scanner.scans)


def test_the_log_would_show_it(logged: Any) -> None:
    """The planted defect: a module whose option is no secret to core."""
    _ended, log = logged({"name": "Ping", "ansible.builtin.ping": {"data": "{{ canaries.access_key }}"}})
    assert {hit.canary for hit in Scanner().text(log, "syslog")} == {"access_key"}
