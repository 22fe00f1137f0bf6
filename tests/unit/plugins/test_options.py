# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options are those of the documentation, with the fragments in it, as Ansible puts them together."""

from __future__ import annotations

import inspect

import pytest
import yaml
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring
from ansible_collections.huaweicloud.vpn.plugins.action.vpn_connection_baseline import baseline_spec
from ansible_collections.huaweicloud.vpn.plugins.action.vpn_connection_verify import verify_spec
from ansible_collections.huaweicloud.vpn.plugins.action.vpn_report_assert import ActionModule as Gate
from ansible_collections.huaweicloud.vpn.plugins.doc_fragments import _connection, _policy, _selection
from ansible_collections.huaweicloud.vpn.plugins.filter import verdict
from ansible_collections.huaweicloud.vpn.plugins.lookup import vpn_connection_log
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.settings import connection_spec
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import (
    info_spec,
    query_spec,
    selection_spec,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resetter import reset_spec
from ansible_collections.huaweicloud.vpn.plugins.module_utils._verdict.policy import REQUIREMENTS
from ansible_collections.huaweicloud.vpn.plugins.modules import (
    vpn_connection_baseline,
    vpn_connection_info,
    vpn_connection_log_info,
    vpn_connection_reset,
    vpn_connection_verify,
    vpn_report_assert,
)

SAME = ("type", "elements", "choices", "default")
GATEWAY = {"vgw_id": selection_spec()["vgw_id"]}
SHARED = {
    option
    for fragment in (_connection, _policy, _selection)
    for section, text in vars(fragment.ModuleDocFragment).items()
    if section.isupper()
    for option in yaml.safe_load(text)["options"]
} | {"gather"}
TERMS = {"_terms": {"type": "list", "elements": "str"}}
COMPACT = {"compact": {"type": "bool", "default": False}}
FACES = {
    vpn_connection_baseline: baseline_spec(),
    vpn_connection_info: {**selection_spec(), **info_spec()},
    vpn_connection_log: {**TERMS, **GATEWAY, **query_spec()},
    vpn_connection_log_info: {**selection_spec(), **query_spec(), **COMPACT},
    vpn_connection_reset: reset_spec(),
    vpn_connection_verify: verify_spec(),
    vpn_report_assert: dict(Gate.SPEC),
}


def documented(face):
    """Return the options of a face as ansible-doc shows them."""
    kind = "lookup" if face is vpn_connection_log else "filter" if face is verdict else "module"
    found = get_docstring(face.__file__, fragment_loader, collection_name="huaweicloud.vpn", plugin_type=kind)
    return found[0]["options"]


def table(options):
    return {name: {member: option.get(member) for member in SAME} for name, option in options.items()}


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__.rpartition(".")[2])
def test_the_documentation_and_the_spec_are_one_table(face):
    found = documented(face)
    connection = {} if face is vpn_report_assert else connection_spec()
    assert table(found) == table({**connection, **FACES[face]})
    assert all(option["description"] for option in found.values())


def test_the_policy_is_the_same_for_task_and_filter():
    task, judged = documented(vpn_connection_verify), documented(verdict)
    shared = {name for name in {*task} & {*judged} if task[name]["description"] == judged[name]["description"]}
    assert shared == {"require", "allow_recovered", "ha", "waivers", "known_lines"}
    assert {*judged} == {"_input", *inspect.signature(verdict.verdict).parameters} - {"value"}
    said = str(judged["require"]["description"])
    assert all(f"V({requirement})" in said for requirement in REQUIREMENTS)


@pytest.mark.parametrize("face", [*FACES, verdict], ids=lambda face: face.__name__.rpartition(".")[2])
def test_no_face_describes_again_what_a_fragment_does(face):
    """But for what to gather beside connections, which are other parts than those beside logs."""
    own = yaml.safe_load(face.DOCUMENTATION)["options"]
    again = {name for name in {*own} & SHARED if "description" in own[name]}
    assert again == ({"gather"} if face is vpn_connection_info else set())
