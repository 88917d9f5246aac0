"""The towers as ONNX graphs in full precision, written from the trained weights."""

from __future__ import annotations

import math
from pathlib import Path

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
        planes = graph.add("Transpose", "pixels", perm=[0, 3, 1, 2])
        learnt = _share(graph, _unit(graph, _learnt(graph, tower, planes)), 1 - layout.SHARE)
        laid_out = _share(graph, _unit(graph, _layout(graph, planes)), layout.SHARE)
        both = graph.add("Concat", learnt, laid_out, axis=1)
        takes: Takes = ("pixels", TensorProto.UINT8, [1, SIDE, SIDE, 3])
        graph.save(takes, _unit(graph, both), DIMENSION)


def _learnt(graph: Graph, tower: ImageTower, planes: str) -> str:
    scale = graph.weight(np.asarray(1 / 64, np.float32))
    middle = graph.weight(np.asarray(128, np.uint8))
    x = graph.add("DequantizeLinear", planes, scale, middle)
    x = graph.add("Relu", _conv(graph, x, tower.stem[0]))
    x = graph.add("Relu", _conv(graph, x, tower.stem[2]))
    for block in tower.blocks:
        x = _block(graph, x, block)
    x = graph.add("Relu", _conv(graph, x, tower.widen))
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x))
    return graph.add("MatMul", x, graph.weight(_numpy(tower.project.weight).T))


def _unit(graph: Graph, vectors: str) -> str:
    """[1, n] made of unit length; nothing at all stays nothing."""
    length = graph.add("ReduceL2", vectors, graph.whole(1), keepdims=1)
    least = graph.weight(np.asarray(1e-6, np.float32))
    return graph.add("Div", vectors, graph.add("Max", length, least))


def _share(graph: Graph, unit: str, share: float) -> str:
    """A part of a vector that makes up so much of a cosine."""
    return graph.add("Mul", unit, graph.weight(np.asarray(math.sqrt(share), np.float32)))


def _layout(graph: Graph, planes: str) -> str:
    step = SIDE // layout.GRID
    floats = graph.add("Cast", planes, to=TensorProto.FLOAT)
    small = graph.add("AveragePool", floats, kernel_shape=[step, step], strides=[step, step])
    return graph.add("MatMul", graph.add("Flatten", small), graph.weight(layout.basis()))


def _block(graph: Graph, x: str, block: Block) -> str:
    inner = graph.add("Relu", _conv(graph, x, block.first))
    inner = _conv(graph, inner, block.second)
    skip = x if isinstance(block.skip, nn.Identity) else _conv(graph, x, block.skip)
    return graph.add("Relu", graph.add("Add", inner, skip))


def _conv(graph: Graph, x: str, part: nn.Sequential) -> str:
    """A convolution with its batch normalisation folded in."""
    conv, norm = part[0], part[1]
    gain = _numpy(norm.weight) / np.sqrt(_numpy(norm.running_var) + norm.eps)
    weight = _numpy(conv.weight) * gain[:, None, None, None]
    bias = _numpy(norm.bias) - _numpy(norm.running_mean) * gain
    pad = conv.padding[0]
    return graph.add(
        "Conv",
        x,
        graph.weight(weight.astype(np.float32)),
        graph.weight(bias.astype(np.float32)),
        kernel_shape=list(conv.kernel_size),
        strides=list(conv.stride),
        pads=[pad] * 4,
    )


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
