# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: verdict_report
short_description: Write a report on a verdict, for people, pipelines and programs
version_added: "1.0.0"
author:
  - huaweicloud.vpn contributors
description:
  - Turns the result of P(huaweicloud.vpn.verdict#filter) into the text of a file. All formats say the same words.
  - What a peer wrote into a log line stays text. No report has a control character, a link or a command of a pipeline
    from it. Only V(json) keeps every value as it is.
  - Anything but a complete verdict is an error, such as V(none), evidence, or the result of a task that was skipped or
    failed. So is a verdict that is better than its parts, because somebody edited it.
options:
  _input:
    description:
      - The result of P(huaweicloud.vpn.verdict#filter). It may come from a JSON file.
    type: dict
    required: true
  format:
    description:
      - V(junit) is for test views of pipelines. It has a case for each tunnel and check, for each HA group, and
        C(verdict) for the whole. A failed negotiation is a failure; what could not be found out is an error; the
        trouble of a tunnel that its HA group passes without is skipped.
      - V(markdown) is for a comment on a pull request or the summary of a step. It has at most 60000 characters.
      - V(html) is one page for a browser, without scripts, and without anything from the network.
      - V(text) is for a terminal or a mail.
      - V(json) is for programs.
    type: str
    required: true
    choices: [junit, markdown, html, text, json]
  title:
    description: What the report is called.
    type: str
    default: VPN tunnel verification
  run_id:
    description: Ties the report to a run of a pipeline, as its number or address.
    type: str
  check_mode:
    description:
      - Whether the change itself was not made, because the play ran in check mode. Every report then says so, and in
        V(junit) the case C(verdict) is an error.
    type: bool
    default: false
seealso:
  - plugin: huaweicloud.vpn.verdict
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Keep what was found, for the pipeline and for people
  ansible.builtin.copy:
    content: "{{ judged | huaweicloud.vpn.verdict_report(format=item.value, check_mode=ansible_check_mode) }}"
    dest: "{{ report_folder }}/{{ item.key }}"
    mode: "0644"
  loop: "{{ files | dict2items }}"
  vars:
    judged: "{{ lookup('ansible.builtin.file', after_file) | from_json | huaweicloud.vpn.verdict }}"
    files:
      tunnels.xml: junit
      tunnels.md: markdown
      tunnels.html: html
      tunnels.json: json

- name: Show it in the log of the pipeline
  ansible.builtin.debug:
    msg: "{{ (judged | huaweicloud.vpn.verdict_report(format='text', title='Change 4711', run_id='17')).splitlines() }}"
  vars:
    judged: "{{ lookup('ansible.builtin.file', after_file) | from_json | huaweicloud.vpn.verdict }}"
"""

RETURN = r"""
_value:
  description: The report, as the text of a file.
  type: str
  sample: |
    hq-primary: PASS no failed negotiation since 2026-11-23T10:00:00Z, status ACTIVE

    VPN tunnel verification: PASS, 1 of 1 tunnel passed
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils._errors import VpnError
from ..plugin_utils._report.writer import TITLE, write_report


def verdict_report(
    value: Any,
    format: Any = None,  # noqa: A002 - the name of the option
    title: Any = TITLE,
    run_id: Any = None,
    check_mode: Any = False,
) -> str:
    """Return the report on a verdict."""
    try:
        report = write_report(value, format, title, run_id, check_mode)
    except VpnError as error:
        raise AnsibleFilterError(f"huaweicloud.vpn.verdict_report: {error}") from None
    # Peers write into these lines: whatever looks like a template in them must stay text.
    result: str = wrap_var(report)
    return result


class FilterModule:
    """Offer the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters of this file."""
        return {"verdict_report": verdict_report}
