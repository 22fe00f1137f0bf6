# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How kind we are to the service: many tasks at once on one that limits requests, and a role that waits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from stage import Stage

TASKS, EACH, RATE = 20, 10, 10


def rows(stage: Stage) -> Iterator[tuple[str, str, str, str]]:
    """Return how many requests it took, and how many were needed."""
    cloud = stage.cloud(TASKS * EACH, 3, rate_limit=RATE)
    hosts = {f"task{number}": cloud.ids[number * EACH :][:EACH] for number in range(TASKS)}
    module = {"vpn_connection_id": "{{ tunnels[inventory_hostname] }}", "timeout": 300}
    play: dict[str, Any] = {"hosts": "all", "vars": {"tunnels": hosts}, "connection": "local"}
    tasks = [{"huaweicloud.vpn.vpn_connection_log_info": module}]
    command = _playbook(stage, {**play, "tasks": tasks}, "--inventory", f"{','.join(hosts)},", "--forks", str(TASKS))
    run = stage.run(command, cloud.environment)
    asked = [request["status"] for request in cloud.asked()]
    needed = TASKS * EACH
    yield (
        f"{TASKS} tasks x {EACH} tunnels, {RATE} requests/s allowed: requests, x needed",
        *("<= 2", f"{len(asked) / needed:.2f}"),
        f"{asked.count(429)} refused, all read after {run.seconds:.0f} s; at that rate {needed / RATE:.0f} s at best",
    )
    cloud = stage.cloud(1, 200)
    verify = {"tunnel_verify_wait_sleep": 2, "tunnel_verify_quiet_for": 8}
    roles = [{"role": f"huaweicloud.vpn.{name}"} for name in ("tunnel_baseline", "tunnel_verify")]
    stage.run(_playbook(stage, {"hosts": "localhost", "vars": verify, "roles": roles}), cloud.environment)
    paths = [request["path"] for request in cloud.asked()]
    last = max(number for number, path in enumerate(paths) if path.endswith("/log"))
    reads, readings = len(paths) - last, sum(path.endswith("/log") for path in paths) - 1
    yield (
        *("role tunnel_verify, requests a reading of one tunnel", "", f"{reads}"),
        f"{readings} readings; at its default of 15 s from one to the next, an hour takes {reads * 240}",
    )


def _playbook(stage: Stage, play: dict[str, Any], *options: str) -> list[str]:
    return ["ansible-playbook", stage.file(".yml", json.dumps([{"gather_facts": False, **play}])), *options]
