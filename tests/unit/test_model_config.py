"""What published configurations mean, and which are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import ModelRefused
from scripts.model.config import CONFIG, PREPROCESSOR, read_clip, read_preprocessing

OPENAI = {
    "crop_size": 224,
    "do_center_crop": True,
    "do_normalize": True,
    "do_resize": True,
    "image_mean": [0.48, 0.46, 0.41],
    "image_std": [0.27, 0.26, 0.28],
    "resample": 3,
    "size": 224,
}


def write(file: Path, content: object) -> Path:
    file.write_text(json.dumps(content))
    return file.parent


def test_what_is_absent_is_as_in_vit_b_32(tmp_path: Path) -> None:
    config = read_clip(write(tmp_path / CONFIG, {"model_type": "clip"}))
    assert (config.dimension, config.text.hidden_size, config.vision.hidden_size) == (512, 512, 768)
    assert (config.vision.image_size, config.vision.patch_size) == (224, 32)
    assert (config.text.hidden_act, config.text.eos_token_id) == ("quick_gelu", 49407)


def test_the_older_twin_of_a_part_holds_where_it_is(tmp_path: Path) -> None:
    content = {
        "model_type": "clip",
        "projection_dim": 768,
        "text_config": {"hidden_size": 512, "eos_token_id": 2},
        "text_config_dict": {"hidden_size": 768, "num_attention_heads": 12},
        "vision_config": {"hidden_size": 1024, "num_attention_heads": 16, "patch_size": 14},
        "vision_config_dict": None,
    }
    config = read_clip(write(tmp_path / CONFIG, content))
    assert (config.text.hidden_size, config.text.eos_token_id) == (768, 49407)
    assert (config.vision.hidden_size, config.vision.patch_size) == (1024, 14)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"model_type": "siglip"}, "siglip"),
        ({"model_type": None}, "None"),
        ({"text_config": {"hidden_act": "gelu_new"}}, "$.text_config.hidden_act"),
        ({"vision_config": {"num_channels": 1}}, "$.vision_config.num_channels"),
        ({"vision_config": {"hidden_size": "wide"}}, "$.vision_config.hidden_size"),
        ({"vision_config": {"num_attention_heads": 7}}, "7 heads"),
        ({"vision_config": {"patch_size": 15}}, "patches of 15"),
        ({"projection_dim": 0}, "$.projection_dim"),
    ],
)
def test_other_architectures_are_refused(tmp_path: Path, change: dict[str, Any], hint: str) -> None:
    write(tmp_path / CONFIG, {"model_type": "clip", **change})
    with pytest.raises(ModelRefused) as refused:
        read_clip(tmp_path)
    assert str(tmp_path / CONFIG) in refused.value.detail
    assert hint in refused.value.detail


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_configuration_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CONFIG).write_bytes(content)
    with pytest.raises(ModelRefused, match=CONFIG):
        read_clip(tmp_path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match=CONFIG):
        read_clip(tmp_path)
    with pytest.raises(ModelRefused, match=PREPROCESSOR):
        read_preprocessing(tmp_path, 224)


@pytest.mark.parametrize(
    ("change", "fit"),
    [
        ({}, "crop"),
        (
            {"size": {"shortest_edge": 224}, "crop_size": {"height": 224, "width": 224}},
            "crop",
        ),
        ({"size": {"height": 224, "width": 224}, "do_center_crop": False}, "squash"),
    ],
)
def test_photos_are_fitted_as_published(tmp_path: Path, change: dict[str, Any], fit: str) -> None:
    photos = read_preprocessing(write(tmp_path / PREPROCESSOR, {**OPENAI, **change}), 224)
    assert (photos.side, photos.fit, photos.interpolation) == (224, fit, "bicubic")
    assert photos.mean == (0.48, 0.46, 0.41)


@pytest.mark.parametrize(
    "change",
    [
        {"size": {"shortest_edge": 256}},
        {"crop_size": 336},
        {"size": {"height": 224, "width": 300}, "do_center_crop": False},
        {"do_center_crop": False},
        {"resample": 1},
        {"image_mean": [0.5]},
    ],
)
def test_photos_that_can_not_be_fitted_so_are_refused(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    write(tmp_path / PREPROCESSOR, {**OPENAI, **change})
    with pytest.raises(ModelRefused, match=PREPROCESSOR):
        read_preprocessing(tmp_path, 224)
