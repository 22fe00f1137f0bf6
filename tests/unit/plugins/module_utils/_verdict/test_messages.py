# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sentences that people meet, in one list that can be read in one go: fixtures/messages.txt.

RENEW=1 writes it anew, and git shows what was said before.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from ansible_collections.huaweicloud.vpn.tests.unit.plugins.module_utils._verdict.test_judge import (
    MORE,
    judged,
    verdict_on,
    with_each_verdict,
)
from ansible_collections.huaweicloud.vpn.tests.unit.plugins.module_utils._verdict.test_judge_evidence import refusals

TESTS = Path(__file__).parents[4]
MESSAGES = TESTS / "unit" / "fixtures" / "messages.txt"
# What differs from case to case: codes, values that were given, and what a log says.
CASE = (
    (r" \[[A-Z].*\]$", ""),
    (r", not ('.*|None|True|\W.*|[0-9]+)$", ", not …"),
    (r'"[^"]*"', '"…"'),
    (r"[0-9]{4}-\S*Z", "…"),
)
FAULTS = TESTS / "torture" / "messages.txt"  # what is said of each fault of network and service


def verdicts():
    yield from (judged(row) for row in with_each_verdict())
    yield from (verdict_on(new, old, options) for old, new, options in MORE)


def everything_said():
    for verdict in verdicts():
        yield from (line.partition(": ")[2] for line in verdict["message"].splitlines() if ": PASS" in line)
        yield from (caveat.partition(": ")[2] for caveat in verdict["caveats"])
        yield from (row["message"] for row in verdict["ha_groups"])
        yield from (row["message"] for tunnel in verdict["vpn_connections"] for row in tunnel["findings"])
    yield from refusals()
    for line in FAULTS.read_text("utf-8").splitlines():
        yield line.partition(": ")[2].rpartition("ae2280a6f4c3: ")[2]


def plain(sentence):
    for pattern, shown in CASE:
        sentence = re.sub(pattern, shown, sentence)
    return sentence


def test_every_sentence_is_as_it_was_read():
    said = sorted({plain(sentence) for line in everything_said() for sentence in line.split(" - ")})
    if os.environ.get("RENEW"):
        MESSAGES.write_text("\n".join(said) + "\n", encoding="utf-8")
    assert said == MESSAGES.read_text("utf-8").splitlines()
