"""The page as it is read aloud: what is new is said, and everything has a name."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.axe import assert_accessible
from tests.browser.shots import shoot
from tests.browser.storefront import SEARCH, storefront
from tests.e2e.running import RunningShop


def test_how_many_products_there_are_is_said_whenever_that_changes(
    browser: Browser, demo: RunningShop
) -> None:
    categories: list[str] = [one["category"] for one in demo.catalogue().values()]
    bags = categories.count("Bags")
    with storefront(browser, demo) as front:
        expect(front.status).to_have_role("status")
        front.page.get_by_role("button", name="Bags").click()
        expect(front.status).to_have_text(f"{bags} products")
        front.page.route(SEARCH, lambda route: route.fulfill(json={"results": []}))
        front.words.fill("nothing like it")
        expect(front.status).to_have_text("No products")
        expect(
            front.page.get_by_role("heading", name="Nothing within these filters")
        ).to_be_visible()
        assert_accessible(front.page)
        shoot(front.page, "nothing")


def test_trouble_is_said_at_once(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo, forgiven=["status of 503"]) as front:
        problem = {"code": "index_unavailable", "detail": "away"}
        front.page.route(SEARCH, lambda route: route.fulfill(status=503, json=problem))
        front.words.fill("mug")
        alert = front.page.locator("likeness-search .message")
        expect(alert).to_have_role("alert")
        expect(alert).to_contain_text("The shop is catching its breath")
        assert_accessible(front.page)
        shoot(front.page, "trouble")
        front.page.unroute(SEARCH)
        alert.get_by_role("button", name="Try again").click()
        expect(front.heading).to_have_text("“mug”")
        assert "mug" in front.names()[0]


def test_pictures_add_nothing_to_the_names_beside_them(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        pictures = front.page.locator("img")
        assert pictures.count() >= 24
        alts = pictures.evaluate_all("all => all.map((one) => one.getAttribute('alt'))")
        assert set(alts) == {""}
        said = front.cards.first.aria_snapshot()
        name = front.names()[0]
        assert said.count(f'heading "{name}"') == 1 and f'button "More like this: {name}"' in said


def test_products_being_fetched_are_not_read_and_the_page_says_that_it_is_busy(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo) as front:
        front.page.route(SEARCH, lambda route: None)
        front.words.fill("mug")
        expect(front.page.locator("likeness-search .card.skeleton")).to_have_count(10)
        region = front.page.get_by_role("region", name="“mug”")
        expect(region).to_have_attribute("aria-busy", "true")
        expect(region.get_by_role("listitem")).to_have_count(0)
        assert_accessible(front.page)
