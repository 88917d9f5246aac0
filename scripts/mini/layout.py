"""Where light, dark and colour lie in a photo: a small fixed part of every photo's vector.

A shop's photos of one product share their layout, and learnt features throw that away: a 16 x 16
thumbnail alone finds another photo of the same garment better than they do. So the lowest
frequencies of the photo have their own numbers beside the learnt ones. Words leave theirs at zero,
which changes nothing in how they rank photos.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

GRID = 16
SHARE = 0.03
"""Of a cosine between two photos, how much is their layout's."""

_BRIGHTNESS, _COLOUR = 6, 4
"""Of brightness and of each colour difference: waves across plus waves down stay below this."""
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114
_COLOUR_COUNTS = 2.0


def basis() -> npt.NDArray[np.float32]:
    """[3 * GRID * GRID, numbers]: from the planes of a small picture to its layout, not yet unit.

    The mean brightness is left out: it is the camera's more than the product's.
    """
    weights = (_RED, _GREEN, _BLUE)
    to_bright = np.asarray(weights)
    to_blue = np.asarray([0, 0, 1]) - to_bright
    to_red = np.asarray([1, 0, 0]) - to_bright
    columns = [_wave(to_bright, *at) for at in _waves(_BRIGHTNESS) if at != (0, 0)]
    for mix in (to_blue, to_red):
        columns += [_COLOUR_COUNTS * _wave(mix, *at) for at in _waves(_COLOUR)]
    return np.stack(columns, axis=1).astype(np.float32)


def _waves(below: int) -> list[tuple[int, int]]:
    return [(down, across) for down in range(below) for across in range(below - down)]


def _wave(mix: npt.NDArray[np.float64], down: int, across: int) -> npt.NDArray[np.float64]:
    """One frequency of the cosine transform, of one mixture of red, green and blue."""
    places = np.arange(GRID) + 0.5
    rows, columns = np.cos(np.pi * places * down / GRID), np.cos(np.pi * places * across / GRID)
    wave = np.outer(rows / np.linalg.norm(rows), columns / np.linalg.norm(columns))
    return np.asarray(np.einsum("c,yx->cyx", mix, wave).ravel())


NUMBERS = basis().shape[1]


def appended(learnt: Vectors, pixels: npt.NDArray[np.uint8]) -> Vectors:
    """Learnt unit vectors [n, ...] and their photos [n, side, side, 3] to whole vectors, as the
    exported graph puts them together."""
    n, side = len(pixels), pixels.shape[1]
    step = side // GRID
    planes = pixels.transpose(0, 3, 1, 2).astype(np.float32)
    small = planes.reshape(n, 3, GRID, step, GRID, step).mean((3, 5))
    laid_out = small.reshape(n, -1) @ basis()
    laid_out /= np.maximum(np.linalg.norm(laid_out, axis=1, keepdims=True), 1e-6)
    both = np.concatenate([np.sqrt(1 - SHARE) * learnt, np.sqrt(SHARE) * laid_out], axis=1)
    return np.asarray(both / np.linalg.norm(both, axis=1, keepdims=True), np.float32)
