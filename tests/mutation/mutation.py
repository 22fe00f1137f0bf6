# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mutation testing of what decides: is every small change of the code seen by a unit test?

python mutation.py [GROUP or MODULE ...], in a folder with a copy of ansible_collections, which it changes. The variable
EVERY=5 takes each fifth mutant only.

The changes are those of mutmut. Its own runner leaves out properties and constants, where much of the verdict is; hence
this one: all tests are collected once, and for each mutant a fork exchanges the code of one function and runs the tests
that call it. A mutant of what exists before tests run (a constant, say) gets a process that imports all anew.
A mutant is known by its function and the lines that it changes, for survivors.md to explain it.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from pathlib import Path
from types import CodeType

import libcst as cst
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings
from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

for heavy in ("ansible.plugins.loader", "requests", "yaml"):  # loaded once, for all forks
    importlib.import_module(heavy)

COLLECTION = Path(__file__).resolve().parents[2]
CODE, TESTS = COLLECTION / "plugins" / "module_utils", COLLECTION / "tests" / "unit" / "plugins" / "module_utils"
OUT = Path("mutation").resolve()
KILLER = OUT / "killer"
GROUPS = {
    "verdict": (
        "_verdict/judge _verdict/rules _verdict/evidence _verdict/policy _verdict/ipsec_sas _verdict/ha_groups "
        "_verdict/tunnel_case _log/line _log/known_lines",
        "_verdict/test_judge _verdict/test_judge_evidence _verdict/test_ipsec_sas _verdict/test_ha_groups "
        "_log/test_line _log/test_known_lines",
    ),
    "parser": (
        "_log/event _log/parser _client/response _log/grammar _log/fields _log/reasons _log/summary _time _sanitize",
        "_log/test_parser _log/test_fields test__time _client/test_response _log/test_reasons _log/test_summary "
        "test__time_spans test__sanitize test__sanitize_secrets _gather/test_logs ../../../torture/test_faults",
    ),
    "session": (
        "_client/session _client/auth _client/retry _client/concurrency _client/signing _client/transport_errors",
        "_client/test_session _client/test_retry _client/test_concurrency _client/test_signing test__resetter "
        "_client/test_transport_errors ../../../torture/test_faults",
    ),
}
TABLES = ("_log/reasons",)  # constants that are a catalogue, for which a test of the catalogue is the right one
HYPOTHESIS, MOST = "_hypothesis_internal_use_settings", 60  # cases of a property: they are tried for each mutant
SHARE = int(os.environ.get("EVERY", "1"))
CACHES = ("_MINUTES", "_LINES", "_SHAPES")  # what modules keep of earlier calls, beside functools' caches
HEADER = re.compile(
    r"(?i)(?<=[\"'])(accept-encoding|age|authorization|content-\w+|date|host|location|retry-after|transfer-encoding|"
    r"user-agent|x-[a-z-]+)(?=[\"'])"
)


class Mutants(MutationVisitor):
    """The mutants of a module, as mutmut finds them, but of decorated functions, too."""

    def _skip_node_and_children(self, node):
        return not isinstance(node, cst.FunctionDef) and super()._skip_node_and_children(node)


def mutants_of(name):
    """Yield a mutant of a module each: where, the lines that it changes and their new text, the whole text."""
    text = (CODE / f"{name}.py").read_text(encoding="utf-8")
    visitor = Mutants(mutation_operators, IgnoredCode(set(), set(), set()))
    module = cst.MetadataWrapper(cst.parse_module(text)).visit(visitor)
    owners = {}
    for node in module.body:
        owners[node] = getattr(getattr(node, "name", None), "value", "")
        for member in node.body.body if isinstance(node, cst.ClassDef) else ():
            owners[member] = f"{owners[node]}.{getattr(getattr(member, 'name', None), 'value', '')}"
    for mutation in visitor.mutations:
        where = owners.get(mutation.contained_by_top_level_function, "")
        if not where and name in TABLES:
            continue
        changed = deep_replace(module, mutation.original_node, mutation.mutated_node).code
        was, now = changed_lines(text, changed)
        yield {"module": name, "where": f"{name}.py::{where}", "was": was, "now": now, "text": changed}


def changed_lines(old, new):
    """Return the lines that two texts do not share at their begin or end, each as one line."""
    was, now = old.splitlines(), new.splitlines()
    for end in (0, -1):
        while was and now and was[end] == now[end]:
            del was[end], now[end]
    return tuple(" ".join(" ".join(lines).split()) for lines in (was, now))


