"""What a start imports, as a list: seconds differ from machine to machine, a list does not."""

from __future__ import annotations

import subprocess
import sys

from tests.e2e.running import ROOT

FIRST_SEARCH = """
import sys
import handlers.server
from core.clip.embedder import load
load("mini", None).words("a red mug")
names = {name.split(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print(*sorted(name for name in names if not name.startswith("_")))
"""
NEEDED = {
    "PIL",
    "anyio",
    "click",
    "core",
    "handlers",
    "msgspec",
    "numpy",
    "onnxruntime",
    "python_multipart",
    "qdrant_edge",
    "starlette",
    "tokenizers",
    "typing_extensions",
    "uvicorn",
    "watchfiles",
}


def test_a_start_imports_what_the_first_search_needs_and_nothing_else() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", FIRST_SEARCH],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert set(loaded.stdout.split()) <= NEEDED
