"""Feeds that tell of photos by their addresses, and of products that are no longer for sale."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import msgspec
import pytest

from core.errors import Unavailable
from core.product import Product
from tests.importing_bench import FEED, Importing
from tests.photos import jpeg


@pytest.fixture
def bench() -> Importing:
    return Importing()


COLUMNS = "id,name,image_urls"
WEB = "https://photos.example/"


def test_photos_are_fetched_once_and_those_that_go_from_the_feed_go(bench: Importing) -> None:
    bench.feed(f'mug,Mug,"{WEB}1.jpg,{WEB}2.jpg"', f"cup,Cup,{WEB}3.jpg", columns=COLUMNS)
    assert bench.feeds.settle(FEED).rejected == ()
    assert bench.shown("mug") == [jpeg(1), jpeg(2)]
    assert len(bench.fetched) == 3
    bench.fetched.clear()
    bench.feed(f'mug,Red mug,"{WEB}1.jpg,{WEB}4.jpg"', f"cup,Cup,{WEB}3.jpg", columns=COLUMNS)
    assert bench.feeds.settle(FEED).rejected == ()
    assert bench.fetched == [f"{WEB}4.jpg"]
    assert bench.shown("mug") == [jpeg(1), jpeg(4)]
    assert bench.names() == {"mug": "Red mug", "cup": "Cup"}


def test_photos_that_are_all_there_are_not_even_looked_for(bench: Importing) -> None:
    bench.feed(f"mug,Mug,{WEB}1.jpg", columns=COLUMNS)
    bench.feeds.settle(FEED)
    bench.feed(f"mug,Cup,{WEB}1.jpg", columns=COLUMNS)
    with patch.object(bench.photos, "of_product") as looked_for:
        bench.feeds.settle(FEED)
    assert not looked_for.called
    assert bench.names() == {"mug": "Cup"}


def test_what_is_told_while_photos_are_fetched_is_not_undone(bench: Importing) -> None:
    def told_meanwhile(url: str) -> bytes:
        lamp = bench.index.get("lamp")
        assert lamp is not None
        cheaper = msgspec.structs.replace(lamp.product, price=2.0)
        with ThreadPoolExecutor(1) as another:
            another.submit(bench.indexing.put_product, cheaper).result(10)
        return bench.web[url]

    bench.indexing.put_product(Product(id="lamp", name="Lamp", price=1.0))
    bench.feed(f"lamp,Brass lamp,{WEB}1.jpg", columns=COLUMNS)
    with patch.object(bench, "fetch", told_meanwhile):
        bench.another().settle(FEED)
    assert bench.shown("lamp") == [jpeg(1)]
    product = bench.get("lamp").product
    assert (product.name, product.price) == ("Brass lamp", 2.0)


def test_a_link_that_is_dead_is_told_and_keeps_nothing_else_from_coming(bench: Importing) -> None:
    bench.web[f"{WEB}page.html"] = b"<html>"
    bench.feed(
        f'mug,Mug,"{WEB}1.jpg,{WEB}gone.jpg,{WEB}2.jpg"',
        f"cup,Cup,{WEB}page.html",
        f"a/b,Pan,{WEB}3.jpg",
        f"pot,Pot,{WEB}4.jpg",
        columns=COLUMNS,
    )
    [rejected] = bench.feeds.settle(FEED).rejected
    assert bench.shown("mug") == [jpeg(1), jpeg(2)]
    assert bench.shown("pot") == [jpeg(4)]
    assert bench.names() == {"mug": "Mug", "cup": "Cup", "a/b": "Pan", "pot": "Pot"}
    said = bench.report()
    assert (said["taken"], said["bad"], said["incomplete"]) == (4, 0, 3)
    assert [(row["line"], row["product_id"]) for row in said["bad_rows"]] == [
        (2, "mug"),
        (3, "cup"),
        (4, "a/b"),
    ]
    assert said["bad_rows"][0]["reason"] == (f"{WEB}gone.jpg: The photo's server answered 404.")
    assert rejected.reason.startswith("0 of 4 rows were not taken, 3 not with all of their photos")
    assert f"{WEB}3.jpg" not in bench.fetched


def test_a_photo_stays_until_the_one_that_takes_its_place_can_be_had(bench: Importing) -> None:
    bench.feed(f"mug,Mug,{WEB}1.jpg", columns=COLUMNS)
    bench.feeds.settle(FEED)
    bench.feed(f"mug,Mug,{WEB}gone.jpg", columns=COLUMNS)
    bench.feeds.settle(FEED)
    assert bench.shown("mug") == [jpeg(1)]


def test_of_very_many_photos_the_first_are_taken_and_that_is_told(bench: Importing) -> None:
    bench.feed(f'mug,Mug,"{",".join(f"{WEB}{n}.jpg" for n in range(12))}"', columns=COLUMNS)
    assert bench.feeds.settle(FEED).rejected == ()
    assert bench.shown("mug") == [jpeg(number) for number in range(8)]
    assert bench.report()["crowded"] == 1


def test_a_door_that_closes_asks_for_no_more_photos(bench: Importing) -> None:
    bench.feed(*(f'p{n},P,"{WEB}1.jpg,{WEB}2.jpg"' for n in range(40)), columns=COLUMNS)
    with pytest.raises(Unavailable):
        bench.feeds.settle(FEED, lambda: len(bench.fetched) < 7)
    assert len(bench.fetched) < 16
    assert bench.another().settle(FEED).rejected == ()
    assert len(bench.names()) == 40


SHOPIFY = "Handle,Title,Published,Variant Price,Status,Image Src"


def test_what_is_no_longer_for_sale_goes_with_the_photos_that_came_so(bench: Importing) -> None:
    rows = [f"mug,Mug,true,5,active,{WEB}1.jpg", f"cup,Cup,true,5,active,{WEB}2.jpg"]
    bench.feed(*rows, columns=SHOPIFY)
    bench.feeds.settle(FEED)
    bench.drop("images/cup/own.jpg", jpeg(20))
    bench.indexing.settle("cup")
    gone = [row.replace("active", "archived") for row in rows]
    bench.feed(*gone, "pan,Pan,true,5,draft,", columns=SHOPIFY)
    [rejected] = bench.feeds.settle(FEED).rejected
    assert "line 3: it is not for sale, but has files of its own" in rejected.reason
    assert bench.names() == {"cup": "Cup"}
    assert bench.photos.of_product("mug") == []
    assert bench.shown("cup") == [jpeg(20), jpeg(2)]
    said = bench.report()
    assert (said["format"], said["withdrawn"], said["incomplete"]) == ("shopify", 3, 1)
    assert bench.indexing.unsettled() == []
