"""Sunglasses, umbrellas, scarves, socks and ties."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from scripts.demo.canvas import Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import Knot, box, ellipse, line, mirrored, smooth
from scripts.demo.shapes.tops import flipped, ribbed, seam

STEEL = solid("steel", 214, 216, 220)
CANE = solid("wood", 122, 78, 46)
TIP = (0.0, -0.72, 1.0)  # of the umbrella
LENS = solid("glass", 46, 44, 48)


def sunglasses(stage: Stage, frame: Finish) -> None:
    for side in (-1, 1):
        arm = line(*flipped([(0.86, -0.20), (0.74, -0.44), (0.52, -0.50)], side))
        stage.stroke(0.055, arm).inflate(0.02).paint(frame.plain().toned(0.75))
    bridge = line((-0.16, -0.10), (0.0, -0.17), (0.16, -0.10))
    stage.stroke(0.075, bridge).inflate(0.028).paint(frame)
    for side in (-1, 1):
        outer = flipped(
            [
                (0.10, -0.14),
                (0.22, -0.26),
                (0.56, -0.29),
                (0.92, -0.24, 1),
                (0.93, -0.10),
                (0.86, 0.20),
                (0.62, 0.36),
                (0.34, 0.33),
                (0.14, 0.14),
            ],
            side,
        )
        inner = flipped(
            [
                (0.19, -0.10),
                (0.28, -0.18),
                (0.56, -0.205),
                (0.80, -0.17),
                (0.82, -0.05),
                (0.76, 0.15),
                (0.60, 0.265),
                (0.38, 0.25),
                (0.22, 0.10),
            ],
            side,
        )
        stage.part(smooth(outer)).shade(0.3, 0.03).inflate(0.03, 1.2).paint(frame)
        glass = stage.part(smooth(inner)).inflate(0.02, -0.4)
        glass.slope(glass.u * np.float32(0.10), (glass.v - np.float32(0.1)) * np.float32(0.7))
        glass.paint(LENS)
        shine = smooth(
            flipped([(0.30, -0.14), (0.42, -0.17), (0.34, 0.16), (0.27, 0.10)], side * 1)
        )
        stage.part(shine).within(glass).paint(solid("paper", 210, 214, 220), 0.28)
        stage.part(ellipse(side * 0.885, -0.19, 0.02, 0.02, steps=12)).inflate(0.01).paint(STEEL)


def umbrella(stage: Stage, cloth: Finish) -> None:
    """An open umbrella with a curved handle: panels meet at the tip."""
    stage.stroke(0.035, line((0.0, -0.74), (0.0, 0.70))).inflate(0.014).paint(STEEL)
    crook = line((0.0, 0.50), (0.0, 0.78), (0.09, 0.91), (0.20, 0.86), (0.22, 0.74))
    stage.stroke(0.075, crook).inflate(0.028, 1.1).paint(CANE)
    under: list[Knot] = [(0.0, -0.12), (0.92, 0.06), (0.5, 0.12), (0.0, 0.14)]
    stage.part(smooth(mirrored(under))).paint(cloth.plain().toned(0.35))

    ribs = [_rib(edge) for edge in (-0.94, -0.62, -0.22, 0.22, 0.62, 0.94)]
    for index, (left, right) in enumerate(pairwise(ribs)):
        # The cloth between two ribs is cut in an arc.
        middle = ((left[-1][0] + right[-1][0]) / 2, min(left[-1][1], right[-1][1]) - 0.07)
        panel = stage.part(smooth([TIP, *right, middle, *reversed(left)]))
        across = (panel.u - np.float32(middle[0] * 0.6)) * np.float32(1.0)
        panel.slope(panel.u * np.float32(0.9) + across, panel.v * np.float32(0.5) - 0.125)
        below = panel.v - np.float32(TIP[1])
        panel.pattern_v = np.hypot(panel.u, below)
        panel.pattern_u = np.arctan2(panel.u, below + np.float32(0.06)) * np.float32(0.7)
        panel.paint(cloth if index % 2 == 0 else cloth.toned(0.93))
    stage.stroke(0.012, *(line(TIP, *rib) for rib in ribs[1:-1])).darken(0.3)
    stage.stroke(0.04, line((0.0, -0.84), (0.0, -0.70))).inflate(0.015).paint(STEEL)


def _rib(edge: float) -> list[Knot]:
    """A rib's way from the tip to the edge of the umbrella."""
    low = 0.12 - 0.07 * (edge / 0.94) ** 2
    drop = low - TIP[1]
    return [(edge * 0.55, TIP[1] + drop * 0.2), (edge * 0.88, TIP[1] + drop * 0.6), (edge, low, 1)]


