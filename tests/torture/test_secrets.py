# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret gets out: not by a fault, not by a server that quotes it, not at any verbosity, not into any file.

What core itself prints of a user's own play is no leak of ours; each such place has a test here that shows it, so that
it is known: see test_what_core_itself_shows.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import canary_play
import canary_server
import oracles
import pytest
import yaml
from canary import BASE64, CANARIES, ENCODINGS, Hit, Scanner, encoded
from canary_play import INFO, LOGS, LOUDEST, Ended, ask, look_up, refusals
from canary_server import KEYS, CanaryProxy, CanaryServer, Case, error_cases, one_of_each, way_cases
from fault_model import PRIMARY, PROJECT
from fault_server import closed_port
from rig import environment, play

WHOLE = os.environ.get("TORTURE") == "whole"
SCENARIOS = Path(__file__).parents[1] / "integration" / "targets" / "setup_emulator" / "files" / "scenarios"
TOKEN = ("auth_token",)
VARIABLES = {
    "access_key": "HW_ACCESS_KEY",
    "secret_key": "HW_SECRET_KEY",
    "security_token": "HW_SECURITY_TOKEN",
    "auth_token": "HW_AUTH_TOKEN",
}
PROXIED = ("refused", "broken", "garbage", "reset", "portal")
# The resolver of hostile/sitecustomize.py raises for this name.
BUG = "bug.torture.test"
BROKEN = {
    **dict.fromkeys(("NO_PROXY", "no_proxy"), f"127.0.0.1,{BUG}"),
    "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "hostile"), os.environ.get("PYTHONPATH", "")]),
}
# What core makes a text of before a module sees it, so that the service refuses it in place of us.
CONVERTED = ("a list", "a list of lists")
# Secrets that are refused before anything is sent, and what is wrong with each.
UNFIT = {
    "with a line break": {"auth_token": CANARIES["newline_token"]},
    "with a blank": {"auth_token": f" {CANARIES['auth_token']}"},
    "with a blank inside": {"access_key": "Zq8xWv3K bN5tRj7P", "secret_key": CANARIES["secret_key"]},
    "not ASCII": {"access_key": CANARIES["access_key"], "secret_key": f"{CANARIES['secret_key']}\u00e9"},
    "too short": {"access_key": CANARIES["access_key"], "secret_key": "pXq7zVm"},
    "a secret token that is too short": {
        "access_key": CANARIES["access_key"],
        "secret_key": CANARIES["secret_key"],
        "security_token": "q",
    },
}
WRONG_TYPES: dict[str, dict[str, Any]] = {
    "a list": {"auth_token": [CANARIES["auth_token"]]},
    "a mapping": {"auth_token": {"is": CANARIES["auth_token"]}},
    "a list of lists": {"access_key": CANARIES["access_key"], "secret_key": [[CANARIES["secret_key"]]]},
    "both sorts": {name: CANARIES[name] for name in (*KEYS, *TOKEN)},
    "half a set": {"secret_key": CANARIES["secret_key"]},
}


@pytest.fixture
def scan(count: Callable[..., None]) -> Iterator[Callable[..., list[Hit]]]:
    """Look through what a run said and left behind, but for some files."""
    scanner = Scanner()

    def look(ended: Ended, but: tuple[Path, ...] = ()) -> list[Hit]:
        assert ended.left.joinpath("ansible.log").stat().st_size, "no log was written"
        assert list(ended.left.glob("junit/*.xml")), f"no JUnit file was written: {ended.said}"
        return [*scanner.text(ended.said, "terminal"), *scanner.tree(ended.left, but)]

    yield look
    count("canaries x encodings x places scanned", scanner.scans)


def variables_of(names: tuple[str, ...]) -> dict[str, str]:
    return {VARIABLES[name]: CANARIES[name] for name in names}


def told_cases(names: tuple[str, ...]) -> list[Case]:
    """Return every fault with every secret in every disguise."""
    return [case for name in names for case in (*error_cases(name), *way_cases(name))]


