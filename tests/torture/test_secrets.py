# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret gets out: not by a fault, not by a server that quotes it, not at any verbosity, not into any file."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import canary_play
import pytest
from canary import BASE64, CANARIES, ENCODINGS, Scanner, encoded
from canary_play import INFO, LOGS, LOUDEST, Ended, ask, look_up, refusals
from canary_server import KEYS, CanaryProxy, CanaryServer, error_cases, one_of_each, way_cases
from fault_model import PRIMARY
from rig import environment, play, refused

TOKEN = ("auth_token",)
# The resolver of hostile/sitecustomize.py raises for this name, and tells the secret key.
BUG = "bug.torture.test"
BROKEN_LIBRARY = {
    **dict.fromkeys(("NO_PROXY", "no_proxy"), f"127.0.0.1,{BUG}"),
    "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "hostile"), os.environ.get("PYTHONPATH", "")]),
}
SDK_NAMES = dict(zip(KEYS, ("ak", "sk", "security_token")))
KOOCLI_NAMES = dict(zip(KEYS, ("accessKeyId", "secretAccessKey", "securityToken")))
QUOTING = {"endpoint": "{{ url }}", "project_id": "{{ item }}"}
BROKEN = {
    "no key": lambda ini, config: (ini.replace("ak =", "key ="), config.replace("accessKeyId", "keyId")),
    "a mode": lambda ini, config: (
        f"{ini}idp_id = {CANARIES['auth_token']}\nid_token_file = x\n".replace("%", "%%"),
        config.replace('"AKSK"', json.dumps(CANARIES["auth_token"])),
    ),
    "cut": lambda ini, config: (f"{ini}{CANARIES['proxy']}\n", config[:-20]),
}


def texts() -> tuple[str, str]:
    """Return both files with all keys."""
    lines = [f"{name} = {CANARIES[option].replace('%', '%%')}" for option, name in SDK_NAMES.items()]
    profile = {"name": "a", "mode": "AKSK", **{name: CANARIES[option] for option, name in KOOCLI_NAMES.items()}}
    return "\n".join(["[basic]", *lines, ""]), json.dumps({"current": "a", "profiles": [profile]})


def written(folder: Path, ini: str, config: str) -> dict[str, str]:
    """Write the files; return their paths by the options that name them."""
    folder.mkdir(parents=True)
    (folder / "ini").write_text(ini, encoding="utf-8")
    (folder / "config").write_text(config, encoding="utf-8")
    return {"credentials_file": str(folder / "ini"), "shared_config_file": str(folder / "config")}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", CANARIES)
def test_the_scanner_finds_any_part_in_any_disguise(name: str, encoding: str) -> None:
    """Else nothing that it does not find would mean anything."""
    secret = CANARIES[name].strip()
    # Base64 of a part is known by its inner letters only, hence some more of them; and where it begins, is another.
    length, alike = (12, {*BASE64}) if encoding in BASE64 else (8, {encoding})
    for start in range(len(secret) - length + 1):
        part = encoded(secret[start : start + length], encoding)
        found = Scanner({name: CANARIES[name]}).text(f"x{part}y", "here")
        assert alike & {hit.encoding for hit in found}, part


@pytest.mark.parametrize("given", ["keys", "token", "credentials_file", "shared_config_file"])
def test_what_a_server_quotes_is_not_repeated(given: str, tmp_path: Path, whole: bool) -> None:
    """In this process: every fault, every disguise, wherever the secrets are from."""
    names = TOKEN if given == "token" else KEYS
    cases = [case for name in names for case in (*error_cases(name), *way_cases(name))]
    cases = cases if whole else [case for case in one_of_each(cases) if not case.name.endswith("stall")]
    options = {name: CANARIES[name] for name in names}
    if given.endswith("file"):
        options = {given: written(tmp_path / "files", *texts())[given]}
    scanner = Scanner()
    with CanaryServer(cases) as server, environment({}):
        for case in cases:
            place = {"project_id": case.name, "endpoint": server.url, "region": "cn-north-4"}
            outcome = play({**options, **place, "vpn_connection_id": [PRIMARY], "timeout": 1, "retries": 0})
            refused(outcome)
            assert scanner.text(outcome.line + outcome.seen, case.name) == []
        assert len(server.requests) == len(cases)
        assert all(CANARIES[names[-1]].encode() in request for request in server.requests)


