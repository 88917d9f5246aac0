"""How the weights and activations of mini's photo tower become int8."""

from __future__ import annotations

import io

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.clip.runtime import ort
from scripts.mini.rounding import HIGHEST, Convolution, Floats, Grid, grid_for, rounded


def convolution(inputs: int, outputs: int, size: int, stride: int = 1) -> Convolution:
    dice = np.random.default_rng(5)
    weight = dice.normal(size=(outputs, inputs, size, size)).astype(np.float32)
    return Convolution(weight, dice.normal(size=outputs).astype(np.float32), stride)


def photos(channels: int, seed: int = 6) -> Floats:
    """As nets see them: what is near is alike, channels follow each other, nothing is negative."""
    dice = np.random.default_rng(seed)
    rough = dice.normal(size=(20, 12, 12, 2)).cumsum(1).cumsum(2) / 4
    mixes = np.random.default_rng(7).normal(size=(2, channels))
    noise = 0.05 * dice.normal(size=(20, 12, 12, channels))
    return np.maximum(rough @ mixes + noise, 0).astype(np.float32)


@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2), (1, 1), (1, 2)])
def test_a_convolution_is_onnxruntimes(size: int, stride: int) -> None:
    ours, seen = convolution(5, 4, size, stride), photos(5)
    node = helper.make_node(
        "Conv", ["x", "w", "b"], ["y"], strides=[stride] * 2, pads=[size // 2] * 4
    )
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy"]
    held = [numpy_helper.from_array(ours.weight, "w"), numpy_helper.from_array(ours.bias, "b")]
    graph = helper.make_graph([node], "conv", values[:1], values[1:], held)
    file = io.BytesIO()
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), file
    )
    session = ort.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {"x": seen.transpose(0, 3, 1, 2)})
    assert np.allclose(ours(seen), theirs.transpose(0, 2, 3, 1), atol=1e-4)


def test_weights_rounded_for_what_is_seen_lose_far_less_than_rounded_to_the_nearest() -> None:
    exact, seen = convolution(8, 6, 3), photos(8)
    made = rounded(exact, seen, seen)
    scales = np.abs(exact.weight).max((1, 2, 3), keepdims=True) / HIGHEST
    nearest = Convolution(np.rint(exact.weight / scales) * scales, exact.bias, 1)
    unseen = photos(8, seed=8)
    lost, lost_by_nearest = (
        np.square(one(unseen) - exact(unseen)).mean() for one in (made.convolution(1), nearest)
    )
    assert lost < lost_by_nearest / 3


def test_what_was_lost_before_is_made_good() -> None:
    exact, meant, unseen = convolution(8, 6, 3), photos(8), photos(8, seed=8)

    def dimmed(values: Floats) -> Floats:
        return np.minimum(values, 2) * np.float32(0.9)

    lost, lost_without = (
        np.square(made.convolution(1)(dimmed(unseen)) - exact(unseen)).mean()
        for made in (
            rounded(exact, meant, dimmed(meant)),
            rounded(exact, dimmed(meant), dimmed(meant)),
        )
    )
    assert lost < lost_without / 2


def test_rounded_weights_fit_seven_bits_and_the_mean_stays() -> None:
    exact, seen = convolution(8, 6, 3, stride=2), photos(8)
    made = rounded(exact, seen, seen)
    assert made.steps.dtype == np.int8
    assert np.abs(made.steps).max() <= HIGHEST
    off = (made.convolution(2)(seen) - exact(seen)).mean((0, 1, 2))
    assert np.abs(off).max() < 1e-4


def test_a_channel_that_is_never_lit_is_rounded_like_any_other() -> None:
    exact, seen = convolution(4, 3, 1), photos(4)
    seen[..., 2] = 0
    made = rounded(exact, seen, seen)
    assert np.isfinite(made.bias).all()
    assert np.square(made.convolution(1)(seen) - exact(seen)).mean() < 1e-4 * exact(seen).var()


def test_a_grid_keeps_nothing_as_nothing_and_nothing_below_what_was_never_below() -> None:
    grid = grid_for(photos(3))
    assert grid.zero == 0
    assert (grid.kept(np.asarray([0, -5], np.float32)) == 0).all()
    both_sides = grid_for(photos(3) - np.float32(1.5))
    assert 0 < both_sides.zero < 255
    assert both_sides.kept(np.zeros(1, np.float32)) == 0


def test_a_grid_cuts_off_what_is_rare_and_far_out() -> None:
    values = np.random.default_rng(9).normal(size=100_000).astype(np.float32)
    widest = Grid(float(np.ptp(values)) / 255, round(255 * -values.min() / np.ptp(values)))
    lost, lost_at_widest = (
        np.square(grid.kept(values) - values).mean() for grid in (grid_for(values), widest)
    )
    assert lost < lost_at_widest
    even = np.linspace(0, 10, 1000, dtype=np.float32)
    assert abs(grid_for(even).scale - 10 / 255) < 1e-6
