"""Outlines: smooth curves through a handful of points.

A point is ``(x, y)``; ``(x, y, 1)`` marks a corner, where the curve may break its direction.
x grows to the right and y downwards, and a product fits in the square from -1 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating[Any]]
Points = NDArray[np.floating[Any]]
Knot = tuple[float, ...]


def smooth(knots: Sequence[Knot], closed: bool = True, steps: int = 9) -> Points:
    """A curve through the knots, with tangents scaled to each chord so it never overshoots."""
    spots = np.array([knot[:2] for knot in knots], np.float32)
    corner = np.array([len(knot) > 2 for knot in knots])
    ahead = np.roll(spots, -1, axis=0)
    course = ahead - np.roll(spots, 1, axis=0)
    if not closed:
        course[0], course[-1] = spots[1] - spots[0], spots[-1] - spots[-2]
    course /= np.maximum(np.hypot(course[:, 0], course[:, 1]), 1e-6)[:, None]

    chord = ahead - spots
    length = np.hypot(chord[:, 0], chord[:, 1])[:, None]
    leaving = np.where(corner[:, None], chord, course * length)
    arriving = np.where(np.roll(corner, -1)[:, None], chord, np.roll(course, -1, axis=0) * length)

    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[:, None, None]
    t2, t3 = t * t, t * t * t
    curve = (
        (2 * t3 - 3 * t2 + 1) * spots
        + (t3 - 2 * t2 + t) * leaving
        + (3 * t2 - 2 * t3) * ahead
        + (t3 - t2) * arriving
    ).transpose(1, 0, 2)
    if closed:
        return np.reshape(curve, (-1, 2))
    return np.concatenate([np.reshape(curve[:-1], (-1, 2)), spots[-1:]])


def line(*knots: Knot) -> Points:
    """An open curve: a seam, a strap, a stem. Two knots make it straight."""
    return smooth(knots, closed=False, steps=9 if len(knots) > 2 else 1)


def mirrored(half: Sequence[Knot]) -> list[Knot]:
    """The right half of a symmetric outline, top to bottom, completed with its left half."""
    return [*half, *((-knot[0], *knot[1:]) for knot in reversed(half) if knot[0] != 0)]


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0, steps: int = 48) -> Points:
    angle = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    a, b = rx * np.cos(angle), ry * np.sin(angle)
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([x + a * cos - b * sin, y + a * sin + b * cos], axis=1).astype(np.float32)


def box(x0: float, y0: float, x1: float, y1: float, bend: float = 0.0) -> Points:
    """A rectangle with rounded corners of radius ``bend``."""
    if bend <= 0:
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)
    angle = np.linspace(0, np.pi / 2, 6)
    cos, sin = bend * np.cos(angle), bend * np.sin(angle)
    arcs = [
        np.stack([x1 - bend + cos, y1 - bend + sin], axis=1),
        np.stack([x0 + bend - sin, y1 - bend + cos], axis=1),
        np.stack([x0 + bend - cos, y0 + bend - sin], axis=1),
        np.stack([x1 - bend + sin, y0 + bend - cos], axis=1),
    ]
    return np.concatenate(arcs).astype(np.float32)
