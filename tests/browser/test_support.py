"""What the browser's tests lean on: it must tell trouble, or they tell nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import assert_accessible
from tests.browser.visit import at, visit
from tests.e2e.running import ROOT, RunningShop


def test_axe_tells_of_a_button_without_a_name_within_a_shadow_tree(
    browser: Browser, demo: RunningShop
) -> None:
    with visit(browser, at(demo, "/")) as page:
        go = page.locator("likeness-search .go")
        go.evaluate("button => { button.removeAttribute('aria-label'); button.title = '' }")
        with pytest.raises(AssertionError, match=r"(?s)critical: .*button-name.*class=\"go\""):
            assert_accessible(page)


@pytest.mark.parametrize(
    ("wrong", "event"),
    [
        ("console.error('trouble')", "console"),
        ("setTimeout(() => { throw Error('trouble') })", "pageerror"),
        ("fetch('//a.test').catch(() => {})", "request"),
    ],
)
def test_a_visit_fails_with_what_went_wrong_while_it_lasted(
    browser: Browser, demo: RunningShop, wrong: str, event: Literal["console"]
) -> None:
    with (
        pytest.raises(AssertionError, match=r"trouble|a\.test"),
        visit(browser, at(demo, "/redoc")) as page,
        page.expect_event(event),
    ):
        page.evaluate(f"() => {{ {wrong} }}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is trusted to install anything")
@pytest.mark.parametrize("offered", ["chromium-headless-shell", "chromium"])
def test_a_missing_chromium_is_installed_or_its_absence_explained(
    tmp_path: Path, offered: str
) -> None:
    def set_up() -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "scripts.chromium"],
            cwd=ROOT,
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    def offer(install: str) -> None:
        """An apt-get that does this when it is asked to install."""
        apt = tmp_path / "apt-get"
        apt.write_text(f'#!/bin/sh\n[ "$1" = update ] || {{ {install}; }}\n')
        apt.chmod(0o755)

    assert "will be skipped (on Debian: apt install chromium" in set_up()
    offer("echo E: no such package; exit 100")
    assert set_up().endswith("could not be had: E: no such package\n")
    install = f"cd {tmp_path}; echo >{offered}; /bin/chmod +x {offered}"
    offer(f'[ "$5" = {offered} ] || exit 100; {install}')
    assert "(once) ..." in set_up()
    assert {path.name for path in tmp_path.iterdir()} == {"apt-get", offered}
    assert set_up() == ""  # it is there now
