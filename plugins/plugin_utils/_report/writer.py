# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports from one verdict: the options checked, and one writer for each format."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ...module_utils._errors import OptionError
from ...module_utils._sanitize import visible
from .html import write_html
from .junit import write_junit
from .markdown import write_markdown
from .text import write_text
from .verdict_input import complete_verdict
from .wording import Report

TITLE = "VPN tunnel verification"


def write_json(report: Report) -> str:
    """Return the verdict for programs; the same text for the same verdict, whatever its order, and in ASCII only."""
    run = {"id": report.run_id, "title": report.title, "check_mode": report.check_mode}
    text = json.dumps({**report.verdict, "run": run}, allow_nan=False, indent=2, sort_keys=True)
    # ansible-core before 2.19 takes a text that begins with a brace for data, and writes it in a way of its own.
    return f"\n{text}\n"


WRITERS: dict[str, Callable[[Report], str]] = {
    "junit": write_junit,
    "markdown": write_markdown,
    "html": write_html,
    "text": write_text,
    "json": write_json,
}


def write_report(value: Any, style: Any, title: Any = TITLE, run_id: Any = None, check_mode: Any = False) -> str:
    """Return the report on a verdict; raise VpnError for an incomplete verdict and for wrong options.

    `style` is the option `format`, whose name is Python's own.
    """
    if not isinstance(style, str) or style not in WRITERS:
        raise OptionError("format", f"give one of {', '.join(WRITERS)}, not {_shown(style)}")
    if not isinstance(title, str) or not title.strip():
        raise OptionError("title", f"give a text, not {_shown(title)}")
    if not isinstance(check_mode, bool):
        raise OptionError("check_mode", f"give true or false, not {_shown(check_mode)}")
    report = Report(complete_verdict(value), str.__str__(title), _run(run_id), check_mode)
    return WRITERS[style](report)


def _run(value: Any) -> str | None:
    """Return the run's ID; pipelines number their runs, and a variable that is not set arrives as empty text."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return None if value is None else str(int(value))
    if not isinstance(value, str):
        raise OptionError("run_id", f"give a text, not {_shown(value)}")
    return str.__str__(value) if value.strip() else None


def _shown(value: Any) -> str:
    return visible(repr(value), 40) if isinstance(value, (str, int)) else f"a value of type {type(value).__name__}"
