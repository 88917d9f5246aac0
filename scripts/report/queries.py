"""What shoppers looked for and did not find, by the query log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from core.errors import BadInput
from core.query_log import Asked

SHOWN = 25
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


def read(files: Iterable[Path]) -> Queries:
    """First pages, of searches with words; lines of other logs between them are passed over."""
    queries = Queries()
    for asked in _asked(files):
        queries.count += 1
        queries.first = min(queries.first or asked.time, asked.time)
        queries.last = max(queries.last, asked.time)
        queries.degraded += asked.degraded
        queries.in_vain += not asked.hits
        if asked.words and asked.type == "text":
            words = " ".join(asked.words.casefold().split())
            if words in queries.sought or len(queries.sought) < _MOST_HELD:
                queries.sought.setdefault(words, Sought(words)).add(asked)
    return queries


def _asked(files: Iterable[Path]) -> Iterator[Asked]:
    decode = msgspec.json.Decoder(Asked).decode
    for path in files:
        try:
            with path.open("rb") as lines:
                for line in lines:
                    try:
                        asked = decode(line[line.find(b"{") :])
                    except (msgspec.DecodeError, UnicodeDecodeError):
                        continue
                    if not asked.offset:
                        yield asked
        except OSError as error:
            raise BadInput(f"{path} can't be read: {error.strerror}.") from error
