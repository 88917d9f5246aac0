"""`scripts.report`: the catalogue as a page, wherever the shop is, and whether it runs or not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.aws import LocalAws
from tests.clients.lines import Visit
from tests.e2e.deployed import deployed
from tests.e2e.running import ROOT, RunningShop, eventually, free_port, running_shop
from tests.fakes.troubled_aws import Request, line_to
from tests.photos import jpeg

HOSTILE = "<img src=x onerror=alert(1)> & \"a\" 'mug'"
KEYS = {"ADMIN_KEYS": "kitchen-table-2027-a", "SEARCH_KEYS": "window-shopper-2027"}


class Report(NamedTuple):
    code: int
    out: str
    err: str
    page: str


def report(data: Path, *arguments: str, **settings: str) -> Report:
    ran = subprocess.run(
        [sys.executable, "-m", "scripts.report", *arguments],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(data)} | settings,
        capture_output=True,
        text=True,
        timeout=120,
    )
    page = data / "report.html"
    told = page.read_text() if page.exists() else ""
    for key in KEYS.values():
        assert key not in ran.stdout + ran.stderr + told
    return Report(ran.returncode, ran.stdout, ran.stderr, told)


def figures(page: str) -> dict[str, int]:
    return {what: int(count) for count, what in re.findall(r"<b>([\d,]+)</b> ([a-z ]+)", page)}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that was stopped. To be looked at only: tests share it."""
    data = tmp_path_factory.mktemp("shop") / "data"
    with running_shop(data, **KEYS) as shop:
        stock(shop)
    return data


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def stock(shop: RunningShop) -> None:
    """Twelve photos of eleven products, of which two look the same and one is not for sale."""
    for number in range(10):
        (shop.images / f"p{number}.jpg").write_bytes(jpeg(number))
        facts = f'{{"name": "Thing {number}", "category": "things", "price": {number}.5}}'
        (shop.images / f"p{number}.json").write_text(facts)
    again = shop.images / "again"
    again.mkdir()
    for name in ("a", "b"):
        (again / f"{name}.jpg").write_bytes(jpeg(0))
    headers = {"X-API-Key": KEYS["ADMIN_KEYS"]}
    hostile = {"id": "<b>", "name": HOSTILE, "category": "<i>", "in_stock": False}
    told = shop.client.post("/products", json=hostile, headers=headers)
    told.raise_for_status()
    eventually(lambda: shop.client.get("/stats", headers=headers).json()["images"] == 12, 60)


def test_the_same_page_of_a_shop_that_runs_and_of_one_that_does_not(data: Path) -> None:
    port = str(free_port())
    with running_shop(data, PORT=port, QUERY_LOG="true", **KEYS) as shop:
        stock(shop)
        shop.client.headers["X-API-Key"] = KEYS["SEARCH_KEYS"]
        assert not shop.search("a purple sofa", price_max=0.1)
        running = report(data, PORT=port, **KEYS)
    stopped = report(data, **KEYS)
    for told in (running, stopped):
        assert told.code == 0, told.err
        assert (data / "report.html").stat().st_mode & 0o077 == 0
        assert "12 products, 12 photos: file:///" in told.out
        assert figures(told.page) == {
            "products": 12,
            "photos": 12,
            "categories": 2,
            "without a photo": 1,
            "without a price": 2,
            "without a category": 1,
            "out of stock": 1,
            "pairs alike": 2,
            "search in vain": 1,
        }
        assert told.page.count("the same photo") == 2  # of two products, and of one
        assert "All 12 photos were compared" in told.page
        assert "a purple sofa" in told.page
        assert told.page.count(' class=c1 title="') == 10
    assert f"the shop at http://127.0.0.1:{port}" in running.page
    assert "the index products in" in stopped.page
    assert "Looking at photos" in running.err and "Looking at photos" not in stopped.err


def test_what_the_shop_says_is_shown_and_nothing_is_asked_of_anybody(stocked: Path) -> None:
    page = report(stocked).page
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;a&quot; &#x27;mug&#x27;" in page
    assert "<img src=x" not in page and "<code>&lt;b&gt;</code>" in page
    assert set(re.findall(r"(?:src|href)=\"?(\w+:|#|/)", page)) == {"data:", "#"}
    assert not re.findall(r"url\(|@import|<link|<iframe|https?://", page)


