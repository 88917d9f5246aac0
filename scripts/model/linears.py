"""The products with weights, each in the precision that the plan gives it.

int8: weights in int8 with a scale for each column, activations in uint8 with a range measured on
the spot. block8: weights in 8 bits with a scale for each block of a column, activations likewise,
which costs time and keeps more of the model. fp32: as published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.errors import ModelRefused
from scripts.model.graph import MICROSOFT, Graph
from scripts.model.tensors import Floats

Precision = Literal["int8", "block8", "fp32"]

_BLOCKS = (128, 64, 32)
_ZERO_OF_BLOCKS = 128
_INT8_ACTIVATIONS = 4
"""What MatMulNBits calls multiplying in int8 rather than widening the weights."""

_SAFE_FOR_BYTES = 64
"""CPUs without VNNI add products up in pairs of 16 bits, and 255 * (64 + 64) just fits. Pixels of a
white backdrop are 255 side by side, so larger weights would not add up there."""


class Plan:
    """Which layer of a tower gets which precision, and which layers there turned out to be."""

    def __init__(
        self,
        precision: Precision,
        keep_fp32: tuple[str, ...] = (),
        in_blocks: tuple[str, ...] = (),
        sizes: Mapping[str, Floats] | None = None,
        *,
        weigh: bool = False,
    ) -> None:
        self.precision = precision
        self.patterns = keep_fp32
        self.in_blocks = in_blocks
        """Layers that lose too much in int8."""
        self.sizes = sizes or {}
        """How large the numbers get that a layer reads; the larger ones are to be evened out."""
        self.weigh = weigh
        """Have the graph say of each product what fewer bits would do to it."""
        self.layers: list[str] = []
        self.eased: list[str] = []
        """Layers whose inputs were evened out."""

    def of(self, layer: str) -> Precision:
        if layer not in self.layers:
            self.layers.append(layer)
        if self.keeps(layer):
            return "fp32"
        return "block8" if layer in self.in_blocks else self.precision

    def told(self) -> str:
        """What the manifest says of it."""
        how = {"int8": "dynamic int8", "block8": "8 bits by block", "fp32": "none"}
        kept = [layer for layer in self.layers if self.keeps(layer)]
        told = how[self.precision] + (", evened out" if self.eased else "")
        if by_block := [layer for layer in self.in_blocks if layer not in kept]:
            told += f"; by block: {', '.join(by_block)}"
        return told + (f"; in fp32: {', '.join(kept)}" if kept else "")

    def keeps(self, layer: str) -> bool:
        return any(fnmatchcase(layer, pattern) for pattern in self.patterns)


def check_patterns(patterns: tuple[str, ...], plans: Sequence[Plan]) -> None:
    """A pattern that no layer answers to is a slip, and would only show as a worse model."""
    layers = [layer for plan in plans for layer in plan.layers]
    for pattern in patterns:
        if not any(fnmatchcase(layer, pattern) for layer in layers):
            some = ", ".join(plan.layers[-1] for plan in plans)
            raise ModelRefused(
                f"No layer is called {pattern!r}, which was to be left in fp32. "
                f"Layers have names like {some}."
            )


class Linears:
    def __init__(self, graph: Graph, plan: Plan) -> None:
        self._graph = graph
        self._plan = plan

    def __call__(self, x: str, weight: Floats, bias: Floats | None, layer: str) -> str:
        """x @ weight + bias, where weight is [in, out]."""
        precision = self._plan.of(layer)
        if precision == "int8":
            return self._int8(x, weight, bias)
        if precision == "block8":
            return self._block8(x, weight, bias)
        graph = self._graph
        product = graph.add("MatMul", x, graph.weight(weight))
        if bias is not None:
            product = graph.add("Add", product, graph.weight(bias))
        if self._plan.weigh and not self._plan.keeps(layer):
            largest = graph.add("ReduceMax", graph.add("Abs", x), graph.whole(0, 1), keepdims=0)
            graph.tell(largest, f"{layer}/size")
            self._weigh(product, self._int8(x, weight, bias), f"{layer}/int8")
            self._weigh(product, self._block8(x, weight, bias), f"{layer}/block8")
        return product

    def bytes(self, x: str, weight: Floats, layer: str) -> tuple[str, Floats]:
        """The product with uint8 x, which needs no rounding; and the weight as it was used."""
        graph = self._graph
        if self._plan.of(layer) == "fp32":
            floats = graph.add("Cast", x, to=1)
            return graph.add("MatMul", floats, graph.weight(weight)), weight
        rounded, scales = by_column(weight, _SAFE_FOR_BYTES)
        one = graph.weight(np.asarray(1, np.float32))
        inputs = (x, graph.weight(rounded), one, graph.weight(scales))
        product = graph.add("MatMulIntegerToFloat", *inputs, domain=MICROSOFT)
        return product, rounded * scales

    def table(self, ids: str, rows: Floats, layer: str) -> str:
        """The rows at these ids."""
        graph = self._graph
        if self._plan.of(layer) == "fp32":
            return graph.add("Gather", graph.weight(rows), ids)
        scales = _scales(np.abs(rows).max(axis=1, keepdims=True))
        rounded = graph.weight(np.rint(rows / scales).astype(np.int8))
        picked = graph.add("Cast", graph.add("Gather", rounded, ids), to=1)
        return graph.add("Mul", picked, graph.add("Gather", graph.weight(scales), ids))

    def _weigh(self, exact: str, rounded: str, about: str) -> None:
        """How large the difference is, as a share of what it should be."""
        graph = self._graph
        off = graph.add("ReduceSumSquare", graph.add("Sub", rounded, exact), keepdims=0)
        whole = graph.add("ReduceSumSquare", exact, keepdims=0)
        graph.tell(graph.add("Div", off, whole), about)

    def _int8(self, x: str, weight: Floats, bias: Floats | None) -> str:
        graph = self._graph
        rounded, scales = by_column(weight)
        inputs = [x, graph.weight(rounded), graph.weight(scales)]
        if bias is not None:
            inputs += ["", graph.weight(bias)]
        return graph.add("DynamicQuantizeMatMul", *inputs, domain=MICROSOFT)

    def _block8(self, x: str, weight: Floats, bias: Floats | None) -> str:
        graph = self._graph
        inner, outer = weight.shape
        block = next((size for size in _BLOCKS if inner % size == 0), _BLOCKS[-1])
        rounded, scales = by_block(weight, block)
        inputs = [x, graph.weight(rounded), graph.weight(scales)]
        if bias is not None:
            inputs += ["", "", graph.weight(bias)]
        return graph.add(
            "MatMulNBits",
            *inputs,
            domain=MICROSOFT,
            K=inner,
            N=outer,
            bits=8,
            block_size=block,
            accuracy_level=_INT8_ACTIVATIONS,
        )


def by_column(weight: Floats, most: int = 127) -> tuple[npt.NDArray[np.int8], Floats]:
    scales = _scales(np.abs(weight).max(axis=0), most)
    return np.rint(weight / scales).astype(np.int8), scales


def by_block(weight: Floats, block: int) -> tuple[npt.NDArray[np.uint8], Floats]:
    """[out, blocks, block] and a scale for each block; what is missing in the last one is zero."""
    inner, outer = weight.shape
    blocks = -(-inner // block)
    padded = np.zeros((outer, blocks * block), np.float32)
    padded[:, :inner] = weight.T
    padded = padded.reshape(outer, blocks, block)
    scales = _scales(np.abs(padded).max(axis=2, keepdims=True))
    rounded = np.rint(padded / scales) + _ZERO_OF_BLOCKS
    return rounded.astype(np.uint8), scales[:, :, 0]


def _scales(largest: Floats, most: int = 127) -> Floats:
    """What one step is worth; 1 where all is zero, and any step would do."""
    return np.where(largest == 0, 1, largest / most).astype(np.float32)
