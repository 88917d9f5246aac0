"""docker, podman or buildah, whichever is there: to build an image, and to ask something inside."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAMES = ("docker", "podman", "buildah")
_ANSWER_SECONDS = 20
_INSIDE_SECONDS = 300


class EngineFailed(Exception):
    """What went wrong with which engine, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Engine:
    name: str

    def build(self, context: Path, tag: str, arguments: Mapping[str, str], platform: str) -> None:
        """Build the context's Dockerfile; the builder's own words are what a person sees."""
        command = [self.name, "build", "--tag", tag]
        for argument, value in arguments.items():
            command += ["--build-arg", f"{argument}={value}"]
        command += ["--platform", platform] if platform else []
        # Lambda takes an image, not the index that Docker would put around it; and buildah keeps
        # no steps for the next time unless it is told to.
        env = os.environ | {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "BUILDAH_LAYERS": "true"}
        if subprocess.run([*command, str(context)], env=env, check=False).returncode:
            raise EngineFailed(f"{self.name} could not build {tag}; the lines above say why.")

    def has(self, image: str) -> bool:
        """Whether it is here; nobody is asked for it."""
        look = [self.name, "inspect", "--type", "image", image]
        return subprocess.run(look, capture_output=True, check=False).returncode == 0

    def ask(self, image: str, program: str) -> str:
        """What the Python program prints inside the image, as one who may read all of it."""
        if self.name == "buildah":
            return self._ask_buildah(image, program)
        run = [self.name, "run", "--rm", "--interactive", "--network", "none", "--user", "0"]
        return _output([*run, "--entrypoint", "python3", image, "-"], program)

    def _ask_buildah(self, image: str, program: str) -> str:
        working = _output([self.name, "from", image]).strip()
        try:
            return _output(
                [self.name, "run", "--user", "0", working, "--", "python3", "-"], program
            )
        finally:
            _output([self.name, "rm", working])


def find_engine(name: str = "") -> Engine:
    """The one of this name, or the first that works."""
    for one in (name,) if name else NAMES:
        if _works(one):
            return Engine(one)
    if name:
        raise EngineFailed(f"{name} does not answer. Is it installed, and does its daemon run?")
    raise EngineFailed(
        f"An image needs one of {', '.join(NAMES)}, and none of them answers. On Debian and "
        "Ubuntu: apt install podman. Where Docker is installed: start its daemon."
    )


def _works(name: str) -> bool:
    """Docker's command may be there and its daemon not."""
    if shutil.which(name) is None:
        return False
    try:
        asked = subprocess.run(
            [name, "version"], capture_output=True, timeout=_ANSWER_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def _output(command: list[str], program: str = "") -> str:
    try:
        done = subprocess.run(
            command,
            input=program,
            capture_output=True,
            text=True,
            timeout=_INSIDE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise EngineFailed(f"{' '.join(command)}: no end after {_INSIDE_SECONDS} s") from late
    if done.returncode:
        raise EngineFailed(f"{' '.join(command)}:\n{done.stderr.strip()[-2000:]}")
    return done.stdout
