# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resets over a real socket: which requests are sent and in which order, what counts as back, what is never sent."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils import _resetter
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import session
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.api import VpnApi
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.session import Session
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resetter import Resetter, reset_spec

PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
PRIMARY, SECONDARY = "98c5af8a-1111-4222-8333-ae2280a6f4c3", "5247ae10-1111-4222-8333-2d10c3a4b5f6"
PAIR = ["hq-primary", "hq-secondary"]
WRONG_PSK = {"status": "DOWN", "logs": [{"fails": "authentication fail"}]}
SILENT = {"status": "DOWN", "logs": []}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Retries do not wait, and what is waited for is looked at ten times a second."""
    utils = "ansible_collections.huaweicloud.vpn.plugins.module_utils"
    monkeypatch.setattr(f"{utils}._client.session.wait_before", lambda *_: 0.0)
    monkeypatch.setattr(f"{utils}._client.concurrency._GAP", 0.001)
    monkeypatch.setattr(_resetter, "_FIRST", 0.1)
    monkeypatch.setattr(_resetter, "_LONGEST", 0.1)
    monkeypatch.setattr(_resetter, "_PATIENCE", 0)


@pytest.fixture
def reset(connect):
    """Reset connections of a server, with these options."""

    def run(url, predict=False, settings=None, **options):
        values = {name: entry.get("default") for name, entry in reset_spec().items()}
        connection = connect(url, project_id=PROJECT, **{"timeout": 5, **(settings or {})})
        return Resetter(connection, {**values, **options}.get).run(predict=predict)

    return run


def sent(emulator):
    """Return the IDs of the connections that a reset was sent for, in their order."""
    return [one["path"].split("/")[4] for one in emulator.requests if one["method"] == "POST"]


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)


def after_reset(emulator, name="hq-primary", **members):
    emulator.change({"connections": {name: {"on_reset": members}}})


@pytest.fixture
def comes_back(emulator):
    """Let hq-primary come back as soon as it was looked at after its reset, however long a busy machine takes."""

    def was_looked_at():
        asked = [one["method"] + one["path"] for one in emulator.requests]
        posts = [number for number, one in enumerate(asked) if one.startswith("POST")]
        return posts and any(f"{PRIMARY}/log" in one for one in asked[posts[0] :])

    def come_back():
        wait_for(was_looked_at, seconds=60)
        emulator.change({"connections": {"hq-primary": {"status": "ACTIVE", "logs": [{"established": True}]}}})

    waiting = threading.Thread(target=come_back)
    waiting.start()
    yield
    waiting.join()


def rows(outcome):
    return outcome.answer["vpn_connections"]


def test_a_reset_is_one_signed_post_without_a_body(reset, emulator):
    outcome = reset(emulator.url, vpn_connection_id=[PRIMARY])
    assert (outcome.changed, outcome.problem) == (True, None)
    (row,) = rows(outcome)
    assert (row["id"], row["name"], row["reset"], row["came_back"]) == (PRIMARY, "hq-primary", True, None)
    assert (row["status"], row["message"][:9]) == ("ACTIVE", "was reset")
    assert row["reset_at"] >= outcome.answer["server_time"]
    (post,) = [one for one in emulator.requests if one["method"] == "POST"]
    assert post["path"] == f"/v5/{PROJECT}/vpn-connection/{PRIMARY}/reset"
    assert (post["status"], post["headers"]["content-length"]) == (200, "0")
    assert "SignedHeaders=content-type;host;x-project-id;x-sdk-date" in post["headers"]["authorization"]
    assert emulator.world.connections[PRIMARY].lines[-3].value == "reset sa by ike user"


def test_a_token_and_a_temporary_key_will_do(reset, emulator):
    access_key, key = list(emulator.world.credentials.items())[1]
    secrets = {"access_key": access_key, "secret_key": key["secret_key"], "security_token": key["security_token"]}
    assert reset(emulator.url, settings=secrets, name=["branch"]).problem is None
    token = {"access_key": None, "secret_key": None, "auth_token": next(iter(emulator.world.tokens))}
    assert reset(emulator.url, settings=token, name=["branch"]).problem is None
    assert len(sent(emulator)) == 2


@pytest.mark.parametrize("wait", [True, False])
def test_check_mode_reads_and_predicts(reset, emulator, wait):
    outcome = reset(emulator.url, predict=True, name=PAIR, wait=wait)
    assert (outcome.changed, outcome.problem, sent(emulator)) == (True, None, [])
    assert [(row["reset"], row["reset_at"], row["came_back"]) for row in rows(outcome)] == [(False, None, None)] * 2
    assert rows(outcome)[0]["message"].startswith("would be reset")
    emulator.change({"faults": [{"path": f"{SECONDARY}$", "status": 403, "times": "always"}]})
    outcome = reset(emulator.url, predict=True, name=PAIR)
    assert outcome.changed is False
    assert "hq-secondary: was not reset, it cannot be read" in outcome.problem


@pytest.mark.parametrize("options", [{}, {"vgw_id": "ba90819b-1111-4222-8333-3a01622856a5"}, {"name": []}])
def test_nothing_named_is_nothing_reset(reset, emulator, options):
    with pytest.raises(VpnError, match="^(vpn_connection_id|name): "):
        reset(emulator.url, **options)
    assert emulator.requests == []


@pytest.mark.parametrize("seconds", [0, -1, 3601])
def test_a_wait_that_is_none_is_refused(reset, emulator, seconds):
    with pytest.raises(VpnError, match="^wait_timeout: "):
        reset(emulator.url, name=PAIR, wait=True, wait_timeout=seconds)
    assert emulator.requests == []


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        ({"path": f"{SECONDARY}$", "status": 404, "code": "VPN.0004"}, False),
        ({"path": f"{SECONDARY}$", "status": 500}, False),
        ({"path": f"{SECONDARY}/log$", "status": 400, "code": "VPN.0304"}, True),
        ({"path": f"{SECONDARY}/ipsec-sa$", "status": 403}, True),
    ],
)
def test_nothing_is_reset_when_one_cannot_be_read(reset, emulator, fault, wait):
    emulator.change({"faults": [{"times": "always", **fault}]})
    outcome = reset(emulator.url, vpn_connection_id=[PRIMARY, SECONDARY], wait=wait)
    assert (outcome.changed, sent(emulator)) == (False, [])
    assert outcome.problem.startswith(f"{SECONDARY}: was not reset, it cannot be read: ")
    assert outcome.problem.endswith(f"; reset: none; not reset: hq-primary, {SECONDARY}")
    assert [row["reset"] for row in rows(outcome)] == [False, False]


def test_nothing_is_reset_while_one_is_being_updated(reset, emulator):
    emulator.change({"connections": {"hq-secondary": {"status": "PENDING_UPDATE"}}})
    outcome = reset(emulator.url, name=PAIR)
    assert (outcome.changed, sent(emulator)) == (False, [])
    assert outcome.problem.startswith("hq-secondary: was not reset, its status is PENDING_UPDATE")


@pytest.mark.usefixtures("comes_back")
def test_the_next_is_reset_only_when_the_former_is_back(reset, emulator):
    after_reset(emulator, **SILENT)
    outcome = reset(emulator.url, name=PAIR, wait=True, wait_timeout=60)
    assert outcome.problem is None, outcome
    assert [(row["reset"], row["came_back"], row["status"]) for row in rows(outcome)] == [(True, True, "ACTIVE")] * 2
    assert sent(emulator) == [PRIMARY, SECONDARY]
    posts = [number for number, one in enumerate(emulator.requests) if one["method"] == "POST"]
    assert any(f"{PRIMARY}/log" in one["path"] for one in emulator.requests[posts[0] : posts[1]])


@pytest.mark.parametrize("on_reset", [WRONG_PSK, SILENT, {"status": "ACTIVE", "ipsec_sas": [], "logs": []}])
def test_the_first_that_does_not_come_back_ends_the_task(reset, emulator, on_reset):
    after_reset(emulator, **on_reset)
    outcome = reset(emulator.url, name=PAIR, wait=True, wait_timeout=1)
    assert (outcome.changed, sent(emulator)) == (True, [PRIMARY])
    assert [(row["reset"], row["came_back"]) for row in rows(outcome)] == [(True, False), (False, None)]
    assert outcome.problem.startswith("hq-primary: was reset, but ")
    assert outcome.problem.endswith("; reset: hq-primary; not reset: hq-secondary")
    assert outcome.problem.isprintable()


def test_a_failure_that_does_not_heal_ends_the_wait(reset, emulator):
    after_reset(emulator, **WRONG_PSK)
    outcome = reset(emulator.url, name=PAIR, wait=True, wait_timeout=60)
    assert len(emulator.requests) < 100  # 60 s would be 600 readings
    assert 'was reset, but is not back: 1x "authentication fail"' in outcome.problem
    assert rows(outcome)[0]["status"] == "DOWN"


@pytest.mark.usefixtures("comes_back")
def test_but_not_before_it_had_the_time_to_heal(reset, emulator, monkeypatch):
    monkeypatch.setattr(_resetter, "_PATIENCE", 60_000_000)
    after_reset(emulator, **WRONG_PSK)
    outcome = reset(emulator.url, name=["hq-primary"], wait=True, wait_timeout=60)
    assert (outcome.problem, rows(outcome)[0]["came_back"]) == (None, True)


@pytest.mark.usefixtures("comes_back")
def test_a_failure_that_may_heal_does_not_end_it(reset, emulator):
    after_reset(emulator, status="DOWN", logs=[{"fails": "responder dh mismatch"}])
    outcome = reset(emulator.url, name=["hq-primary"], wait=True, wait_timeout=60)
    assert (outcome.problem, rows(outcome)[0]["came_back"]) == (None, True)


def test_new_sas_show_it_where_the_log_says_nothing(reset, emulator):
    after_reset(emulator, status="ACTIVE", logs=[])
    outcome = reset(emulator.url, name=["hq-primary"], wait=True, wait_timeout=5)
    assert (outcome.problem, rows(outcome)[0]["came_back"]) == (None, True)


def test_what_was_negotiated_before_the_reset_shows_nothing(reset, emulator):
    """The line reaches the log after the reset, and tells of a moment before it."""
    emulator.change({"ipsec_sa_api": False})
    after_reset(emulator, status="ACTIVE", clear_logs=True, logs=[{"established": True, "ago": "5s"}])
    outcome = reset(emulator.url, name=["hq-primary"], wait=True, wait_timeout=1)
    assert rows(outcome)[0]["came_back"] is False
    assert "neither the log nor the IPsec SAs show one" in outcome.problem


def test_nor_does_what_was_negotiated_after_the_last_reading_and_before_the_reset(reset, emulator):
    emulator.change({"ipsec_sa_api": False, "faults": [{"path": "/reset$", "delay": "2500ms"}]})
    after_reset(emulator, status="ACTIVE", logs=[{"established": True, "ago": "1500ms"}], clear_logs=True)
    outcome = reset(emulator.url, name=["hq-primary"], wait=True, wait_timeout=1)
    assert rows(outcome)[0]["came_back"] is False


def test_a_negotiation_is_not_enough_while_the_status_is_another(reset, emulator):
    after_reset(emulator, status="DOWN", logs=[{"established": True}])
    outcome = reset(emulator.url, name=["hq-primary"], wait=True, wait_timeout=1)
    assert rows(outcome)[0]["came_back"] is False
    assert "the status is DOWN" in outcome.problem


def test_readings_that_fail_for_a_while_do_not_end_the_wait(reset, emulator):
    faults = [{"path": "/log$", "status": 400, "code": "VPN.0306", "skip": 2, "times": 3}]
    emulator.change({"faults": faults})
    outcome = reset(emulator.url, name=["hq-primary"], wait=True, settings={"retries": 0})
    assert (outcome.problem, rows(outcome)[0]["came_back"]) == (None, True)


def test_readings_that_will_go_on_failing_do(reset, emulator):
    emulator.change({"faults": [{"path": "/log$", "status": 403, "skip": 3, "times": "always"}]})
    outcome = reset(emulator.url, name=PAIR, wait=True, wait_timeout=60)
    assert "was reset, but is not back: cannot be read" in outcome.problem
    assert sent(emulator) == [PRIMARY]


REFUSED = [
    {"status": 400},
    {"status": 403},
    {"status": 404},
    {"status": 409},
    {"status": 400, "code": "VPN.0030"},
    {"status": 400, "code": "VPN.0306"},
]
UNCLEAR = [
    {"status": 500},
    {"status": 502},
    {"status": 503},
    {"status": 504, "code": "VPN.0014"},
    {"close": True},
    {"close": "reset"},
    {"cut": 5},
    {"status": 204},
    {"status": 302, "headers": {"Location": "/elsewhere"}},
    {"body": "{"},
    {"headers": {"Content-Type": "text/html"}},
    {"raw": "SSH-2.0\r\n"},
    {"delay": "3s"},
]


@pytest.mark.parametrize("fault", REFUSED, ids=str)
def test_a_refused_reset_is_not_tried_again(reset, emulator, fault):
    emulator.change({"faults": [{"path": "/reset$", "times": "always", **fault}]})
    outcome = reset(emulator.url, name=PAIR)
    assert (outcome.changed, sent(emulator)) == (False, [PRIMARY])
    assert outcome.problem.startswith("hq-primary: was not reset: the service answered ")
    assert "may have been executed" not in outcome.problem
    assert [row["reset"] for row in rows(outcome)] == [False, False]


@pytest.mark.parametrize("fault", UNCLEAR, ids=str)
def test_what_may_have_been_executed_is_never_sent_again_and_is_told(reset, emulator, fault):
    emulator.change({"faults": [{"path": "/reset$", "times": "always", **fault}]})
    outcome = reset(emulator.url, name=PAIR, settings={"timeout": 2})
    wait_for(lambda: sent(emulator))  # one that was delayed is noted when it is answered
    assert (outcome.changed, sent(emulator)) == (True, [PRIMARY])
    assert outcome.problem.startswith("hq-primary: it is unknown whether the tunnel was reset: ")
    assert "the request may have been executed anyway: look for new lines" in outcome.problem
    first, second = rows(outcome)
    assert (first["reset"], first["reset_at"], first["came_back"]) == (True, None, None)
    assert second["reset"] is False


@pytest.mark.parametrize("code", ["APIGW.0308", "VPN.0429"])
def test_one_request_too_many_is_sent_again(reset, emulator, code):
    emulator.change({"faults": [{"path": "/reset$", "status": 429, "code": code, "times": 2}]})
    outcome = reset(emulator.url, name=["hq-primary"])
    assert (outcome.problem, outcome.changed) == (None, True)
    assert [one["status"] for one in emulator.requests if one["method"] == "POST"] == [429, 429, 200]
    torn_down = [line.value for line in emulator.world.connections[PRIMARY].lines if line.kind == "torn_down"]
    assert torn_down.count("reset sa by ike user") == 1


def test_429_from_somebody_else_is_not(reset, emulator):
    emulator.change({"faults": [{"path": "/reset$", "status": 429, "body": "slow down", "times": "always"}]})
    outcome = reset(emulator.url, name=["hq-primary"])
    assert sent(emulator) == [PRIMARY]
    assert outcome.changed is False


@pytest.mark.parametrize("status", [201, 202])
def test_other_answers_that_mean_success(reset, emulator, status):
    emulator.change({"faults": [{"path": "/reset$", "status": status}]})
    outcome = reset(emulator.url, name=["hq-primary"])
    assert (outcome.problem, rows(outcome)[0]["reset"]) == (None, True)


def test_201_is_no_answer_to_a_question(emulator, connect):
    emulator.change({"faults": [{"status": 201}]})
    connection = connect(emulator.url, project_id=PROJECT, retries=0)
    with pytest.raises(VpnError, match="HTTP 201 instead of 200"):
        VpnApi(Session(connection), connection).log(PRIMARY)


@pytest.fixture
def closed_door():
    """A port of our own where nobody listens, yet."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        yield door


def test_without_a_connection_nothing_was_sent(connect, closed_door):
    connection = connect(f"http://127.0.0.1:{closed_door.getsockname()[1]}", project_id=PROJECT, retries=2)
    with pytest.raises(VpnError) as caught:
        VpnApi(Session(connection), connection).reset(PRIMARY)
    assert (caught.value.code, caught.value.sent) == ("E_CONNECT", False)
    assert "may have been executed" not in str(caught.value)


def test_a_connection_that_is_refused_is_tried_again(connect, closed_door, answer, monkeypatch):
    monkeypatch.setattr(session, "wait_before", lambda *_: 0.1)
    came = []

    def open_the_door():
        closed_door.listen()
        peer, _address = closed_door.accept()
        with peer:
            came.append(peer.recv(65536))
            peer.sendall(answer('{"request_id": "r1"}'))

    opener = threading.Timer(0.3, open_the_door)
    opener.start()
    connection = connect(f"http://127.0.0.1:{closed_door.getsockname()[1]}", project_id=PROJECT, retries=10)
    assert VpnApi(Session(connection), connection).reset(PRIMARY).request_id == "r1"
    opener.join()
    assert len(came) == 1
