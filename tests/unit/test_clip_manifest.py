"""A model that is not whole is refused, in words that say which file and what to do."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from onnx import TensorProto, helper

from core.clip import manifest as manifests
from core.clip.embedder import SHIPPED, load
from core.errors import ModelRefused

MINI = SHIPPED / "mini"
RESTORE = "restore core/clip/mini from the release this installation came from."
GONE = object()
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
    assert told.endswith(RESTORE)


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx", "tokenizer.json"])
def test_a_file_of_another_size_is_named(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2])
    told = refusal(copy)
    assert str(copy / name) in told
    assert f"{len(content) // 2} bytes instead of {len(content)}" in told
    assert told.endswith(RESTORE)


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx", "tokenizer.json"])
def test_a_file_of_the_right_size_and_other_content_is_named(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    assert refusal(copy) == f"{copy / name} is not the file it should be: {RESTORE}"


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
    assert "can load: get the model again" in told


def test_a_broken_tokenizer_that_its_manifest_vouches_for_is_named(copy: Path) -> None:
    (copy / "tokenizer.json").write_text("{}")
    vouch_for(copy, "tokenizer.json")
    told = refusal(copy)
    assert f"{copy / 'tokenizer.json'} is no tokenizer" in told
    assert told.endswith("get the model again.")


def test_a_graph_of_another_dimension_is_named(copy: Path) -> None:
    rewrite(copy, lambda facts: facts.update(dimension=768))
    told = refusal(copy)
    assert "text.onnx gives vectors of 512 numbers" in told
    assert "768" in told
    assert told.endswith(RESTORE)


def test_a_graph_for_another_size_of_photo_is_named(copy: Path) -> None:
    rewrite(copy, lambda facts: facts["image"].update(side=224))
    told = refusal(copy)
    assert f"{copy / 'image.onnx'} takes [1, 112, 112, 3], but its manifest says [1, 224, " in told
    assert told.endswith(RESTORE)


def test_one_tower_in_place_of_the_other_is_refused(copy: Path) -> None:
    def swap(facts: dict[str, Any]) -> None:
        facts["image"]["file"], facts["text"]["file"] = facts["text"]["file"], "image.onnx"

    rewrite(copy, swap)
    told = refusal(copy)
    assert str(copy / "text.onnx") in told
    assert told.endswith(RESTORE)


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("dimension", 0, "`$.dimension`"),
        ("dimension", "512", "got `str` - at `$.dimension`"),
        ("revision", "", "`$.revision`"),
        ("licence", GONE, "missing required field `licence`"),
        ("surprise", 1, "unknown field `surprise`"),
        ("image", GONE, "missing required field `image`"),
        ("image/fit", "pad", "`$.image.fit`"),
        ("image/interpolation", "lanczos", "`$.image.interpolation`"),
        ("image/file", "../image.onnx", "`$.image.file`"),
        ("image/mean", [0.5], "`$.image.mean`"),
        ("image/surprise", 1, "unknown field `surprise` - at `$.image`"),
        ("text/context", 0, "`$.text.context`"),
        ("text/tokenizer", "/tokenizer.json", "`$.text.tokenizer`"),
        ("text/languages", GONE, "missing required field `languages`"),
        ("text/surprise", 1, "unknown field `surprise` - at `$.text`"),
        ("text/file", "other.onnx", "no checksum for other.onnx"),
        ("files/text.onnx", GONE, "no checksum for text.onnx"),
        ("files/text.onnx/sha256", "abc", "`$.files[...].sha256`"),
        ("files/text.onnx/size", GONE, "missing required field `size`"),
        ("files/..", {"size": 1, "sha256": "0" * 64}, "`key` in `$.files`"),
    ],
)
def test_a_manifest_that_makes_no_sense_says_where(
    copy: Path, field: str, value: object, hint: str
) -> None:
    *path, last = field.split("/", maxsplit=2)

    def change(facts: dict[str, Any]) -> None:
        for part in path:
            facts = facts[part]
        if value is GONE:
            del facts[last]
        else:
            facts[last] = value

    rewrite(copy, change)
    told = refusal(copy)
    assert str(copy / "model.json") in told
    assert hint in told
    assert told.endswith(RESTORE)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]"])
def test_a_manifest_that_is_no_json_object_is_refused(copy: Path, content: bytes) -> None:
    (copy / "model.json").write_bytes(content)
    told = refusal(copy)
    assert f"{copy / 'model.json'} is no model manifest" in told
    assert told.endswith(RESTORE)


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
    told = refusal(copy)
    assert f"{copy / 'model.json'} can't be read" in told
    assert told.endswith("it must be a file that this user may read.")


@pytest.mark.parametrize("takes", ["two inputs", "numbers", "no vector"])
def test_a_graph_that_is_no_tower_is_refused(copy: Path, takes: str) -> None:
    make_graph(copy / "image.onnx", takes)
    vouch_for(copy, "image.onnx")
    told = refusal(copy)
    assert f"{copy / 'image.onnx'} is no tower" in told
    assert told.endswith("get the model again.")


def make_graph(file: Path, takes: str) -> None:
    """A graph that onnxruntime loads and that no photo can be put through."""
    kind = TensorProto.FLOAT if takes == "numbers" else TensorProto.UINT8
    inputs = [helper.make_tensor_value_info("x", kind, [1, 112, 112, 3])]
    if takes == "two inputs":
        inputs.append(helper.make_tensor_value_info("other", kind, [1]))
    sum_up = takes == "no vector"
    last = ("ReduceSum", {"keepdims": 0}, []) if sum_up else ("Flatten", {}, [1, 112 * 112 * 3])
    operator, attributes, shape = last
    nodes = [
        helper.make_node("Cast", ["x"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node(operator, ["numbers"], ["vector"], **attributes),
    ]
    outputs = [helper.make_tensor_value_info("vector", TensorProto.FLOAT, shape)]
    graph = helper.make_graph(nodes, "graph", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    file.write_bytes(model.SerializeToString())
