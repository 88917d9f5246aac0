"""Folders in the published layout with random weights: every family's shape, made small.

For tests and for dry runs of a build. The numbers come from a generator whose stream numpy
promises never to change, so that what was once recorded about them stays true.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from scripts.model.config import CONFIG, PREPROCESSOR
from scripts.model.multilingual import DENSE
from scripts.model.tensors import WHOLE, Floats

VOCABULARY = 260
_START, _END = 256, 257
_MEAN = [0.48145466, 0.4578275, 0.40821073]
_STD = [0.26862954, 0.26130258, 0.27577711]


def _clip(
    act: str, dimension: int, end: int, vision: tuple[int, ...], text: tuple[int, ...]
) -> dict[str, Any]:
    width, inner, layers, heads, side, patch = vision
    image = {"image_size": side, "patch_size": patch, **_sizes(act, width, inner, layers, heads)}
    words = {
        "vocab_size": VOCABULARY,
        "max_position_embeddings": 77,
        "eos_token_id": end,
        **_sizes(act, *text),
    }
    return {
        "model_type": "clip",
        "architectures": ["CLIPModel"],
        "projection_dim": dimension,
        "vision_config": image,
        "text_config": words,
    }


def _sizes(act: str, width: int, inner: int, layers: int, heads: int) -> dict[str, Any]:
    return {
        "hidden_act": act,
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
    }


FAMILIES: dict[str, dict[str, Any]] = {
    "vit-b-32": _clip("quick_gelu", 32, 2, (48, 192, 2, 4, 64, 32), (32, 128, 2, 4)),
    "vit-b-32-laion": _clip("gelu", 32, 2, (48, 192, 2, 4, 64, 32), (32, 128, 2, 4)),
    "vit-b-16": _clip("quick_gelu", 32, _END, (48, 192, 2, 4, 64, 16), (32, 128, 2, 4)),
    "vit-l-14": _clip("quick_gelu", 48, 2, (64, 256, 3, 4, 56, 14), (48, 192, 2, 4)),
    "vit-h-14": _clip("gelu", 64, _END, (160, 640, 2, 2, 56, 14), (64, 256, 3, 4)),
    # Heads of 104 numbers and 4.92 times the width inside, like the real one.
    "vit-bigg-14": _clip("gelu", 80, _END, (208, 1024, 2, 2, 42, 14), (80, 320, 2, 4)),
}

DISTILBERT: dict[str, Any] = {
    "model_type": "distilbert",
    "architectures": ["DistilBertModel"],
    "activation": "gelu",
    "dim": 48,
    "hidden_dim": 192,
    "n_layers": 2,
    "n_heads": 4,
    "vocab_size": VOCABULARY,
    "max_position_embeddings": 96,
}
DENSE_TO = 32
"""As many dimensions as the small ViT-B/32 has, whose images it is asked for."""


def write_clip(folder: Path, config: dict[str, Any], seed: int = 0) -> Path:
    side = config["vision_config"]["image_size"]
    preprocessor = {
        "crop_size": {"height": side, "width": side},
        "do_center_crop": True,
        "image_mean": _MEAN,
        "image_std": _STD,
        "resample": 3,
        "size": {"shortest_edge": side},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(json.dumps(config))
    (folder / PREPROCESSOR).write_text(json.dumps(preprocessor))
    _tokenizer().save(str(folder / "tokenizer.json"))
    write_tensors(folder / WHOLE, clip_weights(config, seed))
    return folder


def write_multilingual(folder: Path, seed: int = 0) -> Path:
    dense = {
        "in_features": DISTILBERT["dim"],
        "out_features": DENSE_TO,
        "bias": False,
        "activation_function": "torch.nn.modules.linear.Identity",
    }
    (folder / DENSE).mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(json.dumps(DISTILBERT))
    (folder / DENSE / CONFIG).write_text(json.dumps(dense))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 64}')
    _tokenizer().save(str(folder / "tokenizer.json"))
    weights, projection = multilingual_weights(seed)
    write_tensors(folder / WHOLE, weights)
    write_tensors(folder / DENSE / WHOLE, projection)
    return folder


def clip_weights(config: dict[str, Any], seed: int) -> dict[str, Floats]:
    vision, text, draw = config["vision_config"], config["text_config"], _Draw(seed)
    width, patch = vision["hidden_size"], vision["patch_size"]
    patches = (vision["image_size"] // patch) ** 2
    draw.vectors("vision_model.embeddings.class_embedding", width)
    draw.weight("vision_model.embeddings.patch_embedding.weight", width, 3, patch, patch)
    draw.vectors("vision_model.embeddings.position_embedding.weight", patches + 1, width)
    draw.norm("vision_model.pre_layrnorm", width)
    _encoder(draw, "vision_model", vision)
    draw.norm("vision_model.post_layernorm", width)
    width = text["hidden_size"]
    name = "text_model.embeddings"
    draw.vectors(f"{name}.token_embedding.weight", text["vocab_size"], width)
    draw.vectors(f"{name}.position_embedding.weight", text["max_position_embeddings"], width)
    _encoder(draw, "text_model", text)
    draw.norm("text_model.final_layer_norm", width)
    draw.weight("visual_projection.weight", config["projection_dim"], vision["hidden_size"])
    draw.weight("text_projection.weight", config["projection_dim"], width)
    return draw.drawn


def multilingual_weights(seed: int) -> tuple[dict[str, Floats], dict[str, Floats]]:
    draw, width, inner = _Draw(seed), DISTILBERT["dim"], DISTILBERT["hidden_dim"]
    draw.vectors("embeddings.word_embeddings.weight", DISTILBERT["vocab_size"], width)
    places = DISTILBERT["max_position_embeddings"]
    draw.vectors("embeddings.position_embeddings.weight", places, width)
    draw.norm("embeddings.LayerNorm", width)
    for number in range(DISTILBERT["n_layers"]):
        prefix = f"transformer.layer.{number}"
        for part in ("q_lin", "k_lin", "v_lin", "out_lin"):
            draw.linear(f"{prefix}.attention.{part}", width, width)
        draw.linear(f"{prefix}.ffn.lin1", width, inner)
        draw.linear(f"{prefix}.ffn.lin2", inner, width)
        draw.norm(f"{prefix}.sa_layer_norm", width)
        draw.norm(f"{prefix}.output_layer_norm", width)
    dense = _Draw(seed + 1)
    dense.weight("linear.weight", DENSE_TO, width)
    return draw.drawn, dense.drawn


def some_pixels(side: int) -> npt.NDArray[np.uint8]:
    """Six pictures from coarse to fine, [6, side, side, 3]."""
    random = np.random.RandomState(11)
    pictures = []
    for cells in (1, 2, 4, 8, side // 2, side):
        coarse = random.randint(0, 256, (cells, cells, 3)).astype(np.uint8)
        at = np.arange(side) * cells // side
        pictures.append(coarse[at][:, at])
    return np.stack(pictures)


def some_ids() -> list[list[int]]:
    """Texts from empty to full, and one with an end mark in its middle."""
    random = np.random.RandomState(12)
    texts = [random.randint(0, _START, length).tolist() for length in (0, 1, 7, 20, 62)]
    texts.append([5, 6, _END, 7, 8])
    return [[_START, *text, _END] for text in texts]


def write_tensors(file: Path, tensors: dict[str, Floats]) -> None:
    table, offset = {}, 0
    for name, values in tensors.items():
        end = offset + values.nbytes
        table[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [offset, end]}
        offset = end
    header = json.dumps({"__metadata__": {"format": "pt"}, **table}).encode()
    with file.open("wb") as out:
        out.write(len(header).to_bytes(8, "little") + header)
        for values in tensors.values():
            out.write(values.tobytes())


class _Draw:
    def __init__(self, seed: int) -> None:
        self._random = np.random.RandomState(seed)
        self.drawn: dict[str, Floats] = {}

    def vectors(self, name: str, *shape: int) -> None:
        self._set(name, 0.5, shape)

    def weight(self, name: str, *shape: int) -> None:
        self._set(name, 1 / math.sqrt(math.prod(shape[1:])), shape)

    def linear(self, name: str, inner: int, outer: int) -> None:
        self.weight(f"{name}.weight", outer, inner)
        self._set(f"{name}.bias", 0.1, (outer,))

    def norm(self, name: str, width: int) -> None:
        self._set(f"{name}.weight", 0.1, (width,))
        self.drawn[f"{name}.weight"] += 1
        self._set(f"{name}.bias", 0.1, (width,))

    def _set(self, name: str, deviation: float, shape: tuple[int, ...]) -> None:
        values = self._random.standard_normal(shape) * deviation
        self.drawn[name] = values.astype(np.float32)


def _encoder(draw: _Draw, prefix: str, sizes: dict[str, Any]) -> None:
    width, inner = sizes["hidden_size"], sizes["intermediate_size"]
    for number in range(sizes["num_hidden_layers"]):
        layer = f"{prefix}.encoder.layers.{number}"
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            draw.linear(f"{layer}.self_attn.{part}", width, width)
        draw.linear(f"{layer}.mlp.fc1", width, inner)
        draw.linear(f"{layer}.mlp.fc2", inner, width)
        draw.norm(f"{layer}.layer_norm1", width)
        draw.norm(f"{layer}.layer_norm2", width)


def _tokenizer() -> Tokenizer:
    """A token a byte."""
    start, end = "<|startoftext|>", "<|endoftext|>"
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*alphabet, start, end])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.add_special_tokens([start, end])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.RobertaProcessing((end, _END), (start, _START))
    return tokenizer
