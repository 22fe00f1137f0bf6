# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter terraform_connections, on what Terraform printed: no connection is lost without an error.

The recordings are those of Terraform 1.11 for the configuration beside them, with the type exchanged, and with the
attributes of a huaweicloud_vpn_connection.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.huaweicloud.vpn.plugins.filter import terraform_connections as plugin
from hypothesis import given, settings
from hypothesis import strategies as st

RECORDED = Path(__file__).parents[2] / "fixtures" / "terraform"
STATE, PLAN = (json.loads((RECORDED / name).read_text("utf-8")) for name in ("state.json", "plan.json"))
TYPE, PSK = "huaweicloud_vpn_connection", "psk-of-the-fixture"
GATEWAY = "ba90819b-1111-4222-8333-3a01622856a5"
BRANCH = f'module.branch["bj \\"1\\""].{TYPE}.this'
ACTIONS = {
    f"{TYPE}.counted[0]": "none",
    f"{TYPE}.counted[1]": "delete",
    f"{TYPE}.create_first": "replace",
    f'{TYPE}.each["a.b"]': "none",
    f'{TYPE}.each["new"]': "create",
    f"{TYPE}.forgotten": "forget",
    f"{TYPE}.new_address": "none",
    f"{TYPE}.replace": "replace",
    f"{TYPE}.update": "update",
    BRANCH: "none",
}


def connections(value):
    return plugin.FilterModule().filters()["terraform_connections"](value)


def actions(value):
    return {found["address"]: found["action"] for found in connections(value)}


def changed(plan, address, **change):
    """Return a plan with another change of one connection."""
    plan = copy.deepcopy(plan)
    (entry,) = [entry for entry in plan["resource_changes"] if entry["address"] == address]
    entry["change"].update(change)
    return plan


def refusal(value):
    """Return why something is refused, in one line without secrets."""
    with pytest.raises(AnsibleError) as error:
        connections(value)
    assert str(error.value).startswith("huaweicloud.vpn.terraform_connections: ")
    assert "\n" not in str(error.value)
    assert PSK not in str(error.value)
    return str(error.value)


def test_a_plan_says_what_happens_to_each():
    assert actions(PLAN) == ACTIONS
    found = {item["address"]: item for item in connections(PLAN)}
    assert found[f"{TYPE}.update"] == {
        "address": f"{TYPE}.update",
        "id": "00000008-1111-4222-8333-000000000008",
        "name": "update",  # and "renamed" afterwards
        "vgw_id": GATEWAY,
        "action": "update",
    }
    assert (found[f'{TYPE}.each["new"]']["id"], found[f'{TYPE}.each["new"]']["name"]) == (None, "each-new")
    assert found[f"{TYPE}.replace"]["vgw_id"] == GATEWAY
    # The old address is not listed beside the new one.
    assert found[f"{TYPE}.new_address"]["id"] == "00000006-1111-4222-8333-000000000006"


def test_a_state_has_them_all_and_changes_none():
    found = connections(STATE)
    assert {item["action"] for item in found} == {"none"}
    before = {item["id"] for item in connections(PLAN) if item["action"] != "create"}
    assert {item["id"] for item in found} == before
    assert found[-1]["address"] == BRANCH


@pytest.mark.parametrize("value", [STATE, PLAN], ids=["state", "plan"])
def test_text_and_parsed_are_the_same_and_no_secret_is_in_it(value):
    assert connections(json.dumps(value)) == connections(value)
    assert PSK in json.dumps(value)
    assert PSK not in str(connections(value))


@pytest.mark.parametrize(
    ("said", "action"),
    [
        (["no-op"], "none"),
        (["read"], "none"),
        (["update"], "update"),
        (["delete"], "delete"),
        (["forget"], "forget"),
        (["delete", "create"], "replace"),
        (["create", "delete"], "replace"),
        (["create", "forget"], "replace"),
        (["forget", "create"], "replace"),
    ],
    ids=str,
)
def test_every_action_of_terraform_and_opentofu(said, action):
    assert actions(changed(PLAN, f"{TYPE}.update", actions=said))[f"{TYPE}.update"] == action


