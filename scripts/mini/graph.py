"""A few lines to write ONNX graphs with: nodes by call, weights by value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 20


class Graph:
    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def add(self, operator: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        """Adds a node and returns the name of what it gives."""
        out = out or f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [out], name=out, **attributes))
        return out

    def weight(self, values: npt.NDArray[Any]) -> str:
        name = f"weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def whole(self, *values: int) -> str:
        return self.weight(np.asarray(values, np.int64))

    def unit(self, vectors: str, out: str) -> str:
        """[1, n] made of unit length."""
        length = self.add("ReduceL2", vectors, self.whole(1), keepdims=1)
        return self.add("Div", vectors, length, out=out)

    def save(
        self, file: Path, takes: tuple[str, int, list[int | str]], gives: tuple[str, list[int]]
    ) -> None:
        graph = helper.make_graph(
            self._nodes,
            self._name,
            [helper.make_tensor_value_info(*takes)],
            [helper.make_tensor_value_info(gives[0], TensorProto.FLOAT, gives[1])],
            self._weights,
        )
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, file)
