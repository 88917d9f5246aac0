"""Feeds that are taken in: once a version, over what is known, and never begun again."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from core import importing
from core.errors import IndexUnavailable, Unavailable
from core.product import Listing, Origin, Product
from tests.importing_bench import FEED, REPORT, Importing
from tests.photos import jpeg


@pytest.fixture
def bench() -> Importing:
    return Importing()


def test_rows_become_products_and_a_report_says_so(bench: Importing) -> None:
    bench.feed("mug,Mug,9", "cup,Cup,")
    settled = bench.feeds.settle(FEED)
    assert (settled.changed, settled.rejected) == (True, ())
    assert bench.get("mug") == Listing(product=Product(id="mug", name="Mug", price=9.0))
    assert bench.get("cup").product == Product(id="cup", name="Cup")
    said = bench.report()
    assert (said["feed"], said["done"], said["taken"], said["bad"]) == (FEED, True, 2, 0)


def test_a_row_counts_over_what_is_known_and_leaves_the_rest(bench: Importing) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.facts("images/mug.json", name="By sidecar", category="mugs")
    bench.indexing.settle("mug")
    bench.feed("mug,By feed,9")
    bench.feeds.settle(FEED)
    mug = bench.get("mug")
    assert mug.product == Product(id="mug", name="By feed", category="mugs", price=9.0)
    assert [photo.key for photo in mug.photos] == ["images/mug.jpg"]
    assert mug.origin is Origin.API  # it stays when its photo goes
    assert not bench.indexing.settle("mug").changed


def test_bad_rows_are_told_and_listed_and_the_others_taken(bench: Importing) -> None:
    bench.feed("mug,Mug,9", "cup,Cup,cheap", "pan,Pan,5", ",,1")
    [rejected] = bench.feeds.settle(FEED).rejected
    assert rejected.key == FEED
    assert rejected.reason.startswith("2 of 4 rows were not taken (line 3: ")
    assert bench.names() == {"mug": "Mug", "pan": "Pan"}
    assert [row["line"] for row in bench.report()["bad_rows"]] == [3, 5]
    again = bench.another().settle(FEED)
    assert (again.changed, again.rejected) == (False, (rejected,))
    bench.feed("mug,Mug,9", "cup,Cup,4")
    assert bench.feeds.settle(FEED).rejected == ()
    assert bench.get("cup").product.price == 4.0


def test_an_event_that_comes_again_does_not_say_it_again(bench: Importing) -> None:
    bench.feed("mug,By feed,9", "cup,Cup,9")
    bench.feeds.settle(FEED)
    bench.indexing.put_product(Product(id="mug", name="Said later"))
    bench.indexing.remove_product("cup")
    assert not bench.another().settle(FEED).changed
    assert bench.names() == {"mug": "Said later"}
    bench.feed("mug,By the next feed,9")
    assert bench.feeds.settle(FEED).changed
    assert bench.names() == {"mug": "By the next feed"}


def test_rows_that_say_nothing_new_write_nothing(bench: Importing) -> None:
    bench.feed("mug,Mug,9", "cup,Cup,9")
    bench.feeds.settle(FEED)
    bench.feed("cup,Cup,9", "mug,Another mug,9")
    with patch.object(bench.indexing, "put_product") as put:
        bench.feeds.settle(FEED)
    [call] = put.call_args_list
    assert call.args == (Product(id="mug", name="Another mug", price=9.0),)


def test_a_feed_that_is_gone_takes_nothing_with_it(bench: Importing) -> None:
    bench.feed("mug,Mug,9")
    bench.feeds.settle(FEED)
    bench.photos.delete(FEED)
    settled = bench.feeds.settle(FEED)
    assert (settled.changed, settled.rejected) == (False, ())
    assert bench.names() == {"mug": "Mug"}


def test_a_feed_that_is_too_large_says_so(
    bench: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_FEED_BYTES", 200)
    bench.feed(*(f"mug-{number},Mug,9" for number in range(50)))
    for feeds in (bench.feeds, bench.another()):
        [rejected] = feeds.settle(FEED).rejected
        assert "200 bytes" in rejected.reason
    assert bench.names() == {}


def test_what_was_cut_off_goes_on_from_its_report(bench: Importing) -> None:
    bench.feed(*(f"p{number},P{number},{'x' if number == 4 else number}" for number in range(95)))
    put, puts = bench.indexing.put_product, iter(range(1000))

    def fails(product: Product) -> Listing:
        if next(puts) == 42:
            raise IndexUnavailable("The index is away.")
        return put(product)

    generation = bench.cache.get("answer", "products").generation
    bench.cache.put("answer", b"nothing", 60, "products", generation)
    with patch.object(bench.indexing, "put_product", fails):
        with pytest.raises(IndexUnavailable):
            bench.feeds.settle(FEED)
        said = bench.report()
        assert (said["done"], said["bad"]) == (False, 1)
        assert 30 < said["taken"] == said["rows"] - 1 <= 43
        assert bench.feeds.unsettled() == [FEED]
        assert bench.another().settle(FEED).changed
    said = bench.report()
    assert (said["done"], said["taken"], said["bad"]) == (True, 94, 1)
    assert len(bench.names()) == 94
    assert bench.feeds.unsettled() == []
    assert bench.cache.get("answer", "products").value is None


def test_one_that_is_killed_goes_on_from_what_it_wrote_last(
    bench: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_ROWS", 10)
    bench.feed(*(f"p{number},P{number},1" for number in range(95)))
    with (
        patch.object(bench.feeds, "_write", side_effect=[None, None, SystemExit, None]) as write,
        pytest.raises(SystemExit),
    ):
        bench.feeds.settle(FEED)
    assert [call.args[0].rows for call in write.call_args_list][2:] == [30, 30]
    assert bench.another().settle(FEED).changed
    assert (len(bench.names()), bench.report()["rows"]) == (95, 95)


def test_a_door_that_closes_leaves_the_rest_to_the_next_look(bench: Importing) -> None:
    bench.feed(*(f"p{number},P{number},1" for number in range(95)))
    left = iter([True] * 30)
    with pytest.raises(Unavailable, match="30 of its rows are done with"):
        bench.feeds.settle(FEED, lambda: next(left, False))
    assert len(bench.names()) == 30
    assert bench.another().settle(FEED).rejected == ()
    assert (len(bench.names()), bench.report()["taken"]) == (95, 95)


@pytest.mark.parametrize("report", [b"", b"{}", b'{"feed": 7}', b"\xff", b'{"feed": "\xff"}'])
def test_a_report_that_makes_no_sense_is_none(bench: Importing, report: bytes) -> None:
    bench.feed("mug,Mug,9")
    bench.drop(REPORT, report)
    assert bench.feeds.unsettled() == [FEED]
    assert bench.feeds.settle(FEED).changed
    assert bench.report()["done"]


def test_a_report_lists_so_many_bad_rows_and_counts_all(
    bench: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_MOST_TOLD", 7)
    bench.feed(*(f"p{number},P,cheap" for number in range(20)))
    bench.feeds.settle(FEED)
    said = bench.report()
    assert (said["bad"], len(said["bad_rows"])) == (20, 7)
