"""A CLIP by the book: transformers' model and processor, one text or photo at a time."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from transformers import CLIPModel, CLIPProcessor  # type: ignore[import-not-found]

torch.set_num_threads(len(os.sched_getaffinity(0)))

Vector = npt.NDArray[np.float32]


class Clip:
    def __init__(self, folder: str) -> None:
        self._model = CLIPModel.from_pretrained(folder).eval()
        self._processor = CLIPProcessor.from_pretrained(folder)

    def words(self, text: str) -> Vector:
        tokens = self._processor(text=[text], return_tensors="pt", padding=True, truncation=True)
        with torch.inference_mode():
            return _first(self._model.get_text_features(**tokens))

    def photo(self, image: Image.Image) -> Vector:
        pixels = self._processor(images=image, return_tensors="pt")
        with torch.inference_mode():
            return _first(self._model.get_image_features(**pixels))


def _first(features: Any) -> Vector:
    vector: Vector = features.pooler_output[0].numpy()
    return vector
