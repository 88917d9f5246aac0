"""The page does what it is for, in a browser: that at the very least."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.visit import at, visit
from tests.e2e.running import RunningShop, eventually, running_shop
from tests.photos import jpeg

COUNT = 30
PICTURE = FilePayload(name="seen.jpg", mimeType="image/jpeg", buffer=jpeg(7))


@pytest.fixture(scope="module")
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    data = tmp_path_factory.mktemp("shop") / "data"
    images = data / "bucket" / "images"
    images.mkdir(parents=True)
    for number in range(COUNT):
        (images / f"p{number}.jpg").write_bytes(jpeg(number))
        facts = {"name": f"Thing {number}", "price": number, "currency": "EUR"}
        (images / f"p{number}.json").write_text(json.dumps(facts | {"in_stock": number != 12}))
    with running_shop(data) as shop:
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
