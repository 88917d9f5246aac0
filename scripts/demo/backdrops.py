"""Backdrops: what a product lies on, stands on or hangs before."""

from __future__ import annotations

from collections.abc import Callable
from math import dist

import numpy as np

from scripts.demo.canvas import Stage
from scripts.demo.finish import Colour, linear
from scripts.demo.outline import Plane

TINTS = [
    linear(*rgb)
    for rgb in (
        (236, 234, 230),
        (214, 212, 208),
        (176, 178, 180),
        (120, 124, 130),
        (226, 214, 198),
        (206, 218, 214),
        (196, 210, 226),
        (232, 208, 200),
        (168, 182, 168),
        (92, 100, 112),
        (212, 196, 214),
        (240, 228, 190),
    )
]
WOODS = [linear(*rgb) for rgb in ((196, 156, 112), (150, 106, 70), (222, 196, 160), (104, 76, 56))]


def backdrop(stage: Stage, placing: str, product: Colour) -> Plane:
    """A backdrop on which the product can be told from its surroundings."""
    scenes = SCENES[placing]
    scene = scenes[int(stage.rng.integers(len(scenes)))]
    return scene(stage, product)


def _choice(stage: Stage, colours: list[Colour], product: Colour) -> Colour:
    """One of the colours, avoiding those the product would vanish into."""
    apart = [c for c in colours if _distance(c, product) > 0.24] or colours
    return apart[int(stage.rng.integers(len(apart)))]


def _distance(one: Colour, other: Colour) -> float:
    return dist([part**0.5 for part in one], [part**0.5 for part in other])


def _filled(colour: Colour, tone: Plane) -> Plane:
    scene: Plane = np.array(colour, np.float32)[:, None, None] * tone
    return scene


def _gradient(stage: Stage, strength: float) -> Plane:
    """A pool of light: bright about the middle of the frame, falling off unevenly."""
    x, y = stage.rng.uniform(-0.5, 0.5), stage.rng.uniform(-0.7, 0.2)
    line = np.linspace(-1, 1, stage.size, dtype=np.float32)
    far = (line[None, :] - np.float32(x)) ** 2 + (line[:, None] - np.float32(y)) ** 2
    pool: Plane = np.float32(1.04) - far * np.float32(strength)
    return pool


def _paper(stage: Stage, product: Colour) -> Plane:
    return _filled(_choice(stage, TINTS, product), _gradient(stage, 0.10))


def _plaster(stage: Stage, product: Colour) -> Plane:
    mottle = stage.noise(14, 14) * 0.025 + stage.noise(45, 45) * 0.02
    return _filled(_choice(stage, TINTS, product), _gradient(stage, 0.08) * (1 + mottle))


def _linen(stage: Stage, product: Colour) -> Plane:
    thread = stage.noise(300, 60) * 0.05 + stage.noise(60, 300) * 0.05
    rumple = np.gradient(stage.noise(2, 4) + 0.4 * stage.noise(6, 3), axis=0)
    tone = 1 + thread + rumple * np.float32(stage.size * 0.009)
    return _filled(_choice(stage, TINTS[:9], product), tone * _gradient(stage, 0.06))


def _marble(stage: Stage, product: Colour) -> Plane:
    colour = _choice(stage, [TINTS[0], TINTS[0], linear(58, 60, 64)], product)
    return _filled(colour, _veins(stage) * _gradient(stage, 0.05))


def _veins(stage: Stage) -> Plane:
    """Veins that run across the slab, forking where the noise bends them together."""
    line = np.linspace(0, 1, stage.size, dtype=np.float32)
    lean = float(stage.rng.uniform(-1.6, 1.6))
    drift = line[:, None] * 1.5 + line[None, :] * np.float32(lean)
    drift = drift + 0.26 * stage.noise(3, 3) + 0.09 * stage.noise(8, 8) + 0.03 * stage.noise(24, 24)
    near = np.abs(drift % 1 - np.float32(0.5))
    vein = np.exp(-near * 60) + 0.45 * np.exp(-near * 9)
    strength = np.clip(stage.noise(3, 2) * 0.5 + 0.45, 0.05, 1)
    tone: Plane = 1 - np.float32(0.26) * vein * strength + 0.02 * stage.noise(5, 6)
    return tone


