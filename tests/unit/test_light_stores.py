"""What it takes to load an adapter of the clouds, as a list; the milliseconds are shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.e2e.running import ROOT

LOAD = """
import sys, time
import msgspec, numpy
before, began = set(sys.modules), time.perf_counter()
__import__(sys.argv[1])
print(round((time.perf_counter() - began) * 1000, 1), *sorted(set(sys.modules) - before))
"""


@pytest.mark.parametrize("adapter", ["qdrant_cloud", "blob"])
def test_an_adapter_loads_nothing_but_the_standard_library(
    adapter: str, record_property: Callable[[str, object], None]
) -> None:
    asked = [sys.executable, "-c", LOAD, f"core.stores.{adapter}"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    milliseconds, *modules = told.stdout.split()
    assert "core.stores.lines" in modules
    packages = {name.split(".")[0] for name in modules}
    assert packages - set(sys.stdlib_module_names) - {"msgspec", "numpy"} == {"core"}
    assert not packages & {"asyncio", "unittest", "xml", "concurrent"}
    record_property(f"loading the adapter {adapter}", f"{milliseconds} ms")
