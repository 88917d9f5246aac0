"""Which key belongs to which product."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bucket import MAX_ID, PHOTO_EXTENSIONS, Place, Role, place


@pytest.mark.parametrize(
    ("key", "product_id", "role"),
    [
        ("images/mug.jpg", "mug", Role.PHOTO),
        ("images/mug.JPEG", "mug", Role.PHOTO),
        ("images/mug.v2.webp", "mug.v2", Role.PHOTO),
        ("images/a b+c%20.png", "a b+c%20", Role.PHOTO),
        ("images/кружка 🫖.gif", "кружка 🫖", Role.PHOTO),
        ("images/mug/front.jpg", "mug", Role.PHOTO),
        ("images/mug/IMG_0001.HEIC", "mug", Role.PHOTO),
        ("images/mug/deep/er/front.avif", "mug", Role.PHOTO),
        ("images/mug.jpg/front.jpg", "mug.jpg", Role.PHOTO),
        ("images/mug.json", "mug", Role.FACTS),
        ("images/mug.JSON", "mug", Role.FACTS),
        ("images/product.json", "product", Role.FACTS),
        ("images/mug/product.json", "mug", Role.FACTS),
        (f"images/{'x' * MAX_ID}.jpg", "x" * MAX_ID, Role.PHOTO),
    ],
)
def test_a_products_objects(key: str, product_id: str, role: Role) -> None:
    assert place(key) == Place(product_id, role)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "images",
        "images/",
        "mug.jpg",
        "Images/mug.jpg",
        "/images/mug.jpg",
        "feeds/mug.jpg",
        "images/mug",
        "images/mug.txt",
        "images/mug.jpg.part",
        "images/mug/",
        "images/mug/front",
        "images/mug/other.json",
        "images/mug/deep/product.json",
        "images/.jpg",
        "images/.mug.jpg",
        "images/mug/.front.jpg",
        "images/.hidden/front.jpg",
        "images//front.jpg",
        "images/mug//front.jpg",
        "images/../mug.jpg",
        "images/mug/../../x.jpg",
        f"images/{'x' * (MAX_ID + 1)}.jpg",
        "images/mu\ng.jpg",
        "images/mu\0g/front.jpg",
        "images/\udcff.jpg",
    ],
)
def test_what_is_none_of_ours(key: str) -> None:
    assert place(key) is None


@given(st.text(max_size=200).map("images/{}".format))
def test_whatever_has_a_place_has_a_product_one_can_ask_for(key: str) -> None:
    where = place(key)
    if where is not None:
        assert 1 <= len(where.product_id) <= MAX_ID
        assert "/" not in where.product_id
        assert not where.product_id.startswith(".")
        assert key.startswith(f"images/{where.product_id}")
        assert key.rpartition(".")[2].lower() in {*PHOTO_EXTENSIONS, "json"}
