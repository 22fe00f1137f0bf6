# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test sessions. `make help` lists the usual ways to start them.

Those that can share a virtual environment do: one for each ansible-core, and one for the tools; see _use().
"""

from __future__ import annotations

import fcntl
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

nox.options.sessions = "lint unit browser sanity integration build docs".split()
nox.options.default_venv_backend = "none"

# Which Pythons each ansible-core runs on as controller, the one to test it with first.
CORES = {
    "2.16": ("3.11", "3.10", "3.12"),
    "2.17": ("3.11", "3.10", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.13", "3.12", "3.14"),
}


def _python_for(core: str) -> str:
    """Return the Python to test an ansible-core with: the first that is there."""
    return next((version for version in CORES[core] if shutil.which(f"python{version}")), CORES[core][0])


# What breaks, breaks at the ends first: the oldest and the newest that this machine has a Python for.
ENDS = [core for core in CORES if shutil.which(f"python{_python_for(core)}")] or [*CORES]
NEWEST = ENDS[-1]
OLDEST_TARGET = "3.9"

# Whether the lines that tests run are counted: make coverage. That takes memory and time, and sets variables, which the
# torture suite would notice.
COUNTED = bool(os.environ.get("COUNT_LINES"))
# Whether everything runs on each ansible-core (make test-all), or what is slow on the newest only.
WHOLE = bool(os.environ.get("WHOLE"))


def _cores() -> list[str]:
    """Return the ansible-core versions to test: what CORES names, else all or the ends."""
    wanted = os.environ.get("CORES", "").split() or (["all"] if WHOLE else [NEWEST] if COUNTED else [ENDS[0], NEWEST])
    return list(CORES) if wanted == ["all"] else list(dict.fromkeys(wanted))


MATRIX = [nox.param(core, id=f"core-{core}") for core in _cores()]
# Plays: ansible-test's targets on the oldest, the unit tests that start Ansible on the newest.
SLOW, PLAYED = (MATRIX, MATRIX) if WHOLE or COUNTED else (MATRIX[-1:], MATRIX[:1])
COVERAGE = sandbox.CACHE / "coverage"
# By files: what the tests of a file share is not made twice. Three on two processors: they wait for emulators, too.
SIDE_BY_SIDE = ("-n", "3", "--dist", "loadfile")
REQUIREMENTS = {"core": "tests/unit/requirements.txt", "tools": "tests/tools/lint.txt"}
# What has nothing, or next to nothing, of Ansible: tried on the newest ansible-core only.
PURE = ("emulator", "plugins/module_utils", "plugins/plugin_utils/_report")


def _use(session: nox.Session, core: str = NEWEST, *more: str, kind: str = "core") -> None:
    """Let a session run what stands in the shared environment of an ansible-core, or of the tools; make it if need be.

    C(more) is what only this session needs. A session whose Python is missing is skipped, and reported as such.
    """
    version = _python_for(core)
    if not shutil.which(f"python{version}"):
        session.skip(f"no Python {version} on this machine")
    requirements = ROOT / REQUIREMENTS[kind]
    folder = ROOT / ".nox" / f"{kind}-{core}"
    stamp = folder / f"installed-{session.name.partition('(')[0] if more else 'all'}"
    wanted = "".join(file.read_text(encoding="utf-8") for file in sorted(ROOT.glob("tests/*/*.txt"))) + " ".join(more)
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        # Sessions run side by side.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "bin").is_dir():
            session.run(sys.executable, "-m", "virtualenv", "--quiet", "--python", version, str(folder))
        # nox looks for programs on its own PATH; its sessions run one after the other.
        os.environ["PATH"] = f"{folder / 'bin'}{os.pathsep}{_environment['PATH']}"
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
            # Most of it is never imported: to compile all of it would take half the time.
            install = (str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-compile")
            session.run(*install, f"ansible-core~={core}.0", "-r", str(requirements), *more)
            stamp.write_text(wanted, encoding="utf-8")


def _use_coverage(session: nox.Session, core: str) -> None:
    """Have the version of coverage that ansible-test insists on."""
    wanted = re.search(r"CoverageVersion\('([0-9.]+)'", _ansible_test_source(session, "coverage_util"))
    _use(session, core, f"coverage=={wanted[1]}")


@nox.session
@nox.parametrize("core", MATRIX)
def unit(session: nox.Session, core: str) -> None:
    """Run the unit tests; on the oldest ansible-core those of faces, in-process; nightly ones where all is run.

    Arguments after -- go to pytest.
    """
    _use(session, core)
    if COUNTED:
        _use_coverage(session, core)
        _forget_coverage("unit")
        counting = ("coverage", "run", "--rcfile=tests/tools/coverage.ini")
        chosen = (*SIDE_BY_SIDE, "-m", "not nightly", "tests/unit")
        _pytest(session, *chosen, program=counting, COVERAGE_FILE=str(COVERAGE / "unit"))
    elif any(core in param.args for param in SLOW):
        chosen = ("tests/unit",) if WHOLE else ("-m", "not nightly", "tests/unit")
        _pytest(session, *SIDE_BY_SIDE, *chosen, **({"EXAMPLES": "all"} if WHOLE else {}))
    else:
        left_out = [f"--ignore=tests/unit/{folder}" for folder in PURE]
        _pytest(session, "-m", "not ansible and not slow", *left_out, "tests/unit")


def _pytest(session: nox.Session, *arguments: str, program: tuple[str, ...] = ("python",), **variables: str) -> None:
    """Run pytest with what is given after --, else with the arguments, and count what it says."""
    report = sandbox.CACHE / "results" / f"{session.name}.xml"
    report.unlink(missing_ok=True)
    try:
        session.run(*program, "-m", "pytest", f"--junitxml={report}", *(session.posargs or arguments), env=variables)
    finally:
        _record(session, *_count_junit([report]), may_skip=session.name == "browser")


@nox.session
def browser(session: nox.Session) -> None:
    """Look at HTML reports with the machine's Chromium; without one, all of it is skipped (arguments go to pytest)."""
    _use(session, NEWEST, "playwright~=1.55")
    _pytest(session, "-rs", "tests/browser")


