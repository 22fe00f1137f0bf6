# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes of the emulated world: those that take effect later, what is said of them, and all that are shipped."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

EMULATOR = Path(__file__).resolve().parents[2] / "integration" / "targets" / "setup_emulator" / "files" / "emulator.py"
SCENARIOS = sorted(file.stem for file in (EMULATOR.parent / "scenarios").glob("*.yml"))
ONE = {"connections": [{"name": "one"}]}
THROTTLED = ("hq-primary", "log", "APIGW.0308")
# The errors that a change is for: while it is fresh, and after a minute.
INTENDED = {
    ("default", "being_updated"): ({("hq-primary", "log", "VPN.0306")}, set()),
    ("default", "unreadable"): 2 * ({("hq-primary", "log", "VPN.0002")},),
    ("default", "throttled_for_a_while"): 2 * ({THROTTLED},),
    ("default", "old_gateway"): 2 * ({("branch", "log", "VPN.0304")},),
    ("default", "old_gateway_hq"): 2 * ({("hq-primary", "log", "VPN.0304"), ("hq-secondary", "log", "VPN.0304")},),
    ("default", "sa_api_missing"): 2
    * ({(name, "ipsec-sa", "APIGW.0101") for name in ("hq-primary", "hq-secondary", "branch")},),
}
# What becomes of hq-primary: its status at once and after a minute, and what its last line before then says.
OUTCOMES = {
    "wrong_psk": ("DOWN", "DOWN", "[authentication fail]"),
    "proposal_mismatch": ("DOWN", "DOWN", "[phase1 proposal mismatch]"),
    "pfs_mismatch_hidden": ("ACTIVE", "ACTIVE", "[phase2 sa replace]"),
    "pfs_mismatch_at_rekey": ("ACTIVE", "DOWN", "[phase2 proposal or pfs mismatch]"),
    "unknown_reason": ("DOWN", "DOWN", "[peer policy revision too old]"),
    "retry_storm": ("DOWN", "DOWN", "[flow mismatch]"),
    "late_failure": ("DOWN", "DOWN", "[authentication fail]"),
    "renegotiated": ("ACTIVE", "ACTIVE", "tunnel is established"),
    "delayed_renegotiation": ("DOWN", "ACTIVE", "tunnel is established"),
    "recovered": ("DOWN", "ACTIVE", "tunnel is established"),
    "sas_restart": ("ACTIVE", "ACTIVE", "[phase2 sa replace]"),
    "being_updated": ("PENDING_UPDATE", "ACTIVE", "tunnel is established"),
    "flap": ("ACTIVE", "ACTIVE", "tunnel is established"),
    "flap_ends_down": ("ACTIVE", "DOWN", "[dpd timeout]"),
    "status_flapping_to_error": ("DOWN", "ERROR", "[phase2 sa replace]"),
    "recover": ("ACTIVE", "ACTIVE", "tunnel is established"),
    "idle": ("DOWN", "DOWN", "[phase2 sa replace]"),
    "idle_active": ("ACTIVE", "ACTIVE", "[phase2 sa replace]"),
    "one_way_traffic": ("ACTIVE", "ACTIVE", "[phase2 sa replace]"),
    "ha_failover": ("DOWN", "DOWN", "[dpd timeout]"),
    "ha_both_down": ("DOWN", "DOWN", "[max transmit reached]"),
    "strangers": ("ACTIVE", "ACTIVE", "[2001:db8::bad]"),
    "novel_line": ("ACTIVE", "ACTIVE", "IPsec peer rejected the request"),
    "harmless_line": ("ACTIVE", "ACTIVE", "IKE keepalive statistics were collected"),
    "clock_skew": ("ACTIVE", "ACTIVE", "[phase2 sa replace]"),
}


def wait(client: Any, seconds: float) -> None:
    """Let the cloud's clock go on; nothing is asked in between, so what becomes due in this time is found late."""
    client.emulator.world.clock_skew += seconds


def lines(client: Any, name: str) -> list[str]:
    """Return what the log of a connection says, oldest first."""
    return [entry["raw_message"] for entry in reversed(client.log(name))]


def status(client: Any, name: str) -> str:
    """Return the status of a connection."""
    return client.vpn(f"/vpn-connection/{client.id_of(name)}").body["vpn_connection"]["status"]


def sas(client: Any, name: str) -> list[dict[str, Any]]:
    """Return the SAs of a connection."""
    return client.vpn(f"/vpn-connection/{client.id_of(name)}/ipsec-sa").body["sa_infos"]


def errors(client: Any, names: list[str]) -> set[tuple[str, str, str]]:
    """Return which reads of these connections end in which error."""
    found = set()
    for name in names:
        for part in ("", "log", "ipsec-sa"):
            answer = client.vpn(f"/vpn-connection/{client.id_of(name)}/{part}".rstrip("/"))
            if answer.status != 200:
                found.add((name, part, answer.body["error_code"]))
    return found


