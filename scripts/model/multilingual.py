"""The text tower of sentence-transformers: DistilBERT, the mean of its rows, and a dense layer.

Such towers are trained to say in many languages what CLIP's own text tower says in English, so
that they go with CLIP's image tower.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from core.errors import ModelRefused
from scripts.model import config as configs
from scripts.model.config import CONFIG, Positive, TextConfig
from scripts.model.graph import Graph
from scripts.model.layers import Block, Names, Tower
from scripts.model.linears import Plan
from scripts.model.tensors import Tensors
from scripts.model.towers import places, save_text

DENSE = "2_Dense"
_LIMITS = "sentence_bert_config.json"
_EPSILON = 1e-12
_NAMES = Names(
    query="attention.q_lin",
    key="attention.k_lin",
    value="attention.v_lin",
    out="attention.out_lin",
    up="ffn.lin1",
    down="ffn.lin2",
    packed="attention.qkv",
)


class _DistilBert(msgspec.Struct):
    dim: Positive = 768
    hidden_dim: Positive = 3072
    n_layers: Positive = 6
    n_heads: Positive = 12
    vocab_size: Positive = 30522
    max_position_embeddings: Positive = 512
    activation: Literal["gelu"] = "gelu"


class _Dense(msgspec.Struct):
    in_features: Positive
    out_features: Positive
    bias: Literal[False]
    activation_function: Literal["torch.nn.modules.linear.Identity"]


class _Limits(msgspec.Struct):
    max_seq_length: Positive


class Multilingual:
    def __init__(self, folder: Path) -> None:
        told = "DistilBERT text towers of sentence-transformers"
        raw = configs.read_kind(folder, "distilbert", told)
        bert = configs.convert(raw, _DistilBert, folder / CONFIG)
        configs.check_heads(bert.dim, bert.n_heads, folder / CONFIG)
        path = folder / DENSE / CONFIG
        dense = configs.convert(configs.read_json(path), _Dense, path)
        if dense.in_features != bert.dim:
            raise ModelRefused(
                f"{path} takes {dense.in_features} numbers, but the tower gives {bert.dim}."
            )
        path = folder / _LIMITS
        limits = configs.convert(configs.read_json(path), _Limits, path)
        self.context = min(limits.max_seq_length, bert.max_position_embeddings)
        self.vocabulary = bert.vocab_size
        self.dimension = dense.out_features
        self._bert = bert
        self._dense = Tensors(folder / DENSE)
        self._tensors = Tensors(folder)

    @property
    def files(self) -> list[Path]:
        return [*self._tensors.files, *self._dense.files]

    def write(self, file: Path, plan: Plan) -> None:
        bert, tensors = self._bert, self._tensors
        width = bert.dim
        with Graph(file) as graph:
            tower = Tower(graph, tensors, plan)
            rows = tensors.read("embeddings.word_embeddings.weight", bert.vocab_size, width)
            words = tower.linears.table("ids", rows, "embeddings.word_embeddings")
            sizes = TextConfig(
                hidden_size=width, max_position_embeddings=bert.max_position_embeddings
            )
            x = graph.add(
                "Add", words, places(tower, "embeddings.position_embeddings", "ids", sizes)
            )
            x = tower.norm(x, *tower.norm_parts("embeddings.LayerNorm", width), _EPSILON)
            for number in range(bert.n_layers):
                prefix = f"transformer.layer.{number}."
                block = Block(tower, _NAMES, prefix, bert.n_heads, width, bert.hidden_dim)
                x = graph.add("Add", x, block.attention(x))
                x = block.norm(x, "sa_layer_norm", _EPSILON)
                x = graph.add("Add", x, block.feed_forward(x, bert.activation))
                x = block.norm(x, "output_layer_norm", _EPSILON)
            mean = graph.add("ReduceMean", x, graph.whole(1), keepdims=1)
            weight = self._dense.read("linear.weight", self.dimension, width)
            save_text(tower, graph.add("MatMul", mean, graph.weight(weight.T)), self.dimension)
