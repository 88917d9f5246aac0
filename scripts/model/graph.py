"""Writes ONNX graphs: nodes by call, and weights to a file beside the graph as they come.

onnxruntime maps that file into memory in place of copying it, and while a graph is written no more
than one of its weights is in memory.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

MICROSOFT = "com.microsoft"
"""onnxruntime's own operators."""

_OPSET = 20
_IR = 10
_INLINE_BELOW = 1024
_PAGE = 4096
"""Weights begin on pages, so that each can be mapped by itself."""


class Graph:
    """A file of weights is open inside of `with`; `save` writes the graph that goes with it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.weights = file.with_suffix(".weights")
        self._out = self.weights.open("wb")
        self._nodes: list[Any] = []
        self._initializers: list[Any] = []
        self._asides: list[Any] = []

    def __enter__(self) -> Graph:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Adds a node and returns the name of what it gives."""
        return self.add_many(operator, 1, *inputs, domain=domain, **attributes)[0]

    def add_many(
        self, operator: str, count: int, *inputs: str, domain: str = "", **attributes: Any
    ) -> list[str]:
        name = f"{operator}_{len(self._nodes)}"
        outs = [f"{name}_{number}" for number in range(count)] if count > 1 else [name]
        self._nodes.append(
            helper.make_node(operator, inputs, outs, name=name, domain=domain, **attributes)
        )
        return outs

    def weight(self, values: npt.NDArray[Any]) -> str:
        name = f"weight_{len(self._initializers)}"
        if values.nbytes < _INLINE_BELOW:
            tensor = numpy_helper.from_array(np.array(values, order="C"), name)
        else:
            tensor = self._outside(values, name)
        self._initializers.append(tensor)
        return name

    def whole(self, *values: int) -> str:
        return self.weight(np.asarray(values, np.int64))

    def tell(self, values: str, about: str) -> None:
        """One more output beside the vector, called after what it is about, and numbered."""
        name = f"{about}/{len(self._asides)}"
        self._nodes.append(helper.make_node("Identity", [values], [name], name=name))
        self._asides.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))

    def save(
        self,
        takes: tuple[str, int, list[int | str]],
        vector: str,
        dimension: int,
    ) -> None:
        """`vector` is what the graph gives: [1, dimension]."""
        self._nodes.append(helper.make_node("Identity", [vector], ["vector"], name="vector"))
        graph = helper.make_graph(
            self._nodes,
            self.file.stem,
            [helper.make_tensor_value_info(*takes)],
            [
                helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, dimension]),
                *self._asides,
            ],
            self._initializers,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR)
        _settle(self._out)
        with self.file.open("wb") as out:
            out.write(model.SerializeToString())
            _settle(out)

    def _outside(self, values: npt.NDArray[Any], name: str) -> Any:
        offset = -(-self._out.tell() // _PAGE) * _PAGE
        self._out.seek(offset)
        np.ascontiguousarray(values).tofile(self._out)
        tensor = TensorProto(
            name=name,
            dims=values.shape,
            data_type=helper.np_dtype_to_tensor_dtype(values.dtype),
            data_location=TensorProto.EXTERNAL,
        )
        place = {"location": self.weights.name, "offset": offset, "length": values.nbytes}
        for key, value in place.items():
            tensor.external_data.append(onnx.StringStringEntryProto(key=key, value=str(value)))
        return tensor


def _settle(out: BinaryIO) -> None:
    """On disk, so that a power cut after the last rename finds whole files."""
    out.flush()
    os.fsync(out.fileno())
