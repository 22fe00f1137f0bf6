# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parser and verdict without Ansible and network, beside what reading alone costs."""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TUNNEL_LINES = 200  # the log of one connection holds so many
TUNNELS = 500
COUNT = 100_000
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


def median(work: Callable[[], Any], runs: int) -> float:
    """Return the seconds of a processor that the work takes."""
    seconds = []
    for _run in range(runs):
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    return statistics.median(seconds)


def read_all(logs: Iterable[Sequence[dict[str, Any]]]) -> None:
    """Parse logs, and add up what they say."""
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.parser import read
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.summary import summarise

    for log in logs:
        summarise([read(entry)[0] for entry in log])


def in_logs(lines: Sequence[dict[str, Any]]) -> list[Sequence[dict[str, Any]]]:
    """Return the lines as the logs of as many tunnels."""
    return [lines[begin : begin + TUNNEL_LINES] for begin in range(0, len(lines), TUNNEL_LINES)]


def rows(runs: int) -> Iterator[tuple[str, str, str, str]]:
    """Return what the parser takes beside json.loads, and the verdict beside the parser."""
    with installed():
        for mix, target in ((storm, "<= 5"), (mixed, "<= 7")):
            text = json.dumps({"logs": list(entries(mix, COUNT))})
            logs = in_logs(json.loads(text)["logs"])
            loading, parsing = median(partial(json.loads, text), runs), median(partial(read_all, logs), runs)
            work = f"parse {COUNT} lines, x json.loads: {mix.__name__}"
            yield work, target, f"{parsing / loading:.1f}", f"{COUNT / parsing:,.0f} lines/s"
        judging, read = verdict(TUNNELS, runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield (
        *(f"verdict on {TUNNELS} x 200 lines with a baseline, x parsing them", "<= 1.5", f"{judging / read:.2f}"),
        f"{peak:.0f} MiB",
    )


def verdict(tunnels: int, runs: int) -> tuple[float, float]:
    """Judge so many tunnels with full logs against a baseline; return the seconds, and those of parsing them."""
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather import logs, query
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.selection import Target
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import judge

    lines = [*entries(mixed, tunnels * TUNNEL_LINES)]
    targets = [Target(f"00000000-0000-4000-8000-{number:012}", f"tunnel-{number}") for number in range(tunnels)]
    asked = query.Query.from_options({**dict.fromkeys(query.query_spec()), "concurrency": 1}.get)

    def gathered(at: float) -> dict[str, Any]:
        readings = [logs.Reading(log, "r1", at, at) for log in in_logs(lines)]
        return json.loads(json.dumps(logs.assemble(targets, readings, asked, compact=True)))

    before, after = (gathered(lines[-1]["time"] + seconds) for seconds in (10, 100))
    judging = median(partial(judge.judge, after, before), runs)
    return judging, median(partial(read_all, [log for _moment in range(2) for log in in_logs(lines)]), runs)


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


if __name__ == "__main__":
    # What parsing so many lines takes, in a process whose memory counts for no other.
    with installed():
        print(median(partial(read_all, in_logs([*entries(mixed, int(sys.argv[1]))])), 3))
