"""Full-precision graphs to int8, and saved as onnxruntime would optimise them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

from core.clip.runtime import ort
from scripts.mini.data import views

SEVEN_BITS = True
"""CPUs without VNNI add products of 8-bit weights up in 16 bits and overflow. One bit less and a
vector is the same whichever CPU made it, so an index may be filled on one and asked on another."""


class _Photos(CalibrationDataReader):
    def __init__(self, pixels: Iterable[views.Pixels]) -> None:
        self._left = iter(pixels)

    def get_next(self) -> dict[str, Any] | None:
        pixels = next(self._left, None)
        return None if pixels is None else {"pixels": pixels[None]}


def image_int8(full: Path, file: Path, photos: Iterable[views.Pixels]) -> None:
    """Static, by channel: ranges are measured once on `photos`, and hold for every photo."""
    quantised = file.with_suffix(".qdq")
    # What the first two round goes on through all that follows: they cost four fifths of all that
    # int8 costs, and are small enough to stay as they are.
    stem = [node.name for node in _nodes(full) if node.op_type == "Conv"][:2]
    quantize_static(
        full,
        quantised,
        _Photos(photos),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        reduce_range=SEVEN_BITS,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
        op_types_to_quantize=["Conv", "Add", "Relu", "GlobalAveragePool"],
        nodes_to_exclude=stem,
    )
    finished(quantised, file)
    quantised.unlink()


def _nodes(graph: Path) -> Iterable[Any]:
    nodes: Iterable[Any] = onnx.load(graph, load_external_data=False).graph.node
    return nodes


def text_int8(full: Path, file: Path) -> None:
    """Dynamic: ranges are measured on each text, which is safe because texts never share a run."""
    quantised = file.with_suffix(".dynamic")
    quantize_dynamic(
        full,
        quantised,
        op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True,
        reduce_range=SEVEN_BITS,
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
