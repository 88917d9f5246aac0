"""Low shoes, seen from the side with the toe to the right."""

from __future__ import annotations

from scripts.demo.canvas import Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import box, ellipse, line, smooth
from scripts.demo.shapes.tops import seam

RUBBER = solid("rubber", 240, 238, 232)
CREPE = solid("rubber", 58, 46, 40)
LACE = solid("cotton", 244, 242, 236)


def laces(
    stage: Stage, spots: list[tuple[float, float]], finish: Finish, reach: float = 0.15
) -> None:
    for x, y in spots:
        lace = line((x - reach * 0.62, y + reach * 0.75), (x + reach * 0.25, y - reach * 0.42))
        stage.stroke(0.05, lace).shade(0.55, 0.02).inflate(0.018).paint(finish)
        stage.part(ellipse(x - reach * 0.66, y + reach * 0.82, 0.02, 0.02, steps=12)).darken(0.7)


def sneakers(stage: Stage, cloth: Finish) -> None:
    inside = smooth(
        [(-0.72, -0.42), (-0.45, -0.40), (-0.16, -0.38), (-0.18, -0.18), (-0.66, -0.20)]
    )
    stage.part(inside).paint(cloth.plain().toned(0.3))
    tongue = smooth([(-0.26, -0.28, 1), (-0.20, -0.56), (-0.04, -0.54, 1), (0.06, -0.26, 1)])
    stage.part(tongue).inflate(0.03).paint(cloth.plain().toned(0.8))
    upper = smooth(
        [
            (-0.88, 0.36, 1),
            (-0.90, 0.0),
            (-0.84, -0.42),
            (-0.74, -0.46, 1),
            (-0.66, -0.28),
            (-0.42, -0.20),
            (-0.22, -0.34, 1),
            (-0.06, -0.36),
            (0.16, -0.16),
            (0.50, 0.02),
            (0.82, 0.14),
            (0.94, 0.36, 1),
        ]
    )
    body = stage.part(upper).shade(0.4, 0.03).inflate(0.10, 1.1).crease(0.4)
    body.paint(cloth)
    collar = line((-0.82, -0.44), (-0.66, -0.28), (-0.42, -0.20), (-0.22, -0.35))
    stage.stroke(0.06, collar).inflate(0.02).paint(cloth.plain().toned(0.75))
    stay = stage.part(
        smooth(
            [
                (-0.28, -0.34, 1),
                (-0.06, -0.36),
                (0.20, -0.14),
                (0.30, -0.04, 1),
                (0.10, 0.10),
                (-0.20, -0.02, 1),
            ]
        )
    )
    stay.shade(0.4, 0.016).inflate(0.016, 0.7).paint(cloth.plain().toned(0.86))
    heel = stage.part(
        smooth(
            [(-0.92, 0.34, 1), (-0.90, -0.06), (-0.82, -0.30, 1), (-0.66, -0.12), (-0.64, 0.34, 1)]
        )
    )
    heel.within(body).shade(0.4, 0.016).inflate(0.03).paint(cloth.plain().toned(0.8))
    stripe = stage.part(
        smooth(
            [
                (-0.52, 0.28, 1),
                (-0.10, 0.16),
                (0.20, -0.02, 1),
                (0.26, 0.05, 1),
                (-0.08, 0.28),
                (-0.46, 0.34, 1),
            ]
        )
    )
    stripe.shade(0.3, 0.012).inflate(0.01).paint(cloth.accented())
    cap = stage.part(
        smooth([(0.48, 0.40, 1), (0.52, 0.14), (0.66, 0.06, 1), (0.84, 0.14), (0.97, 0.40, 1)])
    )
    cap.shade(0.4, 0.016).inflate(0.07, 1.1).paint(RUBBER)
    laces(stage, [(-0.10, -0.28), (0.02, -0.20), (0.14, -0.11), (0.26, -0.02)], LACE)
    sole = stage.part(
        smooth(
            [
                (-0.93, 0.32, 1),
                (-0.3, 0.35),
                (0.3, 0.35),
                (0.96, 0.31, 1),
                (0.99, 0.44),
                (0.90, 0.54, 1),
                (-0.88, 0.54, 1),
                (-0.96, 0.46),
            ]
        )
    )
    sole.shade(0.5, 0.03).inflate(0.035).paint(RUBBER)
    seam(stage, line((-0.94, 0.43), (0.0, 0.45), (0.97, 0.43)), strength=0.35)
    stage.part(box(-0.89, 0.515, 0.91, 0.55, 0.015)).darken(0.45)
    stage.stand(0.0, 0.55, 0.95, 0.09)


def heels(stage: Stage, hide: Finish) -> None:
    """A pump with a slim heel."""
    heel = smooth(
        [
            (-0.86, -0.06, 1),
            (-0.60, 0.10, 1),
            (-0.70, 0.40),
            (-0.735, 0.80, 1),
            (-0.815, 0.80, 1),
            (-0.85, 0.4),
        ]
    )
    stage.part(heel).inflate(0.035, 1.1).paint(hide.plain().toned(0.85))
    inside = smooth(
        [(-0.79, -0.36), (-0.52, -0.14), (-0.02, 0.30), (0.46, 0.46), (0.30, 0.52), (-0.30, 0.30)]
    )
    stage.part(inside).paint(solid("leather", 216, 186, 150))
    upper = smooth(
        [
            (-0.84, -0.40, 1),
            (-0.70, -0.16),
            (-0.40, 0.06),
            (-0.05, 0.38),
            (0.28, 0.53, 1),
            (0.44, 0.42),
            (0.60, 0.48),
            (0.98, 0.76),
            (0.90, 0.80, 1),
            (0.30, 0.78, 1),
            (-0.06, 0.62),
            (-0.42, 0.26),
            (-0.66, 0.10),
            (-0.88, 0.06, 1),
            (-0.90, -0.2),
        ]
    )
    stage.part(upper).shade(0.4, 0.03).inflate(0.06, 1.2).paint(hide)
    sole = line(
        (0.94, 0.79), (0.60, 0.792), (0.30, 0.78), (-0.06, 0.62), (-0.42, 0.26), (-0.66, 0.11)
    )
    stage.stroke(0.03, sole).inflate(0.01).paint(CREPE)
    stage.stand(-0.775, 0.81, 0.10, 0.04)
    stage.stand(0.60, 0.81, 0.42, 0.06)
