"""An Embedder for tests of everything but the model: no weights, real decoding, same every time.

Photos are near when their colours lie alike, texts are near when they share words, and any photo
and any text are a little near, as in CLIP.
"""

from __future__ import annotations

import re
from zlib import crc32

import numpy as np
from PIL import Image

from core.photos.decode import open_photo
from core.ports import WordsVector
from core.product import Vector
from core.query import Crop

_GRID = 4
_COLOURS = _GRID * _GRID * 3
_WORDS = 79
_IN_COMMON = 0.3
_MOST_WORDS = 77


class ToyEmbedder:
    model = "toy"
    dimension = 1 + _COLOURS + _WORDS

    def words(self, text: str) -> WordsVector:
        said = re.findall(r"\w+", text.casefold())
        vector = np.zeros(self.dimension, np.float32)
        for word in said[:_MOST_WORDS]:
            vector[1 + _COLOURS + crc32(word.removesuffix("s").encode()) % _WORDS] += 1
        return WordsVector(_unit(vector), truncated=len(said) > _MOST_WORDS)

    def photo(self, data: bytes, crop: Crop | None = None) -> Vector:
        image = open_photo(data, 32, crop).resize((_GRID, _GRID), Image.Resampling.BOX)
        colours = np.asarray(image, np.float32).ravel()
        vector = np.zeros(self.dimension, np.float32)
        vector[1 : 1 + _COLOURS] = colours - 127.5
        return _unit(vector)


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    if length:
        vector = vector / length
    vector[0] = _IN_COMMON if length else 1
    return np.asarray(vector / np.linalg.norm(vector), np.float32)
