"""Lambda functions in this process."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def initialised(module: str) -> Iterator[ModuleType]:
    """One more instance of the function: its module is imported anew, which is its init."""
    function = importlib.import_module(module)
    del sys.modules[module]
    try:
        yield function
    finally:
        function._open.close()