def test_what_is_not_known_before_the_apply_is_null():
    address = f'{TYPE}.each["new"]'
    plan = changed(PLAN, address, after={"psk": PSK}, after_unknown={"id": True, "name": True, "gateway_id": True})
    (new,) = [item for item in connections(plan) if item["address"] == address]
    assert new == {"address": address, "id": None, "name": None, "vgw_id": None, "action": "create"}
    assert "has no name" in refusal(changed(PLAN, address, after={"psk": PSK}))


def test_a_sensitive_name_is_null_and_a_sensitive_id_an_error():
    for sensitive in ({"name": True}, {"name": True, "psk": True}):
        plan = changed(PLAN, f"{TYPE}.update", before_sensitive=sensitive)
        assert [item["name"] for item in connections(plan) if item["action"] == "update"] == [None]
    assert "an id that is sensitive" in refusal(changed(PLAN, f"{TYPE}.update", before_sensitive=True))


def deposed(value, of, *, alone=False):
    """Return a plan or a state with a deposed object at an address."""
    value = copy.deepcopy(value)
    entries = (
        value["resource_changes"] if value["format_version"] == "1.2" else value["values"]["root_module"]["resources"]
    )
    (entry,) = [entry for entry in entries if entry["address"] == of]
    left = copy.deepcopy(entry)
    if "change" in left:
        left["deposed"] = "0badc0de"
        left["change"].update(actions=["delete"], after=None, after_sensitive=False)
        left["change"]["before"]["id"] = "left"
    else:
        left["deposed_key"] = "0badc0de"
        left["values"]["id"] = "left"
    if alone:
        entries.remove(entry)
    entries.append(left)
    return value


def test_a_deposed_one_does_not_count_beside_the_tunnel():
    assert connections(deposed(PLAN, f"{TYPE}.update")) == connections(PLAN)
    assert connections(deposed(STATE, f"{TYPE}.update")) == connections(STATE)


def test_a_deposed_one_is_the_tunnel_where_there_is_no_other():
    found = connections(deposed(STATE, f"{TYPE}.update", alone=True))
    assert [item["id"] for item in found if item["address"] == f"{TYPE}.update"] == ["left"]
    plan = deposed(PLAN, f"{TYPE}.update", alone=True)
    for part in (plan["prior_state"]["values"], plan["planned_values"]):
        resources = part["root_module"]["resources"]
        resources[:] = [resource for resource in resources if resource["address"] != f"{TYPE}.update"]
    assert actions(plan)[f"{TYPE}.update"] == "delete"


def test_data_sources_and_other_types_are_left_out():
    state = copy.deepcopy(STATE)
    resources = state["values"]["root_module"]["resources"]
    resources += [
        {"address": f"data.{TYPE}.read", "mode": "data", "type": TYPE, "name": "read", "values": {"id": "1"}},
        {"address": f"ephemeral.{TYPE}.key", "mode": "ephemeral", "type": TYPE, "name": "key"},
        {"address": f"terraform_data.{TYPE}", "mode": "managed", "type": "terraform_data", "name": TYPE, "values": {}},
        {"address": f'x.y["{TYPE}.z"]', "mode": "managed", "type": "x", "name": "y", "index": f"{TYPE}.z"},
        {"address": f"data.{TYPE}s.all", "mode": "data", "type": f"{TYPE}s", "name": "all"},
        {"address": "huaweicloud_vpn_gateway.hq", "mode": "managed", "type": "huaweicloud_vpn_gateway", "name": "hq"},
    ]
    assert connections(state) == connections(STATE)


