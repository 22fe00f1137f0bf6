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
    """What a command took: seconds, and the largest memory of one of its processes in MiB."""

    seconds: float
    peak: float


class Cloud:
    """An emulator with so many connections, each with so many lines, that answers after so many milliseconds."""

    def __init__(self, folder: Path, connections: int, entries: int, latency: float = 0) -> None:
        folder.mkdir()
        scenario, ready = folder / "scenario.json", folder / "ready.json"
        spec = {"generate": {"connections": connections, "entries": entries}}
        scenario.write_text(json.dumps({"description": "benchmark", **spec}), "utf-8")
        command = [sys.executable, str(EMULATOR), "--scenario", str(scenario), "--ready-file", str(ready)]
        self.process = subprocess.Popen([*command, "--latency", str(latency)], stdout=subprocess.DEVNULL)
        while not ready.exists():
            time.sleep(0.05)
        self.url = json.loads(ready.read_text("utf-8"))["url"]
        # The world may be large, and the memory of this process would count for each that it starts.
        text = "import json, sys; print(*(row['id'] for row in json.load(sys.stdin)['connections']))"
        ask = ["curl", "--silent", "--noproxy", "*", f"{self.url}/emulator/world"]
        world = subprocess.Popen(ask, stdout=subprocess.PIPE)
        ids = subprocess.check_output([sys.executable, "-c", text], stdin=world.stdout)
        world.wait()
        self.ids = ids.decode().split()

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

    def run(self, command: list[str], more: Mapping[str, str] | None = None) -> Run:
        """Run a command; raise when it fails."""
        output = self.folder / "output"
        with output.open("wb") as file:
            begin = time.perf_counter()
            process = subprocess.Popen(
                command, stdout=file, stderr=subprocess.STDOUT, env={**self.environment, **(more or {})}
            )
            _pid, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{command}: {output.read_text('utf-8', 'replace')[-2000:]}")
        return Run(seconds, usage.ru_maxrss / 1024)

    def close(self) -> None:
        """Stop every emulator."""
        while self.clouds:
            self.clouds.pop().close()


class Times(NamedTuple):
    """What the runs of a contender took."""

    runs: list[Run]

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def peak(self) -> float:
        """The largest memory of one process, in MiB."""
        return max(run.peak for run in self.runs)


def measure(contenders: Mapping[str, Callable[[], Run]], runs: int) -> dict[str, Times]:
    """Run the contenders in turn, so many times each."""
    found: dict[str, Times] = {name: Times([]) for name in contenders}
    for _run in range(runs):
        for name, contender in contenders.items():
            found[name].runs.append(contender())
    return found
