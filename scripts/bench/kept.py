"""What was measured and is kept: `docs/bench.jsonl`, of each group what one occasion gave."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from scripts.bench.peers.places import ROOT
from scripts.bench.report import Figure

FILE = ROOT / "docs" / "bench.jsonl"


class Kept(Figure, frozen=True, kw_only=True):
    """A figure, and when it was taken."""

    group: str
    date: str
    load: float
    """The system's load average as the group began: how busy others kept the machine."""


def read(file: Path) -> list[Kept]:
    if not file.exists():
        return []
    return [msgspec.json.decode(line, type=Kept) for line in file.read_bytes().splitlines()]


def keep(file: Path, group: str, figures: Iterable[Figure], date: str, load: float) -> None:
    """In the place of what the file had of this group, all at once or not at all."""
    new = [
        Kept(**msgspec.structs.asdict(figure), group=group, date=date, load=load)
        for figure in figures
    ]
    lines = [line for line in read(file) if line.group != group] + new
    lines.sort(key=lambda line: line.group)
    written = file.with_suffix(".new")
    written.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    written.replace(file)
