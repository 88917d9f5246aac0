"""Swagger UI and ReDoc in a real browser, with nothing but our own origin to load from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from handlers.api import ENDPOINTS
from tests.browser.visit import at, visit
from tests.e2e.running import RunningShop, running_shop


@pytest.fixture(scope="module")
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop") / "data") as shop:
        made = shop.client.post("/products", json={"id": "seen-here", "name": "Red mug"})
        assert made.status_code == 201
        yield shop


def test_swagger_ui_shows_every_operation_and_tries_them_out(
    browser: Browser, shop: RunningShop
) -> None:
    with visit(browser, at(shop, "/docs")) as page:
        expect(page.locator(".opblock")).to_have_count(len(ENDPOINTS))
        page.get_by_role("button", name="Authorize").first.click()
        page.get_by_role("button", name="Close").first.click()
        browsing = page.locator("#operations-catalogue-browse_products")
        browsing.locator(".opblock-summary-control").click()
        browsing.get_by_role("button", name="Try it out").click()
        browsing.get_by_role("button", name="Execute").click()
        answer = browsing.locator(".live-responses-table")
        expect(answer.locator(".response-col_status").last).to_contain_text("200")
        expect(answer).to_contain_text("seen-here")


def test_redoc_shows_every_operation_and_searches_them(browser: Browser, shop: RunningShop) -> None:
    with visit(browser, at(shop, "/redoc")) as page:
        expect(page.locator("[data-section-id*='/operation/'] h2")).to_have_count(len(ENDPOINTS))
        page.get_by_placeholder("Search...").fill("address to put")
        expect(page.locator("[data-role='search:results'] li").first).to_be_visible()
        expect(page.get_by_text("API docs by Redocly")).to_be_visible()
        expect(page.locator("img")).to_have_count(0)
