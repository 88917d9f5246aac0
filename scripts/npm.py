"""Packages from npm that checks and tests need, each of one pinned version.

They need node and npm. Each is installed once, beside the Python environments, outside of what git
sees.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path
from tempfile import mkdtemp

_HOME = Path(__file__).resolve().parent.parent / ".venv" / "node"
_INSTALL_LIMIT = 120


class NotToBeHad(Exception):
    """Why a package is not here and can't be got."""


def installed(package: str, version: str) -> Path:
    """The folder whose node_modules holds the package."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NotToBeHad(f"{package} needs node and npm, which are not here")
    home = _HOME / f"{package}-{version}"
    _HOME.mkdir(parents=True, exist_ok=True)
    with (_HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a run's other workers want it, too
        if not home.exists():
            # Whole or not at all: an installation that was broken off is not taken for one.
            unfinished = Path(mkdtemp(dir=_HOME))
            _install(f"{package}@{version}", unfinished)
            unfinished.rename(home)
    return home


def _install(what: str, folder: Path) -> None:
    command = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit"]
    command += ["--no-fund", "--fetch-retries=1", "--fetch-timeout=30000", what]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_LIMIT)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise NotToBeHad(f"{what} could not be installed: {error}") from error
