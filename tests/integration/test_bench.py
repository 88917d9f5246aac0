"""The benchmark runs, and what it prints can be read by a machine."""

from __future__ import annotations

import json
import math
import subprocess
import sys

FIELDS = {"name", "value", "unit", "n", "p50", "p95", "peer", "ratio", "machine"}


def test_a_quick_run_prints_figures_and_a_table() -> None:
    command = [sys.executable, "-m", "scripts.bench", "--quick", "--group", "search"]
    run = subprocess.run([*command, "--products", "2000"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    figures = [json.loads(line) for line in run.stdout.splitlines()]
    assert all(set(figure) == FIELDS for figure in figures)
    assert all(math.isfinite(figure["value"]) and figure["value"] > 0 for figure in figures)
    by_name = {figure["name"]: figure for figure in figures}
    for name in ("recall@10, plain", "recall@10, filtered"):
        assert by_name[name]["value"] == 1.0
    timing = by_name["photo search, plain"]
    assert timing["p50"] <= timing["p95"] and timing["unit"] == "ms"
    assert all(name in run.stderr for name in by_name)
