"""A second DynamoDB on this machine: dynalite, which owes nothing to moto.

It needs node and npm. The first run installs it beside the Python environments, outside of what
git sees; where that can't be done, the tests that ask for it are skipped and say why.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.aws import LocalAws

VERSION = "4.0.0"
_HOME = Path(__file__).resolve().parent.parent / ".venv" / "node"
_INSTALL_LIMIT = 120
_SERVE = """
const server = require('dynalite')({createTableMs: 0, deleteTableMs: 0})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.on('end', () => process.exit()).resume()
"""


@contextmanager
def dynalite() -> Iterator[LocalAws]:
    """The server, as a process that ends with the block, or with us."""
    process = subprocess.Popen(
        ["node", "-e", _SERVE],
        cwd=_installed(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        port = process.stdout.readline()
        assert port, "dynalite did not start"
        yield LocalAws("127.0.0.1", int(port))
        process.terminate()


def _installed() -> Path:
    """The folder whose node_modules holds dynalite; skips the test where it can't be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("dynalite needs node and npm, which are not here")
    home = _HOME / f"dynalite-{VERSION}"
    _HOME.mkdir(parents=True, exist_ok=True)
    with (_HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the run's other workers want it, too
        if not home.exists():
            # Whole or not at all: an installation that was broken off is not taken for one.
            unfinished = Path(mkdtemp(dir=_HOME))
            _install(unfinished)
            unfinished.rename(home)
    return home


def _install(folder: Path) -> None:
    command = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit"]
    command += ["--no-fund", "--fetch-retries=1", "--fetch-timeout=30000", f"dynalite@{VERSION}"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_LIMIT)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"dynalite could not be installed: {error}")
