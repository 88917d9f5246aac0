"""Qdrant's own embedding library, on the same weights in fp32."""

from __future__ import annotations

import os
from pathlib import Path

from fastembed import ImageEmbedding, TextEmbedding
from PIL import Image

from scripts.bench.peers.servers import clients as clients
from scripts.bench.peers.servers.protocol import Vector, serving

_MODEL = Path(os.environ["PEER_MODEL"])
_text = TextEmbedding("Qdrant/clip-ViT-B-32-text", specific_model_path=str(_MODEL / "text"))
_vision = ImageEmbedding("Qdrant/clip-ViT-B-32-vision", specific_model_path=str(_MODEL / "vision"))


def _words(text: str) -> Vector:
    vector: Vector = next(iter(_text.embed([text])))
    return vector


def _photo(image: Image.Image) -> Vector:
    vector: Vector = next(iter(_vision.embed([image])))
    return vector


app = serving("fastembed", _words, _photo)
