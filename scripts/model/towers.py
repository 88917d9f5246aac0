"""The two towers of CLIP as graphs: pixels or token ids in, a unit vector out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from onnx import TensorProto

from scripts.model.config import ClipConfig, Preprocessing, TextConfig, VisionConfig
from scripts.model.graph import Graph
from scripts.model.layers import Tower
from scripts.model.linears import Plan
from scripts.model.tensors import Tensors

Writer = Callable[[Path, Plan], None]
"""Writes one tower to this file, in the precision of this plan."""

ARGMAX_AS_OF_OLD = 2
"""An `eos_token_id` of 2 stands in early models, where it means nothing: their end mark is the
largest id."""


def image_tower(tensors: Tensors, config: ClipConfig, photos: Preprocessing) -> Writer:
    def write(file: Path, plan: Plan) -> None:
        vision, width = config.vision, config.vision.hidden_size
        with Graph(file) as graph:
            tower = Tower(graph, tensors, plan)
            x = _patches(tower, vision, photos)
            x = tower.norm(
                x, *tower.norm_parts("vision_model.pre_layrnorm", width), vision.layer_norm_eps
            )
            x = tower.clip_encoder(x, "vision_model", vision, 0, causal=False)
            x = tower.norm(
                x, *tower.norm_parts("vision_model.post_layernorm", width), vision.layer_norm_eps
            )
            x = tower.project(x, "visual_projection.weight", width, config.dimension)
            side = vision.image_size
            takes: list[int | str] = [1, side, side, 3]
            graph.save(("pixels", TensorProto.UINT8, takes), tower.unit(x), config.dimension)

    return write


def text_tower(tensors: Tensors, config: ClipConfig) -> Writer:
    def write(file: Path, plan: Plan) -> None:
        text, width = config.text, config.text.hidden_size
        with Graph(file) as graph:
            tower, name = Tower(graph, tensors, plan), "text_model.embeddings"
            ids = _up_to_end_mark(graph, text)
            rows = tensors.read(f"{name}.token_embedding.weight", text.vocab_size, width)
            words = tower.linears.table(ids, rows, f"{name}.token_embedding")
            x = graph.add("Add", words, places(tower, f"{name}.position_embedding", ids, text))
            x = tower.clip_encoder(x, "text_model", text, -1, causal=True)
            x = tower.norm(
                x, *tower.norm_parts("text_model.final_layer_norm", width), text.layer_norm_eps
            )
            x = tower.project(x, "text_projection.weight", width, config.dimension)
            save_text(tower, x, config.dimension)

    return write


def places(tower: Tower, name: str, ids: str, config: TextConfig) -> str:
    """What the model knows of the first places in a text, as many as there are ids."""
    graph = tower.graph
    every = tower.tensors.read(f"{name}.weight", config.max_position_embeddings, config.hidden_size)
    zero = graph.whole(0)
    return graph.add("Slice", graph.weight(every), zero, graph.add("Shape", ids, start=1), zero)


def save_text(tower: Tower, x: str, dimension: int) -> None:
    tower.graph.save(("ids", TensorProto.INT64, [1, "length"]), tower.unit(x), dimension)


def _up_to_end_mark(graph: Graph, text: TextConfig) -> str:
    """The ids up to the first end mark, whose row speaks for the text: no row sees a later one."""
    marks = "ids"
    if text.eos_token_id != ARGMAX_AS_OF_OLD:
        end = graph.weight(np.asarray(text.eos_token_id, np.int64))
        marks = graph.add("Cast", graph.add("Equal", "ids", end), to=TensorProto.INT32)
    last = graph.add("ArgMax", marks, axis=1, keepdims=0)
    length = graph.add("Add", last, graph.whole(1))
    return graph.add("Slice", "ids", graph.whole(0), length, graph.whole(1))


def _patches(tower: Tower, vision: VisionConfig, photos: Preprocessing) -> str:
    """The class row and a row for each patch.

    The mean and the deviation of the pixels are folded into the product with the patches, so that
    it takes the bytes as they are.
    """
    graph, name = tower.graph, "vision_model.embeddings"
    width, patch = vision.hidden_size, vision.patch_size
    along = vision.image_size // patch
    published = tower.tensors.read(f"{name}.patch_embedding.weight", width, 3, patch, patch)
    weight = published.transpose(2, 3, 1, 0) / (255 * np.asarray(photos.std)[:, None])
    bytes_ = graph.add("Reshape", "pixels", graph.whole(along, patch, along, patch * 3))
    bytes_ = graph.add("Transpose", bytes_, perm=[0, 2, 1, 3])
    bytes_ = graph.add("Reshape", bytes_, graph.whole(1, along * along, patch * patch * 3))
    flat = weight.reshape(-1, width).astype(np.float32)
    seen, used = tower.linears.bytes(bytes_, flat, f"{name}.patch_embedding")
    # The mean goes through the weights as rounded, so that rounding adds nothing to a grey photo.
    mean = np.tile(255 * np.asarray(photos.mean), patch * patch)
    position = tower.tensors.read(f"{name}.position_embedding.weight", along * along + 1, width)
    offset = (position[1:] - mean @ used).astype(np.float32)
    rows = graph.add("Add", seen, graph.weight(offset[None]))
    first = tower.tensors.read(f"{name}.class_embedding", width) + position[0]
    return graph.add("Concat", graph.weight(first[None, None]), rows, axis=1)
