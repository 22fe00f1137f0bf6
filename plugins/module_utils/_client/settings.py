# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options: one table for modules and plugins alike, and the checked settings they make."""

from __future__ import annotations

import ipaddress
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.errors import AnsibleFallbackNotFound

from .._errors import CredentialsError, OptionError, quoted
from .._time import parse_seconds
from .terraform import ROLE, check_obeyed, project_name_of, role_of

# Where an option comes from when the task does not give it: the first variable that is set and not empty.
ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "access_key": ("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK"),
    "secret_key": ("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK"),
    "security_token": ("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
    "auth_token": ("HW_AUTH_TOKEN",),
    "region": ("HW_REGION_NAME",),
    "project_id": ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID"),
    "cloud": ("HW_CLOUD",),
    "endpoint": ("HUAWEICLOUD_VPN_ENDPOINT",),
    "iam_endpoint": ("HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT"),
    "retries": ("HW_MAX_RETRIES",),
}
SECRETS = ("access_key", "secret_key", "security_token", "auth_token")
# Options that name another place where keys are. None has a variable: a shell that was set up for another tool must not
# make us open its files, and a place that a task names is never mixed with keys of the environment.
FILES = ("credentials_file", "shared_config_file")
SOURCES = (*FILES, "ecs_metadata")

# Regions of the VPN service without an IAM endpoint of their own (official Python SDK, auth/endpoint.py).
_GLOBAL_IAM = frozenset({"af-north-1", "ap-southeast-5", "cn-north-11", "cn-south-4", "cn-southwest-3"})

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+", re.ASCII)
_REGION = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+", re.ASCII)
_PROJECT = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_ORIGIN = re.compile(rf"(https?)://(\[[0-9a-f:.]+\]|{_LABEL}(?:\.{_LABEL})*)(?::([0-9]{{1,5}}))?/?", re.ASCII)
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_SECRET = re.compile(r"[!-~]{8,16384}", re.ASCII)


def first_set(names: tuple[str, ...], environ: Mapping[str, str] | None = None) -> str | None:
    """Return the first of these environment variables that is set and not empty."""
    environ = os.environ if environ is None else environ
    return next((environ[name] for name in names if environ.get(name)), None)


def _from_environment(*names: str) -> str:
    """Serve AnsibleModule as the fallback of an option."""
    value = first_set(names)
    if value is None:
        raise AnsibleFallbackNotFound
    return value


