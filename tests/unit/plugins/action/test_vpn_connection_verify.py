# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the task are those of its documentation, and all of them are options of the role."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.huaweicloud.vpn.plugins.action.vpn_connection_verify import ActionModule, verify_spec
from ansible_collections.huaweicloud.vpn.plugins.modules import vpn_connection_verify as module

ROLE = Path(module.__file__).parents[2] / "roles" / "tunnel_verify"
HANDED_ON = "{{ tunnel_verify_%s | default(omit) }}"


def read(name):
    return yaml.safe_load((ROLE / name).read_text(encoding="utf-8"))


def test_each_option_is_one_of_the_role():
    assert {*read("meta/argument_specs.yml")["argument_specs"]["main"]["options"]} == {
        f"tunnel_verify_{option}" for option in verify_spec()
    }


def test_the_role_hands_on_each_option():
    (task,) = read("tasks/main.yml")
    given = task["huaweicloud.vpn.vpn_connection_verify"]
    assert given == {
        **{option: HANDED_ON % option for option in verify_spec()},
        "baseline": "{{ tunnel_verify_baseline }}",
    }
    assert task["register"] == "tunnel_verify_result"
    assert task["tags"] == "always"


def test_the_examples_have_only_options_that_there_are():
    for task in yaml.safe_load(module.EXAMPLES):
        for name, given in task.items():
            if name == "huaweicloud.vpn.vpn_connection_verify":
                assert {*given} <= {*ActionModule.SPEC}
