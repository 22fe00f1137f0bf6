# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate authority for the tests, made anew for each run; its keys are worth nothing."""

from __future__ import annotations

import datetime
import ssl
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import trustme

_DAY = datetime.timedelta(days=1)
_NOW = datetime.datetime.now(datetime.timezone.utc)
_HOST = "vpn.torture.test"
_NAMES = ("*.torture.test", "localhost", "127.0.0.1")
# What is wrong with each certificate.
_KINDS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "good": (_NAMES, {}),
    "expired": (_NAMES, {"not_before": _NOW - 30 * _DAY, "not_after": _NOW - _DAY}),
    "future": (_NAMES, {"not_before": _NOW + 5 * _DAY, "not_after": _NOW + 30 * _DAY}),
    "other_name": (("vpn.elsewhere.test",), {}),
    "no_san": ((), {"common_name": _HOST}),
}


class Authority:
    """Issues the certificates; C(ca) is the file to trust, C(other_ca) one of an authority that issued none."""

    def __init__(self, folder: Path) -> None:
        self._authority, self._stranger = trustme.CA(), trustme.CA()
        self.ca, self.other_ca = str(folder / "ca.pem"), str(folder / "other-ca.pem")
        self._authority.cert_pem.write_to_path(self.ca)
        self._stranger.cert_pem.write_to_path(self.other_ca)
        self.context = cache(self._context)

    def _context(self, kind: str = "good") -> ssl.SSLContext:
        """Return what a server with this certificate needs; C(old_tls) speaks TLS 1.1 at most."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        names, more = _KINDS.get(kind, _KINDS["good"])
        issuer = self._stranger if kind == "stranger" else self._authority
        issuer.issue_cert(*names, **more).configure_cert(context)
        if kind == "old_tls":
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that it is old is the point
                context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        return context
