# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cursor file of the event source: what was emitted already, kept over restarts.

It is replaced whole, by a rename, so that it is never half written; and it belongs to one process at a time.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ...module_utils._errors import OptionError
from ...module_utils._sanitize import visible
from .state import Held, State

_WHAT = "cursor of huaweicloud.vpn.vpn_connection_log"
_SCHEMA = 1
_LARGEST = 256 * 1024 * 1024
_NUMBERS = ("read_at", "failed_at", "succeeded_at")


class Cursor:
    """The cursor file; locked until it is closed."""

    def __init__(self, path: str) -> None:
        # Of a link, what it leads to is replaced.
        self.path = os.path.realpath(path)
        self._shown = f"'{visible(path, 200)}'"
        self._lock: int | None = None
        self._writing = threading.Lock()
        self._written = 0

    def open(self) -> dict[str, State]:
        """Lock the file and return the states in it, none where it does not exist yet; raise for any other file."""
        try:
            self._lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable("written beside", error) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise OptionError(
                "cursor_file", f"{self._shown} is used by another event source: give each a file of its own"
            ) from None
        try:
            return self._read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let others have the file."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def save(self, states: Mapping[str, State], number: int) -> None:
        """Replace the file unless it has states of a higher number; where that fails, leave it and raise VpnError."""
        text = json.dumps({"what": _WHAT, "schema": _SCHEMA, "states": {key: asdict(states[key]) for key in states}})
        with self._writing:
            if number <= self._written:
                return
            try:
                _replace(self.path, text)
            except OSError as error:
                raise self._unusable("written", error) from None
            self._written = number

    def _read(self) -> dict[str, State]:
        try:
            with open(self.path, encoding="utf-8") as file:
                text = file.read(_LARGEST)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable("read", error) from None
        except ValueError:
            raise self._broken() from None
        try:
            return read_states(text)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise self._broken() from None

    def _broken(self) -> OptionError:
        return OptionError(
            "cursor_file",
            f"{self._shown} is not a cursor of this event source, or is damaged: give another file, "
            "or delete it to start again",
        )

    def _unusable(self, what: str, error: OSError) -> OptionError:
        why = os.strerror(error.errno) if error.errno else "unknown reason"
        return OptionError("cursor_file", f"{self._shown} cannot be {what}: {why}", code="E_CURSOR")


class NoCursor:
    """In place of a cursor file where none is wanted."""

    def open(self) -> dict[str, State]:
        """Return no states."""
        return {}

    def close(self) -> None:
        """Do nothing."""

    def save(self, states: Mapping[str, State], number: int) -> None:
        """Keep nothing."""


def _replace(path: str, text: str) -> None:
    """Replace a file as a whole, so that also after a power failure it is the old one or the new one."""
    folder, name = os.path.split(path)
    # It is made with mode 0600.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_states(text: str) -> dict[str, State]:
    """Return the states of a cursor; raise ValueError, TypeError or KeyError for anything that we have not written."""
    value = json.loads(text)
    if value["what"] != _WHAT or value["schema"] != _SCHEMA:
        raise ValueError
    return {str(key): _state(row) for key, row in value["states"].items()}


def _state(row: dict[str, Any]) -> State:
    state = State(**{**row, "newest": tuple(row["newest"])})
    held = {reason: Held(*values) for reason, values in state.held.items()}
    counts = (*state.known.values(), state.failures, *(one.repeats for one in held.values()))
    moments = [getattr(state, name) for name in _NUMBERS]
    whole = (
        all(_is_int(count) and count >= 0 for count in counts)
        and all(moment is None or _is_int(moment) for moment in moments)
        and all(isinstance(one.until, (int, float)) for one in held.values())
        and all(isinstance(text, str) for text in (*state.newest, state.failing_since or ""))
        and isinstance(state.unread, bool)
    )
    if not whole:
        raise ValueError
    return State(**{**row, "newest": state.newest, "held": held})


def of_file(path: str | None) -> Cursor | NoCursor:
    """Return the cursor to use."""
    return NoCursor() if path is None else Cursor(path)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def known_until(states: Mapping[str, State]) -> int | None:
    """Return when the logs were read last, by the cloud's clock."""
    return max((state.read_at for state in states.values() if state.read_at is not None), default=None)
