# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory as Ansible sees it: all tunnels or an error, and nothing of the cloud that ever runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.utils.display import Display
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict import judge

COLLECTIONS = next(path.parent for path in Path(judge.__file__).parents if path.name == "ansible_collections")
PROJECT, LAB = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "1b2c3d4e5f60718293a4b5c6d7e8f90a"
HQ_GATEWAY = "ba90819b-1111-4222-8333-3a01622856a5"
HQ = {"hq-primary", "hq-secondary"}
PLUGIN = "huaweicloud.vpn.vpn_connections"


class Ansible:
    """Runs Ansible's commands in a folder, with the environment of a user of the emulator."""

    def __init__(self, folder, emulator, monkeypatch, capsys):
        self.folder, self.monkeypatch, self.capsys = folder, monkeypatch, capsys
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HW_", "HUAWEICLOUD_"))}
        self.environment = {
            **kept,
            **emulator.environment,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def configure(self, file="test.vpn_connections.yml", /, **config):
        path = self.folder / file
        path.write_text(yaml.safe_dump({"plugin": PLUGIN, **config}, allow_unicode=True), "utf-8")
        return str(path)

    def run(self, *command, **environment):
        return subprocess.run(
            command,
            env={**self.environment, **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def list(self, *paths, **environment):
        """Read inventories as Ansible's commands do, but here: a process costs more than what it would read.

        Return whether they were read, what was said, the variables of the hosts, and the groups with their hosts.
        """
        strict = environment.get("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED") != "false"
        hosts, groups, error = {}, {}, None
        Display()._warns.clear()  # what was said to others is not said again
        self.capsys.readouterr()
        with self.monkeypatch.context() as patch:
            for name, value in {**self.environment, **environment}.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            patch.setattr(constants, "INVENTORY_ANY_UNPARSED_IS_FAILED", strict)
            try:
                found = InventoryManager(loader=DataLoader(), sources=list(paths))
            except AnsibleError as raised:
                error = raised
            else:
                hosts = {name: dict(found.hosts[name].vars) for name in sorted(found.hosts)}
                groups = {name: {host.name for host in group.hosts} for name, group in found.groups.items()}
                groups = {name: members for name, members in groups.items() if name not in ("all", "ungrouped")}
        for given in hosts.values():  # by Ansible itself
            del given["inventory_file"], given["inventory_dir"]
        return Listed(error is None, f"{self.capsys.readouterr().err}{error}", hosts, groups)

    def listed(self, *paths, **environment):
        """Return the variables of the hosts, and the groups with their hosts."""
        done = self.list(*paths, **environment)
        assert done.read, done.stderr
        return done.hosts, done.groups


class Listed(NamedTuple):
    """What a list of an inventory came to."""

    read: bool
    stderr: str
    hosts: dict
    groups: dict


def plain(value):
    """Return what ansible-inventory wrote without its marks for texts that are no templates."""
    if isinstance(value, dict):
        if set(value) == {"__ansible_unsafe"}:
            return value["__ansible_unsafe"]
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def says(done, text):
    """Tell whether a command says this on stderr, where older versions break lines also within words."""
    return "".join(text.split()) in "".join(done.stderr.split())


@pytest.fixture
def ansible(tmp_path, emulator, monkeypatch, capsys):
    return Ansible(tmp_path, emulator, monkeypatch, capsys)


@pytest.fixture
def other(emulator_module):
    """A second cloud, with another project."""
    scenario = {
        "region": "ap-southeast-1",
        "projects": [{"id": LAB, "name": "ap-southeast-1"}],
        "gateways": [{"name": "hq-gateway"}],
        "connections": [{"name": "Branch"}, {"name": "lab", "tags": [{"key": "site", "value": "lab"}]}],
    }
    with emulator_module.Emulator(scenario) as running:
        yield running


def test_each_connection_is_a_host(ansible, emulator):
    emulator.change({"connections": {"branch": {"status": "DOWN", "tags": [{"key": "Site", "value": "north 1"}]}}})
    hosts, groups = ansible.listed(ansible.configure())
    assert list(hosts) == ["branch", "hq-primary", "hq-secondary"]
    assert hosts["branch"] == {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "huaweicloud_vpn_endpoint": emulator.url,
        "huaweicloud_vpn_project_id": PROJECT,
        "huaweicloud_vpn_region": "cn-north-4",
        "tunnel_baseline_vpn_connection_id": ["4f43df63-1111-4222-8333-76b771cb90aa"],
        "tunnel_verify_vpn_connection_id": ["4f43df63-1111-4222-8333-76b771cb90aa"],
        "vpn_connection_ha_role": "master",
        "vpn_connection_id": "4f43df63-1111-4222-8333-76b771cb90aa",
        "vpn_connection_name": "branch",
        "vpn_connection_status": "DOWN",
        "vpn_connection_tags": {"Site": "north 1"},
        "vpn_gateway_id": "b32d91a4-1111-4222-8333-0c464dad56e2",
        "vpn_gateway_name": "branch-gateway",
    }
    assert groups == {
        "vpn_connections": {*HQ, "branch"},
        "vpn_gateway_hq_gateway": HQ,
        "vpn_gateway_branch_gateway": {"branch"},
        "vpn_status_active": HQ,
        "vpn_status_down": {"branch"},
        "vpn_ha_role_master": {"hq-primary", "branch"},
        "vpn_ha_role_slave": {"hq-secondary"},
        "vpn_region_cn_north_4": {*HQ, "branch"},
        "vpn_tag_site_north_1": {"branch"},
    }


def test_groups_and_variables_of_one_s_own(ansible):
    path = ansible.configure(
        strict=True,
        groups={"masters": "vpn_connection_ha_role == 'master'"},
        keyed_groups=[{"key": "vpn_gateway_name", "prefix": "gw"}],
        compose={"ansible_python_interpreter": "'/usr/bin/' ~ vpn_connection_ha_role"},
    )
    hosts, groups = ansible.listed(path)
    assert groups["masters"] == {"hq-primary", "branch"}
    assert groups["gw_hq_gateway"] == HQ
    assert hosts["hq-secondary"]["ansible_python_interpreter"] == "/usr/bin/slave"


@pytest.mark.parametrize(
    ("selection", "wanted"), [({"name": ["branch"]}, {"branch"}), ({"vgw_id": HQ_GATEWAY.upper()}, HQ)]
)
def test_a_selection(ansible, selection, wanted):
    hosts, groups = ansible.listed(ansible.configure(**selection))
    assert set(hosts) == groups["vpn_connections"] == wanted


def test_many_projects(ansible, emulator, other):
    """The first project is found by its region; names that differ in case only are told apart, and so are gateways."""
    ansible.environment["HW_PROJECT_ID"] = LAB  # that of the options, and not of those that only name a region
    elsewhere = {"region": "ap-southeast-1", "project_id": LAB, "endpoint": other.url}
    path = ansible.configure(projects=[{"region": "cn-north-4"}, elsewhere, {"project_id": PROJECT}])
    hosts, groups = ansible.listed(path)
    ids = {found["vpn_connection_id"]: found for found in hosts.values()}
    branches = sorted(name for name in hosts if name.lower().startswith("branch"))
    assert len(hosts) == len(ids) == 5
    assert all(name.lower() == f"branch-{hosts[name]['vpn_connection_id'][:8]}" for name in branches)
    assert len(branches) == 2
    assert {name for name in groups if name.startswith("vpn_gateway_hq_gateway_")} == {
        f"vpn_gateway_hq_gateway_{found['vpn_gateway_id'][:8]}" for found in (hosts["lab"], hosts["hq-primary"])
    }
    assert groups["vpn_region_ap_southeast_1"] == {"lab", branches[0]}
    assert groups["vpn_tag_site_lab"] == {"lab"}
    assert (hosts["lab"]["huaweicloud_vpn_endpoint"], hosts["lab"]["huaweicloud_vpn_project_id"]) == (other.url, LAB)
    assert hosts["hq-primary"]["huaweicloud_vpn_endpoint"] == emulator.url
    assert hosts["hq-primary"]["huaweicloud_vpn_project_id"] == PROJECT
    turned, _groups = ansible.listed(ansible.configure(projects=[elsewhere, {"region": "cn-north-4"}]))
    assert turned == hosts


def test_a_name_that_another_source_has_is_told_apart(ansible):
    (ansible.folder / "hosts.yml").write_text("all: {hosts: {branch: {mine: true}}}", "utf-8")
    hosts, groups = ansible.listed("hosts.yml", ansible.configure())
    assert hosts["branch"] == {"mine": True}
    assert groups["vpn_connections"] == {*HQ, "branch-4f43df63"}


UNREADABLE = [
    ({"project": [{"region": "cn-north-4"}]}, "project: there is no such option"),
    ({"projects": []}, "projects: the list is empty"),
    ({"projects": ["cn-north-4"]}, "projects: each must be a dictionary of region, project_id, project_name, endpoint"),
    (
        {"projects": [{"region": ["cn-north-4"]}]},
        "projects: each must be a dictionary of region, project_id, project_name, endpoint",
    ),
    ({"projects": [{"zone": "cn-north-4"}]}, "projects: 'zone': unknown key, use region"),
    (
        {"projects": [{"endpoint": "https://vpn.example.com"}]},
        "projects: a project has neither region nor project_id",
    ),
    ({"projects": [{"region": "cn north 4"}]}, "region: 'cn north 4' is not a region"),
    (
        {"projects": [{"region": "cn-north-4"}, {"region": "cn-north-9"}]},
        "cannot read 1 of 2 projects: cn-north-9: ",
    ),
    (
        {"projects": [{"region": "cn-north-4"}, {"project_id": "f" * 32}]},
        f"cannot read 1 of 2 projects: cn-north-4/{'f' * 32}: ",
    ),
    (
        {"name": ["hq-primary", "hq-tertiary"]},
        "name: there is no VPN connection hq-tertiary; there are: branch, hq-primary",
    ),
    ({"name": []}, "name: the list is empty"),
    ({"vgw_id": "x"}, "vgw_id: 'x' is not a gateway ID"),
    (
        {"vgw_id": LAB[:8] + HQ_GATEWAY[8:]},
        f"vgw_id: gateway {LAB[:8]}{HQ_GATEWAY[8:]} has no VPN connection in these projects",
    ),
    ({"vgw_id": HQ_GATEWAY, "name": ["branch"]}, "vgw_id: give either vgw_id or name"),
    ({"concurrency": 33}, "concurrency: 33 is out of range"),
    ({"access_key": ""}, "access_key: is missing"),
    ({"secret_key": ["list-of-a-Secret"]}, "secret_key: must be text"),
    ({"secret_key": "{{ ['list-of-a-Secret'] | list }}"}, "secret_key: must be"),
]


def test_what_cannot_be_read_is_an_error_in_one_line(ansible):
    """All of them in one process, which goes on where one is enough for others to end."""
    paths = [ansible.configure(f"{n}.vpn_connections.yml", **config) for n, (config, _) in enumerate(UNREADABLE)]
    sources = [word for path in paths for word in ("--inventory", path)]
    done = ansible.run("ansible-inventory", *sources, "--list", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="false")
    assert [message for _config, message in UNREADABLE if not says(done, f"{PLUGIN}: {message}")] == [], done.stderr
    assert json.loads(done.stdout)["_meta"]["hostvars"] == {}
    assert "Traceback" not in done.stderr
    assert "list-of" not in done.stdout + done.stderr
    assert ansible.run("ansible-inventory", *sources[:2], "--list").returncode != 0


def test_a_project_without_connections_is_an_error(ansible, emulator_module):
    scenario = {"projects": [{"id": LAB, "name": "ap-southeast-1"}], "connections": []}
    with emulator_module.Emulator(scenario) as empty:
        elsewhere = {"project_id": LAB, "endpoint": empty.url}
        path = ansible.configure(projects=[{"region": "cn-north-4"}, elsewhere])
        done = ansible.list(path)
    assert not done.read
    assert says(done, f"cannot read 1 of 2 projects: cn-north-4/{LAB}: project_id: the project has no VPN connection")


def test_other_files_are_not_ours(ansible):
    assert not ansible.list(ansible.configure("connections.yml")).read
    assert ansible.listed(ansible.configure("vpn_connections.yaml"))[0]


def test_a_gateway_that_may_not_be_read_has_no_name(ansible, emulator):
    emulator.change({"faults": [{"path": "vpn-gateways", "status": 403, "times": "always"}]})
    done = ansible.list(ansible.configure())
    assert says(done, f"gateway {HQ_GATEWAY} could not be read")
    assert done.hosts["branch"]["vpn_gateway_name"] is None
    assert done.groups[f"vpn_gateway_id_{HQ_GATEWAY.replace('-', '_')}"] == HQ


def test_a_gateway_that_cannot_be_read_is_an_error(ansible, emulator):
    emulator.change({"faults": [{"path": "vpn-gateways", "status": 500, "times": "always"}]})
    done = ansible.list(ansible.configure(retries=0))
    assert not done.read
    assert says(done, f"{PLUGIN}: gateway b")


def test_wrong_credentials_are_tried_once_for_all_projects(ansible, emulator):
    """More than five wrong signatures lock an access key."""
    path = ansible.configure(projects=[{"project_id": f"{number:032d}"} for number in range(8)])
    done = ansible.list(path, HW_SECRET_KEY="wrong-key-of-somebody")
    assert says(done, "cannot read 8 of 8 projects")
    assert len(emulator.requests) == 1


def test_an_expression_that_fails_leaves_no_hosts(ansible):
    """With a second source, Ansible would go on with those that were there before the failure."""
    (ansible.folder / "hosts.yml").write_text("all: {hosts: {mine: {}}}", "utf-8")
    path = ansible.configure(strict=True, compose={"x": "nothing if vpn_connection_name == 'hq-secondary' else 1"})
    done = ansible.list(path, "hosts.yml", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="false")
    assert set(done.hosts) == {"mine"}
    assert says(done, "Could not set x for host hq-secondary")


def test_a_host_is_never_a_group(ansible):
    """A pattern would mean the group."""
    (ansible.folder / "hosts.yml").write_text("all: {children: {hq-primary: {hosts: {x: {}}}}}", "utf-8")
    _hosts, groups = ansible.listed("hosts.yml", ansible.configure(groups={"branch": "true"}))
    assert groups["branch"] == groups["vpn_connections"] == {"branch-4f43df63", "hq-primary-98c5af8a", "hq-secondary"}
    path = ansible.configure(keyed_groups=[{"key": "vpn_connection_name", "prefix": "", "separator": ""}])
    done = ansible.list(path)
    assert not done.read
    assert says(done, f"{PLUGIN}: keyed_groups: branch is a host and a group: give the group a prefix")


def test_where_options_come_from(ansible, emulator):
    path = ansible.configure(region="{{ 'cn-north' ~ '-4' }}", secret_key="{{ lookup('ansible.builtin.env', 'MINE') }}")
    nowhere = {"HW_REGION_NAME": "nowhere-1", "HW_SECRET_KEY": "", "MINE": emulator.environment["HW_SECRET_KEY"]}
    assert ansible.listed(path, **nowhere)[0]
    path = ansible.configure()
    nowhere = {"HW_REGION_NAME": "nowhere-1", "HUAWEICLOUD_SDK_AK": "the-second-is-not-asked"}
    more = ("-e", "huaweicloud_vpn_region={{ here }}", "-e", "here=cn-north-4")
    done = ansible.run("ansible-inventory", "-i", path, "--list", "--export", *more, **nowhere)
    assert plain(json.loads(done.stdout))["_meta"]["hostvars"]["branch"]["huaweicloud_vpn_region"] == "cn-north-4"


def test_keys_from_a_file_serve_all_projects_and_the_playbook(ansible, emulator):
    """The project in that file is not that of the entries."""
    keys = [emulator.environment.pop(name) for name in ("HW_ACCESS_KEY", "HW_SECRET_KEY")]
    lines = ["[basic]", f"ak = {keys[0]}", f"sk = {keys[1]}", f"project_id = {LAB}"]
    (ansible.folder / "credentials").write_text("\n".join(lines), "utf-8")
    (ansible.folder / "credentials").chmod(0o600)
    ansible.environment.update(HW_ACCESS_KEY="", HW_SECRET_KEY="")
    place = f"{{{{ '{ansible.folder}' }}}}/credentials"
    path = ansible.configure(credentials_file=place, projects=[{"region": "cn-north-4"}])
    hosts, _groups = ansible.listed(path)
    assert hosts["branch"]["huaweicloud_vpn_project_id"] == PROJECT
    assert hosts["branch"]["huaweicloud_vpn_credentials_file"] == f"{ansible.folder}/credentials"
    done = check(ansible, "-i", path, "-e", "tunnels=branch")
    assert done.returncode == 0, done.stdout
    assert not [key for key in keys if key in done.stdout + done.stderr]


def test_no_secret_becomes_a_variable(ansible, emulator):
    secrets = [emulator.environment["HW_ACCESS_KEY"], emulator.environment["HW_SECRET_KEY"]]
    path = ansible.configure(access_key=secrets[0], secret_key=secrets[1], validate_certs=False, ca_path=None)
    hosts, _groups = ansible.listed(path)
    assert hosts["branch"]["huaweicloud_vpn_validate_certs"] is False
    done = ansible.run("ansible-inventory", "--inventory", path, "--list", "--export", "-vvvv")
    assert not [secret for secret in secrets if secret in done.stdout + done.stderr]


PIPE = "lookup('pipe', 'touch $SENTINEL')"
QUOTED = PIPE.replace("'", '"')
RESERVED = {"all", "ungrouped", "localhost", "127.0.0.1", "vpn_connections", "vpn_status_active"}
HOSTILE = [
    f"{{{{ {PIPE} }}}}",
    f"{{% if {PIPE} %}}{{% endif %}}",
    f"#jinja2:variable_start_string:'[[',variable_end_string:']]',block_start_string:'[[ {QUOTED} ]]'",
    *("!hq", "&hq", "~hq", "@hq", "a:b", "a,b", "x[0]", "x[0:1]", "*", "-i", "..", ".", "a/b", "../../a", "a b"),
    *("localhost", "LOCALHOST", "127.0.0.1", "all", "ungrouped", "vpn_connections", "vpn_status_active"),
    *("\x1b[2Jclear", "two\nlines", "\u202etuo", "\u3164", "::add-mask::x", "名前", "0123", "x" * 300),
]


@pytest.fixture
def hostile(emulator_module):
    """Names and tags that want to be something else than names and tags."""
    tags = [[{"key": f"k{text}", "value": text}, {"key": "a", "value": "{"}, {"key": "b", "value": f"{{ {PIPE} }}}}"}]
            for text in HOSTILE]  # fmt: skip
    connections = [{"name": text, "tags": more, "ha_role": HOSTILE[0]} for text, more in zip(HOSTILE, tags)]
    with emulator_module.Emulator({"gateways": [{"name": HOSTILE[0]}], "connections": connections}) as running:
        yield running


@pytest.mark.parametrize("kept", [False, pytest.param(True, marks=pytest.mark.nightly)])
def test_nothing_of_the_cloud_runs_or_widens_a_pattern(ansible, hostile, kept):
    """Also not where expressions join texts, and not where a controller has kept the inventory as text."""
    sentinel = ansible.folder / "sentinel"
    ansible.environment.update(hostile.environment, SENTINEL=str(sentinel))
    path = ansible.configure(
        compose={
            "joined": "vpn_connection_tags.a ~ vpn_connection_tags.b",
            "same": "vpn_connection_name",
            "all": "vpn_connection_tags",
        },
        groups={"first": "vpn_connection_tags | length > 0"},
        keyed_groups=[
            {"key": "vpn_connection_name", "prefix": "name", "separator": ""},
            {"key": "vpn_connection_tags", "prefix": "tag"},
            {"key": "joined", "parent_group": "{{ 'parent' ~ vpn_connection_name }}"},
        ],
    )
    hosts, groups = ansible.listed(path)
    assert len(hosts) == len({found["vpn_connection_id"] for found in hosts.values()}) == len(HOSTILE)
    assert all(name.isprintable() and not set(name) & set(" :,!&~@*?[]{}/\\#%$'\"") for name in [*hosts, *groups])
    assert not [name for name in hosts if name[0] in "-." or name.casefold() in RESERVED]
    source = path
    if kept:
        done = ansible.run("ansible-inventory", "-i", path, "--list")
        (ansible.folder / "kept.json").write_text(json.dumps(plain(json.loads(done.stdout))), "utf-8")
        (ansible.folder / "kept.sh").write_text(f"#!/bin/sh\ncat '{ansible.folder}/kept.json'\n", "utf-8")
        (ansible.folder / "kept.sh").chmod(0o755)
        source = str(ansible.folder / "kept.sh")
    play = [
        {
            "hosts": "vpn_connections",
            "gather_facts": False,
            "tasks": [
                {
                    "name": "{{ vpn_connection_name }} {{ joined }} {{ all }}",
                    "ansible.builtin.debug": {
                        "msg": "{{ [vars, hostvars[inventory_hostname], group_names, joined] | string | length }} "
                        "VISITED {{ vpn_connection_id }}"
                    },
                },
            ],
        },
        {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [{"ansible.builtin.debug": {"msg": "HERE {{ inventory_hostname }}"}}],
        },
    ]
    (ansible.folder / "play.yml").write_text(json.dumps(play), "utf-8")
    done = ansible.run("ansible-playbook", "--inventory", source, "play.yml", "--forks", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not sentinel.exists()
    visited = sorted(line.split()[-1].strip('"') for line in done.stdout.splitlines() if "VISITED" in line)
    assert visited == sorted(found["vpn_connection_id"] for found in hosts.values())
    assert [line.split("HERE ")[1].strip('"') for line in done.stdout.splitlines() if "HERE" in line] == ["localhost"]


def test_each_host_is_found_by_its_name_alone(ansible, hostile):
    ansible.environment.update(hostile.environment)
    path = ansible.configure()
    hosts, _groups = ansible.listed(path)
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": [{
        "ansible.builtin.assert": {"that": "query('ansible.builtin.inventory_hostnames', item) == [item]"},
        "loop": list(hosts),
    }]}]  # fmt: skip
    (ansible.folder / "play.yml").write_text(json.dumps(play), "utf-8")
    done = ansible.run("ansible-playbook", "--inventory", path, "play.yml")
    assert done.returncode == 0, done.stdout


