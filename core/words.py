"""The lexical half of word search: which words a product is found by, as a sparse vector."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from math import hypot
from zlib import crc32

import msgspec

from core.product import Product, attribute_facts

_WORD = re.compile(r"\w+", re.UNICODE)
_FILLERS = frozenset(
    {"a", "an", "and", "are", "as", "at", "by", "for", "from", "in", "is", "it", "its", "me", "my"}
    | {"of", "on", "or", "some", "that", "the", "this", "to", "very", "with"}
)
_NAME_WEIGHT, _FACT_WEIGHT, _CATEGORY_WEIGHT, _TEXT_WEIGHT = 1.0, 0.7, 0.5, 0.35


class Lexical(msgspec.Struct, frozen=True):
    """Sparse vector: each word's number and weight, numbers ascending and unique."""

    indices: tuple[int, ...]
    values: tuple[float, ...]

    def __bool__(self) -> bool:
        return bool(self.indices)


def clean(text: str, limit: int = 2000) -> str:
    """Text as we take it from outside: composed, control characters dropped, bounded."""
    composed = unicodedata.normalize("NFC", text)
    if not composed.isprintable():
        composed = "".join(" " if unicodedata.category(c).startswith("C") else c for c in composed)
    return " ".join(composed.split())[:limit].strip()


def stems(text: str) -> list[str]:
    """The words that carry meaning, folded so that "T-Shirts" and "t-shirt" meet."""
    flat = unicodedata.normalize("NFKD", text.casefold().replace("-", ""))
    letters = "".join(c for c in flat if not unicodedata.combining(c))
    return [_stem(word) for word in _WORD.findall(letters) if word not in _FILLERS]


def _stem(word: str) -> str:
    """Plurals off, no more: a wrong merge hides products, a missed one only ranks them lower."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def of_query(text: str) -> Lexical:
    return _vector((stem, 1.0) for stem in stems(text))


def of_product(product: Product) -> Lexical:
    """A word counts once, at the weight of the best place it stands in."""
    facts = " ".join(fact.partition("=")[2] for fact in attribute_facts(product.attributes))
    parts = (
        (product.name, _NAME_WEIGHT),
        (product.category or "", _CATEGORY_WEIGHT),
        (facts, _FACT_WEIGHT),
        (product.description, _TEXT_WEIGHT),
    )
    return _vector((stem, weight) for text, weight in parts for stem in stems(text))


def in_common(one: Lexical, other: Lexical) -> float:
    """How many of their words two texts share, as a cosine: 0 for none, 1 for all."""
    weights = dict(zip(other.indices, other.values, strict=True))
    shared = sum(v * weights.get(n, 0.0) for n, v in zip(one.indices, one.values, strict=True))
    return shared / (hypot(*one.values) * hypot(*other.values)) if shared else 0.0


def _vector(weighted: Iterable[tuple[str, float]]) -> Lexical:
    best: dict[int, float] = {}
    for stem, weight in weighted:
        number = crc32(stem.encode())
        best[number] = max(weight, best.get(number, 0.0))
    ordered = sorted(best.items())
    return Lexical(tuple(n for n, _ in ordered), tuple(w for _, w in ordered))
