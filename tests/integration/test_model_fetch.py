"""Fetching a model: what comes, what is insisted on, and what is refused. Real sockets."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.model.catalogue import CLIP_FILES, PUBLISHED, SHARDS, WHOLE
from scripts.model.download import WrongBytes
from scripts.model.fetch import fetch
from scripts.model.hub import NotThere
from scripts.model.part import DiskTrouble
from scripts.model.patience import FetchFailed
from tests.fakes.hub import COMMIT, FakeHub
from tests.integration.fetches import check, get, model, pin, safetensors, sharded


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub(model()) as running:
        yield running


def test_a_model_arrives_and_a_second_fetch_asks_for_no_bytes(hub: FakeHub, tmp_path: Path) -> None:
    fetched = get(hub, tmp_path)
    check(tmp_path, hub)
    assert (fetched.repo, fetched.revision, fetched.licence) == (hub.repo, COMMIT, None)
    assert fetched.sha256 == {
        name: hashlib.sha256(body).hexdigest() for name, body in hub.files.items()
    }
    assert set(fetched.unpinned) == set(hub.files)
    # A branch is followed to its commit, and the files are asked for by that.
    assert all(f"/resolve/{COMMIT}/" in one.path for one in hub.seen if one.method == "GET")
    before = sum(hub.sent(name) for name in hub.files)
    assert get(hub, tmp_path) == fetched
    assert sum(hub.sent(name) for name in hub.files) == before


def test_a_commit_that_is_there_needs_no_hub_at_all(tmp_path: Path) -> None:
    with FakeHub(model()) as hub:
        first = get(hub, tmp_path, revision=COMMIT)
    assert get(hub, tmp_path, revision=COMMIT) == first


def test_what_is_taken_on_trust_is_said(hub: FakeHub, tmp_path: Path) -> None:
    said: list[str] = []
    get(hub, tmp_path, say=said.append)
    assert "NOT PINNED" in said[-1] and WHOLE in said[-1] and "checksums.json" in said[-1]


def test_pinned_files_need_no_trust(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, hub)
    said: list[str] = []
    fetched = fetch("pinned", tmp_path, endpoint=hub.url, say=said.append)
    assert (fetched.licence, fetched.unpinned, said) == ("MIT", (), [])
    check(tmp_path, hub)


def test_a_wrong_checksum_keeps_nothing(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, hub, **{WHOLE: "0" * 64})
    with pytest.raises(WrongBytes, match=r"model\.safetensors is not the file .* catalogue"):
        fetch("pinned", tmp_path, endpoint=hub.url, say=lambda line: None)
    assert not list(tmp_path.glob(f"{WHOLE}*"))
    assert len(hub.asked(WHOLE)) == 1


def test_a_file_that_was_altered_is_fetched_again(hub: FakeHub, tmp_path: Path) -> None:
    get(hub, tmp_path)
    (tmp_path / WHOLE).write_bytes(safetensors(seed=2))
    (tmp_path / CLIP_FILES[0]).unlink()
    get(hub, tmp_path)
    check(tmp_path, hub)


def test_a_file_that_changed_on_the_hub_is_refused(hub: FakeHub, tmp_path: Path) -> None:
    hub.commit = None
    get(hub, tmp_path)
    hub.files[WHOLE] = safetensors(seed=2)
    (tmp_path / WHOLE).unlink()
    with pytest.raises(WrongBytes, match=r"checksums\.json of an earlier fetch says"):
        get(hub, tmp_path)


def test_a_branch_that_moved_is_refused(hub: FakeHub, tmp_path: Path) -> None:
    get(hub, tmp_path)
    hub.commit = "f" * 40
    with pytest.raises(WrongBytes, match=f"moved from {COMMIT} to {'f' * 40}"):
        get(hub, tmp_path)


def test_a_folder_of_another_model_is_refused(hub: FakeHub, tmp_path: Path) -> None:
    get(hub, tmp_path)
    with pytest.raises(WrongBytes, match="choose another folder"):
        fetch("other/clip", tmp_path, endpoint=hub.url)


def test_shards(tmp_path: Path) -> None:
    names = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    shards = {name: safetensors(5000, seed) for seed, name in enumerate(names)}
    with FakeHub(sharded(*names, names[0]) | shards) as hub:
        get(hub, tmp_path)
        check(tmp_path, hub)
        asked = len(hub.asked(WHOLE))
        get(hub, tmp_path)
        assert len(hub.asked(WHOLE)) == asked == 1


@pytest.mark.parametrize(
    "name",
    [
        "../x.safetensors",
        "/x.safetensors",
        "a/x.safetensors",
        ".x.safetensors",
        "x.bin",
        5,
        None,
        "x\n.safetensors",
        "..\\x.safetensors",
        "checksums.json",
    ],
)
def test_an_index_may_not_lead_elsewhere(tmp_path: Path, name: object) -> None:
    with FakeHub(sharded("ok.safetensors", name) | {"ok.safetensors": safetensors(10)}) as hub:
        with pytest.raises(WrongBytes):
            get(hub, tmp_path / "into")
        assert not hub.asked("ok.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["into"]


def test_neither_whole_nor_shards(tmp_path: Path) -> None:
    files = model()
    del files[WHOLE]
    with FakeHub(files) as hub, pytest.raises(NotThere, match=r"pytorch_model\.bin"):
        get(hub, tmp_path)


@pytest.mark.parametrize(
    ("name", "revision"),
    [
        ("clip", None),
        ("../clip", None),
        ("a/b/c", None),
        ("a/..", None),
        ("", None),
        ("a/b", "../main"),
        ("a/b", "x y"),
        ("a/b", ""),
    ],
)
def test_names_that_are_none(tmp_path: Path, name: str, revision: str | None) -> None:
    with pytest.raises(FetchFailed, match="is no "):
        fetch(name, tmp_path, revision=revision, endpoint="http://127.0.0.1:1")
    assert not list(tmp_path.iterdir())


def test_no_room(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000}))
    with pytest.raises(DiskTrouble, match="Make room"):
        get(hub, tmp_path)


def test_the_disk_fills_up_meanwhile(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(DiskTrouble, match=r"no room left .* is kept"):
            get(hub, tmp_path)
    get(hub, tmp_path)
    check(tmp_path, hub)


def test_a_folder_we_may_not_write(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskTrouble, match="can't be written"):
        get(hub, tmp_path / "file")


def test_the_catalogue_is_well_formed() -> None:
    for row in PUBLISHED.values():
        assert len(row.revision) == 40 and int(row.revision, 16)
        assert all(len(sha) == 64 and int(sha, 16) for sha in row.sha256.values())
        assert SHARDS in row.files or set(row.sha256) <= set(row.files)
