"""Whatever the bytes, opening a photo gives a picture or one of two errors, at little cost."""

from __future__ import annotations

import io
import logging
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from core.errors import ImageTooLarge, ImageUnreadable
from core.photos import MAX_PHOTO_BYTES, decode
from core.photos.decode import open_photo, read_photo
from core.photos.kinds import sniff
from core.photos.room import Room
from core.query import Crop
from tests.photos import jpeg
from tests.unit.photo_files import FORMATS, chunk, halves, png, saved

ROOT = Path(__file__).resolve().parents[2]


def refused(data: bytes) -> str:
    with pytest.raises((ImageUnreadable, ImageTooLarge)) as caught:
        open_photo(data, 32)
    return caught.value.detail


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The photo is empty."),
        (b"this is no photo\n", "This is not a JPEG, PNG, WebP, AVIF or GIF photo."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is not a JPEG"),
        (b"%PDF-1.7 ...", "This is not a JPEG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "This is a HEIC photo"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "This is not a JPEG"),
        (b"RIFF\0\0\0\0WAVEfmt ", "This is not a JPEG"),
    ],
)
def test_what_is_no_photo_is_said_so(data: bytes, sentence: str) -> None:
    assert sniff(data) is None
    assert refused(data).startswith(sentence)


@pytest.mark.parametrize("form", ["BMP", "TIFF", "ICO", "PPM", "TGA", "JPEG2000"])
def test_other_formats_never_reach_their_decoders(form: str) -> None:
    data = saved(Image.new("RGB", (32, 32)), form)
    assert sniff(data) is None
    assert refused(data) == "This is not a JPEG, PNG, WebP, AVIF or GIF photo."


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_a_truncated_photo_is_said_to_be_incomplete(form: str, share: float) -> None:
    data = saved(Image.effect_noise((200, 150), 80).convert("RGB"), form)
    name = "WebP" if form == "WEBP" else form
    detail = refused(data[: max(16, int(len(data) * share))])
    assert detail == f"This {name} photo is damaged or incomplete and can't be read."


def bomb(form: str) -> bytes:
    if form == "PNG":
        return png(30_000, 30_000, 8, 2, b"\0" * 1_000_000)
    if form == "GIF":
        small = saved(Image.new("L", (8, 8)), "GIF")
        return small[:6] + struct.pack("<HH", 65_000, 60_000) + small[10:]
    if form == "GIF frame":
        small = saved(Image.new("L", (8, 8)), "GIF")
        at = small.index(b",\0\0\0\0") + 5
        return small[:at] + struct.pack("<HH", 65_000, 60_000) + small[at + 4 :]
    if form == "JPEG":
        small = saved(Image.new("RGB", (8, 8)), "JPEG")
        at = small.index(b"\xff\xc0") + 5
        return small[:at] + struct.pack(">HH", 65_000, 60_000) + small[at + 4 :]
    if form == "AVIF":
        small = saved(Image.new("RGB", (64, 64)), "AVIF")
        return small.replace(struct.pack(">II", 64, 64), struct.pack(">II", 16_000, 16_000))
    small = saved(Image.new("RGB", (8, 8)), "WEBP", lossless=True)
    at = small.index(b"VP8L") + 9
    return small[:at] + struct.pack("<I", 16_382 | 16_382 << 14) + small[at + 4 :]


def test_bombs_cost_neither_time_nor_memory(tmp_path: Path) -> None:
    """In a process that may take only 64 MB more than it has when its decoders are loaded."""
    for form in FORMATS:
        (tmp_path / f"a {form}").write_bytes(saved(halves(), form))
        (tmp_path / f"b {form}").write_bytes(bomb(form))
    (tmp_path / "b GIF frame").write_bytes(bomb("GIF frame"))
    script = """
import resource, sys, time
from pathlib import Path
from core.errors import ImageTooLarge
from core.photos.decode import open_photo

photos, bombs = (sorted(Path(sys.argv[1]).glob(f"{kind} *")) for kind in "ab")
for photo in photos:
    open_photo(photo.read_bytes(), 224)
pages = int(Path("/proc/self/statm").read_text().split()[0])
bound = pages * resource.getpagesize() + 64_000_000
resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
for bomb in bombs:
    began = time.perf_counter()
    try:
        open_photo(bomb.read_bytes(), 224)
    except ImageTooLarge as error:
        took = time.perf_counter() - began
        print(bomb.name, took < 0.2, type(error.__cause__).__name__, error.detail, sep="|")
"""
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    lines = [line.split("|") for line in run.stdout.splitlines()]
    assert [line[0] for line in lines] == [f"b {f}" for f in sorted([*FORMATS, "GIF frame"])], (
        run.stdout + run.stderr
    )
    for _, quick, cause, _ in lines:
        assert quick == "True"
        assert cause in ("NoneType", "DecompressionBombError")  # the size was enough to refuse it