def fork(work, limit=0):
    """Return whether work ended well, in a process of its own and within so many seconds."""
    child = os.fork()
    if not child:
        signal.alarm(int(limit))
        try:
            os._exit(0 if work() else 1)
        except BaseException:
            traceback.print_exc()
            os._exit(2)
    return os.waitpid(child, 0)[1] == 0


def live(where):
    """Return the function of the running program at C(file::qualified name), None where that is none."""
    file, _colons, path = where.partition("::")
    found = sys.modules.get(f"ansible_collections.huaweicloud.vpn.plugins.module_utils.{file[:-3].replace('/', '.')}")
    for part in path.split("."):
        found = vars(found).get(part) if found and part else None
    found = inspect.unwrap(getattr(found, "fget", None) or getattr(found, "__func__", found))
    return found if hasattr(found, "__code__") else None


def code_of(text, where, filename):
    """Return the code of a function in the text of its module."""
    code = compile(text, filename, "exec", dont_inherit=True)
    for part in where.partition("::")[2].split("."):
        code = next((item for item in code.co_consts if isinstance(item, CodeType) and item.co_name == part), code)
    return code


class Runner:
    """Plugin of pytest that has the tests run by whom it is given, and notes which functions of ours are called."""

    def __init__(self, loop):
        self.loop, self.called, self.broken = loop, set(), 0
        self.start()

    def start(self):
        for begin in (threading.setprofile, sys.setprofile):
            begin(self.note)

    def note(self, frame, event, _arg):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(f"{CODE}/"):
            # What is defined inside of a function belongs to it.
            self.called.add(f"{os.path.relpath(code.co_filename, CODE)}::{code.co_qualname.partition('.<locals>')[0]}")

    def pytest_runtestloop(self, session):
        sys.setprofile(None)
        threading.setprofile(None)
        forget()
        self.broken = session.testsfailed  # while they were collected
        for item in session.items:
            wanted = getattr(item.function, HYPOTHESIS, None)
            if wanted:
                setattr(item.function, HYPOTHESIS, settings(wanted, max_examples=min(wanted.max_examples, MOST)))
        self.loop(self, session.items)
        return True

    def measure(self, items):
        """Run all tests, and leave for each how long it takes and which functions it calls."""
        early, found = sorted(self.called), {}
        for item in items:
            self.called.clear()
            forget()
            self.start()
            begin = time.monotonic()
            good = passes([item])
            sys.setprofile(None)
            # Being watched makes it slow, which a test of how quick we are may notice.
            if not good and not passes([item]):
                print("fails without any mutant:", item.nodeid, file=sys.stderr)
                return False
            found[item.nodeid] = (time.monotonic() - begin, sorted(self.called))
        (OUT / "tests.json").write_text(json.dumps([early, found]), encoding="utf-8")
        return True


def forget():
    """Empty what modules keep of earlier calls: a function that is not called for it is not tried with its mutants."""
    for name, module in list(sys.modules.items()):
        for key, value in [*vars(module).items()] if name.startswith("ansible_collections.huaweicloud") else ():
            (value.clear if key in CACHES else getattr(value, "cache_clear", int))()


def passes(items):
    """Run tests up to the first that fails, and leave its name."""
    for item in items:
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=None)):
            KILLER.write_text(item.nodeid, encoding="utf-8")
            return False
    return True


def collect(files, loop):
    """Collect tests with pytest and hand them to the loop."""
    # A property that fails is enough to know, nobody needs the smallest case.
    settings.register_profile("mutation", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])
    settings.load_profile("mutation")
    paths = [str(TESTS / f"{file}.py") for file in files.split()]
    options = [f"--rootdir={COLLECTION}", "-p", "no:cacheprovider", "-p", "no:terminal", "--import-mode=importlib"]
    return pytest.main([*options, *paths], plugins=[Runner(loop)]) == 0


