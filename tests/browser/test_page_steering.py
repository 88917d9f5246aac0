"""More like this, less like that, and a closer look at one product, in the real page."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.axe import assert_accessible
from tests.browser.shots import shoot
from tests.browser.storefront import SEARCH, storefront
from tests.e2e.running import RunningShop


def test_more_like_one_product_and_less_like_another(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        front.type("mug")
        liked = front.names()[0]
        front.cards.first.hover()
        with front.page.expect_request(SEARCH) as request:
            front.page.get_by_role("button", name=f"More like this: {liked}", exact=True).click()
        asked = front.asked(request)
        assert asked["text_query"] == "mug" and len(asked["more_like"]) == 1
        expect(front.page).to_have_url(
            f"{front.page.url.partition('?')[0]}?q=mug&like={asked['more_like'][0]}"
        )
        unwanted = front.names()[0]
        assert unwanted != liked  # which is known, and not shown again
        front.cards.first.hover()
        with front.page.expect_request(SEARCH) as request:
            front.page.get_by_role("button", name=f"Less like this: {unwanted}", exact=True).click()
        asked = front.asked(request)
        assert len(asked["more_like"]) == len(asked["less_like"]) == 1
        assert unwanted not in front.names()[:3]
        tokens = front.page.locator("likeness-search .tokens li")
        expect(tokens).to_have_text([f"Like {liked}", f"Not like {unwanted}"])
        front.page.mouse.move(0, 0)
        assert_accessible(front.page)
        shoot(front.page, "steered")
        front.page.get_by_role("button", name=f"Remove: Not like {unwanted}").click()
        expect(tokens).to_have_text([f"Like {liked}"])
        assert "unlike" not in front.page.url


def test_whoever_is_sent_a_steered_search_is_told_what_it_is_like(
    browser: Browser, demo: RunningShop
) -> None:
    product_id, product = next(
        (i, one) for i, one in sorted(demo.catalogue().items()) if i.startswith("mug")
    )
    with storefront(browser, demo, f"/?like={product_id}") as front:
        expect(front.heading).to_have_text(f"More like {product['name']}")
        expect(front.page.locator("likeness-search .tokens li")).to_have_text(
            [f"Like {product['name']}"]
        )
        assert product["name"] not in front.names()


def test_a_closer_look_has_the_facts_and_what_looks_like_it(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo) as front:
        front.type("mug")
        name = front.names()[0]
        product = next(one for one in demo.catalogue().values() if one["name"] == name)
        front.links.first.click()
        expect(front.look).to_be_visible()
        expect(front.look.get_by_role("heading", name=name, exact=True)).to_be_focused()
        expect(front.look).to_contain_text(product["description"])
        expect(front.look.locator("#look-price")).to_have_text(f"€{product['price']:.2f}")
        similar = front.look.locator("likeness-similar .card")
        expect(similar).to_have_count(12)
        expect(front.look).to_contain_text("You may also like")
        assert_accessible(front.page)
        shoot(front.page, "look")
        another = similar.nth(1).locator(".link").inner_text()
        similar.nth(1).locator(".link").click()
        expect(front.look.get_by_role("heading", name=another, exact=True)).to_be_focused()
        front.look.get_by_role("button", name="Search for more like this").click()
        expect(front.look).to_be_hidden()
        expect(front.heading).to_have_text(f"More like {another}")


def test_what_is_sold_out_says_so_in_the_closer_look(browser: Browser, demo: RunningShop) -> None:
    gone = next(one for one in demo.catalogue().values() if not one["in_stock"])
    with storefront(browser, demo, f"/?q={gone['name']}") as front:
        front.page.get_by_role("button", name=gone["name"], exact=True).click()
        expect(front.look.locator("#look-price")).to_have_text(
            f"€{gone['price']:.2f} · Out of stock"
        )
