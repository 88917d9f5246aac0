"""What it takes to load the managed Qdrant's adapter, as a list; the milliseconds are shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from tests.e2e.running import ROOT

LOAD = """
import sys, time
import msgspec, numpy
before, began = set(sys.modules), time.perf_counter()
import core.stores.qdrant_cloud
print(round((time.perf_counter() - began) * 1000, 1), *sorted(set(sys.modules) - before))
"""


def test_the_adapter_loads_nothing_but_the_standard_library(
    record_property: Callable[[str, object], None],
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0, told.stderr
    milliseconds, *modules = told.stdout.split()
    assert "core.stores.qdrant_wire" in modules
    packages = {name.split(".")[0] for name in modules}
    assert packages - set(sys.stdlib_module_names) - {"msgspec", "numpy"} == {"core"}
    assert not packages & {"asyncio", "unittest", "xml", "concurrent"}
    record_property("loading the managed Qdrant's adapter", f"{milliseconds} ms")
