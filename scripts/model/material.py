"""What a built model is tried on: photos and texts of the demo shop."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import numpy as np

from scripts.demo.catalogue import KINDS, products
from scripts.demo.render import render
from scripts.model.tensors import Floats

_PRODUCTS = 50
_PIXELS = 320
_SEED = 9_000_000
"""Photos of these seeds are in no catalogue and in no training."""


@dataclass(frozen=True)
class Material:
    photos: list[bytes]
    kinds: list[int]
    """What each photo shows, as a number in `prompts`."""
    prompts: list[str]
    """A text for each kind."""
    texts: list[str]
    """The prompts, and then names of products."""


@cache
def material() -> Material:
    every, names = products(), list(KINDS)
    chosen = [every[len(every) * number // _PRODUCTS] for number in range(_PRODUCTS)]
    photos = []
    for number, product in enumerate(chosen):
        file = io.BytesIO()
        render(product.look, _SEED + number, _PIXELS).save(file, "JPEG", quality=90)
        photos.append(file.getvalue())
    prompts = [f"a photo of a {KINDS[name].words[0]}" for name in names]
    return Material(
        photos=photos,
        kinds=[names.index(product.look.kind) for product in chosen],
        prompts=prompts,
        texts=prompts + [product.name for product in chosen],
    )


def zero_shot(images: Floats, texts: Floats) -> float:
    """How many photos are nearest to the words for what they show."""
    about = material()
    found = np.argmax(images @ texts[: len(about.prompts)].T, axis=1)
    return round(float((found == about.kinds).mean()), 2)
