# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IPsec SAs prove, at the borders: equal counters, zero, one, a restart, the very moment, and what is no SA."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._proof import carried_traffic, renegotiated

START = 1_764_000_000_000_000
AT, LATER = "2025-11-24T16:00:00Z", "2025-11-24T16:00:01Z"
JUNK = [None, "sa-1", 7, [], {}, {"id": None}, {"id": 7}, {"id": ["sa-1"]}]


def sa(sent=10, received=10, at=LATER, name="sa-1", **more):
    return {"id": name, "packets_sent": sent, "packets_recv": received, "collected_at": at, **more}


@pytest.mark.parametrize(
    ("after", "before", "proof"),
    [
        ([sa(name="sa-2")], [sa()], True),
        ([sa()], [sa()], False),
        ([sa(9)], [sa()], True),
        ([sa(received=9)], [sa()], True),
        ([sa(11, 11)], [sa()], False),
        ([sa(9, at=AT)], [sa()], False),
        ([sa(9, at=None)], [sa()], False),
        ([sa(0, 0)], [sa(0, 0)], False),
        ([sa(float("nan"))], [sa()], False),
        ([sa(-1)], [sa()], False),
        ([sa(True)], [sa()], False),
        ([sa("9")], [sa()], False),
        ([sa(), sa()], [], False),  # of two with one ID neither can be compared
        (JUNK, [sa()], False),
        ([*JUNK, sa(9)], [*JUNK, sa()], True),
        ([], [sa()], False),
    ],
)
def test_renegotiated(after, before, proof):
    assert renegotiated(after, before, START) is proof


@pytest.mark.parametrize(
    ("after", "before", "proof"),
    [
        ([sa(11, 11)], [sa()], True),
        ([sa(11, 10)], [sa()], False),
        ([sa(10, 11)], [sa()], False),
        ([sa(10, 10)], [sa()], False),
        ([sa(1, 1)], [], True),
        ([sa(0, 0)], [], False),
        ([sa(1, 1)], [sa(0, 0)], True),
        ([sa(1, 1)], [sa(0.5, 0.5)], True),
        ([sa(1, 1)], [sa()], True),  # it began to count again, and has counted since
        ([sa(0, 0)], [sa()], False),
        ([sa(11, 11, at=AT)], [sa()], False),
        ([sa(11, 11, at=None)], [sa()], False),
        ([sa(float("inf"), 11)], [sa()], False),
        ([sa(11, 11)], [sa(float("nan"), 10)], False),
        ([sa(11, 11)], [sa(-1, 10)], False),
        ([sa(11, 11)], [sa(), sa(12, 12)], True),
        ([sa(11, 11)], [sa(), sa(11, 11)], False),
        ([sa(11, 0), sa(0, 11, name="sa-2")], [], True),
        ([sa(None, None, traffic_sent=5, traffic_recv=5)], [sa(None, None, traffic_sent=4, traffic_recv=4)], True),
        (JUNK, [], False),
        ([*JUNK, sa(11, 11)], [*JUNK, sa()], True),
        ([], [], False),
    ],
)
def test_carried_traffic(after, before, proof):
    assert carried_traffic(after, before, START) is proof


def test_a_reading_without_a_time_is_no_proof_even_at_the_epoch():
    assert not renegotiated([sa(at=None, name="sa-2")], [sa()], 0)
