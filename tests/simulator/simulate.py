# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulated gateways whose truth is known, judged as the waiting loop does it: how often is the verdict wrong?

python tests/simulator/simulate.py [--worlds 10000] [--seed 1] [--only SEED] [--quick]

It needs the collection on the path: PYTHONPATH=.cache/collections, as tests/tools/sandbox.py makes it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from functools import partial

from history import History
from service import stamp
from table import table
from truth import Judged, judged, story
from watcher import POLICIES, Scene, watch

_STRIDE = 10_000_000  # seeds of one run lie together
_EVERY = 10


def run(worlds: int, seed: int, every: int = _EVERY, processes: int | None = None) -> list[Judged]:
    """Judge that many worlds, on all cores; C(every) how many of them by each policy (0: none)."""
    seeds = range(seed * _STRIDE, seed * _STRIDE + worlds)
    work = partial(_judged, every=every)
    if processes == 1:
        return list(map(work, seeds))
    with multiprocessing.Pool(processes or os.cpu_count()) as pool:
        return list(pool.imap_unordered(work, seeds, chunksize=20))


def _judged(seed: int, every: int) -> Judged:
    return judged(seed, POLICIES if every and seed % every == 0 else ("default",))


def replay(seed: int, policy: str) -> None:
    """Print what happened in a world, what was to be seen of it, and what the verdict made of it."""
    scene = Scene.at_seed(seed)
    outcome = watch(scene, policy)
    print(f"{seed}: {story(scene)}\n{scene.world}\n")
    _print_history(scene.history)
    print("\nlog at the last reading (when it came, entry):")
    for arrives, at, _event, entry in scene.shown.lines:
        if at > -900 and arrives <= outcome.at:
            print(f"  {arrives:8.1f} {entry['raw_message']}")
    print("\nreadings:")
    for now, evidence in sorted(scene._made.items()):
        row = evidence["vpn_connections"][0]
        print(f"  {now:6.1f} {row['connection']['status']} {row['ipsec_sas']}")
    truth = f"works {scene.history.works(outcome.at)}, tried {scene.history.tried(outcome.at)}"
    tunnel = outcome.verdict["vpn_connections"][0]
    print(f"\nat {outcome.at:.1f} ({stamp(outcome.at)}Z): {truth}, doomed {scene.history.doomed(outcome.at)}")
    print(f"{outcome.verdict['message']}\nsettled {outcome.verdict['settled']}, negotiated {tunnel.get('negotiated')}")
    for found in tunnel["findings"]:
        print(f"  {found['code']}: {found['message']}")


def _print_history(history: History) -> None:
    print("what happened (seconds since the baseline):")
    rows = [
        (event.at, f"{event.what} {event.reason} pair {event.pair} {'rekey' if event.rekey else ''}")
        for event in history.events
    ]
    rows += [(state.at, str(state)) for state in history.states]
    for at, what in sorted(rows):
        if at > -900:
            print(f"  {at:8.1f} {what}")
    for sa in history.sas:
        print(
            f"  SA {sa.number} of pair {sa.pair}: {sa.born:.1f} to cloud {sa.cloud_until:.1f}, peer {sa.peer_until:.1f}"
        )


def main() -> None:
    """Print the table, or one world."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="print this one world")
    parser.add_argument("--policy", choices=POLICIES, default="default", help="by which policy, with --only")
    parser.add_argument("--quick", action="store_true", help="the default policy alone")
    parser.add_argument("--stories", type=int, default=40, help="how many false PASS to tell")
    options = parser.parse_args()
    if options.only is not None:
        replay(options.only, options.policy)
        return
    begin = time.monotonic()
    worlds = run(options.worlds, options.seed, 0 if options.quick else _EVERY)
    print("\n".join(table(sorted(worlds, key=lambda world: world.seed), options.stories)))
    print(f"{time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
