# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate of a pipeline, as one task; documented beside the modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._errors import VpnError
from ..plugin_utils._direct import InProcess, unknown_option
from ..plugin_utils._report.gate import Demand, NotVerifiedError, expected, read_reports, verified


class ActionModule(InProcess):
    """Read the reports, and say whether they are proof."""

    SPEC: ClassVar[Mapping[str, dict[str, Any]]] = {
        "report_dir": {"type": "path", "required": True},
        "report_name": {"type": "str", "default": "tunnel_verify*"},
        "run_id": {"type": "str", "required": True},
        "expect": {"type": "list", "elements": "str"},
        "negotiated": {"type": "bool", "default": False},
    }

    def answer(self) -> dict[str, Any]:
        """Return the one line, also shown by itself: a result in JSON is hard to read."""
        try:
            line, failed = f"VERIFIED: {self._verified()}", False
        except (NotVerifiedError, VpnError) as error:
            line, failed = f"NOT VERIFIED: {error}", True
        self._display.display(line)
        return {"changed": False, "failed": failed, "msg": line}

    def _verified(self) -> str:
        """Return what the reports prove; raise where they do not, and for an option that cannot be used."""
        checked = ArgumentSpecValidator(dict(self.SPEC)).validate(self.given())
        for name in sorted(checked.unsupported_parameters):
            raise unknown_option(str(name[0] if isinstance(name, tuple) else name), self.SPEC)
        for message in checked.error_messages:
            raise NotVerifiedError(str(message))
        options = checked.validated_parameters
        for name in ("report_dir", "report_name", "run_id"):
            if not str(options[name]).strip():
                raise NotVerifiedError(f"{name}: must not be empty")
        demand = Demand(options["run_id"], expected(options["expect"]), options["negotiated"])
        return verified(read_reports(options["report_dir"], options["report_name"]), demand)
