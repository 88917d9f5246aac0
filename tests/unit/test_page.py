"""The page's scripts as files: how much there is of them, and that they come all at once.
What they do is told by a browser, in tests/browser."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from handlers.page_files import lightened

PAGE = Path(__file__).parents[2] / "handlers" / "page"
ENTRY = PAGE / "likeness.js"
MOST_BYTES = 30 * 1024
IMPORT = re.compile(r'^(?:import|export)\b[^;]*?"\./([\w-]+\.js)"', re.MULTILINE)
"""Of a module beside this one."""


def needed_by(name: str) -> set[str]:
    """A module, and every module it needs."""
    found, waiting = set(), [name]
    while waiting:
        if (module := waiting.pop()) not in found:
            found.add(module)
            waiting += IMPORT.findall((PAGE / module).read_text())
    return found


COMPONENTS = needed_by("likeness-search.js") | needed_by("likeness-similar.js")


def test_all_of_the_page_is_no_more_than_thirty_kilobytes_on_its_way() -> None:
    scripts = needed_by("page.js") | {ENTRY.name}
    assert len(scripts) > 10
    read = (lightened((PAGE / name).read_bytes()) for name in scripts)
    assert sum(len(gzip.compress(script, mtime=0)) for script in read) <= MOST_BYTES


def test_a_shops_script_names_every_module_so_that_none_waits_for_another() -> None:
    named = re.findall(r'^import "\./page/@/([\w-]+\.js)";$', ENTRY.read_text(), re.MULTILINE)
    assert sorted(named) == sorted(COMPONENTS)


def test_the_page_loads_every_module_ahead() -> None:
    html = (PAGE / "index.html").read_text()
    ahead = re.findall(r'rel="modulepreload" href="/page/@/([\w-]+\.js)"', html)
    assert sorted(ahead) == sorted(needed_by("page.js") - {"page.js"})


@pytest.mark.parametrize("name", sorted(needed_by("page.js")))
def test_nothing_is_made_of_text_that_a_strict_policy_forbids(name: str) -> None:
    forbidden = r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function)\b"
    assert not re.search(forbidden, (PAGE / name).read_text())


@pytest.mark.parametrize("name", sorted(needed_by("page.js")))
def test_no_text_looks_like_the_comments_that_are_left_out(name: str) -> None:
    """Texts over several lines may look like anything, so none may begin a line like a comment."""
    for text in re.findall(r"`[^`]*`", (PAGE / name).read_text()):
        assert not re.search(r"^\s*(//|/\*)", text, re.MULTILINE)


def test_each_property_and_part_is_documented_and_there() -> None:
    """And none but those."""
    read = "".join((PAGE / name).read_text() for name in needed_by("page.js"))
    documented = (PAGE.parents[1] / "docs" / "components.md").read_text()
    looks = documented.partition("## How they look")[2].partition("## What has")[0]
    assert set(re.findall(r"`(--likeness-[\w-]+)`", looks)) == set(
        re.findall(r"var\((--likeness-[\w-]+)", read)
    )
    named = looks.partition("and parts, for")[2].partition("The strip")[0]
    parts = set(re.findall(r"`([a-z]+)`", named))
    assert parts == set(re.findall(r"\bpart: \"([a-z]+)\"", read))
