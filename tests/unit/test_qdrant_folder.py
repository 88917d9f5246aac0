"""An index is opened only by the model it was made for, and never half-made."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import IndexMismatch, IndexUnavailable
from core.stores.qdrant_embedded import EmbeddedIndex


def opened(folder: Path, model: str = "mini", dimension: int = 8) -> EmbeddedIndex:
    return EmbeddedIndex.open(folder, "products", model, dimension)


@pytest.mark.parametrize(("model", "dimension"), [("clip", 8), ("mini", 9)])
def test_another_models_index_is_refused_and_stays(
    tmp_path: Path, model: str, dimension: int
) -> None:
    opened(tmp_path).close()
    with pytest.raises(IndexMismatch) as refusal:
        opened(tmp_path, model, dimension)
    said = refusal.value.detail
    assert "'mini', 8 dimensions" in said and f"{model!r}, {dimension} dimensions" in said
    assert "MODEL" in said and str(tmp_path / "products") in said
    opened(tmp_path).close()


@pytest.mark.parametrize(
    "content", [None, b"", b"{}", b'{"model": 1}', b"\xff", b'{"model": "\xff"}']
)
def test_a_folder_that_is_no_index_is_refused(tmp_path: Path, content: bytes | None) -> None:
    opened(tmp_path).close()
    made_for = tmp_path / "products" / "made_for.json"
    made_for.unlink()
    if content is not None:
        made_for.write_bytes(content)
    with pytest.raises(IndexMismatch, match="no collection of ours"):
        opened(tmp_path)


def test_an_index_left_half_made_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "products.new" / "shard").mkdir(parents=True)
    (tmp_path / "products.new" / "shard" / "edge_config.json").write_text("{")
    with closing(opened(tmp_path)) as index:
        assert index.status().points == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["products", "products.lock"]


def test_a_damaged_index_is_said_to_be_unavailable_and_lets_go_of_its_lock(tmp_path: Path) -> None:
    opened(tmp_path).close()
    config = tmp_path / "products" / "shard" / "edge_config.json"
    whole = config.read_text()
    config.write_text("{")
    with pytest.raises(IndexUnavailable, match="does not answer"):
        opened(tmp_path)
    config.write_text(whole)
    opened(tmp_path).close()


def test_a_note_of_a_shard_that_is_not_there_costs_no_other_one(tmp_path: Path) -> None:
    opened(tmp_path).close()
    note = tmp_path / "products" / "tidied.json"
    for wrong, told in (('{"shard":"shard-3"}', "does not answer"), ("{", f"{note} is broken")):
        note.write_text(wrong)
        with pytest.raises(IndexUnavailable, match=told):
            opened(tmp_path)
    note.unlink()
    opened(tmp_path).close()


def test_a_folder_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(IndexUnavailable, match=str(tmp_path / "data")):
        opened(tmp_path / "data" / "index")


def test_a_forked_child_is_refused_instead_of_hanging(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as index:
        child = os.fork()
        if child == 0:
            try:
                index.status()
            except IndexUnavailable:
                index.close()
                os._exit(0)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert index.status().points == 0
