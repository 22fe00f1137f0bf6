# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever people may copy from the documentation is run as it stands, each against an emulator of its own.

That is the EXAMPLES of each plugin, and each block of code in the README, the guide and the playbooks. A block is run
by what it is: plays, tasks, inventories, a rulebook, commands. The table has what needs a world of its own, what is
output, and what cannot be run here, with the reason. A block of which nobody knows how to run it fails.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import judge

ROOT = Path(__file__).parents[3]
# Actions are documented beside the modules.
PLUGINS = sorted(
    path
    for pattern in ("plugins/*/[!_]*.py", "extensions/eda/plugins/*/[!_]*.py")
    for path in ROOT.glob(pattern)
    if path.parent.name != "action"
)
# Their examples are tried at night: people begin with the README and the guide.
BESIDE = ("plugins/", "roles/", "playbooks/")
PAGES = ("README.md", "docs/**/*.md", "docs/**/*.rst", "roles/*/README.md")
COMMANDS = {
    "curl",
    "export",
    "make",
    "pip",
    *(f"ansible-{name}" for name in "doc galaxy inventory playbook rulebook".split()),
}
SHELL = {"bash", "console", "sh", "shell"}


class Snippet(NamedTuple):
    """A block of code, where it stands, and the language that the page says."""

    file: str
    number: int
    language: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.file}-{self.number}"


class Case(NamedTuple):
    """What one block needs, or why it is not run."""

    file: str
    has: str  # a text that only this block of the file has
    not_run: str = ""
    before: str = ""  # a text of the block whose tasks come first
    change: Any = None  # a change of the emulator before the block, by name where tasks come first
    makes: str = "renegotiated"  # what the change.yml in the folder does to the emulator
    fails: bool = False
    warns: str = "no warning"  # a text of the warnings that belong to it
    printed_by: str = ""  # the block is output, and this the command that prints it


