# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put pip into a fresh virtual environment: from the wheel that comes with Python and then from the package index.

ansible-test looks for a script like this in its cache before it downloads one from a server that pip's own
configuration (a mirror, no internet) knows nothing of. It makes an environment for nearly each sanity test, so what
was installed once is kept beside this file, and copied.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
PACKAGES = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
SITE = sysconfig.get_path("purelib")
KEPT = Path(__file__).with_name("-".join([*PACKAGES, *map(str, sys.version_info[:2])]))

if KEPT.is_dir():
    shutil.copytree(KEPT, SITE, dirs_exist_ok=True)
else:
    subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
    subprocess.check_call([*PIP, "install", *PACKAGES])
    # ensurepip of Python < 3.12 brings this along, the original script does not: the tests need a bare environment.
    subprocess.check_call([*PIP, "uninstall", "--yes", "setuptools"], stderr=subprocess.DEVNULL)
    part = tempfile.mkdtemp(dir=KEPT.parent)
    shutil.copytree(SITE, part, dirs_exist_ok=True)
    try:
        os.rename(part, KEPT)
    except OSError:  # another session was first
        shutil.rmtree(part)
