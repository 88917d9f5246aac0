"""The words of the demo shop: its kinds of product, colours, patterns and materials."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RGB = tuple[int, int, int]


@dataclass(frozen=True)
class ColourWord:
    rgb: RGB
    accent: RGB  # the second colour of a pattern on this ground
    words: tuple[str, ...]


@dataclass(frozen=True)
class PatternWord:
    adjectives: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """What is true of every product of a kind, and which looks it may have."""

    words: tuple[str, ...]
    category: str
    placing: str  # "lies", "stands" or "hangs" before the camera
    materials: tuple[str, ...]
    patterns: tuple[str, ...]
    colours: tuple[str, ...]
    count: int
    favourites: tuple[str, ...]  # colours and patterns the shop has in depth
    prices: tuple[int, int]
    use: str
    sizes: tuple[str, ...]


WHITE: RGB = (244, 242, 236)
COLOURS = {
    "red": ColourWord((200, 28, 36), WHITE, ("red", "scarlet")),
    "orange": ColourWord((240, 122, 24), WHITE, ("orange", "tangerine")),
    "yellow": ColourWord((248, 204, 40), (52, 58, 84), ("yellow", "sunny yellow")),
    "green": ColourWord((40, 140, 62), WHITE, ("green", "emerald green")),
    "olive": ColourWord((112, 112, 52), (232, 222, 190), ("olive", "olive green", "khaki green")),
    "teal": ColourWord((16, 138, 140), WHITE, ("teal", "turquoise", "petrol")),
    "blue": ColourWord((42, 100, 208), WHITE, ("blue", "royal blue")),
    "navy": ColourWord((30, 40, 84), WHITE, ("navy", "navy blue", "dark blue")),
    "purple": ColourWord((116, 58, 158), (236, 222, 244), ("purple", "violet")),
    "pink": ColourWord((240, 140, 176), (252, 246, 246), ("pink", "rose")),
    "brown": ColourWord((112, 70, 42), (230, 208, 172), ("brown", "chestnut")),
    "beige": ColourWord((218, 198, 164), (120, 76, 48), ("beige", "sand", "cream")),
    "black": ColourWord((34, 33, 36), WHITE, ("black", "jet black")),
    "white": ColourWord((243, 242, 239), (64, 92, 160), ("white", "off-white")),
    "grey": ColourWord((140, 142, 146), (44, 46, 52), ("grey", "gray")),
    "silver": ColourWord((214, 216, 220), (120, 122, 128), ("silver", "silver-coloured")),
    "gold": ColourWord((222, 176, 84), (140, 100, 40), ("gold", "golden")),
}

# Fruit has its own green, red and purple.
RIPE: dict[str, RGB] = {
    "green": (136, 178, 56),
    "red": (188, 30, 36),
    "purple": (96, 48, 104),
    "yellow": (246, 206, 58),
}

PATTERNS = {
    "plain": PatternWord(("plain", "solid", "single-coloured"), ()),
    "striped": PatternWord(("striped", "stripy"), ("with stripes", "with horizontal stripes")),
    "checked": PatternWord(
        ("checked", "gingham", "plaid"), ("with checks", "with a check pattern")
    ),
    "polka dot": PatternWord(("polka dot", "dotted", "spotted"), ("with polka dots", "with dots")),
    "floral": PatternWord(("floral", "flowery"), ("with flowers", "with a floral print")),
    "zigzag": PatternWord(("zigzag", "chevron"), ("with zigzags", "with a zigzag pattern")),
}

GROUPS: dict[str, tuple[str, ...]] = {
    "cloth": ("plain", "striped", "checked", "polka dot", "floral", "zigzag"),
    "knit": ("plain", "striped", "zigzag"),
    "every": tuple(COLOURS)[:15],
    "calm": ("navy", "black", "beige", "grey", "olive", "brown", "white", "blue"),
    "bright": (
        *("red", "orange", "yellow", "green", "teal"),
        *("blue", "purple", "pink", "white", "black"),
    ),
    "wear": ("XS", "S", "M", "L", "XL"),
    "feet": ("37", "38", "39", "40", "41", "42", "43"),
}


def _kinds() -> dict[str, Kind]:
    with Path(__file__).with_name("kinds.toml").open("rb") as file:
        return {name: _kind(row) for name, row in tomllib.load(file).items()}


def _kind(row: dict[str, Any]) -> Kind:
    def group(key: str) -> tuple[str, ...]:
        value = row.get(key, ())
        return GROUPS[value] if isinstance(value, str) else tuple(value)

    return Kind(
        words=tuple(row["words"]),
        category=row["category"],
        placing=row["placing"],
        materials=tuple(row["materials"]),
        patterns=group("patterns"),
        colours=group("colours"),
        sizes=group("sizes"),
        count=row["count"],
        favourites=group("favourites"),
        prices=(row["prices"][0], row["prices"][1]),
        use=row["use"],
    )


KINDS = _kinds()
