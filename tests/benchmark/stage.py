# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the contenders run: emulators in processes of their own, and commands with their time and memory."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EMULATOR = ROOT / "tests" / "integration" / "targets" / "setup_emulator" / "files" / "emulator.py"
PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
TOKEN = "emulator-project-token-0001"
_DROPPED = ("HW_", "HUAWEICLOUD_", "ANSIBLE_", "PYTHON", "SSL_CERT", "REQUESTS_CA", "CURL_CA")


class Run(NamedTuple):
    """What a command took: seconds, processor seconds with those of its children, and the largest memory in MiB."""

    seconds: float
    cpu: float
    peak: float

    @property
    def size(self) -> str:
        """Return the memory for people."""
        return f"{self.peak:.0f} MiB"


def old_log(lines: int) -> list[dict[str, Any]]:
    """Return the log of a tunnel that failed, came up, and was rekeyed ever since, in so many lines."""
    failures, rekeys = lines // 4, lines // 4
    kinds = (
        ({"fails": "authentication fail", "ago": "2d"}, failures),
        ({"torn_down": "phase2 sa replace", "ago": "125m"}, rekeys),
        ({"ike_established": True, "ago": "122m"}, lines - failures - 2 * rekeys),
        ({"established": True, "ago": "2h"}, rekeys),
    )
    return [{**kind, "every": "10m", "repeat": count} for kind, count in kinds if count]


class Cloud:
    """An emulator with so many connections, each with so many lines, that answers after so many milliseconds."""

    def __init__(self, folder: Path, connections: int, entries: int, latency: float = 0) -> None:
        folder.mkdir()
        scenario, ready = folder / "scenario.json", folder / "ready.json"
        names = {f"00000000-0000-4000-8000-{number:012}": f"tunnel-{number:04d}" for number in range(connections)}
        tunnels = [{"id": key, "name": name, "logs": old_log(entries)} for key, name in names.items()]
        spec = {"connections": tunnels}
        scenario.write_text(json.dumps({"description": "benchmark", **spec}), "utf-8")
        command = [sys.executable, str(EMULATOR), "--scenario", str(scenario), "--ready-file", str(ready)]
        self.process = subprocess.Popen([*command, "--latency", str(latency)], stdout=subprocess.DEVNULL)
        while not ready.exists():
            time.sleep(0.05)
        self.url = json.loads(ready.read_text("utf-8"))["url"]
        self.ids = [one["id"] for one in tunnels]

    def log_of(self, connection: str) -> str:
        """Return the address of a connection's log."""
        return f"{self.url}/v5/{PROJECT}/vpn-connection/{connection}/log"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which the collection finds it."""
        return {
            "HW_ACCESS_KEY": "EMULATORACCESSKEY001",
            "HW_SECRET_KEY": "emulator-secret-key-of-no-real-account-0001",
            "HW_REGION_NAME": "cn-north-4",
            "HW_PROJECT_ID": PROJECT,
            "HUAWEICLOUD_VPN_ENDPOINT": self.url,
            "HW_AUTH_URL": self.url,
        }

    def close(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait()


class Stage:
    """A folder with the collection as it would be installed, and emulators that end with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "output"  # of the last command
        self._number = 0
        self.clouds: list[Cloud] = []
        installed = folder / "collections" / "ansible_collections" / "huaweicloud" / "vpn"
        for name in ("plugins", "roles", "playbooks", "meta"):
            shutil.copytree(ROOT / name, installed / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "galaxy.yml", installed)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
        self.environment = {
            **{name: value for name, value in kept.items() if not name.lower().endswith("_proxy")},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
            "ANSIBLE_LIBRARY": str(HERE / "library"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_HOME": str(folder / "home"),
        }

    def file(self, suffix: str, text: str) -> str:
        """Write a file; return its path."""
        self._number += 1
        path = self.folder / f"{self._number}{suffix}"
        path.write_text(text, "utf-8")
        return str(path)

    def cloud(self, connections: int, entries: int, latency: float = 0) -> Cloud:
        """Start an emulator."""
        self._number += 1
        self.clouds.append(Cloud(self.folder / f"cloud{self._number}", connections, entries, latency))
        return self.clouds[-1]

    def play(self, cloud: Cloud | None, *tasks: Mapping[str, Any]) -> Callable[[], Run]:
        """Return what runs a play of these tasks in a process of ansible-playbook."""
        text = json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}])
        command = ["ansible-playbook", self.file(".yml", text)]
        return lambda: self.run(command, cloud.environment if cloud else {})

    def playbook(self, cloud: Cloud, name: str, *options: str) -> Callable[[], Run]:
        """Return what runs a playbook of ours on the inventory of all tunnels."""
        inventory = self.file(".vpn_connections.yml", "plugin: huaweicloud.vpn.vpn_connections")
        command = ["ansible-playbook", "--inventory", inventory, f"huaweicloud.vpn.{name}", *options]
        return lambda: self.run(command, {**cloud.environment, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"})

    def run(self, command: list[str], more: Mapping[str, str] | None = None) -> Run:
        """Run a command; raise when it fails."""
        with self.output.open("wb") as file:
            begin = time.perf_counter()
            process = subprocess.Popen(
                command, stdout=file, stderr=subprocess.STDOUT, env={**self.environment, **(more or {})}
            )
            _pid, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{command}: {self.output.read_text('utf-8', 'replace')[-2000:]}")
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)

    def curl(self, cloud: Cloud, width: int) -> Callable[[], Run]:
        """Return what brings every log with curl --parallel, and reads the JSON."""
        answers = self.folder / f"answers{self._number}"
        answers.mkdir()
        config = "".join(f'url = "{cloud.log_of(one)}"\noutput = "{answers / one}"\n' for one in cloud.ids)
        curl = f"curl --silent --fail --noproxy '*' --parallel --parallel-max {width} --header 'X-Auth-Token: {TOKEN}'"
        read = "import json, os, sys; [json.load(open(one.path)) for one in os.scandir(sys.argv[1])]"
        file = self.file(".curl", config)
        return lambda: self.run(["sh", "-c", f"{curl} --config {file} && {sys.executable} -c '{read}' {answers}"])

    def close(self) -> None:
        """Stop every emulator."""
        while self.clouds:
            self.clouds.pop().close()


def measure(contenders: Mapping[str, Callable[[], Run]], runs: int) -> dict[str, Run]:
    """Run the contenders in turn, so many times each; return the medians."""
    found: dict[str, list[Run]] = {name: [] for name in contenders}
    for _run in range(runs):
        for name, contender in contenders.items():
            found[name].append(contender())
    medians = {name: [statistics.median(column) for column in zip(*ran)] for name, ran in found.items()}
    for name, run in medians.items():
        print(f"  {name:<40} {run[0]:7.2f} s, {run[1]:7.2f} s of a processor, {run[2]:5.0f} MiB", flush=True)
    return {name: Run(*run) for name, run in medians.items()}