# What the others print is compared at night.
FIRST_PAGES = ("README.md", "docs/docsite/rst/first_look.rst", "docs/docsite/rst/first_change.rst")
CHECK = "ansible-playbook huaweicloud.vpn.verify -e tunnel_verify_name=hq-primary"
READ = "ansible localhost -m huaweicloud.vpn.vpn_connection_log_info -a"
CHANGED = (
    "ansible-playbook huaweicloud.vpn.validate_change -e tunnel_baseline_name=hq-primary "
    "-e change=change.yml -e rollback=rollback.yml"
)
LOOK = f"{ROOT}/pipelines/cron/verify-tunnels -e tunnel_verify_name=hq-primary 2>&1"
MAKE = "it is a target of the Makefile: those of the tests run in CI, those that wait for people do not end"
INSTALLS = "it installs what make release-check installs"
DROPS = "The traffic of a VPN connection"
ONCE = {"connections": {"hq-primary": {"logs": [{"fails": "authentication fail"}]}}}
FAILING = {"connections": {"hq-primary": {"logs": [{"fails": "authentication fail", "every": "10s", "repeat": 14}]}}}
PIPELINE = "it needs the service that it is for; test_pipelines.py runs its commands"
RELEASING, GUIDE, ROLES = "docs/releasing.md", "docs/docsite/rst/", "roles/tunnel_verify/README.md"
# One tunnel had trouble that is over.
LATELY = [{"ago": "5m", "fails": "authentication fail"}, {"ago": "4m", "established": True}]
TROUBLE = {"connections": {"branch": {"logs": LATELY}}}
CASES = (
    Case("plugins/lookup/vpn_connection_log.py", "branch", change=TROUBLE),
    Case("plugins/modules/vpn_connection_reset.py", "check_mode", warns=DROPS),
    Case("plugins/modules/vpn_report_assert.py", "expect:", "test_vpn_report_assert.py runs such a task on reports"),
    Case("README.md", "make demo", MAKE),
    Case("README.md", "pip install", INSTALLS),
    Case("README.md", "hq-primary: ", change=FAILING, printed_by=f"{CHECK} || {READ} name=hq-primary"),
    Case(f"{GUIDE}pipelines.rst", "runs-on:", PIPELINE),
    Case(f"{GUIDE}pipelines.rst", "include:", PIPELINE),
    Case(f"{GUIDE}pipelines.rst", "agent any", PIPELINE),
    Case(f"{GUIDE}pipelines.rst", "stages: [", PIPELINE),
    Case(f"{GUIDE}pipelines.rst", "tunnel_verify_require=", change="renegotiated"),
    Case(RELEASING, "--upgrade", INSTALLS),
    Case(ROLES, "tunnel_verify_report_dir:", before="Take the evidence of two tunnels", change="renegotiated"),
    Case(ROLES, "tunnel_verify_ha:", before="Take the evidence of two tunnels", change="renegotiated"),
    Case(ROLES, "tunnel_verify_reset:", before="Take the evidence of two tunnels", warns=DROPS),
    Case(f"{GUIDE}first_look.rst", "make emulator", MAKE),
    Case(f"{GUIDE}first_look.rst", "pip install", INSTALLS),
    Case(f"{GUIDE}first_look.rst", "hq-primary: PASS", printed_by=CHECK),
    Case(f"{GUIDE}first_change.rst", "validate_change", makes="wrong_psk", fails=True),
    Case(f"{GUIDE}first_change.rst", "hq-primary: FAIL", change=ONCE, printed_by=CHECK),
    Case(f"{GUIDE}playbooks.rst", "PASS no failed", makes="renegotiated", printed_by=CHANGED),
    Case(
        *(f"{GUIDE}playbooks.rst", "rolled back: ACTIVE"),
        **{"makes": "wrong_psk", "printed_by": f"sed s/wrong_psk/recover/ change.yml >rollback.yml; {CHANGED}"},
    ),
    Case(f"{GUIDE}playbooks.rst", "ready: ", printed_by=f"{CHANGED} -e prepare_only=true"),
    Case(
        *(f"{GUIDE}playbooks.rst", "no negotiation failure"),
        printed_by="ansible-playbook huaweicloud.vpn.baseline -e tunnel_baseline_name=hq-primary,hq-secondary "
        "-e tunnel_baseline_file=$PWD/taken.json",
    ),
    Case(f"{GUIDE}playbooks.rst", "hq-primary: PASS, NOT TRIED", printed_by=f"{CHECK},hq-secondary"),
    Case(f"{GUIDE}playbooks.rst", "HA group", change=ONCE, printed_by=f"{CHECK},hq-secondary"),
    Case(f"{GUIDE}schedules.rst", "* * * *", "test_pipelines.py runs the script that it starts"),
    Case(f"{GUIDE}schedules.rst", "in run 4711", printed_by=LOOK),
    Case(f"{GUIDE}schedules.rst", "NOT VERIFIED:", change=ONCE, printed_by=LOOK),
    Case(f"{GUIDE}events.rst", "pip install", INSTALLS),
    Case(f"{GUIDE}events.rst", "all:", "the tests of the event source start the rulebook with such a file"),
    Case(
        f"{GUIDE}events.rst", "ansible-rulebook --", "it does not end; the tests of the event source run that rulebook"
    ),
    Case(ROLES, "tunnel_verify_known_lines:", before="Take the evidence of two tunnels", change="renegotiated"),
    Case(f"{GUIDE}unknown_lines.rst", "hq-primary: INC", change="novel_line", printed_by=CHECK),
    Case(f"{GUIDE}unknown_lines.rst", "  # 3x", "test_writer.py makes such a block, and reads it"),
    Case(
        *(f"{GUIDE}unknown_lines.rst", "tunnel_verify_known_lines:"),
        **{"before": "Take the evidence of two tunnels", "change": "renegotiated"},
    ),
    Case(f"{GUIDE}credentials.rst", "read with ", printed_by=CHECK),
    Case(f"{GUIDE}waivers.rst", "CHG-4711", change=TROUBLE),
    Case(
        *(f"{GUIDE}visibility.rst", "tunnel_verify_reset"),
        **{"before": "for tonight", "change": "renegotiated", "warns": DROPS},
    ),
    Case(f"{GUIDE}visibility.rst", "tunnel_verify_baseline_file", before="for tonight", change="renegotiated"),
    Case(
        *(f"{GUIDE}troubleshooting.rst", "cannot read 1 of 1"),
        printed_by=f"{READ} vpn_connection_id=00000000-0000-4000-8000-000000000000",
    ),
)
TERRAFORM = f"{GUIDE}terraform.rst"
CASES += (
    Case(TERRAFORM, "# before.yml", "the commands of the page run it"),
    Case(TERRAFORM, "# after.yml", "the commands of the page run it"),
    Case(TERRAFORM, "output ", "it is for Terraform, which needs the cloud"),
)
QUICK = {"quiet_for": 0, "wait_sleep": 1, "wait_timeout": 15}
KEYS = (("ak", "HW_ACCESS_KEY"), ("sk", "HW_SECRET_KEY"))
CHANGE = """\
- name: Change
  ansible.builtin.uri:
    url: "{{ lookup('ansible.builtin.env', 'HUAWEICLOUD_VPN_ENDPOINT') }}/emulator/change"
    method: POST
    body_format: json
    body: {name: NAME}
"""
# What Terraform printed, and an apply that negotiates all tunnels anew, so that a new one has a log.
PRINTED = ROOT / "tests" / "unit" / "fixtures" / "terraform" / "pipeline"
NEGOTIATED = [{"ike_established": True}, {"established": True}]
APPLIED = {"patch": {"connections": {name: {"logs": NEGOTIATED} for name in ("hq-primary", "hq-secondary")}}}
STUB = f"""\
#!/bin/sh
case "$*" in
"plan "*) ;;
"show -json plan.tfplan") cat "{PRINTED}/plan.json" ;;
"show -json") cat "{PRINTED}/state.json" ;;
"apply "*" plan.tfplan") curl --fail --silent -d '{json.dumps(APPLIED)}' "$HUAWEICLOUD_VPN_ENDPOINT/emulator/change" ;;
*) exit 2 ;;
esac
"""
# What runs a source as ansible-rulebook does, until its first event.
SOURCE = """
import asyncio, importlib, json, os, sys
class Queue:
    async def put(self, event):
        print(json.dumps(event), flush=True)
        os._exit(0)
folder = "ansible_collections.huaweicloud.vpn.extensions.eda.plugins.event_source"
source = importlib.import_module(f"{folder}.{sys.argv[1]}")
asyncio.run(asyncio.wait_for(source.main(Queue(), json.loads(sys.argv[2])), 60))
"""