def _concrete(stage: Stage, product: Colour) -> Plane:
    cloud = stage.noise(6, 6) * 0.05 + stage.noise(30, 30) * 0.03 + stage.noise(120, 120) * 0.03
    return _filled(_choice(stage, TINTS[1:3], product), _gradient(stage, 0.06) * (1 + cloud))


def _planks(stage: Stage, product: Colour) -> Plane:
    x = np.linspace(0, 1, stage.size, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, stage.size, dtype=np.float32)[:, None]
    boards = float(stage.rng.uniform(3.2, 6.5))
    colour = _choice(stage, WOODS, product)
    tone = _boards(stage, x * boards, np.broadcast_to(y, (stage.size, stage.size)), boards)
    if stage.rng.random() < 0.5:
        tone = tone.T
    return _filled(colour, tone * _gradient(stage, 0.06))


def _boards(stage: Stage, across: Plane, along: Plane, boards: float) -> Plane:
    """Wooden boards side by side: each its own tone, a grain along it and a dark gap between."""
    board = np.floor(across)
    tone = np.sin(board * np.float32(12.9898) + 1) * np.float32(0.09)
    inside = across - board
    gap = np.minimum(inside, 1 - inside)
    fine = boards / stage.size
    seam = np.clip(gap / np.float32(max(fine * 1.2, 0.018)), 0, 1)
    wave = inside + np.sin(along * 7 + board * 3) * np.float32(0.08)
    ring = np.sin(wave * 26 + np.sin(along * 5 + board * 9) * 2) * np.float32(0.045)
    fibre = stage.noise(120, 6) * 0.035
    wood: Plane = (1 + tone + ring + fibre) * (np.float32(0.45) + np.float32(0.55) * seam)
    return wood


def _sweep(stage: Stage, product: Colour) -> Plane:
    """The photographer's paper roll: wall and floor melt into each other."""
    y = np.linspace(0, 1, stage.size, dtype=np.float32)[:, None]
    bend = float(stage.rng.uniform(0.55, 0.75))
    step = 1 / (1 + np.exp((np.float32(bend) - y) * 14))
    tone = _gradient(stage, 0.09) * (np.float32(0.90) + np.float32(0.12) * step)
    return _filled(_choice(stage, TINTS, product), tone)


def _room(stage: Stage, product: Colour, ground: Callable[[Plane, Plane], Plane]) -> Plane:
    """A painted wall above a floor or a table top that runs away from the camera."""
    wall = _filled(_choice(stage, TINTS, product), _gradient(stage, 0.08))
    line = (np.arange(stage.size, dtype=np.float32) + np.float32(0.5)) / stage.size
    below = line[:, None] - np.float32(stage.rng.uniform(0.52, 0.70))
    depth = 1 / np.maximum(below + np.float32(0.16), np.float32(0.05))
    floor = ground((line[None, :] - np.float32(0.5)) * depth, depth)
    share = np.clip(below * stage.size + np.float32(0.5), 0, 1)
    # The wall darkens a little just above the edge, and so does the floor below it.
    corner = 1 - np.float32(0.16) * np.exp(-22 * np.abs(below))
    scene: Plane = (wall + (floor - wall) * share) * corner
    return scene


def _table(stage: Stage, product: Colour) -> Plane:
    colour = _choice(stage, WOODS, product)
    boards = float(stage.rng.uniform(0.7, 1.6))

    def ground(across: Plane, depth: Plane) -> Plane:
        return _filled(colour, _boards(stage, across * np.float32(boards) + 20, depth, boards * 5))

    return _room(stage, product, ground)


def _slab(stage: Stage, product: Colour) -> Plane:
    marble = _filled(linear(226, 224, 220), _veins(stage))
    return _room(stage, product, lambda _across, _depth: marble)


def _painted(stage: Stage, product: Colour) -> Plane:
    colour = _choice(stage, TINTS, product)
    paint = _filled(colour, 1 + stage.noise(8, 30) * np.float32(0.02))
    return _room(stage, product, lambda _across, _depth: paint)


SCENES: dict[str, list[Callable[[Stage, Colour], Plane]]] = {
    "lies": [_paper, _planks, _linen, _marble, _concrete, _plaster],
    "stands": [_sweep, _sweep, _table, _slab, _painted],
    "hangs": [_paper, _plaster, _plaster, _concrete, _linen],
}
