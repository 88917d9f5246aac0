"""A model that is not whole is refused, in words that say which file and what to do."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.clip import manifest as manifests
from core.clip.embedder import SHIPPED, load
from core.errors import ModelRefused

MINI = SHIPPED / "mini"
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped model, in a folder where it may be broken."""
    return Path(shutil.copytree(MINI, tmp_path / "mini"))


def rewrite(folder: Path, change: Change) -> None:
    path = folder / "model.json"
    facts = msgspec.json.decode(path.read_bytes())
    change(facts)
    path.write_bytes(msgspec.json.encode(facts))


def vouch_for(folder: Path, name: str) -> None:
    """Makes the manifest agree with a file as it is now."""
    content = (folder / name).read_bytes()
    described = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    rewrite(folder, lambda facts: facts["files"].update({name: described}))


def refusal(folder: Path, model: str = "mini") -> str:
    with pytest.raises(ModelRefused) as refused:
        load(model, folder.parent)
    return refused.value.detail


def test_a_whole_model_is_loaded_from_a_folder_of_models(copy: Path) -> None:
    embedder = load("mini", copy.parent)
    assert embedder.model == f"mini@{embedder.manifest.revision}"
    assert embedder.dimension == 512


def test_the_shipped_model_is_found_without_a_folder() -> None:
    assert load("mini", None).manifest.name == "mini"


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx", "tokenizer.json", "model.json"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    told = refusal(copy)
    assert str(copy / name) in told
    assert "missing" in told
    assert "restore core/clip/mini" in told


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx", "tokenizer.json"])
def test_a_file_of_another_size_is_named(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2])
    told = refusal(copy)
    assert str(copy / name) in told
    assert f"{len(content) // 2} bytes instead of {len(content)}" in told


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx", "tokenizer.json"])
def test_a_file_of_the_right_size_and_other_content_is_named(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    assert f"{copy / name} is not the file it should be" in refusal(copy)


def test_a_large_model_is_not_hashed_on_every_start(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(copy, lambda facts: facts["files"]["image.onnx"].update(sha256="0" * 64))
    monkeypatch.setattr(manifests, "HASHED_UP_TO", 1024)
    assert load("mini", copy.parent).dimension == 512


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx"])
def test_a_broken_graph_that_its_manifest_vouches_for_is_named(copy: Path, name: str) -> None:
    (copy / name).write_bytes((copy / name).read_bytes()[:1000])
    vouch_for(copy, name)
    told = refusal(copy)
    assert str(copy / name) in told
    assert "can load" in told


def test_a_broken_tokenizer_that_its_manifest_vouches_for_is_named(copy: Path) -> None:
    (copy / "tokenizer.json").write_text("{}")
    vouch_for(copy, "tokenizer.json")
    assert f"{copy / 'tokenizer.json'} is no tokenizer" in refusal(copy)


def test_a_graph_of_another_dimension_is_named(copy: Path) -> None:
    rewrite(copy, lambda facts: facts.update(dimension=768))
    told = refusal(copy)
    assert "image.onnx gives vectors of 512 numbers" in told
    assert "768" in told


def test_a_graph_for_another_size_of_photo_is_named(copy: Path) -> None:
    rewrite(copy, lambda facts: facts["image"].update(side=224))
    assert "224" in refusal(copy)


def test_one_tower_in_place_of_the_other_is_refused(copy: Path) -> None:
    def swap(facts: dict[str, Any]) -> None:
        facts["image"]["file"], facts["text"]["file"] = facts["text"]["file"], "image.onnx"

    rewrite(copy, swap)
    assert str(copy) in refusal(copy)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda facts: facts["image"].update(interpolation="lanczos"), "$.image.interpolation"),
        (lambda facts: facts["image"].update(fit="pad"), "$.image.fit"),
        (lambda facts: facts["image"].update(file="../image.onnx"), "$.image.file"),
        (lambda facts: facts.update(dimension=0), "$.dimension"),
        (lambda facts: facts.update(surprise=1), "surprise"),
        (lambda facts: facts.pop("licence"), "licence"),
        (lambda facts: facts["files"].pop("text.onnx"), "text.onnx"),
        (lambda facts: facts["files"]["text.onnx"].update(sha256="abc"), "sha256"),
    ],
)
def test_a_manifest_that_makes_no_sense_says_where(copy: Path, change: Change, hint: str) -> None:
    rewrite(copy, change)
    told = refusal(copy)
    assert str(copy / "model.json") in told
    assert hint in told


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]"])
def test_a_manifest_that_is_no_json_object_is_refused(copy: Path, content: bytes) -> None:
    (copy / "model.json").write_bytes(content)
    assert str(copy / "model.json") in refusal(copy)


def test_a_model_under_another_name_is_refused(copy: Path) -> None:
    other = copy.rename(copy.with_name("large"))
    told = refusal(other, "large")
    assert "describes the model 'mini', not 'large'" in told


def test_an_unknown_model_says_where_it_was_looked_for(tmp_path: Path) -> None:
    told = refusal(tmp_path / "nothing", "nothing")
    assert str(tmp_path / "nothing") in told
    assert "MODEL=mini" in told


def test_a_file_that_may_not_be_read_is_refused(copy: Path) -> None:
    (copy / "model.json").unlink()
    (copy / "model.json").mkdir()
    assert str(copy / "model.json") in refusal(copy)
