"""Published weights are read exactly, and what is not whole is refused with its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelRefused
from scripts.model.rehearsal import write_tensors
from scripts.model.tensors import SHARDS, WHOLE, Floats, Tensors

VALUES = {
    "a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b": np.asarray([1.5, -2.25], np.float32),
}


def write_one(file: Path, kind: str, content: bytes, shape: list[int], **more: Any) -> None:
    row = {"dtype": kind, "shape": shape, "data_offsets": [0, len(content)], **more}
    header = json.dumps({"x": row}).encode()
    file.write_bytes(len(header).to_bytes(8, "little") + header + content)


def refusal(folder: Path, name: str = "", *shape: int) -> str:
    with pytest.raises(ModelRefused) as refused:
        Tensors(folder).read(name, *shape)
    return refused.value.detail


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    write_tensors(tmp_path / WHOLE, VALUES)
    return tmp_path


def test_tensors_come_as_they_are(whole: Path) -> None:
    tensors = Tensors(whole)
    assert np.array_equal(tensors.read("a", 2, 3), VALUES["a"])
    assert np.array_equal(tensors.read("b", 2), VALUES["b"])
    assert "a" in tensors
    assert "c" not in tensors


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("F64", np.asarray([0.5, -3], np.float64).tobytes()),
        ("F16", np.asarray([0.5, -3], np.float16).tobytes()),
        ("BF16", (np.asarray([0.5, -3], np.float32).view(np.uint32) >> 16).astype("<u2").tobytes()),
    ],
)
def test_other_kinds_of_numbers_become_float32(tmp_path: Path, kind: str, content: bytes) -> None:
    write_one(tmp_path / WHOLE, kind, content, [2])
    values: Floats = Tensors(tmp_path).read("x", 2)
    assert values.dtype == np.float32
    assert values.tolist() == [0.5, -3]


def test_shards_are_one_model(tmp_path: Path) -> None:
    shards = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    for name, file in shards.items():
        write_tensors(tmp_path / file, {name: VALUES[name]})
    (tmp_path / SHARDS).write_text(json.dumps({"metadata": {}, "weight_map": shards}))
    tensors = Tensors(tmp_path)
    assert np.array_equal(tensors.read("b", 2), VALUES["b"])
    assert [file.name for file in tensors.files] == sorted(shards.values())
    assert SHARDS in refusal(tmp_path, "c", 1)

    (tmp_path / "model-2.safetensors").unlink()
    assert f"{tmp_path / 'model-2.safetensors'} is missing" in refusal(tmp_path)


@pytest.mark.parametrize("index", ["", "[]", '{"weight_map": {}}', '{"weight_map": {"a": "../a"}}'])
def test_an_index_that_makes_no_sense_is_refused(tmp_path: Path, index: str) -> None:
    (tmp_path / SHARDS).write_text(index)
    assert str(tmp_path) in refusal(tmp_path)


def test_a_missing_tensor_is_named(whole: Path) -> None:
    told = refusal(whole, "text_projection.weight", 2, 2)
    assert str(whole / WHOLE) in told
    assert "no tensor text_projection.weight" in told


def test_a_tensor_of_another_shape_is_named_with_both(whole: Path) -> None:
    told = refusal(whole, "a", 3, 2)
    assert str(whole / WHOLE) in told
    assert "[2, 3]" in told
    assert "[3, 2]" in told


def test_no_weights_at_all(tmp_path: Path) -> None:
    assert f"{tmp_path / WHOLE} is missing" in refusal(tmp_path)
    assert "there is no folder" in refusal(tmp_path / "nowhere")
    (tmp_path / "pytorch_model.bin").touch()
    assert "can run code" in refusal(tmp_path)


@given(kept=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_refused(
    tmp_path_factory: pytest.TempPathFactory, kept: float
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    write_tensors(folder / WHOLE, VALUES)
    content = (folder / WHOLE).read_bytes()
    (folder / WHOLE).write_bytes(content[: int(kept * len(content))])
    assert str(folder / WHOLE) in refusal(folder, "a", 2, 3)


@given(content=st.binary(max_size=64))
def test_any_other_file_is_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("other")
    (folder / WHOLE).write_bytes(content)
    assert str(folder / WHOLE) in refusal(folder, "a", 2, 3)


@pytest.mark.parametrize(
    ("kind", "content", "shape", "hint"),
    [
        ("F32", b"1234", [2], "damaged"),
        ("F32", b"12345678", [-2], "no safetensors"),
        ("I64", b"12345678", [1], "I64"),
        ("F32", np.asarray([np.nan], np.float32).tobytes(), [1], "not finite"),
        ("F32", np.asarray([np.inf], np.float32).tobytes(), [1], "not finite"),
    ],
)
def test_a_damaged_tensor_is_refused(
    tmp_path: Path, kind: str, content: bytes, shape: list[int], hint: str
) -> None:
    write_one(tmp_path / WHOLE, kind, content, shape)
    told = refusal(tmp_path, "x", *shape)
    assert str(tmp_path / WHOLE) in told
    assert hint in told


def test_places_that_run_backwards_are_refused(tmp_path: Path) -> None:
    write_one(tmp_path / WHOLE, "F32", b"1234", [1], data_offsets=[4, 0])
    assert "damaged" in refusal(tmp_path, "x", 1)