def scarf(stage: Stage, wool: Finish) -> None:
    """A scarf folded once, its ends hanging with fringes."""
    for x, low, lean in ((0.20, 0.80, 0.05), (-0.22, 0.62, -0.04)):
        fringe = [
            line((x + lean + step, low - 0.02), (x + lean * 1.5 + step * 1.05, low + 0.15))
            for step in np.linspace(-0.17, 0.17, 10)
        ]
        stage.stroke(0.022, *fringe).inflate(0.008).paint(wool.plain().toned(0.9))
        tail = smooth(
            [
                (x - 0.19, -0.34, 1),
                (x + 0.19, -0.34, 1),
                (x + lean + 0.20, low, 1),
                (x + lean - 0.20, low, 1),
            ]
        )
        stage.part(tail).shade(0.5, 0.04).inflate(0.06).crease(1.0).paint(wool)
    loop = smooth(
        [
            (-0.58, -0.44),
            (-0.40, -0.72),
            (0.0, -0.82),
            (0.40, -0.72),
            (0.58, -0.44),
            (0.44, -0.16),
            (0.0, -0.06),
            (-0.44, -0.16),
        ]
    )
    hole = smooth(
        [(-0.28, -0.52), (0.0, -0.62), (0.28, -0.52), (0.20, -0.40), (0.0, -0.36), (-0.20, -0.40)]
    )
    stage.part(hole).paint(wool.plain().toned(0.3))
    ring = stage.part(loop, holes=[hole]).shade(0.6, 0.04).inflate(0.07, 1.1).crease(1.2)
    turn = np.arctan2(ring.v + np.float32(0.46), ring.u)
    ring.pattern_v, ring.pattern_u = (
        turn * np.float32(0.45),
        np.hypot(ring.u, ring.v + np.float32(0.46)),
    )
    ring.paint(wool)


def socks(stage: Stage, wool: Finish) -> None:
    for x, y in ((-0.26, -0.06), (0.16, 0.06)):
        knots = [
            (-0.24, -0.82, 1.0),
            (0.16, -0.82, 1.0),
            (0.16, -0.2),
            (0.20, 0.18),
            (0.52, 0.44),
            (0.66, 0.62),
            (0.52, 0.76),
            (0.16, 0.70),
            (-0.14, 0.52),
            (-0.26, 0.24),
            (-0.24, -0.2),
        ]
        body = stage.part(smooth([(x + a, y + b, *rest) for a, b, *rest in knots])).shade(0.5, 0.04)
        body.inflate(0.07).crease(0.5).paint(wool.arranged(0.8))
        heel = stage.part(ellipse(x - 0.20, y + 0.42, 0.20, 0.20)).within(body)
        toe = stage.part(ellipse(x + 0.60, y + 0.64, 0.22, 0.22)).within(body)
        for part in (heel, toe):
            part.inflate(0.02, 0.5).paint(wool.accented())
        cuff = stage.part(box(x - 0.25, y - 0.84, x + 0.17, y - 0.68, 0.02)).shade(0.3, 0.02)
        ribbed(cuff).paint(wool.accented())


def tie(stage: Stage, silk: Finish) -> None:
    loop = line((-0.08, -0.76), (-0.20, -0.88), (0.0, -0.96), (0.20, -0.88), (0.08, -0.76))
    stage.stroke(0.07, loop).inflate(0.03).paint(silk.plain().toned(0.6))
    tail = smooth(
        [(-0.06, -0.62, 1), (0.05, -0.62, 1), (0.18, 0.60, 1), (0.08, 0.72, 1), (-0.02, 0.60, 1)]
    )
    stage.part(tail).inflate(0.03).paint(silk.toned(0.6).arranged(0.7, 0.7))
    blade = smooth(
        [(-0.08, -0.62, 1), (0.08, -0.62, 1), (0.23, 0.68, 1), (0.0, 0.95, 1), (-0.23, 0.68, 1)]
    )
    stage.part(blade).shade(0.5, 0.03).inflate(0.06).crease(0.3).paint(silk.arranged(0.7, 0.7))
    knot = smooth([(-0.15, -0.82, 1), (0.15, -0.82, 1), (0.09, -0.60, 1), (-0.09, -0.60, 1)])
    stage.part(knot).shade(0.6, 0.03).inflate(0.04).paint(silk.arranged(0.7, -0.7))
    seam(stage, line((-0.05, -0.56), (0.02, -0.3)), strength=0.2)