def a_few(names: tuple[str, ...], whole: bool) -> list[str]:
    """Return the names of the faults that go through plays: each fault and each disguise at least once."""
    kept: list[str] = []
    seen: set[str] = set()
    # What a 403 says is repeated for people, so that is where a disguise matters most.
    for case in sorted(told_cases(names), key=lambda case: not case.name.endswith("403")):
        new = {case.name.rpartition("-")[2], case.encoding} - seen
        if new and (whole or not case.name.endswith("stall")):
            kept.append(case.name)
            seen |= new
    return kept if whole else kept[:: len(kept) // 3]


# The scanner itself.


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", CANARIES)
def test_the_scanner_finds_any_part_in_any_disguise(name, encoding, tmp_path):
    secret = CANARIES[name].strip()
    scanner = Scanner()
    # Base64 of a part is known by its inner letters only, hence some more of them; and where it begins, is another.
    length, alike = (12, {*BASE64}) if encoding in BASE64 else (8, {encoding})
    for start in range(len(secret) - length + 1):
        part = encoded(secret[start : start + length], encoding)
        found = scanner.text(f"x{part}y", "here")
        assert alike & {hit.encoding for hit in found if hit.canary == name}, part
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"\xff\x00" + encoded(secret, encoding).encode())
    assert {hit.where for hit in scanner.tree(tmp_path)} == {"deep/file"}
    assert not scanner.tree(tmp_path, [tmp_path / "deep"])


def test_the_scanner_finds_nothing_where_nothing_is():
    scanner = Scanner()
    for path in Path(canary_server.__file__).parents[2].glob("plugins/*/*.py"):
        assert not scanner.text(path.read_text(encoding="utf-8"), path.name)
    assert not any(scanner.text(secret[:7], "part") for secret in CANARIES.values())


@pytest.mark.usefixtures("only_whole")
def test_a_leak_that_is_planted_is_found(tmp_path, scan):
    """In a copy of the collection the lookup and the module tell what they know; each disguise must be found."""
    copy = tmp_path / "copy" / "ansible_collections" / "huaweicloud" / "vpn"
    source = canary_play.COLLECTIONS / "ansible_collections" / "huaweicloud" / "vpn"
    for part in ("plugins", "meta"):
        shutil.copytree(source / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "galaxy.yml", copy / "galaxy.yml")
    lookup = copy / "plugins" / "plugin_utils" / "_lookup.py"
    told = "raise AnsibleLookupError(str(variables['case'])) from None"
    lookup.write_text(lookup.read_text().replace("            return self.look_up(terms)", f"            {told}"))
    module = copy / "plugins" / "modules" / "vpn_connection_log_info.py"
    told = "msg='planted ' + __import__('os').environ['HW_AUTH_TOKEN'][::-1]"
    module.write_text(module.read_text().replace("msg=str(error)", told))
    forms = ["  ".join(encoded(secret.strip(), one) for one in ENCODINGS) for secret in CANARIES.values()]
    tasks = [*look_up(forms, {}), ask(LOGS, "['unsent']", project_id="..")]
    env = {**variables_of(TOKEN), "ANSIBLE_COLLECTIONS_PATH": str(copy.parents[2]), "PYTHONPATH": ""}
    ended = canary_play.run(tmp_path / "run", canary_play.play(*tasks), {"url": "http://127.0.0.1:9"}, env)
    terminal = {hit[:2] for hit in scan(ended) if hit.where == "terminal"}
    assert terminal >= {(name, encoding) for name in CANARIES for encoding in ENCODINGS}, ended.said
    assert f"planted {CANARIES['auth_token'][:-8:-1]}" in ended.said


# Servers that tell on their callers.


@pytest.mark.parametrize("names", [KEYS, TOKEN], ids=["keys", "token"])
def test_what_a_server_quotes_is_not_repeated(names, whole, count):
    """In this process: every fault, every disguise."""
    cases = told_cases(names)
    cases = cases if whole else [case for case in one_of_each(cases) if not case.name.endswith("stall")]
    scanner = Scanner()
    options = {name: CANARIES[name] for name in names}
    with CanaryServer(cases) as server:
        for case in cases:
            given = {**options, "project_id": case.name, "endpoint": server.url, "region": "cn-north-4"}
            with environment({}):
                outcome = play({**given, "vpn_connection_id": [PRIMARY], "timeout": 1, "retries": 0})
            oracles.refused(outcome)
            oracles.no_traceback(outcome)
            oracles.no_hit(scanner.text(outcome.line + outcome.seen, case.name))
        assert len(server.requests) == len(cases)
        assert all(CANARIES[names[-1]].encode() in request for request in server.requests)
    count("faults that quote a secret x client", len(cases))
    count("canaries x encodings x places scanned", scanner.scans)


