"""A real browser, Chromium as the system has it, driven by Playwright; and a shop to visit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from scripts import chromium
from scripts.demo.catalogue import products
from scripts.demo.write import write_products
from tests.e2e.running import RunningShop, eventually, running_shop

expect.set_options(timeout=20_000)  # the machine may have other work
_SIZE = 256
_EVERY = 4


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A module's own: while Playwright is open, its event loop runs in this thread, and nobody
    else's can."""
    found = chromium.find()
    if found is None:
        pytest.skip(f"no Chromium here; make test installs it where it can ({chromium.TO_DO})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """A quarter of the demo catalogue, served. To be looked at only: modules share it."""
    if chromium.find() is None:
        pytest.skip("nobody here to visit a shop")
    data = tmp_path_factory.mktemp("demo") / "data"
    some = products()[::_EVERY]
    write_products(some, data / "bucket", _SIZE, 1, lambda done, total: None)
    with running_shop(data) as shop:
        eventually(lambda: len(shop.catalogue()) == len(some), 60)
        yield shop
