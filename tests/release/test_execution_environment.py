# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An execution environment with the collection gets what it needs, and nothing else."""

from __future__ import annotations

import ast
import re
import shutil
import sys
from importlib import metadata

import yaml

INSTALL = ("ansible-galaxy", "collection", "install")


def distributions(name):
    """Return what a package brings along."""
    return {
        re.match(r"[\w.-]+", need).group().lower() for need in metadata.requires(name) or [] if "extra ==" not in need
    }


def imported(shipped):
    """Return the packages that the code in the artefact imports, beside Python's own and Ansible."""
    found = set()
    for name, content in shipped.items():
        if not name.startswith(("plugins/", "extensions/")) or not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"ansible", "ansible_collections"}


def test_it_installs_what_the_collection_imports(run, shipped, tmp_path):
    root = tmp_path / "ansible_collections" / "huaweicloud" / "vpn"
    for name, content in shipped.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    code, output = run("ansible-builder", "introspect", tmp_path)
    assert code == 0, output
    found = yaml.safe_load(output)
    assert found["system"] == []
    needs = {need.partition("#")[0].strip() for need in found["python"]}
    assert needs == {"requests"}

    # The name of a package that is imported is the name of its distribution for all that we import.
    others = imported(shipped) - distributions("ansible-core") - {"yaml"}
    assert others - distributions("requests") == needs


def test_the_definition_that_people_copy_finds_the_artefact(run, shipped, artefact, tmp_path):
    place = tmp_path / "copied"
    place.mkdir()
    shutil.copy(artefact, place)
    definition = place / "execution-environment.yml"
    definition.write_bytes(shipped["pipelines/execution-environment.yml"])
    context = tmp_path / "context"
    code, output = run("ansible-builder", "create", "--file", definition, "--context", context)
    assert code == 0, output
    # In the image, the installation starts in that folder.
    wanted = ("-r", "requirements.yml", "-p", tmp_path / "installed", "--offline")
    code, output = run("sh", "-c", 'cd "$1" && shift && exec "$@"', "-", context / "_build", *INSTALL, *wanted)
    assert code == 0, output
    assert (tmp_path / "installed" / "ansible_collections" / "huaweicloud" / "vpn" / "MANIFEST.json").is_file()
