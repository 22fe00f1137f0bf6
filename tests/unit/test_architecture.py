# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may import whom, and other rules of the house that a machine can hold."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"
EMULATOR = ROOT / "tests" / "integration" / "targets" / "setup_emulator" / "files"
UTILS = PLUGINS / "module_utils"

# Each room, and which others it may enter: no arrow leads back. What decides does no I/O.
BASE = {"_errors", "_time", "_sanitize", "_uuid"}
ROOMS = {
    "module_utils/_errors": set(),
    "module_utils/_sanitize": set(),
    "module_utils/_time": {"_errors"},
    "module_utils/_uuid": set(),
    "module_utils/_client": BASE,
    "module_utils/_log": BASE,
    "module_utils/_gather": {*BASE, "_client", "_log"},
    "module_utils/_verdict": {*BASE, "_log"},
    "module_utils/_resetter": {*BASE, "_client", "_gather", "_log", "_verdict"},
    "plugin_utils/_direct": {*BASE, "_client", "_gather"},
    "plugin_utils/_files": set(),
    "plugin_utils/_lookup": {*BASE, "_client", "_gather"},
    "plugin_utils/_inventory": {*BASE, "_client", "_gather"},
    "plugin_utils/_playbook": {*BASE, "_client", "_gather", "_direct"},
    "plugin_utils/_report": {*BASE, "_log", "_verdict", "_files"},
    "plugin_utils/_terraform": {"_sanitize"},
    "plugin_utils/_verification": {*BASE, "_client", "_gather", "_log", "_verdict"},
    "plugin_utils/_verify_reset": {*BASE, "_client", "_resetter", "_verification"},
    "plugin_utils/_watch": {*BASE, "_client", "_gather", "_log"},
    "modules": {*BASE, "_client", "_gather", "_resetter"},
    "action": {
        *BASE,
        *("_client", "_gather", "_verdict", "_direct", "_files", "_report", "_verification", "_verify_reset"),
        "_playbook",
    },
    "lookup": {*BASE, "_client", "_gather", "_lookup"},
    "inventory": {*BASE, "_client", "_gather", "_inventory"},
    "filter": {*BASE, "_log", "_verdict", "_report", "_terraform"},
    "test": {*BASE, "_log", "_verdict"},
    "doc_fragments": set(),
}
PURE = {"_errors", "_sanitize", "_time", "_uuid", "_log", "_verdict", "_terraform"}
PURE_FILES = {
    *(f"module_utils/_client/{name}.py" for name in ("response", "retry", "signing", "transport_errors")),
    "module_utils/_gather/public_fields.py",
    *(f"plugin_utils/_watch/{name}.py" for name in ("backoff", "events", "state")),
}
THIRD_PARTY = {"module_utils/_client/session.py": {"requests", "urllib3"}}
IMPURE = {"os", "socket", "subprocess", "time", "threading", "http", "urllib.request", "ansible", "asyncio"}
FILES = sorted(path for path in PLUGINS.rglob("*.py") if path.name != "__init__.py")


def place_of(path):
    return path.relative_to(PLUGINS).as_posix()


def room_of(parts):
    """Return the room that the parts of a path below plugins lead to."""
    return "/".join(parts[:2] if parts[0].endswith("_utils") else parts[:1]).removesuffix(".py")


def imports(path):
    """Return the absolute modules that a file imports, and the parts of paths below plugins."""
    absolute, own = set(), set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            absolute |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            absolute.add(node.module)
        elif isinstance(node, ast.ImportFrom):
            base = path.relative_to(PLUGINS).parts[: -node.level]
            found = (*base, *(node.module or "").split(".")) if node.module else base
            own |= {(*found, alias.name) for alias in node.names}
    return absolute, own


def calls(path):
    """Yield the names of what a file calls."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", ""))


def test_every_room_is_listed():
    assert {room_of(path.relative_to(PLUGINS).parts) for path in FILES} == set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=place_of)
def test_rooms_enter_only_the_rooms_below_them(path):
    absolute, own = imports(path)
    room = room_of(path.relative_to(PLUGINS).parts)
    entered = {room_of(parts) for parts in own} - {room}
    assert {other.rpartition("/")[2] for other in entered} <= ROOMS[room]
    foreign = {name.partition(".")[0] for name in absolute} - set(sys.stdlib_module_names) - {"ansible"}
    assert foreign <= THIRD_PARTY.get(place_of(path), set())


def test_no_arrow_leads_back():
    below = {room.rpartition("/")[2]: entered for room, entered in ROOMS.items()}
    for room in below:
        reached, todo = set(), [*below[room]]
        while todo:
            other = todo.pop()
            reached.add(other)
            todo += below[other] - reached
        assert room not in reached


@pytest.mark.parametrize("path", FILES, ids=place_of)
def test_what_decides_does_no_io(path):
    if room_of(path.relative_to(PLUGINS).parts).rpartition("/")[2] in PURE or place_of(path) in PURE_FILES:
        absolute, _own = imports(path)
        assert not {name for name in absolute if {name, name.partition(".")[0]} & IMPURE}
        assert "open" not in set(calls(path))


def test_the_pure_files_are_there():
    assert {place_of(path) for path in FILES} >= PURE_FILES


def test_no_task_loads_the_room_of_the_event_source():
    assert not [room for room, entered in ROOMS.items() if "_watch" in entered]


@pytest.mark.parametrize("path", FILES, ids=place_of)
def test_ansible_s_ways_to_end_a_task_stay_in_the_plugins(path):
    if "module_utils" in path.parts:
        assert not {"fail_json", "exit_json", "AnsibleModule", "Display", "print", "warn"} & set(calls(path))
    if path.parent.name != "modules":
        assert "fail_json" not in set(calls(path))


@pytest.mark.parametrize("path", FILES, ids=place_of)
def test_files_and_functions_are_short(path):
    tree = ast.parse(path.read_text("utf-8"))
    if "module_utils" in path.parts and path.stem != "reasons":
        assert path.read_text("utf-8").count("\n") <= 330
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 40, node.name
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            assert node.returns is not None, node.name
            assert all(argument.annotation or argument.arg in ("self", "cls") for argument in arguments), node.name


def test_the_emulator_imports_nothing_of_the_collection_and_is_not_imported_by_it():
    own = {path.stem for path in EMULATOR.glob("*.py")}
    for path in EMULATOR.glob("*.py"):
        absolute, relative = imports(path)
        assert not relative
        assert {name.partition(".")[0] for name in absolute} <= set(sys.stdlib_module_names) | own | {"yaml"}
    assert not any("emulator" in name for path in FILES for name in imports(path)[0])


def test_the_action_group_holds_every_module_that_asks_the_cloud():
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text("utf-8"))
    modules = {path.stem for path in (PLUGINS / "modules").glob("*.py")} - {"vpn_report_assert"}
    assert {*runtime["action_groups"]["huaweicloud"]} == modules


def test_no_exception_s_own_text_reaches_people():
    """str(error) is for our own errors, which are complete and without secrets; a library's may quote a header."""
    for path in FILES:
        assert "format_exc" not in path.read_text("utf-8")
        assert "exception=" not in path.read_text("utf-8").replace("exception=None", "")
