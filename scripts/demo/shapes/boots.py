"""Boots, seen from the side with the toe to the right."""

from __future__ import annotations

from scripts.demo.canvas import Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import box, ellipse, line, smooth
from scripts.demo.shapes.footwear import CREPE, RUBBER, laces
from scripts.demo.shapes.tops import seam


def boots(stage: Stage, hide: Finish) -> None:
    """A lace-up ankle boot."""
    upper = smooth(
        [
            (-0.62, 0.62, 1),
            (-0.66, 0.2),
            (-0.58, -0.2),
            (-0.60, -0.84, 1),
            (-0.30, -0.88),
            (0.02, -0.80, 1),
            (0.02, -0.30),
            (0.20, -0.02),
            (0.60, 0.14),
            (0.84, 0.36),
            (0.86, 0.62, 1),
        ]
    )
    stage.part(smooth([(-0.58, -0.84), (-0.3, -0.93), (0.0, -0.82), (-0.3, -0.78)])).paint(
        hide.toned(0.3)
    )
    body = stage.part(upper).shade(0.3, 0.03).inflate(0.11, 1.1).crease(0.7)
    body.paint(hide)
    quarter = line((-0.26, 0.60), (-0.22, 0.12), (0.10, -0.02), (0.20, -0.02))
    seam(stage, quarter, strength=0.5, width=0.018)
    heel = line((-0.62, 0.16), (-0.42, 0.16), (-0.34, 0.60))
    toe = line((0.42, 0.60), (0.44, 0.30), (0.60, 0.15))
    seam(stage, heel, toe, strength=0.4, width=0.016)
    cuff = line((-0.60, -0.80), (-0.30, -0.84), (0.02, -0.77))
    stage.stroke(0.10, cuff).shade(0.4, 0.02).inflate(0.03).paint(hide.toned(0.7))
    pull = stage.part(box(-0.64, -0.97, -0.56, -0.72, 0.03)).shade(0.3, 0.02)
    pull.inflate(0.015).paint(hide.toned(0.6))
    laces(
        stage,
        [
            (-0.03, -0.66),
            (-0.03, -0.52),
            (-0.02, -0.38),
            (0.01, -0.24),
            (0.09, -0.12),
            (0.2, -0.03),
        ],
        solid("cotton", 70, 54, 40),
        0.16,
    )
    sole = stage.part(
        smooth(
            [
                (-0.68, 0.60, 1),
                (0.1, 0.62),
                (0.90, 0.58, 1),
                (0.93, 0.68),
                (0.86, 0.74, 1),
                (-0.12, 0.76, 1),
                (-0.16, 0.82, 1),
                (-0.68, 0.82, 1),
            ]
        )
    )
    sole.shade(0.5, 0.03).inflate(0.025).paint(CREPE)
    stage.stand(-0.42, 0.83, 0.36, 0.07)
    stage.stand(0.35, 0.77, 0.60, 0.08)


def rain_boots(stage: Stage, rubber: Finish) -> None:
    """A tall rubber boot, shiny, with a pale sole."""
    stage.part(ellipse(-0.24, -0.88, 0.355, 0.07)).paint(rubber.plain().toned(0.25))
    upper = smooth(
        [
            (-0.56, 0.66, 1),
            (-0.60, 0.30),
            (-0.52, -0.05),
            (-0.60, -0.88, 1),
            (-0.24, -0.83),
            (0.12, -0.88, 1),
            (0.10, -0.20),
            (0.18, 0.06),
            (0.58, 0.20),
            (0.80, 0.42),
            (0.82, 0.66, 1),
        ]
    )
    stage.part(upper).inflate(0.14, 1.2).inflate(0.04, 0.4).paint(rubber)
    rim = line((-0.60, -0.87), (-0.24, -0.81), (0.12, -0.87))
    stage.stroke(0.07, rim).shade(0.4, 0.02).inflate(0.025).paint(rubber.plain().toned(0.72))
    sole = stage.part(
        smooth(
            [
                (-0.63, 0.62, 1),
                (0.1, 0.64),
                (0.86, 0.60, 1),
                (0.89, 0.72),
                (0.82, 0.78, 1),
                (-0.06, 0.79, 1),
                (-0.10, 0.84, 1),
                (-0.62, 0.84, 1),
            ]
        )
    )
    sole.shade(0.5, 0.03).inflate(0.025).paint(RUBBER)
    stage.stand(-0.36, 0.85, 0.36, 0.07)
    stage.stand(0.35, 0.80, 0.58, 0.08)
