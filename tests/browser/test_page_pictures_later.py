"""Pictures of products: those in sight come first, the others once nobody types any more."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.storefront import storefront
from tests.e2e.running import RunningShop

WATCH = """() => {
  const search = document.querySelector("likeness-search");
  const cards = () => [...search.shadowRoot.querySelectorAll(".card:not(.skeleton)")];
  const before = new Set(cards());
  window.answered = new Promise((done) => search.addEventListener("likeness-search", () => {
    const fresh = cards().map((card) => !before.has(card) && !card.querySelector("img[src]"));
    done({atOnce: fresh.slice(0, 10), later: fresh.slice(10)});
  }, {once: true}));
}"""
"""Of the products of the next answer: which have no picture yet as they are shown."""


def test_pictures_out_of_sight_wait_until_nobody_types_any_more(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo) as front:
        front.page.evaluate(WATCH)
        front.words.press("m")
        answered = front.page.evaluate("answered")
        assert answered["atOnce"] == [False] * 10
        assert any(answered["later"])
        expect(front.cards.locator("img[src]")).to_have_count(len(front.names()))
        assert front.page.locator("likeness-search .picture[data-letter]").count() == 0


def test_and_come_at_once_when_they_are_scrolled_to(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        front.page.evaluate("window.setTimeout = () => 0")  # nothing that waits for a while comes
        front.page.evaluate(WATCH)
        front.words.press("Control+a")
        front.words.fill("m")
        assert any(front.page.evaluate("answered")["later"])
        front.links.last.scroll_into_view_if_needed()
        expect(front.cards.last.locator("img[src]")).to_have_count(1)