# Plays.


def of_environment(
    cases: Sequence[str], proxied: Sequence[str], others: Sequence[str], whole: bool
) -> list[Mapping[str, Any]]:
    """Return the tasks of a play whose secrets come from the environment of ansible-playbook."""
    quoting: dict[str, Any] = {"endpoint": "{{ url }}", "project_id": "{{ item }}"}
    by_proxy: dict[str, Any] = {"endpoint": "https://{{ item }}.torture.test", "project_id": PROJECT}
    elsewhere: dict[str, Any] = {"endpoint": "{{ item }}", "project_id": PROJECT}
    tasks = [
        *refusals(ask(LOGS, "cases", **quoting), "cases"),
        *refusals(ask(INFO, "others", **elsewhere), "others"),
        *look_up(cases, {"project_id": "case"}),
        *look_up(proxied, {"endpoint": "'https://' ~ case ~ '.torture.test'", "project_id": "'p'"}),
        *look_up(map(str, range(len(others))), {"endpoint": "others[case | int]", "project_id": "'p'"}),
    ]
    if not whole:
        return tasks
    # At the end tasks that run on their own, and leave their results in files.
    return [
        *tasks,
        *refusals(ask(LOGS, "proxied", **by_proxy), "proxied"),
        *refusals(ask(INFO, "cases", **quoting), "cases"),
        *refusals({**ask(LOGS, "cases[:2]", **quoting), "async": 30, "poll": 1}, "cases[:2]"),
    ]


RUNS: dict[str, tuple[tuple[str, ...], tuple[str, ...], dict[str, str]]] = {
    "keys, loudest": (KEYS, ("-vvvv",), LOUDEST),
    "keys, quiet": (KEYS, (), {}),
    "token, in YAML": (TOKEN, ("-vvv",), {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}),
}


@pytest.mark.parametrize("name", RUNS if WHOLE else list(RUNS)[:1])
def test_a_run_with_secrets_from_the_environment(name, tmp_path, whole, scan, count):
    names, arguments, env = RUNS[name]
    cases, known = a_few(names, whole), told_cases(names)
    looked_up = [name for name in cases if not name.endswith("stall")]
    with CanaryServer(known) as server, CanaryProxy() as proxy:
        # Nobody listens, nobody speaks TLS, and a library raises an exception that tells the secret key.
        others = [f"http://127.0.0.1:{closed_port()}", f"https://127.0.0.1:{server.port}", f"https://{BUG}"]
        others, proxied = (others, PROXIED) if whole else (others[-1:], PROXIED[:1])
        variables = {"url": server.url, "cases": cases, "proxied": proxied, "others": others}
        address = f"http://somebody:{CANARIES['proxy']}@{proxy.origin}"
        env = {**env, **BROKEN, **variables_of(names), "HTTPS_PROXY": address}
        plays = canary_play.play(*of_environment(looked_up, proxied, others, whole))
        ended = canary_play.run(tmp_path, plays, variables, env, *arguments)
        assert ended.code == 0, ended.said
        assert ended.ignored == len(looked_up) + len(proxied) + len(others) + (5 if whole else 2)
        sent = b"".join(server.requests)
        assert all(CANARIES[one].encode() in sent for one in names if one != "secret_key")
        assert base64.b64encode(f"somebody:{CANARIES['proxy']}".encode()) in b"".join(proxy.requests)
    oracles.no_hit(scan(ended))
    count("faults x module and lookup in plays", len(looked_up) + (2 if whole else 1) * (len(cases) + len(proxied)))


