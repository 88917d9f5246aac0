"""The example of a shop's backend, run beside a real search."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.clients.conftest import ADMIN, SECRET
from tests.e2e.running import ROOT, RunningShop, eventually, free_port, running_shop
from tests.photos import jpeg

EXAMPLE = ROOT / "clients" / "shop_backend"


def environment(url: str, port: int) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": f"{ROOT / 'clients'}:{ROOT / 'clients' / 'python'}",
        "LIKENESS_URL": url,
        "LIKENESS_KEY": ADMIN,
        "WEBHOOK_SECRET": SECRET,
        "PORT": str(port),
    }


def opens(pages: httpx.Client) -> bool:
    try:
        return pages.get("/").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def pages(url: str) -> Iterator[httpx.Client]:
    with shop(url) as pages:
        yield pages


class shop:  # noqa: N801
    """The example as a process of its own, at a search."""

    def __init__(self, url: str) -> None:
        port = free_port()
        self._command = [sys.executable, "-m", "shop_backend"]
        self._environment = environment(url, port)
        self._pages = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def __enter__(self) -> httpx.Client:
        self._process = subprocess.Popen(self._command, env=self._environment)
        eventually(lambda: opens(self._pages), 30)
        return self._pages

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        self._pages.close()


def products_in(page: str) -> list[str]:
    return re.findall(r'<li><a href="/product/([^"]+)"', page)


def test_searching(pages: httpx.Client) -> None:
    page = pages.get("/", params={"q": "red mug"}).text
    assert products_in(page)[0] == "mug-red"
    assert re.search(r'<img src="http://127[^"]+mug-red', page)
    narrowed = pages.get("/", params={"q": "mug", "category": "no-such"}).text
    assert products_in(narrowed) == []
    by_photo = pages.post("/photo", files={"photo": jpeg(1)}).text
    assert products_in(by_photo)[0] == "mug-blue"
    assert "no photo" in pages.post("/photo", files={"photo": b"no photo at all"}).text


def test_what_is_typed_is_text(pages: httpx.Client) -> None:
    page = pages.get("/", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>" not in page
    assert "&quot;&gt;&lt;script&gt;" in page


def test_a_product_and_what_looks_like_it(pages: httpx.Client) -> None:
    page = pages.get("/product/mug-red").text
    assert "You may also like" in page
    assert {"mug-blue", "mug-green"} <= set(products_in(page))
    assert "mug-red" not in products_in(page)
    assert pages.get("/product/no-such").status_code == 404


def test_the_search_hears_of_what_the_back_office_changes(
    pages: httpx.Client, running: RunningShop
) -> None:
    lamp = {"id": "lamp/1", "name": "Lamp", "price": 5, "attributes": {"of": "brass"}}
    running.client.put("/products/lamp%2F1", json=lamp).raise_for_status()
    try:
        assert 'value="5"' in pages.get("/back-office/lamp%2F1").text
        changed = pages.post("/back-office/lamp%2F1", data={"price": "7.5"})
        assert (changed.status_code, changed.has_redirect_location) == (303, True)
        told = running.product("lamp%2F1")
        assert told is not None
        assert (told["price"], told["in_stock"], told["attributes"]) == (
            7.5,
            False,
            lamp["attributes"],
        )
        assert "7.50, sold out" in pages.get(changed.headers["location"]).text
        assert pages.post("/back-office/lamp%2F1", data={"price": "much"}).status_code == 422
    finally:
        running.client.delete("/products/lamp%2F1")


def test_the_shop_stays_open_when_the_search_is_away(tmp_path: Path) -> None:
    with running_shop(tmp_path) as search, shop(str(search.client.base_url)) as pages:
        search.kill()
        assert "away for a moment" in pages.get("/", params={"q": "mug"}).text
        assert pages.get("/product/mug").status_code == 503


def test_sync_tells_all_once_and_then_what_changed(
    url: str, running: RunningShop, tmp_path: Path
) -> None:
    listed = tmp_path / "products.csv"
    shutil.copy(EXAMPLE / "products.csv", listed)

    def synced(status: int = 0) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "shop_backend.sync", str(listed)],
            env=environment(url, 1),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == status, ran.stderr
        return ran.stdout

    assert synced() == "3 told, 0 gone, 0 wrong\n"
    assert synced() == "0 told, 0 gone, 0 wrong\n"
    listed.write_text(listed.read_text().replace("Red ribbon", "Blue ribbon"))
    assert synced() == "1 told, 0 gone, 0 wrong\n"
    ribbon = running.product("office-ribbon")
    assert ribbon is not None and ribbon["name"] == "Blue ribbon"
    head, *rows = listed.read_text().splitlines()
    listed.write_text("\n".join([head, rows[0].replace("EUR", "euros")]))
    said = synced(status=1)
    assert said.startswith("0 told, 2 gone, 1 wrong\noffice-gift-card: invalid_request")
    assert running.product("office-ribbon") is None
    listed.write_text(head)
    assert synced() == "0 told, 1 gone, 0 wrong\n"
