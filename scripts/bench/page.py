"""Typing in the real page: from the key that is pressed to the pictures that are painted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING

from scripts import chromium
from scripts.bench.report import Report, Scale, Timing
from scripts.bench.shelves import stock
from scripts.bench.stacks import shipped, started

if TYPE_CHECKING:
    from playwright.sync_api import Page

_PRODUCTS = 10_000
_PRESSES = 100
_PACE = 0.15
"""Seconds between two keys: quick fingers."""
_WIDTH, _HEIGHT = 1280, 900
# No two begin with the same letter, so that no answer and no picture is there from the one before.
_WORDS = (
    "striped mug", "red dress", "leather bag", "yellow lamp", "wooden chair", "blue jeans",
    "green sofa", "cotton shirt", "a warm hat", "velvet cushion", "teapot", "umbrella",
)  # fmt: skip
_FIGURES = {
    "pictures": "key to all pictures in sight painted",
    "picture": "key to the first product's picture painted",
    "card": "key to the first product's name painted",
    "answer": "of that: key to the answer",
    "after": "of that: answer to the first product's name painted",
}
_WATCH = """
const search = document.querySelector("likeness-search");
const painted = () => new Promise((done) => requestAnimationFrame(() => {
  const after = new MessageChannel();
  after.port1.onmessage = () => done(performance.now());
  after.port2.postMessage(null);
}));
const inSight = (image) => {
  const { top, bottom } = image.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
};
let pressed, tell;
window.listen = () => {
  window.told = new Promise((resolve, reject) => {
    tell = resolve;
    setTimeout(reject, 20_000, Error("no answer"));
  });
};
addEventListener("keydown", ({ timeStamp }) => {
  pressed = timeStamp;
  performance.clearResourceTimings();
}, true);
search.addEventListener("likeness-search", async () => {
  const images = [...search.shadowRoot.querySelectorAll(".card img")].filter(inSight);
  const drawn = images.map((image) => image.decode());
  const [card, picture, pictures] = await Promise.all([
    painted(), drawn[0].then(painted), Promise.all(drawn).then(painted),
  ]);
  const asked = performance.getEntriesByType("resource");
  const answer = asked.find(({ name }) => name.endsWith("/search"))?.responseEnd ?? NaN;
  const since = (moment) => moment - pressed;
  tell({
    pictures: since(pictures), picture: since(picture), card: since(card),
    answer: since(answer), after: card - answer, seen: images.length,
  });
});
"""
"""Pictures count once they are decoded and the frame after that has been made."""


def measure(report: Report, scale: Scale) -> None:
    browser = chromium.find()
    if browser is None:
        report.say(f"page: no Chromium here, so nobody can type in it ({chromium.TO_DO})")
        return
    products = min(_PRODUCTS, scale.products)
    report.say(f"page: {products:,} products with a photo each")
    ours = shipped()
    with tempfile.TemporaryDirectory(prefix="likeness-bench-") as folder:
        data = Path(folder) / "data"
        stock(data, products)
        with started(ours, data) as server:
            server.wait_until_ready()
            with _visit(browser, f"http://127.0.0.1:{ours.port}/") as page:
                presses = list(islice(_type(page), scale.times(_PRESSES)))
    for part, name in _FIGURES.items():
        report.time(name, Timing.of(press[part] for press in presses))
    seen = [press["seen"] for press in presses]
    report.value("pictures in sight", Timing.of(seen).p50, "pictures", n=len(presses))


def _type(page: Page) -> Iterator[dict[str, float]]:
    """What each key came to. The next is pressed when the pictures are there, as a shopper's who
    looks at them, but never sooner than fingers can."""
    for words in _WORDS:
        for key in [*words, "Escape"]:  # after which the box is empty, and the page as it began
            began = perf_counter()
            press = _press(page, key)
            if key not in (" ", "Escape"):
                yield press
            sleep(max(0.0, began + _PACE - perf_counter()))


def _press(page: Page, key: str) -> dict[str, float]:
    page.evaluate("listen()")
    page.keyboard.press(key)
    told: dict[str, float] = page.evaluate("told")
    return told


@contextmanager
def _visit(browser: str, address: str) -> Iterator[Page]:
    from playwright.sync_api import sync_playwright  # only a developer's environment has it

    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=browser)
        page = chrome.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        page.goto(address, wait_until="networkidle")
        page.evaluate(f"() => {{ {_WATCH} }}")
        page.get_by_role("searchbox").focus()
        yield page
        chrome.close()