class TestLater:
    """Patches that take effect by themselves."""

    def test_on_the_real_clock(self, emulate: Any) -> None:
        """Nobody asks in between, and nothing is there too early."""
        client = emulate(ONE)
        client.emulator.change({"later": [{"in": "700ms", "connections": {"one": {"status": "DOWN"}}}]})
        assert status(client, "one") == "ACTIVE"
        time.sleep(0.75)
        assert status(client, "one") == "DOWN"

    def test_a_late_poll_sees_the_same_history(self, emulate: Any) -> None:
        """Lines, SAs and times are those of the moments that were due, in their order, however they are written."""
        client = emulate(ONE)
        client.emulator.change(
            {
                "later": [
                    {"in": "9s", "connections": {"one": {"status": "ACTIVE", "logs": [{"established": True}]}}},
                    {"in": "3s", "connections": {"one": {"status": "DOWN", "logs": [{"fails": "flow mismatch"}]}}},
                    {"in": 3, "connections": {"one": {"logs": [{"ago": "1s", "content": "before"}]}}},
                    {"in": "6s", "connections": {"one": {"logs": [{"in": "1s", "content": "after"}]}}},
                ]
            }
        )
        begin = client.emulator.world.now()
        wait(client, 59)
        entries = client.log("one")
        for entry, (moment, text) in zip(
            reversed(entries), [(2, "before"), (3, "flow mismatch"), (7, "after"), (9, "established")]
        ):
            assert entry["time"] == pytest.approx(begin + moment, abs=1.1)
            assert text in entry["raw_message"]
        assert len(entries) == 4
        assert sas(client, "one")[0]["packets_sent"] == pytest.approx(1 + 50 * 10, abs=30), "it has grown since 9 s"
        updated = client.emulator.world.connections[client.id_of("one")].public["updated_at"]
        moment = datetime.fromisoformat(updated.replace("Z", "+00:00"))
        assert moment.timestamp() == pytest.approx(begin + 9, abs=1)

    def test_a_patch_is_there_at_its_moment_and_not_before(self, emulate: Any) -> None:
        """And those after it are still to come."""
        client = emulate(ONE)
        steps = [{"in": f"{n}m", "connections": {"one": {"status": f"S{n}"}}} for n in (3, 1, 2)]
        client.emulator.change({"later": steps})
        seen = []
        for seconds in (0, 55, 10, 55, 60):
            wait(client, seconds)
            seen.append(status(client, "one"))
        assert seen == ["ACTIVE", "ACTIVE", "S1", "S2", "S3"]

    def test_a_patch_for_later_may_plan_further_ones(self, emulate: Any) -> None:
        """They count from its moment, not from the request that found it due."""
        client = emulate(ONE)
        last = {"in": "1m", "connections": {"one": {"status": "DOWN"}}}
        client.emulator.change({"later": [{"in": "1m", "later": [last]}]})
        wait(client, 110)
        assert status(client, "one") == "ACTIVE"
        wait(client, 15)
        assert status(client, "one") == "DOWN"

    def test_what_was_due_comes_before_a_further_change(self, emulate: Any) -> None:
        """Otherwise the older patch would undo the newer one."""
        client = emulate(ONE)
        client.emulator.change({"later": [{"in": "1m", "connections": {"one": {"status": "DOWN"}}}]})
        wait(client, 61)
        client.emulator.change({"connections": {"one": {"status": "ERROR"}}})
        assert status(client, "one") == "ERROR"

    def test_a_delayed_answer_tells_of_its_own_moment(self, emulate: Any) -> None:
        """Not of the moment when the request came."""
        client = emulate({**ONE, "faults": [{"delay": "400ms"}]})
        client.emulator.change({"later": [{"in": "200ms", "connections": {"one": {"status": "DOWN"}}}]})
        assert status(client, "one") == "DOWN"

    def test_switches_faults_and_gateways_change_later_too(self, emulate: Any) -> None:
        """A patch for later can do what a change can; a clock that it moves counts for its own lines."""
        client = emulate(ONE)
        steps = [
            {"in": "1s", "ipsec_sa_api": False, "faults": [{"path": "/log$", "status": 503}]},
            {"in": "2s", "gateways": {"gateway-1": {"supported_features": []}}},
            {"in": "3s", "clock_skew": 3600, "connections": {"one": {"logs": [{"established": True}]}}},
        ]
        client.emulator.change({"later": steps})
        wait(client, 1.1)
        assert errors(client, ["one"]) == {("one", "log", "APIGW.0613"), ("one", "ipsec-sa", "APIGW.0101")}
        wait(client, 1)
        assert ("one", "log", "VPN.0304") in errors(client, ["one"])
        wait(client, 1)
        client.emulator.change({"gateways": {"gateway-1": {"supported_features": ["query_connection_log"]}}})
        assert client.log("one")[0]["time"] == pytest.approx(time.time() + 3600, abs=2)

    def test_dropped_and_forgotten(self, emulate: Any) -> None:
        """By drop_later, which leaves those of its own change, and by a reset of the world."""
        client = emulate(ONE)
        down = {"later": [{"in": "1m", "connections": {"one": {"status": "DOWN"}}}]}
        client.emulator.change(down)
        client.emulator.change(
            {"drop_later": True, "later": [{"in": "2m", "connections": {"one": {"status": "ERROR"}}}]}
        )
        wait(client, 90)
        assert status(client, "one") == "ACTIVE"
        wait(client, 60)
        assert status(client, "one") == "ERROR"
        client.emulator.change(down)
        assert client.plain("POST", "/emulator/reset").status == 200
        wait(client, 3600)
        assert status(client, "one") == "ACTIVE"

    def test_the_control_api_shows_what_is_still_to_come(self, emulate: Any) -> None:
        """The next one first, each with its moment."""
        client = emulate(ONE)
        client.emulator.change({"later": [{"in": "2m", "logs_null": True}, {"in": "1m", "log_cap": 5}]})
        after = client.plain("GET", "/emulator/world").body["later"]
        assert [sorted(one) for one in after] == [["at", "in", "log_cap"], ["at", "in", "logs_null"]]
        assert after[0]["at"] < after[1]["at"]
        wait(client, 90)
        assert len(client.plain("GET", "/emulator/world").body["later"]) == 1

    @pytest.mark.parametrize(
        "patch",
        [
            {"connections": {"one": {"status": "DOWN"}}},
            {"in": "soon"},
            {"in": "1s", "connection": {}},
            {"in": "1s", "connections": {"one": {"statis": "DOWN"}}},
            {"in": "1s", "connections": {"one": {"logs": [{"fail": "flow mismatch"}]}}},
            {"in": "1s", "connections": {"one": {"on_reset": {"logs": [{"ago": "1s"}]}}}},
            {"in": "1s", "connections": {"one": {"sa_rates": {"received": 0}}}},
            {"in": "1s", "connections": {"one": {"gateway": "none"}}},
            {"in": "1s", "gateways": {"none": {}}},
            {"in": "1s", "faults": [{"time": 2}]},
            {"in": "1s", "later": [{}]},
        ],
    )
    def test_mistakes_are_told_at_once(self, emulate: Any, emulator_module: Any, patch: dict[str, Any]) -> None:
        """Not by the request that comes when it is due; and nothing of the change is done. At the start already."""
        client = emulate(ONE)
        change = {"connections": {"one": {"status": "DOWN"}}, "later": [patch]}
        answer = client.plain("POST", "/emulator/change", json.dumps({"patch": change}))
        assert (answer.status, answer.body["error"][:14]) == (400, "ScenarioError:")
        assert status(client, "one") == "ACTIVE"
        with pytest.raises(ValueError):
            emulator_module.Emulator({**ONE, "changes": {"wrong": change}})


