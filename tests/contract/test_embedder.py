"""What the core expects of an Embedder: of the shipped model, a built one and the fake alike."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.clip.embedder import load, unhurried
from core.errors import ImageTooLarge, ImageUnreadable
from core.ports import Embedder
from core.product import Vector
from core.query import Crop
from tests.fakes.toy_embedder import ToyEmbedder
from tests.photos import jpeg

TEXTS = (
    *("red t-shirt", "a photo of a blue mug", "x", "42", "?!"),
    *("", " ", "\n\t", "\x00"),
    *("Grüner Pullover für Übergrößen", "青いマグカップ", "кружка", "كوب أزرق", "ถ้วย", "👗👟🏳️‍🌈"),
    *("e\u0301", "\ud83d", "\ufeff", "\u202e", "a" * 5000),
)


@pytest.fixture(scope="module", params=["mini", "built", "toy", "unhurried"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "built":
        built: Path = request.getfixturevalue("small_clip")
        return load(built.name, built.parent)
    if request.param == "unhurried":
        return unhurried(load("mini", None, threads=2))
    return load("mini", None) if request.param == "mini" else ToyEmbedder()


def is_unit(vector: Vector, dimension: int) -> bool:
    right_kind = vector.shape == (dimension,) and vector.dtype == np.float32
    return right_kind and bool(np.isclose(np.linalg.norm(vector), 1, atol=1e-5))


def test_it_says_what_it_is(embedder: Embedder) -> None:
    assert embedder.model
    assert embedder.dimension > 1


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_any_text_has_a_unit_vector_and_always_the_same(embedder: Embedder, text: str) -> None:
    first, second = embedder.words(text), embedder.words(text)
    assert is_unit(first.vector, embedder.dimension)
    assert np.array_equal(first.vector, second.vector)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (160, 160), (640, 427)], ids=str)
def test_any_photo_has_a_unit_vector_and_always_the_same(
    embedder: Embedder, size: tuple[int, int]
) -> None:
    photo = jpeg(7, size)
    vector = embedder.photo(photo)
    assert is_unit(vector, embedder.dimension)
    assert np.array_equal(vector, embedder.photo(photo))


@pytest.mark.parametrize(
    ("crop", "box"),
    [
        (Crop(0, 0, 1, 1), (0, 0, 640, 480)),
        (Crop(0, 0, 0.5, 1), (0, 0, 320, 480)),
        (Crop(0.5, 0.25, 0.5, 0.75), (320, 120, 640, 480)),
        (Crop(0.75, 0.75, 1, 1), (480, 360, 640, 480)),
    ],
)
def test_a_part_of_a_photo_is_a_photo(
    embedder: Embedder, crop: Crop, box: tuple[int, int, int, int]
) -> None:
    with Image.open(io.BytesIO(jpeg(7, (640, 480)))) as whole:
        part, png = io.BytesIO(), io.BytesIO()
        whole.save(png, "PNG")
        whole.crop(box).save(part, "PNG")
    vector = embedder.photo(png.getvalue(), crop)
    assert is_unit(vector, embedder.dimension)
    assert vector @ embedder.photo(part.getvalue()) > 0.999


def test_different_things_have_different_vectors(embedder: Embedder) -> None:
    assert embedder.words("red mug").vector @ embedder.words("blue chair").vector < 0.999
    assert embedder.photo(jpeg(1)) @ embedder.photo(jpeg(2)) < 0.999


def test_a_text_longer_than_what_is_read_says_so(embedder: Embedder) -> None:
    assert not embedder.words("a blue mug with white stripes").truncated
    long = embedder.words("a blue mug with white stripes " * 100)
    assert long.truncated
    assert is_unit(long.vector, embedder.dimension)
    assert np.array_equal(
        long.vector, embedder.words("a blue mug with white stripes " * 101).vector
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"no photo", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", jpeg(1)[:200], b"<svg/>"],
    ids=["empty", "text", "jpeg start", "png start", "cut off", "svg"],
)
def test_what_is_no_photo_is_unreadable(embedder: Embedder, data: bytes) -> None:
    with pytest.raises(ImageUnreadable):
        embedder.photo(data)


def test_a_photo_with_too_many_bytes_is_too_large(embedder: Embedder) -> None:
    with pytest.raises(ImageTooLarge):
        embedder.photo(jpeg(1) + bytes(21 * 1024 * 1024))


def test_threads_share_it_without_seeing_each_other(embedder: Embedder) -> None:
    texts = [f"{colour} {kind}" for colour in ("red", "blue") for kind in ("mug", "dress", "hat")]
    photos = [jpeg(number) for number in range(6)]
    alone = [embedder.words(text).vector for text in texts] + [embedder.photo(p) for p in photos]

    def all_of_them(_: int) -> list[Vector]:
        return [embedder.words(text).vector for text in texts] + [
            embedder.photo(photo) for photo in photos
        ]

    with ThreadPoolExecutor(6) as threads:
        for vectors in threads.map(all_of_them, range(12)):
            assert np.array_equal(np.stack(vectors), np.stack(alone))