def check(ansible, *arguments, strategy="free", **environment):
    command = ["ansible-playbook", "huaweicloud.vpn.verify", *arguments]
    reports = ["-e", f"tunnel_verify_report_dir={ansible.folder}/reports", "-e", "tunnel_verify_report_formats=junit"]
    return ansible.run(*command, *reports, ANSIBLE_STRATEGY=strategy, **environment)


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_the_playbook_checks_all_tunnels_at_once(ansible, emulator, strategy):
    emulator.change("wrong_psk")
    done = check(ansible, "-i", ansible.configure(), "-e", "tunnels=vpn_connections", strategy=strategy)
    assert done.returncode == 2, done.stdout
    assert "hq-primary: FAIL" in done.stdout
    (path,) = (ansible.folder / "reports").iterdir()
    cases = {case.get("classname") for case in ElementTree.fromstring(path.read_bytes()).iter("testcase")}  # noqa: S314
    assert {name.rpartition(": ")[2] for name in cases} >= {*HQ, "branch"}


def test_hosts_of_many_projects_are_read_where_they_are(ansible, emulator, other):
    emulator.change("wrong_psk")
    elsewhere = {"region": "ap-southeast-1", "project_id": LAB, "endpoint": other.url}
    path = ansible.configure(projects=[{"region": "cn-north-4"}, elsewhere])
    other.clear_requests()
    done = check(ansible, "-i", path, "-e", "tunnels=lab", HUAWEICLOUD_VPN_ENDPOINT=emulator.url, HW_PROJECT_ID=PROJECT)
    assert done.returncode == 0, done.stdout
    assert "lab: PASS" in done.stdout
    assert any(request["path"].endswith("/log") for request in other.requests)