@nox.session
def eda(session: nox.Session) -> None:
    """Break tunnels while a rulebook watches them under ansible-rulebook, which wants Java (arguments go to pytest)."""
    if not shutil.which("java"):
        _record(session, 0, 0, 1, may_skip=True)
        session.skip("ansible-rulebook needs Java 17")
    _use(session, NEWEST, "ansible-rulebook~=1.3.2")
    _pytest(session, "tests/eda")


@nox.session
def torture(session: nox.Session) -> None:
    """Run the whole torture suite, of which unit runs a part (arguments after -- go to pytest)."""
    _use(session)
    _pytest(session, "tests/torture", TORTURE="whole")


@nox.session
def benchmark(session: nox.Session) -> None:
    """Measure us and others on the same work (arguments after -- go to the program: parts, --runs)."""
    _use(session)
    session.run("python", "tests/benchmark/benchmark.py", *session.posargs)


@nox.session
@nox.parametrize("core", SLOW)
def sanity(session: nox.Session, core: str) -> None:
    """Run the sanity tests; all of them, and for all files, only where everything runs.

    Else left out are files of tests, Pythons between the oldest of targets and that of the controller, pylint, what
    session lint does, too (ansible-doc by antsibull-docs, the change log, pep8 by ruff), and to import everything on
    the controller's Python: on the oldest it is done, and test_architecture.py says what may be imported.
    Arguments after -- go to ansible-test, for example: --test validate-modules.
    """
    _use(session, core)
    workspace = _workspace(session)
    _plant_get_pip(session)
    rounds = [session.posargs]
    if not WHOLE and not session.posargs:
        left = ["ansible-doc", "changelog", "pep8", "pylint"]
        if shutil.which(f"python{OLDEST_TARGET}"):
            rounds.append(("--test", "compile", "--test", "import", "--python", OLDEST_TARGET))
            left.append("import")
        rounds[0] = ("--python", _python_for(core), *(f"--skip-test={name}" for name in left))
    # A template of GitLab with inputs is two documents in one file, which Ansible's yamllint never takes.
    left_out = ("--exclude", "pipelines/gitlab/", *(() if WHOLE else ("--exclude", "tests/")))
    try:
        with session.chdir(workspace):
            for options in rounds:
                session.run("ansible-test", "sanity", "--local", "--color", "no", "--junit", *left_out, *options)
    finally:
        _record(session, *_count_junit(workspace.glob("tests/output/junit/*.xml")))


