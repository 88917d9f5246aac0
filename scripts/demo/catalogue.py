"""The demo shop's catalogue: about three hundred invented products, the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from scripts.demo.vocabulary import COLOURS, KINDS, PATTERNS, Kind

__all__ = [
    "COLOURS",
    "KINDS",
    "PATTERNS",
    "DemoProduct",
    "Look",
    "Words",
    "every_look",
    "looks_of",
    "products",
    "words_for",
]

Value = str | float | bool | list[str]


@dataclass(frozen=True)
class Look:
    """Everything that decides what a product looks like."""

    kind: str
    colour: str
    pattern: str
    material: str


@dataclass(frozen=True)
class Words:
    """How people may call a look; the first of each is the shop's own word."""

    kind: tuple[str, ...]
    colour: tuple[str, ...]
    pattern: tuple[str, ...]  # before the noun: "striped"
    with_pattern: tuple[str, ...]  # after the noun: "with stripes"; empty when plain
    material: tuple[str, ...]  # empty where nobody would say it


@dataclass(frozen=True)
class DemoProduct:
    id: str
    name: str
    description: str
    category: str
    price: float
    currency: str
    attributes: dict[str, Value]
    in_stock: bool
    look: Look
    photos: int


def words_for(look: Look) -> Words:
    pattern = PATTERNS[look.pattern]
    return Words(
        kind=KINDS[look.kind].words,
        colour=COLOURS[look.colour].words,
        pattern=pattern.adjectives,
        with_pattern=pattern.phrases,
        material=MATERIAL_WORDS[look.material],
    )


def looks_of(name: str) -> list[Look]:
    """Every look a kind of product may have."""
    kind = KINDS[name]
    looks = [
        Look(name, colour, pattern, material)
        for material in kind.materials
        for pattern in kind.patterns
        for colour in kind.colours
    ]
    return [look for look in looks if look.kind != "watch" or _is_watch(look)]


def _is_watch(look: Look) -> bool:
    """A watch is all of metal, or it has a leather strap in some other colour; both in black."""
    return look.colour == "black" or (look.colour in METALS) == (look.material == "steel")


def every_look() -> list[Look]:
    return [look for name in KINDS for look in looks_of(name)]


def products() -> list[DemoProduct]:
    return [_product(look) for name, kind in KINDS.items() for look in _chosen(name, kind)]


METALS = ("silver", "gold")
MATERIAL_WORDS: dict[str, tuple[str, ...]] = {
    "cotton": ("cotton",),
    "linen": ("linen",),
    "denim": ("denim",),
    "wool": ("wool", "knitted"),
    "fleece": ("fleece",),
    "velvet": ("velvet",),
    "silk": ("silk",),
    "nylon": ("nylon",),
    "canvas": ("canvas",),
    "leather": ("leather",),
    "suede": ("suede",),
    "felt": ("wool felt", "felt"),
    "straw": ("straw",),
    "rubber": ("rubber",),
    "plastic": ("plastic",),
    "ceramic": ("ceramic", "porcelain"),
    "stoneware": ("stoneware", "pottery"),
    "steel": ("steel", "metal"),
    "wood": ("wooden", "wood"),
    "skin": (),
}


def _chosen(name: str, kind: Kind) -> list[Look]:
    """A varied selection: each choice prefers the colours and patterns least used so far.

    A kind's favourites are had three times over before anything else is had at all.
    """
    left = sorted(looks_of(name), key=lambda look: crc32(repr(look).encode()))
    chosen: list[Look] = []
    words = (*COLOURS, *PATTERNS)
    used = {word: 0.0 if word in kind.favourites else 1.0 for word in words}
    step = {word: 1 / 3 if word in kind.favourites else 1.0 for word in words}
    step["plain"] = min(step["plain"], 1 / 2)  # plain things are what a shop has most of
    while left and len(chosen) < kind.count:
        best = min(left, key=lambda look: (used[look.colour], used[look.pattern]))
        left.remove(best)
        chosen.append(best)
        used[best.colour] += step[best.colour]
        used[best.pattern] += step[best.pattern]
    return sorted(chosen, key=lambda look: (look.material, look.pattern, look.colour))


def _product(look: Look) -> DemoProduct:
    kind = KINDS[look.kind]
    words = words_for(look)
    slug = [look.kind, look.colour, look.pattern]
    if len(kind.materials) > 1:
        slug.append(look.material)
    identity = "-".join(slug).replace(" ", "-")
    dice = crc32(identity.encode())
    low, high = kind.prices
    price = low + dice % (high - low + 1) - 0.05 if high > 9 else low + dice % 90 / 100
    return DemoProduct(
        id=identity,
        name=_name(look, words),
        description=_description(look, words),
        category=kind.category,
        price=round(price, 2),
        currency="EUR",
        attributes=_attributes(look, words, dice),
        in_stock=dice % 13 != 0,
        look=look,
        photos=2 if dice // 16 % 5 < 2 else 1,
    )


def _name(look: Look, words: Words) -> str:
    parts = [look.colour]
    if look.pattern != "plain":
        parts.append(look.pattern)
    noun = words.kind[0]
    if words.material and words.material[0] not in noun and look.kind != "jeans":
        parts.append(words.material[0])
    if parts[-1] != noun:
        parts.append(noun)
    text = " ".join(parts)
    return text[0].upper() + text[1:]


def _description(look: Look, words: Words) -> str:
    use = KINDS[look.kind].use
    if not words.material:
        return f"{use}."
    stuff = MADE_OF.get(look.material, look.material).capitalize()
    pattern = f" {words.with_pattern[0]}" if words.with_pattern else ""
    return f"{use}. {stuff} in {look.colour}{pattern}."


MADE_OF = {
    "felt": "wool felt",
    "wool": "soft wool",
    "nylon": "light nylon",
    "wood": "solid wood",
    "steel": "stainless steel",
}


def _attributes(look: Look, words: Words, dice: int) -> dict[str, Value]:
    kind = KINDS[look.kind]
    facts: dict[str, Value] = {"colour": look.colour, "pattern": look.pattern}
    if words.material:
        facts["material"] = look.material
    if kind.sizes:
        start = dice // 8 % 3
        facts["sizes"] = list(kind.sizes[start : start + 4])
    if look.material in ("cotton", "linen", "wool", "skin"):
        facts["organic"] = dice // 64 % 3 == 0
    return facts