def test_slices_are_the_whole(ansible):
    """A slice of a group, or a part of the inventory as controllers hand it to each of their jobs."""
    path = ansible.configure()
    for number, bounds in enumerate(("[0:1]", "[2:3]")):
        name = f"tunnel_verify_report_name=slice-{number}"
        done = check(ansible, "-i", path, "-e", f"tunnels=vpn_connections{bounds}", "-e", name)
        assert done.returncode == 0, done.stdout
    reports = sorted((ansible.folder / "reports").iterdir())
    assert [report.stem for report in reports] == ["slice-0", "slice-1"]
    said = [report.read_text("utf-8") for report in reports]
    assert [sum(host in text for text in said) for host in ("branch", *HQ)] == [1, 1, 1]


MISSES = ["tunnels=hq-primary,hq-secondry", "tunnels=vpn_connections[3:9]", "tunnels="]
# More of the same, for make test-all.
MORE_MISSES = [
    "tunnels=vpn_status_down",
    "tunnels=hq-primary,!hq-primary",
    '{"tunnels": ["hq-primary", "hq-secondry"]}',
    '{"tunnels": []}',
    '{"tunnels": null}',
    "tunnels=hq-primary:hq-secondry",
    "tunnels=vpn_connections,!hq-secondry",
]


@pytest.mark.parametrize(
    "given",
    [
        *MISSES,
        *(pytest.param(given, marks=pytest.mark.nightly) for given in MORE_MISSES),
        # What would have each host look at the same tunnel.
        "tunnels=vpn_connections tunnel_verify_vpn_connection_id=98c5af8a-1111-4222-8333-ae2280a6f4c3",
        "tunnels=vpn_connections tunnel_verify_name=hq-primary",
    ],
)
def test_a_pattern_that_misses_is_not_green(ansible, given):
    done = check(ansible, "-i", ansible.configure(), "-e", given)
    assert done.returncode != 0, done.stdout


