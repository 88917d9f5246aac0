"""Which words are true of what: the nouns, colours, patterns and materials of all that is seen.

Every image has at most one value a facet, every caption at most one word a facet. A word may be
right for a value, wrong, or neither: a navy shirt is no mistake for "blue", nor is it what is
meant. What is neither is left out of the loss instead of being taught as false.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scripts.demo.catalogue import COLOURS, KINDS, MATERIAL_WORDS, PATTERNS
from scripts.mini.data.photos import RealPhoto

RIGHT, UNSURE, WRONG = 2, 1, 0
UNKNOWN = -1
"""An image of which a facet is not known, or a caption that does not say it."""

_CATEGORY_NOUNS = {
    "Knitwear": ("knitwear",),
    "Trousers": ("bottoms",),
    "Jackets and coats": ("outerwear",),
    "Shoes": ("shoes", "footwear", "pair of shoes"),
    "Bags": ("bag",),
    "Hats": ("hat", "headwear"),
    "Tableware": ("tableware", "crockery"),
    "Vases": ("vase",),
    "Chairs": ("seat", "furniture"),
    "Cushions": ("cushion", "pillow"),
    "Lamps": ("lamp", "light"),
    "Watches and clocks": ("timepiece",),
    "Fruit": ("fruit",),
}
_MORE_NOUNS = {
    "rain boots": ("boots",),
    "tank top": ("top",),
    "t-shirt": ("top", "short-sleeved top"),
    "bomber jacket": ("jacket",),
    "denim jacket": ("jacket",),
    "biker jacket": ("jacket",),
    "jeans": ("trousers", "pants"),
    "pants": ("pants", "trousers", "bottoms"),
    "shoes": ("shoes", "footwear", "pair of shoes"),
    "hat": ("hat", "headwear"),
    "outwear": ("outerwear", "outwear", "jacket"),
    "longsleeve": ("long-sleeved top", "long sleeve shirt", "longsleeve", "top"),
}
_UNSURE_NOUNS = {
    "t-shirt": ("shirt", "polo shirt", "polo"),
    "polo shirt": ("shirt", "top", "t-shirt", "tee"),
    "tank top": ("t-shirt", "tee"),
    "shirt": ("top", "longsleeve", "long-sleeved top", "long sleeve shirt"),
    "sweater": ("top", "longsleeve", "long-sleeved top"),
    "cardigan": ("top", "longsleeve", "long-sleeved top"),
    "hoodie": ("top", "longsleeve", "long-sleeved top"),
    "coat": ("jacket",),
    "trousers": ("jeans",),
    "ankle boots": ("rain boots",),
    "armchair": ("chair",),
    "cap": ("bucket hat", "sun hat"),
    "sun hat": ("bucket hat", "fisherman hat"),
    "bowl": ("dish", "plate"),
    "clock": ("watch",),
    "longsleeve": (
        *("shirt", "sweater", "jumper", "pullover", "hoodie", "hooded sweatshirt"),
        *("cardigan", "knitwear", "button-up shirt", "t-shirt"),
    ),
    "pants": ("jeans", "denim trousers", "chinos"),
}
_WIDE = {"shoes": "Shoes", "hat": "Hats", "outwear": "Jackets and coats"}
"""Photos' labels that don't say which of a category's kinds they show."""

_VEGETABLES = frozenset(
    (
        *("asparagus", "aubergine", "cabbage", "carrots", "cucumber", "garlic", "ginger", "leek"),
        *("mushroom", "onion", "pepper", "potato", "red beet", "tomato", "zucchini"),
    )
)
_PACKAGED = frozenset(
    ("juice", "milk", "oatghurt", "oat milk", "sour cream", "sour milk", "soyghurt", "soy milk")
)
_UNSURE_COLOURS = {
    "navy": ("blue",),
    "teal": ("green", "emerald green", "blue"),
    "olive": ("green",),
    "beige": ("white", "off-white"),
    "white": ("cream",),
    "silver": ("grey", "gray"),
    "gold": ("yellow",),
}


@dataclass
class Facet:
    """The words of one facet and the values they speak of."""

    values: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    right: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _unsure: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, value: str, right: tuple[str, ...], unsure: tuple[str, ...] = ()) -> None:
        if value not in self.right:
            self.values.append(value)
        self.right[value] = tuple(dict.fromkeys((*self.right.get(value, ()), *right)))
        self._unsure[value] = (*self._unsure.get(value, ()), *unsure)
        self.words = list(dict.fromkeys((*self.words, *right)))

    def table(self) -> npt.NDArray[np.int8]:
        """[words + 1, values + 1]: the last row is a caption's silence, the last column ignorance;
        so UNKNOWN indexes both."""
        table = np.full((len(self.words) + 1, len(self.values) + 1), WRONG, np.int8)
        row = {word: number for number, word in enumerate(self.words)}
        for column, value in enumerate(self.values):
            for words, verdict in ((self._unsure[value], UNSURE), (self.right[value], RIGHT)):
                table[[row[word] for word in words if word in row], column] = verdict
        table[:, -1] = UNSURE
        table[-1, :] = RIGHT
        return table


@dataclass(frozen=True)
class Vocabulary:
    kind: Facet
    colour: Facet
    pattern: Facet
    material: Facet

    @property
    def facets(self) -> tuple[Facet, Facet, Facet, Facet]:
        return self.kind, self.colour, self.pattern, self.material


def vocabulary(photos: list[RealPhoto]) -> Vocabulary:
    kind, colour, pattern, material = Facet(), Facet(), Facet(), Facet()
    for name, entry in KINDS.items():
        wider = _CATEGORY_NOUNS.get(entry.category, ())
        kind.add(name, (*entry.words, *wider, *_MORE_NOUNS.get(name, ())), _unsure(name))
    for photo in sorted({(p.set, p.name, p.wider) for p in photos}):
        _add_photo(kind, *photo)
    for name, shade in COLOURS.items():
        colour.add(name, shade.words, _UNSURE_COLOURS.get(name, ()))
    for name, look in PATTERNS.items():
        pattern.add(name, (*look.adjectives, *look.phrases))
    for name, words in MATERIAL_WORDS.items():
        material.add(name, words)
    return Vocabulary(kind, colour, pattern, material)


def _unsure(name: str) -> tuple[str, ...]:
    unsure = _UNSURE_NOUNS.get(name, ())
    for label, category in _WIDE.items():
        if name in KINDS and KINDS[name].category == category:
            unsure = (*unsure, *_MORE_NOUNS[label])
    return unsure


def _add_photo(kind: Facet, source: str, name: str, wider: str) -> None:
    if source != "grocery":
        nouns = _MORE_NOUNS.get(name, ())
        category = _WIDE.get(name)
        narrower = [k for k, entry in KINDS.items() if entry.category == category]
        unsure = [word for k in narrower for word in KINDS[k].words]
        kind.add(name, (name, *nouns), (*unsure, *_UNSURE_NOUNS.get(name, ())))
        return
    nouns = (name,) if wider in name else (name, wider, f"{name} {wider}")
    if wider in _VEGETABLES:
        nouns = (*nouns, wider, "vegetable")
    elif wider in _PACKAGED or "yoghurt" in wider:
        nouns = (*nouns, wider, "groceries")
    else:
        nouns = (*nouns, wider, "fruit")
    drawn = KINDS.get(wider)
    kind.add(name, (*nouns, *(drawn.words if drawn else ())))
    if drawn and name != wider:
        # A drawn apple might be any of the apples that the photos tell apart.
        kind.add(wider, (), (name, f"{name} {wider}"))
