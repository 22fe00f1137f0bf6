# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where else keys may be: in a file of the SDK or of KooCLI, or with the metadata service of an ECS instance.

Imported only when an option names such a place. What a place holds is never shown, except the names of its profiles.
Sources: Huawei Cloud SDK for Python (auth/provider.py, auth/internal.py), Terraform's provider (provider.go, auth.go).
"""

from __future__ import annotations

import configparser
import http.client
import os
import re
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from .._errors import CredentialsError, VpnError, quoted
from .._sanitize import visible
from .._time import SECOND, read_stamp
from .concurrency import Deadline, run_concurrently
from .response import json_object

# Tells whether a text has the form of the option of this name.
Fit = Callable[[str, str], bool]

# Our options, and what they are called there.
_SDK = {
    "access_key": "ak",
    "secret_key": "sk",
    "security_token": "security_token",
    "project_id": "project_id",
    "iam_endpoint": "iam_endpoint",
}
_KOOCLI = {"access_key": "accessKeyId", "secret_key": "secretAccessKey", "security_token": "securityToken"}
_KOOCLI_PLACE = {"region": "region", "project_id": "projectId"}
_METADATA = {"access_key": "access", "secret_key": "secret", "security_token": "securitytoken"}
_KEYS = ("access_key", "secret_key")
_TEMPORARY = (*_KEYS, "security_token")

_LARGEST = 1024 * 1024  # bytes; such a file has a few hundred
_MOST_NAMES = 20  # profiles listed with an error

METADATA_SERVICE = ("169.254.169.254", 80)
_KEY_PATH, _TOKEN_PATH = "/openstack/latest/securitykey", "/meta-data/latest/api/token"
_TOKEN = re.compile(rb"[!-~]{1,4096}")
_NO_AGENCY = b"configure Cloud Service Agency"
_BUSY = frozenset({429, 500, 502, 503, 504})
_WAIT, _PAUSE = 5.0, 0.5  # seconds for all of it, since the service is next door, and before asking a busy one again


class _UnusableError(VpnError):
    """What is wrong with a place; who knows its name completes the line."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem, code="E_CRED")


def find_credentials(option: str, value: Mapping[str, Any], is_fit: Fit) -> dict[str, str]:
    """Return the options that are held at the place which this option names; raise CredentialsError."""
    place = "the metadata service"
    try:
        if option == "ecs_metadata":
            return security_key(_json(_metadata(value["timeout"])), is_fit, time.time())
        place = visible(str(value[option]), 200)
        read = sdk_profile if option == "credentials_file" else koocli_profile
        return read(_content(str(value[option])), value["profile"], is_fit)
    except VpnError as error:
        raise CredentialsError(option, f"{place} {error.message}") from None