@pytest.mark.parametrize("strictness", ["true", "false"])
def test_an_inventory_that_cannot_be_read_is_not_green(ansible, strictness):
    path = ansible.configure(projects=[{"region": "cn-north-4"}, {"region": "nowhere-1"}])
    done = check(*(ansible, "-i", path, "-e", "tunnels=all"), ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=strictness)
    assert done.returncode != 0, done.stdout
    assert says(done, "cannot read 1 of 2 projects: nowhere-1")


def test_tunnels_of_an_inventory_that_could_be_left_out_are_not_green(ansible):
    command = (ansible, "-i", ansible.configure(), "-e", "tunnels=branch")
    done = check(*command, ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="false")
    assert done.returncode == 2
    assert "set ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=true" in done.stdout + done.stderr
    assert check(*command).returncode == 0


def test_one_tunnel_by_two_names_is_not_green(ansible):
    paths = [ansible.configure(f"{name}.vpn_connections.yml") for name in "ab"]
    done = check(ansible, "-i", paths[0], "-i", paths[1], "-e", "tunnels=vpn_connections")
    assert done.returncode == 2
    assert "two of these hosts are the same VPN connection" in done.stdout + done.stderr


def test_a_pattern_that_only_the_first_play_sees_is_not_green(ansible):
    (ansible.folder / "group_vars").mkdir()
    (ansible.folder / "group_vars" / "all.yml").write_text("tunnels: branch", "utf-8")
    done = check(ansible, "-i", ansible.configure())
    assert done.returncode == 2
    assert "tunnels: set it on the command line" in done.stdout + done.stderr


