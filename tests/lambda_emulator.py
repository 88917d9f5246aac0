"""A function as Lambda runs it: its own runtime emulator in front of its own runtime client.

Outside a container, so what a base image adds is not seen; nor is Lambda's own limit to an event,
which the emulator has not, and its freezing of what is not called.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.running import ROOT, eventually, free_port
from tests.sam_tools import lambda_emulator

_INVOKE = "/2015-03-31/functions/function/invocations"


def needs_emulator() -> pytest.MarkDecorator:
    try:
        lambda_emulator()
    except FileNotFoundError as absent:
        return pytest.mark.skipif(True, reason=str(absent))
    return pytest.mark.skipif(False, reason="")


class Function:
    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def invoke(self, event: Mapping[str, Any]) -> Any:
        return json.loads(self.said(event))

    def said(self, event: Mapping[str, Any]) -> str:
        """Of a function that was ended, the emulator says something that is no JSON."""
        return self._client.post(_INVOKE, json=event).text

    def is_listening(self) -> bool:
        try:
            self._client.get("/")
        except httpx.ConnectError:
            return False
        return True


@contextmanager
def running_function(handler: str, log: Path, **settings: str) -> Iterator[Function]:
    """It is initialised by its first call, as one that was scaled to zero."""
    port, inner = free_port(), free_port()
    about = {
        "AWS_LAMBDA_FUNCTION_NAME": "likeness",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
        "LAMBDA_TASK_ROOT": str(ROOT),
    }
    command = [
        str(lambda_emulator()),
        *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{inner}"),
        *(sys.executable, "-m", "awslambdaric", handler),
    ]
    with log.open("wb") as lines:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | about | settings,
            stdout=lines,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            function = Function(client)
            eventually(function.is_listening, 20)
            yield function
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
