# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Us and others on the same work in the same run, in turn: python tests/benchmark/benchmark.py [PART ...] [--runs N].

Prints one table of ratios, and how the time grows. Only ratios mean anything elsewhere. A part is one of PARTS.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import in_process
from stage import TOKEN, Stage, measure

FEW, MANY, WIDE = 2, 12, 32  # tasks of a play, for the cost of one more; tunnels at a time
OURS = "huaweicloud.vpn.vpn_connection_"
PING = {"ansible.builtin.ping": {}}
EMPTY = {"ansible.builtin.debug": {"msg": ""}}


class Row(NamedTuple):
    """A line of the table: what was done, the target, what came out, and what it was compared with."""

    work: str
    target: str
    measured: str
    peers: str = ""


def log_info(ids: list[str], **options: Any) -> dict[str, Any]:
    return {f"{OURS}log_info": {"vpn_connection_id": ids, "concurrency": WIDE, **options}, "register": "evidence"}


def verify(ids: list[str]) -> dict[str, Any]:
    return {f"{OURS}verify": {"vpn_connection_id": ids, "concurrency": WIDE, "since": "1m", "quiet_for": 0}}


def uri(url: str) -> dict[str, Any]:
    return {"ansible.builtin.uri": {"url": url, "headers": {"X-Auth-Token": TOKEN}, "return_content": True}}


def tasks(stage: Stage, runs: int) -> Iterator[Row]:
    """One more task in a play: processor time above the one before."""
    cloud = stage.cloud(1, 20)
    (one,) = cloud.ids
    remote = {"vars": {"huaweicloud_vpn_in_process": False}}
    query = f"{{{{ query('{OURS}log', '{one}') | length }}}}"
    info = {f"{OURS}info": {"vpn_connection_id": [one]}}
    kinds = {
        "ping": PING,
        "an empty action": EMPTY,
        "uri": uri(cloud.log_of(one)),
        "a module on the SDK": {"official_sdk": {"id": one}},
        "log_info": log_info([one]),
        "info": info,
        "a lookup": {"ansible.builtin.debug": {"msg": query}},
        "a lookup after one of our tasks": {"ansible.builtin.debug": {"msg": query}},
        "log_info as a module": {**log_info([one]), **remote},
        "info as a module": {**info, **remote},
    }
    plays = {
        f"{count} {name}": stage.play(cloud, *([info] if "after" in name else []), *[task] * count)
        for name, task in kinds.items()
        for count in (FEW, MANY)
    }
    found = measure(plays, runs)
    slope = {name: found[f"{MANY} {name}"].cpu - found[f"{FEW} {name}"].cpu for name in kinds}
    ratio = {name: f"{value / slope['ping']:.2f}" for name, value in slope.items()}
    peers = ", ".join(f"{name} {ratio[name]}" for name in ("an empty action", "uri", "a module on the SDK"))
    for name, target in zip([*kinds][4:], ("<= 0.2", "<= 0.2", "<= 0.6", "<= 0.2", "<= 1.45", "<= 1.45")):
        yield Row(f"one task of 20 lines: {name}, x ping", target, ratio[name], peers)


def tunnels(stage: Stage, runs: int) -> Iterator[Row]:
    """500 tunnels in one task, 50 ms away: time above a play without work."""
    for lines, target in ((20, 1.5), (200, 2)):
        cloud = stage.cloud(500, lines, 50)
        loop = {**uri(cloud.log_of("{{ item }}")), "loop": cloud.ids[:25], "register": "answers"}
        plays = {
            "empty": stage.play(None, EMPTY),
            "ping": stage.play(None, PING),
            "curl": stage.curl(cloud, WIDE),
            "verify": stage.play(cloud, verify(cloud.ids)),
            "few": stage.play(cloud, log_info(cloud.ids, since="1m")),
        }
        more = {"all": stage.play(cloud, log_info(cloud.ids)), "loop": stage.play(cloud, loop)}
        found = measure(plays, runs) | measure(more if lines == 200 else {}, 1)
        empty, ping, curl = (found[name].seconds for name in ("empty", "ping", "curl"))
        stage.run([sys.executable, in_process.__file__, str(500 * lines)])
        parsing = float(stage.output.read_text("utf-8"))
        ratio = (found["verify"].seconds - empty - parsing) / (3 * curl)
        peak = f"{found['verify'].peak:.0f} MiB"
        yield Row(f"verify 500 x {lines} lines, without parsing, x three curl", f"<= {target}", f"{ratio:.2f}", peak)
        if lines == 200:
            few, every = found["few"].seconds - empty, found["all"].seconds - ping
            row = f"log_info 500 x {lines} lines"
            yield Row(f"{row}, since keeps few, x curl and json", "<= 1.4", f"{few / curl:.2f}", found["few"].size)
            yield Row(f"{row}, all entries, s above a ping", "<= 8", f"{every:.1f}", found["all"].size)
            looped = f"{20 * (found['loop'].seconds - ping):.0f}"
            yield Row("a loop of uri over 500 tunnels, s above a ping", "", looped, "25 of them timed")
        stage.close()


