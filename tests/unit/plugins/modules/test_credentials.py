# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks whose keys come from a file, or on an ECS instance from its metadata service, as a user runs them."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

MODULES = ("vpn_connection_info", "vpn_connection_log_info")
PRIMARY = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
# What JSON and repr write otherwise than it is.
SECRET = "jW5vToq9\\'xZ2rBn7\"kQ8sLd4y"
EMULATOR = Path(__file__).parents[4] / "tests" / "integration" / "targets" / "setup_emulator" / "files" / "emulator.py"
NAMESPACE = (
    "unshare",
    "-rn",
    "sh",
    "-c",
    'ip link set lo up && ip addr add 169.254.169.254/32 dev lo && exec "$@"',
    "-",
)


def task(name, emulator_url, **options):
    place = {"endpoint": emulator_url, "iam_endpoint": emulator_url, "region": "cn-north-4", "retries": 0}
    return {
        "name": name,
        f"huaweicloud.vpn.{name}": {"vpn_connection_id": [PRIMARY], **place, **options},
        "register": "got",
    }


@pytest.mark.parametrize("in_process", ["true", "false"])
@pytest.mark.parametrize("name", MODULES)
def test_a_secret_of_a_file_is_masked_where_the_service_quotes_it(play, serve, answer, tmp_path, name, in_process):
    """Core does not know it, and a line of the log is handed on as it came."""
    path = tmp_path / "config.json"
    keys = {"name": "a", "accessKeyId": "CANARYACCESSKEY0001", "secretAccessKey": SECRET}
    path.write_text(json.dumps({"current": "a", "profiles": [keys]}), encoding="utf-8")
    row = {"id": PRIMARY, "name": SECRET, "vgw_id": PRIMARY, "time": 1750000000, "raw_message": f"says {SECRET}"}
    body = {"logs": [row], "vpn_connection": row, "vpn_gateway": row, "sa_infos": []}
    server = serve(answer(json.dumps(body)))
    options = {"shared_config_file": str(path), "project_id": PROJECT}
    options.update({"compact": True} if name == "vpn_connection_log_info" else {})
    show = {"name": "Show", "ansible.builtin.debug": {"var": "got"}}
    process = play([task(name, server.url, **options), show], "-vvv", "-e", f"huaweicloud_vpn_in_process={in_process}")
    said = process.stdout + process.stderr
    assert process.returncode == 0, said
    assert b"Access=CANARYACCESSKEY0001" in server.requests[0]
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in said or "********" in said
    assert [part for part in ("CANARYACCESS", "jW5vToq9", "xZ2rBn7", "kQ8sLd4y") if part in said] == [], said


class Metadata(BaseHTTPRequestHandler):
    """The metadata service of an instance that demands a token, with the emulator's temporary key."""

    requests: list[str] = []  # noqa: RUF012

    def do_PUT(self):
        self._say(200, b"a-token")

    def do_GET(self):
        expires = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() + 3600))
        key = {"access": "EMULATORTEMPORARY001", "secret": "emulator-temporary-secret-key-0001"}
        key.update(securitytoken="emulator-security-token-0001", expires_at=expires)
        allowed = self.headers["X-Metadata-Token"] == "a-token" and self.path == "/openstack/latest/securitykey"
        self._say(200 if allowed else 401, json.dumps({"credential": key}).encode() if allowed else b"")

    def _say(self, status, body):
        self.requests.append(self.command)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):  # noqa: A002
        pass


def on_an_instance(folder):
    """Run in a network namespace of its own, where the address of the metadata service is ours."""
    spec = importlib.util.spec_from_file_location("huaweicloud_vpn_emulator", EMULATOR)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server = ThreadingHTTPServer(("169.254.169.254", 80), Metadata)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with module.Emulator() as emulator:
        own = {"access_key": "EMULATORACCESSKEY001", "secret_key": "emulator-secret-key-of-no-real-account-0001"}
        tasks = [
            *(task(name, emulator.url, **own) for name in MODULES),
            {"name": "Mark", "ansible.builtin.uri": {"url": "http://169.254.169.254/mark", "status_code": 401}},
            *(task(name, emulator.url, ecs_metadata=True) for name in MODULES),
            {
                "name": "Look up",
                "ansible.builtin.debug": {"msg": f"{{{{ query('huaweicloud.vpn.vpn_connection_log', '{PRIMARY}') }}}}"},
                "vars": {
                    "huaweicloud_vpn_ecs_metadata": True,
                    "huaweicloud_vpn_endpoint": emulator.url,
                    "huaweicloud_vpn_iam_endpoint": emulator.url,
                    "huaweicloud_vpn_region": "cn-north-4",
                },
            },
        ]
        (folder / "play.json").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", "-v", "play.json"]
        process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        signed = [request["access_key"] for request in emulator.requests]
    result = {"code": process.returncode, "said": process.stdout + process.stderr, "asked": Metadata.requests}
    print(json.dumps({**result, "signed": sorted(set(signed))}))


def test_keys_of_the_instance_when_they_are_asked_for(tmp_path):
    if subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network of one's own can be made here")
    collections = next(path.parent for path in map(Path, sys.path) if (path / "ansible_collections").is_dir())
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HW_", "HUAWEICLOUD_"))}
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOME": str(tmp_path),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        # It must not be asked for the key.
        **dict.fromkeys(("http_proxy", "HTTP_PROXY"), "http://127.0.0.1:1"),
        "no_proxy": "127.0.0.1,169.254.169.254",
    }
    command = [*NAMESPACE, sys.executable, __file__, str(tmp_path)]
    process = subprocess.run(
        command, env={**environment, **settings}, capture_output=True, text=True, check=False, timeout=120
    )
    assert process.returncode == 0, process.stderr
    result = json.loads(process.stdout)
    assert result["code"] == 0, result["said"]
    # The first GET is the mark: before it nobody has asked.
    assert result["asked"] == ["GET", *["GET", "PUT", "GET"] * 3]
    assert result["signed"] == ["EMULATORACCESSKEY001", "EMULATORTEMPORARY001"]
    assert "emulator-" not in result["said"]


if __name__ == "__main__":
    on_an_instance(Path(sys.argv[1]))