def value_of(path: Path, name: str) -> Any:
    """Return what a file assigns to a name, None where it does not."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value)
    return None


def find_snippets() -> Iterator[Snippet]:
    """Yield the EXAMPLES of plugins, the blocks of code of pages, and the commands in the head of playbooks."""
    for path in PLUGINS:
        yield Snippet(str(path.relative_to(ROOT)), 1, "yaml", value_of(path, "EXAMPLES") or "")
    for path in (path for pattern in PAGES for path in sorted(ROOT.glob(pattern))):
        blocks = (rst_blocks if path.suffix == ".rst" else markdown_blocks)(path.read_text("utf-8"))
        for number, (language, text) in enumerate(blocks, 1):
            yield Snippet(str(path.relative_to(ROOT)), number, language, text)
    for path in sorted(ROOT.glob("playbooks/*.yml")):
        yield Snippet(str(path.relative_to(ROOT)), 1, "bash", commands_in_comments(path.read_text("utf-8")))


def markdown_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield language and text of fenced and of indented blocks."""
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    for found in re.finditer(r"^```(\w*)\n((?:.*\n)*?)```$|(?<=\n\n)((?:    .*\n|\n)+)", text, re.MULTILINE):
        body = found[2] or textwrap.dedent(found[3] or "")
        if body.strip():
            yield found[1] or ("bash" if body.split()[0] in COMMANDS else "text"), body