def growth(stage: Stage, _runs: int) -> Iterator[Row]:
    """How the time above an empty action grows with tunnels of 20 lines, and with the lines of 100 tunnels."""
    empty = measure({"an empty action": stage.play(None, EMPTY)}, 1)["an empty action"].cpu
    steps = [(count, 20) for count in (1, 500, 1000, 1500, 2000)] + [(100, lines) for lines in (0, 50, 100, 150, 200)]
    found = {}
    for count, lines in steps:
        cloud = stage.cloud(count, lines)
        found[count, lines] = measure({"it": stage.play(cloud, log_info(cloud.ids, compact=True))}, 1)["it"]
        stage.close()
    for part in (steps[:5], steps[5:]):
        most = max(found[step].cpu - empty for step in part)
        for step in part:
            spent = found[step].cpu - empty
            bar = "#" * round(40 * spent / most)
            print(f"{step[0]:>5} tunnels x {step[1]:>3} lines {bar:<40} {spent:6.2f} s  {found[step].size}")
    peak = max(run.peak for run in found.values())
    yield Row("peak memory of those, MiB", "<= 256", f"{peak:.0f}")


def hosts(stage: Stage, runs: int) -> Iterator[Row]:
    """Each tunnel of 20 lines as a host of the inventory, verified by the playbook."""
    pings = {f"{count} ping": stage.play(None, *[PING] * count) for count in (FEW, MANY)}
    found = measure(pings, runs)
    ping = (found[f"{MANY} ping"].cpu - found[f"{FEW} ping"].cpu) / (MANY - FEW)
    given = "tunnels=vpn_connections tunnel_verify_since=1m tunnel_verify_quiet_for=0 tunnel_verify_concurrency=32"
    for count in (200, 2000):
        name = f"{count} hosts"
        found |= measure({name: stage.playbook(stage.cloud(count, 20), "verify", "-e", given)}, 1)
        stage.close()
    all_of_them = found["2000 hosts"]
    further = (all_of_them.cpu - found["200 hosts"].cpu) / 1800
    yield Row("a further host, processor, x ping", "<= 0.6", f"{further / ping:.2f}")
    yield Row("2 000 hosts verified, s", "", f"{all_of_them.seconds:.0f}", all_of_them.size)


def alone(_stage: Stage, runs: int) -> Iterator[Row]:
    """Parser and verdict in this process."""
    return (Row(*row) for row in in_process.rows(runs))


# What runs in this process comes last: its memory counts for those that it starts.
PARTS = {part.__name__: part for part in (tasks, tunnels, growth, hosts, alone)}


def main() -> None:
    """Run the parts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"out of {', '.join(PARTS)}; all without any")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.parts or PARTS:
        print(f"{name}: {PARTS[name].__doc__}", flush=True)
        with tempfile.TemporaryDirectory() as folder, closing(Stage(Path(folder).resolve())) as stage:
            rows += PARTS[name](stage, options.runs)
    print(f"\n{'work':<64} {'target':>7}  {'measured':>8}  peers")
    for row in rows:
        print(f"{row.work:<64} {row.target:>7}  {row.measured:>8}  {row.peers}")


if __name__ == "__main__":
    main()
