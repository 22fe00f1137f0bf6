# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is tested here, named by the session that runs it: the artefact, and the folder that it was built from."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def artefact():
    """The tarball."""
    return Path(os.environ["ARTEFACT"])


@pytest.fixture(scope="session")
def source():
    """The folder that the artefact was built from, a git repository."""
    return Path(os.environ["SOURCE"])


@pytest.fixture(scope="session")
def tracked(source):
    """The names of the files that git has there."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=source, text=True)
    return set(filter(None, listed.split("\0")))


@pytest.fixture(scope="session")
def shipped(artefact):
    """The bytes of each file in the artefact, by its name."""
    with tarfile.open(artefact) as archive:
        members = [member for member in archive.getmembers() if not member.isdir()]
        assert all(member.isfile() for member in members), "links in the artefact"
        return {member.name: archive.extractfile(member).read() for member in members}


@pytest.fixture(scope="session")
def manifest(shipped):
    """What Galaxy and ansible-galaxy know of the collection."""
    return json.loads(shipped["MANIFEST.json"])["collection_info"]


@pytest.fixture
def run(tmp_path):
    """Run a program of this environment in an empty folder with a home of its own; return the exit code and output."""

    def start(*command, **environment):
        # Nothing of the checkout may be found, not even by accident.
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "HW_", "PYTHON"))
        }
        own = {
            "HOME": str(tmp_path / "home"),
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        (tmp_path / "home").mkdir(exist_ok=True)
        done = subprocess.run(
            [str(part) for part in command],
            cwd=tmp_path,
            env={**clean, **own, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        return done.returncode, done.stdout

    return start


@pytest.fixture
def emulator(source, tmp_path):
    """The variables of the environment with which clients reach a running emulator."""
    program = source / "tests" / "integration" / "targets" / "setup_emulator" / "files" / "emulator.py"
    with (tmp_path / "emulator").open("w", encoding="utf-8") as output:
        running = subprocess.Popen([sys.executable, str(program)], stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 30
        said = ""
        while "Apply one:" not in said and time.monotonic() < deadline:
            assert running.poll() is None, said
            time.sleep(0.05)
            said = (tmp_path / "emulator").read_text("utf-8")
        (exports,) = re.findall("^export (.*)$", said, re.MULTILINE)
        yield dict(re.findall(r"(\w+)='([^']*)'", exports))
    finally:
        running.terminate()
        running.wait(30)
