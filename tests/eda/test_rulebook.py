# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebook of the collection under ansible-rulebook, for real: a tunnel breaks, and the action happens."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
EMULATOR = ROOT / "tests" / "integration" / "targets" / "setup_emulator" / "files" / "emulator.py"
SOURCE = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "vpn_connection_log.py"
BIN = Path(sys.executable).parent
PATIENCE = 120


@pytest.fixture(scope="session")
def emulator_module():
    """The emulator, loaded by its path: its directory is no package."""
    spec = importlib.util.spec_from_file_location("huaweicloud_vpn_emulator", EMULATOR)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def emulator(emulator_module):
    with emulator_module.Emulator() as running:
        yield running


class Run:
    """ansible-rulebook and what it prints."""

    def __init__(self, arguments, environment, folder):
        self.output = ""
        command = [str(BIN / "ansible-rulebook"), *arguments]
        # A group of its own: what it starts ends with it.
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
        self._process = subprocess.Popen(command, env=environment, cwd=folder, **settings)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.output += line

    def until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition() and time.monotonic() < deadline and self._process.poll() is None:
            time.sleep(0.05)
        assert condition(), self.output

    def says(self, text):
        self.until(lambda: text in self.output)

    def end(self, number=signal.SIGTERM):
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._reader.join(PATIENCE)
        return self.output


@pytest.fixture
def rulebook(emulator, tmp_path):
    """Start a rulebook on the emulator."""
    runs = []
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    (tmp_path / "inventory.yml").write_text(json.dumps({"all": {"hosts": {"localhost": local}}}), encoding="utf-8")
    variables = {"watch_tunnels_interval": 1, "watch_tunnels_requests_per_hour": 100_000}
    (tmp_path / "variables.yml").write_text(json.dumps(variables), encoding="utf-8")
    environment = {
        **os.environ,
        **emulator.environment,
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "ANSIBLE_NOCOLOR": "1",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }

    def start(name="huaweicloud.vpn.watch_tunnels", **changes):
        arguments = ["--rulebook", name, "--inventory", "inventory.yml", "--vars", "variables.yml"]
        runs.append(Run(arguments, {**environment, **changes}, tmp_path))
        return runs[-1]

    yield start
    for run in runs:
        run.end()


def polls(emulator):
    return sum(request["path"].endswith("/log") and request["status"] == 200 for request in emulator.requests)


def polled(emulator):
    wanted = polls(emulator) + 6
    return lambda: polls(emulator) >= wanted


def test_a_failure_is_told_and_checked_once_over_a_restart(rulebook, emulator):
    run = rulebook()
    run.until(polled(emulator))
    emulator.change("unknown_reason")
    run.says('hq-primary: 1x "peer policy revision too old"')
    # The playbook has come to its verdict, and the rulebook lives on.
    run.says("hq-primary: FAIL")
    emulator.change("recover")
    run.says("hq-primary: recovered at")
    emulator.change("novel_line")
    run.says("hq-primary: unrecognised line: ")
    run.end()
    again = rulebook()
    again.until(polled(emulator))
    emulator.change({"connections": {"branch": {"logs": [{"fails": "flow mismatch"}]}}})
    again.says('branch: 1x "flow mismatch"')
    again.says("branch: FAIL")
    output = again.end()
    assert "hq-primary" not in output
    assert run.output.count("] hq-primary: recovered") <= 1
    secret = emulator.environment["HW_SECRET_KEY"]
    assert secret not in run.output + output


def test_after_a_crash_nothing_is_lost(rulebook, emulator):
    run = rulebook()
    run.until(polled(emulator))
    run.end(signal.SIGKILL)
    emulator.change("unknown_reason")
    again = rulebook()
    again.says('hq-primary: 1x "peer policy revision too old"')


def test_a_wrong_key_ends_it_with_a_clear_error(rulebook, emulator):
    run = rulebook(HW_SECRET_KEY="wrong-secret-key-of-somebody")
    run.says("check access_key and secret_key")
    output = run.end()
    assert "wrong-secret-key" not in output
    assert len(emulator.requests) == 1


def test_the_examples_of_the_source_run(rulebook, emulator, tmp_path):
    spec = importlib.util.spec_from_file_location("source", SOURCE)
    source = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(source)
    example = yaml.safe_load(source.EXAMPLES)
    # Nobody waits for a minute in a test.
    example[0]["sources"][0]["huaweicloud.vpn.vpn_connection_log"]["interval"] = 1
    example[0]["sources"][0]["huaweicloud.vpn.vpn_connection_log"]["requests_per_hour"] = 100_000
    (tmp_path / "example.yml").write_text(yaml.safe_dump(example), encoding="utf-8")
    run = rulebook("example.yml")
    run.until(polled(emulator))
    emulator.change("unknown_reason")
    run.says('hq-primary: 1x "peer policy revision too old"')
    emulator.change({"connections": {"hq-primary": {"clear_logs": True}}})
    run.says("hq-primary: entries may have been lost")
    assert (tmp_path / "vpn_connection_log.cursor").is_file()
