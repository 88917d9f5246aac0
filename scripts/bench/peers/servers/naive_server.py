"""The export after `quantize_dynamic`, and a session as onnxruntime makes it unasked."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image
from tokenizers import Tokenizer

from scripts.bench.peers.servers import clients as clients
from scripts.bench.peers.servers.protocol import Vector, serving

_MODEL = Path(os.environ["PEER_MODEL"])
_SIDE, _CONTEXT = 224, 77
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)

_tokenizer = Tokenizer.from_file(str(_MODEL / "tokenizer.json"))
_tokenizer.enable_truncation(_CONTEXT)
_tokenizer.enable_padding(length=_CONTEXT, pad_id=_tokenizer.token_to_id("<|endoftext|>"))
_text = ort.InferenceSession(_MODEL / "text.onnx", providers=["CPUExecutionProvider"])
_vision = ort.InferenceSession(_MODEL / "vision.onnx", providers=["CPUExecutionProvider"])


def _words(text: str) -> Vector:
    encoded = _tokenizer.encode(text)
    feed = {
        "input_ids": np.array([encoded.ids], np.int64),
        "attention_mask": np.array([encoded.attention_mask], np.int64),
    }
    (vectors,) = _text.run(None, feed)
    vector: Vector = vectors[0]
    return vector


def _photo(image: Image.Image) -> Vector:
    short = min(image.size)
    width, height = (_SIDE * length // short for length in image.size)
    left, top = (width - _SIDE) // 2, (height - _SIDE) // 2
    fitted = image.resize((width, height), Image.Resampling.BICUBIC)
    square = fitted.crop((left, top, left + _SIDE, top + _SIDE))
    scaled = (np.asarray(square, np.float32) / 255 - _MEAN) / _STD
    (vectors,) = _vision.run(None, {"pixel_values": scaled.transpose(2, 0, 1)[None]})
    vector: Vector = vectors[0]
    return vector


app = serving("naive", _words, _photo)
