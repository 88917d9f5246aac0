"""Jackets and coats, laid flat and seen from the front."""

from __future__ import annotations

import numpy as np

from scripts.demo.canvas import Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import Knot, box, line, mirrored, smooth
from scripts.demo.shapes.tops import (
    BANDED,
    LONG,
    TORSO,
    button,
    flipped,
    hem_band,
    ribbed,
    seam,
    sleeves,
    torso,
)

ZIP = solid("steel", 200, 202, 206)
DARK = solid("plastic", 42, 34, 30)


def bomber(stage: Stage, cloth: Finish) -> None:
    """A short jacket with a zip, ribbed at neck, cuffs and hem."""
    sleeves(stage, cloth, LONG, cuff=0.13)
    torso(stage, cloth, [(0.0, -0.66), (0.12, -0.72), (0.19, -0.82, 1)], BANDED)
    hem_band(stage, cloth.toned(0.8))
    collar = [(0.0, -0.87), (0.17, -0.90, 1), (0.235, -0.78, 1), (0.12, -0.66), (0.0, -0.62)]
    inside = stage.part(
        smooth(mirrored([(0.0, -0.875), (0.15, -0.89), (0.12, -0.74), (0.0, -0.70)]))
    )
    ribbed(stage.part(smooth(mirrored(collar))).shade(0.5, 0.02)).paint(cloth.plain().toned(0.72))
    inside.paint(cloth.plain().toned(0.3))
    zipper = line((0.0, -0.66), (0.0, 0.87))
    stage.stroke(0.06, zipper).shade(0.5, 0.02).darken(0.3)
    stage.stroke(0.026, zipper).inflate(0.01).paint(ZIP)
    for side in (-1, 1):
        slit = line(*flipped([(0.20, 0.20), (0.34, 0.46)], side))
        stage.stroke(0.03, slit).inflate(0.01, -1).paint(cloth.plain().toned(0.45))


def denim_jacket(stage: Stage, cloth: Finish) -> None:
    """A trucker jacket: yoke, flap pockets, metal buttons."""
    sleeves(stage, cloth, LONG, cuff=0.10)
    torso(
        stage,
        cloth,
        [(0.0, -0.62), (0.12, -0.72), (0.20, -0.82, 1)],
        [*TORSO[:4], (0.44, 0.66, 1), (0.0, 0.70)],
    )
    stage.part(
        smooth(mirrored([(0.0, 0.60), (0.45, 0.57, 1), (0.45, 0.70, 1), (0.0, 0.74)]))
    ).shade(0.4, 0.02).inflate(0.02).paint(cloth.toned(0.94))
    thread = solid("cotton", 212, 160, 84)
    for side in (-1, 1):
        flap = flipped(
            [(0.12, -0.32, 1), (0.38, -0.32, 1), (0.38, -0.22, 1), (0.25, -0.15), (0.12, -0.22, 1)],
            side,
        )
        pocket = line(*flipped([(0.12, -0.24), (0.14, 0.06), (0.36, 0.06), (0.38, -0.24)], side))
        front = line(*flipped([(0.14, 0.08), (0.10, 0.58)], side))
        yoke = line(*flipped([(0.05, -0.36), (0.44, -0.36)], side))
        stage.stroke(0.010, pocket, front, yoke).paint(thread)
        stage.part(smooth(flap)).shade(0.6, 0.02).inflate(0.015).paint(cloth)
        button(stage, side * 0.25, -0.20, ZIP, 0.022)
    strip = stage.part(box(-0.05, -0.62, 0.05, 0.73)).shade(0.4, 0.014).inflate(0.01, 0.6)
    strip.crease(0.6).paint(cloth)
    for place in np.linspace(-0.5, 0.66, 6):
        button(stage, 0.0, float(place), ZIP, 0.026)
    _wide_collar(stage, cloth)


def _wide_collar(stage: Stage, cloth: Finish) -> None:
    back = smooth(mirrored([(0.0, -0.90), (0.17, -0.88, 1), (0.20, -0.72, 1), (0.0, -0.66)]))
    stage.part(back).paint(cloth.plain().toned(0.4))
    for side in (-1, 1):
        leaf = flipped(
            [(0.16, -0.91, 1), (0.29, -0.74), (0.32, -0.52, 1), (0.06, -0.56, 1), (0.10, -0.72)],
            side,
        )
        stage.part(smooth(leaf)).shade(0.6, 0.03).inflate(0.025).paint(cloth)


