"""What an image weighs above its base, and what of it does: a table for a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from scripts.image.engine import Engine

MOST_MB = 220
"""Above its base, with the model that ships. Docs promise it, and the rehearsal holds us to it."""
_INSIDE = Path(__file__).with_name("inside.py")
_MB = 1_000_000
_SMALL = 0.5


class Weight(NamedTuple):
    above: float
    base: float
    parts: dict[str, float]
    """All in MB; the heaviest part first."""


def weigh(engine: Engine, image: str, base: str) -> Weight:
    program = _INSIDE.read_text(encoding="utf-8")
    whole, below = (json.loads(engine.ask(one, program)) for one in (image, base))
    parts = sorted(whole["parts"].items(), key=lambda part: -part[1])
    above = whole["all"] - below["all"]
    return Weight(above / _MB, below["all"] / _MB, {name: size / _MB for name, size in parts})


def table(weight: Weight) -> str:
    """Parts of less than half a megabyte are one line."""
    rows = {name: size for name, size in weight.parts.items() if size >= _SMALL}
    small = [name for name, size in weight.parts.items() if size < _SMALL]
    rows[f"{len(small)} others"] = sum(weight.parts[name] for name in small)
    lines = [f"{name:<24} {size:>7.1f} MB" for name, size in rows.items()]
    lines += ["-" * 35, f"{'above its base':<24} {weight.above:>7.1f} MB"]
    return "\n".join([*lines, f"{'the base':<24} {weight.base:>7.1f} MB"])
