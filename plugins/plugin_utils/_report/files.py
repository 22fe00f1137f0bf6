# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Report files: where they go, those of earlier runs removed, each written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from ...module_utils._errors import OptionError
from .._files import clear_place, write_file
from .writer import WRITERS

_SUFFIXES = {"html": "html", "json": "json", "junit": "xml", "markdown": "md", "text": "txt"}


class ReportFiles:
    """The report files of one verification."""

    def __init__(self, folder: str | None, name: str, formats: Sequence[str]) -> None:
        """Check where the reports go; without a folder, there are none."""
        if folder and not os.path.isabs(folder):
            raise OptionError("report_dir", "give an absolute path, such as {{ playbook_dir }}/reports")
        if os.path.basename(name) != name or name in ("", ".", ".."):
            raise OptionError("report_name", "give a name without a folder; the folder is report_dir")
        for style in formats:
            if style not in WRITERS:
                raise OptionError("report_formats", f"give a list of {', '.join(WRITERS)}")
        self._base = os.path.join(folder, name) if folder else None
        # JSON comes last: a gate believes it, and a run whose other reports cannot be written is none that passed.
        styles = sorted(formats, key=lambda style: style == "json") if folder else ()
        self.paths = {style: f"{self._base}.{_SUFFIXES[style]}" for style in styles}

    def clear(self) -> None:
        """Make the folder, and remove what an earlier run left there: it is no report of this one."""
        if self._base is None:
            return
        try:
            clear_place(self._base, *(f"{self._base}.{suffix}" for suffix in _SUFFIXES.values()))
        except OSError as error:
            raise OptionError("report_dir", f"reports cannot be written to {self._base}: {error.strerror}") from None

    def write(self, text_of: Callable[[str], str]) -> None:
        """Write each report by atomic replacement."""
        for style, path in self.paths.items():
            try:
                write_file(path, text_of(style))
            except OSError as error:
                raise OptionError("report_dir", f"{path} cannot be written: {error.strerror}") from None
