# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cursor file: whole or not at all, one process at a time, and nothing but our own."""

from __future__ import annotations

import json
import stat

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import OptionError
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._watch import cursor as cursor_room
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._watch.cursor import Cursor, known_until
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._watch.state import Held, State

STATE = State(
    known={"a": 1, "b": 2},
    newest=("b",),
    read_at=1_795_000_000_000_000,
    failures=2,
    failing_since="2026-11-18T10:00:00Z",
    failed_at=1,
    succeeded_at=2,
    held={"authentication fail": Held(12.5, 3, 1_795_000_000, "line")},
    unread=True,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.cursor"


@pytest.fixture
def cursor(path):
    cursor = Cursor(str(path))
    assert cursor.open() == {}
    yield cursor
    cursor.close()


def reopened(cursor):
    cursor.close()
    return Cursor.open(cursor)


def test_what_is_saved_comes_back(cursor, path):
    cursor.save({"x": STATE, "y": State()}, 1)
    assert reopened(cursor) == {"x": STATE, "y": State()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(file.name for file in path.parent.iterdir()) == ["a.cursor", "a.cursor.lock"]
    assert known_until({"x": STATE, "y": State()}) == STATE.read_at


def test_older_states_never_replace_newer_ones(cursor):
    cursor.save({"x": STATE}, 2)
    cursor.save({}, 1)
    assert reopened(cursor) == {"x": STATE}


def test_a_write_that_fails_leaves_the_old_file(cursor, path, monkeypatch):
    cursor.save({"x": STATE}, 1)

    def broken(_descriptor):
        raise OSError(28, "")

    monkeypatch.setattr(cursor_room.os, "fsync", broken)
    with pytest.raises(OptionError, match=r"cursor_file: '.*a\.cursor' cannot be written: No space left on device"):
        cursor.save({}, 2)
    monkeypatch.undo()
    assert reopened(cursor) == {"x": STATE}
    assert len([*path.parent.iterdir()]) == 2


def test_a_link_stays_a_link(tmp_path, path):
    link = tmp_path / "link"
    link.symlink_to(path)
    cursor = Cursor(str(link))
    cursor.open()
    cursor.save({"x": STATE}, 1)
    cursor.close()
    assert link.is_symlink()
    assert "states" in path.read_text("utf-8")


@pytest.mark.usefixtures("cursor")
def test_two_may_not_use_one_file(path):
    with pytest.raises(OptionError, match="is used by another event source"):
        Cursor(str(path)).open()


def test_the_file_is_free_again(cursor, path):
    cursor.close()
    other = Cursor(str(path))
    other.open()
    other.close()


def document(**changes):
    whole = {"what": "cursor of huaweicloud.vpn.vpn_connection_log", "schema": 1, "states": {"x": {}}}
    return json.dumps({**whole, **changes})


def state(**changes):
    row = {"known": {}, "newest": [], "read_at": 1, "failures": 0, "failing_since": None, "failed_at": None}
    return document(states={"x": {**row, "succeeded_at": None, "held": {}, "unread": False, **changes}})


def test_the_state_of_the_next_test_is_whole(path):
    path.write_text(state(), encoding="utf-8")
    cursor = Cursor(str(path))
    assert cursor.open() == {"x": State(read_at=1)}
    cursor.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        "[" * 100_000,
        '{"what": "something else"}',
        state().replace('"schema": 1', '"schema": 2'),
        document(states=[]),
        document(states={"x": {}}),
        state(more=1),
        state(known={"a": -1}),
        state(known={"a": "1"}),
        state(known=[]),
        state(newest=[1]),
        state(read_at="now"),
        state(failures=True),
        state(failing_since=1),
        state(held={"x": [1]}).replace("[1]", "[]"),
        state(held={"x": ["soon"]}),
        state(unread=1),
        "\udcff",
    ],
)
def test_any_other_file_is_an_error_that_names_it(path, text):
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    before = path.read_bytes()
    for _again in range(2):
        with pytest.raises(
            OptionError, match=r"cursor_file: '.*a\.cursor' is not a cursor .* give another file, or delete"
        ):
            Cursor(str(path)).open()
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_is_an_error(tmp_path):
    with pytest.raises(OptionError, match="cannot be written beside: No such file or directory"):
        Cursor(str(tmp_path / "none" / "a.cursor")).open()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OptionError, match="cannot be read: Is a directory"):
        Cursor(str(tmp_path / "folder")).open()
