"""Tables: files whose first line names the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from core.errors import InvalidRequest

Cells = Mapping[str, str]
"""By their columns, without those that are empty, which say nothing."""
_DELIMITERS = ",\t;|"


class Line(NamedTuple):
    number: int
    """Of its first line, as a cell may have several."""
    cells: Sequence[str]
    problem: str = ""
    """Why there are no cells."""


class Table:
    def __init__(self, lines: Iterable[str]) -> None:
        """Raises InvalidRequest where the first line does not name columns."""
        every = iter(lines)
        first = next(every, "")
        self._reader = csv.reader(_again(first, every), delimiter=_delimiter(first), strict=True)
        head = next(self._lines(), Line(1, ()))
        if head.problem:
            raise InvalidRequest(head.problem)
        self.columns = [cell.strip() for cell in head.cells]
        if not any(self.columns):
            raise InvalidRequest("the first line does not name the columns")

    def __iter__(self) -> Iterator[Line]:
        return (line for line in self._lines() if line.problem or any(map(str.strip, line.cells)))

    def _lines(self) -> Iterator[Line]:
        while True:
            number = self._reader.line_num + 1
            try:
                yield Line(number, next(self._reader))
            except StopIteration:
                return
            except csv.Error as error:
                yield Line(number, (), f"these are no cells: {error}")


def cells_of(columns: Sequence[str], line: Line) -> Cells:
    """Raises InvalidRequest for a line that does not fit the columns."""
    if line.problem:
        raise InvalidRequest(line.problem)
    if len(line.cells) > len(columns):
        raise InvalidRequest(f"there are {len(line.cells)} cells for {len(columns)} columns")
    pairs = zip(columns, line.cells, strict=False)
    return {name: cell.strip() for name, cell in pairs if cell.strip()}


def lists_of(columns: Sequence[str], line: Line) -> Mapping[str, list[str]]:
    """The same, for tables in which a column may be there more than once."""
    cells_of(columns, line)
    lists: dict[str, list[str]] = {}
    for name, cell in zip(columns, line.cells, strict=False):
        if cell.strip():
            lists.setdefault(name, []).append(cell.strip())
    return lists


def _delimiter(first: str) -> str:
    return max(_DELIMITERS, key=first.count)


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest
