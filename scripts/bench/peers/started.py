"""A server for as long as it is needed: on a port that is free, ready, and stopped afterwards."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx

from scripts.bench.peers.running import StepFailed
from scripts.bench.peers.stacks import Stack

_PATIENCE_SECONDS = 180.0
_REQUEST_SECONDS = 120.0
_GRACE_SECONDS = 20.0


@contextmanager
def started(stack_on: Callable[[int], Stack]) -> Iterator[httpx.Client]:
    """A client of the server that was started. StepFailed, with its log, if it never answers."""
    port = _free_port()
    stack = stack_on(port)
    with tempfile.TemporaryDirectory(prefix="likeness-log-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out:
            child = subprocess.Popen(
                stack.command,
                cwd=stack.cwd,
                env=os.environ | stack.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            address = f"http://127.0.0.1:{port}/api/v1"
            with httpx.Client(base_url=address, timeout=_REQUEST_SECONDS) as client:
                if not _ready(client, child):
                    told = log.read_text(errors="replace")[-3000:]
                    raise StepFailed(f"{told}\n{stack.name} did not start; the lines above say why")
                yield client
        finally:
            _stop(child)


def _ready(client: httpx.Client, child: subprocess.Popen[bytes]) -> bool:
    until = monotonic() + _PATIENCE_SECONDS
    while monotonic() < until and child.poll() is None:
        try:
            if client.get("/health").status_code == httpx.codes.OK:
                return True
        except httpx.TransportError:
            sleep(0.1)
    return False


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
