"""Fruit: round, a little irregular, with a stem."""

from __future__ import annotations

import numpy as np

from scripts.demo.canvas import Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import box, ellipse, line, smooth

STEM = solid("wood", 96, 66, 40)
LEAF = solid("skin", 70, 132, 52)
HUSK = solid("skin", 88, 150, 60)


def leaf(
    stage: Stage, x: float, y: float, length: float, turn: float, finish: Finish = LEAF
) -> None:
    cos, sin = float(np.cos(turn)), float(np.sin(turn))

    def at(along: float, off: float) -> tuple[float, float]:
        return x + length * (along * cos - off * sin), y + length * (along * sin + off * cos)

    blade = stage.part(smooth([(*at(0, 0), 1), at(0.45, -0.23), (*at(1, 0), 1), at(0.5, 0.20)]))
    blade.shade(0.4, 0.03).inflate(0.035, 0.8).paint(finish)
    vein = np.array([at(0.02, 0), at(0.9, 0)], np.float32)
    stage.stroke(0.012, vein).darken(0.35)


def apple(stage: Stage, peel: Finish) -> None:
    outline = smooth(
        [
            (0.0, -0.58),
            (0.30, -0.72),
            (0.64, -0.55),
            (0.76, -0.05),
            (0.56, 0.52),
            (0.22, 0.74),
            (0.0, 0.69),
            (-0.22, 0.74),
            (-0.56, 0.52),
            (-0.76, -0.05),
            (-0.64, -0.55),
            (-0.30, -0.72),
        ]
    )
    body = stage.part(outline).ball(0.0, 0.0, 0.80, 0.82)
    body.paint(peel.of("waxy"))
    streak = np.sin(np.arctan2(body.u, body.v + np.float32(0.75)) * 46) * np.float32(0.05)
    body.darken(np.clip(streak, 0, 1))
    dimple = stage.part(ellipse(0.0, -0.54, 0.27, 0.12))
    dimple.darken(
        np.clip(
            np.float32(0.75)
            - np.hypot(dimple.u / 0.27, (dimple.v + np.float32(0.54)) / 0.12) * np.float32(0.75),
            0,
            1,
        )
    )
    stage.stroke(0.055, line((0.0, -0.52), (0.02, -0.72), (0.09, -0.90))).inflate(0.02).paint(STEM)
    leaf(stage, 0.05, -0.74, 0.50, -0.42)
    stage.stand(0.0, 0.70, 0.42, 0.11)


def orange(stage: Stage, peel: Finish) -> None:
    body = stage.part(ellipse(0.0, 0.0, 0.76, 0.73, steps=72)).ball(0.0, 0.0, 0.78, 0.75)
    body.paint(peel)
    stage.part(ellipse(0.08, -0.56, 0.09, 0.05)).darken(0.35)
    stage.part(ellipse(0.08, -0.57, 0.055, 0.032)).inflate(0.02).paint(HUSK)
    leaf(stage, 0.10, -0.58, 0.46, -0.5)
    stage.stand(0.0, 0.70, 0.40, 0.11)


def lemon(stage: Stage, peel: Finish) -> None:
    outline = smooth(
        [
            (-0.93, 0.03),
            (-0.80, -0.14),
            (-0.45, -0.45),
            (0.0, -0.54),
            (0.45, -0.45),
            (0.80, -0.16),
            (0.96, -0.06),
            (0.95, 0.08),
            (0.80, 0.17),
            (0.45, 0.46),
            (0.0, 0.55),
            (-0.45, 0.46),
            (-0.82, 0.18),
        ]
    )
    stage.part(outline).ball(0.0, 0.0, 0.96, 0.58, 2.2).inflate(0.05, 0.4).paint(peel)
    stage.part(ellipse(-0.90, 0.03, 0.045, 0.06)).inflate(0.02).paint(HUSK)
    stage.stand(0.0, 0.52, 0.5, 0.1)


def pear(stage: Stage, peel: Finish) -> None:
    outline = smooth(
        [
            (0.0, -0.72),
            (0.16, -0.66),
            (0.24, -0.40),
            (0.36, -0.12),
            (0.58, 0.20),
            (0.56, 0.58),
            (0.30, 0.80),
            (0.0, 0.79),
            (-0.30, 0.80),
            (-0.56, 0.58),
            (-0.58, 0.20),
            (-0.36, -0.12),
            (-0.24, -0.40),
            (-0.16, -0.66),
        ]
    )
    stage.part(outline).inflate(0.24, 1.1).inflate(0.08, 0.5).paint(peel.of("waxy"))
    stage.stroke(0.05, line((0.0, -0.70), (0.03, -0.84), (0.10, -0.95))).inflate(0.02).paint(STEM)
    leaf(stage, 0.04, -0.80, 0.42, 0.1)
    stage.stand(0.0, 0.77, 0.36, 0.1)


