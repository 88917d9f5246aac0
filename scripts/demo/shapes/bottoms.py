"""Dresses, skirts and everything with two legs."""

from __future__ import annotations

import numpy as np

from scripts.demo.canvas import Part, Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import Knot, box, line, mirrored, smooth
from scripts.demo.shapes.tops import button, flipped, seam

THREAD = solid("cotton", 208, 150, 70)
COPPER = solid("brass", 190, 130, 80)
HORN = solid("plastic", 70, 60, 52)
CORD = solid("cotton", 240, 238, 230)


def pleated(part: Part, top: float, waist: float, flare: float, folds: float) -> Part:
    """Folds that fan out from the waist and deepen towards the hem."""
    drop = np.maximum(part.v - np.float32(top), 0)
    place = part.u / (np.float32(waist) + np.float32(flare) * drop)
    wave = np.sin(place * np.float32(folds) + np.sin(place * np.float32(5.0)) * np.float32(1.3))
    return part.slope(wave * np.minimum(drop * 2.2, 1) * np.float32(0.62), 0.0)


def dress(stage: Stage, cloth: Finish) -> None:
    inside = smooth(mirrored([(0.0, -0.84), (0.19, -0.93, 1), (0.15, -0.7), (0.0, -0.62)]))
    stage.part(inside).paint(cloth.plain().toned(0.45))
    skirt_half: list[Knot] = [
        (0.0, -0.22),
        (0.235, -0.22, 1),
        (0.38, 0.2),
        (0.66, 0.86, 1),
        (0.35, 0.92),
        (0, 0.94),
    ]
    skirt_part = stage.part(smooth(mirrored(skirt_half))).inflate(0.06, 0.7).crease(0.6)
    pleated(skirt_part, -0.22, 0.25, 0.36, 17).paint(cloth)
    top: list[Knot] = [
        (0.0, -0.62),
        (0.12, -0.69),
        (0.19, -0.94, 1),
        (0.32, -0.92, 1),
        (0.28, -0.68),
        (0.35, -0.54, 1),
        (0.30, -0.38),
        (0.245, -0.20, 1),
        (0.0, -0.19),
    ]
    bodice = stage.part(smooth(mirrored(top))).shade(0.45, 0.03)
    bodice.inflate(0.07).crease(0.7).paint(cloth)
    belt = stage.part(
        smooth(mirrored([(0.0, -0.235), (0.25, -0.245, 1), (0.25, -0.175, 1), (0.0, -0.165)]))
    )
    belt.shade(0.4, 0.02).inflate(0.015).paint(cloth.plain().toned(0.75))
    neck = line((-0.19, -0.93), (-0.12, -0.69), (0, -0.62), (0.12, -0.69), (0.19, -0.93))
    stage.stroke(0.022, neck).inflate(0.008).paint(cloth.plain().toned(0.85))


def skirt(stage: Stage, cloth: Finish) -> None:
    half: list[Knot] = [
        (0.0, -0.62),
        (0.34, -0.63, 1),
        (0.52, 0.0),
        (0.80, 0.68, 1),
        (0.42, 0.76),
        (0.0, 0.78),
    ]
    part = stage.part(smooth(mirrored(half))).inflate(0.05, 0.8).crease(0.6)
    pleated(part, -0.62, 0.36, 0.34, 24).paint(cloth)
    band = stage.part(
        smooth(mirrored([(0.0, -0.755), (0.33, -0.765, 1), (0.35, -0.615, 1), (0.0, -0.60)]))
    )
    band.shade(0.5, 0.03).inflate(0.02).crease(0.5).paint(cloth.plain().toned(0.86))


def _leg(stage: Stage, cloth: Finish, knots: list[Knot]) -> None:
    """Both legs from the knots of the right one, whose fourth and fifth are the hem."""
    for side in (-1, 1):
        part = stage.part(smooth(flipped(knots, side))).shade(0.5, 0.03)
        part.inflate(0.075).crease(0.8).along(side * -0.06).paint(cloth)
        hem = np.array([knots[3][:2], knots[4][:2]]) - (0, 0.055)
        seam(stage, (hem * (side, 1)).astype(np.float32), strength=0.25)


