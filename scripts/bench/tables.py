"""What is kept, as the tables of docs/bench.md and the README.

A figure's name says what it is of, in brackets whose it is, and over HTTP after a colon which part
of it. What it is of makes a row; the others are columns.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scripts.bench.kept import Kept

_PLACE = re.compile(r"(<!-- bench: ([a-z]+) -->\n).*?(<!-- bench ends -->)", re.DOTALL)
_WHOSE = re.compile(r"^(.*?) \(([^()]+)\)(.*)$")
_PEER = "peer"
_UNITS = {"1/s": "", "recall": "", "cosine": "", "pictures": "", "x": "times"}
"""As they are told; some a name says already."""


@dataclass(frozen=True)
class Table:
    group: str
    only: tuple[str, ...] = ("",)
    """How the names of its figures begin."""
    parts: bool = False
    """Columns are parts of a thing, each in a unit of its own, and not whose it is."""
    ours: str = "Likeness"
    """Whose it is where a name doesn't say."""
    peer: str = _PEER
    scale: str | None = None
    """What is timed is drawn, too, along a scale that is linear or log."""

    def of(self, lines: Iterable[Kept]) -> list[Kept]:
        return [line for line in lines if self._has(line)]

    def split(self, line: Kept) -> tuple[str, str]:
        """The row, with its unit, and the column."""
        unit = _UNITS.get(line.unit, line.unit)
        if self.parts:
            row, _, part = line.name.partition(": ")
            return row, _with(unit, part or "p50 / p95")
        if told := _WHOSE.match(line.name):
            row, whose = told[1] + told[3], told[2]
            return _with(unit, row), self.peer if whose == _PEER else whose
        return _with(unit, line.name), self.ours

    def _has(self, line: Kept) -> bool:
        return line.group == self.group and line.name.startswith(self.only)


TABLES = {
    "coldstart": Table("coldstart", scale="linear"),
    "model": Table("model", only=("9 tokens", "photo"), scale="log"),
    "tower": Table("model", only=("image tower", "int8 products"), ours="onnxruntime at best"),
    "memory": Table("memory", scale="linear"),
    "search": Table("search", peer="qdrant-client", scale="log"),
    "http": Table("http", parts=True, scale="log"),
    "index": Table("index", scale="log"),
    "image": Table("image"),
    "page": Table("page", scale="linear"),
    "overload": Table("overload"),
}
SUMMARY = "summary"
_SUMMARY = {
    "from starting the server to its first answer": ("coldstart", "start to ready (Likeness mini)"),
    "a photo of 640 × 480 to its vector": ("model", "photo of 640 × 480 (Likeness mini)"),
    "the server's memory of its own": ("memory", "memory of its own (Likeness mini)"),
    "the nearest photos of 76,462": ("search", "photo search, plain"),
    "a search by photo over HTTP, of as many": ("http", "photo, 640 × 480, 1 in turn"),
    "repeated searches answered a second": (
        "http",
        "words from the cache, 8 in turn: answers a second",
    ),
    "photos indexed a second": ("index", "photos a second (Likeness mini)"),
}


@dataclass(frozen=True)
class _Cell:
    told: str
    n: int | None = None
    ratio: float | None = None

    def __str__(self) -> str:
        return f"{self.told} (× {number(self.ratio)})" if self.ratio else self.told


def filled(page: str, lines: Sequence[Kept]) -> str:
    """The page with its tables as the lines have them."""

    def table(place: re.Match[str]) -> str:
        told = summary(lines) if place[2] == SUMMARY else _table(place[2], lines)
        return place[1] + told + place[3]

    return _PLACE.sub(table, page)


def summary(lines: Sequence[Kept]) -> str:
    by_name = {(line.group, line.name): line for line in lines}
    rows = [["p50 / p95", "", "n", "measured"]]
    for told, name in _SUMMARY.items():
        if line := by_name.get(name):
            unit = _UNITS.get(line.unit, line.unit)
            rows.append([told, f"{timing(line)} {unit}".strip(), f"{line.n:,}", line.date])
    return _markdown(rows)


def _table(name: str, lines: Sequence[Kept]) -> str:
    table = TABLES[name]
    its = table.of(lines)
    if not its:
        return f'Not measured yet: `make bench ARGS="--group {table.group} --keep"`.\n'
    drawn = f"![{name}](plots/bench-{name}.svg)\n\n" if table.scale else ""
    return f"{occasion(its[0])}\n\n{drawn}{_markdown(list(_rows(table, its)))}"


def occasion(line: Kept) -> str:
    return f"{line.date}, {line.machine}; load average as it began {line.load:.1f}."


def _rows(table: Table, lines: Iterable[Kept]) -> Iterator[list[str]]:
    rows: dict[str, dict[str, _Cell]] = defaultdict(dict)
    columns: dict[str, None] = {}
    for line in lines:
        row, column = table.split(line)
        compared = rows[row].get(column, _Cell("")).ratio
        ratio = compared if line.peer is not None else compared or line.ratio
        rows[row][column] = _Cell(timing(line), line.n, ratio)
        columns[column] = None
        if line.peer is not None:  # a line of the peer's own may follow
            rows[row][table.peer] = _Cell(number(line.peer), None, line.ratio)
            columns[table.peer] = None
    yield ["" if table.parts else "p50 / p95", "n", *columns]
    for row, cells in rows.items():
        counts = dict.fromkeys(f"{cell.n:,}" for cell in cells.values() if cell.n is not None)
        yield [row, "; ".join(counts), *(str(cells.get(column, "")) for column in columns)]


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *others = rows
    ruled = [head, ["---"] * len(head), *others]
    return "".join(f"| {' | '.join(row)} |\n".replace("|  |", "| |") for row in ruled)


def timing(line: Kept) -> str:
    if line.p50 is None or line.p95 is None or line.n == 1:
        return number(line.value)
    return f"{number(line.p50)} / {number(line.p95)}"


def number(value: float | None) -> str:
    """Three figures of it, and four of a share that is nearly all."""
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if 0.995 <= value < 1 else f"{value:.3g}"


def _with(unit: str, told: str) -> str:
    return f"{told}, {unit}" if unit else told
