"""Caps, beanies and sun hats."""

from __future__ import annotations

import numpy as np

from scripts.demo.canvas import Stage
from scripts.demo.finish import Finish
from scripts.demo.outline import ellipse, line, mirrored, smooth
from scripts.demo.shapes.tops import ribbed, seam


def cap(stage: Stage, cloth: Finish) -> None:
    """A baseball cap, its peak to the right."""
    under = smooth(
        [(-0.30, 0.30), (0.30, 0.20), (0.98, 0.40), (0.90, 0.50), (0.30, 0.42), (-0.2, 0.44)]
    )
    stage.part(under).paint(cloth.plain().toned(0.35))
    crown = smooth(
        [
            (-0.80, 0.34, 1),
            (-0.84, -0.06),
            (-0.62, -0.46),
            (-0.18, -0.62),
            (0.22, -0.46),
            (0.42, -0.06),
            (0.44, 0.26, 1),
            (0.0, 0.36),
            (-0.40, 0.40),
        ]
    )
    stage.part(crown).inflate(0.19, 1.15).inflate(0.06, 0.5).crease(0.3).paint(cloth)
    seam(
        stage,
        line((-0.18, -0.62), (-0.04, -0.2), (0.02, 0.36)),
        line((-0.18, -0.62), (-0.46, -0.3), (-0.54, 0.37)),
        strength=0.38,
        width=0.016,
    )
    stage.part(ellipse(-0.18, -0.62, 0.06, 0.035)).inflate(0.02).paint(cloth.plain().toned(0.8))
    for x, y in ((-0.32, -0.22), (0.16, -0.20), (-0.66, -0.10)):
        stage.part(ellipse(x, y, 0.026, 0.026, steps=16)).darken(0.6)
    peak = smooth(
        [
            (-0.06, 0.36, 1),
            (0.22, 0.20),
            (0.46, 0.14),
            (0.74, 0.20),
            (1.0, 0.40),
            (0.98, 0.46, 1),
            (0.62, 0.36),
            (0.22, 0.40),
            (-0.02, 0.46, 1),
        ]
    )
    stage.part(peak).shade(0.5, 0.04).inflate(0.04).slope(0.0, -0.3).paint(cloth.plain().toned(0.9))
    stage.stand(-0.2, 0.40, 0.62, 0.10)
    stage.stand(0.6, 0.46, 0.36, 0.07)


def beanie(stage: Stage, wool: Finish) -> None:
    pompom = stage.part(ellipse(0.0, -0.72, 0.21, 0.20)).ball(0.0, -0.72, 0.24, 0.23)
    pompom.paint(wool.accented().of("fleece"))
    crown = [(0.0, -0.60), (0.34, -0.50), (0.60, -0.16), (0.68, 0.34, 1), (0.0, 0.40)]
    stage.part(smooth(mirrored(crown))).shade(0.5, 0.04).inflate(0.15, 1.0).paint(wool)
    brim = stage.part(
        smooth(
            mirrored(
                [(0.0, 0.22), (0.66, 0.16), (0.74, 0.24), (0.73, 0.56), (0.64, 0.63), (0.0, 0.68)]
            )
        )
    )
    ribbed(brim.shade(0.55, 0.04).inflate(0.05)).paint(wool.plain().toned(0.9))
    for x in np.linspace(-0.62, 0.62, 14):
        stage.stroke(0.014, line((x * 1.02, 0.24), (x * 1.04, 0.62))).darken(0.28)
    stage.stand(0.0, 0.66, 0.7, 0.09)


def sun_hat(stage: Stage, straw: Finish) -> None:
    """A wide brim, a round crown and a ribbon."""
    brim = stage.part(
        smooth(
            [
                (-0.98, 0.26),
                (-0.60, 0.02),
                (0.0, -0.06),
                (0.60, 0.02),
                (0.98, 0.26),
                (0.62, 0.46),
                (0.0, 0.54),
                (-0.62, 0.46),
            ]
        )
    )
    far = np.hypot(brim.u, (brim.v - np.float32(0.22)) * 3)
    brim.pattern_v, brim.pattern_u = far, np.arctan2(brim.v - np.float32(0.22), brim.u)
    brim.inflate(0.05, 0.8).slope(brim.u * np.float32(0.3), -0.45).paint(straw)
    crown = smooth(
        [
            (-0.52, 0.20, 1),
            (-0.50, -0.20),
            (-0.34, -0.52),
            (0.0, -0.60),
            (0.34, -0.52),
            (0.50, -0.20),
            (0.52, 0.20, 1),
            (0.26, 0.29),
            (0.0, 0.31),
            (-0.26, 0.29),
        ]
    )
    top = stage.part(crown).shade(0.5, 0.07).inflate(0.16, 1.1).inflate(0.05, 0.4)
    top.paint(straw)
    ribbon = smooth(
        [
            (-0.55, 0.02, 1),
            (0.0, 0.12),
            (0.55, 0.02, 1),
            (0.55, 0.19, 1),
            (0.0, 0.30),
            (-0.55, 0.19, 1),
        ]
    )
    band = stage.part(ribbon).within(top).shade(0.3, 0.02)
    band.slope(np.clip(band.u * np.float32(1.8), -1.4, 1.4), 0.0).paint(straw.accented().of("silk"))
    stage.stand(0.0, 0.44, 0.85, 0.12)


def bucket_hat(stage: Stage, cloth: Finish) -> None:
    brim = smooth(
        [
            (-0.62, 0.10, 1),
            (0.62, 0.10, 1),
            (0.90, 0.52),
            (0.50, 0.66),
            (0.0, 0.70),
            (-0.50, 0.66),
            (-0.90, 0.52),
        ]
    )
    stage.part(brim).inflate(0.06).slope(0.0, -0.15).crease(0.5).paint(cloth)
    for step in (0.33, 0.66):
        y, x = 0.14 + 0.50 * step, 0.62 + 0.22 * step
        seam(
            stage,
            line((-x, y - 0.06), (0.0, y + 0.03), (x, y - 0.06)),
            strength=0.25,
        )
    crown = smooth(
        [
            (-0.64, 0.14, 1),
            (-0.58, -0.34),
            (-0.48, -0.50),
            (0.0, -0.56),
            (0.48, -0.50),
            (0.58, -0.34),
            (0.64, 0.14, 1),
            (0.0, 0.22),
        ]
    )
    stage.part(crown).shade(0.5, 0.04).inflate(0.11, 1.1).crease(0.5).paint(cloth)
    seam(stage, line((-0.57, -0.36), (0.0, -0.30), (0.57, -0.36)), strength=0.35)
    for x in (-0.1, 0.1):
        stage.part(ellipse(x - 0.3, -0.05, 0.024, 0.024, steps=16)).darken(0.6)
    stage.stand(0.0, 0.66, 0.8, 0.10)
