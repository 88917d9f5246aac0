"""What every VectorIndex promises of searching. Writing and reading: test_vector_index."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.ports import ByMeaning, ByPhotos, ByWords, Match, VectorIndex
from core.product import AttributeValue, Product, attribute_facts
from core.query import Filters
from core.words import Lexical, of_query
from tests.contract.indexes import (
    ANY,
    DIMENSION,
    axis,
    ids,
    item,
    leaning,
    photo,
    stock,
    three_ways,
)


def fan(index: VectorIndex, count: int) -> None:
    """Products whose photo, meaning and words are each a little further from axis 1 and "mug"."""
    for n in range(count):
        extra = " ".join(f"word{m}" for m in range(n))
        one = item(f"p{n:02}", f"Mug {extra}", leaning(1, n / 10))
        index.put_items([one])
        index.put_photos(one.listing.product, [photo("1.jpg", leaning(1, n / 10))])


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    probes = three_ways(0, 0, "mug")
    assert index.search(probes, ANY, 10) == [[], [], []]
    assert index.search([], ANY, 10) == []
    assert index.photo_scores(axis(0), ["a"]) == {}
    assert index.page(10).listings == ()
    assert index.count_by("category", ANY) == {}
    assert index.status().points == 0


def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    fan(index, 8)
    looks, means = index.search([ByPhotos(axis(1)), ByMeaning(axis(1))], ANY, 5)
    assert ids(looks) == ids(means) == ["p00", "p01", "p02", "p03", "p04"]
    expected = [1 / (1 + (n / 10) ** 2) ** 0.5 for n in range(5)]
    assert [match.score for match in looks] == pytest.approx(expected, abs=1e-5)
    assert [match.score for match in means] == pytest.approx(expected, abs=1e-5)
    assert all(match.photo == "1.jpg" for match in looks)
    assert all(match.photo is None for match in means)


def test_photos_meaning_and_words_are_searched_apart(index: VectorIndex) -> None:
    stock(index, [item("seen", "Chair", axis(2))])
    index.put_items([item("said", "Mug", axis(3)), item("meant", "Cup", axis(1))])
    looks, means, says = index.search(three_ways(1, 1, "mugs"), ANY, 1)
    assert (ids(looks), ids(means), ids(says)) == (["seen"], ["meant"], ["said"])


def test_a_match_is_light_and_names_a_listing_to_read(index: VectorIndex) -> None:
    stock(index, [item("a", "Mug", price=3, attributes={"x": [" a", "b"]})], photos=3)
    [looks], [means], [says] = index.search(three_ways(1, 0, "mug"), ANY, 5)
    assert looks == Match("a", looks.score, "a/0.jpg")
    assert (means, says) == (Match("a", means.score), Match("a", says.score))
    listing = index.listings([looks.product_id])["a"]
    assert [photo.key for photo in listing.photos] == ["a/0.jpg", "a/1.jpg", "a/2.jpg"]


def test_the_rarer_word_counts_more(index: VectorIndex) -> None:
    index.put_items([item(f"m{n}", "Mug") for n in range(20)])
    index.put_items([item("z", "Zanzibar")])
    [found] = index.search([ByWords(of_query("mug zanzibar"))], ANY, 3)
    assert ids(found) == ["z", "m0", "m1"]
    assert found[0].score > found[1].score > 0


def test_a_words_weight_does_not_depend_on_what_was_there_once(index: VectorIndex) -> None:
    index.put_items([item("a", "Mug"), item("b", "Mug"), item("c", "Cup")])
    probe = [ByWords(of_query("mug"))]
    before = [match.score for match in index.search(probe, ANY, 5)[0]]
    for n in range(50):
        index.put_items([item(f"gone{n}", "Mug"), item("a", f"Mug number{n}")])
        index.remove(f"gone{n}")
    index.put_items([item("a", "Mug")])
    after = [match.score for match in index.search(probe, ANY, 5)[0]]
    assert after == pytest.approx(before, rel=1e-5)


def test_no_words_find_nothing_and_a_product_without_words_is_kept(index: VectorIndex) -> None:
    index.put_items([item("a", "Mug"), item("dots", "...")])
    nothing, something = index.search([ByWords(Lexical((), ())), ByMeaning(axis(0))], ANY, 5)
    assert (nothing, ids(something)) == ([], ["a", "dots"])
    index.put_items([item("a", "!!!")])
    assert index.search([ByWords(of_query("mug"))], ANY, 5) == [[]]


def test_a_product_is_found_once_by_its_best_photo(index: VectorIndex) -> None:
    for name, tilts in {"a": (0.9, 0.2, 0.5), "b": (0.1, 2.0), "c": (0.3,)}.items():
        one = item(name)
        index.put_items([one])
        photos = [photo(f"{tilt}.jpg", leaning(1, tilt)) for tilt in tilts]
        index.put_photos(one.listing.product, photos)
    [found] = index.search([ByPhotos(axis(1))], ANY, 10)
    best = [(match.product_id, match.photo) for match in found]
    assert best == [("b", "0.1.jpg"), ("a", "0.2.jpg"), ("c", "0.3.jpg")]


def test_a_product_with_many_photos_does_not_crowd_out_the_others(index: VectorIndex) -> None:
    crowd = item("crowd")
    index.put_items([crowd])
    photos = [photo(f"{n:03}.jpg", leaning(1, n / 1000)) for n in range(200)]
    index.put_photos(crowd.listing.product, photos)
    for n in range(12):
        one = item(f"p{n:02}")
        index.put_items([one])
        index.put_photos(one.listing.product, [photo("1.jpg", leaning(1, 1 + n / 10))])
    for limit in (1, 2, 5, 13, 50):
        [found] = index.search([ByPhotos(axis(1))], ANY, limit)
        assert ids(found) == ["crowd", *(f"p{n:02}" for n in range(12))][:limit]
    assert [match.photo for match in found[:1]] == ["000.jpg"]


def test_equal_scores_are_ordered_by_product_so_that_pages_fit(index: VectorIndex) -> None:
    names = [f"p{n:03}" for n in range(300)]
    stock(index, [item(name, "Mug") for name in reversed(names)])
    probes = three_ways(1, 0, "mug")
    for limit in (1, 10, 20, 299, 300, 400):
        for found in index.search(probes, ANY, limit):
            assert ids(found) == names[:limit]


def test_of_a_products_equal_photos_the_first_by_key_matches(index: VectorIndex) -> None:
    one = item("a")
    index.put_items([one])
    for key in ("c.jpg", "a.jpg", "b.jpg"):
        index.put_photos(one.listing.product, [photo(key)])
    [[match]] = index.search([ByPhotos(axis(1))], ANY, 5)
    assert match.photo == "a.jpg"


def test_excluded_products_are_never_among_the_matches(index: VectorIndex) -> None:
    fan(index, 6)
    probes = three_ways(1, 1, "mug")
    for found in index.search(probes, ANY, 5, exclude=["p00"]):
        assert sorted(ids(found)) == ["p01", "p02", "p03", "p04", "p05"]
    for found in index.search(probes, ANY, 5, exclude=["p00", "nobody", "p04"]):
        assert sorted(ids(found)) == ["p01", "p02", "p03", "p05"]
    assert len(index.search(probes, ANY, 10, exclude=["nobody"])[0]) == 6


def test_a_limit_of_none_finds_none(index: VectorIndex) -> None:
    fan(index, 2)
    assert index.search([ByPhotos(axis(1))], ANY, 0) == [[]]


SHELF: dict[str, dict[str, Any]] = {
    "mug": {
        "category": "Mugs",
        "price": 5,
        "attributes": {"colour": ["red", "blue"], "new": True, "litres": 0.3, "pieces": 1},
    },
    "cup": {
        "category": "Größe ☕",
        "price": 9.99,
        "attributes": {"colour": "blue", "new": False, "litres": 2.0, "pieces": 6},
        "in_stock": False,
    },
    "free": {"category": "Mugs", "price": 0, "attributes": {"colour": "Red", "made in": "日本"}},
    "priceless": {"attributes": {"colour": "red"}},
}


def having(**attributes: str | tuple[str, ...]) -> Filters:
    pairs = {k: v if isinstance(v, tuple) else (v,) for k, v in attributes.items()}
    return Filters(attributes=tuple(sorted(pairs.items())))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (ANY, "mug cup free priceless"),
        (Filters(categories=("Mugs",)), "mug free"),
        (Filters(categories=("Größe ☕", "None such")), "cup"),
        (Filters(categories=("mugs",)), ""),
        (Filters(categories=("Mugs", "Größe ☕")), "mug cup free"),
        (Filters(price_min=0), "mug cup free"),
        (Filters(price_max=5), "mug free"),
        (Filters(price_min=5, price_max=9.99), "mug cup"),
        (Filters(price_min=5.01, price_max=9.98), ""),
        (Filters(price_min=9, price_max=1), ""),
        (Filters(in_stock=True), "mug free priceless"),
        (Filters(in_stock=False), "cup"),
        (having(colour="red"), "mug priceless"),
        (having(colour=("red", "Red")), "mug free priceless"),
        (having(colour=()), ""),
        (having(new="true"), "mug"),
        (having(new="false"), "cup"),
        (having(litres="0.3"), "mug"),
        (having(litres="2"), "cup"),
        (having(pieces=("1", "6")), "mug cup"),
        (having(colour="blue", pieces="6"), "cup"),
        (having(colour="red", pieces="6"), ""),
        (having(shade="red"), ""),
        (having(**{"made in": "日本"}), "free"),
        (Filters(("Mugs",), 1, 6, (("colour", ("blue",)), ("new", ("true",))), True), "mug"),
        (Filters(("Mugs",), 1, 6, (("colour", ("blue",)), ("new", ("true",))), False), ""),
    ],
    ids=str,
)
def test_filters_hold_for_every_probe(index: VectorIndex, filters: Filters, expected: str) -> None:
    stock(index, [item(name, "Thing", **facts) for name, facts in SHELF.items()], photos=2)
    probes = three_ways(1, 0, "thing")
    for found in index.search(probes, filters, 10):
        assert ids(found) == sorted(expected.split())


def test_every_fact_of_a_product_can_be_filtered_by(index: VectorIndex) -> None:
    attributes: dict[str, AttributeValue] = {
        "a": "x=y",
        "b": "",
        "c": 10**15,
        "d": -0.5,
        "e": 1e20,
        "f": ["p", "q"],
    }
    stock(index, [item("a", attributes=attributes), item("b")])
    for fact in attribute_facts(Product(id="a", name="a", attributes=attributes).attributes):
        name, _, value = fact.partition("=")
        [found] = index.search([ByPhotos(axis(1))], having(**{name: value}), 5)
        assert ids(found) == ["a"]


@pytest.mark.parametrize(
    "bad", [np.full(DIMENSION, np.nan, np.float32), axis(0)[:-1]], ids=["nan", "short"]
)
def test_a_query_that_is_no_vector_of_ours_is_refused(index: VectorIndex, bad: np.ndarray) -> None:
    fan(index, 2)
    for probe in (ByPhotos(bad), ByMeaning(bad)):
        with pytest.raises(InvalidRequest):
            index.search([probe], ANY, 5)
    with pytest.raises(InvalidRequest):
        index.photo_scores(bad, ["p00"])


def test_the_length_of_a_query_does_not_matter(index: VectorIndex) -> None:
    fan(index, 3)
    [long, nowhere] = index.search([ByPhotos(axis(1) * 3), ByPhotos(axis(1) * 0)], ANY, 5)
    assert [match.score for match in long][:1] == pytest.approx([1.0])
    assert ids(nowhere) == ["p00", "p01", "p02"]
    assert [match.score for match in nowhere] == [0.0, 0.0, 0.0]


def test_photo_scores_are_of_the_products_asked_for(index: VectorIndex) -> None:
    fan(index, 6)
    index.put_items([item("card")])
    extra = item("p03")
    index.put_photos(extra.listing.product, [photo("0.jpg", axis(1)), photo("2.jpg", axis(2))])
    scores = index.photo_scores(axis(1), ["p03", "p05", "card", "nobody", "p05"])
    assert sorted(scores) == ["p03", "p05"]
    assert (scores["p03"].product_id, scores["p03"].photo) == ("p03", "0.jpg")
    assert scores["p03"].score == pytest.approx(1.0)
    assert scores["p05"].score == pytest.approx(1 / 1.25**0.5, abs=1e-5)
    assert index.photo_scores(axis(1), []) == {}


def test_photo_scores_of_a_thousand_products(index: VectorIndex) -> None:
    index.put_items([item(f"p{n}") for n in range(1000)])
    for n in range(0, 1000, 2):
        index.put_photos(item(f"p{n}").listing.product, [photo("1.jpg", leaning(1, n / 500))])
    scores = index.photo_scores(axis(1), [f"p{n}" for n in range(1000)])
    assert sorted(scores) == sorted(f"p{n}" for n in range(0, 1000, 2))
