# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Us and others on the same work in the same run, in turn: python tests/benchmark/benchmark.py [PART ...] [--runs N].

Prints medians, spread and ratios. Only ratios mean anything elsewhere. A part is one of those in PARTS.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import in_process
import throttled
from plot import svg
from stage import PROJECT, ROOT, TOKEN, Cloud, Run, Stage, Times, measure

FEW, MANY = 5, 25  # tasks of a play, for the cost of one more
WIDE = 32
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
        print(f"  {name:<58} {found.median:7.2f} s  {found.spread:>16}  {found.peak:5.0f} MiB  {found.served:4.0%}")


def tasks(stage: Stage, runs: int) -> Iterator[Row]:
    """One more task in a play: what it costs above the one before."""
    cloud = stage.cloud(1, 3)
    (one,) = cloud.ids
    url = url_of(cloud, one)
    sdk = {name[3:].lower(): value for name, value in cloud.environment.items() if name.startswith("HW_")}
    sdk = {name: sdk[name] for name in ("access_key", "secret_key", "project_id")}
    kinds = {
        "ping": PING,
        "ours, in process": ours([one]),
        "our module": {**ours([one]), "vars": {"huaweicloud_vpn_in_process": False}},
        "our lookup": {
            "ansible.builtin.debug": {"msg": f"{{{{ query('huaweicloud.vpn.vpn_connection_log', '{one}') | length }}}}"}
        },
        "uri": uri(url),
        "bare module with requests": {"bare_requests": {"url": url, "token": TOKEN}},
        "bare lookup with requests": {
            "ansible.builtin.debug": {"msg": f"{{{{ query('bare_requests', '{url}', '{TOKEN}') | length }}}}"}
        },
        "module on the official SDK": {"official_sdk": {**sdk, "endpoint": cloud.url, "vpn_connection_id": one}},
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
        f"bare module {ratio['bare module with requests']}, uri {ratio['uri']}, "
        f"SDK {ratio['module on the official SDK']}",
    )
    yield Row(
        *("one tunnel, one lookup, x ping", "<= 0.35", ratio["our lookup"]),
        f"bare lookup {ratio['bare lookup with requests']}",
    )


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
    slow = {
        "100: the official SDK, one after the other": lambda file=file: stage.run([*sdk, "1", small]),
        "100: loop over uri": stage.play(
            cloud, {**uri(url_of(cloud, "{{ item }}")), "loop": cloud.ids[:100], "register": "answers"}
        ),
    }
    small = stage.file(".json", json.dumps({**given, "ids": cloud.ids[:100]}))
    times |= measure(slow, min(runs, 2))
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
    loop, sdk_time = (times[name].median for name in reversed(slow))
    yield Row(
        *("100 tunnels at 50 ms, times faster than a loop over uri", ">= 60", f"{(loop - ping) / above:.0f}"),
        f"than the SDK one after the other {sdk_time / above:.0f}",
    )


def entries(stage: Stage, runs: int) -> Iterator[Row]:
    """Five hundred tunnels with two hundred lines each, of which since keeps few."""
    empty, full = stage.cloud(500, 0), stage.cloud(500, 200)
    contenders = {
        "500 empty logs": stage.play(empty, ours(empty.ids, since="1m")),
        "500 x 200 lines, since keeps few": stage.play(full, ours(full.ids, since="1m")),
        "500 x 200 lines, all, compact": stage.play(full, ours(full.ids, compact=True)),
    }
    times = measure(contenders, runs)
    shown(times)
    floor = in_process.reading(full.url, runs)
    print(f"  reading and parsing those lines alone {floor:.2f} s")
    names = list(contenders)
    few, every = (times[name].median - times[names[0]].median for name in names[1:])
    yield Row(
        *("500 x 200 lines, since keeps few, above empty logs, x reading alone", "<= 1.2", f"{few / floor:.2f}"),
        f"all lines in compact form {every / floor:.2f}; peak {max(found.peak for found in times.values()):.0f} MiB",
    )


def alone(stage: Stage, runs: int) -> Iterator[Row]:
    """Parser and verdict in this process."""
    for work, target, ratio, peers in in_process.rows(runs):
        yield Row(work, target, ratio, peers)


def limits(stage: Stage, runs: int) -> Iterator[Row]:
    """Twenty tasks at once on a service that serves ten requests a second, and a role that waits."""
    for work, target, ratio, peers in throttled.rows(stage):
        yield Row(work, target, ratio, peers)


def scaling(stage: Stage, runs: int) -> Iterator[Row]:
    """One task, from one tunnel to two thousand; draws docs/scaling.svg."""
    ping = measure({"a play with one ping": stage.play(None, PING)}, runs)
    shown(ping)
    base = ping["a play with one ping"].median
    series = {}
    for lines, label in ((0, "empty logs"), (200, "200 lines each")):
        cloud = stage.cloud(2000, lines)
        contenders = {
            str(count): stage.play(cloud, ours(cloud.ids[:count], compact=True, timeout=300))
            for count in (1, 10, 100, 500, 2000)
        }
        times = measure(contenders, min(runs, 3))
        shown({f"{count} tunnels, {label}": found for count, found in times.items()})
        series[label] = [(int(count), found.median - base) for count, found in times.items()]
        for count, above in series[label]:
            yield Row(
                *(f"{count} tunnels, {label}, above a ping play", "", f"{above:.2f} s"),
                f"{above / count * 1000:.1f} ms a tunnel; peak {times[str(count)].peak:.0f} MiB",
            )
    picture = svg(series, "tunnels in one task", "seconds above a ping")
    (ROOT / "docs" / "scaling.svg").write_text(picture, "utf-8")


# What runs in this process comes last: its memory counts for those that it starts.
PARTS = {part.__name__: part for part in (tasks, tunnels, entries, limits, scaling, alone)}


def main() -> None:
    """Run the parts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"out of {', '.join(PARTS)}; all without any")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.parts or PARTS:
        part = PARTS[name]
        print(f"{name}: {part.__doc__} (median, quickest and slowest, peak memory, CPU of the emulator)")
        with tempfile.TemporaryDirectory() as folder:
            stage = Stage(Path(folder).resolve())
            try:
                rows += part(stage, options.runs)
            finally:
                stage.close()
    print(f"\n{'work':<68} {'target':>7}  {'ours':>8}  others")
    for row in rows:
        print(f"{row.work:<68} {row.target:>7}  {row.ratio:>8}  {row.peers}")


if __name__ == "__main__":
    main()
