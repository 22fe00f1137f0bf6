# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.
"""The form of the IDs of connections and gateways."""

from __future__ import annotations

import re
from typing import Any

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def is_uuid(value: Any) -> bool:
    """Tell whether the value has the form of a connection's or gateway's ID."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None
