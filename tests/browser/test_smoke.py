"""The page and the components do what they are for, in a browser: that at the very least."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.visit import at, visit
from tests.e2e.running import ROOT, RunningShop, eventually, free_port, running_shop
from tests.photos import jpeg

COUNT = 30
PICTURE = FilePayload(name="seen.jpg", mimeType="image/jpeg", buffer=jpeg(7))


@pytest.fixture(scope="module")
def other_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def shop(
    browser: Browser, other_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningShop]:
    data = tmp_path_factory.mktemp("shop") / "data"
    images = data / "bucket" / "images"
    images.mkdir(parents=True)
    for number in range(COUNT):
        (images / f"p{number}.jpg").write_bytes(jpeg(number))
        facts = {"name": f"Thing {number}", "price": number, "currency": "EUR"}
        (images / f"p{number}.json").write_text(json.dumps(facts | {"in_stock": number != 12}))
    with running_shop(data, CORS_ORIGINS=f"http://127.0.0.1:{other_port}") as shop:
        eventually(lambda: len(shop.catalogue()) == COUNT, 60)
        yield shop


def first_name(page: Page) -> str:
    return page.locator("likeness-search .card .link").first.inner_text()


def test_words_and_a_photo_find_products_with_their_pictures(
    browser: Browser, shop: RunningShop
) -> None:
    with visit(browser, at(shop, "/")) as page:
        cards = page.locator("likeness-search .card")
        expect(cards).to_have_count(24)
        page.keyboard.press("/")
        page.keyboard.type("thing 12")
        expect(page.get_by_role("heading", name="“thing 12”")).to_be_visible()
        assert first_name(page) == "Thing 12" and page.url.endswith("?q=thing+12")
        expect(cards.first).to_contain_text("Out of stock")
        drawn = "picture => picture.decode().then(() => picture.naturalWidth)"
        assert cards.first.locator("img").evaluate(drawn) == 160
        page.get_by_role("searchbox").fill("")
        page.get_by_label("Search with a picture").set_input_files([PICTURE])
        expect(page.get_by_role("heading", name="Like your picture")).to_be_visible()
        assert first_name(page) == "Thing 7"


def test_a_shop_elsewhere_has_both_components_under_a_strict_policy(
    browser: Browser, shop: RunningShop, other_port: int, tmp_path: Path
) -> None:
    address = str(shop.client.base_url.join("/")).rstrip("/")
    with example_shop(tmp_path, address, other_port) as url:
        page = browser.new_page()
        wrong: list[str] = []
        page.on("console", lambda said: wrong.extend([said.text] if said.type == "error" else []))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(url)
        page.get_by_label("Search with a picture").set_input_files([PICTURE])
        expect(page.get_by_role("heading", name="Like your picture")).to_be_visible()
        page.get_by_role("link", name="Thing 7", exact=True).click()
        expect(page.get_by_role("heading", name="Thing 7", exact=True)).to_be_visible()
        expect(page.locator("likeness-similar .card")).to_have_count(12)
        page.close()
    assert wrong == []


@contextmanager
def example_shop(folder: Path, api: str, port: int) -> Iterator[str]:
    """`clients/shop` on a port of its own, with the API where it is in this test."""
    for file in (ROOT / "clients" / "shop").iterdir():
        said = file.read_text().replace("http://127.0.0.1:8000", api)
        (folder / file.name).write_text(said)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
