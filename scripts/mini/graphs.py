"""The towers as ONNX graphs in full precision, written from the trained weights."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto
from torch import nn

from scripts.mini import layout
from scripts.mini.towers import CONTEXT, DIMENSION, SIDE, Block, ImageTower, Layer, TextTower
from scripts.model.graph import Graph

Floats = npt.NDArray[np.float32]
Takes = tuple[str, int, list[int | str]]


def image_graph(tower: ImageTower, file: Path) -> None:
    """uint8 pixels [1, side, side, 3] to a unit vector."""
    with Graph(file) as graph:
        save_image(graph, _features(graph, tower), tower)


def save_image(graph: Graph, features: str, tower: ImageTower) -> None:
    """All that comes after what the tower has seen, [1, FEATURES]."""
    learnt = graph.add("MatMul", features, graph.weight(_numpy(tower.project.weight).T))
    learnt = _share(graph, _unit(graph, learnt), 1 - layout.SHARE)
    laid_out = _share(graph, _unit(graph, _layout(graph)), layout.SHARE)
    both = graph.add("Concat", learnt, laid_out, axis=1)
    takes: Takes = ("pixels", TensorProto.UINT8, [1, SIDE, SIDE, 3])
    graph.save(takes, _unit(graph, both), DIMENSION)


def _features(graph: Graph, tower: ImageTower) -> str:
    scale = graph.weight(np.asarray(1 / 64, np.float32))
    middle = graph.weight(np.asarray(128, np.uint8))
    planes = graph.add("Transpose", "pixels", perm=[0, 3, 1, 2])
    x = graph.add("DequantizeLinear", planes, scale, middle)
    x = graph.add("Relu", _conv(graph, x, tower.stem[0]))
    x = graph.add("Relu", _conv(graph, x, tower.stem[2]))
    for block in tower.blocks:
        x = _block(graph, x, block)
    x = graph.add("Relu", _conv(graph, x, tower.widen))
    return graph.add("Flatten", graph.add("GlobalAveragePool", x))


def _unit(graph: Graph, vectors: str) -> str:
    """[1, n] made of unit length; nothing at all stays nothing."""
    length = graph.add("ReduceL2", vectors, graph.whole(1), keepdims=1)
    least = graph.weight(np.asarray(1e-6, np.float32))
    return graph.add("Div", vectors, graph.add("Max", length, least))


def _share(graph: Graph, unit: str, share: float) -> str:
    """A part of a vector that makes up so much of a cosine."""
    return graph.add("Mul", unit, graph.weight(np.asarray(math.sqrt(share), np.float32)))


def _layout(graph: Graph) -> str:
    """The photo made small, its rows first and then its columns, and what lies where in it."""
    step, three = SIDE // layout.GRID, np.eye(3, dtype=np.float32)
    mean = np.full((1, step), 1 / step, np.float32)
    of_rows = graph.weight(np.kron(np.eye(layout.GRID, dtype=np.float32), mean))
    of_columns = graph.weight(np.kron(mean, three).T)
    x = graph.add("Cast", "pixels", to=TensorProto.FLOAT)
    x = graph.add("Reshape", x, graph.whole(SIDE, SIDE * 3))
    x = graph.add("MatMul", of_rows, x)
    x = graph.add("Reshape", x, graph.whole(layout.GRID**2, step * 3))
    x = graph.add("MatMul", x, of_columns)
    x = graph.add("Reshape", x, graph.whole(1, 3 * layout.GRID**2))
    by_pixel = layout.basis().reshape(3, -1, layout.NUMBERS).swapaxes(0, 1)
    return graph.add("MatMul", x, graph.weight(by_pixel.reshape(-1, layout.NUMBERS)))


def _block(graph: Graph, x: str, block: Block) -> str:
    inner = graph.add("Relu", _conv(graph, x, block.first))
    inner = _conv(graph, inner, block.second)
    skip = x if isinstance(block.skip, nn.Identity) else _conv(graph, x, block.skip)
    return graph.add("Relu", graph.add("Add", inner, skip))


def _conv(graph: Graph, x: str, part: nn.Sequential) -> str:
    weight, bias = folded(part)
    return graph.add("Conv", x, graph.weight(weight), graph.weight(bias), **shape(part))


def folded(part: nn.Sequential) -> tuple[Floats, Floats]:
    """The weights and biases of a convolution with its batch normalisation folded in."""
    conv, norm = part[0], part[1]
    gain = _numpy(norm.weight) / np.sqrt(_numpy(norm.running_var) + norm.eps)
    weight = _numpy(conv.weight) * gain[:, None, None, None]
    bias = _numpy(norm.bias) - _numpy(norm.running_mean) * gain
    return weight.astype(np.float32), bias.astype(np.float32)


def shape(part: nn.Sequential) -> dict[str, Any]:
    conv = part[0]
    return {
        "kernel_shape": list(conv.kernel_size),
        "strides": list(conv.stride),
        "pads": [conv.padding[0]] * 4,
    }


def text_graph(tower: TextTower, file: Path) -> None:
    """Token ids [1, n] to a unit vector."""
    with Graph(file) as graph:
        said = _unit(graph, _said(graph, tower))
        nothing = graph.weight(np.zeros((1, layout.NUMBERS), np.float32))
        takes: Takes = ("ids", TensorProto.INT64, [1, "length"])
        graph.save(takes, graph.add("Concat", said, nothing, axis=1), DIMENSION)


def _said(graph: Graph, tower: TextTower) -> str:
    length = graph.add("Shape", "ids", start=1, end=2)
    from_zero = graph.whole(0)
    words = graph.add("Gather", graph.weight(_numpy(tower.tokens.weight)), "ids")
    places = graph.weight(_numpy(tower.places))
    places = graph.add("Slice", places, from_zero, length, from_zero)
    later = np.triu(np.full((CONTEXT, CONTEXT), -1e4, np.float32), 1)
    mask = graph.add("Slice", graph.weight(later), from_zero, length, from_zero)
    mask = graph.add("Slice", mask, from_zero, length, graph.whole(1))
    x = graph.add("Add", words, places)
    for layer in tower.layers:
        x = _layer(graph, x, mask, layer)
    last = graph.weight(np.asarray(-1, np.int64))
    x = _norm(graph, graph.add("Gather", x, last, axis=1), tower.norm)
    return graph.add("MatMul", x, graph.weight(_numpy(tower.project.weight).T))


def _layer(graph: Graph, x: str, mask: str, layer: Layer) -> str:
    width = layer.out.in_features
    each = width // layer.heads
    split = _linear(graph, _norm(graph, x, layer.norm1), layer.qkv)
    split = graph.add("Reshape", split, graph.whole(-1, 3, layer.heads, each))
    split = graph.add("Transpose", split, perm=[1, 2, 0, 3])
    query, key, value = (
        graph.add("Gather", split, graph.weight(np.asarray(n, np.int64)), axis=0) for n in range(3)
    )
    key = graph.add("Transpose", key, perm=[0, 2, 1])
    root = graph.weight(np.asarray(math.sqrt(each), np.float32))
    scores = graph.add("Div", graph.add("MatMul", query, key), root)
    weights = graph.add("Softmax", graph.add("Add", scores, mask), axis=-1)
    mixed = graph.add("Transpose", graph.add("MatMul", weights, value), perm=[1, 0, 2])
    mixed = graph.add("Reshape", mixed, graph.whole(1, -1, width))
    x = graph.add("Add", x, _linear(graph, mixed, layer.out))
    inner = graph.add("Gelu", _linear(graph, _norm(graph, x, layer.norm2), layer.up))
    return graph.add("Add", x, _linear(graph, inner, layer.down))


def _norm(graph: Graph, x: str, norm: nn.LayerNorm) -> str:
    gain, bias = graph.weight(_numpy(norm.weight)), graph.weight(_numpy(norm.bias))
    return graph.add("LayerNormalization", x, gain, bias, epsilon=norm.eps)


def _linear(graph: Graph, x: str, linear: nn.Linear) -> str:
    product = graph.add("MatMul", x, graph.weight(_numpy(linear.weight).T))
    return graph.add("Add", product, graph.weight(_numpy(linear.bias)))


def _numpy(values: object) -> Floats:
    numbers: Floats = values.detach().float().cpu().numpy()  # type: ignore[attr-defined]
    return numbers
