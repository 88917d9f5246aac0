"""The Chromium that tests and benchmarks drive. `make test` begins with `python -m
scripts.chromium`, which installs Debian's where that can be done without asking anybody."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is the same browser without windows, and takes three fifths of the processor time."""
TO_DO = "on Debian: apt install chromium; elsewhere name one with CHROMIUM=/path/to/it"
_PACKAGES = NAMES[:2]
_INSTALL = ("install", "-q", "-y", "--no-install-recommends")
_LIMIT = 600
_LOCK = Path(__file__).resolve().parents[1] / ".venv" / "chromium.lock"


def find() -> str | None:
    """Where it is: what `CHROMIUM` names, else one that the system has."""
    named = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def main() -> None:
    """Says what it does in one line, and stops nothing: without a browser, its tests are skipped
    and say so."""
    if find() is not None:
        return
    mine_to_do = "CHROMIUM" not in os.environ and os.geteuid() == 0 and shutil.which("apt-get")
    if not mine_to_do:
        print(f"No Chromium here, so the browser's tests will be skipped ({TO_DO})", flush=True)
        return
    print("Setting up Chromium for the browser's tests (once) ...", end=" ", flush=True)
    began = time.monotonic()
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        trouble = None if find() else _install()
    took = f"{time.monotonic() - began:.0f} s"
    print(f"could not be had: {trouble}" if trouble else took, flush=True)


def _install() -> str | None:
    """What went wrong, or None."""
    ends = time.monotonic() + _LIMIT
    trouble = _apt_get("update", "-q", ends=ends)
    if trouble is not None:
        return trouble
    for package in _PACKAGES:
        trouble = _apt_get(*_INSTALL, package, ends=ends)
        if trouble is None:
            return None
    return trouble


def _apt_get(*said: str, ends: float) -> str | None:
    try:
        done = subprocess.run(
            ["apt-get", *said],
            check=False,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=max(1, ends - time.monotonic()),
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return (
        (done.stdout.strip().splitlines() or ["no reason given"])[-1] if done.returncode else None
    )


if __name__ == "__main__":
    main()
