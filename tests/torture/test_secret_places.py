# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret of a file gets out either: core knows none of them, and no word of the file is anybody's business."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import canary_play
import oracles
from canary import CANARIES, Scanner
from canary_play import INFO, LOGS, LOUDEST, ask, look_up, refusals
from canary_server import KEYS, CanaryServer, error_cases, one_of_each, way_cases
from fault_model import PRIMARY
from rig import environment, play

SDK_NAMES = dict(zip(KEYS, ("ak", "sk", "security_token")))
KOOCLI_NAMES = dict(zip(KEYS, ("accessKeyId", "secretAccessKey", "securityToken")))
QUOTING = {"endpoint": "{{ url }}", "project_id": "{{ item }}"}
BROKEN = {
    "no name": lambda ini, config: (ini.replace("[basic]", ""), config[1:]),
    "no key": lambda ini, config: (ini.replace("ak =", "key ="), config.replace("accessKeyId", "keyId")),
    "a blank": lambda ini, config: (ini.replace("sk = ", "sk = x "), config.replace('Key": "', 'Key": "x ')),
    "another member": lambda ini, config: (
        ini.replace("security_token", "project_id"),
        config.replace("securityToken", "projectId"),
    ),
    "a mode": lambda ini, config: (
        f"{ini}idp_id = {CANARIES['auth_token']}\nid_token_file = x\n".replace("%", "%%"),
        config.replace('"AKSK"', json.dumps(CANARIES["auth_token"])),
    ),
    "cut": lambda ini, config: (f"{ini}{CANARIES['proxy']}\n", config[:-20]),
    "another file": lambda ini, config: (config, ini),
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


def test_what_a_server_quotes_of_a_file_is_not_repeated(
    tmp_path: Path, whole: bool, count: Callable[..., None]
) -> None:
    """In this process: every fault, every disguise."""
    cases = [case for name in KEYS for case in (*error_cases(name), *way_cases(name))]
    cases = [case for case in (cases if whole else one_of_each(cases)) if not case.name.endswith("stall")]
    paths = written(tmp_path / "files", *texts())
    scanner = Scanner()
    with CanaryServer(cases) as server, environment({}):
        for number, case in enumerate(cases):
            option = list(paths)[number % 2]
            given = {option: paths[option], "project_id": case.name, "endpoint": server.url, "region": "cn-north-4"}
            outcome = play({**given, "vpn_connection_id": [PRIMARY], "timeout": 1, "retries": 0})
            oracles.refused(outcome)
            oracles.no_traceback(outcome)
            oracles.no_hit(scanner.text(outcome.line + outcome.seen, case.name))
        assert len(server.requests) == len(cases)
        assert all(CANARIES["security_token"].encode() in request for request in server.requests)
    count("faults that quote a secret of a file", len(cases))


def test_plays_with_secrets_from_files(tmp_path: Path, count: Callable[..., None]) -> None:
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
        assert ended.code == 0, ended.said
        assert ended.ignored == 3 + len(names) + len(everything)
        assert len(server.requests) == 3 * len(names)
    scanner = Scanner()
    oracles.no_hit([*scanner.text(ended.said, "terminal"), *scanner.tree(ended.left)])
    assert ended.said.count("E_CRED") >= 2 * len(everything)
    count("files that cannot be used x module and lookup", 2 * len(everything))
