# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from functools import partial


def write_file(path: str, text: str, mode: int = 0o666) -> None:
    """Write a file by atomic replacement; another run may be writing the same one, so that each has its own draft."""
    draft = f"{path}.{uuid.uuid4().hex}"
    try:
        with open(draft, "x", encoding="utf-8", opener=partial(os.open, mode=mode)) as file:
            file.write(text)
        os.replace(draft, path)
    except OSError:
        remove_file(draft)
        raise


def remove_file(path: str) -> None:
    """Remove a file that may be there."""
    with suppress(FileNotFoundError):
        os.remove(path)


def clear_place(place: str, *old: str) -> None:
    """Make the folder of a file, remove what an earlier run left there, and see that it can be written.

    What is left of an earlier run would be taken for one of this run. Raise OSError where that does not go.
    """
    os.makedirs(os.path.dirname(place), exist_ok=True)
    for path in old:
        remove_file(path)
    write_file(f"{place}.try", "")
    remove_file(f"{place}.try")