def connection_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec of the connection options."""
    spec: dict[str, dict[str, Any]] = {
        "access_key": {"type": "str", "no_log": True},
        "secret_key": {"type": "str", "no_log": True},
        "security_token": {"type": "str", "no_log": True},
        "auth_token": {"type": "str", "no_log": True},
        "credentials_file": {"type": "path"},
        "shared_config_file": {"type": "path"},
        "profile": {"type": "str"},
        "ecs_metadata": {"type": "bool", "default": False},
        "region": {"type": "str"},
        "project_id": {"type": "str"},
        "project_name": {"type": "str"},
        "assume_role": {"type": "dict", "options": {name: {"type": "str"} for name in ROLE}},
        "cloud": {"type": "str"},
        "endpoint": {"type": "str"},
        "iam_endpoint": {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "str", "default": "60"},
        "retries": {"type": "int", "default": 3},
    }
    for option, names in ENVIRONMENT.items():
        spec[option]["fallback"] = (_from_environment, list(names))
    return spec


@dataclass(frozen=True)
class Connection:
    """Checked settings: endpoint, credentials, timeout and retries."""

    endpoint: str
    iam_endpoint: str
    region: str | None
    project_id: str | None
    project_name: str | None
    access_key: str | None = field(repr=False)
    secret_key: str | None = field(repr=False)
    security_token: str | None = field(repr=False)
    auth_token: str | None = field(repr=False)
    validate_certs: bool
    ca_path: str | None
    timeout: float
    retries: int
    spent: float = field(default=0.0, compare=False)  # seconds of the timeout that it took to find the credentials
    agency: str | None = None  # whose temporary keys these are

    @classmethod
    def from_options(cls, get: Callable[[str], Any]) -> Connection:
        """Check the options and return the settings; raise OptionError naming the option that cannot be used."""
        value = {name: _blank_is_none(get(name)) for name in connection_spec()}
        timeout = parse_seconds("timeout", "60" if value["timeout"] is None else value["timeout"], 1, 3600)
        value["timeout"] = timeout
        role = role_of(value["assume_role"])
        value["project_name"] = project_name_of(value)
        ours = value["access_key"] is not None and value["access_key"] == first_set(ENVIRONMENT["access_key"])
        check_obeyed(value, ours, any(map(value.get, SOURCES)))
        began = time.monotonic()
        value = _with_found(value)
        spent = time.monotonic() - began
        _check_credentials(value)
        region = _matched("region", value["region"], _REGION, "a region such as cn-north-4")
        cloud = _matched("cloud", value["cloud"], _DOMAIN, "a domain such as myhuaweicloud.com") or _cloud_of(region)
        connection = cls(
            endpoint=_origin("endpoint", value["endpoint"]) or _default_endpoint(region, cloud),
            iam_endpoint=_iam_origin(value["iam_endpoint"]) or _default_iam_endpoint(region, cloud),
            region=region,
            project_id=_matched("project_id", value["project_id"], _PROJECT, "a project ID, 32 hexadecimal digits"),
            project_name=value["project_name"],
            **{name: value[name] for name in SECRETS},
            validate_certs=value["validate_certs"] is not False,
            ca_path=value["ca_path"],
            timeout=timeout,
            retries=_within("retries", value["retries"], 0, 10),
            spent=spent,
        )
        if role is None:
            return connection
        from .agency import assume  # few tasks need it, none of the others shall load it

        return assume(connection, role, _is_fit)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return every secret, for those who must keep them out of texts."""
        return tuple(filter(None, (getattr(self, name) for name in SECRETS)))


def _blank_is_none(value: Any) -> Any:
    return None if value == "" else value


def _names(option: str) -> str:
    return f"{option} ({', '.join(ENVIRONMENT[option])})" if option in ENVIRONMENT else option


def _with_found(value: dict[str, Any]) -> dict[str, Any]:
    """Return the options with what is held at the place that one of them names, if any does; what is given goes first.

    The project of such a place is one of its region.
    """
    source = _source(value)
    if source is None:
        return value
    from .credentials import find_credentials  # few tasks need it, none of the others shall load it

    found = find_credentials(source, value, _is_fit)
    if value["region"] and value["region"] != found.get("region", value["region"]):
        found.pop("project_id", None)
    return {**value, **{option: text for option, text in found.items() if value[option] is None}}


def _source(value: Mapping[str, Any]) -> str | None:
    """Return the option that names the place of the keys; raise when there are keys from elsewhere, too."""
    if value["ecs_metadata"] not in (None, True, False):
        raise OptionError("ecs_metadata", "must be true or false")
    named = [option for option in SOURCES if value[option]]
    if value["profile"] and not any(option in FILES for option in named):
        raise OptionError("profile", f"works only with {' or '.join(FILES)}")
    others = [option for option in (*named[1:], *SECRETS) if value[option]]
    if named and others:
        raise CredentialsError(
            named[0],
            f"give either {named[0]} or {' and '.join(map(_names, others))}, not both;"
            " to ignore an environment variable, give its option an empty value",
        )
    return named[0] if named else None


def _is_fit(option: str, text: str) -> bool:
    """Tell whether the text has the form of this option."""
    if option == "iam_endpoint":
        try:
            return _iam_origin(text) is not None
        except OptionError:
            return False
    return {"region": _REGION, "project_id": _PROJECT}.get(option, _SECRET).fullmatch(text) is not None


