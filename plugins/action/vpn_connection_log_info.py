# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gather the logs of VPN connections, without a process for the module where it would run on the controller anyway."""

from __future__ import annotations

from ..module_utils._gather.tasks import LOG_INFO
from ..plugin_utils._direct import ModuleAction


class ActionModule(ModuleAction):
    """Do what the module does."""

    TASK = LOG_INFO
