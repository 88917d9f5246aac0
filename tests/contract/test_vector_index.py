"""What every VectorIndex promises of writing and reading. Searching: test_vector_index_search."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from core.errors import IndexUnavailable, InvalidRequest, ProductNotFound
from core.ports import ByMeaning, ByPhotos, ByWords, CatalogueItem, VectorIndex
from core.product import Listing, Origin, Product
from core.query import Filters
from core.words import Lexical, of_query
from tests.contract.indexes import (
    ANY,
    DIMENSION,
    INDEXES,
    MODEL,
    axis,
    ids,
    item,
    leaning,
    photo,
    stock,
    three_ways,
)


def walk(index: VectorIndex, limit: int, category: str | None = None) -> list[Listing]:
    page = index.page(limit, category=category)
    listings = list(page.listings)
    while page.next_cursor is not None:
        page = index.page(limit, page.next_cursor, category)
        listings += page.listings
    return listings


def test_a_product_comes_back_as_it_was_put(index: VectorIndex) -> None:
    product = Product(
        id="täss/e 1",
        name="Tasse „Zwölf“ ☕",
        external_id="SKU-1",
        description="<b>Rot</b>\n" * 200,
        category="Küche & Bad",
        price=12.0,
        currency="EUR",
        attributes={
            "new": True,
            "litres": 0.3,
            "count": 2,
            "weight": 3.0,
            "colours": ["rot", "青"],
        },
        in_stock=False,
    )
    listing = Listing(product=product, origin=Origin.BUCKET, facts_version="v7")
    index.put_items([CatalogueItem(listing, axis(0), Lexical((1,), (1.0,)))])
    found = index.get(product.id)
    assert found == listing
    assert isinstance(found.product.attributes["weight"], float)
    assert found.product.attributes["new"] is True


def test_a_product_that_is_not_there_is_none(index: VectorIndex) -> None:
    assert index.get("nobody") is None
    assert index.vectors(["nobody"]) == {}
    assert index.listings(["nobody"]) == index.listings([]) == {}


def test_listings_of_several_products_at_once(index: VectorIndex) -> None:
    names = [f"p{n}" for n in range(300)]
    stock(index, [item(name, f"Mug {name}", price=3) for name in names], photos=2)
    index.remove("p7")
    found = index.listings(["p5", *names, "nobody", "p5"])
    assert sorted(found) == sorted(name for name in names if name != "p7")
    assert all(found[name] == index.get(name) for name in ("p0", "p5", "p299"))
    assert [photo.key for photo in found["p5"].photos] == ["p5/0.jpg", "p5/1.jpg"]


def test_vectors_of_several_products_at_once(index: VectorIndex) -> None:
    mug, chair = item("a", "Mug"), item("b", "Chair", axis(2))
    index.put_items([mug, chair, item("c", "Lamp")])
    index.put_photos(mug.listing.product, [photo("2.jpg", axis(4)), photo("1.jpg", axis(3))])
    known = index.vectors(["b", "nobody", "a", "b"])
    assert known.keys() == {"a", "b"}
    assert np.allclose(known["a"].photos, [axis(3), axis(4)])
    assert known["b"].photos == [] and known["b"].meaning is not None
    assert np.allclose(known["b"].meaning, axis(2))
    assert index.vectors([]) == {}


def test_putting_again_replaces_every_fact(index: VectorIndex) -> None:
    index.put_items([item("a", "Red mug", axis(2), price=5, category="Mugs", attributes={"x": 1})])
    index.put_items([item("a", "Oak chair", axis(3), origin=Origin.BUCKET, facts_version="2")])
    found = index.get("a")
    assert found is not None
    assert found.product == Product(id="a", name="Oak chair")
    assert (found.origin, found.facts_version) == (Origin.BUCKET, "2")
    _, meaning = index.vectors(["a"])["a"]
    assert meaning is not None and np.allclose(meaning, axis(3))
    mug, chair, meant = index.search(
        [ByWords(of_query("mug")), ByWords(of_query("chair")), ByMeaning(axis(3))], ANY, 5
    )
    assert (ids(mug), ids(chair), ids(meant)) == ([], ["a"], ["a"])
    assert meant[0].score == pytest.approx(1.0)
    assert index.status().products == 1


def test_of_one_product_twice_in_a_call_the_last_counts(index: VectorIndex) -> None:
    stock(index, [item("a", price=1)])
    index.put_items([item("a", "First", price=2), item("b"), item("a", "Second", price=3)])
    found = index.get("a")
    assert found is not None and found.product.name == "Second"
    assert ids(index.search([ByPhotos(axis(1))], Filters(price_min=3), 5)[0]) == ["a"]
    assert index.status().products == 2


def test_photos_are_added_replaced_and_kept_apart_from_the_item(index: VectorIndex) -> None:
    mug = item("a", "Mug")
    index.put_items([mug])
    index.put_photos(mug.listing.product, [photo("b.jpg", axis(2)), photo("a.jpg", axis(3))])
    index.put_photos(mug.listing.product, [photo("b.jpg", axis(4), version="2")])
    ignored = msgspec.structs.replace(mug.listing, photos=(photo("z.jpg").photo,))
    index.put_items([CatalogueItem(ignored, mug.meaning, mug.lexical)])
    found = index.get("a")
    assert found is not None
    assert [(one.key, one.version) for one in found.photos] == [("a.jpg", "1"), ("b.jpg", "2")]
    assert found.photos[0].url == "https://photos.example/a.jpg"
    photos, meaning = index.vectors(["a"])["a"]
    assert np.allclose(photos, [axis(3), axis(4)])
    assert meaning is not None and np.allclose(meaning, mug.meaning)
    assert index.status().photos == 2


def test_two_products_may_have_photos_of_the_same_key(index: VectorIndex) -> None:
    a, b = item("a"), item("b")
    index.put_items([a, b])
    index.put_photos(a.listing.product, [photo("1.jpg", axis(2))])
    index.put_photos(b.listing.product, [photo("1.jpg", axis(3))])
    index.remove_photos("a", ["1.jpg"])
    assert np.allclose(index.vectors(["b"])["b"][0], [axis(3)])
    assert index.vectors(["a"])["a"][0] == []


def test_photos_of_a_product_that_is_not_there_are_refused(index: VectorIndex) -> None:
    with pytest.raises(ProductNotFound):
        index.put_photos(Product(id="ghost", name="Ghost"), [photo("1.jpg")])
    assert index.search([ByPhotos(axis(1))], ANY, 5) == [[]]


def test_photos_are_removed_by_key_and_again_without_harm(index: VectorIndex) -> None:
    stock(index, [item("a")], photos=3)
    for _ in range(2):
        index.remove_photos("a", ["a/0.jpg", "a/2.jpg", "never.jpg"])
    index.remove_photos("a", [])
    index.remove_photos("nobody", ["a/1.jpg"])
    found = index.get("a")
    assert found is not None
    assert [one.key for one in found.photos] == ["a/1.jpg"]


def test_removing_forgets_the_product_with_its_photos(index: VectorIndex) -> None:
    stock(index, [item("a", "Mug"), item("ab", "Mug")], photos=2)
    assert [index.remove("a"), index.remove("a"), index.remove("nobody")] == [True, False, False]
    assert index.get("a") is None
    looks, means, says = index.search(three_ways(1, 0, "mug"), ANY, 5)
    assert ids(looks) == ids(means) == ids(says) == ["ab"]
    assert index.status().points == 3


def test_new_facts_hold_for_the_photos_too(index: VectorIndex) -> None:
    facts: dict[str, Any] = {
        "category": "Mugs",
        "price": 5,
        "attributes": {"colour": "red"},
        "in_stock": True,
    }
    old = Filters(("Mugs",), 5, 5, (("colour", ("red",)),), True)
    new = Filters(("Cups",), 9, 9, (("colour", ("blue",)),), False)
    stock(index, [item("a", **facts)], photos=2)
    probe = [ByPhotos(axis(1))]
    assert ids(index.search(probe, old, 5)[0]) == ["a"]
    changed = item("a", category="Cups", price=9, attributes={"colour": "blue"}, in_stock=False)
    index.put_items([changed])
    assert [ids(index.search(probe, f, 5)[0]) for f in (old, new)] == [[], ["a"]]
    index.put_items([item("a")])  # and gone again
    assert [ids(index.search(probe, f, 5)[0]) for f in (old, new, ANY)] == [[], [], ["a"]]


def test_a_photo_put_with_facts_of_yesterday_does_not_bring_them_back(index: VectorIndex) -> None:
    yesterday = item("a", "Mug", price=5)
    index.put_items([yesterday])
    index.put_items([item("a", "Cup", price=9)])
    index.put_photos(yesterday.listing.product, [photo("1.jpg")])
    [matches] = index.search([ByPhotos(axis(1))], Filters(price_min=9), 5)
    assert [index.listings([match.product_id])["a"].product.name for match in matches] == ["Cup"]


@pytest.mark.parametrize(
    "bad",
    [
        np.full(DIMENSION, np.nan, np.float32),
        np.full(DIMENSION, np.inf, np.float32),
        np.zeros(DIMENSION, np.float32),
        axis(0) * 2,
        axis(0)[:-1],
        np.stack([axis(0), axis(1)]),
    ],
    ids=["nan", "inf", "zero", "long", "short", "matrix"],
)
def test_bad_vectors_are_refused_before_anything_is_written(
    index: VectorIndex, bad: np.ndarray
) -> None:
    good = item("good")
    with pytest.raises(InvalidRequest):
        index.put_items([good, item("bad", meaning=bad)])
    assert index.status().points == 0
    index.put_items([good])
    with pytest.raises(InvalidRequest):
        index.put_photos(good.listing.product, [photo("1.jpg"), photo("2.jpg", bad)])
    assert index.status().photos == 0


def test_paging_sees_everything_once_in_one_order(index: VectorIndex) -> None:
    stock(index, [item(f"p{n}", category="Even" if n % 2 == 0 else "Odd") for n in range(25)])
    seen = [listing.product.id for listing in walk(index, 7)]
    assert sorted(seen) == sorted(f"p{n}" for n in range(25))
    assert seen == [listing.product.id for listing in walk(index, 25)]
    even = walk(index, 5, "Even")
    assert {listing.product.id for listing in even} == {f"p{n}" for n in range(0, 25, 2)}
    assert all(len(listing.photos) == 1 for listing in even)
    assert walk(index, 5, "None such") == []


def test_paging_sees_what_was_there_once_while_products_come_and_go(index: VectorIndex) -> None:
    index.put_items([item(f"old{n}") for n in range(40)])
    page = index.page(6)
    seen = [listing.product.id for listing in page.listings]
    for n in range(200):
        index.put_items([item(f"new{n}")])
        if page.next_cursor is not None and n % 5 == 0:
            page = index.page(6, page.next_cursor)
            seen += [listing.product.id for listing in page.listings]
            gone = page.listings[-1].product.id if page.listings else ""
            index.remove(gone)  # what a cursor may point at
    while page.next_cursor is not None:
        page = index.page(6, page.next_cursor)
        seen += [listing.product.id for listing in page.listings]
    assert len(seen) == len(set(seen))
    assert {f"old{n}" for n in range(40)} <= set(seen)


def test_a_cursor_of_somebody_else_is_refused(index: VectorIndex) -> None:
    with pytest.raises(InvalidRequest):
        index.page(5, "page-two")


def test_categories_are_counted_by_product(index: VectorIndex) -> None:
    items = [item(f"m{n}", category="Mugs", price=n) for n in range(5)]
    stock(index, [*items, item("c", category="Chairs", price=9), item("none", price=9)], photos=3)
    assert index.count_by("category", ANY) == {"Mugs": 5, "Chairs": 1}
    assert index.count_by("category", Filters(price_min=3)) == {"Mugs": 2, "Chairs": 1}
    assert index.count_by("category", Filters(categories=("Chairs",))) == {"Chairs": 1}
    assert index.count_by("category", Filters(price_min=10)) == {}


def test_attributes_are_counted_by_value(index: VectorIndex) -> None:
    colours: dict[str, Any] = {"a": "red", "b": ["red", "blue"], "c": True, "d": 2.0}
    stock(index, [item(n, attributes={"colour": c, "co": "x"}) for n, c in colours.items()])
    index.put_items([item("plain", price=1, attributes={"shade": "a=b"})])
    assert index.count_by("attributes.colour", ANY) == {"red": 2, "blue": 1, "true": 1, "2": 1}
    assert index.count_by("attributes.shade", ANY) == {"a=b": 1}
    assert index.count_by("attributes.nothing", ANY) == {}
    red = Filters(attributes=(("colour", ("red",)),))
    assert index.count_by("attributes.colour", red) == {"red": 2, "blue": 1}


def test_products_are_counted_that_satisfy_the_filters(index: VectorIndex) -> None:
    stock(index, [item(f"m{n}", price=n) for n in range(5)], photos=3)
    index.put_items([item("none")])
    assert index.count(ANY) == 6
    assert index.count(Filters(price_min=1, price_max=3)) == 3
    assert index.count(Filters(categories=("none such",))) == 0


def test_the_status_says_what_is_there(index: VectorIndex) -> None:
    stock(index, [item("a"), item("b")], photos=2)
    index.put_items([item("card")])
    status = index.status()
    assert (status.products, status.photos, status.points) == (3, 4, 7)
    assert (status.name, status.model, status.dimension) == ("products", MODEL, DIMENSION)


def test_threads_writing_photos_of_one_product_do_not_undo_each_other(index: VectorIndex) -> None:
    mug = item("a", price=1)
    index.put_items([mug])

    def write(number: int) -> None:
        index.put_photos(mug.listing.product, [photo(f"{number}.jpg", leaning(1, number / 50))])
        index.put_photos(mug.listing.product, [photo(f"{number}-gone.jpg")])
        index.put_items([item("a", price=number)])
        index.remove_photos("a", [f"{number}-gone.jpg"])
        assert ids(index.search([ByPhotos(axis(1))], ANY, 3)[0]) == ["a"]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(48)))
    found = index.get("a")
    assert found is not None
    assert {one.key for one in found.photos} == {f"{number}.jpg" for number in range(48)}
    price = found.product.price
    filters = Filters(price_min=price, price_max=price)
    assert ids(index.search([ByPhotos(axis(1))], filters, 3)[0]) == ["a"]
    assert len(index.vectors(["a"])["a"][0]) == 48


@pytest.mark.parametrize("kind", INDEXES)
def test_closing_twice_is_fine_and_then_nothing_answers(kind: str, tmp_path: Path) -> None:
    index = INDEXES[kind](tmp_path)
    index.put_items([item("a")])
    index.close()
    index.close()
    with pytest.raises(IndexUnavailable):
        index.get("a")
    with pytest.raises(IndexUnavailable):
        index.put_items([item("b")])
    with pytest.raises(IndexUnavailable):
        index.search([ByPhotos(axis(1))], ANY, 5)