def rst_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield language and text of the blocks of code, and of literal blocks."""
    for found in re.finditer(
        r"(?:^\.\. code-block:: *(\S*)|(?<!^\.\. code-block)::)\n\n((?: +\S.*\n|\n)+)", text, re.M
    ):
        yield found[1] or "text", textwrap.dedent(found[2]).strip("\n") + "\n"


def commands_in_comments(text: str) -> str:
    """Return the commands that comments show, indented, with the lines that they go on in."""
    lines = re.findall(r"^#   ((?:ansible-|export ).*\n(?:(?<=\\\n)#  .*\n)*)", text, re.MULTILINE)
    return "".join(lines).replace("\\\n#", "\\\n")


SNIPPETS = [*find_snippets()]


def case_of(snippet: Snippet) -> Case:
    """Return what the table says of a block."""
    found = [case for case in CASES if case.file == snippet.file and case.has in snippet.text]
    return found[0] if found else Case(snippet.file, "")


def plays_to_keep(file: str) -> dict[str, str]:
    """Return the plays of a page that begin with the name of a file, for the commands of the page."""
    named = ((re.match(r"# (\w+\.yml)\n", snippet.text), snippet) for snippet in SNIPPETS if snippet.file == file)
    return {found[1]: snippet.text for found, snippet in named if found}


class World:
    """A folder of a user, and an emulator as the service."""

    def __init__(self, folder: Path, emulator: Any, case: Case, evidence: dict[str, str]) -> None:
        self.folder, self.emulator, self.case = folder, emulator, case
        # What a text leaves to its reader; and nobody waits in a test for as long as a tunnel has to be watched.
        given = {
            **{"before_file": str(folder / "before.json"), "after_file": str(folder / "after.json")},
            **{"report_folder": str(folder), **{f"tunnel_verify_{name}": value for name, value in QUICK.items()}},
            **{"vault_access_key": emulator.environment["HW_ACCESS_KEY"]},
            **{"vault_secret_key": emulator.environment["HW_SECRET_KEY"]},
        }
        tools = Path(sys.executable).parent
        playbook = f'#!/bin/sh\nexec "{tools}/ansible-playbook" "$@" -e "@{folder}/given.json"\n'
        inventory = "plugin: huaweicloud.vpn.vpn_connections"
        files = {
            "hq.vpn_connections.yml": inventory,
            "change.yml": CHANGE.replace("NAME", case.makes),
            "rollback.yml": "[]",
            "ansible-playbook": playbook,
            "change-the-tunnel": "#!/bin/sh\n",
            "terraform": STUB,
            **{path.name: path.read_text("utf-8") for path in PRINTED.iterdir()},
            **plays_to_keep(case.file),
        }
        for name, text in {**evidence, **files, "given.json": json.dumps(given)}.items():
            (folder / name).write_text(text, encoding="utf-8")
        for name in ("ansible-playbook", "change-the-tunnel", "terraform"):
            (folder / name).chmod(0o755)
        keys = [f"{name} = {emulator.environment[key]}" for name, key in KEYS]
        (folder / ".huaweicloud").mkdir()
        (folder / ".huaweicloud" / "credentials").write_text("\n".join(["[basic]", *keys]), encoding="utf-8")
        collections = next(up.parent for up in Path(judge.__file__).parents if up.name == "ansible_collections")
        self.environment = {
            **os.environ,
            **emulator.environment,
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "HOME": str(folder),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "PATH": os.pathsep.join([str(folder), str(tools), os.environ["PATH"]]),
            "PYTHONPATH": str(collections),
        }

    def run(self, *command: str) -> str:
        """Run a command that has to end well, or to fail, and return what it said."""
        process = subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120
        )
        output = process.stdout + process.stderr
        assert (process.returncode == 0) == (not self.case.fails), output
        assert all(self.case.warns in line for line in output.splitlines() if "WARNING" in line), output
        return output

    def shell(self, text: str) -> str:
        """Run commands; a text can but say "some folder" as /path."""
        return self.run("bash", "-euo", "pipefail", "-c", text.replace("/path/", f"{self.folder}/"))

    def plays(self, said: list[dict[str, Any]]) -> str:
        """Run plays, or tasks in a play around them."""
        if not {"hosts", "ansible.builtin.import_playbook"} & {*said[0]}:
            defaults = {"huaweicloud.vpn.vpn_connection_verify": QUICK}
            said = [{"name": "Try", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": said}]
            said[0]["module_defaults"] = defaults
        (self.folder / "play.yml").write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
        return self.run("ansible-playbook", "play.yml")

    def inventories(self, documents: list[dict[str, Any]], comments: str) -> None:
        """List the hosts of inventories, of which the first is called hq, and run the commands of their comments."""
        for number, document in enumerate(documents):
            file = self.folder / f"{number or 'hq'}.{document['plugin'].rpartition('.')[2]}.yml"
            file.write_text(yaml.safe_dump(document), encoding="utf-8")
            listed = json.loads(self.run("ansible-inventory", "-i", file.name, "--list"))
            assert listed["_meta"]["hostvars"]
        self.shell(comments)

    def rulebook(self, rules: dict[str, Any]) -> None:
        """Run the sources of a rulebook until a negotiation fails; what rules do is tried with ansible-rulebook."""
        self.emulator.change("wrong_psk")
        for source in rules["sources"]:
            ((name, options),) = ((name, options) for name, options in source.items() if name != "name")
            options = json.dumps({**options, "interval": 1})
            output = self.run(sys.executable, "-c", SOURCE, name.rpartition(".")[2], options)
            event = json.loads(output.splitlines()[0])
            assert (event["type"], event["outcome"]) == ("entry", "failure")


@pytest.fixture(scope="module")
def evidence(emulator_module: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Evidence from before and after nothing happened, as the role keeps it."""
    folder = tmp_path_factory.mktemp("evidence")
    take = {
        "include_role": {"name": "huaweicloud.vpn.tunnel_baseline"},
        "vars": {
            "tunnel_baseline_file": f"{folder}/{{{{ item }}}}",
            "tunnel_baseline_name": ["hq-primary", "hq-secondary"],
        },
        "loop": ["before.json", "after.json"],
    }
    with emulator_module.Emulator() as emulator:
        World(folder, emulator, Case("", ""), {}).plays([take])
    before, after = (json.loads((folder / name).read_text("utf-8")) for name in take["loop"])
    taken = datetime.fromisoformat(before["server_time"][:19]) - timedelta(minutes=5)
    before["server_time"] = f"{taken.isoformat()}Z"
    return {"before.json": json.dumps(before), "after.json": json.dumps(after)}


