# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vpn_connections
version_added: "1.0.0"
short_description: Site-to-site VPN connections as hosts
description:
  - Makes a host of each Huawei Cloud site-to-site VPN connection of one or many projects and regions, so that thousands
    of tunnels are verified by what Ansible has for that, such as forks, the strategy
    P(ansible.builtin.free#strategy), and the job slices of controllers.
  - The configuration is a file whose name ends with C(vpn_connections.yml) or C(vpn_connections.yaml).
  - A project that cannot be read is an error for the whole file. Yet B(Ansible itself goes on without an inventory that
    has an error, and only warns.) Set E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) to V(true), or
    C(any_unparsed_is_failed) in the section C(inventory) of C(ansible.cfg), so that no pipeline is green for want of
    hosts.
  - The name of a host is the name of its connection. Where several connections have it, whatever their case, or another
    host, a group, or Ansible itself does, a part of the ID follows, as in C(hq-primary-98c5af8a). What is neither
    letter nor digit nor one of C(-), C(_) and C(.) becomes an underscore.
  - Each host is in the group C(vpn_connections), and in C(vpn_gateway_NAME), C(vpn_status_STATUS),
    C(vpn_ha_role_ROLE), C(vpn_region_REGION) and, for each of its tags, C(vpn_tag_KEY_VALUE), as far as the service
    says these. Names of groups are in lower case, with underscores for all that is neither letter nor digit.
author:
  - huaweicloud.vpn contributors (!UNKNOWN)
options:
  plugin:
    description: Name of this plugin.
    type: str
    required: true
    choices: [huaweicloud.vpn.vpn_connections]
  projects:
    description:
      - The projects to read, each with C(region), C(project_id) or both, and C(endpoint) where the VPN service has
        another address there. A region or endpoint that is missing is that of the options. A C(project_id) that is
        missing is looked up by C(project_name), which is the region by default.
      - If not given, the one project of O(region) and O(project_id) is read.
      - A project without any connection is an error.
    type: list
    elements: dict
  name:
    description:
      - Names of the connections to take. A name that no connection has is an error. If several have it, all are taken.
      - With neither this nor O(vgw_id), every connection is taken. The two exclude each other.
    type: list
    elements: str
  vgw_id:
    description: ID of a VPN gateway, to take its connections.
    type: str
  concurrency:
    description: How many projects and gateways to read at the same time, from V(1) to V(32).
    type: int
    default: 8
extends_documentation_fragment:
  - huaweicloud.vpn._connection
  - huaweicloud.vpn._connection.plugin
  - ansible.builtin.constructed
