# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The floor of a lookup: requests and one GET, nothing else."""

from __future__ import annotations

import requests
from ansible.plugins.lookup import LookupBase

DOCUMENTATION = """
name: bare_requests
short_description: The floor of a lookup
description: [Gets one log with requests.]
author: [huaweicloud.vpn contributors]
options: {}
"""


class LookupModule(LookupBase):
    """Get one log."""

    def run(self, terms, variables=None, **kwargs):
        """Return its entries."""
        url, token = terms
        return requests.get(url, headers={"X-Auth-Token": token}, timeout=60).json()["logs"]
