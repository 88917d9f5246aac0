"""A small index reads every point, a large one looks values up: the answers are the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ports import ByMeaning, ByPhotos, ByWords, Probe
from core.query import Filters
from core.stores.qdrant_embedded import EmbeddedIndex
from core.stores.qdrant_payload import INDEXED
from core.words import of_query
from tests.contract.indexes import (
    ANY,
    axis,
    embedded,
    item,
    leaning,
    once_large,
    stock,
)
from tests.integration.index_writer import open_index, removed_after
from tests.integration.test_index_durability import first_line, said, writer
from tests.integration.test_index_oracle import DIMENSION as FEWER
from tests.integration.test_index_oracle import (
    PALETTE,
    Stocked,
    catalogues,
    fill,
    filters,
    products,
)

FACETS = ("category", "attributes.colour", "attributes.size", "attributes.new")
COLOURS: tuple[Any, ...] = ("red", "blue", ["red", "blue"], [], True, 2, 2.0)


def indexed(folder: Path) -> int:
    """How many fields' indexes lie in this folder, whole or begun."""
    return len(list(folder.glob("products/shard/segments/*/payload_index/*-null")))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedIndex, EmbeddedIndex]]:
    folders = tmp_path_factory.mktemp("small"), tmp_path_factory.mktemp("large")
    with (
        closing(embedded(folders[0], FEWER)) as small,
        closing(once_large(folders[1], FEWER)) as large,
    ):
        yield small, large
    assert [indexed(folder) for folder in folders] == [0, len(INDEXED)]


@settings(max_examples=40, derandomize=True, deadline=None)
@given(catalogues, st.data())
def test_a_small_index_answers_as_a_large_one_does(
    both: tuple[EmbeddedIndex, EmbeddedIndex],
    catalogue: tuple[Stocked, ...],
    data: st.DataObject,
) -> None:
    try:
        for one in catalogue:
            before = data.draw(products(one.product.id), label="as it was before")
            for index in both:
                fill(index, one, before)
        wanted = data.draw(st.lists(filters, min_size=3, max_size=3), label="filters")
        small, large = (answers(index, PALETTE[2], [ANY, *wanted]) for index in both)
        assert small == large
    finally:
        for index in both:
            for one in catalogue:
                index.remove(one.product.id)


def test_growing_changes_no_answer(tmp_path: Path) -> None:
    asked = [ANY, Filters(in_stock=True), Filters(price_min=3, price_max=9)]
    asked += [Filters(categories=(name,)) for name in ("Mugs", "Stühle", "none")]
    asked += [Filters(attributes=(("colour", (word,)),)) for word in ("red", "true", "2")]
    with closing(embedded(tmp_path)) as index:
        stock(index, [various(number) for number in range(100)])
        before = answers(index, axis(1), asked)
        first = index.page(30)
        assert indexed(tmp_path) == 0
        others = [item(f"other {number}", price=5, in_stock=True) for number in range(200)]
        index.put_items(others)
        assert indexed(tmp_path) == len(INDEXED)
        for one in others:
            index.remove(one.listing.product.id)
        assert answers(index, axis(1), asked) == before
        assert index.page(30) == first
        rest = index.page(100, first.next_cursor).listings
        assert len({*map(id_of, first.listings), *map(id_of, rest)}) == 100
    with closing(embedded(tmp_path)) as index:
        assert answers(index, axis(1), asked) == before
        index.put_items([various(3, colour="green")])
        assert index.count_by("attributes.colour", ANY)["green"] == 1


@pytest.mark.parametrize("fields", [1, 3, 6])
def test_an_index_killed_while_it_grows_is_whole_when_opened_again(
    tmp_path: Path, fields: int
) -> None:
    patience = time.monotonic() + 60
    with writer(tmp_path, 0) as process:
        assert first_line(process) == "open"
        while indexed(tmp_path) < fields:
            assert time.monotonic() < patience
            time.sleep(0.001)
        process.kill()
        lines = said(process)
    kept = {int(line[2:]) for line in lines if line[0] == "+"}
    # The removal under way when it was killed may have come through or not.
    gone = {int(line[2:]) for line in lines if line[0] == "-"} | {removed_after(lines[-1])}
    with closing(open_index(tmp_path)) as index:
        assert indexed(tmp_path) == len(INDEXED)
        assert len(kept) > 100
        for number in kept - gone:
            exactly = Filters(categories=("Things",), price_min=number, price_max=number)
            assert index.count(exactly) == 1
            assert index.get(f"p{number}") is not None
        status = index.status()
        assert index.count_by("category", ANY) == {"Things": status.products}
        index.put_items([item("more", meaning=np.eye(32, dtype=np.float32)[0], category="Things")])
        assert index.count_by("category", ANY) == {"Things": status.products + 1}


def various(number: int, **attributes: Any) -> Any:
    colour = COLOURS[number % len(COLOURS)]
    return item(
        f"p{number:02}",
        name=f"{'red' if number % 2 else 'oak'} mug {number}",
        meaning=leaning(2, number / 50),
        category=("Mugs", "mugs", "Stühle", None)[number % 4],
        price=number / 4 if number % 5 else None,
        in_stock=number % 3 == 0,
        attributes={"colour": colour, "size": number % 3} | attributes,
    )


def answers(index: EmbeddedIndex, near: Any, wanted: list[Filters]) -> list[object]:
    probes: list[Probe] = [ByPhotos(near), ByMeaning(near), ByWords(of_query("red mug"))]
    return [
        (
            index.count(one),
            {facet: index.count_by(facet, one) for facet in FACETS},
            index.search(probes, one, 20, exclude=["p1", "p07"]),
            index.page(8).listings,
        )
        for one in wanted
    ]


def id_of(listing: Any) -> str:
    return str(listing.product.id)
