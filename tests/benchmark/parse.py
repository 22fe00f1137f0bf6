# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log lines to read, and what reading them takes beside json.loads of the same answer."""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TUNNEL_LINES = 200  # the log of one connection holds so many
RUNS = 5
FAILS = (
    "IPSec tunnel negotiation fails. (IfIndex=[{index}], PolicyName=[], SeqNum=[0], PeerAddress=[{peer}], "
    "PeerPort=[{port}], Reason=[{reason}])"
)
UP = (
    "The IPSec tunnel is established. (Ifindex=[{index}], SeqNum=[1],TunnelIndex=[{spi}], RuleNum=[5], DstIP=[{peer}], "
    "InsideIP=[0.0.0.0], RemotePort=[{port}], CpuID=[0], SrcIP=[203.0.113.10], "
    "FlowInfo=[0.0.0.0/0, 0.0.0.0/0, 0, 0, 0], LifeSize=[1843200], "
    "LifeTime=[3600], VsysName=[public], InterfaceName=[Tunnel0/0/1], SlotID=[0], Role=[Initiator])"
)
DOWN = (
    "An IPSec tunnel is teared down. (PolicyName=[], IfIndex=[{index}], SeqNum=[0], RuleNum=[5], SrcIP=[203.0.113.10], "
    "DstIP=[{peer}], InboundSPI=[{spi}], Slot=[0], CpuID=[0], OfflineReason=[phase2 sa replace], State=[Normal])"
)
REASONS = ("authentication fail", "phase2 proposal or pfs mismatch", "max transmit reached", "flow confict")


def storm(_chance: random.Random) -> str:
    """The documented failure, again and again."""
    return FAILS


def different(_chance: random.Random) -> str:
    """Failures of which no two are the same."""
    return FAILS.replace("{index}", "{spi}")


def mixed(chance: random.Random) -> str:
    """A log of all kinds, each line another."""
    return (FAILS, FAILS.replace("{index}", "{spi}"), UP, DOWN)[chance.randrange(4)]


def entries(mix: Callable[[random.Random], str], count: int) -> Iterator[dict[str, Any]]:
    """Yield log entries of as many tunnels as are needed for them."""
    chance = random.Random(2026)  # noqa: S311 - the same lines each time
    for number in range(count):
        tunnel = number // TUNNEL_LINES
        moment = 1_795_428_131 + number
        stamp = datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        content = mix(chance).format(
            index=tunnel,
            peer=f"198.51.{tunnel // 250}.{tunnel % 250}",
            port=500,
            reason=REASONS[number % 3 % len(REASONS)],
            spi=chance.randrange(10**9),
        )
        head = f"{stamp}.{number % 10**6:06d}+00:00 host-192-0-2-{tunnel % 250} ipsec_ike[{4000 + tunnel}]"
        yield {"time": moment, "raw_message": f"{head}: [203.0.113.10] {content}"}


def best(work: Callable[[], Any]) -> float:
    """Return the seconds of the quickest run."""
    seconds = []
    for _run in range(RUNS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def compare(mix: Callable[[random.Random], str], count: int) -> tuple[float, float]:
    """Return how many lines a second are read and added up, and how much longer that takes than json.loads."""
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.parser import read
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.summary import summarise

    def parse(logs: Sequence[dict[str, Any]]) -> None:
        for begin in range(0, len(logs), TUNNEL_LINES):
            summarise([read(entry)[0] for entry in logs[begin : begin + TUNNEL_LINES]])

    text = json.dumps({"logs": list(entries(mix, count))})
    logs = json.loads(text)["logs"]
    loading, parsing = best(lambda: json.loads(text)), best(lambda: parse(logs))
    return count / parsing, parsing / loading


@contextmanager
def installed() -> Iterator[None]:
    """Make the collection importable as it is when installed, from a link in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "ansible_collections" / "huaweicloud" / "vpn"
        link.parent.mkdir(parents=True)
        link.symlink_to(ROOT)
        sys.path.insert(0, folder)
        try:
            yield
        finally:
            sys.path.remove(folder)
