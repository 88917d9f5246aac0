"""`scripts.sync`: what lies in the bucket is indexed, whatever happens on the way."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.stores.dynamodb_generations import Generations
from tests.aws import LocalAws
from tests.e2e.deployed import Deployed, deployed
from tests.photos import jpeg
from tests.tables import items

MANY = 120


@pytest.fixture
def shop(aws: LocalAws, tmp_path: Path) -> Iterator[Deployed]:
    with deployed(aws, tmp_path) as shop:
        yield shop


def fill(shop: Deployed, count: int, name: str = "p") -> None:
    for number in range(count):
        shop.bucket.put(f"images/{name}{number}.jpg", jpeg(number))


def test_it_says_what_it_would_do_does_it_and_then_has_nothing_to_do(
    shop: Deployed, aws: LocalAws
) -> None:
    fill(shop, 3)
    assert shop.run("sync").code == 0
    shop.bucket.put("images/new one.jpg", jpeg(4))
    shop.bucket.put("images/p0.json", b'{"name": "A mug", "price": 5}')
    shop.bucket.photos.delete("images/p1.jpg")

    told = shop.run("sync", "--dry-run")
    assert told.code == 0, told.err
    would = dict(line.split("\t")[::-1] for line in told.out.splitlines())
    assert would == {"new one": "added", "p0": "changed", "p1": "removed"}
    assert "1 added, 1 changed, 1 removed" in told.err
    assert set(shop.catalogue()) == {"p0", "p1", "p2"}  # it said, and did not do
    before = items(aws, shop.table)

    done = shop.run("sync")
    assert done.code == 0, done.err
    assert "1 added, 1 changed, 1 removed" in done.out
    now = shop.catalogue()
    assert set(now) == {"new one", "p0", "p2"}
    assert (now["p0"].product.name, now["p0"].product.price) == ("A mug", 5)
    generation = Generations.place("products")  # cached answers went out of date
    assert [one for one in items(aws, shop.table) if one["pk"]["S"] == generation] != before

    before = items(aws, shop.table)
    again = shop.run("sync")
    assert (again.code, again.out) == (0, done.out.replace("1", "0"))
    assert items(aws, shop.table) != before  # one killed at the very end could not tell the cache


def test_ctrl_c_leaves_what_is_done_and_the_next_run_does_the_rest(shop: Deployed) -> None:
    fill(shop, MANY)
    stopped = shop.interrupted("sync", "--at-once", "1", when=lambda: len(shop.catalogue()) > 3)
    assert stopped.code == 130, stopped.err
    assert "same command does the rest" in stopped.err
    assert "stopped at" in stopped.err
    done = len(shop.catalogue())
    assert 3 < done < MANY
    assert f"{done} added" in stopped.out

    rest = shop.run("sync")
    assert rest.code == 0, rest.err
    assert f"{MANY - done} added" in rest.out
    assert f"{MANY - done}/{MANY - done}" in rest.err  # the bar's last line
    assert len(shop.catalogue()) == MANY


def test_killed_it_goes_on_as_well(shop: Deployed) -> None:
    fill(shop, 40)
    with shop.started("sync", "--at-once", "1") as process:
        while len(shop.catalogue()) < 3:
            assert process.poll() is None
        process.kill()
    assert shop.run("sync").code == 0
    assert {len(one.photos) for one in shop.catalogue().values()} == {1}
    assert len(shop.catalogue()) == 40


def test_what_can_not_be_used_is_told_and_listed_and_the_rest_is_done(
    shop: Deployed, tmp_path: Path
) -> None:
    fill(shop, 2)
    shop.bucket.put("images/bad one.jpg", b"no photo")
    shop.bucket.put("images/p1.json", b'{"price": "cheap"}')
    report = tmp_path / "not-indexed.csv"
    done = shop.run("sync")
    assert done.code == 1, done.err
    assert set(shop.catalogue()) == {"p0", "p1"}
    with report.open(newline="") as file:
        told = {row["name"]: row["reason"] for row in csv.DictReader(file)}
    assert set(told) == {"images/bad one.jpg", "images/p1.json"}
    assert "price" in told["images/p1.json"]
    for key, reason in told.items():
        assert f"{key}: {reason}" in done.out

    shop.bucket.put("images/bad one.jpg", jpeg(9))
    shop.bucket.put("images/p1.json", b'{"price": 3}')
    assert shop.run("sync").code == 0
    assert not report.exists()


@pytest.mark.parametrize(
    ("arguments", "found"),
    [(["--prefix", "b"], {"b0", "b1"}), (["a1", "b0"], {"a1", "b0"}), (["nothing"], set())],
)
def test_only_what_was_asked_for(shop: Deployed, arguments: list[str], found: set[str]) -> None:
    fill(shop, 2, "a")
    fill(shop, 2, "b")
    done = shop.run("sync", *arguments)
    assert done.code == 0, done.err
    assert set(shop.catalogue()) == found


def test_feeds_are_taken_in_too(shop: Deployed) -> None:
    shop.bucket.put("feeds/spring.csv", b"id,name,price\nmug,A mug,5\ncup,A cup,x\n")
    assert shop.run("sync", "--dry-run").out == "taken in\tfeeds/spring.csv\n"
    done = shop.run("sync")
    assert done.code == 1
    assert "1 taken in" in done.out
    assert "feeds/spring.csv: 1 of 2 rows were not taken" in done.out
    assert shop.catalogue()["mug"].product.price == 5
    assert shop.run("sync", "--dry-run").out == ""


def test_a_bucket_that_is_not_there_ends_it_with_a_word(shop: Deployed) -> None:
    done = shop.run("sync", IMAGE_BUCKET="another")
    assert done.code == 2
    assert "bucket_unavailable" in done.err
    assert "Traceback" not in done.err


def test_an_index_that_goes_away_half_way_ends_it_and_the_next_run_goes_on(shop: Deployed) -> None:
    fill(shop, MANY)
    with shop.started("sync", "--at-once", "12") as process:
        while len(shop.catalogue()) < 3:
            assert process.poll() is None
        shop.qdrant.stop()
        _, err = process.communicate(timeout=120)
    assert process.returncode == 2, err
    assert "in a row" in err
    shop.qdrant.start()
    assert shop.run("sync").code == 0
    assert len(shop.catalogue()) == MANY


def test_a_laptop_syncs_its_folder(tmp_path: Path, shop: Deployed) -> None:
    images = tmp_path / "bucket" / "images"
    images.mkdir(parents=True)
    (images / "mug.jpg").write_bytes(jpeg(1))
    here = {"IMAGE_BUCKET": "", "CACHE_TABLE": "", "QDRANT_URL": "", "QDRANT_API_KEY": ""}
    assert shop.run("sync", "--dry-run", **here).out == "added\tmug\n"
    assert "1 added" in shop.run("sync", **here).out
    assert "0 added" in shop.run("sync", **here).out
