"""What a page says about the tree, against the tree: links, paths, make targets, lengths."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from scripts.check.tables import table

LONGEST = 250
LONGER = "Files longer than 250 lines"
_WRITTEN = {".py", ".js", ".css", ".html", ".md", ".toml", ".yaml", ".yml", ".sh", ".bicep"}
_PLAIN = {"Makefile", "Dockerfile", "run"}
_NOT_OURS = {"data", "models"}  # at the top level: what a shop and a model build leave there
_FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_CALL = re.compile(r"^\s*(?:\$ )?make ([a-z][a-z-]*)", re.MULTILINE)
_PATH = re.compile(r"^(?:core|handlers|scripts|tests|docs|infra|clients)/[\w./-]*$")


def files(root: Path) -> Iterator[Path]:
    """Every file people write, with or without git at hand."""
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if (not name.startswith(".") or name in (".ci", ".github"))
            and name != "__pycache__"
            and not (here == root and name in _NOT_OURS)
        )
        for name in sorted(names):
            if Path(name).suffix in _WRITTEN or name in _PLAIN:
                yield here / name


def link_problems(root: Path) -> list[str]:
    """Links, headings linked to, and paths in code spans lead somewhere."""
    problems: list[str] = []
    for page in _pages(root):
        text = _FENCE.sub("", page.read_text(encoding="utf-8"))
        told = page.relative_to(root)
        for target in _LINK.findall(text):
            path, _, heading = target.partition("#")
            if ":" in path:
                continue  # elsewhere on the web: not ours to vouch for
            goal = page.parent / path if path else page
            if not goal.exists():
                problems.append(f"{told}: links to {target}, which is not there")
            elif heading and goal.suffix == ".md" and heading not in _anchors(goal):
                problems.append(f"{told}: links to {target}, but no heading there is called so")
        for span in _SPAN.findall(text):
            if _PATH.match(span) and not (root / span).exists():
                problems.append(f"{told}: speaks of {span}, which is not there")
    return problems


def target_problems(root: Path) -> list[str]:
    """Every `make something` a page shows is a target of the Makefile."""
    targets = set(_TARGET.findall((root / "Makefile").read_text(encoding="utf-8")))
    problems: list[str] = []
    for page in _pages(root):
        text = page.read_text(encoding="utf-8")
        shown = _FENCE.findall(text) + _SPAN.findall(_FENCE.sub("", text))
        called = {name for code in shown for name in _CALL.findall(code)}
        for name in sorted(called - targets):
            problems.append(f"{page.relative_to(root)}: make {name} is no target of the Makefile")
    return problems


def length_problems(root: Path) -> list[str]:
    """No file is long without its reason in CONTRIBUTING.md, and no reason outlives its file."""
    contributing = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = contributing.partition(f"## {LONGER}\n")[2].partition("\n## ")[0]
    excused = {row[0] for row in table(section, columns=2)}
    long: dict[str, int] = {}
    for path in files(root):
        lines = len(path.read_bytes().splitlines())
        if lines > LONGEST:
            long[path.relative_to(root).as_posix()] = lines
    problems = [
        f"{name} has {lines} lines; split it, or say why under '{LONGER}' in CONTRIBUTING.md"
        for name, lines in long.items()
        if name not in excused
    ]
    problems += [
        f"CONTRIBUTING.md: {name} is not (or no longer) over {LONGEST} lines"
        for name in sorted(excused - long.keys())
    ]
    return problems


def _pages(root: Path) -> Iterator[Path]:
    return (path for path in files(root) if path.suffix == ".md")


def _anchors(page: Path) -> set[str]:
    """The names a page's headings can be linked by, as the usual renderers make them."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {_slug(heading) for heading in _HEADING.findall(text)}


def _slug(heading: str) -> str:
    kept = "".join(
        letter
        for letter in heading.lower()
        if letter in " -_" or unicodedata.category(letter)[0] in "LN"
    )
    return kept.replace(" ", "-")
