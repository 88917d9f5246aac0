"""podman on this machine, with a store of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from scripts.bench.peers.running import run

FOLDER = Path(os.environ.get("REHEARSAL_DIR") or Path.home() / ".cache" / "likeness-rehearsal")
"""Whatever is worth keeping for the next time. To begin anew, remove it."""
COMMANDS = {
    "podman": "podman",
    "runc": "runc",
    "debootstrap": "debootstrap",
    "docker-registry": "docker-registry",
    "iptables": "iptables",
}
"""What is needed, and the package of Debian's that has it."""
_STORAGE = """
[storage]
driver = "overlay"
graphroot = "{folder}/containers/images"
runroot = "{folder}/containers/running"
"""
_CONTAINERS = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
_REGISTRIES = """
unqualified-search-registries = []
short-name-mode = "disabled"
[[registry]]
location = "127.0.0.1"
insecure = true
"""
_SECONDS = 600


def install() -> None:
    """What is missing, by Debian's own means."""
    missing = [package for name, package in COMMANDS.items() if shutil.which(name) is None]
    if not missing:
        return
    assert shutil.which("apt-get"), (
        f"A rehearsal needs {', '.join(missing)}, and Debian to get them."
    )
    run("what apt offers", ["apt-get", "update", "-q"])
    options = ["-y", "-q", "--no-install-recommends"]
    run(f"installing {', '.join(missing)}", ["apt-get", "install", *options, *missing])


def furnish() -> dict[str, str]:
    """The environment in which podman keeps to our folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = {
        "CONTAINERS_STORAGE_CONF": ("storage.conf", _STORAGE.format(folder=FOLDER)),
        "CONTAINERS_CONF": ("containers.conf", _CONTAINERS),
        "CONTAINERS_REGISTRIES_CONF": ("registries.conf", _REGISTRIES),
    }
    for name, text in files.values():
        (FOLDER / name).write_text(text)
    return {variable: str(FOLDER / name) for variable, (name, _) in files.items()}


def podman(*arguments: str) -> str:
    done = subprocess.run(
        ["podman", *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    assert done.returncode == 0, f"podman {' '.join(arguments)}:\n{done.stderr}"
    return done.stdout.strip()


def sweep() -> None:
    """Steps of builds that nothing refers to would fill the disk by and by. The next build begins
    with those of the last one, so only the old ones go."""
    podman("image", "prune", "--force", "--filter", "until=48h")
