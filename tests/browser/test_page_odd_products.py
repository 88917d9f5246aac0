"""Products told in odd ways: the page shows what they say, as they say it, and stays whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import assert_accessible
from tests.browser.shots import shoot
from tests.browser.storefront import storefront
from tests.e2e.running import RunningShop, running_shop

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 2
ODD: dict[str, dict[str, Any]] = {
    "markup": {
        "name": "<img src=x onerror=alert(1)><b>bold</b>",
        "description": "</p><script>alert(1)</script>",
        "category": "<i>cat</i>",
        "price": 5,
        "currency": "EUR",
        "attributes": {"<u>made of</u>": "<s>wool</s>"},
    },
    "long": {
        "name": WORD,
        "description": WORD,
        "category": f"A category that goes on: {WORD}",
        "price": 123456789.99,
        "currency": "EUR",
        "attributes": {WORD[:100]: WORD, "materials": ["wool"] * 30},
    },
    "a/b?c#d%20&e": {"name": "Slashes", "price": 0, "currency": "JPY"},
    "no-price": {"name": "No price"},
    "no-currency": {"name": "No currency", "price": 3.5},
    "no-name": {"name": "  "},
    "arabic": {"name": "كوب أحمر جميل", "category": "أكواب"},
}
SCREENS = [{"width": 1280, "height": 900}, {"width": 760, "height": 900}]
SCREENS += [{"width": 390, "height": 844}]


@pytest.fixture(scope="module")
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as shop:
        products = [{"id": name, **facts} for name, facts in ODD.items()]
        told = shop.client.post("/products/batch", json={"products": products}).json()["results"]
        assert [one["status"] for one in told] == [201] * len(ODD), told
        yield shop


def test_what_they_say_is_never_markup(browser: Browser, shop: RunningShop) -> None:
    markup = ODD["markup"]
    with storefront(browser, shop) as front:
        expect(front.page.get_by_role("button", name="<i>cat</i>")).to_be_visible()
        front.page.get_by_role("button", name=markup["name"], exact=True).click()
        expect(front.look.get_by_role("heading", name=markup["name"])).to_be_focused()
        for said in (markup["description"], "<u>made of</u>", "<s>wool</s>"):
            expect(front.look).to_contain_text(said)
        assert front.page.locator("b, i.cat, s, u, img[src=x]").count() == 0


def test_each_is_named_priced_as_far_as_it_goes_and_looked_at(
    browser: Browser, shop: RunningShop
) -> None:
    prices = {"Slashes": "¥0", "No price": "", "No currency": "3.5", "no-name": ""}
    with storefront(browser, shop) as front:
        assert_accessible(front.page)
        for name, price in prices.items():
            expect(front.card(name).locator(".price")).to_have_text(price)
        with front.page.expect_response("**/search/similar/**") as similar:
            front.page.get_by_role("button", name="Slashes", exact=True).click()
        assert similar.value.ok and similar.value.url.endswith(
            "similar/a%2Fb%3Fc%23d%2520%26e?top_k=12"
        )


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: str(screen["width"]))
def test_long_words_break_and_push_nothing_aside(
    browser: Browser, shop: RunningShop, screen: dict[str, int]
) -> None:
    wide = "(one) => one.scrollWidth - one.clientWidth"
    with storefront(browser, shop, viewport=screen) as front:
        assert front.page.locator("html").evaluate(wide) == 0
        shoot(front.page, f"odd-{screen['width']}")
        front.page.get_by_role("button", name=WORD, exact=True).click()
        assert front.look.evaluate(wide) == 0
        shoot(front.page, f"odd-look-{screen['width']}")
        front.page.keyboard.press("Escape")
        front.words.fill(WORD)
        expect(front.heading).to_have_text(f"“{WORD}”")
        assert front.page.locator("html").evaluate(wide) == 0
