"""A short long run: it is written down line by line, and can be told and drawn again."""

from __future__ import annotations

import subprocess
import sys
from math import ceil
from pathlib import Path

from scripts.command import ATTENTION, DONE
from scripts.soak.growth import SERIES
from scripts.soak.watching import read
from tests.e2e.running import ROOT


def soak(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.soak", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (DONE, ATTENTION), done.stderr
    return done


def test_a_shop_is_soaked(tmp_path: Path) -> None:
    lines, first, second = (tmp_path / name for name in ("soak.jsonl", "one.svg", "two.svg"))
    short = ("--minutes", "0.12", "--every", "1", "--products", "200", "--changes", "20")
    done = soak(*short, "--out", str(lines), "--plot", str(first))
    assert done.stdout == lines.read_text()
    run, samples = read(lines)
    assert run.products == 200 and 0 < run.rate < run.capacity
    assert samples
    for one in samples:
        assert one.asked == ceil(run.rate * run.every)
        assert one.rss > one.own > 0 and one.threads > 1 and one.handles > 3 and one.disk > 0
        assert 0 <= one.p50 <= one.p99
    assert [one.minutes for one in samples] == sorted({one.minutes for one in samples})
    assert samples[-1].changes > 0
    asked = sum(one.asked for one in samples)
    assert f"{asked:,} questions" in done.stderr

    again = soak("--read", str(lines), "--plot", str(second))
    assert done.stderr.endswith(again.stderr)
    assert second.read_bytes() == first.read_bytes()
    assert all(title in first.read_text() for title in SERIES.values())
