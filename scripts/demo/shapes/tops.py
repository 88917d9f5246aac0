"""T-shirts, shirts, sweaters and hoodies, laid flat and seen from the front."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scripts.demo.canvas import Part, Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import Knot, Points, box, ellipse, line, mirrored, smooth

HORN = solid("plastic", 236, 230, 218)
SHORT: list[Knot] = [
    (0.40, -0.73, 1),
    (0.62, -0.63),
    (0.95, -0.20, 1),
    (0.69, -0.02, 1),
    (0.42, -0.32, 1),
]
LONG: list[Knot] = [
    (0.38, -0.74, 1),
    (0.58, -0.64),
    (0.74, -0.16),
    (0.87, 0.56, 1),
    (0.67, 0.62, 1),
    (0.57, 0.06),
    (0.42, -0.34, 1),
]
TORSO: list[Knot] = [
    (0.50, -0.70, 1),
    (0.46, -0.48),
    (0.46, -0.28),
    (0.45, 0.20),
    (0.47, 0.80, 1),
    (0.20, 0.835),
    (0.0, 0.84),
]


# A torso that ends in a ribbed band is cut short, so that nothing peeps out under the band.
BANDED: list[Knot] = [*TORSO[:4], (0.455, 0.76, 1), (0.0, 0.79)]


def flipped(knots: Sequence[Knot], side: int) -> list[Knot]:
    return [(side * knot[0], *knot[1:]) for knot in knots]


def seam(stage: Stage, *lines: Points, strength: float = 0.32, width: float = 0.011) -> None:
    """A sewn line: a thin shadow in the cloth."""
    stage.stroke(width, *lines).darken(strength)


def button(stage: Stage, x: float, y: float, finish: Finish = HORN, size: float = 0.026) -> None:
    disc = stage.part(ellipse(x, y, size, size, steps=20)).shade(0.6, 0.012)
    disc.inflate(size * 0.4).paint(finish)
    stage.part(ellipse(x, y, size * 0.42, size * 0.42, steps=12)).darken(0.4)


def sleeves(stage: Stage, cloth: Finish, knots: Sequence[Knot], cuff: float = 0.0) -> None:
    """Both sleeves, the pattern running around the arm; ``cuff`` is the length of a ribbed end."""
    shoulder = np.array([0.45, -0.55])
    # The wrist is the longest way down: the outer corner of the sleeve and the one after it.
    wrist = next(place for place, knot in enumerate(knots) if place > 1 and len(knot) > 2)
    end = np.array([knots[wrist][:2], knots[wrist + 1][:2]])
    arm = end.mean(axis=0) - shoulder
    lean = float(np.arctan2(arm[0], arm[1]))
    inward = -arm / np.hypot(*arm)
    for side in (-1, 1):
        part = stage.part(smooth(flipped(knots, side)))
        part.inflate(0.055, 0.9).crease(1.1).along(-side * lean, side * 0.45, -0.55).paint(cloth)
        if cuff:
            band = np.concatenate([end, end[::-1] + inward * cuff]) * (side, 1)
            ribbed(stage.part(band), lean * -side).paint(cloth.plain().toned(0.9))
        else:
            seam(stage, (end + inward * 0.05) * (side, 1), strength=0.22)


def ribbed(part: Part, angle: float = 0.0) -> Part:
    part.along(angle)
    part.inflate(0.03, 0.7)
    return part.slope(np.sin(part.pattern_u * np.float32(150)) * np.float32(0.22), 0.0)


def torso(stage: Stage, cloth: Finish, neck: Sequence[Knot], shape: Sequence[Knot]) -> Part:
    part = stage.part(smooth(mirrored([*neck, *shape])))
    return part.inflate(0.085, 0.9).crease().shade(0.42, 0.025).paint(cloth)


def nape(stage: Stage, cloth: Finish, wide: float, low: float) -> None:
    """The inside of the back, seen through the neck."""
    inside = stage.part(
        smooth(mirrored([(0.0, -0.765), (wide, -0.81, 1), (wide * 0.8, low), (0.0, low)]))
    )
    inside.paint(cloth.plain().toned(0.5))


def collar_band(stage: Stage, cloth: Finish, wide: float, low: float, thick: float) -> None:
    front = line(
        (-wide, -0.80),
        (-wide * 0.72, low - 0.09),
        (0, low),
        (wide * 0.72, low - 0.09),
        (wide, -0.80),
    )
    back = line((-wide, -0.80), (0, -0.755), (wide, -0.80))
    stage.stroke(thick, back).inflate(0.015, 0.6).paint(cloth.plain().toned(0.7))
    stage.stroke(thick, front).shade(0.4, 0.015).inflate(0.015, 0.8).paint(
        cloth.plain().toned(0.88)
    )


def tshirt(stage: Stage, cloth: Finish) -> None:
    nape(stage, cloth, 0.21, -0.56)
    sleeves(stage, cloth, SHORT)
    torso(stage, cloth, [(0.0, -0.58), (0.15, -0.66), (0.22, -0.80, 1)], TORSO)
    collar_band(stage, cloth, 0.215, -0.585, 0.05)
    seam(stage, line((-0.46, 0.76), (0, 0.795), (0.46, 0.76)), strength=0.22)


def tank_top(stage: Stage, cloth: Finish) -> None:
    inside = smooth(mirrored([(0.0, -0.60), (0.24, -0.80, 1), (0.22, -0.45), (0.0, -0.38)]))
    stage.part(inside).paint(cloth.plain().toned(0.5))
    neck: list[Knot] = [(0.0, -0.36), (0.17, -0.47), (0.23, -0.82, 1), (0.34, -0.81, 1)]
    sides: list[Knot] = [(0.33, -0.50), (0.47, -0.22, 1), (0.44, 0.2), (0.48, 0.82, 1), (0, 0.87)]
    torso(stage, cloth, neck, sides)
    for side in (-1, 1):
        arm = line(*flipped([(0.34, -0.81), (0.335, -0.50), (0.47, -0.22)], side))
        stage.stroke(0.03, arm).inflate(0.01).paint(cloth.plain().toned(0.88))
    front = line((-0.23, -0.81), (-0.17, -0.47), (0, -0.36), (0.17, -0.47), (0.23, -0.81))
    stage.stroke(0.035, front).inflate(0.01).paint(cloth.plain().toned(0.88))


def placket(stage: Stage, cloth: Finish, top: float, bottom: float, count: int) -> None:
    """The strip with the buttons down the front."""
    strip = stage.part(box(-0.045, top, 0.045, bottom)).shade(0.35, 0.012)
    strip.inflate(0.01, 0.5).crease(0.8).paint(cloth)
    for place in np.linspace(top + 0.08, bottom - 0.07, count):
        button(stage, 0.0, float(place))


def leaf_collar(stage: Stage, cloth: Finish, low: float) -> None:
    """The two leaves of a shirt collar."""
    back = smooth(mirrored([(0.0, -0.90), (0.16, -0.87, 1), (0.20, -0.74, 1), (0.0, -0.70)]))
    stage.part(back).paint(cloth.plain().toned(0.55))
    for side in (-1, 1):
        leaf = flipped(
            [
                (0.155, -0.90, 1),
                (0.25, -0.77),
                (0.24, low, 1),
                (0.10, low - 0.02),
                (0.0, -0.64, 1),
                (0.1, -0.73),
            ],
            side,
        )
        part = stage.part(smooth(leaf)).shade(0.6, 0.022).inflate(0.02, 0.8)
        part.along(side * 0.5).paint(cloth)


def shirt(stage: Stage, cloth: Finish) -> None:
    sleeves(stage, cloth, LONG, cuff=0.11)
    torso(
        stage,
        cloth,
        [(0.0, -0.62), (0.12, -0.72), (0.20, -0.82, 1)],
        [*TORSO[:4], (0.47, 0.70), (0.36, 0.82), (0.14, 0.88), (0.0, 0.885)],
    )
    placket(stage, cloth, -0.63, 0.86, 7)
    pocket = stage.part(
        smooth(
            [(0.14, -0.34, 1), (0.36, -0.34, 1), (0.36, -0.08, 1), (0.25, -0.03), (0.14, -0.08, 1)]
        )
    )
    pocket.shade(0.35, 0.012).inflate(0.008, 0.6).crease(0.8).paint(cloth)
    leaf_collar(stage, cloth, -0.54)


def polo(stage: Stage, cloth: Finish) -> None:
    sleeves(stage, cloth, SHORT, cuff=0.06)
    torso(stage, cloth, [(0.0, -0.62), (0.12, -0.72), (0.20, -0.82, 1)], TORSO)
    placket(stage, cloth, -0.62, -0.22, 3)
    leaf_collar(stage, cloth.plain().toned(0.92), -0.55)
    seam(stage, line((-0.46, 0.76), (0, 0.795), (0.46, 0.76)), strength=0.22)


def hem_band(stage: Stage, cloth: Finish, top: float = 0.72) -> None:
    band: list[Knot] = [
        (0.0, top + 0.03),
        (0.462, top, 1),
        (0.44, top + 0.14, 1),
        (0.0, top + 0.16),
    ]
    ribbed(stage.part(smooth(mirrored(band))).shade(0.3, 0.015)).paint(cloth.plain().toned(0.9))


def sweater(stage: Stage, cloth: Finish) -> None:
    nape(stage, cloth, 0.19, -0.60)
    sleeves(stage, cloth, LONG, cuff=0.13)
    torso(stage, cloth, [(0.0, -0.63), (0.13, -0.69), (0.20, -0.80, 1)], BANDED)
    hem_band(stage, cloth)
    collar_band(stage, cloth, 0.195, -0.625, 0.075)


def cardigan(stage: Stage, cloth: Finish) -> None:
    inside = smooth(mirrored([(0.0, -0.765), (0.19, -0.81, 1), (0.14, -0.4), (0.0, -0.05)]))
    stage.part(inside).paint(cloth.plain().toned(0.45))
    sleeves(stage, cloth, LONG, cuff=0.13)
    torso(stage, cloth, [(0.0, -0.04, 1), (0.11, -0.45), (0.20, -0.80, 1)], BANDED)
    hem_band(stage, cloth)
    edge = line((0.195, -0.80), (0.12, -0.45), (0.0, -0.03), (0.0, 0.4), (0.0, 0.86))
    other = line((-0.195, -0.80), (-0.12, -0.45), (0.0, -0.03))
    for border in (other, edge):
        stage.stroke(0.07, border).shade(0.5, 0.018).inflate(0.015).paint(cloth.plain().toned(0.85))
    for place in np.linspace(0.04, 0.80, 5):
        button(stage, 0.0, float(place), size=0.03)


def hoodie(stage: Stage, cloth: Finish) -> None:
    sleeves(stage, cloth, LONG, cuff=0.12)
    torso(stage, cloth, [(0.0, -0.60), (0.14, -0.68), (0.22, -0.80, 1)], BANDED)
    hem_band(stage, cloth)
    pouch = [(0.0, 0.22), (0.22, 0.22, 1), (0.34, 0.44, 1), (0.34, 0.66, 1), (0.0, 0.68)]
    stage.part(smooth(mirrored(pouch))).shade(0.5, 0.02).inflate(0.02).crease(0.8).paint(cloth)
    hood = [(0.0, -0.985), (0.22, -0.93), (0.33, -0.72), (0.24, -0.56), (0.0, -0.47)]
    stage.part(smooth(mirrored(hood))).shade(0.5, 0.03).inflate(0.06).crease(0.8).paint(cloth)
    opening = stage.part(
        smooth(mirrored([(0.0, -0.89), (0.14, -0.84), (0.19, -0.70), (0.0, -0.50, 1)]))
    )
    opening.inflate(0.04, -0.8).paint(cloth.plain().toned(0.42))
    for side in (-1, 1):
        cord = line(*flipped([(0.07, -0.57), (0.085, -0.42), (0.07, -0.20)], side))
        stage.stroke(0.024, cord).shade(0.5, 0.014).inflate(0.008).paint(HORN)
