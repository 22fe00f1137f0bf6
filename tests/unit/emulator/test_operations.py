# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the emulated IAM and VPN services answer."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest

TWO = {"connections": [{"name": "one"}, {"name": "two", "logs": [{"fails": "flow mismatch"}]}]}


class TestIam:
    """Projects."""

    def test_projects_by_name(self, client: Any) -> None:
        """One name, one project; the answer carries IAM's trace id."""
        answer = client.call("GET", "/v3/projects?name=cn-north-4")
        assert [one["id"] for one in answer.body["projects"]] == [client.emulator.world.projects[0]["id"]]
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-iam-trace-id"])
        assert client.call("GET", "/v3/projects?name=nowhere").body["projects"] == []
        assert len(client.call("GET", "/v3/auth/projects").body["projects"]) == 2

    def test_errors_have_the_shape_of_iam(self, client: Any) -> None:
        """An int code and a title."""
        expected = {"error": {"message": "Authentication failed", "code": 401, "title": "Unauthorized"}}
        assert client.plain("GET", "/v3/projects").body == expected

    def test_a_denied_list_leaves_the_other_way(self, client: Any) -> None:
        """A fault can stand for a missing permission."""
        client.emulator.change({"faults": [{"path": "^/v3/projects", "status": 403, "times": "always"}]})
        answer = client.call("GET", "/v3/projects?name=cn-north-4")
        assert (answer.status, answer.body["error"]["title"]) == (403, "Forbidden")
        assert client.call("GET", "/v3/auth/projects").status == 200


class TestLists:
    """The list of connections and its pages."""

    def test_a_walk_meets_every_connection_once(self, emulate: Any) -> None:
        """Nothing is lost at a page border and the walk ends."""
        client = emulate("many")
        seen, marker = [], ""
        for _number in range(100):
            body = client.vpn(f"/vpn-connection?limit=7{marker}").body
            seen += [one["id"] for one in body["vpn_connections"]]
            assert body["page_info"]["current_count"] == len(body["vpn_connections"])
            if not body["vpn_connections"]:
                break
            marker = f"&marker={quote(body['page_info']['next_marker'], safe='')}"
        assert len(seen) == len(set(seen)) == body["total_count"] == 500
        assert "next_marker" not in body["page_info"]

    def test_newest_first_and_200_unless_told(self, emulate: Any) -> None:
        """The marker of a page is the creation time of its last connection, also on the last page."""
        body = emulate("many").vpn("/vpn-connection").body
        created = [one["created_at"] for one in body["vpn_connections"]]
        assert created == sorted(created, reverse=True)
        assert len(created) == 200
        assert body["page_info"]["next_marker"] == created[-1]
        last = emulate(TWO).vpn("/vpn-connection?limit=2").body["page_info"]
        assert last["current_count"] == 2
        assert "next_marker" in last

    def test_connections_of_one_gateway(self, client: Any) -> None:
        """The total count knows no filter."""
        gateway = client.emulator.world.connections[client.id_of("branch")].public["vgw_id"]
        body = client.vpn(f"/vpn-connection?vgw_id={gateway}").body
        assert [one["name"] for one in body["vpn_connections"]] == ["branch"]
        assert body["total_count"] == 3

    def test_connections_created_at_once_are_lost_at_a_page_border(self, emulate: Any) -> None:
        """An exclusive marker skips twins: clients must compare with the total count."""
        twins = [{"name": name, "created_at": "2025-06-11T13:59:59.5Z"} for name in ("one", "two")]
        client = emulate({"connections": twins})
        body = client.vpn("/vpn-connection?limit=1").body
        marker = quote(body["page_info"]["next_marker"], safe="")
        assert client.vpn(f"/vpn-connection?limit=1&marker={marker}").body["vpn_connections"] == []

    @pytest.mark.parametrize("query", ["limit=-1", "limit=2001", "limit=x", "marker=yesterday"])
    def test_bad_parameters(self, client: Any, query: str) -> None:
        """They are the caller's error."""
        answer = client.vpn(f"/vpn-connection?{query}")
        assert (answer.status, answer.body["error_code"]) == (400, "VPN.0001")


