# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Thousands of tunnels as hosts, in slices: python tests/benchmark/slices.py [--tunnels N] [--size N] [--runs N].

All slices together have to name each tunnel once. A few tunnels are verified for real, each host with its own report,
and compared with one ping on each of the same hosts, and with one host that reads them all in one task.

With --all, one tunnel is broken and every slice is verified: that tunnel alone may fail, and with it its slice.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from stage import Cloud, Stage, measure

CHECK = "huaweicloud.vpn.verify"


def inventory_of(stage: Stage, cloud: Cloud, config: str) -> dict[str, str]:
    """Return the connection of each host."""
    run = stage.run(["ansible-inventory", "--inventory", config, "--list"], cloud.environment)
    text = (stage.folder / "output").read_text("utf-8")
    found = json.loads(text)["_meta"]["hostvars"]
    print(f"  reading the inventory of {len(found)} tunnels: {run.seconds:.1f} s, {run.peak:.0f} MiB")
    # Newer versions write a text that is no template as an object.
    ids = {
        host: re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", str(known["vpn_connection_id"])) for host, known in found.items()
    }
    return {host: one for host, (one,) in ids.items()}


def verified(stage: Stage, cloud: Cloud, config: str, hosts: dict[str, str], options: argparse.Namespace) -> None:
    """Verify every slice after a tunnel was broken; raise unless each host has a report and only that tunnel fails."""
    broken = sorted(hosts)[len(hosts) // 3]
    patch = {"patch": {"connections": {broken: {"logs": [{"fails": "authentication fail"}]}}}}
    send = ["curl", "--silent", "--fail", "--noproxy", "*", "--json", json.dumps(patch), f"{cloud.url}/emulator/change"]
    subprocess.run(send, check=True, stdout=subprocess.DEVNULL)
    reports = stage.folder / "reports"
    given = {"tunnel_verify_report_dir": str(reports), "tunnel_verify_report_formats": "junit"}
    red = []
    for first in range(0, len(hosts), options.size):
        slice_ = f"vpn_connections[{first}:{first + options.size - 1}]"
        command = ["ansible-playbook", CHECK, "-i", config, "-e", json.dumps({**given, "tunnels": slice_})]
        run = stage.run(command, settings(cloud, options, "free"), codes=(0, 2))
        output = (stage.folder / "output").read_text("utf-8")
        red += [slice_] if re.search("failed=[1-9]", output) else []
        print(f"  {slice_:<28} {run.seconds:6.1f} s  {run.peak:4.0f} MiB{'  red' if slice_ in red else ''}")
    verdicts = {
        path.stem.removeprefix("tunnel_verify-"): re.findall('name="verdict" value="([a-z]+)"', path.read_text("utf-8"))
        for path in reports.iterdir()
    }
    print(f"  {len(verdicts)} reports: {dict(Counter(one for found in verdicts.values() for one in found))}")
    if verdicts != {host: ["fail" if host == broken else "pass"] for host in hosts} or len(red) != 1:
        raise SystemExit(f"{broken} was to fail, in one slice; red were {red}")


def settings(cloud: Cloud, options: argparse.Namespace, strategy: str) -> dict[str, str]:
    """Return the variables of a run on many hosts."""
    return {
        **cloud.environment,
        "ANSIBLE_FORKS": str(options.forks),
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
        "ANSIBLE_STRATEGY": strategy,
    }


def covered(stage: Stage, cloud: Cloud, config: str, hosts: dict[str, str], size: int) -> None:
    """See which hosts the playbook takes for each slice; raise unless each connection is taken once."""
    seen: Counter[str] = Counter()
    slices = range(0, len(hosts), size)
    for first in slices:
        given = ["-e", f"tunnels=vpn_connections[{first}:{first + size - 1}]", "--list-hosts"]
        stage.run(["ansible-playbook", CHECK, "--inventory", config, *given], cloud.environment)
        words = (stage.folder / "output").read_text("utf-8").split()
        seen.update(hosts[word] for word in words if word in hosts)
    if set(seen.values()) != {1} or set(seen) != set(hosts.values()) or set(seen) != set(cloud.ids):
        raise SystemExit(f"{len(seen)} of {len(cloud.ids)} tunnels, {sum(seen.values())} times")
    print(f"  {len(slices)} slices name each of the {len(seen)} tunnels once")


def compared(stage: Stage, cloud: Cloud, config: str, names: list[str], options: argparse.Namespace) -> None:
    """Verify a slice as hosts and in one task, and ping it; print the ratios."""
    slice_ = f"vpn_connections[0:{len(names) - 1}]"
    reports = stage.folder / "reports"
    given: dict[str, Any] = {"tunnel_verify_report_dir": str(reports), "tunnel_verify_report_formats": "junit"}
    play = [{"hosts": slice_, "gather_facts": False, "tasks": [{"ansible.builtin.ping": {}}]}]
    check = ["ansible-playbook", CHECK, "--inventory", config, "-e"]
    every, alone = json.dumps({**given, "tunnels": slice_}), json.dumps({**given, "tunnel_verify_name": names})
    commands = {
        "inventory alone": (["ansible-inventory", "--inventory", config, "--graph"], "linear"),
        "ping, free": (["ansible-playbook", "-i", config, stage.file(".yml", json.dumps(play))], "free"),
        "each host its tunnel, free": ([*check, every], "free"),
        "each host its tunnel, linear": ([*check, every], "linear"),
        "one host, all in one task": ([*check, alone], "linear"),
    }
    contenders = {
        name: lambda command=command, way=way: stage.run(command, settings(cloud, options, way))
        for name, (command, way) in commands.items()
    }
    times = measure(contenders, options.runs)
    base = times["inventory alone"].median
    ping = times["ping, free"].median - base
    for name, found in times.items():
        ratio = f"{(found.median - base) / ping:5.1f} x ping" if name != "inventory alone" else ""
        print(f"  {name:<30} {found.median:7.1f} s  {found.spread:>18}  {found.peak:5.0f} MiB  {ratio}")
    written = {path.stem for path in reports.iterdir()}
    if not {f"tunnel_verify-{name}" for name in names} <= written:
        raise SystemExit(f"{len(written)} reports of {len(names)}")


def main() -> None:
    """See that slices are the whole, and what one costs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tunnels", type=int, default=2000)
    parser.add_argument("--size", type=int, default=250, help="tunnels of a slice")
    parser.add_argument("--measured", type=int, default=50, help="tunnels of the slice that is verified for real")
    parser.add_argument("--forks", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--all", action="store_true", help="verify all of them, which takes a second or two for each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder).resolve())
        try:
            cloud = stage.cloud(options.tunnels, 3)
            config = stage.file(".vpn_connections.yml", "plugin: huaweicloud.vpn.vpn_connections\n")
            hosts = inventory_of(stage, cloud, config)
            covered(stage, cloud, config, hosts, options.size)
            if options.all:
                verified(stage, cloud, config, hosts, options)
                return
            print(f"  {options.measured} of them, {options.forks} forks (median, quickest and slowest, peak memory)")
            compared(stage, cloud, config, sorted(hosts)[: options.measured], options)
        finally:
            stage.close()


if __name__ == "__main__":
    main()