def quickly(mutants, runner, items):
    """Try the mutants of functions, and leave which were killed."""
    if not fork(lambda: runner.measure(items)):
        return
    _early, found = json.loads((OUT / "tests.json").read_text(encoding="utf-8"))
    by_id, killed, killers = {item.nodeid: item for item in items}, [], Counter()
    for number, mutant in enumerate(mutants):
        function, new = live(mutant["where"]), None
        if function:
            new = code_of(mutant["text"], mutant["where"], function.__code__.co_filename)
        if new is None or new == function.__code__ or new.co_freevars != function.__code__.co_freevars:
            continue  # It changes what was made before any test.
        chosen = {test: spent for test, (spent, called) in found.items() if mutant["where"] in called}
        # What has seen most so far goes first, and of others the quickest.
        order = sorted(chosen, key=lambda test: (-killers[test], chosen[test]))
        KILLER.unlink(missing_ok=True)

        def work(function=function, new=new, order=order):
            function.__code__ = new
            return passes([by_id[test] for test in order])

        good = fork(work, 10 + 3 * sum(chosen.values()))
        killed.append((number, not good))
        if KILLER.is_file():
            killers[KILLER.read_text(encoding="utf-8")] += 1
        (OUT / "killed.json").write_text(json.dumps(killed), encoding="utf-8")


def anew(mutant, files):
    """Return whether all tests pass, the quick ones first, when the mutant is imported from the beginning."""
    path = CODE / f"{mutant['module']}.py"
    kept = path.read_text(encoding="utf-8")
    _early, found = json.loads((OUT / "tests.json").read_text(encoding="utf-8"))

    def loop(runner, items):
        if runner.broken:
            os._exit(1)
        os._exit(0 if passes(sorted(items, key=lambda item: found.get(item.nodeid, (0,))[0])) else 1)

    path.write_text(mutant["text"], encoding="utf-8")
    try:
        return fork(lambda: collect(files, loop), 60 + 3 * sum(spent for spent, _called in found.values()))
    finally:
        path.write_text(kept, encoding="utf-8")


def is_equal(mutant):
    """Tell whether it is left out: it only changes where visible() cuts, or the capitals of a header's name.

    That visible() cuts is tested with it, and the names of headers have no case.
    """
    was, now = (HEADER.sub("", mutant[name]) for name in ("was", "now"))
    if "visible(" in was:
        was, now = (re.sub(r", ?\d*\)", ")", text) for text in (was, now))
    return was == now


def explained():
    """Return the mutants that survivors.md explains."""
    rows = (COLLECTION / "tests" / "mutation" / "survivors.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", row)[1:4]] for row in rows if row[:3] == "| `"]
    return {tuple(cell.replace("\\|", "|") for cell in row) for row in cells}


def try_group(group, wanted, known):
    """Try the mutants of a group, print what survives without explanation and the counts; return how many do."""
    modules, files = GROUPS[group]
    modules = [name for name in modules.split() if not wanted or {group, name} & {*wanted}]
    mutants = [mutant for name in modules for mutant in mutants_of(name)][::SHARE]
    if not mutants:
        return 0
    for name in ("tests.json", "killed.json"):
        (OUT / name).unlink(missing_ok=True)
    fork(lambda: collect(files, lambda runner, items: quickly(mutants, runner, items)))
    if not (OUT / "tests.json").is_file():
        sys.exit(f"{group}: the tests fail without any mutant")
    early, _found = json.loads((OUT / "tests.json").read_text(encoding="utf-8"))
    original = {"module": modules[0], "text": (CODE / f"{modules[0]}.py").read_text(encoding="utf-8")}
    if not anew(original, files):
        sys.exit(f"{group}: the tests fail without any mutant")
    killed = dict(json.loads((OUT / "killed.json").read_text(encoding="utf-8")))
    for number, mutant in enumerate(mutants):
        if number not in killed or (not killed[number] and mutant["where"] in early):
            killed[number] = not anew(mutant, files)
    left = [mutants[number] for number in sorted(killed) if not killed[number]]
    unexplained = [one for one in left if not is_equal(one) and (one["where"], one["was"], one["now"]) not in known]
    for one in unexplained:
        print(f"{one['where']}\n  - {one['was']}\n  + {one['now']}")
    tried = {(one["where"], one["was"], one["now"]) for one in mutants}
    for where, was, now in sorted(known - {(one["where"], one["was"], one["now"]) for one in left}):
        if where.partition(".py")[0] in modules and (SHARE == 1 or (where, was, now) in tried):
            print(f"{where}\n  - {was}\n  + {now}\n  does not survive (any more): its row in survivors.md can go")
    count, good = len(mutants), len(mutants) - len(left)
    share = 100 * good / max(1, count - len(left) + len(unexplained))
    print(
        f"{group}: {count} mutants, {good} killed, {len(left)} survived, of these {len(left) - len(unexplained)} "
        f"explained; {share:.1f} % of the others killed",
        flush=True,
    )
    return len(unexplained)


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    survivors = explained()
    sys.exit(1 if sum([try_group(group, sys.argv[1:], survivors) for group in GROUPS]) else 0)
