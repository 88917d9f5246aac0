"""Exports of Shopify and WooCommerce, and tables of a shop's own, with what is awkward in each."""

from __future__ import annotations

import pytest

from core.errors import InvalidRequest
from core.feeds import Row
from core.feeds.reading import Format, Wanted
from tests.unit.feed_files import WEB, bad, by_id, of_bytes, of_text, read


def test_shopify_folds_variants_and_photos_into_one_product() -> None:
    feed = read("shopify.csv", currency="EUR")
    assert feed.format is Format.SHOPIFY
    tee = by_id(feed)["classic-tee"]
    assert tee.line == 2
    assert tee.said == {
        "name": "Classic tee",
        "external_id": "TEE-R-S",
        "description": 'Soft & heavy cotton, "240 g".\nMade in Portugal',
        "category": "Shirts",
        "attributes": {
            "brand": "Nord",
            "tags": ["summer", "cotton"],
            "categories": ["Apparel & Accessories > Clothing > Shirts & Tops"],
            "color": ["Red", "Blue"],
            "size": ["S", "M"],
        },
        "price": 19.5,
        "currency": "EUR",
        "in_stock": True,
    }
    assert tee.photos == tuple(f"{WEB}tee-{which}.jpg" for which in (1, 2, 3, "red", "blue"))
    assert not tee.withdrawn


def test_shopify_what_is_not_for_sale_has_no_price_or_comes_twice() -> None:
    feed = read("shopify.csv")
    rows = by_id(feed)
    assert [id_ for id_, row in rows.items() if row.withdrawn] == ["old-hat", "secret-hat"]
    assert rows["gift-card"].said["attributes"] == {"brand": "Nord"}
    assert rows["gift-card"].photos is None
    assert "price" not in rows["no-price"].said
    assert rows["no-price"].said["in_stock"] is True  # it may be ordered all the same
    assert bad(feed) == [
        (11, "Variant Price in line 12 must be an amount such as 19.99 EUR, not 'soon'"),
        (13, "this product is told of in line 2 already"),
    ]


def test_shopify_under_its_later_names_of_columns() -> None:
    feed = read("shopify-renamed.csv")
    assert feed.format is Format.SHOPIFY
    [board] = feed.rows()
    assert isinstance(board, Row)
    assert (board.product_id, board.said["category"]) == ("black-snowboard", "Snowboards")
    assert (board.said["price"], board.said["in_stock"]) == (399.95, True)
    assert board.said["attributes"]["size"] == ["152cm", "158cm"]
    assert board.photos == (f"{WEB}board.jpg",)


def test_woocommerce_folds_variations_into_their_product_wherever_they_stand() -> None:
    feed = read("woocommerce.csv")
    assert feed.format is Format.WOOCOMMERCE
    hoodie = by_id(feed)["40"]
    assert hoodie.said == {
        "name": "Hoodie",
        "external_id": "HOODIE",
        "description": 'Warm, with a "kangaroo" pocket.\nHeavy fleece.\nRuns large.',
        "price": 39.9,
        "in_stock": True,
        "category": "Hoodies",
        "attributes": {
            "tags": ["cotton"],
            "color": ["Blue", "Dark, green"],
            "categories": ["Clothing > Hoodies", "Sale"],
        },
    }
    shown = ("hoodie", "hoodie-back", "hoodie-blue", "hoodie-green")
    assert hoodie.photos == tuple(f"{WEB}{one}.jpg" for one in shown)


def test_woocommerce_what_is_hidden_on_its_way_or_wrong() -> None:
    feed = read("woocommerce.csv")
    rows = by_id(feed)
    assert [id_ for id_, row in rows.items() if row.withdrawn] == ["47", "48"]
    assert rows["46"].said["price"] == 12.5  # the sale is over
    assert (rows["49"].said["in_stock"], "price" in rows["49"].said) == (False, False)
    assert bad(feed) == [
        (10, "the file has no variable product 'id:999', its parent"),
        (11, "this product is told of in line 6 already"),
        (12, "Regular price must be an amount such as 19.99 EUR, not 'soon'"),
    ]


def test_columns_may_have_names_of_the_shops_own() -> None:
    columns = {"id": "Ref", "name": "Title", "attributes.colour": "Farbe", "image_urls": "Pics"}
    table = 'Ref,Title,Farbe,Pics,Price\n7,Mug,red,"a.jpg,b.jpg",3\n'
    objects = '{"Ref": "7", "Title": "Mug", "Farbe": "red", "Pics": ["a.jpg", "b.jpg"]}'
    for data in (table, objects):
        [row] = of_bytes(data.encode(), Wanted(columns=columns)).rows()
        assert row == Row(
            1 + (data is table),
            "7",
            {"name": "Mug", "attributes": {"colour": "red"}},
            ("a.jpg", "b.jpg"),
        )
    with pytest.raises(InvalidRequest, match="no column is named Ref"):
        of_bytes(b"id,name\n", Wanted(columns=columns))


def test_a_format_that_is_asked_for_must_be_the_files() -> None:
    with pytest.raises(InvalidRequest, match="not in the format shopify"):
        of_text("<rss/>", format=Format.SHOPIFY)
    [row] = of_text("id,title,availability\na,A,in_stock\n", format=Format.PLAIN).rows()
    assert isinstance(row, Row) and row.said == {}


@pytest.mark.parametrize(
    ("told", "price", "currency"),
    [
        *(("19.99 EUR", 19.99, "EUR"), ("EUR 19.99", 19.99, "EUR"), ("19,99", 19.99, None)),
        *(("1,299.00 USD", 1299.0, "USD"), ("1.299,00 EUR", 1299.0, "EUR")),
        *(("1'299.50 CHF", 1299.5, "CHF"), ("1 299,50 PLN", 1299.5, "PLN")),
        *(
            ("1,299", 1299.0, None),
            ("0.5", 0.5, None),
            (".5", 0.5, None),
            ("2500 JPY", 2500.0, "JPY"),
        ),
    ],
)
def test_prices_as_people_write_them(told: str, price: float, currency: str | None) -> None:
    [row] = of_text(f"id\tprice\nm\t{told}\n").rows()
    assert isinstance(row, Row)
    assert (row.said["price"], row.said.get("currency")) == (price, currency)
