"""What can't become a good model is refused, in words that say which file and what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.clip.embedder import load
from core.errors import ModelRefused
from scripts.model import rehearsal, rounding
from scripts.model.build import Order, build

NAME = "small"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "vit-b-32"
    return rehearsal.write_clip(folder, rehearsal.FAMILIES["vit-b-32"])


@pytest.fixture
def copy(source: Path, tmp_path: Path) -> Path:
    """The source, in a folder where it may be broken."""
    return Path(shutil.copytree(source, tmp_path / "copy"))


def refusal(order: Order) -> str:
    with pytest.raises(ModelRefused) as refused:
        build(order)
    return refused.value.detail


def is_empty(out: Path) -> bool:
    return not out.exists() or not any(out.iterdir())


@pytest.mark.parametrize(
    "file", ["config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"]
)
@pytest.mark.parametrize("damage", ["missing", "cut off", "empty"])
def test_a_source_that_is_not_whole_is_refused_by_name(
    copy: Path, tmp_path: Path, file: str, damage: str
) -> None:
    path = copy / file
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(content[: len(content) // 2] if damage == "cut off" else b"")
    assert str(path) in refusal(Order(NAME, copy, tmp_path / "models"))
    assert is_empty(tmp_path / "models")


def change(file: Path, part: str, **values: Any) -> None:
    content = msgspec.json.decode(file.read_bytes())
    content[part].update(values)
    file.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("part", "values", "hint"),
    [
        ("text_config", {"vocab_size": 100}, "knows more tokens"),
        ("text_config", {"eos_token_id": 7}, "end mark"),
        ("text_config", {"num_hidden_layers": 3}, "no tensor text_model.encoder.layers.2"),
        ("vision_config", {"intermediate_size": 64}, "[192, 48]"),
        ("vision_config", {"image_size": 96}, "squares of 96"),
        ("vision_config", {"hidden_act": "relu"}, "$.vision_config.hidden_act"),
    ],
)
def test_a_source_that_does_not_fit_its_configuration_is_refused(
    copy: Path, tmp_path: Path, part: str, values: dict[str, Any], hint: str
) -> None:
    change(copy / "config.json", part, **values)
    told = refusal(Order(NAME, copy, tmp_path / "models"))
    assert str(copy) in told
    assert hint in told
    assert is_empty(tmp_path / "models")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", ".hidden", "/abs"])
def test_names_that_are_no_folders_are_refused(tmp_path: Path, source: Path, name: str) -> None:
    assert "name" in refusal(Order(name, source, tmp_path / "models"))


def test_two_towers_of_other_dimensions_are_refused(tmp_path: Path) -> None:
    source = rehearsal.write_clip(tmp_path / "l", rehearsal.FAMILIES["vit-l-14"])
    text = rehearsal.write_multilingual(tmp_path / "multilingual")
    told = refusal(Order(NAME, source, tmp_path / "models", text_source=text))
    assert "32 numbers" in told
    assert "48" in told


def test_a_model_that_loses_too_much_is_refused_with_what_to_try(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "models"
    build(Order(NAME, source, out))
    before = load(NAME, out).model
    monkeypatch.setattr(rounding, "LEAST", 0.9999999)
    told = refusal(Order(NAME, source, out, quantise="int8", keep_fp32=("vision_model.*",)))
    assert "the text tower loses too much" in told
    assert "0.9999999" in told
    assert "--quantise auto" in told
    assert "--keep-fp32 'text_model.encoder.layers.*.mlp.fc2'" in told
    assert load(NAME, out).model == before
    assert [path.name for path in out.iterdir()] == [NAME]
