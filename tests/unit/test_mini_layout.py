"""The part of mini's vectors that is a photo's layout."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core.clip.embedder import load
from core.clip.pixels import pixels
from scripts.mini import layout


def picture(*colours: tuple[int, int, int]) -> np.ndarray:
    """Upright bands of colour, 112 pixels square."""
    widths = np.array_split(np.arange(112), len(colours))
    bands = [
        np.tile(colour, (112, len(width), 1)) for colour, width in zip(colours, widths, strict=True)
    ]
    return np.concatenate(bands, axis=1).astype(np.uint8)


def vectors(*pictures: np.ndarray) -> np.ndarray:
    """With nothing learnt, so that what is alike is alike in layout."""
    return layout.appended(np.zeros((len(pictures), 0), np.float32), np.stack(pictures))


RED, GREEN, GREY, WHITE = (200, 20, 20), (20, 160, 40), (90, 90, 90), (255, 255, 255)


def test_mirror_images_differ_and_the_same_picture_does_not() -> None:
    one, same, mirrored = vectors(picture(RED, WHITE), picture(RED, WHITE), picture(WHITE, RED))
    assert one @ same > 0.9999
    assert one @ mirrored < 0.9


def test_colour_counts_where_brightness_is_alike() -> None:
    red, red_too, green = vectors(
        picture(RED, WHITE), picture((190, 30, 28), WHITE), picture(GREEN, WHITE)
    )
    assert red @ red_too > 0.98
    assert red @ green < 0.6


def test_how_bright_the_whole_picture_is_does_not_count() -> None:
    dark, light = vectors(picture(GREY, (130, 130, 130)), picture((140, 140, 140), (180, 180, 180)))
    assert dark @ light > 0.999


def test_a_picture_of_nothing_still_has_a_unit_vector_beside_what_was_learnt() -> None:
    learnt = np.eye(1, 8, dtype=np.float32)
    (vector,) = layout.appended(learnt, picture(WHITE)[None])
    assert np.isfinite(vector).all()
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-6


def test_each_wave_has_its_own_number() -> None:
    basis = layout.basis()
    assert basis.shape == (3 * layout.GRID**2, layout.NUMBERS)
    brightness = basis[:, :20] / np.linalg.norm(basis[:, :20], axis=0)
    assert np.abs(brightness.T @ brightness - np.eye(20)).max() < 1e-5


def test_the_model_that_ships_puts_the_layout_where_it_belongs() -> None:
    mini = load("mini", None, threads=1)
    file = io.BytesIO()
    Image.fromarray(picture(RED, WHITE, GREEN)).save(file, "PNG")
    photo = file.getvalue()
    vector = mini.photo(photo)
    seen = pixels(photo, mini.manifest.image)
    laid_out = vector[-layout.NUMBERS :]
    (expected,) = layout.appended(np.zeros((1, 0), np.float32), seen)
    assert float(laid_out @ expected) == pytest.approx(layout.SHARE**0.5, abs=1e-3)
    assert not mini.words("red").vector[-layout.NUMBERS :].any()