def _check_credentials(value: Mapping[str, Any]) -> None:
    """Raise unless there is exactly one whole set of credentials, fit to be sent; texts never show a value."""
    token, key, secret = value["auth_token"], value["access_key"], value["secret_key"]
    if token and (key or secret):
        raise CredentialsError(
            "auth_token", f"give either {_names('auth_token')} or access_key and secret_key, not both"
        )
    if not token and not (key or secret):
        raise CredentialsError(
            "access_key",
            f"no credentials: give {_names('access_key')} and {_names('secret_key')}, or {_names('auth_token')},"
            f" or one of the options that say where they are ({', '.join(SOURCES)})",
        )
    if not token and not (key and secret):
        missing = "secret_key" if key else "access_key"
        raise CredentialsError(missing, f"is missing: give {_names(missing)}, too")
    for name in SECRETS:
        if value[name] is not None and not _SECRET.fullmatch(value[name]):
            raise CredentialsError(
                name,
                "must be at least 8 printable ASCII characters without white space: "
                f"check {_names(name)} for a line break or a blank around it",
            )


def _matched(option: str, value: str | None, form: re.Pattern[str], what: str) -> str | None:
    if value is not None and not form.fullmatch(value):
        raise OptionError(option, f"{quoted(value)} is not {what}")
    return value


def _within(option: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise OptionError(option, f"{value} is out of range: give {least} to {most}")
    return value


def _cloud_of(region: str | None) -> str:
    """Return the domain of the region's cloud; as Terraform's provider does it for the European sovereign regions."""
    return "myhuaweicloud.eu" if region and region.startswith("eu-west-1") else "myhuaweicloud.com"


def _default_endpoint(region: str | None, cloud: str) -> str:
    if region is None:
        raise OptionError("region", f"required: set {_names('region')} or {_names('endpoint')}")
    return f"https://vpn.{region}.{cloud}"


def _default_iam_endpoint(region: str | None, cloud: str) -> str:
    return f"https://iam.{cloud}" if region is None or region in _GLOBAL_IAM else f"https://iam.{region}.{cloud}"


def _iam_origin(value: str | None) -> str | None:
    return _origin("iam_endpoint", value and re.sub(r"/v3(?:\.0)?/?$", "", value))


def _origin(option: str, value: str | None) -> str | None:
    """Return scheme, host and port of an endpoint; plain http is for loopback only: no credential travels bare."""
    if value is None:
        return None
    match = _ORIGIN.fullmatch(value.lower())
    if not match or not _host_is_plain(match[2]) or not 0 < int(match[3] or 443) < 65536:
        raise OptionError(option, "must be https://HOST or https://HOST:PORT, without user, path or query")
    scheme, host, port = match.groups()
    if not _can_serve(host):
        raise OptionError(option, "a service cannot have this address: give the host of the service")
    if scheme == "http" and not _is_loopback(host):
        raise OptionError(option, "http:// is for loopback addresses only: use https://")
    default_port = {"http": "80", "https": "443"}[scheme]
    return f"{scheme}://{host}:{int(port)}" if port and port != default_port else f"{scheme}://{host}"


def _host_is_plain(host: str) -> bool:
    """Tell whether the host is a name or an address written out; 127.1, 0x7f.1 and 2130706433 are neither."""
    if host.startswith("[") or _NUMERIC.fullmatch(host.rpartition(".")[2]):
        return _address(host) is not None
    return len(host) <= 253


def _can_serve(host: str) -> bool:
    """Tell whether a service may be at this host; at a link-local address are neighbours and the metadata service."""
    address = _address(host)
    address = getattr(address, "ipv4_mapped", None) or address
    return address is None or not (address.is_link_local or address.is_multicast or address.is_unspecified)


def _is_loopback(host: str) -> bool:
    address = _address(host)
    # To Python 3.13 and newer, what is mapped from IPv4 is loopback, too; the rule is to be one for all.
    mapped = getattr(address, "ipv4_mapped", None)
    return host == "localhost" or (address is not None and not mapped and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(host[1:-1]) if host.startswith("[") else ipaddress.IPv4Address(host)
    except ValueError:
        return None


def is_proxy(address: str | None) -> bool:
    """Tell whether this is the address of a proxy, or none at all."""
    if not address:
        return True
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        return bool(parts.hostname and parts.scheme in ("http", "https", "socks5", "socks5h") and parts.port != 0)
    except ValueError:
        return False