def sdk_profile(content: bytes, profile: str | None, is_fit: Fit) -> dict[str, str]:
    """Read a profile of the SDK: an INI file, whose section `basic` holds the keys for services like VPN."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(content.decode("utf-8"))
    except (configparser.Error, UnicodeDecodeError):
        raise _UnusableError("is not a valid INI file") from None
    name = profile or "basic"
    if not parser.has_section(name):
        raise _no_profile(name, parser.sections())
    held = dict(parser.items(name))
    owner = f"profile {quoted(name)}"
    if held.get("idp_id") and held.get("id_token_file"):
        raise _UnusableError(f"cannot be used: {owner} uses an identity provider, which is not supported")
    for member in _SDK.values():
        if "%" in held.get(member, "").replace("%%", ""):
            raise _UnusableError(f"is not a valid INI file: write %% for a % in {member} of {owner}")
    return _picked({name: text.replace("%%", "%") for name, text in held.items()}, _SDK, _KEYS, owner, is_fit)


def koocli_profile(content: bytes, profile: str | None, is_fit: Fit) -> dict[str, str]:
    """Read a profile of KooCLI, which Terraform calls a shared configuration; by default the current one."""
    config = _json(content)
    profiles = config.get("profiles")
    if not isinstance(profiles, list) or not all(isinstance(row, dict) for row in profiles):
        raise _UnusableError("has no list of profiles: check that it is a configuration file of KooCLI")
    name = profile or config.get("current") or ""
    matches = [row for row in profiles if isinstance(name, str) and name and row.get("name") == name]
    if len(matches) != 1:
        raise _no_profile(name, [row["name"] for row in profiles if isinstance(row.get("name"), str)])
    held, owner = matches[0], f"profile {quoted(name)}"
    mode = held.get("mode") or "AKSK"
    if mode not in ("AKSK", "SSO") or held.get("agencyName"):
        raise _UnusableError(f"cannot be used: {owner} uses an agency or a mode other than AKSK or SSO")
    keys = _inner(_inner(held, "ssoAuth"), "stsToken") if mode == "SSO" else held
    found = _picked(keys, _KOOCLI, _TEMPORARY if mode == "SSO" else _KEYS, owner, is_fit)
    return {**found, **_picked(held, _KOOCLI_PLACE, (), owner, is_fit)}


def security_key(answer: Mapping[str, Any], is_fit: Fit, now: float) -> dict[str, str]:
    """Read the temporary key of an agency; one that has expired by now is none."""
    held = _inner(answer, "credential")
    found = _picked(held, _METADATA, _TEMPORARY, "credential", is_fit)
    expires, _offset = read_stamp(str(held.get("expires_at")))
    if expires is None:
        raise _UnusableError("returned a key without an expiry time")
    if expires <= now * SECOND:
        raise _UnusableError("returned an expired key: check the clock of this machine")
    return found


def _picked(
    held: Mapping[str, Any], members: Mapping[str, str], needed: Sequence[str], owner: str, is_fit: Fit
) -> dict[str, str]:
    """Return the members that are set, by the names of our options."""
    found = {option: held[member] for option, member in members.items() if held.get(member) not in (None, "")}
    for option in needed:
        if option not in found:
            raise _UnusableError(f"is incomplete: {members[option]} of {owner} is missing")
    for option, text in found.items():
        if not isinstance(text, str) or not is_fit(option, text):
            raise _UnusableError(f"cannot be used: {members[option]} of {owner} is not a valid {option}")
    return found


def _no_profile(name: Any, names: Sequence[str]) -> _UnusableError:
    shown = ", ".join(visible(name, 64) for name in names[:_MOST_NAMES]) or "none"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    which = f"one profile {quoted(name)}" if isinstance(name, str) and name else "a current profile"
    return _UnusableError(f"does not have {which}: set profile to one of: {shown}{more}")


def _inner(held: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = held.get(name)
    return inner if isinstance(inner, dict) else {}


def _json(content: bytes) -> dict[str, Any]:
    try:
        return json_object(content)
    except VpnError:
        raise _UnusableError("did not return a valid JSON object") from None


def _content(path: str) -> bytes:
    """Return what is in the file; what is no file, such as a pipe, might never end."""
    path = os.path.expanduser(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise _UnusableError("is not a file")
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise _UnusableError("does not exist on this host") from None
    except PermissionError:
        raise _UnusableError("is not readable for the user who runs this task") from None
    except (OSError, ValueError):
        raise _UnusableError("cannot be read") from None
    if len(content) > _LARGEST:
        raise _UnusableError("is too large for a credentials file")
    return content[3:] if content.startswith(b"\xef\xbb\xbf") else content


def _metadata(timeout: float) -> bytes:
    """Return what the metadata service says of the instance's key; in a thread, since an answer may drip for ever."""
    deadline = Deadline(min(_WAIT, timeout))
    (answer,) = run_concurrently([partial(_ask_for_key, deadline)], 1, deadline)
    if not isinstance(answer, VpnError):
        return answer
    if isinstance(answer, _UnusableError):
        raise answer
    raise _UnusableError(f"does not answer within {deadline.seconds:g} s: is this an ECS instance?")


def _ask_for_key(deadline: Deadline) -> bytes:
    """Ask for the key; where the instance demands it, with a token that is fetched first."""
    status, body = _ask("GET", _KEY_PATH, {}, deadline)
    if status == 401 and _NO_AGENCY not in body:
        status, token = _ask("PUT", _TOKEN_PATH, {"X-Metadata-Token-Ttl-Seconds": "21600"}, deadline)
        if status == 200 and not _TOKEN.fullmatch(token):
            raise _UnusableError("returned an invalid token")
        if status == 200:
            status, body = _ask("GET", _KEY_PATH, {"X-Metadata-Token": token.decode("ascii")}, deadline)
    if status != 200:
        raise _UnusableError(f"answered with HTTP {status}: check that this ECS instance has an agency")
    return body


def _ask(method: str, path: str, headers: dict[str, str], deadline: Deadline) -> tuple[int, bytes]:
    """Return status and body of an exchange that knows no proxy, redirect, netrc or cookie."""
    while True:
        connection = http.client.HTTPConnection(*METADATA_SERVICE, timeout=max(0.1, deadline.left()))
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            body = response.read(_LARGEST)
        except (OSError, http.client.HTTPException):
            raise _UnusableError("cannot be reached: is this an ECS instance?") from None
        finally:
            connection.close()
        if response.status not in _BUSY or deadline.left() <= _PAUSE:
            return response.status, body
        deadline.sleep(_PAUSE)
