"""Words in the real page: what is typed is found, said and kept in the address."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Route, expect

from tests.browser.axe import assert_accessible
from tests.browser.shots import shoot
from tests.browser.storefront import SEARCH, storefront
from tests.e2e.running import RunningShop


def test_the_page_begins_with_products_and_a_question(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        expect(front.links).to_have_count(24)
        expect(front.page.get_by_role("heading", level=1)).to_have_text("Find it by how it looks")
        expect(front.words).to_have_value("")
        expect(front.status).to_have_text("24+ products")
        assert_accessible(front.page)
        shoot(front.page, "empty")


def test_what_is_typed_is_found_while_it_is_typed(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        front.type("blue mug")
        assert "mug" in front.names()[0]
        expect(front.page).to_have_title("blue mug · Likeness")
        expect(front.page.get_by_role("heading", level=1)).not_to_be_in_viewport()
        front.page.mouse.move(0, 0)
        assert_accessible(front.page)
        shoot(front.page, "words")


def test_an_address_can_be_shared_and_has_the_same_products(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo) as front:
        front.type("striped")
        found = front.names()
        path = front.page.url.partition("/?")[2]
    with storefront(browser, demo, f"/?{path}") as another:
        expect(another.words).to_have_value("striped")
        assert path == "q=striped" and another.names() == found


def test_the_back_button_walks_through_what_was_asked(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        began_with = front.names()
        front.type("mug")
        mugs = front.names()
        front.page.get_by_role("button", name=re.compile("^Tableware")).click()
        expect(front.page).to_have_url(re.compile(r"q=mug&category="))
        front.page.go_back()
        expect(front.page).to_have_url(re.compile(r"\?q=mug$"))
        assert front.names() == mugs
        front.page.go_back()  # all the letters are one step
        expect(front.words).to_have_value("")
        assert front.names() == began_with
        front.page.go_forward()
        expect(front.words).to_have_value("mug")
        assert front.names() == mugs


def test_a_word_with_a_hyphen_before_it_is_steered_away_from(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo) as front:
        front.type("mug")
        with front.page.expect_request(SEARCH) as request:
            front.words.fill("mug -striped")
        asked = front.asked(request)
        assert (asked["text_query"], asked["less_text"]) == ("mug", "striped")


def test_while_an_answer_is_slow_there_are_placeholders_and_then_the_answer(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo) as front:
        held: list[Route] = []
        front.page.route(SEARCH, lambda route: held.append(route))
        front.words.fill("mug")
        skeletons = front.page.locator("likeness-search .card.skeleton")
        expect(skeletons).to_have_count(10)
        expect(front.heading).to_have_text("“mug”")  # of what is to come, not of what was
        expect(front.status).to_have_text("")
        expect(front.page.locator("likeness-search .results")).to_have_attribute(
            "aria-busy", "true"
        )
        shoot(front.page, "waiting")
        held[0].continue_()
        expect(skeletons).to_have_count(0)
        assert "mug" in front.names()[0]


def test_an_answer_that_is_late_never_takes_the_place_of_a_newer_one(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo) as front:
        held: list[Route] = []

        def hold_mugs(route: Route) -> None:
            if "mug" in (route.request.post_data or ""):
                held.append(route)
            else:
                route.continue_()

        front.page.route(SEARCH, hold_mugs)
        front.words.fill("mug")
        expect(front.page.locator("likeness-search .card.skeleton")).to_have_count(10)
        front.words.fill("lamp")
        expect(front.heading).to_have_text("“lamp”")
        lamps = front.names()
        held[0].fulfill(json={"results": []})
        front.page.wait_for_timeout(100)
        assert front.names() == lamps
        expect(front.heading).to_have_text("“lamp”")


def test_start_over_leads_to_the_beginning(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo, "/?q=mug&in_stock=true") as front:
        front.page.get_by_role("button", name="Start over").click()
        expect(front.page.get_by_role("heading", level=1)).to_be_in_viewport()
        expect(front.words).to_be_focused()
        assert "?" not in front.page.url and len(front.names()) == 24
