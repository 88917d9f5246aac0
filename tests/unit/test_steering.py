"""What pulls a query and what pushes it, by the formula of docs/search.md."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ProductNotFound
from core.product import Vector
from core.query import Hit, Query, QueryType
from core.query_vectors import Meaning
from core.ranking import Ranking
from core.vectors import steered, unit
from tests.contract.indexes import DIMENSION, MODEL, axis, item, leaning, photo
from tests.fakes.memory_index import MemoryIndex

QUERY, MORE, LESS = axis(1), axis(2), axis(3)


@pytest.mark.parametrize(
    ("asked", "pulls", "pushes", "expected"),
    [
        (QUERY, [], [], QUERY),
        (None, [MORE], [], MORE),
        (None, [], [LESS], -LESS),
        (QUERY, [MORE], [], unit(QUERY + MORE)),
        (QUERY, [MORE, axis(4)], [], unit(QUERY + unit(MORE + axis(4)))),
        (QUERY, [], [LESS], unit(QUERY - 0.5 * LESS)),
        (QUERY, [], [LESS, axis(4)], unit(QUERY - 0.5 * unit(LESS + axis(4)))),
        (QUERY, [MORE], [LESS], unit(unit(QUERY + MORE) - 0.5 * LESS)),
        (None, [MORE], [LESS], unit(MORE - 0.5 * LESS)),
        (None, [MORE], [MORE], MORE),
    ],
)
def test_a_query_points_where_the_formula_says(
    asked: Vector | None, pulls: list[Vector], pushes: list[Vector], expected: Vector
) -> None:
    assert steered(asked, pulls, pushes) == pytest.approx(expected, abs=1e-6)


@pytest.fixture
def ranking() -> Ranking:
    """Each product looks along an axis of its own, leaning a little towards one of all."""
    index = MemoryIndex(MODEL, DIMENSION)
    for n, name in enumerate(["red", "blue", "green", "pink"]):
        one = item(name, f"{name} mug", leaning(n + 5, 1))
        index.put_items([one])
        index.put_photos(one.listing.product, [photo("1.jpg", leaning(n, 1))])
    index.put_items([item("card", "Gift card", axis(9))])
    return Ranking(index)


def ids(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.product.id for hit in hits]


def test_what_is_named_is_never_among_the_hits(ranking: Ranking) -> None:
    query = Query(more_like=("red", "blue"), less_like=("pink",))
    assert ids(ranking.hits(query, Meaning())) == ["green"]
    words = Query(words="red mug", more_like=("red",), less_like=("card",))
    found = ids(ranking.hits(words, Meaning(axis(0), axis(5))))
    assert sorted(found) == ["blue", "green", "pink"]


def test_an_unknown_product_is_not_found_wherever_it_is_named(ranking: Ranking) -> None:
    for query in (Query(more_like=("red", "nobody")), Query(words="mug", less_like=("nobody",))):
        with pytest.raises(ProductNotFound, match="nobody"):
            ranking.hits(query, Meaning(axis(0), axis(0)))


def test_a_photo_is_pulled_and_pushed(ranking: Ranking) -> None:
    between = unit(axis(0) + axis(1))
    assert ids(ranking.hits(Query(photo=b"", less_words="blue"), Meaning(between, away=axis(1))))[
        0
    ] == ("red")
    assert ids(ranking.hits(Query(photo=b"", less_words="red"), Meaning(between, away=axis(0))))[
        0
    ] == ("blue")


def test_words_are_steered_among_photos_and_among_meanings(ranking: Ranking) -> None:
    """Every mug shares its word with the query, so that looks and meaning decide."""
    plain = Query(words="mug")
    anywhere = unit(np.ones(DIMENSION, np.float32))
    for name, looks, means in (("red", axis(0), axis(5)), ("green", axis(2), axis(7))):
        away = unit(looks + means)
        found = ids(ranking.hits(plain, Meaning(anywhere, anywhere, away)))
        assert found.index(name) == 3, "the last of the mugs"


def test_scores_are_cosines_with_the_steered_query(ranking: Ranking) -> None:
    looks = steered(axis(0), [], [axis(1)])
    for hit in ranking.hits(Query(photo=b"", less_words="blue"), Meaning(axis(0), away=axis(1))):
        number = ["red", "blue", "green", "pink"].index(hit.product.id)
        assert hit.similarity == pytest.approx(float(looks @ leaning(number, 1)), abs=1e-5)


def test_the_type_is_what_was_asked_with() -> None:
    assert Query(more_like=("a",)).type is QueryType.PRODUCT
    assert Query(less_like=("a",), less_words="red").type is QueryType.PRODUCT
    assert Query(less_words="red").type is QueryType.TEXT
    assert Query(words="mug", more_like=("a",)).type is QueryType.TEXT
    assert Query(photo=b"", more_like=("a",)).type is QueryType.IMAGE
    assert Query(photo=b"", words="mug", less_like=("a",)).type is QueryType.HYBRID
