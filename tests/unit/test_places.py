"""How many connections there may be, by what the system allows."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.running import ROOT

ASK = "import resource; from handlers.places import places; print(places()); "
ASK += "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"


@pytest.mark.parametrize(
    ("soft", "hard", "places", "files"),
    [
        (1024, 1024, 512, 1024),
        (1024, 4096, 3584, 4096),
        (1024, 20_000, 10_000, 10_512),
        (20_000, 20_000, 10_000, 20_000),
        (256, 256, 64, 256),
    ],
)
def test_all_but_what_everything_else_needs(soft: int, hard: int, places: int, files: int) -> None:
    told = subprocess.run(
        ["prlimit", f"--nofile={soft}:{hard}", sys.executable, "-c", ASK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "failed to set" in told.stderr:
        pytest.skip(f"this machine does not let us have {hard} files")
    assert told.stdout.split() == [str(places), str(files)], told.stderr
