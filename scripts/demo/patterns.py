"""Patterns: stripes, checks, dots, flowers and zigzags, antialiased at any size."""

from __future__ import annotations

import numpy as np

from scripts.demo.outline import Plane

Colour = tuple[float, float, float]
Pair = tuple[Colour, Colour]
LEAF: Colour = (0.06, 0.22, 0.07)
PISTIL: Colour = (0.95, 0.60, 0.05)


def coloured(
    name: str, u: Plane, v: Plane, pixel: float, pair: Pair, scale: float, angle: float
) -> tuple[Plane, ...]:
    """The three colour planes of a pattern at the pattern coordinates of each pixel."""
    if angle:
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        u, v = u * cos + v * sin, v * cos - u * sin
    u, v, fine = u / np.float32(scale), v / np.float32(scale), pixel / scale
    ground, accent = pair
    if name == "floral":
        return _floral(u, v, fine, ground, accent)
    share = {
        "striped": _striped,
        "checked": _checked,
        "polka dot": _dotted,
        "zigzag": _zigzag,
    }[name](u, v, fine)
    return tuple(_mix(low, high, share) for low, high in zip(ground, accent, strict=True))


def _striped(_u: Plane, v: Plane, fine: float) -> Plane:
    return _band(v / np.float32(0.24), 0.40, fine / 0.24)


def _checked(u: Plane, v: Plane, fine: float) -> Plane:
    wide = np.float32(0.26)
    return (_band(u / wide, 0.48, fine / 0.26) + _band(v / wide, 0.48, fine / 0.26)) * np.float32(
        0.5
    )


def _zigzag(u: Plane, v: Plane, fine: float) -> Plane:
    turn = np.abs((u / np.float32(0.34)) % 1 - np.float32(0.5)) * np.float32(0.62)
    return _band(v / np.float32(0.26) + turn, 0.42, fine / 0.24)


def _dotted(u: Plane, v: Plane, fine: float) -> Plane:
    step = np.float32(0.27)
    row = np.floor(v / step)
    across = ((u / step + row * np.float32(0.5)) % 1 - np.float32(0.5)) * step
    down = ((v / step) % 1 - np.float32(0.5)) * step
    return _edge(np.float32(0.078) - np.sqrt(across * across + down * down), fine)


def _floral(u: Plane, v: Plane, fine: float, ground: Colour, accent: Colour) -> tuple[Plane, ...]:
    step = np.float32(0.40)
    row = np.floor(v / step)
    column = np.floor(u / step + row * np.float32(0.5))
    # Each flower gets its own turn, size and place from its cell, so the print does not look tiled.
    chance = np.sin(row * np.float32(12.99) + column * np.float32(78.23)) * np.float32(43.7)
    chance = chance - np.floor(chance)
    across = (u / step + row * np.float32(0.5) - column - np.float32(0.5)) * step
    down = (v / step - row - np.float32(0.5)) * step
    across = across + (chance - np.float32(0.5)) * np.float32(0.12)
    far = np.sqrt(across * across + down * down)
    angle = np.arctan2(down, across) + chance * np.float32(6.28)
    size = np.float32(0.115) + np.float32(0.035) * chance

    petals = _edge(size * (np.float32(0.74) + np.float32(0.26) * np.cos(5 * angle)) - far, fine)
    pistil = _edge(size * np.float32(0.27) - far, fine)
    leaves = _edge(
        size * (np.float32(0.35) + np.float32(1.15) * np.cos(angle + np.float32(0.6)) ** 8) - far,
        fine,
    )
    planes = []
    for low, high, leaf, middle in zip(ground, accent, LEAF, PISTIL, strict=True):
        plane = _mix(low, leaf, leaves)
        plane = plane + (np.float32(high) - plane) * petals
        planes.append(plane + (np.float32(middle) - plane) * pistil)
    return tuple(planes)


def _band(phase: Plane, share: float, fine: float) -> Plane:
    """Bands that take ``share`` of each period."""
    return _edge(np.float32(share / 2) - np.abs(phase % 1 - np.float32(0.5)), fine)


def _edge(inside: Plane, fine: float) -> Plane:
    share: Plane = np.clip(inside / np.float32(fine) + np.float32(0.5), 0, 1)
    return share


def _mix(low: float, high: float, share: Plane) -> Plane:
    return np.float32(low) + np.float32(high - low) * share
