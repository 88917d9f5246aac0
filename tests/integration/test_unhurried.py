"""The model for those who have many photos to index: on one thread each, loaded when needed."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from core.clip.embedder import ClipEmbedder, load, unhurried
from core.clip.manifest import MANIFEST, read_manifest
from core.clip.towers import Tower
from core.errors import ModelUnavailable
from tests.photos import jpeg


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The towers that were loaded since, and with how many threads."""
    made: list[tuple[str, int]] = []
    make = Tower.__init__

    def noted(tower: Tower, file: Path, threads: int) -> None:
        made.append((file.name, threads))
        make(tower, file, threads)

    monkeypatch.setattr(Tower, "__init__", noted)
    return made


def test_it_gives_the_same_vectors_to_the_last_bit(small_clip: Path) -> None:
    for model, folder in (("mini", None), (small_clip.name, small_clip.parent)):
        asked = load(model, folder, threads=2)
        many = unhurried(asked)
        for number in range(3):
            photo, text = jpeg(number), f"{number} red mugs with stripes"
            assert np.array_equal(many.photo(photo), asked.photo(photo))
            assert np.array_equal(many.words(text).vector, asked.words(text).vector)


def test_each_tower_is_loaded_on_one_thread_once_it_is_needed(
    loaded: list[tuple[str, int]],
) -> None:
    many = unhurried(load("mini", None, threads=2))
    loaded.clear()
    many.photo(jpeg(1))
    assert loaded == [("image.onnx", 1)]
    many.photo(jpeg(2))
    many.words("a mug")
    assert loaded == [("image.onnx", 1), ("text.onnx", 1)]


def test_nothing_is_loaded_twice_where_one_thread_is_all_there_is() -> None:
    alone = load("mini", None, threads=1)
    assert unhurried(alone) is alone


def test_it_takes_no_other_model_that_came_to_lie_there(small_clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / small_clip.name
    shutil.copytree(small_clip, folder)
    many = unhurried(load(folder.name, tmp_path, threads=2))
    assert isinstance(many, ClipEmbedder)
    another = msgspec.structs.replace(read_manifest(folder, folder.name), revision="another")
    (folder / MANIFEST).write_bytes(msgspec.json.encode(another))
    with pytest.raises(ModelUnavailable):
        many.photo(jpeg(1))
    (folder / MANIFEST).unlink()
    with pytest.raises(ModelUnavailable):
        many.words("a mug")
