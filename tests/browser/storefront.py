"""The storefront page as a shopper meets it: what there is to see, to type in and to press."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.browser.visit import at, visit
from tests.e2e.running import RunningShop

SEARCH = "**/api/v1/search"


class Storefront:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.words = page.get_by_role("searchbox")
        self.cards = page.locator("likeness-search .card:not(.skeleton)")
        self.links = self.cards.locator(".link")
        self.heading = page.locator("likeness-search #heading")
        self.status = page.locator("likeness-search .head .status")
        self.chooser = page.locator("label.picture input")
        self.stage = page.locator("likeness-search .stage")
        self.crop = page.locator("likeness-search .crop")
        self.look = page.get_by_role("dialog")

    def settle(self) -> None:
        """Until the newest answer is shown, and nothing more is on its way."""
        expect(self.page.locator("likeness-search .results:not([aria-busy])")).to_be_visible()
        expect(self.page.locator("likeness-search .show-more:disabled")).to_have_count(0)

    def names(self) -> list[str]:
        self.settle()
        return self.links.all_inner_texts()

    def card(self, name: str) -> Locator:
        link = self.page.get_by_role("button", name=name, exact=True)
        return self.cards.filter(has=link)

    def type(self, words: str) -> None:
        self.words.click()
        self.page.keyboard.type(words)
        expect(self.heading).to_have_text(f"“{words}”")

    def choose(self, picture: bytes) -> None:
        self.chooser.set_input_files([file(picture)])
        expect(self.heading).to_have_text("Like your picture")

    def asked(self, request: Any) -> dict[str, Any]:
        body = request.value.post_data_json
        assert isinstance(body, dict)
        return body

    def focused(self) -> str:
        """Who has the focus, as its tag and first class or id; "body" where it is nobody's."""
        told = self.page.evaluate(
            """() => {
              let one = document.activeElement;
              while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
              return one.localName + (one.id ? "#" + one.id : [...one.classList]
                .map((name) => "." + name).join(""));
            }"""
        )
        return str(told)


def file(picture: bytes, name: str = "seen.jpg", kind: str = "image/jpeg") -> FilePayload:
    return FilePayload(name=name, mimeType=kind, buffer=picture)


@contextmanager
def storefront(
    browser: Browser, shop: RunningShop, path: str = "/", **manner: Any
) -> Iterator[Storefront]:
    with visit(browser, at(shop, path), **manner) as page:
        front = Storefront(page)
        front.settle()
        yield front


def photo_of(shop: RunningShop, product_id: str) -> Image.Image:
    """A product's own photo."""
    single = shop.images / f"{product_id}.jpg"
    return Image.open(single if single.exists() else shop.images / product_id / "front.jpg")


def as_jpeg(picture: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90, **options)
    return out.getvalue()
