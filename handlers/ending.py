"""How a process that runs until somebody ends it hears of that."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import NoReturn


def when_asked_to_end(handler: Callable[[int, FrameType | None], None]) -> None:
    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGINT, handler)


def leave(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    """Before anything is open. An exception would be raised in the midst of an import, and what
    comes out of one is up to the library."""
    os._exit(0)
