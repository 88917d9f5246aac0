"""What is put on points can be read back, and what could not be is refused."""

from __future__ import annotations

import pytest

from core.errors import InvalidRequest
from core.product import Listing, Photo, Product
from core.stores.qdrant_payload import (
    INDEXED,
    Field,
    filterable,
    listings_of,
    photo_id,
    photo_payload,
    record_id,
    record_payload,
)

MUG = Product(
    id="m", name="Mug", category="Mugs", price=12, attributes={"new": True, "weight": 3.0}
)


def test_a_listing_comes_back_with_its_photos_by_key() -> None:
    photos = [Photo(key=key, url=f"u/{key}", version="1") for key in ("b", "a")]
    payloads = [photo_payload("m", photo, filterable(MUG)) for photo in photos]
    listing = Listing(product=MUG, photos=(photos[1], photos[0]), facts_version="7")
    assert listings_of([*payloads, record_payload(listing)]) == {"m": listing}


def test_photos_without_their_product_are_no_listing() -> None:
    payload = photo_payload("m", Photo(key="a", url="", version="1"), filterable(MUG))
    assert listings_of([payload]) == {}


def test_every_point_carries_all_that_filters_ask_for() -> None:
    photo = photo_payload("m", Photo(key="a", url="", version="1"), filterable(MUG))
    for payload in (photo, record_payload(Listing(product=MUG))):
        assert set(INDEXED) <= set(payload)
    assert photo[Field.IN_STOCK] == "yes"
    assert photo[Field.FACTS] == ["new=true", "weight=3"]
    assert isinstance(photo[Field.PRICE], float)


def test_ids_depend_on_the_product_and_the_photo_and_on_nothing_else() -> None:
    ids = [
        record_id("a"),
        record_id("b"),
        photo_id("a", "b"),
        photo_id("b", "a"),
        photo_id("a", ""),
    ]
    assert len(set(ids)) == len(ids)
    # Written down, because an index on disk depends on it.
    assert str(record_id("a")) == "4549d98d-f86d-5b06-9676-baa03a1d5b4f"
    assert str(photo_id("a", "b")) == "1df11ab4-0b23-5498-b1cd-07d5ffb7c56a"


@pytest.mark.parametrize(
    "product",
    [
        Product(id="a", name="A", price=float("inf")),
        Product(id="a", name="A", price=float("nan")),
        Product(id="a", name="A", attributes={"litres": float("nan")}),
        Product(id="a", name="A", attributes={"litres": float("-inf")}),
        Product(id="a", name="A\ud800"),
        Product(id="a", name="A", attributes={"b": ["\ud800"]}),
    ],
    ids=["price inf", "price nan", "nan", "-inf", "name", "attribute"],
)
def test_what_could_not_be_read_back_is_refused(product: Product) -> None:
    with pytest.raises(InvalidRequest):
        record_payload(Listing(product=product))


def test_names_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidRequest):
        record_id("a\ud800")
    with pytest.raises(InvalidRequest):
        photo_id("a", "images/\udcff.jpg")
