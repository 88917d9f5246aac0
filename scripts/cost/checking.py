"""What is reckoned with, against what this machine measures."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from core.stores.qdrant_embedded import EmbeddedIndex
from scripts.bench.catalogue import DIMENSION, make
from scripts.bench.report import timed
from scripts.bench.search import fill, word_query
from scripts.cost.advice import milliseconds, on_disk
from scripts.cost.workload import Numbers

PRODUCTS = (20_000, 50_000)
"""So many that both are tidied up."""
_QUERIES = 200
_FAR = 1.5
"""Times: machines differ."""


class Line(NamedTuple):
    told: str
    apart: bool


class _Measured(NamedTuple):
    points: int
    bytes_on_disk: float
    milliseconds: float


def checked(numbers: Numbers, products: tuple[int, int] = PRODUCTS) -> Iterator[Line]:
    """A small catalogue and a larger one: what grows between them, a point takes."""
    small, large = (_measured(count) for count in products)
    figures = numbers.figures["embedded"]
    added = large.points - small.points
    a_point = (large.bytes_on_disk - small.bytes_on_disk) / added
    yield _compared("bytes on disk, a point more", a_point, figures["bytes_on_disk"])
    whole = large.bytes_on_disk / 1e6
    yield _compared("MB on disk, all", whole, on_disk(large.points, figures) / 1e6)
    reckoned = milliseconds(large.points, figures)
    yield _compared("ms a word query, all", large.milliseconds, reckoned)


def _measured(products: int) -> _Measured:
    catalogue = make(products, _QUERIES)
    with tempfile.TemporaryDirectory(prefix="likeness-cost-") as kept:
        folder = Path(kept)
        with closing(EmbeddedIndex.open(folder, "cost", "cost", DIMENSION)) as index:
            fill(index, catalogue)
            took = timed(partial(word_query, index, catalogue), _QUERIES, warm_up=_QUERIES)
        held = sum(one.stat().st_blocks * 512 for one in folder.rglob("*") if one.is_file())
    return _Measured(2 * products, held, took.p50)


def _compared(name: str, measured: float, reckoned: float) -> Line:
    times = measured / reckoned
    apart = not 1 / _FAR <= times <= _FAR
    told = f"{name}: measured {measured:,.0f}, reckoned with {reckoned:,.0f} (x {times:.2f})"
    return Line(told + (": put it right in figures.toml" if apart else ""), apart)
