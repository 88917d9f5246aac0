"""The watch over the bucket's folder when events are lost, folders vanish and calls fail."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from core.stores import folder_watch
from tests.integration.watching import Recorder, Watching, old

ROOT = Path(__file__).resolve().parents[2]


def test_a_photo_with_an_extension_nobody_spells_so_is_found_at_once(
    watching: Watching, images: Path
) -> None:
    watching.photos.of_product("mug")
    (images / "mug.aViF").write_bytes(b"photo")
    watching.until(lambda: "mug" in watching.mirror)


def test_three_thousand_at_once_are_all_named(
    watching: Watching, images: Path, record_property: Recorder
) -> None:
    names = {f"p{number}" for number in range(3000)}
    began = time.monotonic()
    for name in names:
        (images / f"{name}.jpg").write_bytes(b"photo")
    wrote = time.monotonic() - began
    watching.until(lambda: names <= watching.names(), 30)
    batches = [len(batch) for _, batch in watching.batches if batch]
    took = time.monotonic() - began - wrote
    told = f"written in {wrote:.2f} s, named {took:.2f} s later, in {len(batches)} batches"
    record_property("3,000 photos at once", told)
    watching.follows(30)


def test_a_great_many_at_once_are_looked_at_as_a_whole(
    watching: Watching, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watch, "_BURST", 20)
    shutil.copytree(make_many(images.parent.parent, 400), images, dirs_exist_ok=True)
    watching.until(lambda: watching.nones() == 2)
    watching.follows()


def make_many(folder: Path, count: int) -> Path:
    for number in range(count):
        old(folder / f"many/p{number}.jpg")
    return folder / "many"


def test_events_that_the_system_dropped_are_made_up_for(
    tmp_path: Path, record_property: Recorder
) -> None:
    """A process that is held up (a paused container) overflows the system's queue: nobody says
    so, most of the files were never heard of, and yet each must be found."""
    bucket = tmp_path / "bucket"
    (bucket / "images").mkdir(parents=True)
    watch = (
        "import json, sys, threading; from pathlib import Path;"
        "from core.stores.folder_watch import changed_products\n"
        "for batch in changed_products(Path(sys.argv[1]), threading.Event()):"
        " print(json.dumps(batch and sorted(batch)), flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", watch, str(bucket)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            assert json.loads(child.stdout.readline()) is None
            child.send_signal(signal.SIGSTOP)
            names = {f"p{number}" for number in range(8000)}
            for name in names:
                (bucket / f"images/{name}.jpg").write_bytes(b"photo")
            child.send_signal(signal.SIGCONT)
            heard: set[str] = set()
            while (batch := json.loads(child.stdout.readline())) is not None:
                heard |= set(batch)
            record_property("of 8,000 files, dropped while held up, were told", len(heard))
        finally:
            child.kill()


def test_a_bucket_that_is_deleted_and_comes_back(watching: Watching, images: Path) -> None:
    bucket = images.parent
    old(images / "mug.jpg")
    watching.follows()
    shutil.rmtree(bucket)
    watching.until(lambda: watching.mirror == {})
    old(images / "cup.jpg")
    watching.follows()
    (images / "jug.jpg").write_bytes(b"x")
    watching.follows()
    assert watching.mirror.keys() == {"cup", "jug"}


def test_a_bucket_that_is_exchanged_for_another(watching: Watching, images: Path) -> None:
    bucket = images.parent
    other = bucket.with_name("other")
    old(images / "mug.jpg")
    old(other / "images/cup.jpg")
    watching.follows()
    bucket.rename(bucket.with_name("before"))
    other.rename(bucket)
    watching.until(lambda: watching.mirror.keys() == {"cup"})
    (images / "jug.jpg").write_bytes(b"x")
    watching.follows()


def test_the_images_folder_may_be_moved_away_and_replaced(watching: Watching, images: Path) -> None:
    old(images / "mug.jpg")
    watching.follows()
    away = images.rename(images.with_name("away"))
    watching.until(lambda: watching.mirror == {})
    old(images / "cup/a.jpg")
    watching.follows()
    (away / "mug.jpg").write_bytes(b"nobody looks here")
    (images / "cup/b.jpg").write_bytes(b"x")
    watching.follows()
    shutil.rmtree(images)
    away.rename(images)
    watching.until(lambda: watching.mirror.keys() == {"mug"})
    watching.follows()


def test_it_looks_at_everything_now_and_then(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watch, "_SAFETY", 0.3)
    watching = Watching(images.parent)
    watching.until(lambda: watching.nones() >= 4)
    watching.end()


@pytest.mark.parametrize("failing", ["_note", "_identity"])
def test_a_watch_that_breaks_is_told_and_begun_anew(
    watching: Watching,
    images: Path,
    failing: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> bool:
        monkeypatch.undo()
        raise RuntimeError("a surprise")

    monkeypatch.setattr(folder_watch, failing, broken)
    (images / "mug.jpg").write_bytes(b"x")
    watching.follows()
    assert watching.nones() == 2
    (images / "cup.jpg").write_bytes(b"x")
    watching.follows()
    [record] = [r for r in caplog.records if r.name == folder_watch.__name__]
    assert record.exc_info is not None
    assert "a surprise" in str(record.exc_info[1])


def test_a_name_that_is_no_text_does_not_end_the_watch(watching: Watching, images: Path) -> None:
    Path(os.fsdecode(os.fsencode(images) + b"/\xff.jpg")).write_bytes(b"x")
    (images / "mug.jpg").write_bytes(b"x")
    watching.follows()
    (images / "cup.jpg").write_bytes(b"x")
    watching.follows()


def test_it_ends_promptly(images: Path) -> None:
    watching = Watching(images.parent)
    assert watching.end() < 0.5


def test_it_ends_promptly_while_the_bucket_is_gone(watching: Watching, images: Path) -> None:
    shutil.rmtree(images.parent)
    watching.until(lambda: watching.nones() == 2)
    assert watching.end() < 0.5


def test_it_ends_promptly_while_it_rests_from_a_failure(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def broken(*_: object, **__: object) -> Any:
        failed.set()
        raise OSError(28, "No space left for watches")

    monkeypatch.setattr(folder_watch, "_identity", broken)
    assert failed.wait(5)
    assert watching.end() < 0.5
