"""What is asked of the bucket as a folder, beyond what every PhotoStore does."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from unittest.mock import patch

import pytest

from core.errors import BadInput, InvalidRequest, PhotoNotFound, Unavailable
from core.ports import StoredObject
from core.stores.folder import FolderPhotos


def put(photos: FolderPhotos, key: str, data: bytes = b"photo") -> StoredObject:
    return photos.put(key, data, "image/jpeg")


def keys(stored: Iterable[StoredObject]) -> list[str]:
    return [one.key for one in stored]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "bucket"


@pytest.fixture
def folder(root: Path) -> FolderPhotos:
    return FolderPhotos(root, "/photos/")


@pytest.mark.parametrize(
    "key",
    ["../secret", "images/../../secret", "/etc/passwd", "images//a.jpg", "", "images/", ".", "..",
     "images/./a.jpg", "images/a\0.jpg", "images/.hidden.jpg", ".part/a.jpg", "images/\udcff.jpg"],
)  # fmt: skip
def test_no_key_leads_outside_or_to_hidden_files(
    folder: FolderPhotos, root: Path, key: str
) -> None:
    (root.parent / "secret").write_text("secret")
    (root / "images/.hidden.jpg").write_text("hidden")
    (root / "images/a.jpg").write_text("photo")
    with pytest.raises(PhotoNotFound):
        folder.read(key, 1000)
    with pytest.raises(InvalidRequest):
        put(folder, key)
    folder.delete(key)
    assert (root.parent / "secret").exists()
    assert keys(folder.list()) == ["images/a.jpg"]
    assert list(folder.list(f"{key}/x")) == []


def test_links_are_not_followed(folder: FolderPhotos, root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "a.jpg").write_text("secret")
    (root / "images/linked").symlink_to(outside)
    (root / "images/link.jpg").symlink_to(outside / "a.jpg")
    (root / "images/round").symlink_to(root / "images")
    assert list(folder.list()) == []
    assert folder.of_product("linked") == folder.of_product("link") == []
    for key in ("images/linked/a.jpg", "images/link.jpg"):
        with pytest.raises(PhotoNotFound):
            folder.read(key, 1000)
    with pytest.raises(InvalidRequest):
        put(folder, "images/linked/b.jpg")
    folder.delete("images/linked/a.jpg")
    assert [file.name for file in outside.iterdir()] == ["a.jpg"]


def test_a_linked_images_folder_is_not_followed_either(folder: FolderPhotos, root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "mug.jpg").write_text("secret")
    (root / "images").rmdir()
    (root / "images").symlink_to(outside)
    assert folder.of_product("mug") == list(folder.list("images/")) == []


def test_the_bucket_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "bucket").symlink_to(tmp_path / "real")
    photos = FolderPhotos(tmp_path / "bucket", "/photos")
    put(photos, "images/mug.jpg")
    assert keys(photos.of_product("mug")) == ["images/mug.jpg"]


def test_what_is_no_regular_file_is_no_object(folder: FolderPhotos, root: Path) -> None:
    os.mkfifo(root / "images/pipe.jpg")
    (root / "images/folder.jpg").mkdir()
    assert list(folder.list()) == []
    assert folder.of_product("pipe") == folder.of_product("folder") == []
    for key in ("images/pipe.jpg", "images/folder.jpg", "images"):
        with pytest.raises(PhotoNotFound):
            folder.read(key, 1000)


def test_every_visible_file_is_listed_and_nothing_hidden(folder: FolderPhotos, root: Path) -> None:
    for name in (
        "images/notes.txt",
        "feeds/a.csv",
        ".DS_Store",
        ".git/config",
        "images/.a.jpg.swp",
    ):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("x")
    assert keys(folder.list()) == ["feeds/a.csv", "images/notes.txt"]


def test_a_name_that_is_no_text_is_passed_over_and_said_once(
    folder: FolderPhotos, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (root / os.fsdecode(b"images/\xff.jpg")).write_text("x")
    put(folder, "images/mug.jpg")
    for _ in range(3):
        assert keys(folder.list()) == ["images/mug.jpg"]
    assert [record.getMessage() for record in caplog.records] == [
        r"'images/\udcff.jpg' in the bucket is passed over: its name is not UTF-8"
    ]


def test_files_that_vanish_while_listing_are_left_out(folder: FolderPhotos, root: Path) -> None:
    for number in range(6):
        put(folder, f"images/p{number}/a.jpg")
    listing = folder.list()
    assert next(listing).key == "images/p0/a.jpg"
    for number in (1, 2):
        folder.delete(f"images/p{number}/a.jpg")
    (root / "images/p2").rmdir()
    (root / "images/p3").rename(root / "images/.p3")
    assert keys(listing) == ["images/p4/a.jpg", "images/p5/a.jpg"]


def test_a_bucket_that_is_gone_is_empty_until_it_is_back(folder: FolderPhotos, root: Path) -> None:
    put(folder, "images/mug.jpg")
    root.rename(root.with_name("away"))
    assert list(folder.list()) == folder.of_product("mug") == []
    put(folder, "images/cup.jpg")
    assert keys(folder.list()) == ["images/cup.jpg"]


@pytest.mark.parametrize("change", ["content", "replaced", "touched"])
def test_a_version_follows_the_file(folder: FolderPhotos, root: Path, change: str) -> None:
    before = put(folder, "images/mug.jpg", b"one")
    file = root / "images/mug.jpg"
    times = file.stat().st_mtime_ns
    if change == "content":
        file.write_bytes(b"two!")
        os.utime(file, ns=(times, times))
    elif change == "replaced":
        other = root / "images/.new"
        other.write_bytes(b"two")
        os.utime(other, ns=(times, times))
        other.replace(file)
    else:
        os.utime(file, ns=(times + 1, times + 1))
    [after] = folder.of_product("mug")
    assert after.version != before.version


def test_names_in_each_others_way_are_refused(folder: FolderPhotos) -> None:
    put(folder, "images/mug.jpg/a.jpg")
    put(folder, "images/cup.jpg")
    for key in ("images/mug.jpg", "images/cup.jpg/a.jpg", f"images/{'x' * 300}.jpg"):
        with pytest.raises(InvalidRequest):
            put(folder, key)
    assert keys(folder.list()) == ["images/cup.jpg", "images/mug.jpg/a.jpg"]


def test_a_failed_write_leaves_the_old_photo_and_no_rubbish(
    folder: FolderPhotos, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "images/mug.jpg", b"old")

    def disk_full(descriptor: int) -> None:
        raise OSError(28, "No space left on device", "/inside/path")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(Unavailable) as caught:
        put(folder, "images/mug.jpg", b"new")
    assert "/inside" not in caught.value.detail
    assert folder.read("images/mug.jpg", 100) == b"old"
    assert [file.name for file in (root / "images").iterdir()] == ["mug.jpg"]


def test_files_of_another_user_are_no_photos_until_they_are_opened_up(
    folder: FolderPhotos, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read anything, so the system's refusals are played here."""
    [open_version] = [put(folder, "images/mug.jpg").version]

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as locked:
        locked.setattr(os, "access", lambda *_: False)
        locked.setattr(os, "open", refuse)
        [stored] = folder.of_product("mug")
        with pytest.raises(BadInput) as caught:
            folder.read("images/mug.jpg", 100)
    assert "may not read" in caught.value.detail
    assert stored.version != open_version
    assert folder.of_product("mug")[0].version == open_version


