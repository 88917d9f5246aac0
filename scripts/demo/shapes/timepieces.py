"""Watches and wall clocks."""

from __future__ import annotations

import numpy as np

from scripts.demo.canvas import Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import box, ellipse, line, smooth

STEEL = solid("steel", 214, 216, 220)
GOLD = solid("brass", 222, 180, 92)
FACE = solid("paper", 246, 244, 238)
INK = solid("plastic", 34, 34, 38)


def _hand(
    stage: Stage, x: float, y: float, turn: float, length: float, width: float, ink: Finish
) -> None:
    tip = (x + length * np.sin(turn), y - length * np.cos(turn))
    tail = (x - length * 0.15 * np.sin(turn), y + length * 0.15 * np.cos(turn))
    stage.stroke(width, line(tail, tip)).shade(0.35, 0.012).paint(ink)


def _dial(stage: Stage, radius: float, face: Finish, ink: Finish) -> None:
    """Face, hour marks and hands at ten past ten."""
    stage.part(ellipse(0.0, 0.0, radius, radius, steps=72)).inflate(0.02, -0.5).paint(face)
    marks = []
    for hour in range(12):
        turn = hour * np.pi / 6
        inner = radius * (0.74 if hour % 3 == 0 else 0.82)
        spots = [(far * np.sin(turn), -far * np.cos(turn)) for far in (inner, radius * 0.91)]
        marks.append(np.array(spots, np.float32))
    stage.stroke(radius * 0.055, *marks).paint(ink)
    _hand(stage, 0.0, 0.0, -np.pi / 3 + 0.08, radius * 0.50, radius * 0.085, ink)
    _hand(stage, 0.0, 0.0, np.pi / 3, radius * 0.74, radius * 0.06, ink)
    _hand(
        stage, 0.0, 0.0, np.pi * 1.17, radius * 0.76, radius * 0.025, solid("plastic", 190, 40, 36)
    )
    stage.part(ellipse(0.0, 0.0, radius * 0.07, radius * 0.07, steps=20)).inflate(0.01).paint(ink)


def watch(stage: Stage, strap: Finish) -> None:
    case = GOLD if strap.stuff.texture == "leather" else STEEL
    metal = strap.stuff.metal > 0
    for side in (-1, 1):
        knots = [(0.20, 0.30, 1), (0.17, 0.62), (0.145, 0.97, 1)]
        knots += [(-x, *rest) for x, *rest in reversed(knots)]
        band = stage.part(smooth([(x, side * y, *rest) for x, y, *rest in knots]))
        band.inflate(0.035, 1.0).paint(strap)
        if metal:
            rows = [line((-0.2, side * y), (0.2, side * y)) for y in np.arange(0.38, 0.97, 0.075)]
            stage.stroke(0.014, *rows).within(band).darken(0.6)
        else:
            lines = [
                line((x * 0.82, side * 0.36), (x * 0.70, side * 0.66), (x * 0.6, side * 0.93))
                for x in (-0.2, 0.2)
            ]
            stage.stroke(0.010, *lines).darken(0.35)
            if side > 0:
                stage.part(
                    *(ellipse(0.0, y, 0.018, 0.018, steps=12) for y in (0.62, 0.72, 0.82))
                ).darken(0.7)
    case = strap.plain() if metal else case
    crown = stage.part(box(0.40, -0.06, 0.52, 0.06, 0.02)).inflate(0.02)
    crown.paint(case)
    rim = stage.part(ellipse(0.0, 0.0, 0.44, 0.44, steps=80)).shade(0.6, 0.04)
    rim.inflate(0.035, 1.2).paint(case)
    _dial(stage, 0.355, FACE, INK)


def clock(stage: Stage, finish: Finish) -> None:
    """A round wall clock, its frame in the product's colour."""
    rim = stage.part(ellipse(0.0, 0.0, 0.88, 0.88, steps=96))
    rim.inflate(0.045, 1.2).paint(finish)
    _dial(stage, 0.74, FACE, INK)
    stage.part(
        ellipse(0.0, 0.0, 0.745, 0.745, steps=96),
        holes=[ellipse(0.015, 0.02, 0.72, 0.72, steps=96)],
    ).darken(0.3)