def _long_legs(stage: Stage, cloth: Finish) -> None:
    _leg(
        stage,
        cloth,
        [
            (-0.02, -0.86, 1),
            (0.33, -0.86, 1),
            (0.43, -0.42),
            (0.47, 0.90, 1),
            (0.215, 0.92, 1),
            (0.055, -0.16),
            (-0.02, -0.24, 1),
        ],
    )


def _waist(stage: Stage, cloth: Finish, top: float, half: float, stud: Finish) -> None:
    """Waistband, belt loops, button and fly."""
    knots: list[Knot] = [
        (0.0, top + 0.02),
        (half, top, 1),
        (half + 0.012, top + 0.12, 1),
        (0.0, top + 0.14),
    ]
    band = stage.part(smooth(mirrored(knots))).shade(0.4, 0.02)
    band.inflate(0.02, 0.8).paint(cloth.toned(0.93))
    for x in (-0.65 * half, 0.65 * half):
        loop = stage.part(box(x - 0.018, top - 0.01, x + 0.018, top + 0.15, 0.01))
        loop.shade(0.4, 0.012).inflate(0.01).paint(cloth.toned(0.9))
    button(stage, 0.0, top + 0.075, stud, 0.03)
    fly = line((0.09, top + 0.135), (0.085, top + 0.42), (0.0, top + 0.56))
    middle = line((0.0, top + 0.135), (0.0, top + 0.66))
    seam(stage, fly, middle, strength=0.4)


def jeans(stage: Stage, cloth: Finish) -> None:
    _long_legs(stage, cloth)
    _waist(stage, cloth, -0.925, 0.325, COPPER)
    for side in (-1, 1):
        pocket = flipped([(0.15, -0.79), (0.21, -0.67), (0.375, -0.62)], side)
        stage.stroke(0.02, line(*pocket)).darken(0.4)
        stitch = flipped([(0.13, -0.79), (0.195, -0.645), (0.38, -0.595)], side)
        outer = flipped([(0.375, -0.55), (0.41, -0.1), (0.45, 0.86)], side)
        threads = [line(*path) for path in (stitch, outer)]
        stage.stroke(0.010, *threads).paint(THREAD)
    fly = line((0.105, -0.79), (0.10, -0.49), (0.01, -0.33))
    stage.stroke(0.010, fly).paint(THREAD)


def trousers(stage: Stage, cloth: Finish) -> None:
    _long_legs(stage, cloth)
    _waist(stage, cloth, -0.925, 0.325, HORN)
    for side in (-1, 1):
        pocket = line(*flipped([(0.23, -0.79), (0.38, -0.50)], side))
        seam(stage, pocket, strength=0.5, width=0.016)
        # The pressed crease: light on one side of it, shade on the other.
        press = flipped([(0.20, -0.55), (0.245, 0.0), (0.335, 0.89)], side)
        seam(stage, line(*press), strength=0.34, width=0.022)


def shorts(stage: Stage, cloth: Finish) -> None:
    knots: list[Knot] = [
        (-0.02, -0.52, 1),
        (0.46, -0.52, 1),
        (0.58, -0.10),
        (0.74, 0.56, 1),
        (0.16, 0.62, 1),
        (0.07, 0.20),
        (-0.02, 0.10, 1),
    ]
    _leg(stage, cloth, knots)
    _waist(stage, cloth, -0.60, 0.46, HORN)
    for side in (-1, 1):
        pocket = line(*flipped([(0.30, -0.46), (0.535, -0.14)], side))
        seam(stage, pocket, strength=0.45, width=0.018)
        cord = line(*flipped([(0.02, -0.50), (0.09, -0.36), (0.06, -0.18)], side))
        stage.stroke(0.022, cord).shade(0.5, 0.012).inflate(0.008).paint(CORD)
