"""Files made to break what opens them: those we make, and those beside the checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator

from tests.bombs import BOMBS, LARGEST
from tests.odd_photos import odd_photos
from tests.shared import SHARED

_ASKED_FOR = os.environ.get("HOSTILE_FILES", "60")
FILES = 10_000 if _ASKED_FOR == "all" else int(_ASKED_FOR)
"""Of those beside the checkout. A gate takes some; CONTRIBUTING.md says how to take all."""
_EACH = 1 if _ASKED_FOR == "all" else 3
"""Of the odd photos a gate takes one in so many; tests/fuzz begins with all that are small."""
MOST_SECONDS, MOST_MEGABYTES = 5, 400
"""What one file may take of whoever opens it."""


def some_files() -> Iterator[tuple[str, bytes]]:
    """As many as asked for, from everywhere, the same each time."""
    files = sorted(file for file in (SHARED / "hostile").rglob("*") if file.is_file())
    for file in files[:: max(len(files) // FILES, 1)]:
        yield str(file), file.read_bytes()


def made() -> Iterator[tuple[str, bytes]]:
    for name, make in (BOMBS | LARGEST).items():
        yield name, make()
    yield from [*odd_photos()][::_EACH]
