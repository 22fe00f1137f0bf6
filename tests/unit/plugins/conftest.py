# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sample verdicts, which the browser tests use, too."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[2] / "browser" / "samples.py"


@pytest.fixture(scope="session")
def samples() -> Any:
    """The samples, loaded by their path: their directory is no package."""
    spec = importlib.util.spec_from_file_location("report_samples", SAMPLES)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
