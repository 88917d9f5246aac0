"""A product photo from a look and a seed.

The look alone decides what the product is; the seed decides everything a photographer would: the
backdrop, the light, how the product lies or stands. An even seed is a shop's first photo, straight
from the front; an odd seed is its second, from further round, turned, mirrored or close up.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from scripts.demo.backdrops import backdrop
from scripts.demo.canvas import Stage
from scripts.demo.catalogue import COLOURS, KINDS, Look
from scripts.demo.finish import Finish, dyed, linear
from scripts.demo.light import Light, develop
from scripts.demo.pose import Pose
from scripts.demo.shapes import SHAPES
from scripts.demo.vocabulary import RIPE


def render(look: Look, seed: int, size: int = 512) -> Image.Image:
    """A square RGB photo of the look."""
    placing = KINDS[look.kind].placing
    rng = np.random.default_rng(seed)
    pose = _pose(rng, placing, second=seed % 2 == 1)
    light = _light(rng, placing)
    stage = Stage(size, pose, rng)
    finish = _finish(look)
    scene = backdrop(stage, placing, finish.colour)
    SHAPES[look.kind](stage, finish)
    return develop(stage, scene, light)


def _finish(look: Look) -> Finish:
    colour = COLOURS[look.colour]
    ground = RIPE.get(look.colour, colour.rgb) if look.material == "skin" else colour.rgb
    return dyed(look.material, linear(*ground), linear(*colour.accent), look.pattern)


def _pose(rng: np.random.Generator, placing: str, second: bool) -> Pose:
    front, around = {"lies": (0.05, 0.34), "hangs": (0.02, 0.12), "stands": (0.018, 0.05)}[placing]
    reach = around if second else front
    close = second and rng.random() < 0.35
    scale = rng.uniform(*((1.15, 1.4) if close else (0.70, 0.86) if second else (0.82, 0.92)))
    drift = 0.16 if close else 0.04
    side = -1 if second else 1
    return Pose(
        scale=scale,
        turn=rng.uniform(-reach, reach),
        mirror=second and rng.random() < 0.6,
        shift=(rng.uniform(-drift, drift), rng.uniform(-drift, drift)),
        tilt=(rng.uniform(-0.05, 0.05), rng.uniform(-0.06, 0.06)),
        yaw=side * rng.uniform(0.30, 0.62),
        elevation=rng.uniform(0.16, 0.36),
    )


def _light(rng: np.random.Generator, placing: str) -> Light:
    side = 1 if rng.random() < 0.5 else -1
    x, y, z = side * rng.uniform(0.30, 0.62), -rng.uniform(0.40, 0.70), rng.uniform(0.65, 0.9)
    length = float(np.sqrt(x * x + y * y + z * z))
    return Light(
        x=x / length,
        y=y / length,
        z=z / length,
        strength=rng.uniform(0.68, 0.84),
        ambient=rng.uniform(0.34, 0.44),
        warmth=rng.uniform(-0.05, 0.06),
        vignette=rng.uniform(0.01, 0.06),
        noise=rng.uniform(0.003, 0.012),
        standing=placing == "stands",
    )