class TestRates:
    """How much goes through the SAs."""

    def test_each_way_of_its_own(self, emulate: Any) -> None:
        """From the beginning."""
        client = emulate({"connections": [{"name": "one", "ipsec_sas": [{"rate": 5, "rate_recv": 0}]}]})
        wait(client, 100)
        sa = sas(client, "one")[0]
        assert (sa["packets_sent"], sa["packets_recv"]) == (pytest.approx(501, abs=20), 1)
        assert (sa["traffic_sent"], sa["traffic_recv"]) == (sa["packets_sent"] * 200, 200)
        assert not {"rate", "rate_sent", "rate_recv", "since"} & set(sa)

    def test_a_change_of_the_rates_keeps_sa_and_counters(self, emulate: Any) -> None:
        """What was counted before stays."""
        client = emulate(ONE)
        identity = sas(client, "one")[0]["id"]
        wait(client, 100)
        client.emulator.change({"connections": {"one": {"sa_rates": {"sent": 1, "recv": 0}}}})
        wait(client, 100)
        sa = sas(client, "one")[0]
        assert sa["id"] == identity
        assert (sa["packets_sent"], sa["packets_recv"]) == (pytest.approx(1101, abs=40), pytest.approx(1001, abs=40))
        assert sa["traffic_sent"] == sa["packets_sent"] * 200


