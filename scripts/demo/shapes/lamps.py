"""Lamps: a glowing shade and what carries it."""

from __future__ import annotations

import numpy as np

from scripts.demo.canvas import Part, Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import Knot, ellipse, line, smooth
from scripts.demo.solids import Wheel

BRASS = solid("brass", 206, 164, 84)
IRON = solid("steel", 60, 60, 64)
CORD = solid("plastic", 40, 40, 42)
GLOW = solid("paper", 255, 236, 190)
EARTHEN = solid("ceramic", 232, 226, 214)


def _shade(stage: Stage, cloth: Finish, profile: list[Knot], glow: float) -> None:
    """A lampshade with the bulb's light coming through the cloth from inside."""
    wheel = Wheel(stage, profile)
    part = wheel.body().shade(0.3, 0.03).paint(cloth)
    middle = (wheel.top + wheel.bottom) / 2
    bulb = np.exp(-((part.u / 0.5) ** 2 + ((part.v - middle) / 0.3) ** 2)) * part.mask
    _lighten(part, bulb * np.float32(glow))
    wheel.mouth(GLOW, 0.02)


def _lighten(part: Part, amount: np.ndarray) -> None:
    planes = part.stage.planes[:3][(slice(None), *part.window)]
    warm = np.array([1.0, 0.82, 0.5], np.float32)[:, None, None]
    planes += planes * amount * 0.8 + warm * amount * 0.12


def table_lamp(stage: Stage, cloth: Finish) -> None:
    foot = Wheel(
        stage, [(0.06, 0.06), (0.10, 0.14), (0.27, 0.36), (0.31, 0.58), (0.22, 0.80), (0.24, 0.86)]
    )
    foot.body().paint(EARTHEN)
    stage.stroke(0.07, line((0.0, -0.2), (0.0, 0.10))).inflate(0.03).paint(BRASS)
    _shade(stage, cloth, [(0.34, -0.82), (0.62, 0.0)], 0.55)
    stage.stand(0.0, 0.90, 0.36, 0.12)


def floor_lamp(stage: Stage, cloth: Finish) -> None:
    base = Wheel(stage, [(0.30, 0.86), (0.32, 0.90)])
    base.body().paint(IRON)
    base.lid(IRON)
    stage.stroke(0.045, line((0.0, -0.5), (0.0, 0.86))).inflate(0.018).paint(IRON)
    _shade(stage, cloth, [(0.30, -0.92), (0.46, -0.38)], 0.55)
    stage.stand(0.0, 0.91, 0.40, 0.11)


def pendant_lamp(stage: Stage, metal: Finish) -> None:
    """A dome on a cable, open below."""
    stage.stroke(0.025, line((0.0, -1.6), (0.0, -0.40))).inflate(0.01).paint(CORD)
    inside = stage.part(ellipse(0.0, 0.40, 0.80, 0.15, steps=64))
    inside.slope(0.0, 0.4).paint(metal.plain().toned(0.5))
    bulb = stage.part(ellipse(0.0, 0.42, 0.17, 0.12)).inflate(0.03)
    bulb.paint(GLOW)
    outline = smooth(
        [
            (-0.80, 0.40, 1),
            (-0.74, 0.12),
            (-0.48, -0.20),
            (-0.12, -0.34, 1),
            (0.12, -0.34, 1),
            (0.48, -0.20),
            (0.74, 0.12),
            (0.80, 0.40, 1),
            (0.5, 0.30),
            (0.0, 0.265),
            (-0.5, 0.30),
        ]
    )
    stage.part(outline).ball(0.0, 0.45, 0.86, 0.86).paint(metal)
    cap = Wheel(stage, [(0.07, -0.48), (0.12, -0.44), (0.13, -0.32)])
    cap.body().shade(0.4, 0.03).paint(BRASS)


def desk_lamp(stage: Stage, metal: Finish) -> None:
    """A jointed arm with a cone at its end."""
    base = Wheel(stage, [(0.34, 0.80), (0.36, 0.86)], x=-0.28)
    base.body().paint(metal)
    base.lid(metal)
    elbow, neck = (-0.62, -0.06), (0.16, -0.66)
    arm = line((-0.28, 0.80), elbow)
    fore = line(elbow, neck)
    for bar in (arm, fore):
        stage.stroke(0.06, bar).shade(0.4, 0.02).inflate(0.022).paint(BRASS)
    for x, y in ((-0.28, 0.78), elbow, neck):
        joint = stage.part(ellipse(x, y, 0.07, 0.07, steps=28)).shade(0.5, 0.02)
        joint.inflate(0.03).paint(IRON)
    light = stage.part(ellipse(0.56, -0.18, 0.335, 0.12, turn=-0.66, steps=40))
    light.paint(GLOW)
    cone = smooth(
        [
            (0.10, -0.68),
            (0.22, -0.80),
            (0.36, -0.74, 1),
            (0.84, -0.40, 1),
            (0.62, -0.30),
            (0.30, 0.00, 1),
            (0.12, -0.52, 1),
        ]
    )
    stage.part(cone).shade(0.3, 0.03).inflate(0.13, 1.3).inflate(0.03, 0.5).paint(metal)
    stage.stand(-0.28, 0.88, 0.46, 0.14)
