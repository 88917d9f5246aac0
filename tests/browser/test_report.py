"""The report in a browser, opened as the file it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import assert_accessible
from tests.browser.visit import visit
from tests.e2e.running import ROOT, RunningShop


@pytest.fixture(scope="module")
def report(demo: RunningShop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = tmp_path_factory.mktemp("report") / "a page.html"
    url = str(demo.client.base_url.join("/"))
    subprocess.run(
        [sys.executable, "-m", "scripts.report", "--url", url, "--out", str(page)],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(page.parent)},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_read_without_a_network_in_light_and_dark(
    browser: Browser, report: Path, scheme: str
) -> None:
    with visit(browser, report.as_uri(), color_scheme=scheme, offline=True) as page:
        drawn = "all => all.every(one => one.complete && one.naturalWidth > 0)"
        assert page.locator("img").evaluate_all(drawn)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(250, 249, 247)") is (scheme == "light")
        wide = "document.documentElement.scrollWidth <= innerWidth"
        assert page.evaluate(wide)
        assert_accessible(page)
        page.set_viewport_size({"width": 360, "height": 700})
        assert page.evaluate(wide)


def test_no_photo_lies_on_another_and_each_says_what_it_is(browser: Browser, report: Path) -> None:
    with visit(browser, report.as_uri()) as page:
        dots = page.locator(".dots > img")
        corners = dots.evaluate_all("all => all.map(one => `${one.offsetLeft} ${one.offsetTop}`)")
        assert len(set(corners)) == len(corners) > 50
        dots.nth(7).hover()
        expect(page.locator(".map output")).to_have_text(dots.nth(7).get_attribute("title") or "")


def test_a_category_can_be_shown_alone(browser: Browser, report: Path) -> None:
    with visit(browser, report.as_uri()) as page:
        page.locator("#only-1").check()
        expect(page.locator(".dots > .c1").first).to_have_css("opacity", "1")
        expect(page.locator(".dots > .c2").first).to_have_css("opacity", "0.12")


def test_without_scripts_all_but_the_line_below_the_map_is_there(
    browser: Browser, report: Path
) -> None:
    with visit(browser, report.as_uri(), java_script_enabled=False) as page:
        expect(page.get_by_role("heading", name="The catalogue")).to_be_visible()
        expect(page.get_by_role("img", name="A map of")).to_be_visible()
        page.get_by_role("link", name="out of stock").click()
        expect(page.get_by_role("heading", name="Out of stock")).to_be_in_viewport()
