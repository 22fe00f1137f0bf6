# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parser and verdict without Ansible and network, beside what reading alone costs."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import parse

TUNNELS = 500


def median(work: Callable[[], Any], runs: int) -> float:
    """Return the seconds that the work takes."""
    seconds = []
    for _run in range(runs):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def read_all(bodies: list[bytes]) -> None:
    """Read and parse the answers of the service, and add up what they say."""
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.response import json_object
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.parser import read
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._log.summary import summarise

    for body in bodies:
        summarise([read(entry)[0] for entry in json_object(body)["logs"]])


def reading(url: str, runs: int) -> float:
    """Return the seconds that it takes to read and parse all that an emulator has to say."""
    return float(subprocess.check_output([sys.executable, __file__, "reading", url, str(runs)]))


def _reading(url: str, runs: int) -> float:
    world = json.loads(subprocess.check_output(["curl", "--silent", "--noproxy", "*", f"{url}/emulator/world"]))
    bodies = [json.dumps({"logs": connection["logs"]}).encode() for connection in world["connections"]]
    return median(partial(read_all, bodies), runs)


def rows(runs: int) -> Iterator[tuple[str, str, str, str]]:
    """Return what the parser takes beside json.loads, and the verdict beside the parser."""
    with parse.installed():
        for mix, target in ((parse.storm, "<= 6"), (parse.different, "<= 6"), (parse.mixed, "<= 6")):
            speed, ratio = parse.compare(mix, 100_000)
            yield f"parse 100 000 lines, x json.loads: {mix.__name__}", target, f"{ratio:.1f}", f"{speed:,.0f} lines/s"
    command = [sys.executable, __file__, "verdict"]
    small, large = (
        json.loads(subprocess.check_output([*command, str(count), str(runs)])) for count in (TUNNELS // 5, TUNNELS)
    )
    linear = large["seconds"] / 5 / small["seconds"]
    yield (
        *(f"verdict on {TUNNELS} x 200 lines with a baseline, x parsing them", "<= 2", f"{large['ratio']:.2f}"),
        f"5 x the tunnels take 5 x {linear:.2f} as long; peak {large['peak']:.0f} MiB",
    )


def verdict(tunnels: int, runs: int) -> dict[str, float]:
    """Judge so many tunnels with full logs against a baseline."""
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather import query
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.selection import Target
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import judge

    lines = [*parse.entries(parse.mixed, tunnels * parse.TUNNEL_LINES)]
    targets = [Target(f"00000000-0000-4000-8000-{number:012}", f"tunnel-{number}") for number in range(tunnels)]
    query = query.Query.from_options({**dict.fromkeys(query.query_spec()), "concurrency": 1}.get)

    def gathered(lines: list[dict[str, Any]], at: float) -> dict[str, Any]:
        logs = [lines[number * parse.TUNNEL_LINES :][: parse.TUNNEL_LINES] for number in range(tunnels)]
        readings = [logs.Reading(log, "r1", at, at) for log in logs]
        return json.loads(json.dumps(logs.assemble(targets, readings, query, compact=True)))

    before, after = (gathered(lines, lines[-1]["time"] + seconds) for seconds in (10, 100))
    del lines
    bodies = [f'{{"logs": {row["log"]}}}'.encode() for row in (*before["vpn_connections"], *after["vpn_connections"])]
    parsing = median(partial(read_all, bodies), runs)
    del bodies
    judging = median(partial(judge.judge, after, before), runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": judging, "ratio": judging / parsing, "peak": peak}


if __name__ == "__main__":
    with parse.installed():
        if sys.argv[1] == "reading":
            print(_reading(sys.argv[2], int(sys.argv[3])))
        else:
            print(json.dumps(verdict(int(sys.argv[2]), int(sys.argv[3]))))
