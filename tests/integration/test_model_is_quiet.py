"""Loading and asking the model leaves no trace outside the process: no file, no connection."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.running import ROOT

ASK = """
import socket, sys
sys.addaudithook(lambda event, _: event.startswith("socket.") and sys.exit(event))
from core.clip.embedder import load
load("mini", None).words("a red mug")
"""


def test_the_runtime_reports_nothing_to_its_vendor(tmp_path: Path) -> None:
    # Under CI the runtime's telemetry is off by itself: this must be seen without.
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    env |= {name: str(tmp_path) for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME")}
    asked = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert asked.returncode == 0, asked.stderr
    assert list(tmp_path.rglob("*")) == []