def test_no_connection_is_an_empty_list_where_terraform_says_so():
    nothing = {"format_version": "1.2", "planned_values": {"root_module": {}}, "configuration": {}, "complete": True}
    assert connections(nothing) == []
    assert connections({**nothing, "prior_state": {"format_version": "1.0"}}) == []
    assert connections({"format_version": "1.0", "values": {"outputs": {}, "root_module": {}}}) == []


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("", "this is empty"),
        ("\n", "this is empty"),
        ("Error: no state", "not one JSON text"),
        (f'{{"psk": "{PSK}"', "not one JSON text"),
        ('{"type":"version"}\n{"type":"planned_change"}\n', "not one JSON text"),
        ("[" * 100000, "not one JSON text"),
        ("[]", "of type list, not output of Terraform"),
        (None, "of type NoneType, not output of Terraform"),
        (b"{}", "of type bytes, not output of Terraform"),
        ({}, "not output of Terraform"),
        ({"version": 4, "lineage": "1", "resources": []}, "not output of Terraform"),
        ({"vpn_connection_ids": {"sensitive": False, "value": []}}, "not output of Terraform"),
        ({"stdout": "{}", "rc": 0}, "not output of Terraform"),
        ({"format_version": 1.0}, "not output of Terraform"),
        ({**PLAN, "format_version": "2.0"}, "its format_version is 2.0"),
        ({**PLAN, "format_version": "0.2"}, "its format_version is 0.2"),
        ({"format_version": "1.0"}, "this state is empty"),
        ({"format_version": "1.0", "terraform_version": "1.11.4"}, "this state is empty"),
        ({"format_version": "1.0", "valid": True, "diagnostics": []}, "neither a state nor a plan"),
        ({"format_version": "1.0", "provider_schemas": {}}, "neither a state nor a plan"),
        ({"format_version": "1.0", "values": None}, "has no values"),
        ({**PLAN, "errored": True, "complete": False}, "ended with an error"),
        ({**PLAN, "complete": False}, "not complete"),
        # Older versions, and OpenTofu, do not say that a plan is not complete.
        ({key: PLAN[key] for key in PLAN if key != "resource_changes"}, "does not say what happens to "),
        ({**PLAN, "resource_changes": PLAN["resource_changes"][1:]}, f"does not say what happens to {TYPE}.counted[0]"),
        ({**PLAN, "resource_changes": PLAN["resource_changes"] * 2}, "is in it twice"),
        (changed(PLAN, f"{TYPE}.update", actions=["delete", "\x1b[2J"]), "has an unknown action for "),
        (changed(PLAN, f"{TYPE}.update", actions=None), f"has an unknown action for {TYPE}.update: None"),
        (changed(PLAN, f"{TYPE}.update", before=None), f"{TYPE}.update has no before"),
        (changed(PLAN, f"{TYPE}.update", before={"psk": PSK}), f"{TYPE}.update has no id"),
    ],
)
def test_whatever_does_not_tell_is_refused_in_one_line(value, named):
    assert named in refusal(value)


def test_a_connection_of_a_state_without_values_is_refused():
    for odd in (None, [], {}, {"psk": PSK}):
        state = copy.deepcopy(STATE)
        state["values"]["root_module"]["resources"][0]["values"] = odd
        assert f"{TYPE}.counted[0] has no " in refusal(state)


@pytest.mark.parametrize(
    ("member", "odd"), [("mode", ""), ("mode", "data"), ("type", "x"), ("name", "x"), ("address", "x")]
)
def test_a_connection_cannot_pass_for_something_else(member, odd):
    state = copy.deepcopy(STATE)
    state["values"]["root_module"]["resources"][0][member] = odd
    assert "do not match" in refusal(state)


JUNK = st.sampled_from([None, "", "x", 0, True, [], ["x"], {}, {"x": 1}, "managed", "data", TYPE, "terraform_data"])


