# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for test views of pipelines: JUnit XML with one case for each tunnel and check, and one for the whole.

GitLab shows the body of a failure and not its message, and of cases with the same class and name only one: the body
says what was found, and the class names the tunnels.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from .wording import (
    CHECK_MODE,
    TO_TEACH,
    Part,
    Report,
    Result,
    clock,
    headline,
    policy_line,
    results,
    said,
    some,
    source_of,
    to_teach,
    window_line,
    word,
)

# What a verdict is in JUnit; a pass has no element.
_ELEMENTS = {"fail": "failure", "inconclusive": "error", "error": "error"}
_COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def write_junit(report: Report) -> str:
    """Return the report as XML; every text in it passed the neutraliser, so that XML can hold it."""
    root = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(root, "testsuite", {"name": said(report.title, 200)})
    _add_properties(suite, report)
    _add_verdict(suite, report)
    for group in report.groups:
        _add_group(suite, report, group)
    for tunnel in report.tunnels:
        for result in results(tunnel):
            _add_check(suite, report, tunnel, result)
    caveats = [f"{report.labels[row['id']]}: {said(caveat)}" for row in report.tunnels for caveat in row["caveats"]]
    taught = to_teach(report)
    taught = [TO_TEACH, *taught] if taught else []
    ElementTree.SubElement(suite, "system-out").text = "\n".join([*report.lines, *caveats, *taught])
    _count(suite, root)
    if report.verdict["window"]["until"]:
        suite.set("timestamp", clock(report.verdict["window"]["until"]).rstrip("Z"))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _add_properties(suite: ElementTree.Element, report: Report) -> None:
    """Add what ties the report to a run."""
    window = report.verdict["window"]
    values = {
        "run_id": report.run_id,
        "verdict": report.verdict["verdict"],
        "settled": json.dumps(report.verdict["settled"]),
        "negotiated": json.dumps(report.verdict["negotiated"]),
        "check_mode": json.dumps(report.check_mode),
        **{f"window.{name}": window[name] for name in ("since", "watched_from", "until")},
        "window": window_line(report).partition(": ")[2],
        "policy": policy_line(report).partition(": ")[2],
        "acted_as": source_of(report.verdict),
    }
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in values.items():
        if value is not None:
            ElementTree.SubElement(properties, "property", {"name": name, "value": said(value)})


def _add_verdict(suite: ElementTree.Element, report: Report) -> None:
    """Add the case for the whole: no report is empty and green."""
    case = _case(suite, _class(report, [row["id"] for row in report.tunnels]), "verdict")
    verdict = report.verdict["verdict"]
    summary = f"{word(report.verdict)}: {headline(report)}"
    if report.check_mode:
        _mark(case, "error", f"{CHECK_MODE} ({summary})", [CHECK_MODE, *report.lines])
    elif verdict in _ELEMENTS:
        _mark(case, _ELEMENTS[verdict], summary, report.lines)
    else:
        ElementTree.SubElement(case, "system-out").text = summary


def _add_group(suite: ElementTree.Element, report: Report, group: Part) -> None:
    """Add the case of an HA group."""
    case = _case(suite, _class(report, group["vpn_connections"]), "redundancy")
    if group["verdict"] in _ELEMENTS:
        message = said(group["message"])
        count = f"{said(group['state'], 40)}: {group['passed']} passed, {group['needed']} needed"
        _mark(case, _ELEMENTS[group["verdict"]], message, [message, count])


def _add_check(suite: ElementTree.Element, report: Report, tunnel: Part, result: Result) -> None:
    """Add the case of a check on a tunnel."""
    case = _case(suite, _class(report, [tunnel["id"]]), result.check)
    if result.verdict not in _ELEMENTS:
        if result.messages:
            ElementTree.SubElement(case, "system-out").text = "\n".join(result.messages)
        return
    tag, lines = _ELEMENTS[result.verdict], result.messages
    if tunnel["tolerated"]:
        tag, lines = "skipped", [f"tolerated: {message}" for message in lines]
    _mark(case, tag, lines[0], lines)


def _class(report: Report, keys: Sequence[Any]) -> str:
    """Return the class of cases: the title, and the tunnels that it is about."""
    names = [report.labels.get(str(key), said(key, 64)) for key in keys]
    return ": ".join([said(report.title, 200), *([some(names)] if names else [])])


def _case(suite: ElementTree.Element, classname: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", {"classname": classname, "name": name, "time": "0"})


def _mark(case: ElementTree.Element, tag: str, message: str, lines: list[str]) -> None:
    element = ElementTree.SubElement(case, tag, {"message": message})
    element.text = "\n".join(lines)
    if tag != "skipped":
        element.set("type", tag)


def _count(suite: ElementTree.Element, root: ElementTree.Element) -> None:
    """Set the counts from what stands there, so that they cannot differ."""
    cases = suite.findall("testcase")
    tags = Counter(tag for case in cases for tag in _COUNTS.values() if case.find(tag) is not None)
    for element in (root, suite):
        element.set("tests", str(len(cases)))
        for name, tag in _COUNTS.items():
            element.set(name, str(tags[tag]))
