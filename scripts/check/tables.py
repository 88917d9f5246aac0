"""Settings and errors as the docs tell them, against the code that means them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from core.errors import LikenessError, SettingsInvalid
from core.settings import SETTING_NAMES, Settings, load_settings
from handlers.problems import status_of

NOTHING = "–"
_EITHER = ("IMAGE_CONTAINER", "IMAGE_BUCKET")
"""Of which only one may be set."""
_SPAN = re.compile(r"^`([^`]*)`$")


def settings_problems(page: Path) -> list[str]:
    """Every setting in one row of name, default, purpose and an example that is accepted."""
    rows = {row[0]: row for row in table(page.read_text(encoding="utf-8"), columns=4)}
    problems = _same_names(page, "setting", rows.keys(), SETTING_NAMES)
    defaults = Settings()
    examples: dict[str, str] = {}
    for name in SETTING_NAMES:
        if name not in rows:
            continue
        _, default, _, examples[name] = rows[name]
        meant = shown(getattr(defaults, name.lower()))
        if default != meant:
            problems.append(f"{page.name}: {name} defaults to {meant}, not {default}")
    told = {name: example for name, example in examples.items() if example != NOTHING}
    for other in _EITHER:
        try:
            load_settings({name: example for name, example in told.items() if name != other})
        except SettingsInvalid as refused:
            problems.append(f"{page.name}: the examples together are refused. {refused.detail}")
            break
    return problems


def errors_problems(page: Path) -> list[str]:
    """Every error's code in one row of code, status, when, and what to do."""
    rows = {row[0]: row for row in table(page.read_text(encoding="utf-8"), columns=4)}
    kinds = {kind.code: kind for kind in family(LikenessError)}
    problems = _same_names(page, "error code", rows.keys(), kinds)
    for code, kind in kinds.items():
        meant = str(status_of(kind("")).value)
        if code in rows and rows[code][1] != meant:
            problems.append(f"{page.name}: {code} answers {meant}, not {rows[code][1]}")
    return problems


def family(kind: type[LikenessError]) -> Iterator[type[LikenessError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def shown(value: object) -> str:
    """A default as the page writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return NOTHING if value is None or value == () else str(value)


def table(text: str, columns: int) -> Iterator[list[str]]:
    """The rows of every table of so many columns, headings left out, code spans bare."""
    lines = [line.strip() for line in text.splitlines()]
    for number, line in enumerate(lines):
        if not line.startswith("|") or set(line) <= set("|-: "):
            continue
        if number + 1 < len(lines) and set("|-") <= set(lines[number + 1]) <= set("|-: "):
            continue  # a heading: the ruler is below it
        cells = [_bare(cell.strip()) for cell in line.strip("|").split("|")]
        if len(cells) == columns:
            yield cells


def _bare(cell: str) -> str:
    span = _SPAN.match(cell)
    return span[1] if span else cell


def _same_names(page: Path, noun: str, told: Collection[str], meant: Collection[str]) -> list[str]:
    missing = [f"{page.name}: the {noun} {name} is missing" for name in meant if name not in told]
    extra = [f"{page.name}: {name} is no {noun}" for name in told if name not in meant]
    return missing + extra
