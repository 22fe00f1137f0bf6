# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs real ansible-playbook: each fault is a host, so that one play reads many, side by side."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import settings
from oracles import Outcome
from rig import clean_environment

HERE = Path(__file__).resolve().parent
COLLECTIONS = str(Path(settings.__file__).parents[6])
LOOKUP = "huaweicloud.vpn.vpn_connection_log"
READ = "Read"
PLAY = {
    "hosts": "all",
    "gather_facts": False,
    "tasks": [
        {
            "name": READ,
            "huaweicloud.vpn.vpn_connection_log_info": "",
            "args": "{{ options }}",
            "environment": "{{ variables }}",
            "when": "entry == 'module'",
            "ignore_errors": True,
        },
        {
            "name": READ,
            "ansible.builtin.set_fact": {"found": f"{{{{ query('{LOOKUP}', *terms, **options) }}}}"},
            "when": "entry == 'lookup'",
            "ignore_errors": True,
        },
    ],
}


@dataclass
class Run:
    """What came of one ansible-playbook."""

    code: int
    text: str
    rows: list[dict[str, Any]] = field(default_factory=list)


def host(entry: str, options: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """Return the variables of a host that reads with these options."""
    given = {name: value for name, value in options.items() if value is not None}
    terms = given.pop("vpn_connection_id") if entry == "lookup" else []
    return {"entry": entry, "options": given, "terms": terms, "variables": dict(env)}


def play(
    hosts: Mapping[str, Any],
    folder: Path,
    env: Mapping[str, str] | None = None,
    *,
    plays: Sequence[Any] = (PLAY,),
    arguments: Sequence[str] = (),
    forks: int = 4,
) -> Run:
    """Run the plays on the hosts; the folder takes all that Ansible writes."""
    folder.mkdir(parents=True, exist_ok=True)
    results, written = folder / "results", folder / "written"
    written.mkdir(exist_ok=True)
    results.unlink(missing_ok=True)
    common = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = {"all": {"hosts": hosts, "vars": common}}
    (folder / "inventory.json").write_text(json.dumps(inventory))
    (folder / "play.json").write_text(json.dumps(list(plays)))
    settings = {
        **clean_environment(os.environ),
        "PYTHONPATH": os.pathsep.join([str(HERE / "hostile"), COLLECTIONS]),
        "ANSIBLE_COLLECTIONS_PATH": COLLECTIONS,
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "torture_results",
        "ANSIBLE_HOME": str(written / "home"),
        "ANSIBLE_REMOTE_TEMP": str(written / "remote"),
        "ANSIBLE_LOCAL_TEMP": str(written / "local"),
        "ANSIBLE_LOG_PATH": str(written / "log"),
        "ANSIBLE_FORKS": str(forks),
        "ANSIBLE_INJECT_INVOCATION": "1",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
        "HOME": str(written),
        "TMPDIR": str(written),
        "TORTURE_RESULTS": str(results),
        **(env or {}),
    }
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(folder / "inventory.json")]
    process = subprocess.run(
        [*command, *arguments, str(folder / "play.json")],
        env=settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    text = (
        process.stdout
        + process.stderr
        + "".join(
            path.read_text(encoding="utf-8", errors="replace") for path in sorted(written.rglob("*")) if path.is_file()
        )
    )
    rows = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    return Run(process.returncode, text, rows)


def outcome_of(row: Mapping[str, Any]) -> Outcome:
    """Return what module or lookup said."""
    result, failed = row["result"], row["status"] != "ok"
    line = str(result.get("msg", "")) if failed else ""
    if "vpn_connections" in result or "error" in result:
        errors = [result.get("error"), *(one["error"] for one in result.get("vpn_connections", []))]
        code = next((error["code"] for error in errors if error), None)
        return Outcome(not failed, line, code, dict(result) if "vpn_connections" in result else None, row["elapsed"])
    # The lookup's own words stand behind those of ansible-core, once more or once less with each version.
    line = line.rpartition(f"{LOOKUP}: ")[2]
    answer = None if failed else {"logs": result.get("ansible_facts", {}).get("found")}
    return Outcome(not failed, line, None, answer, row["elapsed"])
