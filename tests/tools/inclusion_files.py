# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What inclusion.py asks the files of the repository; each check takes their folder and returns a state and why."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

PASS, OPEN, NONE, READY = "pass", "open", "not applicable", "prepared"
Answer = tuple[str, str]
Check = Callable[[Path], Answer]
KINDS = ("modules", "lookup", "filter", "test", "inventory", "callback", "action", "strategy", "vars", "connection")
# What core knows below plugins/, and what collections may add.
FOLDERS = {
    *(*KINDS, "become", "cache", "cliconf", "doc_fragments", "httpapi", "module_utils", "netconf", "shell", "terminal"),
    *("plugin_utils", "sub_plugins"),
}
CATEGORIES = {
    *("application", "cloud", "database", "eda", "infrastructure", "linux", "monitoring", "networking", "security"),
    *("storage", "tools", "windows"),
}
LEFTOVERS = r"(\.pyc|\.orig|\.rej|\.swp|\.bak|~|\.DS_Store|\.tar\.gz|\.retry|\.log)$"
KEYWORDS = {
    *("name", "register", "vars", "when", "loop", "loop_control", "until", "retries", "delay", "block", "rescue"),
    *("always", "delegate_to", "check_mode", "changed_when", "failed_when", "run_once", "no_log", "environment"),
    *("module_defaults", "ignore_errors", "notify", "become", "throttle", "timeout", "tags"),
}
WORKFLOW = ".github/workflows/test.yml"


def files(root: Path) -> list[str]:
    """Return the names of the files that git has or would take."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listed, cwd=root, text=True).split("\0")
    return sorted(name for name in names if name and (root / name).is_file())


def text(root: Path, name: str) -> str:
    """Return what is in a file, nothing when there is none."""
    path = root / name
    return path.read_text("utf-8") if path.is_file() else ""


def load(root: Path, name: str) -> Any:
    """Return a YAML file, empty when there is none."""
    return yaml.safe_load(text(root, name)) or {}


def parse(documentation: Any) -> Any:
    """Return what YAML says; examples of an inventory plugin are several documents, in one list here."""
    said = [*yaml.safe_load_all(documentation)] if isinstance(documentation, str) else [documentation]
    return said[0] if len(said) == 1 else said


def plugins(root: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the plugins and modules with what their constants for documentation hold; an action's are in its module."""
    for kind in (kind for kind in KINDS if kind != "action"):
        for path in sorted((root / "plugins" / kind).glob("[!_]*.py")):
            found = {}
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                    found[node.targets[0].id] = parse(node.value.value)
            yield path, found


def judge(faults: list[str], well: str) -> Answer:
    """Return that all is well, or the faults."""
    return (OPEN, "; ".join(sorted(faults)[:5])) if faults else (PASS, well)


def says(name: str, what: str, *patterns: str) -> Check:
    """Return a check whether a file has texts that match."""

    def check(root: Path) -> Answer:
        found = all(re.search(pattern, text(root, name)) for pattern in patterns)
        return (PASS, f"{name}: {what}") if found else (OPEN, f"{name} lacks {what}")

    return check


def public(root: Path) -> Answer:
    """Nobody can look at a public place from here, but it can be seen whether there is one."""
    if load(root, "galaxy.yml").keys() & {"repository", "issues"}:
        return OPEN, "to be looked at by hand"
    return OPEN, "needs a public place, and the project has none yet"


def unreleased(otherwise: str) -> Check:
    """Return a check that has nothing to look at before the first release."""

    def check(root: Path) -> Answer:
        released = load(root, "changelogs/changelog.yaml").get("releases")
        return (OPEN, otherwise) if released else (NONE, "nothing is released yet")

    return check


def workflow(what: str, *patterns: str) -> Check:
    """Return a check of the workflow file, which is prepared for a place where it runs, and did not run yet."""

    def check(root: Path) -> Answer:
        state, why = says(WORKFLOW, what, *patterns)(root)
        return (READY, f"{why}; it has no place to run yet") if state == PASS else (state, why)

    return check


def conduct(root: Path) -> Answer:
    state, why = says("CODE_OF_CONDUCT.md", "a link to Ansible's", r"docs\.ansible\.com/\S+/code_of_conduct\.html")(
        root
    )
    return says("README.md", "a link to it", r"\(CODE_OF_CONDUCT\.md\)")(root) if state == PASS else (state, why)


def version(root: Path) -> Answer:
    number = load(root, "galaxy.yml").get("version", "")
    if not re.fullmatch(r"[1-9]\d*\.\d+\.\d+", number):
        return OPEN, f"the version is {number!r}"
    return READY, f"the version is {number}; it is not on Galaxy yet"


