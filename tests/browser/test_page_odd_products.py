"""Products as shops really have them: without a picture or a price, with long names, or with markup
in them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.shots import shoot
from tests.browser.storefront import SEARCH, Storefront, storefront
from tests.e2e.running import RunningShop

pytestmark = pytest.mark.xdist_group("demo shop")

MARKUP = "<img src=x onerror=\"document.title = 'taken over'\"> & <b>bold</b>"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3


def show(front: Storefront, *products: dict[str, Any]) -> None:
    """An answer of just these."""
    front.page.route(SEARCH, lambda route: route.fulfill(json={"results": list(products)}))
    front.words.fill("odd")
    expect(front.heading).to_have_text("“odd”")
    expect(front.links).to_have_count(len(products))


def test_a_product_without_a_picture_or_with_a_lost_one_shows_its_first_letter(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo, forgiven=["status of 404"]) as front:
        lost = "/photos/images/gone.jpg"
        show(
            front,
            {"product_id": "none", "name": "öl", "price": 12, "currency": "EUR"},
            {"product_id": "lost", "name": "🫖 Pot", "image_url": lost, "in_stock": False},
            {"product_id": "nameless"},
        )
        frames = front.cards.locator(".picture")
        for place, letter in enumerate(("Ö", "🫖", "N")):
            expect(frames.nth(place)).to_have_attribute("data-letter", letter)
        expect(front.cards.locator(".price")).to_have_text(["€12", "Out of stock", ""])
        front.links.first.click()
        expect(front.look.get_by_role("heading", name="öl")).to_be_visible()
        expect(front.look.locator("#look-picture")).to_be_hidden()
        expect(front.look.locator(".look-frame")).to_have_attribute("data-letter", "Ö")
        shoot(front.page, "no-picture")
        front.page.keyboard.press("Escape")
        front.links.nth(1).click()
        expect(front.look.locator(".look-frame")).to_have_attribute("data-letter", "🫖")


def test_what_a_product_says_is_text_and_never_markup(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo, forgiven=["status of 404"]) as front:
        odd = {"product_id": MARKUP, "name": MARKUP, "description": MARKUP, "category": MARKUP}
        show(
            front, odd | {"attributes": {MARKUP: [MARKUP, MARKUP]}, "currency": MARKUP, "price": 1}
        )
        assert front.links.first.inner_text() == MARKUP
        expect(front.cards.locator(".price")).to_have_text("1")
        front.links.first.click()
        expect(front.look.get_by_role("heading", name=MARKUP)).to_be_visible()
        expect(front.look.locator("b, dd img")).to_have_count(0)
        assert "taken over" not in front.page.title()


def test_long_names_stay_within_their_cards(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo, forgiven=["status of 404"]) as front:
        show(front, *({"product_id": str(n), "name": LONG, "price": 1e9} for n in range(6)))
        front.page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
        lines = "name => name.offsetHeight / parseFloat(getComputedStyle(name).lineHeight)"
        assert round(front.cards.locator(".name").first.evaluate(lines)) == 2
        shoot(front.page, "long-names")
        front.links.first.click()
        expect(front.look).to_be_visible()
        width = "look.scrollWidth - look.clientWidth"
        assert front.page.evaluate(width) == 0
        shoot(front.page, "long-names-look")
