"""The components where a shop has not set something up: they say what, and are never a blank."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import assert_accessible
from tests.browser.elsewhere import example_pages
from tests.browser.shots import shoot
from tests.browser.site import Site, open_site, told, visit_site
from tests.e2e.running import eventually

KEY, ADMIN = "a-search-key-of-some-length", "an-admin-key-of-some-length"
BOTH = '<likeness-search {key}></likeness-search><likeness-similar {key} product-id="p3">'
BOTH += "</likeness-similar>"
CORS = ("blocked by CORS policy", "net::ERR_FAILED", " failed")
SEARCH_MESSAGE = "likeness-search .message"


@pytest.fixture(scope="module")
def locked(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("locked")
    with open_site(folder, SEARCH_KEYS=KEY, ADMIN_KEYS=ADMIN) as site:
        yield site


@pytest.fixture(scope="module")
def stranger(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("stranger"), lets_in=False) as site:
        yield site


def errors(page: Page) -> list[str]:
    """Of both, in whatever order."""
    eventually(lambda: len(told(page, "error")) == 2, 20)
    return [one["code"] for one in told(page, "error")]


def test_with_its_key_the_search_is_open(browser: Browser, locked: Site) -> None:
    with visit_site(browser, locked.page(BOTH.format(key=f'key="{KEY}"'))) as page:
        expect(page.locator("likeness-search .card .link")).to_have_count(24)
        expect(page.locator("likeness-similar .card")).to_have_count(12)
        page.get_by_role("searchbox").fill("thing 12")
        expect(page.get_by_role("heading", name="“thing 12”")).to_be_visible()


@pytest.mark.parametrize(
    ("key", "status", "code"), [("", 401, "key_missing"), ('key="wrong"', 403, "key_refused")]
)
def test_without_its_key_it_says_so_and_goes_on_once_it_has_it(
    browser: Browser, locked: Site, key: str, status: int, code: str
) -> None:
    url = locked.page(BOTH.format(key=key))
    with visit_site(browser, url, f"status of {status}") as page:
        message = page.locator(SEARCH_MESSAGE)
        expect(message).to_contain_text("This search is not set up yet")
        expect(message).to_contain_text(code)
        expect(message).to_have_role("alert")
        expect(page.locator("likeness-similar")).to_have_text("")
        assert errors(page) == [code, code]
        assert_accessible(page)
        for element in ("likeness-search", "likeness-similar"):
            page.locator(element).evaluate(f"one => one.setAttribute('key', '{KEY}')")
        expect(page.locator("likeness-search .card .link")).to_have_count(24)
        page.keyboard.press("End")  # the strip is asked for as it comes near
        expect(page.locator("likeness-similar .card")).to_have_count(12)


def test_a_page_that_may_not_ask_is_told_what_is_missing(browser: Browser, stranger: Site) -> None:
    with visit_site(browser, stranger.page(BOTH.format(key="")), *CORS) as page:
        message = page.locator(SEARCH_MESSAGE)
        expect(message).to_contain_text("This search is not set up yet")
        expect(message).to_contain_text(f"pages of {stranger.url.rstrip('/')}")
        expect(message).to_contain_text("CORS_ORIGINS")
        assert errors(page) == ["origin_refused"] * 2
        assert_accessible(page)
        shoot(page, "wrong-origin")


def test_the_example_shop_says_that_products_cant_be_had(browser: Browser, stranger: Site) -> None:
    stranger.pages |= example_pages(stranger.api)
    with visit_site(browser, f"{stranger.url}product.html?id=p3", *CORS) as page:
        expect(page.get_by_role("heading", level=1)).to_contain_text("can’t be reached")
        expect(page.locator("#picture")).to_be_hidden()
        expect(page.get_by_text("Goes well beside it")).to_be_hidden()
