"""Filters in the real page: each by itself, all together, shared by address, and taken back."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import assert_accessible
from tests.browser.shots import shoot
from tests.browser.storefront import Storefront, storefront
from tests.browser.visit import at
from tests.e2e.running import RunningShop

Products = list[dict[str, Any]]


@pytest.fixture(scope="module")
def products(demo: RunningShop) -> Products:
    return list(demo.catalogue().values())


def chips(front: Storefront) -> dict[str, int]:
    """The categories and what is said of how many they have."""
    front.settle()
    shown = front.page.locator(".chips [data-category]:not([data-category=''])")
    texts = [one.split(maxsplit=-1) for one in shown.all_inner_texts()]
    return {" ".join(words[:-1]): int(words[-1]) for words in texts}


def named(products: Products) -> list[str]:
    return sorted(one["name"] for one in products)


def all_shown(front: Storefront) -> list[str]:
    return sorted(front.names())


def test_categories_have_their_counts_and_are_chosen_together(
    browser: Browser, demo: RunningShop, products: Products
) -> None:
    counts = Counter(one["category"] for one in products)
    with storefront(browser, demo) as front:
        front.page.get_by_role("button", name=re.compile(r"^\d+ more$")).click()
        expect(front.page.locator(".chips [data-category]")).to_have_count(len(counts) + 1)
        assert chips(front) == counts
        for category in ("Shoes", "Lamps"):
            front.page.get_by_role("button", name=f"{category} {counts[category]}").click()
        expect(front.heading).to_have_text("Shoes, Lamps")
        chosen = [one for one in products if one["category"] in ("Shoes", "Lamps")]
        assert all_shown(front) == named(chosen)
        pressed = front.page.locator(".chips [aria-pressed=true]")
        assert pressed.evaluate_all("all => all.map((one) => one.dataset.category)") == [
            "Shoes",
            "Lamps",
        ]
        front.page.get_by_role("button", name="All", exact=True).click()
        expect(front.heading).to_have_text("A few things to start with")
        expect(front.cards).to_have_count(24)


def test_a_price_is_chosen_from_ranges_that_say_how_many_there_are(
    browser: Browser, demo: RunningShop, products: Products
) -> None:
    within = [one for one in products if 20 <= one["price"] < 50]
    with storefront(browser, demo) as front:
        front.page.locator("summary").click()
        line = front.page.get_by_role("button", name=f"€20 – €50 {len(within)}")
        assert_accessible(front.page)
        shoot(front.page, "prices")
        line.click()
        expect(front.page.locator("summary")).to_have_text("€20 – €49.99")
        expect(front.page.locator("summary")).to_be_focused()
        expect(front.page.locator(".price-panel")).to_be_hidden()
        while front.page.get_by_role("button", name="Show more").is_visible():
            front.page.get_by_role("button", name="Show more").click()
            front.settle()
        assert all_shown(front) == named(within)
        front.page.locator("summary").click()
        front.page.get_by_role("button", name="Any price").click()
        expect(front.page.locator("summary")).to_have_text("Price")


def test_a_price_is_typed_even_the_wrong_way_round(
    browser: Browser, demo: RunningShop, products: Products
) -> None:
    with storefront(browser, demo) as front:
        front.page.locator("summary").click()
        front.page.get_by_label("From").fill("60")
        front.page.get_by_label("To", exact=True).fill("30")
        front.page.keyboard.press("Enter")
        expect(front.page.locator("summary")).to_have_text("€30 – €60")
        front.settle()
        prices = {one["name"]: one["price"] for one in products}
        assert all(30 <= prices[name] <= 60 for name in front.names())
        assert "price_min=30&price_max=60" in front.page.url


def test_all_filters_hold_together_with_words_and_travel_in_the_address(
    browser: Browser, demo: RunningShop, products: Products
) -> None:
    some = ("Shoes", "Lamps", "Tableware")
    fits = [
        one
        for one in products
        if one["category"] in some and 10 <= one["price"] <= 80 and one["in_stock"]
    ]
    without_category = Counter(
        one["category"] for one in products if 10 <= one["price"] <= 80 and one["in_stock"]
    )
    assert 1 < len(fits) < 24
    with storefront(browser, demo, "/?price_min=10&price_max=80") as front:
        front.page.get_by_role("button", name="In stock").click()
        for category in some:
            front.page.locator(f"[data-category='{category}']").click()
        front.type("white")
        assert all_shown(front) == named(fits)
        assert {name: chips(front)[name] for name in some} == {
            name: without_category[name] for name in some
        }
        shared = front.page.url
        order = front.names()
        assert_accessible(front.page)
        shoot(front.page, "filters")
    with storefront(browser, demo, "/" + shared.removeprefix(at(demo, "/"))) as front:
        expect(front.words).to_have_value("white")
        expect(front.page.get_by_role("button", name="In stock")).to_have_attribute(
            "aria-pressed", "true"
        )
        assert front.names() == order


def test_the_back_button_takes_filters_back_one_by_one(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        front.page.get_by_role("button", name="Bags").click()
        expect(front.heading).to_have_text("Bags")
        bags = front.names()
        front.page.get_by_role("button", name="In stock").click()
        expect(front.page).to_have_url(re.compile("in_stock=true"))
        front.settle()
        front.page.go_back()
        expect(front.page).not_to_have_url(re.compile("in_stock"))
        assert front.names() == bags
        front.page.go_back()
        expect(front.heading).to_have_text("A few things to start with")


def test_where_nothing_fits_the_way_out_is_a_press_away(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo, "/?q=mug&category=Lamps&price_max=1") as front:
        expect(front.status).to_have_text("No products")
        message = front.page.locator(".message")
        expect(message.get_by_role("heading")).to_have_text("Nothing within these filters")
        expect(message).to_contain_text("Without them there is more to see.")
        assert_accessible(front.page)
        shoot(front.page, "nothing-fits")
        message.get_by_role("button", name="Clear the filters").click()
        expect(front.cards).to_have_count(24)
        expect(front.heading).to_be_focused()
        expect(front.words).to_have_value("mug")
        assert front.page.url.endswith("/?q=mug")


@pytest.mark.parametrize("path", ["/", "/?q=red", "/?in_stock=true", "/?category=Shoes&q=boots"])
def test_more_is_shown_until_there_is_no_more_and_nothing_twice(
    browser: Browser, demo: RunningShop, products: Products, path: str
) -> None:
    fits = [
        one
        for one in products
        if ("in_stock" not in path or one["in_stock"])
        and ("category" not in path or one["category"] == "Shoes")
    ]
    with storefront(browser, demo, path) as front:
        more = front.page.get_by_role("button", name="Show more")
        while more.is_visible():
            before = front.cards.count()
            more.click()
            front.settle()
            expect(front.links.nth(before)).to_be_focused()
            assert front.cards.count() > before
        assert all_shown(front) == named(fits)
        expect(front.status).to_have_text(f"{len(fits)} products")
