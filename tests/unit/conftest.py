# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers for the tests, all on free loopback ports: the emulator, and one that sends the bytes it is told to."""

from __future__ import annotations

import importlib.util
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from ansible.plugins.loader import init_plugin_loader
from hypothesis import settings

# Before anything is imported from a collection: else Ansible's own loaders do not find its plugins and documentation.
init_plugin_loader()

from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.settings import (  # noqa: E402
    Connection,
    connection_spec,
)

EMULATOR = Path(__file__).parents[1] / "integration" / "targets" / "setup_emulator" / "files" / "emulator.py"

HERE = Path(__file__).parent
# What starts Ansible, and what takes seconds without, for make check to leave out; and what make test leaves out, too:
# folders, files, classes and tests.
MARKS = {
    "ansible": "docs extensions roles plugins/action/test_direct.py plugins/inventory plugins/modules",
    "nightly": """
        docs/test_pipelines.py::test_cron_says_what_is_wrong
        docs/test_pipelines.py::test_exit_codes_are_those_of_the_page
        docs/test_pipelines.py::test_the_other_services_do_the_same
        docs/test_pipelines.py::test_three_stages_are_green_after_a_good_change[stages]
        docs/test_pipelines.py::test_three_stages_are_red_after_a_broken_tunnel_or_change[no_such_change-jobs]
        docs/test_pipelines.py::test_three_stages_are_red_after_a_broken_tunnel_or_change[wrong_psk-jobs]
        docs/test_pipelines.py::test_three_stages_are_red_after_everything_else
        docs/test_pipelines.py::test_what_inputs_do
        docs/test_snippets.py::test_what_people_may_copy_runs[docs/docsite/rst/scale.rst-4]
        plugins/filter/test_parse_log.py::test_the_examples_run
        plugins/filter/test_verdict.py::test_the_examples_fail_with_the_diagnosis
        plugins/filter/test_verdict.py::test_the_examples_run_on_saved_evidence
        plugins/filter/test_verdict_report.py::test_the_examples_run
        plugins/modules/test_vpn_connection_info.py::test_the_examples_fail_for_a_tunnel_that_is_down_and_list_what_is_too_old
        plugins/modules/test_vpn_connection_info.py::test_the_examples_run
        plugins/modules/test_vpn_connection_reset.py::test_the_examples_run
    """,
    "slow": """
        emulator/test_changes.py::TestLater::test_on_the_real_clock
        emulator/test_gate.py::TestSignatures::test_more_than_five_failures_lock_the_key
        emulator/test_operations.py::TestLogs::test_lines_arrive_late_and_in_the_future
        plugins/module_utils/_client/test_credentials.py::test_an_answer_that_drips_ends_with_the_timeout
        plugins/module_utils/_client/test_credentials.py::test_the_time_for_the_key_is_time_of_the_task
        plugins/module_utils/_client/test_session.py::test_a_silent_server_ends_at_the_deadline
        plugins/module_utils/test__resetter.py::test_a_negotiation_is_not_enough_while_the_status_is_another
        plugins/module_utils/test__resetter.py::test_new_sas_show_it_where_the_log_says_nothing
        plugins/module_utils/test__resetter.py::test_the_first_that_does_not_come_back_ends_the_task
        plugins/module_utils/test__resetter.py::test_what_was_negotiated_before_the_reset_shows_nothing
        emulator/test_changes.py::TestShipped::test_only_intended_errors
        emulator/test_changes.py::test_ha_pairs_share_their_gateways
        emulator/test_operations.py::TestLists::test_a_walk_meets_every_connection_once
        emulator/test_operations.py::TestLists::test_newest_first_and_200_unless_told
        plugins/action/test_vpn_report_assert.py::test_a_pipeline_calls_it_by_one_command
        plugins/filter/test_parse_log.py::test_templates_in_a_line_stay_text
        plugins/filter/test_parse_log.py::test_the_undefined_is_an_error
        plugins/filter/test_terraform_connections.py::test_a_plan_of_terraform_itself_that_leaves_connections_out_is_refused
        plugins/filter/test_terraform_connections.py::test_terraform_itself_prints_what_is_read_here
        plugins/filter/test_verdict.py::test_templates_in_a_line_stay_text
        plugins/filter/test_verdict.py::test_undefined_and_skipped_are_errors
        plugins/filter/test_verdict_report.py::test_check_mode_is_said
        plugins/filter/test_verdict_report.py::test_templates_in_a_line_stay_text
        plugins/filter/test_verdict_report.py::test_undefined_and_skipped_are_errors
        plugins/module_utils/_log/test_parser.py::test_long_lines_take_linear_time
        plugins/module_utils/_log/test_parser.py::test_memory_stays_flat
        plugins/module_utils/_log/test_parser.py::test_repeated_pieces_take_linear_time
        plugins/module_utils/test__resetter.py::test_nor_does_what_was_negotiated_after_the_last_reading_and_before_the_reset
        plugins/module_utils/test__resetter.py::test_what_may_have_been_executed_is_never_sent_again_and_is_told
        plugins/module_utils/_client/test_session.py::test_plain_http_behind_https_is_a_tls_error
        plugins/plugin_utils/_report/test_writer.py::test_html_stays_small
        plugins/plugin_utils/_report/test_verdict_input.py::test_no_member_can_be_missing_or_odd_without_a_word
    """,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long, and let Hypothesis try few examples of a property, unless EXAMPLES is all of them."""
    few = os.environ.get("EXAMPLES") != "all"
    for item in items:
        if HERE not in item.path.parents:
            continue
        name = item.nodeid.removeprefix("unit/")
        test = name.partition("[")[0]
        for mark, places in MARKS.items():
            if any(place in (test, name) or test.startswith((f"{place}/", f"{place}::")) for place in places.split()):
                item.add_marker(mark)
        # What a test says for itself goes before a profile of Hypothesis, hence this attribute.
        wanted = getattr(item.function, "_hypothesis_internal_use_settings", None)
        if few and wanted:
            fewer = settings(wanted, max_examples=min(50, wanted.max_examples))
            item.function._hypothesis_internal_use_settings = fewer


@pytest.fixture(scope="session")
def emulator_module() -> Any:
    """The emulator, loaded by its path: its directory is no package."""
    spec = importlib.util.spec_from_file_location("huaweicloud_vpn_emulator", EMULATOR)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def switch_off(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Switch off a rule of the verdict by its name, see rules_off.py."""
    spec = importlib.util.spec_from_file_location("huaweicloud_vpn_rules_off", Path(__file__).parent / "rules_off.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda rule: module.switch_off(monkeypatch, rule)


@pytest.fixture
def emulator(emulator_module: Any) -> Iterator[Any]:
    """An emulator of the default scenario."""
    with emulator_module.Emulator() as running:
        yield running


@pytest.fixture(scope="session")
def connect() -> Callable[..., Connection]:
    """Make a checked connection to a server on loopback."""

    def make(url: str, **options: Any) -> Connection:
        values = {name: entry.get("default") for name, entry in connection_spec().items()}
        values.update(
            access_key="EMULATORACCESSKEY001",
            secret_key="emulator-secret-key-of-no-real-account-0001",
            region="cn-north-4",
            endpoint=url,
            iam_endpoint=url,
        )
        values.update(options)
        return Connection.from_options(values.get)

    return make


class ByteServer:
    """Answers each request with the next script: bytes to send, seconds to wait, None to reset; then closes.

    The last script is used for every further request, each of which comes on a connection of its own.
    """

    def __init__(self, *scripts: Any) -> None:
        self.scripts = list(scripts)
        self.requests: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                peer, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            request = b""
            while b"\r\n\r\n" not in request:
                chunk = peer.recv(65536)
                if not chunk:
                    return
                request += chunk
            self.requests.append(request)
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
            try:
                for step in script if isinstance(script, (list, tuple)) else [script]:
                    self._step(peer, step)
            except OSError:
                return

    def _step(self, peer: socket.socket, step: Any) -> None:
        if step is None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        elif isinstance(step, bytes):
            peer.sendall(step)
        else:
            time.sleep(step)


@pytest.fixture
def serve() -> Iterator[Callable[..., ByteServer]]:
    """Start byte servers."""
    started = []

    def start(*scripts: Any) -> ByteServer:
        started.append(ByteServer(*scripts))
        return started[-1]

    yield start
    for server in started:
        server.close()


def answer(
    body: bytes | str = b'{"logs": []}', status: str = "200 OK", *headers: str, length: str | None = None
) -> bytes:
    """Return a whole answer; C(length) replaces the Content-Length header, an empty one leaves it out."""
    body = body.encode() if isinstance(body, str) else body
    length = f"Content-Length: {len(body)}" if length is None else length
    lines = [
        f"HTTP/1.1 {status}",
        f"Date: {formatdate(usegmt=True)}",
        *([] if any(header.startswith("Content-Type") for header in headers) else ["Content-Type: application/json"]),
        *([length] if length else []),
        # As ByteServer does: without it, a client might use the connection again at the moment when that is closed.
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture(name="answer")
def answer_fixture() -> Callable[..., bytes]:
    """Make whole HTTP answers."""
    return answer
