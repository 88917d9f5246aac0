"""Google Merchant Center's tables, RSS and Atom, with what is awkward in each."""

from __future__ import annotations

import gzip

import pytest

from core.feeds import Row
from core.feeds.reading import Format
from tests.unit.feed_files import WEB, bad, by_id, of_bytes, of_text, read

RED = ("shirt-red.jpg", "shirt-red-back.jpg", "w_300,h_200/shirt-red.jpg")


@pytest.mark.parametrize("name", ["google.tsv", "google-rss.xml"])
def test_google_in_a_table_and_in_rss_is_the_same(name: str) -> None:
    feed = read(name)
    assert feed.format is Format.GOOGLE
    red = by_id(feed)["SKU-1-red"]
    assert (red.said["name"], red.said["category"]) == ("Linen shirt, red", "Shirts")
    assert (red.said["price"], red.said["currency"]) == (29.9, "EUR")
    assert red.said["in_stock"] is True
    attributes = red.said["attributes"]
    assert attributes["item_group_id"] == "SHIRT-1"
    assert attributes["categories"] == ["Home > Women > Shirts"]
    assert red.photos == tuple(WEB + one for one in RED)
    clock = by_id(feed)["SKU-2"].said
    assert (clock["price"], clock["currency"], clock["in_stock"]) == (1299.0, "USD", False)
    assert "price" not in by_id(feed)["SKU-3"].said


def test_google_a_cell_of_several_lines_a_sale_that_is_over_and_rows_that_will_not_do() -> None:
    feed = read("google.tsv")
    rows = by_id(feed)
    text = 'A light shirt. Tabs & "quotes" in a cell,\nand a second line.'
    assert rows["SKU-1-red"].said["description"] == text
    assert rows["SKU-1-blue"].said["price"] == 39.9
    assert rows["SKU-3"].photos is None
    assert [line for line, _ in bad(feed)] == [7, 8, 9]
    reasons = [reason for _, reason in bad(feed)]
    assert reasons[0] == "price must be an amount such as 19.99 EUR, not 'on request'"
    assert reasons[1].startswith("availability must be one of in_stock, out_of_stock,")
    assert reasons[2] == "this product is told of in line 5 already"


def test_google_a_sale_counts_while_it_lasts() -> None:
    table = "id\ttitle\tavailability\tprice\tsale_price\tsale_price_effective_date\n"
    table += "a\tA\tin_stock\t9 EUR\t5 EUR\t{}\n"
    for dates, price in (
        ("2026-04-01T00:00+0100/2026-06-01T00:00+0100", 5.0),
        ("2026-06-01T00:00+0100/2026-07-01T00:00+0100", 9.0),
        ("no date/at all", 5.0),
        ("", 5.0),
    ):
        assert by_id(of_text(table.format(dates)))["a"].said["price"] == price


def test_google_items_of_one_line_and_one_without_an_id() -> None:
    feed = read("google-rss.xml")
    assert list(by_id(feed)) == ["SKU-1-red", "SKU-2", "SKU-3"]
    assert bad(feed) == [
        (26, "id is required"),
        (29, "this product is told of in line 25 already"),
    ]


def test_google_in_atom_has_names_of_atoms_own() -> None:
    feed = read("google-atom.xml")
    [sweater] = feed.rows()
    assert isinstance(sweater, Row)
    assert sweater.product_id == "1a"
    assert sweater.said["description"] == "Comfortable and soft."
    assert sweater.said["attributes"] == {"condition": "new", "link": "https://shop.example/1a"}


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]><rss><item>&l9;</item></rss>', "DOCTYPE"),
        ('<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>', "DOCTYPE"),
        ('<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd"><rss/>', "DOCTYPE"),
        ("<html><body/></html>", "neither RSS nor Atom"),
        ("<rss><channel><item><title>A</title></channel></rss>", "not well-formed"),
        ("<rss><item><title>A&nbsp;B</title></item></rss>", "not well-formed"),
        ("<rss><g:id>1</g:id></rss>", "not well-formed"),
        (f"<rss>{'<a>' * 100}", "more than is read"),
        (f"<rss><item><title>{'x' * (2**20 + 1)}</title></item></rss>", "more than is read"),
        ("<rss>", "not well-formed"),
    ],
)
def test_xml_that_is_not_read_says_why(xml: str, reason: str) -> None:
    assert reason in bad(of_text(xml))[-1][1]


def test_xml_says_its_own_encoding() -> None:
    xml = '<?xml version="1.0" encoding="{}"?><rss xmlns:g="http://base.google.com/ns/1.0"><item>'
    xml += "<g:id>é</g:id><title>Möbel</title></item></rss>"
    for encoding in ("iso-8859-1", "windows-1252", "utf-16", "utf-8"):
        raw = xml.format(encoding).encode(encoding)
        feed = of_bytes(gzip.compress(raw))
        assert by_id(feed)["é"].said["name"] == "Möbel"
