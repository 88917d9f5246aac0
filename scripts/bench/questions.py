"""What the servers are asked: short texts, and photos from a thumbnail to a camera's twenty
megapixels. None comes twice within a round, so that nobody answers from memory."""

from __future__ import annotations

import io
from itertools import product as pairs
from pathlib import Path

import numpy as np
from PIL import Image

from core.clip.pixels import Pixels
from core.clip.tokens import Tokens
from scripts.demo.catalogue import products
from scripts.demo.render import render

TOKENS = 9
"""With the marks at both ends: a few words, as people search."""

SMALL, MIDDLE, LARGE = (640, 480), (3000, 2000), (5472, 3648)

_CONTEXT = 77
_OPENINGS = ("", "a ", "the ", "my ", "a new ", "one more ", "a photo of a ", "a picture of my ")
_COLUMNS, _ROWS, _RENDERED = 3, 2, 512
_SEED = 9_500_000
_STEP = 16
_GRAIN = 8.0
_QUALITY = 85


def texts(tokenizer: Path) -> list[str]:
    """All different, all of as many tokens."""
    tokens = Tokens(tokenizer, _CONTEXT)
    names = dict.fromkeys(product.name.lower() for product in products())
    asked = [opening + name for name, opening in pairs(names, _OPENINGS)]
    return [text for text in asked if tokens.read(text)[0].shape[1] == TOKENS]


def photos(size: tuple[int, int], count: int) -> list[bytes]:
    """JPEGs of a shelf, each a few pixels further along it, with the grain of a camera: without
    that, they would be smaller files than real photos are, and quicker to decode."""
    width, height = size
    shelf = _shelf().resize((width + _STEP * count, height), Image.Resampling.BICUBIC)
    grainy = Image.fromarray(_with_grain(np.asarray(shelf)))
    return [
        _jpeg(grainy.crop((_STEP * number, 0, _STEP * number + width, height)))
        for number in range(count)
    ]


def _shelf() -> Image.Image:
    every = products()
    shelf = Image.new("RGB", (_COLUMNS * _RENDERED, _ROWS * _RENDERED))
    for number in range(_COLUMNS * _ROWS):
        shown = every[len(every) * number // (_COLUMNS * _ROWS)]
        row, column = divmod(number, _COLUMNS)
        place = (column * _RENDERED, row * _RENDERED)
        shelf.paste(render(shown.look, _SEED + number, _RENDERED), place)
    return shelf


def _with_grain(pixels: Pixels) -> Pixels:
    random = np.random.default_rng(_SEED)
    grain = (random.standard_normal(pixels.shape[:2], np.float32) * _GRAIN).astype(np.int16)
    grainy: Pixels = np.clip(pixels + grain[:, :, None], 0, 255).astype(np.uint8)
    return grainy


def _jpeg(photo: Image.Image) -> bytes:
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
