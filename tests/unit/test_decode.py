"""Photos of every kind come out upright, in RGB, on white where they were transparent."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from PIL import Image

from core.photos.decode import open_photo
from core.photos.kinds import sniff
from tests.unit.photo_files import BLUE, FORMATS, GREEN, RED, WHITE, halves, near, png, saved

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_is_recognised_by_its_bytes_and_read(form: str) -> None:
    data = saved(halves(), form)
    assert sniff(data) == f"image/{form.lower()}"
    photo = open_photo(data, 32)
    assert (photo.mode, photo.size) == ("RGB", (64, 48))
    assert near(photo, (0.1, 0.5), RED)
    assert near(photo, (0.9, 0.5), BLUE)


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        *product(FORMATS, ["L", "RGB", "1"]),
        *product(["PNG", "WEBP", "AVIF", "GIF"], ["P", "RGBA", "LA"]),
        ("JPEG", "CMYK"),
    ],
)
def test_every_mode_a_format_can_hold_comes_out_in_its_colours(form: str, mode: str) -> None:
    colours = (WHITE, (0, 0, 0)) if mode in ("L", "LA", "1") else (RED, BLUE)
    image = halves(*colours).convert(mode)
    photo = open_photo(saved(image, form), 32)
    assert photo.mode == "RGB"
    assert near(photo, (0.1, 0.5), colours[0])
    assert near(photo, (0.9, 0.5), colours[1])


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF", "GIF"])
def test_what_is_transparent_becomes_white(form: str) -> None:
    image = halves().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 32, 48))
    photo = open_photo(saved(image, form), 32)
    assert near(photo, (0.1, 0.5), WHITE, 8)
    assert near(photo, (0.9, 0.5), BLUE)


def test_what_is_half_transparent_is_half_white() -> None:
    photo = open_photo(saved(Image.new("RGBA", (64, 64), (255, 0, 0, 128)), "PNG"), 32)
    assert near(photo, (0.5, 0.5), (255, 127, 127), 3)


def test_a_large_transparent_photo_keeps_its_edges_clean() -> None:
    """Averaging colours nobody sees into their neighbours would draw dark rims."""
    image = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (0, 0, 301, 600))
    photo = open_photo(saved(image, "PNG"), 32)
    assert photo.getextrema() == ((255, 255),) * 3


def test_a_palette_with_one_transparent_colour() -> None:
    image = halves().quantize(4)
    see_through = image.getpixel((0, 0))
    photo = open_photo(saved(image, "PNG", transparency=see_through), 32)
    assert near(photo, (0.1, 0.5), WHITE, 8)
    assert near(photo, (0.9, 0.5), BLUE)


@pytest.mark.parametrize("adobe", [True, False])
def test_cmyk_and_its_inverted_kin(adobe: bool) -> None:
    data = saved(halves().convert("CMYK"), "JPEG", quality=95)
    if not adobe:
        mark = data.index(b"Adobe") - 4
        data = data[:mark] + data[mark + 2 + int.from_bytes(data[mark + 2 : mark + 4], "big") :]
    photo = open_photo(data, 32)
    assert photo.mode == "RGB"
    if adobe:
        assert near(photo, (0.1, 0.5), RED)
        assert near(photo, (0.9, 0.5), BLUE)


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    shades = [0, 300, 0x4000, 0x8000, 0xC000, 0xFFFF]
    row = b"\0" + b"".join(struct.pack(">H", shade) * 8 for shade in shades)
    photo = open_photo(png(48, 48, 16, 0, row * 48), 32)
    found = [photo.getpixel((8 * at + 4, 24)) for at in range(len(shades))]
    assert found == [(shade >> 8,) * 3 for shade in shades]


@pytest.mark.parametrize(
    ("colour", "pixel"), [(2, b"\xff\xff\0\0\0\0"), (6, b"\xff\xff\0\0\0\0\xff\xff")]
)
def test_sixteen_bit_colour(colour: int, pixel: bytes) -> None:
    photo = open_photo(png(40, 40, 16, colour, (b"\0" + pixel * 40) * 40), 32)
    assert near(photo, (0.5, 0.5), RED, 1)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_an_animation_the_first_picture_counts(form: str) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in (GREEN, RED, BLUE)]
    data = saved(frames[0], form, save_all=True, append_images=frames[1:], duration=50)
    assert near(open_photo(data, 32), (0.5, 0.5), GREEN, 60)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(9))
def test_photos_come_out_upright(form: str, orientation: int) -> None:
    """Red is top left and blue top right once the camera's note is heeded."""
    upright = Image.new("RGB", (96, 64), WHITE)
    upright.paste(RED, (0, 0, 48, 32))
    upright.paste(BLUE, (48, 0, 96, 32))
    turns = Image.Transpose
    as_taken = {
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_90,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_270,
    }
    taken = upright.transpose(as_taken[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = open_photo(saved(taken, form, exif=exif, quality=95), 32)
    assert photo.size == (96, 64)
    assert near(photo, (0.2, 0.2), RED, 60)
    assert near(photo, (0.8, 0.2), BLUE, 60)
    assert near(photo, (0.5, 0.9), WHITE, 60)


@pytest.mark.parametrize(
    "notes", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"]
)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_photo_with_broken_camera_notes_is_still_a_photo(notes: bytes) -> None:
    assert near(open_photo(saved(halves(), "JPEG", exif=notes), 32), (0.1, 0.5), RED)


def test_a_photo_in_many_passes_with_a_film_behind_it_is_still_a_photo() -> None:
    """Phones append a second of film, in whose bytes any marker turns up."""
    data = saved(halves(), "JPEG", progressive=True) + b"\xff\xda\0\2" * 500
    assert near(open_photo(data, 32), (0.1, 0.5), RED)


# How much of it is read


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "size", [(2000, 1500), (1500, 2000), (700, 65), (64, 64), (20, 30), (1, 1)]
)
def test_a_photo_keeps_twice_the_pixels_that_are_needed_and_some_hundreds(
    form: str, size: tuple[int, int]
) -> None:
    photo = open_photo(saved(halves(size=size), form), 32)
    assert min(photo.size) >= min(336, *size)
    assert min(photo.size) <= 2 * 336
    large = open_photo(saved(halves(size=size), form), 300)
    assert min(large.size) >= min(600, *size)
    assert min(large.size) <= 2 * 600
    assert photo.width / photo.height == pytest.approx(size[0] / size[1], rel=0.05)


def test_a_large_jpeg_is_never_decoded_whole(record_property: Callable[..., None]) -> None:
    data = saved(Image.radial_gradient("L").resize((4000, 3000)).convert("RGB"), "JPEG")
    began = time.perf_counter()
    with Image.open(io.BytesIO(data)) as image:
        image.load()
    whole = time.perf_counter() - began
    began = time.perf_counter()
    photo = open_photo(data, 224)
    took = time.perf_counter() - began
    assert photo.size == (1000, 750)  # libjpeg can halve; a mere reduction would give a sixth
    record_property("12 megapixel JPEG", f"{took * 1e3:.0f} ms, whole {whole * 1e3:.0f} ms")


# What it costs to import


def test_a_decoder_is_loaded_with_the_first_photo_that_needs_it(tmp_path: Path) -> None:
    photo = tmp_path / "photo.webp"
    photo.write_bytes(saved(halves(), "WEBP"))
    script = (
        "import sys; from pathlib import Path; from core.photos.decode import open_photo\n"
        "plugins = lambda: sorted(m for m in sys.modules if m.endswith('ImagePlugin'))\n"
        "print(plugins()); open_photo(Path(sys.argv[1]).read_bytes(), 32); print(plugins())"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(photo)], cwd=ROOT, capture_output=True, text=True
    )
    assert run.stdout.split("\n")[:2] == ["[]", "['PIL.WebPImagePlugin']"], run.stderr