def no_secret_in(ended: Ended) -> None:
    """Look through what a run said and left behind."""
    assert ended.code == 0, ended.said
    assert ended.left.joinpath("ansible.log").stat().st_size, "no log was written"
    assert list(ended.left.glob("junit/*.xml")), f"no JUnit file was written: {ended.said}"
    scanner = Scanner()
    assert [*scanner.text(ended.said, "terminal"), *scanner.tree(ended.left)] == []


@pytest.mark.parametrize("names", [KEYS, TOKEN], ids=["keys", "token"])
def test_plays_with_secrets_from_the_environment(names: tuple[str, ...], tmp_path: Path, whole: bool) -> None:
    """A server and a proxy that quote them, and a library that does: by module and lookup, as loud as can be."""
    if names is TOKEN and not whole:
        pytest.skip("only in the whole suite: make torture")
    known = [case for name in names for case in (*error_cases(name), *way_cases(name))]
    # What a 403 says is repeated for people, so that is where a disguise matters most.
    told = [case.name for case in known if case.name.endswith("403")][:: 1 if whole else 12]
    cases = [*told, *(case.name for case in way_cases(names[0])[:: 1 if whole else 9] if "stall" not in case.name)]
    proxied = ["refused", "broken", "garbage", "reset", "portal"][: None if whole else 1]
    tasks = [
        *refusals(ask(LOGS, "cases", **QUOTING), "cases"),
        *refusals(ask(INFO, "others", endpoint="{{ item }}", project_id="p"), "others"),
        *look_up(cases, {"project_id": "case"}),
        *look_up(proxied, {"endpoint": "'https://' ~ case ~ '.torture.test'", "project_id": "'p'"}),
        *look_up(["0"], {"endpoint": "others[case | int]", "project_id": "'p'"}),
    ]
    variables = {f"HW_{name.upper()}": CANARIES[name] for name in names}
    with CanaryServer(known) as server, CanaryProxy() as proxy:
        variables["HTTPS_PROXY"] = f"http://somebody:{CANARIES['proxy']}@{proxy.origin}"
        given = {"url": server.url, "cases": cases, "others": [f"https://{BUG}"]}
        env = {**LOUDEST, **BROKEN_LIBRARY, **variables}
        ended = canary_play.run(tmp_path, canary_play.play(*tasks), given, env, "-vvvv")
        assert ended.ignored == len(cases) + len(proxied) + 3, ended.said
        sent = b"".join(server.requests)
        assert all(CANARIES[one].encode() in sent for one in names if one != "secret_key")
        assert base64.b64encode(f"somebody:{CANARIES['proxy']}".encode()) in b"".join(proxy.requests)
    no_secret_in(ended)


def test_plays_with_secrets_from_files(tmp_path: Path) -> None:
    """A server that quotes them, and files of which something is wrong: by module and lookup, as loud as can be."""
    cases = [case for name in KEYS for case in one_of_each(error_cases(name)) if case.name.endswith("403")][::4]
    names = [case.name for case in cases]
    good = written(tmp_path / "good", *texts())
    bad = [written(tmp_path / f"bad-{number}", *spoil(*texts())) for number, spoil in enumerate(BROKEN.values())]
    everything = [{option: path} for paths in bad for option, path in paths.items()]
    given = {option: f"{{{{ item.{option} | default(omit) }}}}" for option in good}
    with CanaryServer(cases) as server:
        tasks = [
            *refusals(ask(LOGS, "names", **QUOTING, credentials_file=good["credentials_file"]), "names"),
            *refusals(ask(INFO, "names", **QUOTING, shared_config_file=good["shared_config_file"]), "names"),
            *look_up(names, {"project_id": "case", "credentials_file": "good.credentials_file"}),
            *refusals(ask(LOGS, "bad", endpoint="{{ url }}", project_id="p", **given), "bad"),
            *look_up(map(str, range(len(everything))), {"project_id": "'p'", "**bad[case | int]": ""}),
        ]
        variables = {"url": server.url, "names": names, "good": good, "bad": everything}
        ended = canary_play.run(tmp_path / "run", canary_play.play(*tasks), variables, LOUDEST, "-vvvv")
        assert ended.ignored == 3 + len(names) + len(everything)
        assert len(server.requests) == 3 * len(names)
    no_secret_in(ended)
    assert ended.said.count("E_CRED") >= 2 * len(everything)
