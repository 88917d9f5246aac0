"""axe-core looks at a page with the eyes of those who can't see it, or not well."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from tests.npm import installed

VERSION = "4.14.1"
GRAVE = ("serious", "critical")
_LOOK = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


def assert_accessible(page: Page) -> None:
    """Nothing serious on the page as it is now, shadow trees included; else says what, and where.

    What fades in is waited for: half faded, everything has too little contrast."""
    page.evaluate("Promise.allSettled(document.getAnimations().map(({finished}) => finished))")
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    grave = [found for found in page.evaluate(_LOOK) if found["impact"] in GRAVE]
    assert not grave, "\n".join(
        f"{found['impact']}: {found['help']} ({found['id']})\n"
        + "\n".join(f"  {node['target']}: {node['html'][:200]}" for node in found["nodes"])
        for found in grave
    )


@cache
def _source() -> str:
    home = installed("axe-core", VERSION)
    return (home / "node_modules" / "axe-core" / "axe.min.js").read_text()