@pytest.mark.usefixtures("only_whole")
def test_a_run_with_secrets_from_options(tmp_path, whole, scan, count):
    """By module_defaults, keywords and variables."""
    cases = a_few(KEYS, whole)
    keywords = {"project_id": "case", **{name: f"canaries.{name}" for name in KEYS}}
    by_variable = {f"huaweicloud_vpn_{name}": f"{{{{ canaries.{name} }}}}" for name in KEYS}
    tasks = [
        *refusals(ask(LOGS, "cases", endpoint="{{ url }}", project_id="{{ item }}"), "cases"),
        *look_up(cases, keywords),
        *look_up(cases, {"project_id": "case"}, vars=by_variable),
    ]
    defaults = {LOGS: {name: f"{{{{ canaries.{name} }}}}" for name in KEYS}}
    with CanaryServer(told_cases(KEYS)) as server:
        variables = {"url": server.url, "cases": cases, "canaries": CANARIES}
        plays = canary_play.play(*tasks, module_defaults=defaults)
        ended = canary_play.run(tmp_path, plays, variables, {"ANSIBLE_DISPLAY_TRACEBACK": "always"}, "-vvv")
        assert ended.code == 0, ended.said
        assert ended.ignored == 2 * len(cases) + 1
        assert len(server.requests) == 3 * len(cases)
    oracles.no_hit(scan(ended))
    count("faults x module and lookup in plays", 3 * len(cases))


@pytest.mark.usefixtures("only_whole")
def test_unfit_secrets_are_refused_by_their_names(tmp_path, scan, count):
    """A secret that is no text, is too short or has white space in it is never shown; nothing is sent."""
    given = {name: f"{{{{ bad[item].{name} | default(omit) }}}}" for name in VARIABLES}
    bad = {**UNFIT, **WRONG_TYPES}
    tokens = [what for what, secrets in bad.items() if {*secrets} == {"auth_token"}]
    ways = {
        "module": [ask(LOGS, "bad | list", endpoint="{{ url }}", project_id=PROJECT, **given)],
        "keyword": look_up(bad, {"**bad[case]": ""}),
        "variable": look_up(
            tokens, {"project_id": "'p'"}, vars={"huaweicloud_vpn_auth_token": "{{ bad[case].auth_token }}"}
        ),
        "list": look_up(
            ["a list"], {"project_id": "'p'"}, vars={"huaweicloud_vpn_auth_token": [CANARIES["auth_token"]]}
        ),
    }
    tasks = [step for tasks in ways.values() for task in tasks for step in (task, canary_play.SHOW, canary_play.NOTE)]
    with CanaryServer([]) as server:
        variables = {"url": server.url, "bad": bad}
        plays = canary_play.play(*tasks)
        ended = canary_play.run(tmp_path, plays, variables, {"ANSIBLE_DISPLAY_TRACEBACK": "always"}, "-vvv")
        assert ended.code == 0, ended.said
        sent = len(server.requests)
    oracles.no_hit(scan(ended))
    for value in ("Zq8xWv3K", "bN5tRj7P", "pXq7zVm"):
        assert value not in ended.said
    by_module, *rest = ended.notes()
    said = [*zip(bad, by_module["results"]), *zip([*bad, *tokens, "a list"], rest)]
    assert len(said) == 2 * len(bad) + len(tokens) + 1
    for what, result in said:
        assert result.get("failed") or what in CONVERTED, (what, result)
        named = any(name in result["msg"] for name in (*bad[what], "access_key")) if result.get("failed") else True
        assert named, (what, result["msg"])
    # Only what core itself makes a text of is ever sent.
    assert sent <= len(CONVERTED)
    count("unfit secrets refused", len(said))


# The roles.


def canary_world(names: tuple[str, ...]) -> dict[str, Any]:
    """Return the default world of the emulator, whose credentials are canaries."""
    world = yaml.safe_load((SCENARIOS / "default.yml").read_text(encoding="utf-8"))
    keys = {name: CANARIES[name] for name in KEYS}
    return {**world, "credentials": [keys], "tokens": [{"token": CANARIES["auth_token"]}]}


