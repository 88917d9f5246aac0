"""What is written down of a run: how it was set up, and a line for each stretch of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from scripts.bench.asking import Heard
from scripts.bench.report import Timing


class Run(msgspec.Struct, frozen=True, kw_only=True):
    date: str
    machine: str
    server: str
    products: int
    capacity: float
    """Answers a second, as eight who never pause got them."""
    rate: float
    """Questions a second."""
    every: float
    """Seconds that a line is of."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    minutes: float
    """Since the start, at the end of the stretch."""
    asked: int
    failed: int
    """Answered otherwise than with 200, or not at all."""
    recalled: float
    """The share that came from the cache."""
    p50: float
    p99: float
    rss: float
    own: float
    """MB: all, and without the pages of files, which the system takes back when it needs to."""
    handles: int
    threads: int
    disk: float
    """MB, all of DATA_DIR."""
    changes: int
    """Of the catalogue, since the start."""
    load: float
    """The machine's load average."""


def sample(pid: int, data: Path, heard: Heard, **told: float | int) -> Sample:
    answered = [one for one in heard.told if one.status == 200]
    took = [one.took for one in answered] or [0.0]
    process = Path(f"/proc/{pid}")
    held = dict(_kilobytes(process / "status"))
    return Sample(
        asked=len(heard.told),
        failed=len(heard.told) - len(answered),
        recalled=sum(one.recalled for one in answered) / max(1, len(answered)),
        p50=Timing.share(took, 0.5),
        p99=Timing.share(took, 0.99),
        rss=held["VmRSS"] * 1.024e-3,
        own=held["RssAnon"] * 1.024e-3,
        handles=len(list((process / "fd").iterdir())),
        threads=len(list((process / "task").iterdir())),
        disk=sum(_size(path) for path in data.rglob("*")) / 1e6,
        **told,  # type: ignore[arg-type]
    )


def read(file: Path) -> tuple[Run, list[Sample]]:
    head, *lines = file.read_bytes().splitlines()
    run = msgspec.json.decode(head, type=Run)
    return run, [msgspec.json.decode(line, type=Sample) for line in lines]


def _kilobytes(status: Path) -> Iterator[tuple[str, int]]:
    for line in status.read_text().splitlines():
        if line.endswith("kB"):
            yield line.partition(":")[0], int(line.split()[1])


def _size(path: Path) -> int:
    """What the disk holds of it, which may be gone by now."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return 0
    return found.st_blocks * 512
