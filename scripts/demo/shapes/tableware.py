"""Mugs, teapots, bowls, bottles and vases: turned on the wheel."""

from __future__ import annotations

import numpy as np

from scripts.demo.canvas import Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import Knot, ellipse, line, smooth
from scripts.demo.solids import Wheel

CAP = solid("steel", 206, 208, 212)


def handle(stage: Stage, clay: Finish, knots: list[Knot], thick: float = 0.13) -> None:
    loop = stage.stroke(thick, line(*knots))
    loop.inflate(thick * 0.34, 1.1).paint(clay.plain())


def mug(stage: Stage, clay: Finish) -> None:
    handle(stage, clay, [(0.50, -0.36), (0.74, -0.38), (0.90, -0.14), (0.82, 0.18), (0.48, 0.32)])
    wheel = Wheel(stage, [(0.56, -0.60), (0.565, 0.0), (0.555, 0.45), (0.50, 0.60)], x=-0.1)
    wheel.body().shade(0.4, 0.05).paint(clay)
    wheel.mouth(clay.plain())
    stage.stand(-0.1, 0.66, 0.62, 0.20)


def teapot(stage: Stage, clay: Finish) -> None:
    handle(
        stage,
        clay,
        [(-0.50, -0.26), (-0.80, -0.34), (-0.94, -0.04), (-0.80, 0.26), (-0.48, 0.34)],
        0.11,
    )
    spout = smooth(
        [
            (0.40, 0.30, 1),
            (0.66, 0.10),
            (0.78, -0.28),
            (0.90, -0.40, 1),
            (0.99, -0.33, 1),
            (0.90, -0.08),
            (0.76, 0.30),
            (0.44, 0.52, 1),
        ]
    )
    stage.part(spout).inflate(0.06, 1.2).paint(clay.plain())
    wheel = Wheel(
        stage,
        [(0.26, -0.44), (0.44, -0.34), (0.60, -0.02), (0.59, 0.26), (0.44, 0.52), (0.34, 0.58)],
    )
    wheel.body().shade(0.4, 0.05).paint(clay)
    cover = Wheel(stage, [(0.05, -0.60), (0.18, -0.56), (0.28, -0.46), (0.30, -0.42)])
    cover.body().shade(0.5, 0.03).paint(clay.plain().toned(0.94))
    knob = stage.part(ellipse(0.0, -0.66, 0.085, 0.08)).shade(0.4, 0.03)
    knob.ball(0.0, -0.66, 0.09, 0.085).paint(clay.plain())
    stage.stand(0.0, 0.62, 0.52, 0.16)


def bowl(stage: Stage, clay: Finish) -> None:
    profile: list[Knot] = [
        (0.86, -0.30),
        (0.82, -0.04),
        (0.62, 0.28),
        (0.34, 0.42, 1),
        (0.33, 0.50),
    ]
    wheel = Wheel(stage, profile)
    wheel.body().paint(clay)
    wheel.mouth(clay.plain(), 0.04)
    stage.stand(0.0, 0.52, 0.55, 0.17)


def bottle(stage: Stage, clay: Finish) -> None:
    """A drinking bottle with a screw cap and a loop."""
    wheel = Wheel(
        stage,
        [(0.17, -0.60), (0.19, -0.54), (0.31, -0.40), (0.33, -0.26), (0.33, 0.80), (0.30, 0.86)],
    )
    wheel.body().paint(clay)
    stage.stroke(0.05, line((-0.12, -0.80), (-0.10, -0.94), (0.10, -0.94), (0.12, -0.80))).inflate(
        0.02
    ).paint(CAP)
    cap = Wheel(stage, [(0.165, -0.80), (0.18, -0.78), (0.18, -0.62)])
    cap.body().shade(0.5, 0.03).paint(CAP)
    cap.lid(CAP)
    stage.stand(0.0, 0.90, 0.40, 0.12)


def vase(stage: Stage, clay: Finish) -> None:
    """A belly, a narrow neck and a lip."""
    profile: list[Knot] = [
        (0.22, -0.86),
        (0.17, -0.72),
        (0.19, -0.56),
        (0.44, -0.20),
        (0.54, 0.16),
        (0.44, 0.60),
        (0.28, 0.84),
        (0.27, 0.88),
    ]
    wheel = Wheel(stage, profile)
    wheel.body().paint(clay)
    wheel.mouth(clay.plain(), 0.03)
    stage.stand(0.0, 0.91, 0.42, 0.13)


def tall_vase(stage: Stage, clay: Finish) -> None:
    """A slender cylinder with dried stems in it."""
    straw = solid("straw", 196, 164, 112)
    for turn, length in ((-0.34, 0.62), (-0.12, 0.78), (0.10, 0.70), (0.30, 0.60), (0.02, 0.55)):
        tip = (turn * length * 1.5, -0.20 - length)
        stage.stroke(0.018, line((turn * 0.3, -0.05), (turn * 0.7, -0.45), tip)).paint(
            straw.toned(0.7)
        )
        ear = stage.part(ellipse(tip[0], tip[1] + 0.06, 0.05, 0.16, turn=turn * 1.2, steps=24))
        ear.shade(0.3, 0.02).inflate(0.03).paint(straw)
    wheel = Wheel(stage, [(0.25, -0.12), (0.24, 0.06), (0.32, 0.50), (0.32, 0.74), (0.24, 0.90)])
    wheel.body().paint(clay)
    wheel.mouth(clay.plain(), 0.03)
    for turn in (-0.34, -0.12, 0.10, 0.30):
        stage.stroke(0.018, line((turn * 0.25, -0.10), (turn * 0.45, -0.30))).paint(
            straw.toned(0.7)
        )
    stage.stand(0.0, 0.92, 0.36, 0.11)


def plate(stage: Stage, clay: Finish) -> None:
    """A dinner plate seen from above, its pattern on the rim."""
    rim = stage.part(ellipse(0.0, 0.0, 0.88, 0.88, steps=90)).inflate(0.03, 0.8)
    far = np.maximum(np.hypot(rim.u, rim.v), 0.05)
    turn = np.arctan2(rim.v, rim.u)
    rim.pattern_u, rim.pattern_v = turn * np.float32(0.8275), far
    rim.slope(-rim.u / far * np.float32(0.16), -rim.v / far * np.float32(0.16)).paint(clay)
    well = stage.part(ellipse(0.0, 0.0, 0.56, 0.56, steps=72)).inflate(0.03, -0.9)
    well.paint(clay.plain())
    stage.part(
        ellipse(0.0, 0.0, 0.57, 0.57, steps=72), holes=[ellipse(0.0, 0.0, 0.54, 0.54, steps=72)]
    ).darken(0.12)