def test_a_product_folder_we_may_not_read_is_not_taken_for_empty(
    folder: FolderPhotos, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "images/mug/a.jpg")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Unavailable):
        folder.of_product("mug")


def test_a_product_is_found_without_scanning_the_folder(folder: FolderPhotos) -> None:
    put(folder, "images/mug.jpg")
    put(folder, "images/mug/a.jpg")
    folder.of_product("mug")  # the first of all looks once how names are spelled
    with patch.object(os, "scandir", wraps=os.scandir) as scandir:
        assert len(folder.of_product("mug")) == 2
    assert [Path(call.args[0]).name for call in scandir.call_args_list] == ["mug"]


@pytest.mark.parametrize("listed", [False, True])
def test_an_odd_spelling_is_asked_for_once_a_file_was_seen_with_it(
    folder: FolderPhotos, root: Path, listed: bool
) -> None:
    spelled = "jPEg" if listed else "pNg"  # what was seen is known to the whole process
    if listed:
        folder.of_product("mug")
    (root / f"images/mug.{spelled}").write_bytes(b"photo")
    if listed:
        assert len(list(folder.list())) == 1
    assert keys(folder.of_product("mug")) == [f"images/mug.{spelled}"]


def test_a_url_is_the_quoted_key_under_its_base(folder: FolderPhotos) -> None:
    assert folder.url("images/a b/50%+é.jpg") == "/photos/images/a%20b/50%25%2B%C3%A9.jpg"
