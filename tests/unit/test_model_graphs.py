"""The emitted graphs against what `transformers` makes of the same weights, recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.clip.towers import Tower
from core.errors import ModelRefused
from scripts.model import rehearsal
from scripts.model.config import read_clip, read_preprocessing
from scripts.model.layers import easing
from scripts.model.linears import Plan, Precision, check_patterns
from scripts.model.multilingual import Multilingual
from scripts.model.rounding import LEAST, MEAN
from scripts.model.tensors import Tensors
from scripts.model.towers import Writer, image_tower, text_tower

GOLDEN = Path(__file__).parents[1] / "golden" / "clip"
SAME = 1e-4
MULTILINGUAL = "multilingual"

CASES = [(family, tower) for family in rehearsal.FAMILIES for tower in ("image", "text")]
CASES.append((MULTILINGUAL, "text"))


def writer(folder: Path, family: str, tower: str) -> Writer:
    if family == MULTILINGUAL:
        return Multilingual(rehearsal.write_multilingual(folder)).write
    rehearsal.write_clip(folder, rehearsal.FAMILIES[family])
    config, tensors = read_clip(folder), Tensors(folder)
    if tower == "text":
        return text_tower(tensors, config)
    return image_tower(tensors, config, read_preprocessing(folder, config.vision.image_size))


def run(write: Writer, tower: str, family: str, plan: Plan, file: Path) -> npt.NDArray[Any]:
    write(file, plan)
    loaded = Tower(file, 1)
    if tower == "text":
        return np.stack([loaded(np.asarray([ids])) for ids in rehearsal.some_ids()])
    side = rehearsal.FAMILIES[family]["vision_config"]["image_size"]
    return np.stack([loaded(picture[None]) for picture in rehearsal.some_pixels(side)])


def golden(family: str, tower: str) -> npt.NDArray[Any]:
    with np.load(GOLDEN / f"{family}.npz") as recorded:
        vectors: npt.NDArray[Any] = recorded[tower]
    return vectors


@pytest.mark.parametrize(("family", "tower"), CASES)
def test_in_fp32_it_is_what_transformers_gives(tmp_path: Path, family: str, tower: str) -> None:
    write = writer(tmp_path / "source", family, tower)
    vectors = run(write, tower, family, Plan("fp32"), tmp_path / "tower.onnx")
    assert np.abs(vectors - golden(family, tower)).max() <= SAME


@pytest.mark.parametrize("precision", ["int8", "block8"])
@pytest.mark.parametrize(("family", "tower"), CASES)
def test_in_fewer_bits_it_is_nearly_that(
    tmp_path: Path, family: str, tower: str, precision: Precision
) -> None:
    """The bar of a real build. How far real weights drift, only a build on them can say."""
    write = writer(tmp_path / "source", family, tower)
    vectors = run(write, tower, family, Plan(precision), tmp_path / "tower.onnx")
    cosines = (vectors * golden(family, tower)).sum(axis=1)
    assert cosines.min() >= LEAST
    assert cosines.mean() >= MEAN
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("tower", ["image", "text"])
def test_layers_left_in_fp32_are_exact_and_named(tmp_path: Path, tower: str) -> None:
    write = writer(tmp_path / "source", "vit-b-32", tower)
    everything = Plan("int8", ("*",))
    vectors = run(write, tower, "vit-b-32", everything, tmp_path / "all.onnx")
    assert np.abs(vectors - golden("vit-b-32", tower)).max() <= SAME

    some = Plan("int8", ("*.layers.1.mlp.*",))
    run(write, tower, "vit-b-32", some, tmp_path / "some.onnx")
    prefix = {"image": "vision_model", "text": "text_model"}[tower] + ".encoder.layers.1.mlp."
    assert some.told().endswith(f"; in fp32: {prefix}fc1, {prefix}fc2")
    assert len(some.layers) == len(everything.layers) == 2 * 4 + 1


def test_only_what_stands_out_is_eased_and_by_powers_of_two() -> None:
    sizes = np.asarray([1, 1.5, 0.5, 64, 0, 1, 1000], np.float32)
    weights = np.asarray([1, 1, 1, 1, 1, 0, 10], np.float32)
    assert easing(sizes, weights).tolist() == [1, 1, 1, 8, 1, 1, 8]
    assert easing(np.zeros(2, np.float32), np.ones(2, np.float32)).tolist() == [1, 1]


@pytest.mark.parametrize("tower", ["image", "text"])
def test_evening_inputs_out_leaves_the_tower_as_it_was(tmp_path: Path, tower: str) -> None:
    """What is taken from the inputs is given to the weights, whatever the sizes; 0 is left."""
    write = writer(tmp_path / "source", "vit-b-32", tower)
    untold = Plan("fp32")
    run(write, tower, "vit-b-32", untold, tmp_path / "plain.onnx")
    width = {"image": 48, "text": 32}[tower]
    sizes = np.geomspace(0.01, 300, width).astype(np.float32)
    sizes[3] = 0
    plan = Plan("fp32", sizes=dict.fromkeys(untold.layers, sizes))
    vectors = run(write, tower, "vit-b-32", plan, tmp_path / "evened.onnx")
    assert np.abs(vectors - golden("vit-b-32", tower)).max() <= SAME
    assert len(plan.eased) == 4  # two layers have two products each that read a norm


def test_a_pattern_without_layers_is_refused_and_told_what_layers_are_called(
    tmp_path: Path,
) -> None:
    plan = Plan("int8", ("*.mlp.fc1", "*.attn.*"))
    writer(tmp_path / "source", "vit-b-32", "text")(tmp_path / "tower.onnx", plan)
    with pytest.raises(ModelRefused) as refused:
        check_patterns(plan.patterns, [plan])
    assert "'*.attn.*'" in refused.value.detail
    assert "text_model.encoder.layers.1.mlp.fc2" in refused.value.detail


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_what_comes_after_the_end_mark_changes_nothing(
    tmp_path: Path, precision: Precision
) -> None:
    for family in ("vit-b-32", "vit-b-16"):  # the end mark by the largest id, and by its id
        file = tmp_path / f"{family}.onnx"
        writer(tmp_path / family, family, "text")(file, Plan(precision))
        tower, ids = Tower(file, 1), [256, 7, 8, 257]
        alone = tower(np.asarray([ids]))
        assert np.allclose(alone, tower(np.asarray([[*ids, 1, 2, 3]])), atol=1e-6)
        assert np.allclose(alone, tower(np.asarray([[*ids, 257, 257]])), atol=1e-6)


def test_weights_lie_beside_the_graph_on_pages_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "tower.onnx"
    writer(tmp_path / "source", "vit-b-32", "image")(file, Plan("int8"))
    assert file.stat().st_size < 64 * 1024
    assert (tmp_path / "tower.weights").stat().st_size > 100 * 1024


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    write = writer(tmp_path / "source", "vit-b-32", "text")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "text.onnx", Plan("int8"))
    for file in ("text.onnx", "text.weights"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