class TestShipped:
    """The changes of the scenarios that are shipped."""

    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_only_intended_errors(self, emulate: Any, scenario: str) -> None:
        """Logs, connection and SAs can be read after every change, and when all of it has come; else as intended."""
        client = emulate(scenario)
        names = [connection.name for connection in client.emulator.world.connections.values()][:5]
        old = {("legacy", "log", "VPN.0304")} if scenario == "old_gateway" else set()
        assert errors(client, names) == old
        for change in list(client.emulator.world.changes):
            client.emulator.reset()
            client.emulator.change(change)
            upgraded = change == "gateway_upgraded"
            at_once, finally_ = INTENDED.get((scenario, change), 2 * (set() if upgraded else old,))
            assert errors(client, names) == at_once, change
            wait(client, 60)
            assert errors(client, names) == finally_, change
            assert not client.emulator.world.later, change

    def test_outcomes(self, client: Any) -> None:
        """Every change of the default scenario ends as its line says; the others are looked at below."""
        elsewhere = {
            *("still_failing", "pre_existing_failure", "log_cleared", "unreadable", "throttled_for_a_while"),
            *("old_gateway", "old_gateway_hq", "sa_api_missing"),
        }
        assert set(OUTCOMES) | elsewhere == set(client.emulator.world.changes)
        for change, (at_once, finally_, last) in OUTCOMES.items():
            client.emulator.reset()
            client.emulator.change(change)
            assert client.emulator.world.changes[change]["about"].strip() in client.emulator.introduction()
            assert status(client, "hq-primary") == at_once, change
            wait(client, 60)
            assert status(client, "hq-primary") == finally_, change
            assert last in lines(client, "hq-primary")[-1], change
            assert bool(sas(client, "hq-primary")) == (finally_ == "ACTIVE"), change

    @pytest.mark.parametrize(
        ("change", "moments"),
        [
            ("flap", "ACTIVE DOWN ACTIVE DOWN ACTIVE DOWN ACTIVE ACTIVE"),
            ("flap_ends_down", "ACTIVE DOWN ACTIVE DOWN ACTIVE DOWN DOWN DOWN"),
            ("status_flapping_to_error", "DOWN ACTIVE DOWN ERROR ERROR"),
            ("recovered", "DOWN DOWN DOWN ACTIVE ACTIVE"),
            ("delayed_renegotiation", "DOWN DOWN DOWN DOWN ACTIVE"),
            ("being_updated", "PENDING_UPDATE PENDING_UPDATE PENDING_UPDATE ACTIVE"),
            ("pfs_mismatch_at_rekey", "ACTIVE ACTIVE ACTIVE ACTIVE ACTIVE ACTIVE DOWN DOWN"),
        ],
    )
    def test_step_by_step(self, client: Any, change: str, moments: str) -> None:
        """The status, second by second; a tunnel that came up has a new SA and two lines for it."""
        begin = client.emulator.world.now()
        client.emulator.change(change)
        known, seen = "", []
        for number in range(len(moments.split())):
            client.emulator.world.clock_skew = begin + number + 0.5 - time.time()
            seen.append(status(client, "hq-primary"))
            found = sas(client, "hq-primary")
            if len(seen) > 1 and (seen[-2], seen[-1]) == ("DOWN", "ACTIVE"):
                assert found[0]["id"] != known
            known = found[0]["id"] if found else known
        assert seen == moments.split()
        downs = sum("teared down" in line and "dpd timeout" in line for line in lines(client, "hq-primary"))
        assert downs == (3 if change.startswith("flap") else 0)

    @pytest.mark.parametrize("change", ["pfs_mismatch_at_rekey", "wrong_psk"])
    def test_a_recovery_ends_what_is_to_come(self, client: Any, change: str) -> None:
        """The mismatch that waits for the rekey is repaired before it shows, and what failed goes on no longer."""
        client.emulator.change(change)
        client.emulator.change("recover")
        wait(client, 60)
        assert status(client, "hq-primary") == "ACTIVE"
        assert "negotiation fails" not in lines(client, "hq-primary")[-1]


def test_ha_pairs_share_their_gateways(emulate: Any) -> None:
    """Two and two, master and slave, at the two addresses of one gateway."""
    client = emulate("ha_pairs")
    world = client.emulator.world
    shown = [connection.public for connection in world.connections.values()]
    assert len({one["name"] for one in shown}) == len(shown) == 40
    assert [one["ha_role"] for one in shown] == ["master", "slave"] * 20
    for master, slave in zip(shown[::2], shown[1::2]):
        assert (master["vgw_id"], master["cgw_id"]) == (slave["vgw_id"], slave["cgw_id"])
        assert master["vgw_ip"] != slave["vgw_ip"]
    assert len({one["cgw_id"] for one in shown}) == 20
    singles = emulate("many").emulator.world.connections.values()
    assert {one.public["ha_role"] for one in singles} == {"master"}
