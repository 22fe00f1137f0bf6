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

# Each room of module_utils, and which other rooms it may enter. What is not listed may enter none.
ROOMS = {
    "_api": {"_decode", "_errors", "_options", "_retry", "_session", "_text"},
    "_auth": {"_signing"},
    "_case": {"_clock", "_known_lines", "_line", "_policy", "_proof", "_reasons", "_whole"},
    "_credentials": {"_clock", "_deadline", "_decode", "_errors", "_text"},
    "_deadline": {"_errors"},
    "_decode": {"_errors"},
    "_clock": set(),
    "_entry": {"_clock", "_event", "_reasons"},
    "_envelope": {"_clock"},
    "_errors": set(),
    "_event": {"_clock", "_envelope", "_fields", "_reasons"},
    "_evidence": {
        *("_api", "_clock", "_deadline", "_entry", "_errors", "_options", "_query", "_reasons", "_session", "_shown"),
        *("_summary", "_targets", "_text", "_window"),
    },
    "_fields": set(),
    "_failures": {"_errors", "_text"},
    "_inventory": {
        *("_api", "_clock", "_deadline", "_errors", "_options", "_query", "_session", "_shown", "_targets", "_window"),
    },
    "_diagnosis": {"_case", "_clock", "_line", "_reasons", "_summary", "_text", "_window"},
    "_known_lines": {"_errors", "_event", "_line", "_reasons", "_text"},
    "_line": {"_clock", "_entry", "_reasons"},
    "_options": {"_credentials", "_errors"},
    "_groups": {"_text", "_whole"},
    "_policy": {"_errors", "_known_lines", "_reasons", "_text", "_whole", "_window"},
    "_proof": {"_clock", "_whole"},
    "_query": {"_api", "_entry", "_errors", "_window"},
    "_reasons": set(),
    "_redact": set(),
    "_reset": {
        *(
            "_api",
            "_case",
            "_clock",
            "_deadline",
            "_diagnosis",
            "_errors",
            "_evidence",
            "_options",
            "_query",
            "_reasons",
        ),
        *("_retry", "_rules", "_session", "_targets", "_text", "_whole", "_window"),
    },
    "_retry": {"_errors"},
    "_rules": {"_case", "_clock", "_diagnosis", "_errors", "_known_lines", "_proof", "_summary", "_text", "_whole"},
    "_session": {
        *("_auth", "_deadline", "_decode", "_errors", "_failures", "_options", "_redact", "_retry", "_signing"),
        "_text",
    },
    "_shown": set(),
    "_signing": set(),
    "_summary": {"_entry", "_text"},
    "_targets": {"_api", "_deadline", "_decode", "_errors", "_query", "_text"},
    "_text": set(),
    "_verdict": {
        *(
            "_case",
            "_clock",
            "_diagnosis",
            "_groups",
            "_known_lines",
            "_line",
            "_policy",
            "_rules",
            "_summary",
            "_text",
        ),
        "_whole",
        "_window",
    },
    "_whole": {"_clock", "_entry", "_errors", "_line", "_text"},
    "_window": {"_clock", "_errors"},
}
THIRD_PARTY = {"_session": {"requests", "urllib3"}}
PURE = (
    *(
        "_clock",
        "_decode",
        "_entry",
        "_envelope",
        "_errors",
        "_event",
        "_failures",
        "_fields",
        "_reasons",
        "_redact",
        "_retry",
        "_shown",
        "_signing",
        "_summary",
    ),
    *(
        "_case",
        "_diagnosis",
        "_groups",
        "_known_lines",
        "_line",
        "_policy",
        "_proof",
        "_rules",
        "_text",
        "_verdict",
        "_whole",
        "_window",
    ),
)
IMPURE = {"os", "socket", "subprocess", "time", "threading", "http", "urllib.request", "ansible"}
FILES = sorted(PLUGINS.rglob("*.py"))


def imports(path):
    """Return the absolute modules and the own rooms that a file imports."""
    absolute, own = set(), set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            absolute |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            (own if node.level else absolute).add((node.module or "").rpartition(".")[2] if node.level else node.module)
    return absolute, own


def calls(path):
    """Yield the names of what a file calls."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", ""))


def test_every_room_is_listed():
    assert {path.stem for path in UTILS.glob("*.py")} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_enter_only_the_rooms_below_them(room):
    absolute, own = imports(UTILS / f"{room}.py")
    assert own <= ROOMS[room]
    foreign = {name.partition(".")[0] for name in absolute} - set(sys.stdlib_module_names) - {"ansible"}
    assert foreign <= THIRD_PARTY.get(room, set())


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_do_no_io(room):
    absolute, _own = imports(UTILS / f"{room}.py")
    assert not {name for name in absolute if name in IMPURE or name.partition(".")[0] in IMPURE - {"urllib.request"}}
    assert "open" not in set(calls(UTILS / f"{room}.py"))


@pytest.mark.parametrize("room", ["_watch", "_watch_event", "_watch_pace"])
def test_what_the_event_source_decides_needs_no_io(room):
    absolute, _own = imports(PLUGINS / "plugin_utils" / f"{room}.py")
    assert not absolute & {*IMPURE, "asyncio"}
    assert "open" not in set(calls(PLUGINS / "plugin_utils" / f"{room}.py"))


def test_no_task_loads_the_rooms_of_the_event_source():
    rooms = {path.stem for path in (PLUGINS / "plugin_utils").glob("_watch*.py")} | {"_cursor"}
    assert len(rooms) > 5
    for path in FILES:
        assert path.stem in rooms or not imports(path)[1] & rooms, path.stem


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_ansible_s_ways_to_end_a_task_stay_in_the_plugins(path):
    if path.parent.name in ("module_utils",):
        assert not {"fail_json", "exit_json", "AnsibleModule", "Display", "print", "warn"} & set(calls(path))
    if path.parent.name != "modules":
        assert "fail_json" not in set(calls(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_and_functions_are_short(path):
    tree = ast.parse(path.read_text("utf-8"))
    if path.parent.name == "module_utils" and path.stem != "_reasons":
        assert path.read_text("utf-8").count("\n") <= 330
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 40, node.name
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            assert node.returns is not None, node.name
            assert all(argument.annotation or argument.arg in ("self", "cls") for argument in arguments), node.name


@pytest.mark.parametrize("path", sorted(PLUGINS.glob("*_utils/*.py")), ids=lambda path: path.stem)
def test_private_files_say_so(path):
    assert path.name.startswith("_")
    assert "PRIVATE" in path.read_text("utf-8")


def test_the_emulator_imports_nothing_of_the_collection_and_is_not_imported_by_it():
    own = {path.stem for path in EMULATOR.glob("*.py")}
    for path in EMULATOR.glob("*.py"):
        absolute, relative = imports(path)
        assert not relative
        assert {name.partition(".")[0] for name in absolute} <= set(sys.stdlib_module_names) | own | {"yaml"}
    assert not any("emulator" in name for path in FILES for name in imports(path)[0])


def test_the_action_group_holds_every_module():
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text("utf-8"))
    assert sorted(runtime["action_groups"]["huaweicloud"]) == sorted(
        path.stem for path in (PLUGINS / "modules").glob("*.py")
    )


def test_no_exception_s_own_text_reaches_people():
    """str(error) is for our own errors, which are complete and without secrets; a library's may quote a header."""
    for path in FILES:
        assert "format_exc" not in path.read_text("utf-8")
        assert "exception=" not in path.read_text("utf-8").replace("exception=None", "")