def biker_jacket(stage: Stage, cloth: Finish) -> None:
    """A leather jacket with wide lapels and a slanting zip."""
    sleeves(stage, cloth, LONG, cuff=0.09)
    torso(
        stage,
        cloth,
        [(0.0, -0.60), (0.12, -0.72), (0.20, -0.82, 1)],
        [*TORSO[:4], (0.45, 0.66, 1), (0.0, 0.72)],
    )
    belt = smooth(mirrored([(0.0, 0.60), (0.455, 0.56, 1), (0.455, 0.68, 1), (0.0, 0.73)]))
    stage.part(belt).shade(0.5, 0.02).inflate(0.02).paint(cloth.toned(0.9))
    slant = line((-0.24, -0.40), (-0.10, -0.05), (-0.05, 0.70))
    stage.stroke(0.05, slant).shade(0.5, 0.03).darken(0.4)
    stage.stroke(0.024, slant).inflate(0.008).paint(ZIP)
    inside = smooth(mirrored([(0.0, -0.88), (0.17, -0.86), (0.13, -0.62), (0.0, -0.40)]))
    stage.part(inside).paint(cloth.toned(0.3))
    for side in (-1, 1):
        lapel = flipped(
            [(0.16, -0.88, 1), (0.30, -0.70), (0.37, -0.42, 1), (0.10, -0.18, 1), (0.06, -0.50)],
            side,
        )
        stage.part(smooth(lapel)).shade(0.6, 0.03).inflate(0.03).paint(cloth)
        button(stage, side * 0.31, -0.46, ZIP, 0.02)
        pocket = line(*flipped([(0.19, 0.36), (0.36, 0.16)], side))
        stage.stroke(0.022, pocket).shade(0.4, 0.02).inflate(0.008).paint(ZIP)
    button(stage, 0.04, 0.66, ZIP, 0.045)


def coat(stage: Stage, cloth: Finish) -> None:
    """A long double-breasted coat."""
    arms: list[Knot] = [
        (0.34, -0.80, 1),
        (0.49, -0.72),
        (0.61, -0.30),
        (0.70, 0.22, 1),
        (0.53, 0.27, 1),
        (0.46, -0.14),
        (0.36, -0.46, 1),
    ]
    for side in (-1, 1):
        part = stage.part(smooth(flipped(arms, side))).inflate(0.05).crease(0.8)
        part.along(-side * 0.2).paint(cloth)
        cuff = line(*flipped([(0.515, 0.17), (0.69, 0.12)], side))
        seam(stage, cuff, strength=0.4)
    half: list[Knot] = [
        (0.40, -0.78, 1),
        (0.36, -0.40),
        (0.36, 0.0),
        (0.47, 0.90, 1),
        (0.2, 0.94),
        (0.0, 0.945),
    ]
    torso(stage, cloth, [(0.0, -0.62), (0.10, -0.78), (0.17, -0.88, 1)], half)
    edge = line((0.10, -0.26), (0.12, 0.3), (0.12, 0.94))
    stage.stroke(0.014, edge).shade(0.4, 0.02).darken(0.5)
    inside = smooth(mirrored([(0.0, -0.93), (0.14, -0.92), (0.12, -0.62), (0.0, -0.28)]))
    stage.part(inside).paint(cloth.plain().toned(0.35))
    for side in (-1, 1):
        lapel = flipped(
            [(0.13, -0.95, 1), (0.27, -0.74), (0.34, -0.52, 1), (0.08, -0.20, 1), (0.02, -0.45)],
            side,
        )
        stage.part(smooth(lapel)).shade(0.6, 0.03).inflate(0.03, 0.9).along(side * 0.4).paint(cloth)
        flap = flipped([(0.18, 0.28, 1), (0.37, 0.22, 1), (0.38, 0.30, 1), (0.19, 0.37, 1)], side)
        stage.part(smooth(flap)).shade(0.5, 0.015).inflate(0.012).paint(cloth)
        for y in (-0.08, 0.08, 0.24):
            button(stage, 0.02 + side * 0.085, y, DARK, 0.03)
