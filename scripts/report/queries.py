"""What shoppers looked for and did not find, by the query log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from core.errors import BadInput
from core.query_log import Asked

SHOWN = 25
_TYPING_SECONDS, _TYPED_LETTERS = 1.5, 3
"""A page searches while one types: so soon comes the next, with so many letters more or less."""
_MOST_HELD = 100_000
"""Different queries. Of those that first come after so many, each is rare enough to be left out."""
_ENOUGH = 20
"""Different queries from which on the lowest tenth of them says something."""


@dataclass(slots=True)
class Sought:
    """One query, however often it was made and however it was written."""

    words: str
    times: int = 0
    in_vain: int = 0
    best: float = -1.0
    filters: Counter[str] = field(default_factory=Counter)
    """With which nothing was found."""

    def add(self, asked: Asked) -> None:
        self.times += 1
        if not asked.hits:
            self.in_vain += 1
            self.filters[", ".join(asked.filters)] += 1
        elif asked.best is not None and not asked.degraded:
            self.best = max(self.best, asked.best)


@dataclass(slots=True)
class Queries:
    count: int = 0
    first: str = ""
    last: str = ""
    in_vain: int = 0
    degraded: int = 0
    sought: dict[str, Sought] = field(default_factory=dict)

    @property
    def found_nothing(self) -> list[Sought]:
        vain = [one for one in self.sought.values() if one.in_vain]
        return sorted(vain, key=lambda one: (-one.in_vain, one.words))[:SHOWN]

    @property
    def weak_below(self) -> float:
        """The best cosine that nine tenths of the queries reach."""
        bests = sorted(one.best for one in self.sought.values() if one.best > -1)
        return bests[len(bests) // 10] if len(bests) >= _ENOUGH else -1.0

    @property
    def found_weakly(self) -> list[Sought]:
        bound = self.weak_below
        weak = [one for one in self.sought.values() if -1 < one.best < bound]
        return sorted(weak, key=lambda one: (-one.times, one.best))[:SHOWN]


def read(files: Sequence[Path], show: Callable[[int, int], None]) -> Queries:
    """First pages, of searches with words; lines of other logs between them are passed over."""
    queries = Queries()
    for asked, words in _to_the_end(_asked(files, show)):
        queries.count += 1
        queries.first = min(queries.first or asked.time, asked.time)
        queries.last = max(queries.last, asked.time)
        queries.degraded += asked.degraded
        queries.in_vain += not asked.hits
        room = words in queries.sought or len(queries.sought) < _MOST_HELD
        if room and words and asked.type == "text":
            queries.sought.setdefault(words, Sought(words)).add(asked)
    return queries


class _Heard(NamedTuple):
    asked: Asked
    words: str
    at: float


def _to_the_end(lines: Iterable[Asked]) -> Iterator[tuple[Asked, str]]:
    """Of words that were being typed, those at which it ended. Nothing says whose a line is: that
    it grows by a letter or two within a moment must do."""
    waiting: list[_Heard] = []
    for asked in lines:
        words = " ".join(asked.words.casefold().split())
        new = _Heard(asked, words, datetime.fromisoformat(asked.time).timestamp())
        still: list[_Heard] = []
        for one in waiting:
            if abs(new.at - one.at) > _TYPING_SECONDS:
                yield one.asked, one.words
            elif not _was_typed_on(one.words, words):
                still.append(one)
        waiting = [*still, new]
    yield from ((one.asked, one.words) for one in waiting)


def _was_typed_on(before: str, after: str) -> bool:
    if not before or not after or before == after:
        return False
    grown = after.startswith(before) or before.startswith(after)
    return grown and abs(len(after) - len(before)) <= _TYPED_LETTERS


def _asked(files: Sequence[Path], show: Callable[[int, int], None]) -> Iterator[Asked]:
    decode = msgspec.json.Decoder(Asked).decode
    done = 0
    for path in files:
        try:
            total = sum(one.stat().st_size for one in files)
            with path.open("rb") as lines:
                for line in lines:
                    done += len(line)
                    show(done, total)
                    try:
                        asked = decode(line[line.find(b"{") :])
                        datetime.fromisoformat(asked.time)
                    except (msgspec.DecodeError, ValueError):
                        continue
                    if not asked.offset:
                        yield asked
        except OSError as error:
            raise BadInput(f"{path} can't be read: {error.strerror}.") from error
