# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Us and others on the same work in the same run, in turn: python tests/benchmark/benchmark.py [PART ...] [--runs N].

Prints medians and ratios. Only ratios mean anything elsewhere. A part is one of those in PARTS.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import in_process
from stage import PROJECT, TOKEN, Cloud, Run, Stage, Times, measure

FEW, MANY, WIDE = 5, 25, 32  # tasks of a play, for the cost of one more; tunnels at a time
PING = {"ansible.builtin.ping": {}}


class Row(NamedTuple):
    """A line of the table: what was done, the target, what came out, and what it was compared with."""

    work: str
    target: str
    ratio: str
    peers: str


def url_of(cloud: Cloud, connection: str) -> str:
    return f"{cloud.url}/v5/{PROJECT}/vpn-connection/{connection}/log"


def ours(ids: list[str], **options: Any) -> dict[str, Any]:
    module = {"vpn_connection_id": ids, "concurrency": WIDE, **options}
    return {"huaweicloud.vpn.vpn_connection_log_info": module, "register": "evidence"}


def uri(url: str) -> dict[str, Any]:
    return {"ansible.builtin.uri": {"url": url, "headers": {"X-Auth-Token": TOKEN}, "return_content": True}}


def shown(times: dict[str, Times]) -> None:
    """Print what was measured."""
    for name, found in times.items():
        print(f"  {name:<58} {found.median:7.2f} s  {found.peak:5.0f} MiB")


def tasks(stage: Stage, runs: int) -> Iterator[Row]:
    """One more task in a play: what it costs above the one before."""
    cloud = stage.cloud(1, 3)
    (one,) = cloud.ids
    url = url_of(cloud, one)
    kinds = {
        "ping": PING,
        "ours, in process": ours([one]),
        "our module": {**ours([one]), "vars": {"huaweicloud_vpn_in_process": False}},
        "our lookup": {
            "ansible.builtin.debug": {"msg": f"{{{{ query('huaweicloud.vpn.vpn_connection_log', '{one}') | length }}}}"}
        },
        "uri": uri(url),
        "bare module with requests": {"bare_requests": {"url": url, "token": TOKEN}},
    }
    contenders = {
        f"{count} x {name}": stage.play(cloud, *[task] * count) for name, task in kinds.items() for count in (FEW, MANY)
    }
    times = measure(contenders, runs)
    shown(times)
    slope = {name: (times[f"{MANY} x {name}"].median - times[f"{FEW} x {name}"].median) for name in kinds}
    ratio = {name: f"{value / slope['ping']:.2f}" for name, value in slope.items()}
    yield Row(*("one tunnel, one task in process, x ping", "<= 0.2", ratio["ours, in process"]), "")
    yield Row(
        *("one tunnel, one module task, x ping", "<= 1.3", ratio["our module"]),
        f"bare module {ratio['bare module with requests']}, uri {ratio['uri']}",
    )
    yield Row(*("one tunnel, one lookup, x ping", "<= 0.35", ratio["our lookup"]), "")


def tunnels(stage: Stage, runs: int) -> Iterator[Row]:
    """Many tunnels in one task, with 50 ms from here to the cloud and back."""
    cloud = stage.cloud(500, 0, 50)
    contenders: dict[str, Callable[[], Run]] = {"a play with one ping": stage.play(None, PING)}
    for count in (100, 500):
        ids = cloud.ids[:count]
        given = {"endpoint": cloud.url, "project_id": PROJECT, "ids": ids}
        given = {**given, "access_key": "EMULATORACCESSKEY001", "secret_key": cloud.environment["HW_SECRET_KEY"]}
        config = "".join(f'url = "{url_of(cloud, one)}"\noutput = "{os.devnull}"\n' for one in ids)
        curl = ["curl", "--silent", "--fail", "--parallel", "--parallel-max", str(WIDE), "--header"]
        curl += [f"X-Auth-Token: {TOKEN}", "--config", stage.file(".curl", config)]
        sdk = [sys.executable, str(Path(__file__).with_name("official_sdk.py"))]
        file = stage.file(".json", json.dumps(given))
        contenders[f"{count}: our module"] = stage.play(cloud, ours(ids))
        contenders[f"{count}: curl --parallel"] = lambda curl=curl: stage.run(curl)
        contenders[f"{count}: the official SDK, threads"] = lambda sdk=sdk, file=file: stage.run(
            [*sdk, str(WIDE), file]
        )
    times = measure(contenders, runs)
    loop = {**uri(url_of(cloud, "{{ item }}")), "loop": cloud.ids[:100], "register": "answers"}
    times |= measure({"100: loop over uri": stage.play(cloud, loop)}, min(runs, 2))
    shown(times)
    ping = times["a play with one ping"].median
    for count, target in ((500, "<= 1.3"), (100, "<= 1.6")):
        curl_time = times[f"{count}: curl --parallel"].median
        above = times[f"{count}: our module"].median - ping
        sdk_time = times[f"{count}: the official SDK, threads"].median
        yield Row(
            *(f"{count} tunnels at 50 ms above a ping play, x curl --parallel", target, f"{above / curl_time:.2f}"),
            f"SDK script with threads {sdk_time / curl_time:.2f}",
        )
    above = times["100: our module"].median - ping
    ratio = (times["100: loop over uri"].median - ping) / above
    yield Row("100 tunnels at 50 ms, times faster than a loop over uri", ">= 60", f"{ratio:.0f}", "")


def alone(_stage: Stage, runs: int) -> Iterator[Row]:
    """Parser and verdict in this process."""
    return (Row(*row) for row in in_process.rows(runs))


# What runs in this process comes last: its memory counts for those that it starts.
PARTS = {part.__name__: part for part in (tasks, tunnels, alone)}


def main() -> None:
    """Run the parts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"out of {', '.join(PARTS)}; all without any")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.parts or PARTS:
        part = PARTS[name]
        print(f"{name}: {part.__doc__} (median, peak memory)")
        with tempfile.TemporaryDirectory() as folder, closing(Stage(Path(folder).resolve())) as stage:
            rows += part(stage, options.runs)
    print(f"\n{'work':<68} {'target':>7}  {'ours':>8}  others")
    for row in rows:
        print(f"{row.work:<68} {row.target:>7}  {row.ratio:>8}  {row.peers}")


if __name__ == "__main__":
    main()
