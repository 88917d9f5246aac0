"""Which messages fail, and what is left of a batch when something does."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import BucketUnavailable
from tests.bucket_door import Door
from tests.bucket_messages import notification, record
from tests.photos import jpeg


@pytest.fixture
def bench() -> Door:
    return Door()


def test_a_product_is_looked_at_once_a_batch(bench: Door) -> None:
    for key in ("images/mug/a.jpg", "images/mug/b.jpg", "images/cup.jpg"):
        bench.drop(key, jpeg(1))
    told = ["images/mug/a.jpg", "images/cup.jpg", "images/mug/b.jpg", "images/mug/a.jpg"]
    done = bench.process([notification(key) for key in told])
    assert sorted(bench.looks) == ["cup", "mug"]
    assert (done.failed, done.products, len(done.delays)) == ({}, 2, 2)
    assert bench.found() == {"cup", "mug"}


def test_a_file_that_can_not_be_used_fails_alone_and_says_why(bench: Door) -> None:
    keys = ["images/mug/good.jpg", "images/mug/bad.jpg", "images/cup.jpg"]
    for key in keys:
        bench.drop(key, b"no photo" if "bad" in key else jpeg(1))
    told = [notification(key) for key in keys]
    for _ in range(2):
        done = bench.process(told)
        assert list(done.failed) == ["m1"]
        assert "images/mug/bad.jpg" in done.failed["m1"]
        assert bench.found() == {"mug", "cup"}
    bench.drop("images/mug/bad.jpg", jpeg(2))
    assert bench.process(told).failed == {}


def test_a_message_fails_with_any_of_its_objects(bench: Door) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.drop("images/cup.jpg", b"no photo")
    assert list(bench.process([notification("images/mug.jpg", "images/cup.jpg")]).failed) == ["m0"]


def test_a_broken_sidecar_fails_before_its_photo_comes_and_after(bench: Door) -> None:
    bench.drop("images/mug.json", b"{")
    assert list(bench.process([notification("images/mug.json")]).failed) == ["m0"]
    bench.drop("images/mug.jpg", jpeg(1))
    done = bench.process([notification("images/mug.jpg"), notification("images/mug.json")])
    assert list(done.failed) == ["m1"]


def test_a_sidecar_that_another_stood_in_for_is_told_when_that_goes(bench: Door) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.drop("images/mug.json", b"{")
    bench.drop("images/mug/product.json", b"{}")
    assert bench.process([notification("images/mug.json")]).failed == {}
    bench.photos.delete("images/mug/product.json")
    done = bench.process([notification("images/mug/product.json", name="ObjectRemoved:Delete")])
    assert "images/mug.json" in done.failed["m0"]


def test_a_broken_sidecar_counts_no_more_when_another_takes_its_place(bench: Door) -> None:
    bench.drop("images/mug.json", b"{")
    assert list(bench.process([notification("images/mug.json")]).failed) == ["m0"]
    bench.drop("images/mug/product.json", b"{}")
    told = ["images/mug/product.json", "images/mug.json"]
    assert bench.process([notification(key) for key in told]).failed == {}


def test_a_photo_with_metadata_that_do_not_fit_is_found_and_fails(bench: Door) -> None:
    bench.photos.put("images/mug.jpg", jpeg(1), "image/jpeg", {"price": "cheap"})
    assert "price" in bench.process([notification("images/mug.jpg")]).failed["m0"]
    assert bench.found() == {"mug"}


def test_junk_fails_and_the_rest_does_not(bench: Door) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    done = bench.process(["junk", notification("images/mug.jpg"), notification("feeds/a.csv")])
    assert list(done.failed) == ["m0"]
    assert bench.found() == {"mug"}


@pytest.mark.parametrize("error", [BucketUnavailable("The bucket is down."), ValueError("a bug")])
def test_one_products_trouble_is_its_own(bench: Door, error: Exception) -> None:
    for key in ("images/mug/a.jpg", "images/mug/b.jpg", "images/cup.jpg"):
        bench.drop(key, jpeg(1))

    def fails(product_id: str) -> None:
        if product_id == "mug":
            raise error

    bench.fails = fails
    told = ["images/mug/a.jpg", "images/cup.jpg", "images/mug/b.jpg"]
    done = bench.process([notification(key) for key in told])
    assert sorted(done.failed) == ["m0", "m2"]
    assert all("a bug" not in reason for reason in done.failed.values())
    assert bench.found() == {"cup"}


def test_what_there_is_no_time_for_comes_again(bench: Door) -> None:
    """Looks are taken up until the time is short; what was taken up is finished."""
    for number in range(20):
        bench.drop(f"images/p{number:02}.jpg", jpeg(number))
    left, lock = 9, threading.Lock()

    def seconds_left() -> float:
        nonlocal left
        with lock:
            left -= 1
            return 60.0 if left >= 0 else 1.0

    told = [notification(f"images/p{number:02}.jpg") for number in range(20)]
    done = bench.process(told, seconds_left)
    assert (done.products, len(done.failed), len(bench.found())) == (9, 11, 9)
    assert bench.process(told).failed == {}
    assert len(bench.found()) == 20


def test_a_delay_is_counted_from_a_products_first_event(bench: Door) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    now = datetime.now(UTC).timestamp()
    bodies = [
        json.dumps({"Records": [record("images/mug.jpg", at=_told(now - ago))]})
        for ago in (5, 30, -99)
    ]
    [delay] = bench.process(bodies).delays
    assert 30 <= delay < 60
    assert bench.process(bodies).delays == []  # nothing changed, so nobody waited


def _told(seconds: float) -> Any:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