def test_of_more_photos_than_are_compared_some_from_all_over(stocked: Path) -> None:
    told = report(stocked, "--photos", "5")
    assert told.code == 0, told.err
    assert "Of 12 photos, 5 were compared, evenly spread" in told.page
    assert "5 of the 12 photos" in told.page


def test_photos_that_are_gone_or_broken_leave_a_gap(stocked: Path, data: Path) -> None:
    shutil.copytree(stocked, data)
    (data / "bucket" / "images" / "p3.jpg").unlink()
    (data / "bucket" / "images" / "p4.jpg").write_bytes(b"no photo any more")
    told = report(data)
    assert told.code == 0, told.err
    assert "12 photos, of which 2 could not be read" in told.out
    assert told.page.count("<i style=") == 2


def test_a_shop_with_nothing_in_it(data: Path) -> None:
    with running_shop(data, **KEYS) as shop:
        eventually(lambda: shop.client.get("/health").status_code == 200, 30)
    told = report(data)
    assert (told.code, figures(told.page)["products"]) == (0, 0), told.err


def test_no_shop_at_all_is_not_made_by_looking(data: Path) -> None:
    told = report(data)
    assert told.code == 2
    assert "There is no catalogue yet" in told.err
    assert not list(data.rglob("made_for.json"))


def test_an_index_that_somebody_else_has_open_is_said(data: Path) -> None:
    with running_shop(data, **KEYS):
        told = report(data, PORT=str(free_port()))
    assert told.code == 2
    assert "is already open in process" in told.err and "--url" in told.err
    assert "Traceback" not in told.err and not told.page


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--url", "http://127.0.0.1:1/"], "Nobody answers at http://127.0.0.1:1/"),
        (["--queries", "/no/such/log"], "can't be read: No such file"),
        (["--alike", "2"], "must be between 0 and 1"),
    ],
)
def test_what_will_not_do_is_said(data: Path, arguments: list[str], why: str) -> None:
    told = report(data, *arguments)
    assert told.code == 2
    assert why in told.err and "Traceback" not in told.err


def test_a_page_that_can_not_be_written(stocked: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = report(stocked, "--out", str(tmp_path / "file" / "page.html"))
    assert told.code == 2
    assert "page.html can't be written" in told.err
    assert "Reading the catalogue" not in told.err  # it is said before there is work to lose


def test_a_shop_in_the_cloud(aws: LocalAws, tmp_path: Path) -> None:
    with deployed(aws, tmp_path) as shop:
        for number in range(3):
            shop.bucket.put(f"images/p{number}.jpg", jpeg(number))
        assert shop.run("sync").code == 0
        told = shop.run("report")
        assert told.code == 0, told.err
        page = (tmp_path / "report.html").read_text()
        assert figures(page)["photos"] == 3
        assert (
            page.count("data:image/jpeg;base64,") == 9
        )  # on the map, and twice for what is missing
        assert f"the index products in Qdrant at {shop.qdrant.url}" in page


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/stats", b"[1, 2]"),
        ("/stats", b'{"products": null}'),
        ("/products", b"<html>Welcome to this network</html>"),
        ("/products", b'{"products": [{"id": 7}], "next_cursor": null}'),
        ("/products", b'{"products": [7], "next_cursor": null}'),
    ],
)
def test_what_is_no_shop_is_told(tmp_path: Path, path: str, body: bytes) -> None:
    """But answers as one, at first."""
    usual = b'{"status": "healthy", "products": 1, "images": 1}'

    def answer(request: Request) -> None:
        request.reply(200, body if request.path.startswith(f"/api/v1{path}") else usual)

    with line_to(LocalAws("127.0.0.1", 1), Visit) as line:
        line.trouble = answer
        told = report(tmp_path, "--url", line.address.url)
    assert told.code == 2
    assert "This is no shop's API" in told.err and "Traceback" not in told.err
