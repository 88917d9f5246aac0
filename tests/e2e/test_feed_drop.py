"""Feeds dropped into the folder of a running shop, and while none is running."""

from __future__ import annotations

import gzip
import json
import signal
from collections.abc import Callable
from pathlib import Path

from tests.e2e.running import ROOT, RunningShop, eventually, running_shop


def drop(data_dir: Path, name: str, rows: str) -> None:
    folder = data_dir / "bucket" / "feeds"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"id,name,price\n{rows}\n")


def reports(data_dir: Path) -> set[str]:
    """The feeds that are done with."""
    found = (data_dir / "bucket" / "reports" / "feeds").glob("[a-z]*.csv.json")
    return {
        one.name.removesuffix(".csv.json") for one in found if '"done": true' in one.read_text()
    }


def says(shop: RunningShop, product_id: str, name: str) -> bool:
    product = shop.product(product_id)
    return product is not None and product["name"] == name


def test_a_feed_is_taken_in_once_whenever_it_was_dropped(tmp_path: Path) -> None:
    drop(tmp_path, "first.csv", "kettle,A copper kettle,40")
    with running_shop(tmp_path) as shop:
        eventually(lambda: says(shop, "kettle", "A copper kettle"), 30)
        drop(tmp_path, "second.csv", "kettle,A steel kettle,30\ncup,A cup,cheap")
        eventually(lambda: says(shop, "kettle", "A steel kettle"), 30)
        [hit] = shop.search("kettle", top_k=1)
        assert (hit["product_id"], hit["price"]) == ("kettle", 30)
        put = shop.client.put("/products/kettle", json={"name": "Sold out", "in_stock": False})
        put.raise_for_status()
        drop(tmp_path, "third.csv", "pot,A pot,5")
        eventually(lambda: says(shop, "pot", "A pot"), 30)
        eventually(lambda: reports(tmp_path) == {"first", "second", "third"}, 30)
        shop.kill()
    with running_shop(tmp_path) as shop:
        drop(tmp_path, "fourth.csv", "pan,A pan,5")
        eventually(lambda: says(shop, "pan", "A pan"), 30)
        assert says(shop, "kettle", "Sold out")
        assert shop.product("cup") is None


def test_a_feed_of_google_is_one_whatever_it_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "bucket" / "feeds"
    folder.mkdir(parents=True)
    fixture = ROOT / "tests" / "fixtures" / "feeds" / "google-atom.xml"
    with running_shop(tmp_path) as shop:
        (folder / "shop.xml.gz").write_bytes(gzip.compress(fixture.read_bytes()))
        report = tmp_path / "bucket" / "reports" / "feeds" / "shop.xml.gz.json"
        eventually(lambda: report.exists() and '"done": true' in report.read_text(), 60)
        assert says(shop, "1a", "Red wool sweater")
        said = json.loads(report.read_text())
        assert (said["format"], said["taken"], said["incomplete"]) == ("google", 1, 1)
        assert "public internet" in said["bad_rows"][0]["reason"]  # which is not to be had here


def test_ctrl_c_does_not_wait_for_a_long_feed_and_the_next_start_goes_on(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    count = 2500
    with running_shop(tmp_path) as shop:
        drop(tmp_path, "long.csv", "\n".join(f"p{n},Product number {n},{n}" for n in range(count)))
        eventually(lambda: told(tmp_path)["rows"] >= 500, 60)
        assert shop.end(signal.SIGINT) == 0
    cut_off = told(tmp_path)
    assert not cut_off["done"]
    assert cut_off["taken"] < count
    with running_shop(tmp_path) as shop:
        took = eventually(lambda: bool(told(tmp_path)["done"]), 100)
        assert len(shop.catalogue()) == count
    assert told(tmp_path)["taken"] == count
    record_property("a feed's rows, taken in", f"{(count - cut_off['taken']) / took:.0f}/s")


def told(data_dir: Path) -> dict[str, int]:
    report = data_dir / "bucket" / "reports" / "feeds" / "long.csv.json"
    return dict(json.loads(report.read_text())) if report.exists() else {"rows": 0}
