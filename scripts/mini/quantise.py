"""Both towers in int8, saved as onnxruntime would optimise them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from core.clip.runtime import ort
from scripts.mini import graphs
from scripts.mini.data import views
from scripts.mini.rounding import Convolution, Floats, Grid, grid_for, rounded
from scripts.mini.towers import Block, ImageTower
from scripts.model.graph import MICROSOFT, Graph


@dataclass(frozen=True)
class Place:
    """Somewhere in the tower: what gives it, and what some photos are there."""

    name: str
    exact: Floats
    """[n, height, width, channels]: what nothing was rounded of."""
    seen: Floats
    """The same as int8 keeps it, on its grid."""
    grid: Grid


def image_int8(tower: ImageTower, file: Path, photos: views.Pixels) -> None:
    """Static: weights and ranges are settled while `photos` walk through, and hold for every photo.

    Channels come last from the pixels to the end, as onnxruntime's int8 kernels want them."""
    unfinished = file.with_suffix(".unfinished")
    with Graph(unfinished) as graph:
        exact = np.asarray((photos - 128.0) / 64, np.float32)
        x = Place("pixels", exact, exact, Grid(1 / 64, 128))
        x = _conv(graph, x, tower.stem[0], least=0)
        x = _conv(graph, x, tower.stem[2], least=0)
        for block in tower.blocks:
            x = _block(graph, x, block)
        x = _conv(graph, x, tower.widen, least=0)
        # The mean has a finer grain than any of its numbers: rounding it would throw that away.
        floats = graph.add("DequantizeLinear", x.name, *_grid(graph, x.grid))
        features = graph.add("ReduceMean", floats, graph.whole(1, 2), keepdims=0)
        graphs.save_image(graph, features, tower)
    onnx.save(onnx.load(unfinished), unfinished)  # with its weights inside
    finished(unfinished, file)
    unfinished.unlink()
    graph.weights.unlink()


def _block(graph: Graph, x: Place, block: Block) -> Place:
    inner = _conv(graph, x, block.first, least=0)
    inner = _conv(graph, inner, block.second)
    skip = x if isinstance(block.skip, nn.Identity) else _conv(graph, x, block.skip)
    exact, seen = (
        np.maximum(a + b, 0) for a, b in ((inner.exact, skip.exact), (inner.seen, skip.seen))
    )
    grid = grid_for(seen)
    added = [name for place in (inner, skip) for name in (place.name, *_grid(graph, place.grid))]
    name = graph.add("QLinearAdd", *added, *_grid(graph, grid), domain=MICROSOFT)
    return Place(name, exact, grid.kept(seen), grid)


def _conv(graph: Graph, x: Place, part: nn.Sequential, least: float = -np.inf) -> Place:
    """`least` 0 is a Relu: a grid that begins at 0 keeps nothing below."""
    convolution = Convolution(*graphs.folded(part), part[0].stride[0])
    made = rounded(convolution, x.exact, x.seen)
    exact = np.maximum(convolution(x.exact), np.float32(least))
    seen = np.maximum(made.convolution(convolution.stride)(x.seen), np.float32(least))
    grid = grid_for(seen)
    name = graph.add(
        "QLinearConv",
        x.name,
        *_grid(graph, x.grid),
        graph.weight(made.steps),
        graph.weight(made.scales),
        graph.weight(np.zeros(len(made.scales), np.int8)),
        *_grid(graph, grid),
        graph.weight(np.rint(made.bias / (made.scales * x.grid.scale)).astype(np.int32)),
        domain=MICROSOFT,
        channels_last=1,
        **graphs.shape(part),
    )
    return Place(name, exact, grid.kept(seen), grid)


def _grid(graph: Graph, grid: Grid) -> tuple[str, str]:
    scale, zero = np.asarray(grid.scale, np.float32), np.asarray(grid.zero, np.uint8)
    return graph.weight(scale), graph.weight(zero)


def text_int8(full: Path, file: Path) -> None:
    """Dynamic: ranges are measured on each text, which is safe because texts never share a run."""
    quantised = file.with_suffix(".dynamic")
    quantize_dynamic(
        full,
        quantised,
        op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True,
        reduce_range=True,  # to seven bits, for the reason in scripts/mini/rounding.py
        weight_type=QuantType.QInt8,
    )
    finished(quantised, file)
    quantised.unlink()


def finished(graph: Path, file: Path) -> None:
    """Optimised now, so that it needn't be at every start. Nothing in it is tied to this CPU."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(file)
    ort.InferenceSession(graph, sess_options=options, providers=["CPUExecutionProvider"])
