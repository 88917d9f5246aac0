"""Words in the real page: what is typed is found, said and kept in the address."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import assert_accessible
from tests.browser.shots import shoot
from tests.browser.visit import at, visit
from tests.e2e.running import RunningShop


def names(page: Page) -> list[str]:
    return page.locator("likeness-search .card .link").all_inner_texts()


def test_the_page_begins_with_products_a_question_and_nothing_in_anybodys_way(
    browser: Browser, demo: RunningShop
) -> None:
    with visit(browser, at(demo, "/")) as page:
        expect(page.locator("likeness-search .card .link")).to_have_count(24)
        expect(page.get_by_role("heading", name="Find it by how it looks")).to_be_visible()
        expect(page.get_by_role("searchbox")).to_have_value("")
        expect(page.get_by_role("status").first).to_have_text("24 products")
        assert_accessible(page)
        shoot(page, "empty")
