# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines a second, read and summarised, beside json.loads of the same answer: python tests/benchmark/parse.py [ENTRIES].

Use the ratios: seconds belong to a machine. The parser runs as installed, from a link in a temporary folder.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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
MIXES = {
    "a retry storm: the documented failure, again and again": lambda _chance: FAILS,
    "failures of which no two are the same": lambda _chance: FAILS.replace("{index}", "{spi}"),
    "a log of all kinds, each line another": lambda chance: (FAILS, FAILS.replace("{index}", "{spi}"), UP, DOWN)[
        chance.randrange(4)
    ],
}


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


def main(count: int) -> None:
    """Print a line for each mix."""
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._entry import read
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._summary import summarise

    def parse(logs: Sequence[dict[str, Any]]) -> Counter[str]:
        """Read the lines and add them up, one tunnel after the other."""
        kinds: Counter[str] = Counter()
        for begin in range(0, len(logs), TUNNEL_LINES):
            events = [read(entry)[0] for entry in logs[begin : begin + TUNNEL_LINES]]
            summarise(events)
            kinds.update(event["kind"] for event in events)
        return kinds

    for name, mix in MIXES.items():
        text = json.dumps({"logs": list(entries(mix, count))})
        logs = json.loads(text)["logs"]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        kinds = parse(logs)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        loading, parsing = best(lambda text=text: json.loads(text)), best(lambda logs=logs: parse(logs))
        print(f"{name} ({count} lines, {len(text) / 2**20:.0f} MiB; {dict(kinds)})")
        print(f"  json.loads  {count / loading:>10,.0f} lines/s  {loading / count * 1e6:6.2f} us a line")
        print(f"  parse + sum {count / parsing:>10,.0f} lines/s  {parsing / count * 1e6:6.2f} us a line")
        print(f"  ratio       {parsing / loading:10.1f} x json.loads; peak memory grew by {grown / 1024:.1f} MiB")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "ansible_collections" / "huaweicloud" / "vpn"
        link.parent.mkdir(parents=True)
        link.symlink_to(ROOT)
        sys.path.insert(0, folder)
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