def banana(stage: Stage, peel: Finish) -> None:
    """Three bananas of one hand, fanned out from the stem."""
    skin = peel.of("waxy")
    for turn in (-0.20, 0.0, 0.20):
        cos, sin = np.cos(turn), np.sin(turn)
        fan = np.array([[cos, sin], [-sin, cos]])
        body = np.array(
            [
                (0.0, -0.06),
                (0.13, 0.0),
                (0.24, 0.36),
                (0.62, 0.64),
                (1.10, 0.62),
                (1.46, 0.38),
                (1.54, 0.44),
                (1.30, 0.80),
                (0.82, 1.00),
                (0.34, 0.84),
                (0.04, 0.42),
                (-0.06, 0.02),
            ]
        )
        ridge = np.array([(0.04, 0.10), (0.20, 0.50), (0.66, 0.82), (1.12, 0.74), (1.48, 0.44)])
        place = (-0.76, -0.50)
        part = stage.part(smooth([(x, y) for x, y in body @ fan + place])).shade(0.45, 0.05)
        part.inflate(0.10, 1.2).inflate(0.03, 0.4).paint(skin)
        spine = line(*[(x, y) for x, y in ridge @ fan + place])
        stage.stroke(0.022, spine).darken(0.14)
        x, y = np.array([1.51, 0.41]) @ fan + place
        stage.part(ellipse(float(x), float(y), 0.05, 0.045)).inflate(0.02).paint(STEM)
    stem = line((-0.74, -0.44), (-0.80, -0.60), (-0.77, -0.74))
    stage.stroke(0.14, stem).inflate(0.045).paint(skin.toned(0.7))
    stage.part(ellipse(-0.77, -0.79, 0.07, 0.03)).paint(STEM)
    stage.stand(0.05, 0.62, 0.5, 0.1)


def strawberry(stage: Stage, peel: Finish) -> None:
    outline = smooth(
        [
            (0.0, -0.48),
            (0.34, -0.54),
            (0.64, -0.34),
            (0.62, 0.06),
            (0.34, 0.56),
            (0.0, 0.84),
            (-0.34, 0.56),
            (-0.62, 0.06),
            (-0.64, -0.34),
            (-0.34, -0.54),
        ]
    )
    stage.part(outline).inflate(0.22, 1.2).inflate(0.07, 0.5).paint(peel)
    seed = solid("skin", 244, 214, 120)
    pits, pips = [], []
    for row in range(7):
        y = -0.34 + row * 0.155
        half = 0.56 - max(0.0, y - 0.0) * 0.62
        count = max(2, round(half * 8))
        for column in range(count):
            x = (column + 0.5 + 0.25 * (row % 2) - count / 2 - 0.125) * 2 * half / count
            pits.append(ellipse(x, y, 0.042, 0.052, steps=12))
            pips.append(ellipse(x, y, 0.022, 0.034, steps=10))
    stage.part(*pits).darken(0.35)
    stage.part(*pips).inflate(0.015).paint(seed)
    for turn in (-2.7, -2.1, -0.45, -1.0, 0.35, 2.8):
        leaf(stage, 0.0, -0.50, 0.44, turn, HUSK)
    stage.stroke(0.05, line((0.0, -0.50), (0.02, -0.70), (0.08, -0.82))).inflate(0.02).paint(HUSK)
    stage.stand(0.0, 0.76, 0.24, 0.07)


def grapes(stage: Stage, peel: Finish) -> None:
    stage.stroke(0.05, line((0.0, -0.5), (0.02, -0.75), (0.12, -0.92))).inflate(0.02).paint(STEM)
    leaf(stage, 0.04, -0.70, 0.5, -0.1)
    rows = (
        (4, -0.46),
        (5, -0.28),
        (4, -0.10),
        (5, 0.06),
        (4, 0.22),
        (3, 0.40),
        (2, 0.58),
        (1, 0.74),
    )
    for index, (count, y) in enumerate(rows):
        for column in range(count):
            x = (column - (count - 1) / 2) * 0.27 + 0.02 * (-1) ** index
            grape = stage.part(ellipse(x, y, 0.168, 0.172, steps=28)).shade(0.55, 0.045)
            grape.ball(x, y, 0.172, 0.176).paint(peel.of("waxy"))
    stage.stand(0.0, 0.84, 0.3, 0.08)


def watermelon(stage: Stage, flesh: Finish) -> None:
    """A slice: rind, white, flesh and pips."""
    rind = solid("skin", 40, 110, 50)
    pale = solid("skin", 214, 232, 190)
    edge = [
        (-0.94, -0.34, 1.0),
        (0.94, -0.34, 1.0),
        (0.80, 0.18),
        (0.42, 0.52),
        (0.0, 0.62),
        (-0.42, 0.52),
        (-0.80, 0.18),
    ]
    for finish, factor in ((rind, 1.0), (pale, 0.925), (flesh, 0.865)):
        knots = [(x * factor, (y + 0.34) * factor - 0.34, *rest) for x, y, *rest in edge]
        stage.part(smooth(knots)).inflate(0.03, 0.7 if finish is rind else 0.25).paint(finish)
    pips = [
        ellipse(x, y, 0.032, 0.05, turn=-x, steps=14)
        for x, y in (
            (-0.56, -0.12),
            (-0.30, 0.02),
            (-0.34, 0.26),
            (0.0, 0.10),
            (0.02, 0.36),
            (0.30, 0.02),
            (0.34, 0.26),
            (0.58, -0.10),
            (-0.12, -0.16),
            (0.16, -0.18),
        )
    ]
    stage.part(*pips).inflate(0.02).paint(solid("plastic", 40, 24, 18))
    stage.part(box(-0.94, -0.36, 0.94, -0.33)).darken(0.12)
    stage.stand(0.0, 0.60, 0.4, 0.09)