@pytest.fixture
def world(snippet: Snippet, emulator_module: Any, evidence: dict[str, str], tmp_path: Path) -> Iterator[World]:
    """The world that a block needs."""
    with emulator_module.Emulator() as emulator:
        case = case_of(snippet)
        if case.change and not case.before:
            emulator.change(case.change)
        yield World(tmp_path, emulator, case, evidence)


@pytest.mark.parametrize(
    "snippet",
    [
        pytest.param(snippet, marks=[pytest.mark.nightly] if snippet.file.startswith(BESIDE) else [])
        for snippet in SNIPPETS
        if not (case_of(snippet).not_run or case_of(snippet).printed_by)
    ],
    ids=lambda snippet: snippet.name,
)
def test_what_people_may_copy_runs(snippet: Snippet, world: World) -> None:
    if snippet.language in SHELL:
        world.shell(snippet.text)
    else:
        run_yaml(snippet, world)
    if "tunnel_verify_report_dir" in snippet.text:
        assert [*(world.folder / "reports").glob("tunnel_verify*.html")]
    written = {path.suffix for path in ROOT.glob("playbooks/**/*") if path.is_file()}
    assert written == {".yml"}, "it wrote into the collection"


@pytest.mark.parametrize(
    "snippet",
    [snippet for snippet in SNIPPETS if "\nterraform apply" in snippet.text],
    ids=lambda snippet: snippet.name,
)
@pytest.mark.parametrize(
    ("well", "spoilt", "said"),
    [
        (json.dumps(APPLIED), '{"name": "wrong_psk"}', ["hq-primary: FAIL", "hq-secondary: INCONCLUSIVE"]),
        pytest.param(
            *("state.json", "outputs.json", ["not output of Terraform", "NOT VERIFIED: "]), marks=pytest.mark.nightly
        ),
        pytest.param(*('change" ;;', 'change"; exit 1 ;;', ["VERIFIED: 3 VPN connection"]), marks=pytest.mark.nightly),
    ],
    ids=["the other end has another PSK", "nobody knows the new tunnel", "apply fails at its end"],
)
def test_a_pipeline_of_terraform_is_red(
    snippet: Snippet, world: World, well: str, spoilt: str, said: list[str]
) -> None:
    assert well in STUB
    (world.folder / "terraform").write_text(STUB.replace(well, spoilt), encoding="utf-8")
    given = json.loads((world.folder / "given.json").read_text("utf-8"))
    (world.folder / "given.json").write_text(json.dumps({**given, "tunnel_verify_wait_timeout": 3}), encoding="utf-8")
    world.case = world.case._replace(fails=True)
    output = world.shell(snippet.text)
    assert all(text in output for text in said), output
    assert not {"plan.json", "state.json"} & {path.name for path in world.folder.iterdir()}