def places(value, path=()):
    """Yield the path of each part of a JSON value."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*path, key))


def with_another(value, path, junk):
    """Return a copy with one part exchanged, or without it."""
    value = copy.deepcopy(value)
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    if junk is DELETED:
        del inner[path[-1]]
    else:
        inner[path[-1]] = junk
    return value


DELETED = object()
# Of a state, only these say which modules and resources there are; nobody can tell that there were more.
ONLY_THERE = {"values", "root_module", "resources", "child_modules"}


@pytest.mark.parametrize("whole", [STATE, PLAN], ids=["state", "plan"])
@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_whatever_is_changed_no_connection_is_lost_without_an_error(whole, data):
    path = data.draw(st.sampled_from([path for path in places(whole) if path]))
    if whole is STATE and (path[-1] in ONLY_THERE or isinstance(path[-1], int)):
        return
    value = with_another(whole, path, data.draw(st.one_of(st.just(DELETED), JUNK)))
    try:
        found = connections(value)
    except AnsibleError as error:
        assert PSK not in str(error)
        return
    wanted = connections(whole)
    assert len(found) == len(wanted), path
    # What is verified: the IDs, but for the one that was itself exchanged by another text.
    assert len({item["id"] for item in found} & {item["id"] for item in wanted}) >= len(wanted) - 1
    if path[-1] not in ("id", "name", "gateway_id", "address") and "actions" not in path and "change" not in path:
        assert found == wanted


@pytest.fixture(scope="module")
def terraform(tmp_path_factory):
    """Run the Terraform, or OpenTofu, of this machine in a folder with the configuration, already applied."""
    program = shutil.which("terraform") or shutil.which("tofu")
    if not program:
        pytest.skip("there is no terraform")
    folder = tmp_path_factory.mktemp("terraform")
    settings_file = folder / "settings"
    settings_file.touch()
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(settings_file), "CHECKPOINT_DISABLE": "1"}

    def run(*arguments, ends=0):
        process = subprocess.run(
            [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert process.returncode == ends, process.stdout + process.stderr
        return process.stdout

    version = json.loads(run("version", "-json"))["terraform_version"]
    if tuple(map(int, version.split("-")[0].split(".")[:2])) < (1, 7):
        pytest.skip("removed came with 1.7")
    shutil.copy(RECORDED / "main.tf", folder)
    shutil.copytree(RECORDED / "branch", folder / "branch")
    shutil.copy(RECORDED / "before" / "moves.tf", folder)
    run("init", "-input=false")
    run("apply", "-auto-approve", "-input=false", "-var=change=false")
    shutil.copy(RECORDED / "after" / "moves.tf", folder)
    return run


def shown(terraform, *what):
    """Return what it shows, as if its resources were VPN connections."""
    text = terraform("show", "-json", *what).replace("terraform_data", TYPE)
    return text.replace('"input"', '"name"').replace('"triggers_replace"', '"gateway_id"')


def test_terraform_itself_prints_what_is_read_here(terraform):
    state = shown(terraform)
    assert [item["address"] for item in connections(state)] == [item["address"] for item in connections(STATE)]
    terraform("plan", "-input=false", "-var=change=true", "-out=plan.tfplan")
    plan = shown(terraform, "plan.tfplan")
    assert actions(plan) == ACTIONS
    assert [(item["name"], item["vgw_id"]) for item in connections(plan)] == [
        (item["name"], item["vgw_id"]) for item in connections(PLAN)
    ]
    assert {item["id"] for item in connections(plan)} - {None} == {item["id"] for item in connections(state)}
    terraform("plan", "-input=false", "-var=change=true", "-destroy", "-out=plan.tfplan")
    assert {*actions(shown(terraform, "plan.tfplan")).values()} == {"delete"}


@pytest.mark.parametrize(
    "options", ["-target=terraform_data.new_address -target=terraform_data.old_address", "-refresh-only"]
)
def test_a_plan_of_terraform_itself_that_leaves_connections_out_is_refused(terraform, options):
    terraform("plan", "-input=false", "-var=change=true", *options.split(), "-out=plan.tfplan")
    assert "this plan " in refusal(shown(terraform, "plan.tfplan"))


def test_the_documentation_names_every_member():
    (documented,) = yaml.safe_load(plugin.RETURN).values()
    assert [*documented["contains"]] == [*documented["sample"][0]] == [*connections(STATE)[0]]
    for action in ACTIONS.values():
        assert f"V({action})" in str(documented["contains"]["action"])
