"""The page on other screens and for other eyes: dark, on a phone, zoomed in, without motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import assert_accessible
from tests.browser.shots import shoot
from tests.browser.storefront import SEARCH, Storefront, as_jpeg, photo_of, storefront
from tests.e2e.running import RunningShop

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DARK: dict[str, Any] = {"color_scheme": "dark"}
ZOOMED: dict[str, Any] = {"viewport": {"width": 640, "height": 450}}
"""A window of 1280 by 900 at 200 %."""
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 480}}
"""The least that nothing may be lost on: 1280 at 400 %."""
SMALL = """() => {
  const inside = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
    [one, ...(one.shadowRoot ? inside(one.shadowRoot) : [])]);
  const pressed = inside(document).filter((one) =>
    one.matches("a[href], button, input, summary, [tabindex='0']") && one.checkVisibility());
  const target = (one) => one.matches(".link") ? one.closest(".card") : one.closest("label") ?? one;
  return pressed.map(target).filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    return width < 24 || height < 24;
  }).map((one) => one.outerHTML.slice(0, 120));
}"""
"""Whatever is pressed and smaller than a fingertip."""


def home(front: Storefront, demo: RunningShop) -> None:
    expect(front.cards).to_have_count(24)


def prices(front: Storefront, demo: RunningShop) -> None:
    front.page.locator("summary").click()
    expect(front.page.get_by_role("button", name="€50 – €100")).to_be_in_viewport()


def pictured(front: Storefront, demo: RunningShop) -> None:
    """Words, a part of a picture, and a product each that pulls and pushes."""
    one = next(one for one in sorted(demo.catalogue()) if "handbag" in one)
    front.choose(as_jpeg(photo_of(demo, one)))
    front.words.fill("red")
    front.stage.focus()
    front.page.keyboard.press("ArrowUp")
    expect(front.crop).to_be_visible()
    for steer in (".steer.more", ".steer.less"):
        front.settle()
        front.cards.nth(1).hover()
        front.cards.nth(1).locator(steer).click()
    expect(front.page.locator(".tokens li")).to_have_count(2)
    front.settle()


def look(front: Storefront, demo: RunningShop) -> None:
    front.links.first.click()
    end = front.look.locator("likeness-similar")
    end.evaluate("(one) => one.scrollIntoView()")  # it is asked for as it comes near
    expect(end.locator(".card")).to_have_count(12)
    lines = (
        "all => all.map((one) => one.offsetHeight / parseFloat(getComputedStyle(one).lineHeight))"
    )
    for height in front.look.locator("dt").evaluate_all(lines):
        assert height == pytest.approx(1, abs=0.1)  # no word is broken without need


def nothing(front: Storefront, demo: RunningShop) -> None:
    front.page.route(SEARCH, lambda route: route.fulfill(json={"results": []}))
    front.words.fill("nothing")
    expect(front.page.get_by_role("heading", name="Nothing found")).to_be_visible()


def trouble(front: Storefront, demo: RunningShop) -> None:
    front.page.route(SEARCH, lambda route: route.fulfill(status=503, json={"code": "x"}))
    front.words.fill("trouble")
    expect(front.page.get_by_role("heading", name="catching its breath")).to_be_visible()


STATES: dict[str, Callable[[Storefront, RunningShop], None]] = {
    state.__name__: state for state in (home, prices, pictured, look, nothing, trouble)
}
SCREENS = {"dark": DARK, "phone": PHONE, "zoomed": ZOOMED, "narrow": NARROW}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("screen", SCREENS)
def test_it_is_whole_and_can_be_read_and_pressed(
    browser: Browser, demo: RunningShop, screen: str, state: str
) -> None:
    manner = SCREENS[screen] | {"forgiven": ["status of 503"]}
    with storefront(browser, demo, **manner) as front:
        STATES[state](front, demo)
        wide = front.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1]
        assert front.page.evaluate(SMALL) == []
        shoot(front.page, f"{screen}-{state}")
        assert_accessible(front.page)


def test_in_the_dark_it_is_dark(browser: Browser, demo: RunningShop) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    chip = "(one) => getComputedStyle(one).backgroundColor"
    colours: list[list[str]] = []
    for scheme in ("light", "dark"):
        with storefront(browser, demo, color_scheme=scheme) as front:
            one = front.page.get_by_role("button", name="In stock").evaluate(chip)
            colours.append([front.page.evaluate(ground), one])
    assert colours == [
        ["rgb(251, 250, 248)", "rgb(255, 255, 255)"],
        ["rgb(20, 19, 18)", "rgb(30, 29, 27)"],
    ]


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
def test_nothing_moves_for_those_who_want_it_still(
    browser: Browser, demo: RunningShop, wish: str
) -> None:
    moves = """(one) => {
      const { animationName, transitionDuration } = getComputedStyle(one);
      return animationName !== "none" || transitionDuration !== "0s";
    }"""
    with storefront(browser, demo, reduced_motion=wish) as front:
        seen = [front.cards.locator("img").first.evaluate(moves)]
        front.links.first.click()
        expect(front.look).to_be_visible()
        seen.append(front.look.evaluate(moves))
        front.page.keyboard.press("Escape")
        front.page.route(SEARCH, lambda route: None)
        front.words.fill("slow")
        skeleton = front.page.locator(".skeleton .picture").first
        expect(skeleton).to_be_visible()
        seen.append(skeleton.evaluate(moves))
        assert seen == [wish == "no-preference"] * 3
        front.page.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize("screen", ["phone", "zoomed"])
def test_a_chosen_category_is_not_left_out_of_sight(
    browser: Browser, demo: RunningShop, screen: str
) -> None:
    with storefront(browser, demo, "/?category=Lamps", **SCREENS[screen]) as front:
        expect(front.page.locator("[data-category=Lamps]")).to_be_in_viewport(ratio=1)
        assert front.page.locator(".chips").evaluate("(one) => one.scrollLeft") > 0
        front.page.get_by_role("button", name="All", exact=True).click()
        expect(front.page.locator("[data-category='']")).to_be_in_viewport(ratio=1)


def test_a_chosen_chip_can_be_told_where_the_system_has_its_own_colours(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo, forced_colors="active") as front:
        chosen, other = (
            front.page.locator(f".chips [aria-pressed={pressed}]").first.evaluate(
                "(one) => getComputedStyle(one).backgroundColor"
            )
            for pressed in ("true", "false")
        )
        assert chosen != other


def test_what_is_similar_is_there_before_it_is_scrolled_to(
    browser: Browser, demo: RunningShop
) -> None:
    with storefront(browser, demo, **ZOOMED) as front:
        front.links.first.click()
        strip = front.look.locator("likeness-similar .strip")
        expect(strip.locator(".card")).to_have_count(12)
        expect(strip).not_to_be_in_viewport()
