"""An image's door as a Lambda function: in a container with a function's memory and one CPU, behind
Lambda's own runtime emulator."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from subprocess import PIPE, STDOUT

import httpx

from tests.e2e.running import eventually, free_port
from tests.lambda_emulator import Function
from tests.rehearsal.workshop import podman

MEMORY_MB = 1769
"""What Lambda gives one whole CPU for."""
_INIT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)\)")
_PATIENCE_SECONDS = 60


class Contained(Function):
    def __init__(self, client: httpx.Client, container: str) -> None:
        super().__init__(client)
        self._container = container

    def init_milliseconds(self) -> float:
        """As the emulator counted them: from starting Python to its first question for work."""
        told = log(self._container)
        found = _INIT.search(told)
        assert found, told
        return float(found[1])


@contextmanager
def function(
    image: str, handler: str, environment: Mapping[str, str], seconds: int = 28
) -> Iterator[Contained]:
    """The function, cold: what is first asked of it waits for its init."""
    port = free_port()
    emulator = f"127.0.0.1:{port} --runtime-api-address 127.0.0.1:{free_port()}"
    about = {
        "AWS_LAMBDA_FUNCTION_NAME": "rehearsal",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(seconds),
        "EMULATOR": f"--runtime-interface-emulator-address {emulator} --log-level info",
    }
    with (
        container(image, handler, {**environment, **about}) as identity,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=_PATIENCE_SECONDS) as client,
    ):
        running = Contained(client, identity)
        eventually(running.is_listening, _PATIENCE_SECONDS)
        yield running


@contextmanager
def container(image: str, command: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The image as careful people run it: nothing to write to but /tmp and a volume at /data, and
    no rights at all."""
    options = ["--network", "host", "--read-only", "--cap-drop", "all", "--volume", "/data"]
    options += ["--security-opt", "no-new-privileges"]
    options += ["--memory", f"{MEMORY_MB}m", "--memory-swap", f"{MEMORY_MB}m"]
    options += ["--cpuset-cpus", str(max(os.sched_getaffinity(0)))]
    for name, value in environment.items():
        options += ["--env", f"{name}={value}"]
    identity = podman("run", "--detach", *options, image, command)
    try:
        yield identity
    finally:
        podman("rm", "--force", "--volumes", "--time", "2", identity)


def log(container: str) -> str:
    """What it said on either channel."""
    told = subprocess.run(
        ["podman", "logs", container],
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
        timeout=_PATIENCE_SECONDS,
        check=True,
    )
    return told.stdout