def test_a_change_that_ends_its_play_is_not_green_for_what_an_earlier_one_found(ansible):
    made, ended = (str(ansible.folder / name) for name in ("made.yml", "ended.yml"))
    Path(made).write_text("[]", "utf-8")
    Path(ended).write_text(json.dumps([{"ansible.builtin.meta": "end_play"}]), "utf-8")
    quick = {"tunnel_baseline_name": "branch", "tunnel_verify_wait_sleep": 1, "tunnel_verify_quiet_for": 1}
    book = [
        {"ansible.builtin.import_playbook": "huaweicloud.vpn.validate_change", "vars": {"change": change, **quick}}
        for change in (made, ended)
    ]
    (ansible.folder / "book.yml").write_text(json.dumps(book), "utf-8")
    done = ansible.run("ansible-playbook", "book.yml")
    assert done.returncode == 2, done.stdout
    assert "the tunnels were not verified" in done.stdout + done.stderr


def test_an_end_that_is_given_is_not_green(ansible):
    change = ansible.folder / "change.yml"
    change.write_text(json.dumps([{"ansible.builtin.meta": "end_play"}]), "utf-8")
    given = {"change": str(change), "tunnel_baseline_name": "branch", "validate_change_after": {"verdict": "pass"}}
    done = ansible.run("ansible-playbook", "huaweicloud.vpn.validate_change", "-e", json.dumps(given))
    assert done.returncode == 2, done.stdout
    assert "validate_change_after: leave it out" in done.stdout + done.stderr


