# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pytest needs to be started by hand, too: the sandbox, and the place where Python finds the collection."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

# A copy that a session of nox tests lies in .cache. It is in the sandbox of the checkout already, and under a second
# name Python would import all of it twice.
if ".cache" not in HERE.parts:
    sys.path.insert(0, str(HERE / "tools"))
    import sandbox

    _environment = sandbox.environment()
    os.environ.clear()
    os.environ.update(_environment)
    # What was read of the environment before.
    tempfile.tempdir = None
    sys.dont_write_bytecode = False
    sys.path[0] = str(sandbox.COLLECTIONS)
    os.environ.setdefault("PYTHONPATH", str(sandbox.COLLECTIONS))
