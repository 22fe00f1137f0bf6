# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines, and a world that writes them, for the tests of the event source."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.selection import Target
from ansible_collections.huaweicloud.vpn.plugins.module_utils._time import SECOND, format_moment

START = 1_795_000_000
TARGET = Target("98c5af8a-1111-4222-8333-ae2280a6f4c3", "hq-primary")


def failed(reason="authentication fail"):
    return (
        "IPSec tunnel negotiation fails. (IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[198.51.100.7], "
        f"PeerPort=[500], Reason=[{reason}])"
    )


def entry(moment, content=None):
    """An entry of the service; the moment is in microseconds after the start."""
    moment += START * SECOND
    envelope = f"{format_moment(moment)[:-1]}+00:00 host-192-0-2-37 ipsec_ike[30085]: [203.0.113.10]"
    return {"time": moment // SECOND, "raw_message": f"{envelope} {failed() if content is None else content}"}


@pytest.fixture(name="entry")
def entry_fixture():
    return entry


@pytest.fixture(name="failed")
def failed_fixture():
    return failed


@pytest.fixture
def target():
    return TARGET
