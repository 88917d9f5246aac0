"""What shoppers are told on a shop's bad days, which real servers have here, and how it goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from tests.broken_model import broken_mini
from tests.browser.axe import assert_accessible
from tests.browser.shots import shoot
from tests.browser.storefront import SEARCH, Storefront, file, storefront
from tests.e2e.running import RunningShop, free_port, running_shop
from tests.fakes.qdrant_server import KEY, QdrantServer
from tests.photos import jpeg

COUNT = 30
COUNTDOWN = re.compile(r"^Trying again in \d+ s$")
AWAY = ("net::ERR_CONNECTION_REFUSED", " failed")


def stock(shop: RunningShop, count: int = COUNT) -> None:
    products = [{"id": f"p{number}", "name": f"Thing {number}"} for number in range(count)]
    shop.client.post("/products/batch", json={"products": products}).raise_for_status()


def message(front: Storefront, title: str, text: str) -> Locator:
    """What is said in place of the products, at once to those who can't see it, too."""
    said = front.page.locator("likeness-search .message")
    expect(said.get_by_role("heading")).to_have_text(title)
    expect(said).to_contain_text(text)
    expect(said).to_have_role("alert")
    assert_accessible(front.page)
    return said


def test_a_server_that_goes_away_mid_visit_is_missed_and_found_again(
    browser: Browser, tmp_path: Path
) -> None:
    port = str(free_port())
    with running_shop(tmp_path, PORT=port) as shop:
        stock(shop)
        with storefront(browser, shop, forgiven=AWAY) as front:
            shop.kill()
            front.page.get_by_role("button", name="Show more").click()
            said = message(front, "The shop can’t be reached", "Check your connection")
            expect(front.cards).to_have_count(24)  # what was there is there still
            front.words.fill("thing 7")
            said = message(front, "The shop can’t be reached", "Check your connection")
            expect(front.cards).to_have_count(0)
            shoot(front.page, "unreachable")
            said.get_by_role("button", name="Try again").click()
            message(front, "The shop can’t be reached", "Check your connection")
            with running_shop(tmp_path, PORT=port):
                said.get_by_role("button", name="Try again").click()
                expect(front.heading).to_have_text("“thing 7”")
                assert front.names()[0] == "Thing 7"
                expect(said).to_be_hidden()


def test_an_index_that_is_away_is_waited_for(browser: Browser, tmp_path: Path) -> None:
    with QdrantServer() as qdrant:
        settings = {"QDRANT_URL": qdrant.url, "QDRANT_API_KEY": KEY}
        with running_shop(tmp_path, **settings) as shop:
            stock(shop)
            with storefront(browser, shop, forgiven=["status of 503"]) as front:
                qdrant.stop()
                front.words.fill("thing 7")
                said = front.page.locator("likeness-search .message")
                expect(said).to_contain_text("The shop is catching its breath")
                expect(said.locator(".countdown")).to_have_text(COUNTDOWN)
                qdrant.start()
                expect(front.heading).to_have_text("“thing 7”")  # nobody pressed anything
                assert front.names()[0] == "Thing 7"


def test_a_model_that_fails_is_told_of_beside_what_words_alone_match(
    browser: Browser, tmp_path: Path
) -> None:
    data, models = tmp_path / "data", tmp_path / "models"
    with running_shop(data) as shop:
        stock(shop)
    with (
        running_shop(data, MODEL_DIR=str(broken_mini(models))) as shop,
        storefront(browser, shop, forgiven=["status of 503"]) as front,
    ):
        front.words.fill("thing 7")
        expect(front.heading).to_have_text("“thing 7”")
        assert front.names()[0] == "Thing 7"
        notice = front.page.locator("likeness-search .notice")
        expect(notice).to_contain_text("Pictures can’t be compared right now")
        expect(notice).to_have_role("status")
        assert_accessible(front.page)
        shoot(front.page, "degraded")
        front.words.fill("")
        front.chooser.set_input_files([file(jpeg(3))])
        message(front, "The shop is catching its breath", "passes in moments")


@pytest.fixture
def hurried(browser: Browser, tmp_path: Path) -> Iterator[RunningShop]:
    with running_shop(tmp_path, RATE_LIMIT="6/h") as shop:
        shop.client.post("/products", json={"id": "p7", "name": "Thing 7"}).raise_for_status()
        yield shop


def test_whoever_asks_too_much_is_asked_to_wait(browser: Browser, hurried: RunningShop) -> None:
    with storefront(browser, hurried, forgiven=["status of 429"]) as front:
        for number in range(8):
            front.words.fill(f"thing {number}")
            front.page.keyboard.press("Enter")
        said = message(front, "That was a little fast", "A short pause, and it goes on.")
        countdown = said.locator(".countdown")
        expect(countdown).to_have_text(COUNTDOWN)
        expect(countdown).to_have_attribute("aria-live", "off")  # or each second would be read
        shoot(front.page, "too-fast")


def test_after_the_pause_it_goes_on_by_itself(browser: Browser, tmp_path: Path) -> None:
    with running_shop(tmp_path) as shop:
        stock(shop)
        with storefront(browser, shop, forgiven=["status of 429"]) as front:

            def refuse(route: Route) -> None:
                problem = {"code": "rate_limited", "detail": "Slower, please."}
                route.fulfill(status=429, json=problem, headers={"Retry-After": "1"})

            front.page.route(SEARCH, refuse, times=2)
            front.words.fill("thing 7")
            expect(front.page.locator(".countdown")).to_be_visible()
            expect(front.heading).to_have_text("“thing 7”")
            expect(front.links.first).to_have_text("Thing 7")
