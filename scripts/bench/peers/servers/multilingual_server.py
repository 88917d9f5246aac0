"""A multilingual text tower of sentence-transformers beside a CLIP's photos: what ours is compared
with, done with transformers alone."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import DistilBertModel, PreTrainedTokenizerFast  # type: ignore[import-not-found]

from scripts.bench.peers.servers.clip import Clip, Vector
from scripts.bench.peers.servers.protocol import serving

_TEXT = Path(os.environ["PEER_TEXT"])
_LONGEST = 128
_clip = Clip(os.environ["PEER_MODEL"])
_model = DistilBertModel.from_pretrained(_TEXT).eval()
_dense = load_file(_TEXT / "2_Dense" / "model.safetensors")["linear.weight"]
_tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(_TEXT / "tokenizer.json"))


def _words(text: str) -> Vector:
    tokens = _tokenizer(text, return_tensors="pt", truncation=True, max_length=_LONGEST)
    with torch.inference_mode():
        rows = _model(tokens["input_ids"], tokens["attention_mask"]).last_hidden_state[0]
        vector: Vector = (_dense @ rows.mean(dim=0)).numpy()
        return vector


app = serving("multilingual", _words, _clip.photo)
