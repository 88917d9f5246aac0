"""Pictures of the page in its main states, for people to look at: in `.venv/shots`, which git does
not see and `make clean` removes."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.running import ROOT

FOLDER = ROOT / ".venv" / "shots"


def shoot(page: Page, name: str) -> None:
    """What the window shows once all pictures in it are there."""
    page.wait_for_function(
        """() => {
          const inside = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
            [one, ...(one.shadowRoot ? inside(one.shadowRoot) : [])]);
          return inside(document).every((one) => one.localName !== "img" || one.complete
            || one.loading === "lazy");
        }"""
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
