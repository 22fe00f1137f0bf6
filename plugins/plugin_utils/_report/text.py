# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for a terminal or a mail: what happened first, what it rests on after it."""

from __future__ import annotations

from collections.abc import Iterator

from .wording import (
    CHECK_MODE,
    GROUPS,
    TO_TEACH,
    UNSETTLED,
    Part,
    Report,
    basis_lines,
    headline,
    kind_of,
    results,
    said,
    to_teach,
    what_failed,
    where_and_when,
    word,
)


def write_text(report: Report) -> str:
    """Return the report as lines."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    """Yield the lines of the report."""
    if report.check_mode:
        yield f"*** {CHECK_MODE} ***"
    yield from report.lines
    yield ""
    yield f"{said(report.title, 200)}: {word(report.verdict)}, {headline(report)}"
    if report.run_id is not None:
        yield f"run: {said(report.run_id, 200)}"
    if not report.verdict["settled"]:
        yield UNSETTLED
    yield from basis_lines(report)
    taught = to_teach(report)
    if taught:
        yield from ("", TO_TEACH, *taught)
    for tunnel in report.tunnels:
        yield from _tunnel(report, tunnel)


def _tunnel(report: Report, tunnel: Part) -> Iterator[str]:
    """Yield what there is to say of a tunnel; of a pass that proves all, nothing."""
    lines = []
    for result in results(tunnel):
        lines += [f"  {result.verdict} ({result.check}): {message}" for message in result.messages]
    for name in GROUPS:
        lines += [_failure(report, row, name) for row in tunnel["failures"][name]]
    lines += [f"  caveat: {said(caveat)}" for caveat in tunnel["caveats"]]
    if lines:
        tolerated = ", tolerated: its HA group passes without it" if tunnel["tolerated"] else ""
        yield ""
        yield f"{report.labels[tunnel['id']]} [{said(tunnel['id'], 64)}]: {word(tunnel)}{tolerated}"
        yield from lines


def _failure(report: Report, row: Part, name: str) -> str:
    """Return one reason of failure, with what to compare."""
    kind = ", ".join(["failure", *filter(None, [kind_of(report, row, name)])])
    advice = f" - {said(row['advice'])}" if row["advice"] else ""
    return f"  {kind}: {what_failed(row)} {where_and_when(row)}{advice}"
