"""Rounding weights to 8 bits loses at most half a step, whatever their shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto

from core.clip.towers import Tower
from scripts.model.graph import Graph
from scripts.model.linears import Linears, Plan, Precision, by_block, by_column
from scripts.model.tensors import Floats

HALF = 0.501


def some(inner: int, outer: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    weight = random.standard_normal((inner, outer)) * 10.0 ** random.integers(-6, 4, outer)
    weight[:, random.random(outer) < 0.2] = 0
    return weight.astype(np.float32)


sizes = st.integers(1, 70)


@given(inner=sizes, outer=sizes, seed=st.integers(0, 999))
def test_by_column(inner: int, outer: int, seed: int) -> None:
    weight = some(inner, outer, seed)
    rounded, scales = by_column(weight)
    assert rounded.dtype == np.int8
    assert rounded.min(initial=0) >= -127
    assert (np.abs(rounded * scales - weight) <= HALF * scales).all()


@given(inner=sizes, outer=sizes, seed=st.integers(0, 999))
def test_weights_for_bytes_add_up_on_every_cpu(inner: int, outer: int, seed: int) -> None:
    rounded, _ = by_column(some(inner, outer, seed), 64)
    assert 255 * 2 * np.abs(rounded.astype(int)).max(initial=0) < 2**15


@given(inner=sizes, outer=sizes, seed=st.integers(0, 999))
def test_by_block(inner: int, outer: int, seed: int) -> None:
    weight = some(inner, outer, seed)
    rounded, scales = by_block(weight, 32)
    back = (rounded.astype(np.float32) - 128) * scales[:, :, None]
    back = back.reshape(outer, -1)[:, :inner].T
    steps = np.repeat(scales, 32, axis=1)[:, :inner].T
    assert (np.abs(back - weight) <= HALF * steps).all()


@pytest.mark.parametrize("precision", ["int8", "block8", "fp32"])
@pytest.mark.parametrize("inner", [128, 96, 48, 20])
@pytest.mark.parametrize("with_bias", [True, False])
def test_products_in_onnxruntime_are_the_products(
    tmp_path: Path, precision: Precision, inner: int, with_bias: bool
) -> None:
    random = np.random.default_rng(5)
    weight = random.standard_normal((inner, 40)).astype(np.float32)
    bias = random.standard_normal(40).astype(np.float32) if with_bias else None
    with Graph(tmp_path / "product.onnx") as graph:
        pixels = graph.add("Cast", "pixels", to=TensorProto.FLOAT)
        product = Linears(graph, Plan(precision))(pixels, weight, bias, "layer")
        graph.save(("pixels", TensorProto.UINT8, [1, inner]), product, 40)
    x = random.integers(0, 256, (1, inner)).astype(np.uint8)
    exact = x @ weight + (0 if bias is None else bias)
    error = np.abs(Tower(graph.file, 1)(x) - exact[0]).max()
    assert error <= (1e-3 if precision == "fp32" else 0.02 * np.abs(exact).max())
