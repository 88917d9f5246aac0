"""The components in pages of a shop from another origin, under the strictest policy there is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.browser.axe import assert_accessible
from tests.browser.elsewhere import example_pages
from tests.browser.shots import shoot
from tests.browser.site import Site, open_site, told, visit_site
from tests.photos import jpeg

# The strip comes first: below the cards it would not ask before somebody scrolls to it.
BOTH = '<likeness-similar product-id="p3" product-url="/{id}.html"></likeness-similar>'
BOTH += '<likeness-search product-url="/{id}.html"></likeness-search>'
SEEN = FilePayload(name="seen.jpg", mimeType="image/jpeg", buffer=jpeg(7))
TWO = '<likeness-search id="a" hotkey="/"></likeness-search>'
TWO += '<likeness-search id="b" hotkey="/" words="thing 9"></likeness-search>'


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("site")) as site:
        yield site


def thing(page: Page, name: str) -> Locator:
    """It among what was searched for: the strip may show it, too."""
    return page.locator("likeness-search").get_by_role("link", name=name, exact=True)


def first(page: Page, element: str = "likeness-search") -> str:
    return page.locator(f"{element} .card:not(.skeleton) .link").first.inner_text()


def heading(page: Page, element: str = "likeness-search") -> str:
    return page.locator(f"{element} #heading").inner_text()


def test_both_work_under_a_policy_that_allows_nothing_else(browser: Browser, site: Site) -> None:
    strictest = {"require_trusted_types_for": "'script'", "trusted_types": "'none'"}
    url = site.page(BOTH, **strictest)
    with visit_site(browser, url) as page:
        page.get_by_role("searchbox").fill("thing 12")
        expect(page.get_by_role("heading", name="“thing 12”")).to_be_visible()
        assert first(page) == "Thing 12"
        page.get_by_label("Search with a picture").set_input_files([SEEN])
        expect(page.get_by_role("heading", name="Like your picture")).to_be_visible()
        page.get_by_role("button", name="Start over").click()
        expect(page.locator("likeness-search .card")).to_have_count(24)
        picture = page.locator("likeness-search .card img").first
        assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 160
        expect(page.locator("likeness-similar .card")).to_have_count(12)
        assert_accessible(page)


def test_the_page_is_told_which_product_is_chosen_and_in_answer_to_what(
    browser: Browser, site: Site
) -> None:
    with visit_site(browser, site.page(BOTH)) as page:
        page.evaluate("addEventListener('likeness-select', (event) => event.preventDefault())")
        page.locator("likeness-search .link").first.click()
        page.get_by_role("searchbox").fill("thing 12")
        expect(page.get_by_role("heading", name="“thing 12”")).to_be_visible()
        thing(page, "Thing 12").click()
        strip = page.locator("likeness-similar .link").first
        strip.click()
        assert page.url == site.url + "index.html"  # the page would rather stay
        browsed, searched, similar = told(page, "select")
        answers = [one for one in told(page, "search") if one.get("query_id")]
        found = [one["query_id"] for one in answers if "query" in one]
        alike = [one["query_id"] for one in answers if "query" not in one]
        assert browsed["query_id"] is None
        assert searched["query_id"] == found[-1]
        assert searched["product"] == {
            "id": "p12",
            "name": "Thing 12",
            "description": "",
            "picture": f"{site.api}/photos/images/p12.jpg",
            "price": 12,
            "currency": "EUR",
            "category": None,
            "attributes": {},
            "soldOut": False,
            "score": searched["product"]["score"],
        }
        assert [similar["query_id"]] == alike


def test_a_product_is_a_link_to_its_page(browser: Browser, site: Site) -> None:
    site.page("The product", "p12.html")
    with visit_site(browser, site.page(BOTH)) as page:
        page.get_by_role("searchbox").fill("thing 12")
        expect(page.get_by_role("heading", name="“thing 12”")).to_be_visible()
        thing(page, "Thing 12").click()
        expect(page).to_have_url(site.url + "p12.html")


def test_it_looks_as_the_shop_says(browser: Browser, site: Site) -> None:
    css = """
      body { font-family: monospace; }
      likeness-search { --likeness-accent: rgb(1, 2, 3); --likeness-radius: 0; }
      likeness-search { --likeness-columns: 3; }
      likeness-search::part(price) { color: rgb(9, 8, 7); }
    """
    looks = "(one, name) => getComputedStyle(one).getPropertyValue(name)"
    with visit_site(browser, site.page(BOTH, css=css)) as page:
        expect(page.locator("likeness-search .card .link")).to_have_count(24)
        for part, name, value in (
            (".go", "background-color", "rgb(1, 2, 3)"),
            (".card .picture", "border-radius", "0px"),
            (".card .price", "color", "rgb(9, 8, 7)"),
            (".card .name", "font-family", "monospace"),
        ):
            one = page.locator(f"likeness-search {part}").first
            assert one.evaluate(looks, name) == value, part
        grid = page.locator("likeness-search .grid")
        assert len(grid.evaluate(looks, "grid-template-columns").split()) == 3
        strip = page.locator("likeness-similar .picture").first
        assert strip.evaluate(looks, "border-radius") == "16px"  # of itself


def test_two_on_a_page_leave_each_other_alone(browser: Browser, site: Site) -> None:
    with visit_site(browser, site.page(TWO)) as page:
        expect(page.locator("#b #heading")).to_have_text("“thing 9”")
        page.locator("#a").get_by_role("searchbox").fill("thing 4")
        expect(page.locator("#a #heading")).to_have_text("“thing 4”")
        assert (first(page, "#a"), first(page, "#b")) == ("Thing 4", "Thing 9")
        page.locator("h1").click()
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "a"
        page.locator("h1").click()
        page.evaluate(
            """(text) => {
              const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
              const clipboardData = new DataTransfer();
              clipboardData.items.add(new File([bytes], "a.jpg", { type: "image/jpeg" }));
              const manner = { clipboardData, bubbles: true, cancelable: true };
              document.body.dispatchEvent(new ClipboardEvent("paste", manner));
            }""",
            b64encode(jpeg(7)).decode(),
        )
        expect(page.locator("#a #heading")).to_have_text("Like your picture and “thing 4”")
        assert heading(page, "#b") == "“thing 9”"
        assert {one["id"] for one in told(page, "search")} == {"a", "b"}
        shoot(page, "two-components")


def test_what_was_asked_outlives_other_attributes_and_another_place(
    browser: Browser, site: Site
) -> None:
    body = "<aside></aside><likeness-search></likeness-search>"
    with visit_site(browser, site.page(body)) as page:
        page.get_by_role("searchbox").fill("thing 12")
        expect(page.get_by_role("heading", name="“thing 12”")).to_be_visible()
        search = page.locator("likeness-search")
        search.evaluate("one => one.setAttribute('labels', '{\"placeholder\": \"Wonach?\"}')")
        expect(page.get_by_placeholder("Wonach?")).to_have_value("thing 12")
        expect(page.get_by_role("heading", name="“thing 12”")).to_be_visible()
        search.evaluate("one => document.querySelector('aside').append(one)")
        expect(page.locator("aside").get_by_role("searchbox")).to_have_value("thing 12")
        search.evaluate("one => one.setAttribute('labels', 'no JSON')")
        expect(page.get_by_placeholder("Words, or a picture")).to_have_value("thing 12")


def test_the_example_shop_searches_and_has_a_page_for_each_product(
    browser: Browser, site: Site
) -> None:
    site.pages |= example_pages(site.api)
    with visit_site(browser, site.url) as page:
        expect(page.locator("likeness-search .card .link")).to_have_count(24)
        assert_accessible(page)
        shoot(page, "example-shop")
        page.get_by_label("Search with a picture").set_input_files([SEEN])
        expect(page.get_by_role("heading", name="Like your picture")).to_be_visible()
        thing(page, "Thing 7").click()
        expect(page.get_by_role("heading", name="Thing 7", exact=True)).to_be_visible()
        expect(page.locator("likeness-similar .card")).to_have_count(12)
        expect(page.get_by_role("heading", name="Goes well beside it")).to_be_visible()
        assert_accessible(page)
        shoot(page, "example-product")


@pytest.mark.parametrize("css", ["", ":root { color-scheme: light dark; background: Canvas; }"])
def test_in_the_dark_it_is_dark_where_the_page_is(browser: Browser, site: Site, css: str) -> None:
    url = site.page(BOTH, css=css or "/* of one colour */")
    with visit_site(browser, url, color_scheme="dark") as page:
        expect(page.locator("likeness-search .card .link")).to_have_count(24)
        ground = "(one) => getComputedStyle(one).backgroundColor"
        box = page.locator("likeness-search .box").evaluate(ground)
        assert box == ("rgb(30, 29, 27)" if css else "rgb(255, 255, 255)")
        assert_accessible(page)


def test_on_a_page_with_small_rems_it_is_as_large_as_zoom_says(
    browser: Browser, site: Site
) -> None:
    css = "html { font-size: 62.5%; } likeness-search { zoom: 1.6; }"
    sizes = "(one) => [one.getBoundingClientRect().height, parseFloat(getComputedStyle(one).width)]"
    with visit_site(browser, site.page(BOTH, css=css)) as page:
        box = page.locator("likeness-search .words").bounding_box()
        assert box is not None and round(box["height"]) == 44
        assert page.locator("likeness-search .go").evaluate(sizes)[0] == pytest.approx(44, abs=1)
