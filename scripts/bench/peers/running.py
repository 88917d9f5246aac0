"""One step that a person waits for: what it is, the last thing it said, how long it took."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from time import monotonic

from scripts.bench.peers.places import ROOT

_KEPT_LINES = 30
_SHOWN = 60


class StepFailed(Exception):
    """Which step, and what its command said last."""


def run(title: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    """Run a command to its end; its output is only shown in full when it fails."""
    began, live = monotonic(), sys.stderr.isatty()
    last: deque[str] = deque(maxlen=_KEPT_LINES)
    _say(f"  {title} ...", live)
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
        cwd=ROOT,
        env={**os.environ, "PIP_USER": "0", "PYTHONUNBUFFERED": "1", **(env or {})},
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            last.append(line)
            if live:
                _say(f"  {title} ... {line.strip()[:_SHOWN]}", live)
    took = f"{monotonic() - began:.1f} s"
    if child.returncode:
        _say(f"  {title}: failed after {took}\n", live)
        raise StepFailed(f"{''.join(last)}\n{title}: failed; the lines above say why")
    _say(f"  {title}: {took}\n", live)


def _say(words: str, live: bool) -> None:
    """One line that is written over while it changes; a log gets one line for each."""
    sys.stderr.write(f"\r\033[K{words}" if live else words.rstrip("\n") + "\n")
    sys.stderr.flush()
