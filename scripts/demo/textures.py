"""Textures: the tone and the fine bumps of a material, fading out when pixels get too coarse."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from scripts.demo.outline import Plane

if TYPE_CHECKING:
    from scripts.demo.canvas import Part

Texture = tuple[Plane, Plane, Plane]
TURN = np.float32(2 * np.pi)
NONE = np.zeros((), np.float32)
FULL = np.ones((), np.float32)


def texture(name: str, part: Part) -> Texture:
    return TEXTURES[name](part)


def _smooth(_part: Part) -> Texture:
    return FULL, NONE, NONE


def _visible(part: Part, period: float) -> np.float32:
    """0 when the texture is finer than the pixels can show, 1 when it is comfortably coarser."""
    return np.float32(np.clip((period / part.stage.pixel - 2.2) / 2.0, 0, 1))


def _grain(part: Part, strength: float) -> Plane:
    return 1 + part.stage.grain[part.window] * np.float32(strength)


def _gradient(height: Plane) -> tuple[Plane, Plane]:
    slopes: tuple[Plane, Plane] = tuple(np.gradient(height))
    return slopes


def _weave(part: Part) -> Texture:
    return _grain(part, 0.035), NONE, NONE


def _linen(part: Part) -> Texture:
    wave = part.stage.noise(90, 24)[part.window] + part.stage.noise(24, 90)[part.window]
    return (
        1 + wave * np.float32(0.045) + part.stage.grain[part.window] * np.float32(0.03),
        NONE,
        NONE,
    )


def _twill(part: Part) -> Texture:
    line = np.sin((part.pattern_u + part.pattern_v) * (TURN / np.float32(0.022)))
    fade = part.stage.noise(7, 7)[part.window] * np.float32(0.06)
    tone = _grain(part, 0.07) + line * (_visible(part, 0.022) * np.float32(0.14)) + fade
    return tone, NONE, NONE


def _knit(part: Part) -> Texture:
    """Columns of small V stitches."""
    wide, high = np.float32(0.055), np.float32(0.045)
    seen = _visible(part, 0.04)
    if seen == 0:
        return _grain(part, 0.05), NONE, NONE
    across = (part.pattern_u / wide) % 1 - np.float32(0.5)
    lean = np.abs(across) * np.float32(1.1)
    row = np.sin((part.pattern_v / high - lean) * TURN)
    column = np.cos(across * TURN)
    tone = 1 + seen * (np.float32(0.13) * row + np.float32(0.10) * column - np.float32(0.05))
    bump = seen * np.float32(0.28)
    return tone + part.stage.grain[part.window] * np.float32(0.03), across * bump, row * bump


def _fuzz(part: Part) -> Texture:
    cloud = part.stage.noise(40, 40)[part.window]
    return _grain(part, 0.035) + cloud * np.float32(0.035), NONE, NONE


def _canvas(part: Part) -> Texture:
    period = 0.02
    seen = _visible(part, period) * np.float32(0.09)
    turn = TURN / np.float32(period)
    weave = np.sin(part.pattern_u * turn) * np.sin(part.pattern_v * turn)
    return _grain(part, 0.04) + weave * seen, NONE, NONE


def _leather(part: Part) -> Texture:
    pebble = part.stage.noise(110, 110)
    down, across = _gradient(pebble[part.window])
    reach = np.float32(part.stage.size * 0.00035)
    return _grain(part, 0.02), across * reach, down * reach


def _straw(part: Part) -> Texture:
    wide = np.float32(0.055)
    row = np.floor(part.pattern_v / wide)
    strand = np.sin((part.pattern_u / wide + row * np.float32(0.5)) * TURN)
    across = np.abs(part.pattern_v / wide - row - np.float32(0.5)) * 2
    seen = _visible(part, 0.04)
    tone = 1 + seen * (np.float32(0.16) * strand - np.float32(0.34) * across * across)
    return tone * _grain(part, 0.04), seen * strand * np.float32(0.2), NONE


def _glaze(part: Part) -> Texture:
    return 1 + part.stage.noise(6, 6)[part.window] * np.float32(0.02), NONE, NONE


def _speckle(part: Part) -> Texture:
    fleck = part.stage.noise(110, 110)[part.window] > np.float32(1.75)
    pool = part.stage.noise(6, 8)[part.window] * np.float32(0.05)
    return 1 + pool - fleck * np.float32(0.42), NONE, NONE


def _peel(part: Part) -> Texture:
    dimple = part.stage.noise(64, 64)[part.window]
    down, across = _gradient(dimple)
    reach = np.float32(part.stage.size * 0.0006)
    blush = part.stage.noise(4, 4)[part.window] * np.float32(0.05)
    return 1 + blush + dimple * np.float32(0.02), across * reach, down * reach


def _brushed(part: Part) -> Texture:
    streak = part.stage.noise(6, 150)[part.window]
    return 1 + streak * np.float32(0.035), NONE, streak * np.float32(0.03)


def _wood(part: Part) -> Texture:
    """Long grain along the pattern's v axis, with rings that wander."""
    bend = part.stage.noise(3, 5)[part.window] * np.float32(0.05)
    ring = (part.pattern_u + bend + np.float32(0.06) * np.sin(part.pattern_v * 3)) / np.float32(
        0.085
    )
    ring = ring - np.floor(ring)
    fibre = part.stage.noise(120, 9)[part.window] * np.float32(0.05)
    return np.float32(0.88) + ring * np.float32(0.20) + fibre, NONE, NONE


TEXTURES: dict[str, Callable[[Part], Texture]] = {
    "smooth": _smooth,
    "weave": _weave,
    "linen": _linen,
    "twill": _twill,
    "knit": _knit,
    "fuzz": _fuzz,
    "canvas": _canvas,
    "leather": _leather,
    "straw": _straw,
    "glaze": _glaze,
    "speckle": _speckle,
    "peel": _peel,
    "brushed": _brushed,
    "wood": _wood,
}
