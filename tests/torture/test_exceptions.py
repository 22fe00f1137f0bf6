# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a library raises, and whatever it says: its own text is never shown, it may hold a header or a password."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from io import BytesIO
from types import ModuleType

import pytest
import requests.exceptions
import urllib3.exceptions
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.concurrency import capture_error
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.transport_errors import transport_error
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from fault_model import SECRETS
from rig import harmless

PROXY = f"http://somebody:{SECRETS['proxy']}@proxy.torture.test:3128"
TEXT = f"Invalid header value {SECRETS['auth_token']!r}, {SECRETS['secret_key']} via {PROXY}: {SECRETS['body']}"
LIBRARIES = (requests.exceptions, urllib3.exceptions, http.client, ssl, socket)


def classes_of(module: ModuleType) -> Iterator[type[BaseException]]:
    """Yield the exceptions of a library."""
    for thing in vars(module).values():
        if isinstance(thing, type) and issubclass(thing, Exception) and not issubclass(thing, Warning):
            yield thing


CLASSES = {
    f"{kind.__module__}.{kind.__name__}": kind
    for kind in (
        *(kind for module in LIBRARIES for kind in classes_of(module)),
        *(AttributeError, KeyError, LookupError, MemoryError, OSError, RecursionError, RuntimeError, TypeError),
        *(UnicodeError, ValueError),
    )
}


# What some exceptions cannot be shown without.
MEMBERS = {"verify_message": "certificate has expired", "partial": 0, "expected": 1, "length": 1, "response": BytesIO()}


def made(kind: type[BaseException]) -> BaseException:
    """Return an exception that says all it should not, however it wants to be made."""
    error = kind.__new__(kind, TEXT)
    error.args = (TEXT,)
    vars(error).update(MEMBERS)
    if kind is http.client.IncompleteRead:
        error.partial = b""
    return error


@pytest.mark.parametrize("name", CLASSES)
def test_what_a_library_says_is_not_repeated(name: str) -> None:
    """As it is, as the cause of another, and as a bug of ours."""
    error = made(CLASSES[name])
    wrapped = requests.exceptions.ConnectionError(error)
    wrapped.__cause__ = error
    for raised in (error, wrapped, requests.exceptions.ProxyError(error)):
        harmless(str(transport_error(raised, "vpn.torture.test", PROXY)))

    def bug() -> None:
        raise error

    told = capture_error(bug)
    assert isinstance(told, VpnError)
    harmless(f"{told} {told!r} {told.details}")