def small(root: Path) -> Answer:
    names = files(root)
    large = [f"{name} has more than 1 MB" for name in names if (root / name).stat().st_size > 1_000_000]
    binary = [f"{name} is no text" for name in names if b"\0" in (root / name).read_bytes()[:8000]]
    return judge(large + binary, "no file is binary or has more than 1 MB")


def tidy(root: Path) -> Answer:
    left = [name for name in files(root) if re.search(LEFTOVERS, name)]
    code = ("plugins/", "playbooks/", "extensions/")
    stray = [name for name in files(root) if name.startswith(code) and not name.endswith((".py", ".yml"))]
    return judge(left + stray, "nothing of editors, builds and runs, and nothing but code where code belongs")


def oldest_python(root: Path) -> Answer:
    needs = load(root, "tests/config.yml").get("modules", {}).get("python_requires", "")
    version = re.escape(needs.lstrip(">="))
    return (
        says("README.md", "the oldest Python", f"Python {version} or newer")(root)
        if needs
        else (OPEN, "tests/config.yml names none")
    )


def private_utils(root: Path) -> Answer:
    paths = [path for path in sorted(root.glob("plugins/*_utils/*")) if path.name[:2] != "__"]
    return judge(
        [path.name for path in paths if path.name[0] != "_" or (path.is_file() and "PRIVATE" not in path.read_text())],
        "all begin with an underscore; the files beside the packages say PRIVATE",
    )