@nox.session
@nox.parametrize("core", PLAYED)
def integration(session: nox.Session, core: str) -> None:
    """Run the integration tests against the emulator (arguments after -- go to ansible-test, for example a target)."""
    _use(session, core)
    if COUNTED:
        _use_coverage(session, core)
    workspace = _integrate(session, "--local", *(["--coverage"] if COUNTED else []), *session.posargs)
    if COUNTED:
        _forget_coverage("integration")
        for number, file in enumerate(workspace.glob("tests/output/coverage/*=coverage.*")):
            shutil.copy(file, COVERAGE / f"integration.{number}")


MODULES = ("vpn_connection_info", "vpn_connection_log_info", "vpn_connection_reset")


@nox.session
@nox.parametrize("target", [nox.param(version, id=f"python-{version}") for version in (OLDEST_TARGET, "3.10")])
def modules(session: nox.Session, target: str) -> None:
    """Run the integration tests with modules on a Python that is too old for ansible-core, but not for a target."""
    if not shutil.which(f"python{target}"):
        session.skip(f"no Python {target} on this machine")
    _use(session)
    _plant_get_pip(session)
    _integrate(session, "--venv", "--python", target, *(session.posargs or MODULES))


def _integrate(session: nox.Session, *options: str) -> Path:
    """Run ansible-test's integration tests in a workspace, which is returned, and count the targets."""
    workspace = _workspace(session)
    command = ["ansible-test", "integration", "--color", "no", *options]
    with session.chdir(workspace):
        listed = session.run(*command, "--list-targets", silent=True, stderr=subprocess.DEVNULL) or ""
        failed = 1
        try:
            session.run(*command, "--continue-on-error")
            failed = 0
        finally:
            done = _count_targets(workspace)
            left = max(len(listed.split()) - done, failed)
            _record(session, done, left if failed else 0, 0 if failed else left)
    return workspace


@nox.session
def coverage(session: nox.Session) -> None:
    """Say how much of the code the unit and the integration tests have run, each line and branch; below 97 % fails."""
    counted = [file for kind in ("unit", "integration") for file in COVERAGE.glob(f"{kind}.*")]
    kinds = {file.name.partition(".")[0] for file in counted}
    if kinds != {"unit", "integration"}:
        session.skip("only after unit and integration tests that counted lines: make coverage")
    _use(session)
    _use_coverage(session, NEWEST)
    settings, env = "--rcfile=tests/tools/coverage.ini", {"COVERAGE_FILE": str(COVERAGE / "all")}
    session.run("coverage", "combine", "--quiet", "--keep", settings, *map(str, counted), env=env, log=False)
    session.run("coverage", "report", "--fail-under=97", settings, env=env)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, spelling, types, licences, change log and documentation."""
    _use(session, kind="tools")
    failed = []
    workspace = _workspace(session)
    package = "ansible_collections.huaweicloud.vpn"
    docs = "antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --validate-collection-refs all ."
    for command, folder in (
        ("ruff check --output-format concise .", ROOT),
        ("ruff format --check .", ROOT),
        ("yamllint --strict .", workspace),
        ("codespell .", workspace),
        ("reuse lint --lines", workspace),
        (f"mypy --config-file {ROOT}/.mypy.ini -p {package}.plugins -p {package}.extensions", ROOT),
        ("ansible-lint --offline", workspace),
        ("antsibull-changelog lint", workspace),
        ("check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/test.yml", workspace),
        ("check-jsonschema --builtin-schema vendor.gitlab-ci .gitlab-ci.yml", workspace),
        ("check-jsonschema --builtin-schema vendor.github-actions pipelines/github/action.yml", workspace),
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


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site in build/docs: the guide, what is in docs, a page for each plugin and role; no warning passes."""
    _use(session, NEWEST, "furo~=2025.12", "myst-parser~=5.0", kind="tools")
    workspace = _workspace(session)
    pages, site = workspace.parents[2] / "pages", ROOT / "build" / "docs"
    pages.mkdir(mode=0o700)  # antsibull-docs refuses a folder that others may write to
    made = "collection --use-current --squash-hierarchy --fail-on-error huaweicloud.vpn --dest-dir".split()
    session.run("antsibull-docs", *made, str(pages))
    for page in [*(workspace / "docs").glob("*.md"), *(workspace / "docs").glob("*.svg")]:
        shutil.copy(page, pages / "docsite")
    shutil.rmtree(site, ignore_errors=True)
    session.run(
        "sphinx-build", "-q", "-W", "--keep-going", "-c", str(workspace / "docs" / "docsite"), str(pages), str(site)
    )