@pytest.mark.usefixtures("only_whole")
@pytest.mark.parametrize("names", [KEYS, TOKEN], ids=len)
def test_what_the_roles_write_has_no_secret(names, tmp_path, scan, emulator_module):
    """Baseline file, reports, terminal and log, of a run that passes and of one with a tunnel that cannot be read."""
    tunnels = ["98c5af8a-1111-4222-8333-ae2280a6f4c3", "4f43df63-1111-4222-8333-76b771cb90aa"]
    quick = {"tunnel_verify_quiet_for": 0, "tunnel_verify_wait_sleep": 1, "tunnel_verify_wait_timeout": 5}
    files = {"tunnel_baseline_file": "{{ kept }}/before.json", "tunnel_verify_baseline_file": "{{ kept }}/before.json"}
    take = {"name": "Take", "ansible.builtin.include_role": {"name": "huaweicloud.vpn.tunnel_baseline"}}
    verify = {"name": "Verify", "ansible.builtin.include_role": {"name": "huaweicloud.vpn.tunnel_verify"}}
    change = {
        "name": "Make a gateway too old",
        "ansible.builtin.uri": {
            "url": "{{ url }}/emulator/change",
            "method": "POST",
            "body_format": "json",
            "body": {"name": "old_gateway"},
            "use_proxy": False,
        },
    }
    everything = "{{ [tunnel_baseline_evidence, tunnel_verify_result] }}"
    shown = {"name": "Show", "ansible.builtin.debug": {"msg": everything}}
    again = {"name": "Again", "block": [verify], "rescue": [shown]}
    with emulator_module.Emulator(canary_world(names)) as emulator:
        variables = {
            **{"url": emulator.url, "kept": str(tmp_path / "left"), **quick, **files},
            "tunnel_baseline_vpn_connection_id": tunnels,
            "tunnel_verify_report_dir": "{{ kept }}/reports",
        }
        addresses = {"HUAWEICLOUD_VPN_ENDPOINT": emulator.url, "HW_REGION_NAME": "cn-north-4"}
        env = {**addresses, **variables_of(names), "HW_PROJECT_ID": "0a1b2c3d4e5f60718293a4b5c6d7e8f9", **LOUDEST}
        plays = canary_play.play(take, verify, shown, change, again)
        ended = canary_play.run(tmp_path, plays, variables, env, "-vvv")
        assert ended.code == 0, ended.said
        assert all(request["authenticated"] for request in emulator.requests)
    assert len(list(ended.left.glob("reports/*"))) == 5
    assert "VPN.0304" in (ended.left / "reports" / "tunnel_verify.json").read_text(encoding="utf-8")
    assert (ended.left / "before.json").is_file()
    oracles.no_hit(scan(ended))


# What core itself shows of a user's own play.


@pytest.mark.usefixtures("only_whole")
def test_what_core_itself_shows(tmp_path, scan):
    """Places that no collection can close, shown here so that nobody believes them closed.

    Where a module is run, the keyword C(environment) is part of the command that core shows from -vvv on, and its
    options are in the file that core runs, which ANSIBLE_KEEP_REMOTE_FILES keeps. Hence the README's advice to set the
    variables for the whole ansible-playbook process.
    """
    token = "{{ canaries.auth_token }}"
    quoting = {"loop": "['auth_token-raw-403']", "endpoint": "{{ url }}", "project_id": "{{ item }}"}
    by_keyword = {**ask(LOGS, **quoting), "environment": {"HW_AUTH_TOKEN": token}}
    by_option = ask(LOGS, **quoting, auth_token=token)
    found: dict[str, list[Hit]] = {}
    with CanaryServer(error_cases("auth_token", ["raw"])) as server:
        variables = {"url": server.url, "canaries": CANARIES}
        for name, asked, env, arguments in (
            ("quiet", by_keyword, {}, ("-e", "huaweicloud_vpn_in_process=false")),
            ("loud", by_keyword, {}, ("-e", "huaweicloud_vpn_in_process=false", "-vvv")),
            ("in process", by_keyword, {}, ("-vvv",)),
            ("kept", by_option, LOUDEST, ("-vvv",)),
        ):
            plays = canary_play.play(*refusals(asked, "[1]"))
            ended = canary_play.run(tmp_path / name, plays, variables, env, *arguments)
            assert ended.code == 0, ended.said
            without = re.sub("^.*> EXEC .*$", "", ended.said, flags=re.MULTILINE)
            assert not Scanner().text(without, name)
            found[name] = scan(ended)
    assert not found["quiet"]
    assert not found["in process"]
    assert {hit.where for hit in found["loud"]} == {"terminal", "ansible.log"}
    assert {bool(re.search("/AnsiballZ_[a-z_]+[.]py$", hit.where)) for hit in found["kept"]} == {True}