def test_too_many_bytes_are_not_even_looked_at() -> None:
    assert refused(bytes(MAX_PHOTO_BYTES + 1)) == "The photo has 20.0 MB; at most 20 are accepted."


@pytest.mark.parametrize("size", [(1, 101), (5050, 50), (1, 60_000)])
def test_a_thread_is_no_photo(size: tuple[int, int]) -> None:
    assert "100 times the other" in refused(saved(Image.new("RGB", size), "PNG"))


def test_a_jpeg_of_endless_passes_is_refused() -> None:
    data = saved(halves(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    endless = data[:last] + data[last:-2] * 500 + b"\xff\xd9"
    assert "passes" in refused(endless)


def test_notes_that_unpack_to_gigabytes_are_refused_early() -> None:
    note = b"Comment\0\0" + zlib.compress(bytes(50_000_000), 9)
    data = png(8, 8, 8, 0, b"\0" * 72, extra=chunk(b"zTXt", note) * 20)
    tracemalloc.start()
    began = time.perf_counter()
    refused(data)
    took = time.perf_counter() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 0.5
    assert peak < 10_000_000


@pytest.mark.parametrize(("form", "crop"), [("PNG", None), ("JPEG", Crop(0, 0, 0.1, 0.1))])
def test_photos_are_opened_one_after_the_other_where_there_is_room_for_one(
    form: str, crop: Crop | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "_room", Room(70_000))  # one takes 61,440 bytes
    inside: list[int] = []
    most = [0]
    plugin = JpegImageFile if form == "JPEG" else PngImageFile
    load = plugin.load

    def counting(self: ImageFile) -> object:
        if not self.tile:  # it is there already
            return load(self)
        inside.append(1)
        most[0] = max(most[0], len(inside))
        time.sleep(0.01)
        inside.pop()
        return load(self)

    monkeypatch.setattr(plugin, "load", counting)
    data = saved(halves(), form)
    threads = [threading.Thread(target=open_photo, args=(data, 32, crop)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


@pytest.mark.parametrize(
    "error", [MemoryError("inside"), ZeroDivisionError("inside"), KeyError("x")]
)
def test_no_message_of_the_library_gets_out(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise error

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", broken)
    with caplog.at_level(logging.INFO):
        detail = refused(saved(halves(), "PNG"))
    assert detail in {
        "This PNG photo is too large to be opened.",
        "This PNG photo is damaged or incomplete and can't be read.",
    }
    assert caplog.records == []


REAL = jpeg(7)
REALS = {form: saved(Image.open(io.BytesIO(REAL)), form) for form in FORMATS}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL")
def test_whatever_is_broken_in_a_photo_it_is_a_picture_or_one_of_two_errors(form: str) -> None:
    real = REALS[form]

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, len(real) - 1), st.binary(min_size=1, max_size=8)), max_size=8
        ),
        st.integers(0, len(real)),
    )
    def check(edits: list[tuple[int, bytes]], length: int) -> None:
        data = bytearray(real)
        for at, new in edits:
            data[at : at + len(new)] = new
        try:
            photo = read_photo(bytes(data[: length or None]), 32)
        except (ImageUnreadable, ImageTooLarge) as error:
            assert error.detail.endswith(".")
        else:
            assert photo.resized((32, 40), Image.Resampling.BICUBIC).size == (32, 40)
            assert photo.upright().mode == "RGB"

    check()


@given(st.binary(max_size=300), st.sampled_from([b"", *(real[:30] for real in REALS.values())]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_at_all(data: bytes, head: bytes) -> None:
    try:
        open_photo(head + data, 32)
    except (ImageUnreadable, ImageTooLarge) as error:
        assert error.detail.endswith(".")
