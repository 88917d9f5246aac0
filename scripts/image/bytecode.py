"""Modules compiled when the image is made, since nothing can be written where it runs."""

from __future__ import annotations

import compileall
import sys
from pathlib import Path
from py_compile import PycInvalidationMode


def compiled(folder: Path, becomes: Path) -> None:
    """Compile the folder, which will lie at `becomes`. Never checked against the sources again:
    those can't change, and to look would cost a start two questions to the disk a module."""
    done = compileall.compile_dir(
        folder,
        quiet=1,
        workers=0,
        stripdir=str(folder),
        prependdir=str(becomes),
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        sys.exit("Some modules could not be compiled; the lines above say which.")