@nox.session
def build(session: nox.Session) -> None:
    """Build the artefact in build/, check what is in it, and let Galaxy's own importer judge it."""
    _use(session, kind="tools")
    target = ROOT / "build"
    shutil.rmtree(target, ignore_errors=True)
    judged = Path(session.create_tmp()).resolve()
    workspace = _workspace(session)
    with session.chdir(workspace):
        session.run("ansible-galaxy", "collection", "build", "--output-path", str(target))
    _check_artefact(session, workspace, target, *OF_ARTEFACT)
    with session.chdir(workspace):
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
        # Session lint runs ansible-lint, and antsibull-docs, which reads all documentation by ansible-doc.
        without = {} if WHOLE else {f"GALAXY_IMPORTER_RUN_ANSIBLE_{name}": "false" for name in ("DOC", "LINT")}
        session.run("python", "-m", "galaxy_importer.main", artefact.name, env=without)


OF_ARTEFACT = ("test_artefact.py", "test_execution_environment.py")
CLONE = sandbox.CACHE / "work" / "release" / "ansible_collections" / "huaweicloud" / "vpn"


@nox.session
def release(session: nox.Session) -> None:
    """Build the artefact in build/ from a clean clone of what is committed, and check it and the change log to come."""
    _use(session, kind="tools")
    changed = subprocess.check_output(["git", "status", "--porcelain"], cwd=ROOT, text=True).splitlines()
    if changed:
        session.warn(f"{len(changed)} files are not committed as they are, and not part of this")
    shutil.rmtree(CLONE.parents[2], ignore_errors=True)
    CLONE.parent.mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(CLONE)], check=True)
    target = ROOT / "build"
    shutil.rmtree(target, ignore_errors=True)
    with session.chdir(CLONE):
        session.run("ansible-galaxy", "collection", "build", "--output-path", str(target))
    _check_artefact(session, CLONE, target, *OF_ARTEFACT, "test_changelog.py")


@nox.session
@nox.parametrize("core", MATRIX)
def installed(session: nox.Session, core: str) -> None:
    """Install the artefact of session release, run changes from there, verify it, and upgrade to it."""
    _use(session, core)
    _check_artefact(session, CLONE, ROOT / "build", "test_installed.py")


def _check_artefact(session: nox.Session, source: Path, target: Path, *names: str) -> None:
    """Run tests of tests/release on the artefact in a folder, which was built from C(source)."""
    (artefact,) = target.glob("*.tar.gz")
    tests = [str(ROOT / "tests" / "release" / name) for name in names]
    _pytest(session, *tests, ARTEFACT=str(artefact), SOURCE=str(source))


def _workspace(session: nox.Session, *names: str) -> Path:
    """Return a fresh copy of what git knows or would take, at the path and in the repository that ansible-test wants.

    It refuses a symlink, and it asks git for the files: in a folder that the surrounding repository ignores it would
    find none, skip everything and be content. Hence the copy is a repository of its own.
    """
    listing = subprocess.check_output(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT)
    base = sandbox.CACHE / "work" / re.sub(r"[^a-z0-9.]+", "-", " ".join([session.name, *names])).strip("-")
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


def _forget_coverage(kind: str) -> None:
    COVERAGE.mkdir(parents=True, exist_ok=True)
    for file in COVERAGE.glob(f"{kind}.*"):
        file.unlink()


def _plant_get_pip(session: nox.Session) -> None:
    """Put our get_pip.py where ansible-test looks for the version that it wants, before it downloads one."""
    cache = sandbox.HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in re.findall(r"""\bpip=['"]([0-9.]+)['"]""", _ansible_test_source(session, "python_requirements")):
        shutil.copy(ROOT / "tests" / "tools" / "get_pip.py", cache / f"get_pip_{version.replace('.', '_')}.py")


def _ansible_test_source(session: nox.Session, name: str) -> str:
    """Return the text of a file of ansible-test, which holds the versions that it insists on."""
    where = f"import ansible_test._internal.{name} as module; print(module.__file__)"
    return Path((session.run("python", "-c", where, silent=True) or "").strip()).read_text(encoding="utf-8")


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
