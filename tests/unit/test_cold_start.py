"""What a start imports, as a list: seconds differ from machine to machine, a list does not."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.running import ROOT

FIRST_SEARCH = """
import sys
from pathlib import Path
before = set(sys.modules)
from handlers import server
settings = server.Settings(data_dir=Path(sys.argv[1]))
with server.open_shop(settings) as shop, server.folder_watched(shop):
    config = server.uvicorn.Config(server.create_app(shop), lifespan="off", log_config=None)
    config.load()
    config.get_loop_factory()
    shop.embedder.words("a red mug")
    print(*sorted(set(sys.modules) - before))
"""
NEEDED = {
    "PIL",
    "anyio",
    "click",
    "core",
    "h11",
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
LATER = {"PIL.JpegImagePlugin", "PIL.PngImagePlugin", "PIL.WebPImagePlugin", "PIL.AvifImagePlugin"}
"""Decoders, which come with the first photo that needs them."""
NEVER = {
    *("numpy.testing", "numpy.f2py", "numpy.ma", "onnxruntime.quantization", "onnxruntime.tools"),
    *("PIL.ImageShow", "PIL.ImageTk", "unittest", "pydoc", "pdb", "doctest", "sqlite3", "tkinter"),
}
"""Large parts of what is needed that only people at work on code have a use for."""


@cache
def loaded() -> frozenset[str]:
    """Every module of a server that could answer its first search."""
    with TemporaryDirectory() as data:
        told = subprocess.run(
            [sys.executable, "-c", FIRST_SEARCH, str(Path(data))],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert told.returncode == 0, told.stderr
    return frozenset(told.stdout.split())


def test_a_start_imports_what_the_first_search_needs_and_nothing_else() -> None:
    packages = {name.split(".")[0] for name in loaded()} - set(sys.stdlib_module_names)
    assert packages - {"__mp_main__"} <= NEEDED


def test_it_is_a_start_that_is_looked_at() -> None:
    """A list that lacked what surely is needed would say nothing about the rest."""
    assert {"core.clip.towers", "qdrant_edge", "tokenizers", "handlers.api", "h11"} <= loaded()


def test_decoders_wait_for_photos_and_tools_for_people() -> None:
    assert not loaded() & (LATER | NEVER)
