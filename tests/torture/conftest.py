# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The torture suite: faults, hostile input, secrets. TORTURE=whole runs all of it, else a part that takes seconds."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.plugins.loader import init_plugin_loader
from ansible.utils.collection_loader import AnsibleCollectionConfig

# Before anything is imported from a collection: else Ansible's own loaders do not find its plugins. Where the unit
# tests run as well, they have done it.
if not AnsibleCollectionConfig.collection_finder:
    init_plugin_loader()
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
WHOLE = os.environ.get("TORTURE") == "whole"
EMULATOR = HERE.parent / "integration" / "targets" / "setup_emulator" / "files" / "emulator.py"

from pki import Authority  # noqa: E402


def load(name: str, path: Path) -> Any:
    """Load a file that is in no package."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def whole() -> bool:
    """Tell whether the whole suite runs."""
    return WHOLE


@pytest.fixture
def only_whole() -> None:
    """Leave out what takes long."""
    if not WHOLE:
        pytest.skip("only in the whole suite: make torture")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority for this run."""
    return Authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files that are no certificates."""
    path = tmp_path_factory.mktemp("files")
    (path / "empty.pem").write_text("")
    (path / "text.pem").write_text("not a certificate")
    return path


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The resolver of the tests: no name leaves the machine."""
    module = load("torture_resolver", HERE / "hostile" / "sitecustomize.py")
    monkeypatch.setattr(socket, "getaddrinfo", module.getaddrinfo)
    return module


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries wait milliseconds; a wait that the service asks for stays as it is."""
    retry = "ansible_collections.huaweicloud.vpn.plugins.module_utils._client.retry."
    monkeypatch.setattr(f"{retry}_BASE", 0.001)
    monkeypatch.setattr(f"{retry}_THROTTLED_BASE", 0.001)
    monkeypatch.setattr("ansible_collections.huaweicloud.vpn.plugins.module_utils._client.concurrency._GAP", 0.001)


@pytest.fixture(scope="session")
def emulator_module() -> Any:
    """The emulator, loaded by its path: its folder is no package."""
    return load("torture_emulator", EMULATOR)


@pytest.fixture(scope="session", autouse=True)
def nothing_left() -> Iterator[None]:
    """Every server must have ended with its threads."""
    yield
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("fault-server")]
    assert not left, f"threads still run: {left}"