class TestLogs:
    """The log of a connection."""

    def test_a_failure_line_has_the_documented_form(self, emulate: Any) -> None:
        """And its time is the stamp with the fraction dropped."""
        entry = emulate(TWO).log("two")[0]
        match = re.fullmatch(
            r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{6}\+00:00 host-192-0-2-38 ipsec_ike\[30085\]: \[203\.0\.113\.10\] "
            r"IPSec tunnel negotiation fails\. \(IfIndex=\[208\], PolicyName=\[\], SeqNum=\[0\], "
            r"PeerAddress=\[198\.51\.100\.10\], PeerPort=\[500\], Reason=\[flow mismatch\]\)",
            entry["raw_message"],
        )
        assert match
        assert entry["time"] == int(datetime.fromisoformat(f"{match[1]}+00:00").timestamp())

    def test_at_most_200_entries_and_the_newest(self, client: Any) -> None:
        """A retry storm pushes the establishment out."""
        assert any("established" in entry["raw_message"] for entry in client.log("hq-primary"))
        client.emulator.change("retry_storm")
        entries = client.log("hq-primary")
        assert len(entries) == 200
        assert all("flow mismatch" in entry["raw_message"] for entry in entries)

    @pytest.mark.parametrize("order", ["newest", "oldest", "shuffled"])
    def test_order(self, emulate: Any, order: str) -> None:
        """The order is a switch, since no document names one."""
        logs = [{"ago": "10s", "established": True, "repeat": 50, "every": "1s"}]
        entries = emulate({"log_order": order, "connections": [{"name": "a", "logs": logs}]}).log("a")
        stamps = [entry["raw_message"][:32] for entry in entries]
        ordered = {"newest": sorted(stamps, reverse=True), "oldest": sorted(stamps)}
        assert stamps == ordered.get(order, stamps)
        assert (stamps not in ordered.values()) == (order == "shuffled")

    def test_lines_arrive_late_and_in_the_future(self, client: Any) -> None:
        """A late line keeps its old stamp; a coming one has the stamp of its own moment."""
        late = {"ago": "1m", "fails": "version mismatch", "after": "900ms"}
        coming = {"in": "900ms", "fails": "authentication fail"}
        client.emulator.change({"connections": {"branch": {"logs": [late, coming]}}})
        now = client.emulator.world.now()
        assert not any("fails" in entry["raw_message"] for entry in client.log("branch"))
        time.sleep(0.95)
        times = {
            entry["raw_message"].rpartition("Reason=")[2]: entry["time"]
            for entry in client.log("branch")
            if "fails" in entry["raw_message"]
        }
        assert times["[version mismatch])"] == pytest.approx(now - 60, abs=2)
        assert times["[authentication fail])"] == pytest.approx(now + 0.9, abs=2)

    def test_verbatim_lines_and_entries(self, emulate: Any) -> None:
        """What a scenario gives verbatim is sent verbatim."""
        logs = [
            {"time": 1735024112, "raw_message": "2024-12-24T07:08:32.730275+00:00 anything"},
            {"ago": "1h", "raw_message": "{stamp} without an envelope"},
            {"entry": {"time": "soon", "raw_message": None, "more": 1}},
        ]
        entries = emulate({"log_order": "oldest", "connections": [{"name": "a", "logs": logs}]}).log("a")
        assert entries[0] == {"time": 1735024112, "raw_message": "2024-12-24T07:08:32.730275+00:00 anything"}
        assert re.fullmatch(r"20\d\d-[^ ]+\.\d{6}\+00:00 without an envelope", entries[1]["raw_message"])
        assert entries[2] == {"time": "soon", "raw_message": None, "more": 1}

    def test_the_ends_of_a_tunnel_can_change(self, client: Any) -> None:
        """Lines written after the change have the new addresses; one line may also name another peer and port."""
        logs = [{"fails": "peer address mismatch", "peer": "203.0.113.99", "port": 4500}, {"fails": "flow mismatch"}]
        client.emulator.change({"connections": {"branch": {"peer_address": "198.51.100.78", "logs": logs}}})
        newest = [entry["raw_message"] for entry in client.log("branch")]
        assert "PeerAddress=[198.51.100.78], PeerPort=[500]" in newest[0]
        assert "PeerAddress=[203.0.113.99], PeerPort=[4500]" in newest[1]
        assert "DstIP=[198.51.100.77]" in newest[2]

    def test_any_text_survives(self, client: Any) -> None:
        """Non-ASCII text goes out as UTF-8; a lone surrogate as a JSON escape."""
        texts = ["\u8fde\u63a5", "\x1b[31m\r\n", "\ud800"]
        logs = [{"raw_message": text} for text in texts]
        client.emulator.change({"log_order": "oldest", "connections": {"branch": {"clear_logs": True, "logs": logs}}})
        assert [entry["raw_message"] for entry in client.log("branch")] == texts

    def test_offset_and_null(self, client: Any) -> None:
        """Another offset moves the stamp, not the time; null stands for no logs."""
        before = client.log("branch")
        client.emulator.change({"log_offset": "+08:00"})
        after = client.log("branch")
        assert [entry["time"] for entry in before] == [entry["time"] for entry in after]
        assert "+08:00 host-" in after[0]["raw_message"]
        client.emulator.change({"logs_null": True})
        assert client.log("branch") is None

    def test_an_old_gateway_has_no_logs(self, emulate: Any) -> None:
        """Until it is upgraded."""
        client = emulate("old_gateway")
        answer = client.vpn(f"/vpn-connection/{client.id_of('legacy')}/log")
        expected = "Query connection log is only supported for newer VPN gateway."
        assert (answer.status, answer.body["error_code"], answer.body["error_msg"]) == (400, "VPN.0304", expected)
        assert len(client.log("modern")) == 1
        client.emulator.change("gateway_upgraded")
        assert client.log("legacy") == []

    @pytest.mark.parametrize(("code", "status"), [("VPN.0305", 400), ("VPN.0306", 400), ("VPN.0004", 404)])
    def test_documented_errors(self, client: Any, code: str, status: int) -> None:
        """In the documented shape."""
        client.emulator.change({"connections": {"branch": {"error": code}}})
        target = f"/vpn-connection/{client.id_of('branch')}/log"
        answer = client.vpn(target)
        assert (answer.status, set(answer.body)) == (status, {"error_code", "error_msg", "request_id"})

    def test_an_unknown_connection(self, client: Any) -> None:
        """Is not found; the id is taken as it is."""
        for identity in ("98c5af8a-0000-4222-8333-ae2280a6f4c3", "a%2Fb"):
            answer = client.plain("GET", f"{client.prefix}/vpn-connection/{identity}/log")
            assert answer.status == 401
        answer = client.vpn("/vpn-connection/98c5af8a-0000-4222-8333-ae2280a6f4c3/log")
        assert (answer.status, answer.body["error_code"]) == (404, "VPN.0004")