def silent_on_python(root: Path) -> Answer:
    named = [
        path.name
        for path in sorted(root.glob("plugins/module_utils/*.py"))
        if re.search(r"Python [23]\.\d", ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")
    ]
    return judge(named, "none names one, so all that are supported")


def policy(root: Path) -> Answer:
    state, why = says("docs/releasing.md", "both", "(?m)^## Deprecation", "(?m)^## What a version promises")(root)
    return (
        says("README.md", "a link to docs/releasing.md", r"\(docs/releasing\.md\)")(root)
        if state == PASS
        else (state, why)
    )


def tags(root: Path) -> Answer:
    found = set(load(root, "galaxy.yml").get("tags", []))
    bad = [tag for tag in sorted(found) if not re.fullmatch("[a-z][a-z0-9]{0,19}", tag)]
    known = sorted(found & CATEGORIES)
    return judge(bad if known else ["no tag is a category of Galaxy"], ", ".join(known))


def dependencies(root: Path) -> Answer:
    return judge([*load(root, "galaxy.yml").get("dependencies", {})], "there are none")


def requires_ansible(root: Path) -> Answer:
    oldest = min(cores(root), key=lambda core: tuple(map(int, core.split("."))))
    needs = load(root, "meta/runtime.yml").get("requires_ansible")
    return judge([] if needs == f">={oldest}.0" else [f"{needs!r}, but the oldest tested is {oldest}"], f"{needs}")


def cores(root: Path) -> dict[str, tuple[str, ...]]:
    """Return which Pythons each supported ansible-core has as controller, from noxfile.py."""
    for node in ast.parse(text(root, "noxfile.py")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "CORES":
            return ast.literal_eval(node.value)
    return {}


def folders(root: Path) -> Answer:
    found = {path.name for path in (root / "plugins").iterdir() if path.is_dir()} - {"__pycache__"}
    return judge([*(found - FOLDERS)], "only folders that core knows, and plugin_utils")


def documented(constant: str, *members: str) -> Check:
    """Return a check whether every module and plugin has a constant, and members in it."""

    def check(root: Path) -> Answer:
        faults = []
        for path, found in plugins(root):
            # An inventory plugin returns nothing.
            if constant == "RETURN" and path.parent.name == "inventory":
                continue
            faults += [] if found.get(constant) else [f"{path.name} has no {constant}"]
            faults += [f"{path.name}: no {name}" for name in members if name not in (found.get(constant) or {})]
        return judge(faults, "every module and plugin")

    return check


def full_names(root: Path) -> Answer:
    faults = []
    for path, found in plugins(root):
        for task in found.get("EXAMPLES") or []:
            # Neither a play nor the file of an inventory plugin.
            if isinstance(task, dict) and not task.keys() & {"hosts", "import_playbook", "plugin"}:
                short = [key for key in task if key not in KEYWORDS and key.count(".") < 2]
                faults += [f"{path.name}: {key}" for key in short]
        fragments = (found.get("DOCUMENTATION") or {}).get("extends_documentation_fragment") or []
        every = fragments if isinstance(fragments, list) else [fragments]
        faults += [f"{path.name}: {name}" for name in every if name.count(".") < 2]
    return judge(faults, "every example and fragment; ansible-lint sees to roles and playbooks")


def dated(root: Path) -> Answer:
    now = load(root, "galaxy.yml")["version"].split(".")
    faults = []
    for path, found in plugins(root):
        added = str(found["DOCUMENTATION"].get("version_added", "")).split(".")
        faults += [] if len(added) == 3 and [*map(int, added)] <= [*map(int, now)] else [f"{path.name}: version_added"]
    return judge(faults, "every module and plugin says its version; the first release would not need to")


def sections(root: Path) -> Answer:
    known = {name for name, _title in load(root, "changelogs/config.yaml").get("sections", [])} | {"release_summary"}
    fragments = [path.relative_to(root) for path in root.glob("changelogs/fragments/*.y*ml")]
    used = {name for path in fragments for name in load(root, str(path))}
    if used - known:
        return OPEN, f"unknown: {', '.join(sorted(used - known))}"
    if load(root, "changelogs/changelog.yaml").get("releases"):
        return OPEN, "to be read by a person: whether each entry has the right section"
    return judge([*(used - {"release_summary"})], "before the first release there is nothing but its summary")


def names(root: Path) -> Answer:
    metadata = load(root, "galaxy.yml")
    words = [*re.split("_", metadata["namespace"]), *re.split("_", metadata["name"])]
    faults = ["a word occurs twice"] if len(set(words)) < len(words) else []
    return judge(faults + [word for word in words if len(word) > 12], f"{metadata['namespace']}.{metadata['name']}")


def info_modules(root: Path) -> Answer:
    faults = []
    for path in sorted((root / "plugins" / "modules").glob("*.py")):
        reads = "info_module" in path.read_text("utf-8")
        faults += [path.stem] if reads != path.stem.endswith("_info") else []
        faults += [f"{path.stem}: ansible_facts"] if "ansible_facts" in path.read_text("utf-8") else []
    return judge(faults, "what only reads ends with _info, and returns no facts")


def facts_modules(root: Path) -> Answer:
    found = [path.stem for path in (root / "plugins" / "modules").glob("*_facts.py")]
    return (OPEN, f"to be looked at: {', '.join(found)}") if found else (NONE, "there is none")


def licensed(root: Path, where: tuple[str, ...]) -> Answer:
    mark = "SPDX-" + "License-Identifier: GPL-3.0-or-later"  # in two parts, or it would be taken for this file's own
    code = [name for name in files(root) if name.startswith(where) and name.endswith((".py", ".yml"))]
    return judge([name for name in code if mark not in text(root, name)[:700]], "GPL-3.0-or-later, in every file")


def no_cla(root: Path) -> Answer:
    found = re.search(r"\bCLA\b|[Cc]ontributor [Ll]icense", text(root, "CONTRIBUTING.md"))
    return judge(["CONTRIBUTING.md asks for one"] if found else [], "none is asked for")


def tagged(root: Path) -> Answer:
    releases = load(root, "changelogs/changelog.yaml").get("releases")
    if not releases:
        return NONE, "nothing is released yet"
    known = subprocess.check_output(["git", "tag"], cwd=root, text=True).split()
    return judge([f"no tag {number}" for number in releases if number not in known], "a tag for each release")


def no_ignores(root: Path) -> Answer:
    return judge([name for name in files(root) if name.startswith("tests/sanity/ignore")], "there is no ignore file")


def workflow_cores(root: Path) -> Answer:
    return workflow("each of them", *(f'(?m)^ +core: .*"{re.escape(core)}"' for core in cores(root)))(root)


def devel(root: Path) -> Answer:
    there = "devel" in cores(root)
    return (PASS, "it is tested") if there else (OPEN, "not run: the package index has no devel of ansible-core")


def no_getters(root: Path) -> Answer:
    faults = []
    for path, found in plugins(root):
        choices = (found["DOCUMENTATION"].get("options") or {}).get("state", {}).get("choices", [])
        faults += [path.name] if {"get", "list", "query", "info"} & set(choices) else []
    return judge(faults, "no module has such a state")


def check_mode(root: Path) -> Answer:
    fragment = text(root, "plugins/doc_fragments/_attributes.py")
    full = re.search(r'INFO_MODULE = r""".*?check_mode:\n    support: full', fragment, re.DOTALL)
    faults = [] if full else ["the attribute check_mode is not full"]
    for path in sorted((root / "plugins" / "modules").glob("*_info.py")):
        code = path.read_text("utf-8")
        if "supports_check_mode=True" not in code or "changed=False" not in code:
            faults.append(path.stem)
    return judge(faults, "every _info module runs in check mode, and never reports a change")