notes:
  - The variables among the sources of the options are extra variables (C(--extra-vars)), since there are no others yet
    when an inventory is read. Texts in the configuration may be templates.
  - An expression of O(groups) or O(keyed_groups) that fails leaves its host out of the group, unless O(strict=true).
  - Nothing is cached. A gate has to know the tunnels that there are, and an old inventory is no evidence.
  - The variables of a host are C(vpn_connection_id), C(vpn_connection_name), C(vpn_connection_status),
    C(vpn_connection_ha_role), C(vpn_connection_tags) (a dictionary), C(vpn_gateway_id) and C(vpn_gateway_name).
    For the lookup and the playbooks of this collection there are C(huaweicloud_vpn_region),
    C(huaweicloud_vpn_project_id), C(huaweicloud_vpn_endpoint), and a variable named likewise for each of O(ca_path),
    O(validate_certs), O(credentials_file), O(shared_config_file), O(profile) and O(ecs_metadata) that is set.
    C(ansible_connection) is V(local), and C(ansible_python_interpreter) is that of Ansible.
  - C(tunnel_baseline_vpn_connection_id) and C(tunnel_verify_vpn_connection_id) hold the ID, so that the roles of this
    collection are about the tunnel of their host.
  - No credential becomes a variable. Modules find them in the environment, or at the same place as this plugin.
  - No text of the cloud can run as a template. In names and tags as variables, opening braces, C(#) and all that people
    cannot see are written as escapes, such as C(\x7b). The service itself allows none of these.
  - Tags are missing where a region does not list them with the connections.
  - Keep the tunnels in an inventory of their own. A host of another source that comes later and is named like a tunnel
    would be one with it.
seealso:
  - plugin: huaweicloud.vpn.vpn_connection_log
    plugin_type: lookup
  - module: huaweicloud.vpn.vpn_connection_log_info
"""

EXAMPLES = r"""
# hq.vpn_connections.yml: the connections of two projects. Without projects, those of the project that the environment
# names (HW_REGION_NAME, HW_PROJECT_ID). Verify each, and be red when there is none:
#   export ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=true
#   ansible-playbook -i hq.vpn_connections.yml huaweicloud.vpn.verify -e tunnels=vpn_connections
plugin: huaweicloud.vpn.vpn_connections
projects:
  - region: cn-north-4
  - region: cn-north-4
    project_id: 1b2c3d4e5f60718293a4b5c6d7e8f90a
strict: true
groups:
  up: vpn_connection_status == 'ACTIVE'
keyed_groups:
  - key: vpn_connection_tags.site | default('none')
    prefix: site
compose:
  tunnel_verify_quiet_for: 90 if vpn_connection_ha_role == 'master' else 120
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.utils.path import unfrackpath

from ..module_utils._client.settings import ENVIRONMENT, SECRETS, SOURCES, connection_spec, first_set
from ..module_utils._errors import OptionError, VpnError
from ..module_utils._gather.query import InfoQuery, Selection
from ..plugin_utils._inventory.names import group_name, inert, unique_names
from ..plugin_utils._inventory.projects import Tunnel, projects_of, read

try:
    from ansible.template import trust_as_template as _trusted
except ImportError:  # before ansible-core 2.19 every text may be a template
    _trusted = str  # type: ignore[assignment,misc]

GROUP = "vpn_connections"
_PATHS = {name for name, entry in connection_spec().items() if entry["type"] == "path"}
_TEXTS = {"vgw_id", *(name for name, entry in connection_spec().items() if entry["type"] in ("str", "path"))}


class InventoryModule(BaseInventoryPlugin, Constructable):  # type: ignore[misc]
    """VPN connections as hosts."""

    NAME = "huaweicloud.vpn.vpn_connections"
    # Both are set by ansible-core's parse().
    inventory: Any
    _vars: Any
    _sanitize_group_name = staticmethod(group_name)  # type: ignore[assignment]

    def verify_file(self, path: str) -> bool:
        """Tell whether the file is named like a configuration of this plugin."""
        return bool(super().verify_file(path)) and path.endswith(("vpn_connections.yml", "vpn_connections.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the hosts: all of them, or none and an error."""
        super().parse(inventory, loader, path, cache)
        self.templar.available_variables = self._vars
        try:
            self._given: Mapping[str, Any] = self._read_config_data(path)
            tunnels, warnings = self._read()
        except VpnError as error:
            raise AnsibleParserError(f"{self.NAME}: {error}") from None
        for warning in warnings:
            self.display.warning(f"{self.NAME}: {warning}")
        self._fill(tunnels)

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Set the options, but first see that secrets are texts: ansible-core would show one that is not."""
        for name in SECRETS:
            _check_text(name, (direct or {}).get(name, (var_options or {}).get(f"huaweicloud_vpn_{name}")))
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def option(self, name: str) -> Any:
        """Return an option, templated where it was given; of several environment variables, the first that is set."""
        given = self._given.get(name) is not None or f"huaweicloud_vpn_{name}" in self._vars
        names = ENVIRONMENT.get(name, ())
        if len(names) > 1 and not given:
            return first_set(names)
        value = self._templated(name, self.get_option(name)) if given else self.get_option(name)
        if given and name in _PATHS:
            # Core has made a path of what may be a template; only its result is one.
            value = self._templated(name, self._given.get(name) or self._vars.get(f"huaweicloud_vpn_{name}"))
            value = unfrackpath(value, follow=False) if value and isinstance(value, str) else value
        if name == "name" and isinstance(value, list):
            return [str(item) for item in value]
        if name not in _TEXTS or value is None:
            return value
        _check_text(name, value)
        return str(value)

    def _templated(self, name: str, value: Any) -> Any:
        """Return a value whose templates are filled in; core's own error would show lines of the file around it."""
        try:
            return self.templar.template(value)
        except AnsibleError:
            raise OptionError(name, "its template cannot be rendered: check the variables in it") from None

    def _read(self) -> tuple[list[Tunnel], list[str]]:
        unknown = sorted(str(name) for name in set(self._given) - set(self.option_definitions))
        if unknown:
            raise OptionError(unknown[0], "there is no such option")
        if self.option("name") is not None and self.option("vgw_id") is not None:
            raise OptionError("vgw_id", "give either vgw_id or name, not both")
        selection = Selection.from_options(lambda name: None if name == "vpn_connection_id" else self.option(name))
        query = InfoQuery.from_options(lambda name: None if name == "gather" else self.option(name))
        return read(projects_of(self.option, self.option("projects")), selection, query.concurrency)

    def _fill(self, tunnels: list[Tunnel]) -> None:
        """Add the hosts in the order of their names; where an expression fails, none of them."""
        taken = {*self.inventory.hosts, *self.inventory.groups, *map(group_name, self.get_option("groups") or {})}
        names = unique_names([(tunnel.row["name"], tunnel.row["id"]) for tunnel in tunnels], taken)
        gateways = {tunnel.vgw_id: tunnel.gateway for tunnel in tunnels}
        # Alike or not is told of them as they stand in the names of groups.
        words = [(group_name(name.lower() if name else f"id_{vgw_id}"), vgw_id) for vgw_id, name in gateways.items()]
        groups = dict(zip(gateways, unique_names(words)))
        try:
            for host, tunnel in sorted(zip(names, tunnels), key=lambda pair: pair[0]):
                self._add(host, tunnel, groups[tunnel.vgw_id])
            both = sorted(set(names).intersection(self.inventory.groups))
            if both:
                raise AnsibleParserError(
                    f"{self.NAME}: keyed_groups: {both[0]} is a host and a group: give the group a prefix"
                )
        except Exception:
            for host in set(names).intersection(self.inventory.hosts):
                self.inventory.remove_host(self.inventory.hosts[host])
            raise

    def _add(self, host: str, tunnel: Tunnel, gateway: str) -> None:
        """Add one host with its variables and groups."""
        self.inventory.add_group(GROUP)
        self.inventory.add_host(host, group=GROUP)
        keys = {f"huaweicloud_vpn_{name}": self.option(name) for name in (*SOURCES, "profile")}
        variables = {**variables_of(tunnel), **{name: value for name, value in keys.items() if value}}
        for name, value in variables.items():
            self.inventory.set_variable(host, name, value)
        for group in groups_of(tunnel, gateway):
            self.inventory.add_group(group)
            self.inventory.add_host(host, group=group)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)


def variables_of(tunnel: Tunnel) -> dict[str, Any]:
    """Return the variables of a host; no text of the cloud in them can be a template."""
    row, project = tunnel.row, tunnel.project
    said = {
        "vpn_connection_id": row["id"],
        "vpn_connection_name": row["name"],
        "vpn_connection_status": row["status"],
        "vpn_connection_ha_role": row["ha_role"],
        "vpn_connection_tags": dict(tags_of(tunnel)),
        "vpn_gateway_id": tunnel.vgw_id,
        "vpn_gateway_name": tunnel.gateway,
        "tunnel_baseline_vpn_connection_id": [row["id"]],
        "tunnel_verify_vpn_connection_id": [row["id"]],
        "huaweicloud_vpn_project_id": tunnel.project_id,
    }
    given = {
        "huaweicloud_vpn_region": project.region,
        "huaweicloud_vpn_endpoint": project.endpoint,
        "huaweicloud_vpn_ca_path": project.ca_path,
        "huaweicloud_vpn_validate_certs": None if project.validate_certs else False,
        "ansible_connection": "local",
        "ansible_python_interpreter": _trusted("{{ ansible_playbook_python }}"),
    }
    return {**inert(said), **{name: value for name, value in given.items() if value is not None}}


def groups_of(tunnel: Tunnel, gateway: str) -> list[str]:
    """Return the names of the groups that a host is in."""
    row = tunnel.row
    facts = [("gateway", gateway), ("status", row["status"]), ("ha_role", row["ha_role"])]
    facts += [("region", tunnel.project.region), *(("tag", f"{key}_{value}") for key, value in tags_of(tunnel))]
    return [group_name("vpn", kind, value.lower()) for kind, value in facts if isinstance(value, str) and value]


def tags_of(tunnel: Tunnel) -> list[tuple[str, str]]:
    """Return the tags as far as they are such."""
    tags = [(tag["key"], tag["value"] or "") for tag in tunnel.row["tags"] or [] if tag]
    return [(key, value) for key, value in tags if isinstance(key, str) and isinstance(value, str)]


def _check_text(name: str, value: Any) -> None:
    if isinstance(value, (Mapping, list, tuple, set)):
        raise OptionError(name, "must be text")