class TestTunnels:
    """Status, SAs, resets and changes."""

    def sas(self, client: Any, name: str) -> list[dict[str, Any]]:
        """Return the SAs of a connection."""
        return client.vpn(f"/vpn-connection/{client.id_of(name)}/ipsec-sa").body["sa_infos"]

    def test_a_reset_negotiates_anew(self, client: Any) -> None:
        """A teardown, an establishment and another SA."""
        before = self.sas(client, "hq-primary")
        target = f"/vpn-connection/{client.id_of('hq-primary')}/reset"
        answer = client.vpn(target, "POST")
        assert (answer.status, set(answer.body)) == (200, {"request_id"})
        newest = [entry["raw_message"] for entry in client.log("hq-primary")[:3]]
        assert "The IPSec tunnel is established." in newest[0]
        assert "IKE phase1 sa established." in newest[1]
        assert "OfflineReason=[reset sa by ike user]" in newest[2]
        assert self.sas(client, "hq-primary")[0]["id"] != before[0]["id"]

    def test_a_hidden_mismatch_shows_at_the_reset(self, client: Any) -> None:
        """A PFS mismatch leaves the tunnel up until the next negotiation."""
        client.emulator.change("pfs_mismatch_hidden")
        path = f"/vpn-connection/{client.id_of('hq-primary')}"
        assert client.vpn(path).body["vpn_connection"]["status"] == "ACTIVE"
        client.vpn(f"{path}/reset", "POST")
        assert client.vpn(path).body["vpn_connection"]["status"] == "DOWN"
        assert "phase2 proposal or pfs mismatch" in client.log("hq-primary")[0]["raw_message"]

    def test_no_secret_of_a_tunnel_is_shown(self, client: Any) -> None:
        """Nor anything else that is the emulator's own."""
        shown = client.vpn(f"/vpn-connection/{client.id_of('branch')}").body["vpn_connection"]
        assert not {"psk", "logs", "peer_address", "on_reset", "node"} & set(shown)
        assert shown["ikepolicy"]["peer_id"] == "198.51.100.77"

    def test_gateways(self, client: Any) -> None:
        """VPN gateways, listed and one by one."""
        shown = client.vpn(f"/vpn-connection/{client.id_of('branch')}").body["vpn_connection"]
        gateway = client.vpn(f"/vpn-gateways/{shown['vgw_id']}").body["vpn_gateway"]
        assert gateway["eip1"]["ip_address"] == "203.0.113.24"
        assert gateway["supported_features"] == ["query_connection_log"]
        assert len(client.vpn("/vpn-gateways").body["vpn_gateways"]) == 2

    def test_a_region_without_the_sa_api(self, client: Any) -> None:
        """Answers like for any path it does not know."""
        client.emulator.change({"ipsec_sa_api": False})
        answer = client.vpn(f"/vpn-connection/{client.id_of('branch')}/ipsec-sa")
        assert (answer.status, answer.body["error_code"]) == (404, "APIGW.0101")
