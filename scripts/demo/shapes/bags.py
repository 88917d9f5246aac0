"""Bags."""

from __future__ import annotations

import numpy as np

from scripts.demo.canvas import Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import box, ellipse, line, mirrored, smooth
from scripts.demo.shapes.tops import flipped, seam

BRASS = solid("brass", 212, 172, 92)
STRAP = solid("leather", 122, 78, 46)


def tote_bag(stage: Stage, cloth: Finish) -> None:
    back = line((-0.30, -0.24), (-0.27, -0.72), (0.0, -0.90), (0.27, -0.72), (0.30, -0.24))
    stage.stroke(0.075, back).inflate(0.02, 0.7).paint(cloth.plain().toned(0.6))
    body = stage.part(
        smooth(
            mirrored([(0.0, -0.28), (0.58, -0.30, 1), (0.63, 0.3), (0.60, 0.88, 1), (0.0, 0.91)])
        )
    )
    body.shade(0.4, 0.03).inflate(0.09, 0.9).crease(0.9).paint(cloth)
    seam(stage, line((-0.585, -0.20), (0, -0.18), (0.585, -0.20)))
    front = line((-0.32, -0.10), (-0.30, -0.62), (0.0, -0.84), (0.30, -0.62), (0.32, -0.10))
    stage.stroke(0.085, front).shade(0.5, 0.02).inflate(0.022, 0.8).paint(cloth.plain().toned(0.86))
    stage.stand(0.0, 0.90, 0.62, 0.08)


def backpack(stage: Stage, cloth: Finish) -> None:
    loop = line((-0.14, -0.80), (-0.12, -0.95), (0.12, -0.95), (0.14, -0.80))
    stage.stroke(0.06, loop).inflate(0.02).paint(cloth.plain().toned(0.6))
    for side in (-1, 1):
        strap = line(*flipped([(0.50, -0.50), (0.70, -0.2), (0.72, 0.40), (0.54, 0.72)], side))
        stage.stroke(0.10, strap).inflate(0.03).paint(cloth.plain().toned(0.6))
    body = [
        (0.0, -0.86),
        (0.34, -0.80),
        (0.54, -0.50),
        (0.60, 0.2),
        (0.57, 0.80),
        (0.36, 0.90),
        (0.0, 0.91),
    ]
    stage.part(smooth(mirrored(body))).shade(0.3, 0.03).inflate(0.12).crease(0.6).paint(cloth)
    zipper = line(
        (-0.50, -0.10), (-0.47, -0.48), (-0.26, -0.70), (0.26, -0.70), (0.47, -0.48), (0.50, -0.10)
    )
    stage.stroke(0.03, zipper).darken(0.55)
    pocket = [(0.0, 0.10), (0.36, 0.11), (0.46, 0.18), (0.47, 0.70), (0.38, 0.78), (0.0, 0.80)]
    stage.part(smooth(mirrored(pocket))).shade(0.55, 0.03).inflate(0.06).crease(0.5).paint(
        cloth.toned(0.94)
    )
    flap = stage.part(
        smooth(mirrored([(0.0, 0.06), (0.45, 0.08, 1), (0.48, 0.26), (0.40, 0.34), (0.0, 0.36)]))
    )
    flap.shade(0.5, 0.02).inflate(0.02).paint(cloth.plain().toned(0.78))
    for side in (-1, 1):
        tab = stage.part(box(side * 0.24 - 0.04, 0.22, side * 0.24 + 0.04, 0.52, 0.03)).shade(
            0.5, 0.016
        )
        tab.inflate(0.015).paint(STRAP)
        stage.part(box(side * 0.24 - 0.05, 0.36, side * 0.24 + 0.05, 0.42, 0.015)).inflate(
            0.012
        ).paint(BRASS)
    stage.stand(0.0, 0.90, 0.56, 0.09)


def handbag(stage: Stage, hide: Finish) -> None:
    grip = line(
        (-0.36, -0.12), (-0.34, -0.56), (-0.16, -0.84), (0.16, -0.84), (0.34, -0.56), (0.36, -0.12)
    )
    stage.stroke(0.075, grip).inflate(0.026, 1.1).paint(hide.plain().toned(0.85))
    body = stage.part(
        smooth(
            mirrored(
                [
                    (0.0, -0.16),
                    (0.50, -0.16),
                    (0.60, -0.06),
                    (0.74, 0.68),
                    (0.66, 0.80),
                    (0.0, 0.82),
                ]
            )
        )
    )
    body.shade(0.3, 0.03).inflate(0.10, 1.1).paint(hide)
    flap = stage.part(
        smooth(
            mirrored(
                [
                    (0.0, -0.18),
                    (0.50, -0.17),
                    (0.61, -0.06, 1),
                    (0.64, 0.16),
                    (0.40, 0.32),
                    (0.0, 0.38),
                ]
            )
        )
    )
    flap.shade(0.6, 0.03).inflate(0.04).paint(hide.toned(0.94))
    seam(
        stage,
        line((-0.62, 0.12), (-0.39, 0.28), (0, 0.335), (0.39, 0.28), (0.62, 0.12)),
        strength=0.25,
    )
    for x in (-0.36, 0.36):
        ring = ellipse(x, -0.12, 0.07, 0.07, steps=32)
        stage.stroke(0.028, np.concatenate([ring, ring[:1]])).shade(0.4, 0.014).inflate(0.01).paint(
            BRASS
        )
    stage.part(box(-0.10, 0.28, 0.10, 0.45, 0.03)).shade(0.6, 0.02).inflate(0.02).paint(BRASS)
    stage.part(ellipse(0.0, 0.365, 0.03, 0.03, steps=16)).darken(0.6)
    stage.stand(0.0, 0.81, 0.68, 0.08)
