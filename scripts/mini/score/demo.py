"""Scores on rendered products."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.clip.embedder import ClipEmbedder
from scripts.demo.catalogue import COLOURS, KINDS, Look
from scripts.mini.score.material import Material, Shown
from scripts.mini.score.measures import (
    Scores,
    Vectors,
    precision,
    recall,
    thumbnails,
    vectors_of,
    words_of,
)
from scripts.mini.words import RIGHT, Facet, vocabulary

Asked = list[tuple[str, Callable[[Look], bool]]]


def on_demo(embedder: ClipEmbedder, material: Material) -> Scores:
    demo, unseen = material.demo, material.unseen
    gallery = vectors_of(embedder, demo.first)
    looks = demo.looks
    own = np.arange(len(looks))

    def first_right(asked: Asked, looks: list[Look], gallery: Vectors) -> float:
        right = np.asarray([[judge(look) for look in looks] for _, judge in asked])
        words = words_of(embedder, [text for text, _ in asked])
        return precision(words @ gallery.T, right, 1)

    colours = {look.colour for look in looks}
    wider = _Wider(gallery, looks, embedder, unseen)
    return {
        "demo: kind, P@1": first_right(_kinds(looks), looks, gallery),
        "demo: colour, P@1": first_right(
            [(c, _is(colour=c)) for c in COLOURS if c in colours], looks, gallery
        ),
        "demo: colour and kind, P@1": first_right(_colour_and_kind(looks), looks, gallery),
        "demo: pattern and kind, P@1": first_right(_pattern_and_kind(looks), looks, gallery),
        "demo: material and kind, P@1": first_right(_material_and_kind(looks), looks, gallery),
        "demo: full name -> product, R@1": recall(
            words_of(embedder, map(_full_name, looks)), gallery, own
        ),
        "demo: second photo -> product, R@1": recall(
            vectors_of(embedder, demo.second), gallery, own
        ),
        "   by a 16x16 thumbnail": recall(thumbnails(demo.second), thumbnails(demo.first), own),
        "held-out colour and kind, P@1": first_right(
            _colour_and_kind(unseen.looks), wider.looks, wider.gallery
        ),
        "held-out second photo -> product, R@1": recall(
            vectors_of(embedder, unseen.second), wider.gallery, len(looks) + wider.own
        ),
    }


class _Wider:
    """The demo's gallery with the held-out looks among it."""

    def __init__(
        self, gallery: Vectors, looks: list[Look], embedder: ClipEmbedder, unseen: Shown
    ) -> None:
        self.gallery = np.concatenate([gallery, vectors_of(embedder, unseen.first)])
        self.looks = looks + unseen.looks
        self.own = np.arange(len(unseen.looks))


_NOUNS: Facet = vocabulary([]).kind
_MEANT = _NOUNS.table() == RIGHT


def _is(noun: str = "", **facets: str) -> Callable[[Look], bool]:
    """Is the noun right for a look, and are its other facets these?"""

    def judge(look: Look) -> bool:
        fits = all(getattr(look, facet) == value for facet, value in facets.items())
        kind = _NOUNS.values.index(look.kind)
        return fits and (not noun or bool(_MEANT[_NOUNS.words.index(noun), kind]))

    return judge


def _noun(look: Look) -> str:
    return KINDS[look.kind].words[0]


def _kinds(looks: list[Look]) -> Asked:
    return [(noun, _is(noun)) for noun in sorted({_noun(look) for look in looks})]


def _colour_and_kind(looks: list[Look]) -> Asked:
    pairs = sorted({(look.colour, _noun(look)) for look in looks})
    return [(f"{colour} {noun}", _is(noun, colour=colour)) for colour, noun in pairs]


def _pattern_and_kind(looks: list[Look]) -> Asked:
    pairs = sorted({(look.pattern, _noun(look)) for look in looks if look.pattern != "plain"})
    return [(f"{pattern} {noun}", _is(noun, pattern=pattern)) for pattern, noun in pairs]


def _material_and_kind(looks: list[Look]) -> Asked:
    several = [look for look in looks if len(KINDS[look.kind].materials) > 1]
    pairs = sorted({(look.material, _noun(look)) for look in several})
    return [(f"{material} {noun}", _is(noun, material=material)) for material, noun in pairs]


def _full_name(look: Look) -> str:
    several = len(KINDS[look.kind].materials) > 1 and look.material != "skin"
    pattern = "" if look.pattern == "plain" else look.pattern
    words = (look.colour, pattern, look.material if several else "", _noun(look))
    return " ".join(word for word in words if word)
