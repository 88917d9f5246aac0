"""An environment for each peer: `.venv/peers/NAME`, made of `requirements-NAME.txt`.

It counts as finished only once its stamp is written, which is the last thing done: an installation
that was stopped half-way is simply begun again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from contextlib import suppress
from pathlib import Path

from scripts.bench.peers.places import Places
from scripts.bench.peers.running import run

PEERS = ("transformers", "fastembed", "naive")


def requirements(peer: str) -> Path:
    return Path(__file__).parent / f"requirements-{peer}.txt"


def finished(peer: str, places: Places) -> bool:
    try:
        told = _stamp(peer, places).read_text()
    except OSError:
        return False
    return told == _fingerprint(peer, places) and os.access(places.python(peer), os.X_OK)


def make(peer: str, places: Places) -> None:
    """Leave the peer's environment as its requirements want it; nothing when it already is."""
    if finished(peer, places):
        return
    home = places.environment(peer)
    home.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        _stamp(peer, places).unlink()
    run(f"{peer}: an environment", [sys.executable, "-I", "-m", "venv", "--clear", str(home)])
    inside = [str(places.python(peer)), "-I", "-m"]
    pip = [*inside, "pip", "install", "--no-input", "--disable-pip-version-check"]
    pip += ["--progress-bar", "off", "--only-binary", ":all:"]
    run(f"{peer}: its packages", [*pip, "-r", str(requirements(peer))])
    _stamp(peer, places).write_text(_fingerprint(peer, places))


def _stamp(peer: str, places: Places) -> Path:
    return places.environment(peer) / "finished"


def _fingerprint(peer: str, places: Places) -> str:
    """Changes with what is installed, for which Python and where."""
    home = os.fsencode(places.environment(peer))
    about = f"{platform.python_version()} {platform.machine()} ".encode() + home
    return hashlib.sha256(about + requirements(peer).read_bytes()).hexdigest()
