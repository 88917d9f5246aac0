"""The page without a mouse: everything can be reached, seen to be reached, and used."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.shots import shoot
from tests.browser.storefront import Storefront, as_jpeg, photo_of, storefront
from tests.e2e.running import RunningShop

PRODUCTS = 3
STOPS = [
    "a#home.wordmark",
    "a.aside",
    "input#words",
    "button.tool",  # start over
    "input.unseen",  # the picture's
    "button.go",
    "button.token.more",
    "div.stage",
    "input",  # the balance
    "button.text-button",
    "button.text-button",
    "button.chip.chosen",
    "button.chip",
    "button.chip",
    "button.text-button",  # more categories
    "summary.chip",
    "button.chip",  # in stock
    *["button.link", "button.steer.more", "button.steer.less"] * PRODUCTS,
    "button.button.show-more",
]
"""In the order of reading; of the categories, the first three."""


@pytest.fixture(scope="module")
def picture(demo: RunningShop) -> bytes:
    return as_jpeg(photo_of(demo, next(i for i in sorted(demo.catalogue()) if "handbag" in i)))


def busy(front: Storefront, demo: RunningShop, picture: bytes) -> None:
    """All there is at once: words, a picture with a part of it, a product that pulls."""
    front.choose(picture)
    front.words.fill("red")
    front.stage.focus()
    front.page.keyboard.press("ArrowUp")
    expect(front.crop).to_be_visible()
    front.settle()


def test_tab_goes_everywhere_in_the_order_of_reading_and_shows_where_it_is(
    browser: Browser, demo: RunningShop, picture: bytes
) -> None:
    liked = min(demo.catalogue())
    with storefront(browser, demo, f"/?like={liked}") as front:
        front.page.locator("likeness-search").evaluate(
            "(element, size) => element.setAttribute('page-size', size)", PRODUCTS
        )
        busy(front, demo, picture)
        front.page.locator("#home").focus()
        seen, looked_at = ["a#home.wordmark"], set[str]()
        while seen[-1] != "button.button.show-more":
            front.page.keyboard.press("Tab")
            here = front.focused()
            assert here != "body" and len(seen) < 60, seen
            if here not in looked_at:
                looked_at.add(here)
                assert is_seen_to_have_the_focus(front.page), f"{here} does not show that it is"
            if seen[-3:] != ["button.chip"] * 3 or here != "button.chip":
                seen.append(here)
        categories = ["button.chip.chosen", "button.chip", "button.chip", "button.chip"]
        place = seen.index("button.chip.chosen")
        assert seen[place : place + 4] == categories
        assert seen[: place + 3] + seen[place + 4 :] == STOPS


def is_seen_to_have_the_focus(page: Page) -> bool:
    """Whether the window looks any different once whoever has the focus has lost it."""
    with_focus = page.screenshot(animations="disabled", caret="hide")
    page.evaluate(
        """() => {
          window.who = document.activeElement;
          while (who.shadowRoot?.activeElement) who = who.shadowRoot.activeElement;
          who.blur();
        }"""
    )
    without = page.screenshot(animations="disabled", caret="hide")
    page.evaluate("who.focus({focusVisible: true, preventScroll: true})")
    return with_focus != without


def test_a_hotkey_leads_to_the_words_and_escape_empties_them(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo) as front:
        front.page.keyboard.press("/")
        expect(front.words).to_be_focused()
        front.page.keyboard.type("mug/")  # where it is a letter like any other
        expect(front.words).to_have_value("mug/")
        front.page.keyboard.press("Escape")
        expect(front.words).to_have_value("")
        expect(front.words).to_be_focused()


def test_enter_looks_closer_and_escape_comes_back(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        front.links.nth(2).focus()
        front.page.keyboard.press("Enter")
        expect(front.look.get_by_role("heading").first).to_be_focused()
        expect(front.look.locator("likeness-similar .card")).to_have_count(12)
        for _ in range(20):
            front.page.keyboard.press("Tab")  # round and round, but not out of it
            inside = front.page.evaluate("look.contains(document.activeElement)")
            assert inside or front.focused() == "body", front.focused()
        front.page.keyboard.press("Escape")
        expect(front.look).to_be_hidden()
        expect(front.links.nth(2)).to_be_focused()


def test_arrow_keys_walk_over_the_products(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        front.links.first.focus()
        for key, place in (
            ("ArrowRight", 1),
            ("ArrowDown", 6),
            ("ArrowLeft", 5),
            ("ArrowUp", 0),
            ("ArrowUp", 0),
        ):
            front.page.keyboard.press(key)
            expect(front.links.nth(place)).to_be_focused()


def press(name: str) -> Callable[[Storefront], None]:
    def pressed(front: Storefront) -> None:
        front.page.get_by_role("button", name=re.compile(name)).first.focus()
        front.page.keyboard.press("Enter")

    return pressed


def choose_a_price(front: Storefront) -> None:
    front.page.locator("summary").focus()
    front.page.keyboard.press("Enter")
    front.page.keyboard.press("Tab")
    front.page.keyboard.press("Enter")
    expect(front.page.locator("summary")).to_have_class(re.compile("chosen"))


def remove_a_token(front: Storefront) -> None:
    press("^More like ")(front)
    expect(front.page.locator("likeness-search .token")).to_be_visible()
    front.settle()
    press("^Remove: ")(front)


@pytest.mark.parametrize(
    ("act", "then"),
    [
        pytest.param(press("^Start over"), "input#words", id="start over"),
        pytest.param(press("^Tableware"), "button.chip.chosen", id="a category"),
        pytest.param(press("^In stock"), "button.chip.chosen", id="in stock"),
        pytest.param(press("^[0-9]+ more"), "button.chip", id="more categories"),
        pytest.param(choose_a_price, "summary.chip.chosen", id="a price"),
        pytest.param(press("^More like "), "h2#heading", id="more like this"),
        pytest.param(press("^Less like "), "h2#heading", id="less like this"),
        pytest.param(remove_a_token, "input#words", id="no more like this"),
        pytest.param(press("^Show more"), "button.link", id="show more"),
        pytest.param(press("^Search$"), "button.go", id="search"),
    ],
)
def test_the_focus_is_never_lost(
    browser: Browser, demo: RunningShop, act: Callable[[Storefront], None], then: str
) -> None:
    with storefront(browser, demo, "/?q=red") as front:
        act(front)
        front.settle()
        front.page.wait_for_load_state("networkidle")
        assert front.focused() == then


def test_the_focus_stays_with_the_picture_when_its_part_is_given_up(
    browser: Browser, demo: RunningShop, picture: bytes
) -> None:
    with storefront(browser, demo) as front:
        busy(front, demo, picture)
        press("^Use the whole picture")(front)
        assert front.focused() == "div.stage"
        shoot(front.page, "focus-on-picture")
        press("^Remove the picture")(front)
        assert front.focused() == "input#words"
