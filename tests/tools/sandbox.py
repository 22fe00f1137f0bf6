# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command so that whatever it writes stays in this checkout.

python3 tests/tools/sandbox.py COMMAND [ARGUMENT ...]

Ansible, pip, nox and ansible-test write to the home directory and to /tmp. Here they get both inside .cache. What
configures pip is taken along, the user's own Ansible settings, git settings and cloud credentials are not.
"""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
HOME = CACHE / "home"
TMP = CACHE / "tmp"
COLLECTIONS = CACHE / "collections"

# A GIT_DIR (set while a git hook runs) would turn each git command to the wrong repository; the other prefixes would
# make the outcome depend on who runs the tests, and tests must never see a real access key.
DROPPED_PREFIXES = ("ANSIBLE_", "GIT_", "HUAWEICLOUD_", "HW_", "NOX", "PYTEST_", "XDG_")
# ... and these would lead a program out of the sandbox or to another Python, or have it compile everything each time.
DROPPED = (
    *("PIP_CACHE_DIR", "PIP_CONFIG_FILE", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH"),
    *("TEMP", "TMP", "VIRTUAL_ENV"),
)


def environment() -> dict[str, str]:
    """Return the environment for a command in the sandbox, having made the folders it names."""
    if os.environ.get("HOME") == str(HOME):
        return dict(os.environ)
    _prepare()
    env = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED_PREFIXES)}
    for name in DROPPED:
        env.pop(name, None)
    local = ",".join(filter(None, [env.get("no_proxy") or env.get("NO_PROXY"), "127.0.0.1", "localhost"]))
    env.update(
        HOME=str(HOME),
        TMPDIR=str(TMP),
        PATH=os.pathsep.join([*_python_folders(), *_other_folders(env.get("PATH", os.defpath))]),
        ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
        # By default it is in the home directory that the system's list of users has, whatever HOME says.
        ANSIBLE_REMOTE_TMP=str(TMP / "remote"),
        # Ansible refuses a locale that is not UTF-8, and no other one is certain to be there.
        LC_ALL="C.UTF-8",
        # The emulator is on loopback: a proxy has no business there.
        no_proxy=local,
        NO_PROXY=local,
        # No process may go on in the background, looking for newer packages, after the tests.
        VIRTUALENV_NO_PERIODIC_UPDATE="1",
    )
    return env


def _prepare() -> None:
    """Make the folders, the link by which Python and Ansible find the collection, and the few settings."""
    link = COLLECTIONS / "ansible_collections" / "huaweicloud" / "vpn"
    for folder in (HOME, TMP, link.parent):
        folder.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(os.path.relpath(ROOT, link.parent))
    # A checkout that belongs to somebody else (a mounted volume, in CI) is "dubious" to git.
    (HOME / ".gitconfig").write_text("[safe]\n\tdirectory = *\n[init]\n\tdefaultBranch = main\n", encoding="utf-8")
    _write_pip_configuration(HOME / ".config" / "pip" / "pip.conf")


def _write_pip_configuration(path: Path) -> None:
    """Keep what the user's files and PIP_* variables tell pip: ansible-test hands on HOME, but no variable."""
    home = Path.home()
    settings = configparser.RawConfigParser()
    settings.read(
        [
            home / ".pip" / "pip.conf",
            home / "Library" / "Application Support" / "pip" / "pip.conf",
            Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf",
            os.environ.get("PIP_CONFIG_FILE", os.devnull),
        ],
        encoding="utf-8",
    )
    if not settings.has_section("global"):
        settings.add_section("global")
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name not in DROPPED:
            settings.set("global", name[4:].lower().replace("_", "-"), value)
    # Nor does it hand on what else tells pip the way.
    for name, option in (("https_proxy", "proxy"), ("HTTPS_PROXY", "proxy"), ("REQUESTS_CA_BUNDLE", "cert")):
        if os.environ.get(name) and not settings.has_option("global", option):
            settings.set("global", option, os.environ[name])
    # Within ansible-test, pip would list each file that it fetches.
    settings.set("global", "quiet", "1")
    for section in settings.sections():
        settings.remove_option(section, "cache-dir")
    path.parent.mkdir(parents=True, exist_ok=True)
    # The file may hold the password of a package index.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        settings.write(file)


def _python_folders() -> list[str]:
    """Return the folders of the real Pythons, this one first: the shims of pyenv need the user's home directory."""
    folders = [os.path.dirname(os.path.realpath(sys.executable))]
    if shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False).stdout.strip()
        folders += sorted(str(path) for path in Path(root or os.devnull).glob("versions/3.*/bin"))
    return folders


def _other_folders(path: str) -> list[str]:
    """Return the folders of a PATH without pyenv's shims: one that ends with an error would count as a Python."""
    return [folder for folder in path.split(os.pathsep) if os.path.basename(folder) != "shims"]


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    os.environ.update(new := environment())
    for name in set(os.environ) - set(new):
        del os.environ[name]
    os.execvp(sys.argv[1], sys.argv[1:])
