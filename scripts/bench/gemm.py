"""How much of what this machine can multiply the image towers use, on one thread.

The limit is measured, not looked up: onnxruntime's own products of bytes, in large shapes and in
those of CLIP's layers, in the same rounds as the towers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from core.clip.manifest import read_manifest
from core.clip.runtime import ort
from core.clip.towers import Tower
from scripts.bench.report import Report, Scale, Timing

_ROUNDS = 10
_SHAPES = [
    (2048, 2048, 2048),
    (512, 768, 3072),
    (50, 768, 2304),
    (50, 768, 768),
    (50, 768, 3072),
    (50, 3072, 768),
]
"""Rows, and the weights' inner and outer size."""
_AT_ONCE = 2e10
"""Multiply-adds to time in one go: a single small product is over before it can be measured."""
_SEED = 1

# Where an operator has its weights, and on which of their axes the outer size stands.
_WEIGHTS = {
    "MatMul": (1, -1),
    "MatMulIntegerToFloat": (1, -1),
    "DynamicQuantizeMatMul": (1, -1),
    "Conv": (1, 0),
    "QLinearConv": (3, 0),
}

Numbers = npt.NDArray[Any]


class _Measured:
    """Something that multiplies, and how fast it was in each round."""

    def __init__(self, count: int, run: Callable[[], object]) -> None:
        self._count = count
        self._run = run
        self.seconds: list[float] = []

    def take(self) -> None:
        times = max(1, round(_AT_ONCE / self._count))
        began = perf_counter()
        for _ in range(times):
            self._run()
        self.seconds.append((perf_counter() - began) / times)

    def speed(self) -> float:
        """In GOP/s, where a multiply-add is two."""
        return 2 * self._count / median(self.seconds) / 1e9


def measure(report: Report, scale: Scale, models: Mapping[str, Path]) -> None:
    towers = {name: _tower(name, folder) for name, folder in models.items()}
    products = list(_products())
    n = scale.times(_ROUNDS)
    for number in range(n + 1):
        for measured in (*products, *towers.values()):
            if number == 1:
                measured.seconds.clear()
            measured.take()
    peak = max(product.speed() for product in products)
    report.value("int8 products on one thread, the fastest shape", peak, "GOP/s", n=n)
    for name, tower in towers.items():
        alone = "image tower alone on one thread"
        whose = f"(Likeness {name})"
        report.time(f"{alone} {whose}", Timing.of(seconds * 1000 for seconds in tower.seconds))
        report.value(f"{alone}, of that {whose}", 100 * tower.speed() / peak, "%", n=n)


def _tower(model: str, folder: Path) -> _Measured:
    file = folder / read_manifest(folder, model).image.file
    tower = Tower(file, threads=1)
    photo = np.random.default_rng(_SEED).integers(0, 256, tower.takes, np.uint8)
    return _Measured(multiply_adds(file, photo), lambda: tower(photo))


def multiply_adds(file: Path, photo: Numbers) -> int:
    """Of all products with weights in a tower; what attention multiplies besides is left out.

    Every product is made an output of the graph, so that one run says how large it is.
    """
    model = onnx.load(file, load_external_data=False)
    shapes = {weight.name: list(weight.dims) for weight in model.graph.initializer}
    inner: dict[str, int] = {}
    for node in model.graph.node:
        place, axis = _WEIGHTS.get(node.op_type, (0, 0))
        if place and (shape := shapes.get(node.input[place])):
            inner[node.output[0]] = prod(shape) // shape[axis]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inner)
    session = _session(model, file.parent)
    given = session.run(list(inner), {session.get_inputs()[0].name: photo})
    return sum(values.size * size for values, size in zip(given, inner.values(), strict=True))


def _products() -> Iterator[_Measured]:
    random = np.random.default_rng(_SEED)
    for rows, inner, outer in _SHAPES:
        count = rows * inner * outer
        weight = random.integers(-127, 128, (inner, outer), np.int8)
        bytes_ = random.integers(0, 256, (rows, inner), np.uint8)
        yield _Measured(count, _product("MatMulInteger", "", TensorProto.INT32, bytes_, weight))
        scales = np.full(outer, 0.01, np.float32)
        floats = random.standard_normal((rows, inner), np.float32)
        operator = ("DynamicQuantizeMatMul", "com.microsoft", TensorProto.FLOAT)
        yield _Measured(count, _product(*operator, floats, weight, scales))


def _product(
    operator: str, domain: str, gives: int, x: Numbers, *weights: Numbers
) -> Callable[[], object]:
    """A graph of this one operator, bound to x."""
    inside = [numpy_helper.from_array(values, f"w{n}") for n, values in enumerate(weights)]
    node = helper.make_node(operator, ["x", *(w.name for w in inside)], ["y"], domain=domain)
    takes = helper.make_tensor_value_info("x", helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)
    out = helper.make_tensor_value_info("y", gives, [len(x), weights[0].shape[1]])
    graph = helper.make_graph([node], "product", [takes], [out], inside)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    session = _session(helper.make_model(graph, opset_imports=opsets, ir_version=9))
    bound = session.io_binding()
    bound.bind_ortvalue_input("x", ort.OrtValue.ortvalue_from_numpy(x))
    bound.bind_output("y", "cpu")
    return lambda: session.run_with_iobinding(bound)


def _session(model: Any, weights_in: Path = Path()) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", str(weights_in)
    )
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