def test_a_secret_beside_a_wrong_template_is_not_shown(ansible, emulator):
    secret = emulator.environment["HW_SECRET_KEY"]
    for more in ({"region": "{{ undefined_one }}"}, {"region": "{{ 'x' | no_such_filter }}"}):
        path = ansible.configure(secret_key=secret, **more)
        done = ansible.run("ansible-inventory", "-i", path, "--list")
        assert done.returncode != 0
        assert says(done, "region: its template cannot be rendered")
        assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize(("ends", "code"), [("nobody", 0), ("branch", 2)])
def test_each_tunnel_of_a_change_needs_a_verdict(ansible, ends, code):
    end = [{"ansible.builtin.meta": "end_host", "when": f"inventory_hostname == '{ends}'"}]
    (ansible.folder / "change.yml").write_text(json.dumps(end), "utf-8")
    quick = [
        "-e",
        "tunnel_verify_wait_sleep=1",
        "-e",
        "tunnel_verify_quiet_for=1",
        "-e",
        f"change={ansible.folder}/change.yml",
    ]
    command = [
        "ansible-playbook",
        "huaweicloud.vpn.validate_change",
        "-i",
        ansible.configure(),
        "-e",
        "tunnels=vpn_connections",
    ]
    done = ansible.run(*command, *quick, ANSIBLE_SHOW_CUSTOM_STATS="1")
    assert done.returncode == code, done.stdout
    (stats,) = [line for line in done.stdout.splitlines() if line.strip().startswith("RUN:")]
    assert ('"validate_change_verdict": "pass"' in stats) == (code == 0)
    assert ("3 of 3" if code == 0 else "no verdict was reached") in stats
    assert ("the tunnels of branch were not verified" in done.stdout + done.stderr) == (code == 2)