def run_yaml(snippet: Snippet, world: World) -> None:
    """Run YAML by what it is."""
    assert snippet.language == "yaml", f"how is this run? Say so in CASES:\n{snippet.text}"
    placed = re.sub(
        r"^( *)# \.\.\. your change \.\.\.$",
        lambda found: textwrap.indent(CHANGE.replace("NAME", world.case.makes), found[1]),
        snippet.text,
        flags=re.MULTILINE,
    )
    documents = [document for document in yaml.safe_load_all(placed) if document]
    if isinstance(documents[0], dict):
        world.inventories(documents, commands_in_comments(snippet.text))
        return
    (said,) = documents
    if "sources" in said[0]:
        world.rulebook(said[0])
        return
    output = world.plays([*tasks_before(world.case), *said])
    if snippet.file.endswith(".py"):
        assert re.search(r"skipped=0 +rescued=0 +ignored=0", output), output


def tasks_before(case: Case) -> list[dict[str, Any]]:
    """Return the tasks of the block that comes first, and the change between."""
    if not case.before:
        return []
    (found,) = [snippet for snippet in SNIPPETS if case.before in snippet.text]
    change = yaml.safe_load(CHANGE.replace("NAME", case.change)) if case.change else []
    return [*yaml.safe_load(found.text), *change]


@pytest.mark.parametrize(
    "snippet",
    [
        pytest.param(snippet, marks=[] if snippet.file in FIRST_PAGES else [pytest.mark.nightly])
        for snippet in SNIPPETS
        if case_of(snippet).printed_by
    ],
    ids=lambda snippet: snippet.name,
)
def test_what_people_are_told_to_see_is_what_they_see(snippet: Snippet, world: World) -> None:
    """But for numbers, times and addresses; "..." stands for what is left out."""
    output = world.shell(f"{world.case.printed_by} || true").replace('\\"', '"')
    for line in snippet.text.strip().splitlines():
        pattern = re.escape(line).replace(r"\.\.\.", ".*")
        assert re.search(re.sub(r"[0-9]+", "[0-9]+", pattern), output), (line, output)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}-{case.has}")
def test_the_table_is_of_blocks_that_there_are(case: Case) -> None:
    assert len([snippet for snippet in SNIPPETS if snippet.file == case.file and case.has in snippet.text]) == 1


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.stem)
def test_every_plugin_has_examples(path: Path) -> None:
    assert value_of(path, "EXAMPLES"), "no EXAMPLES"


def test_every_variable_of_a_role_that_is_named_is_one() -> None:
    """Ansible takes no notice of a misspelt option of a role."""
    named, known = set(), set()
    for pattern in (*PAGES, "playbooks/*.yml"):
        for path in ROOT.glob(pattern):
            named |= {*re.findall(r"\btunnel_(?:baseline|verify)_[a-z_]+", path.read_text("utf-8"))}
    for path in ROOT.glob("roles/*/meta/argument_specs.yml"):
        known |= set(yaml.safe_load(path.read_text("utf-8"))["argument_specs"]["main"]["options"])
    results = {"tunnel_baseline_evidence", "tunnel_verify_result", "tunnel_verify_"}
    known.add("tunnel_verify_requires")  # how decisions.md spells it, as an example of such a mistake
    assert named <= known | results
