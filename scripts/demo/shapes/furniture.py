"""Chairs, stools, armchairs and cushions."""

from __future__ import annotations

import numpy as np

from scripts.demo.canvas import Stage
from scripts.demo.finish import Finish, solid
from scripts.demo.outline import ellipse, smooth
from scripts.demo.solids import Frame, Wheel

OAK = solid("wood", 196, 150, 100)
WALNUT = solid("wood", 112, 74, 46)


def chair(stage: Stage, finish: Finish) -> None:
    """A dining chair: four legs, a seat, a back of slats."""
    frame = Frame(stage, stage.pose.yaw, size=0.90)
    legs = [(x, z) for x in (-0.42, 0.42) for z in (-0.40, 0.40)]
    for x, z in legs:
        foot = (x * 1.12, 0.92, z * 1.12)
        frame.rod((x, 0.14, z), foot, finish, 0.050, 0.034)
        frame.foot(foot)
    for x in (-0.44, 0.44):
        frame.rod((x, 0.50, -0.41), (x, 0.52, 0.41), finish, 0.022)
    frame.board((-0.50, 0.08, -0.47), (0.50, 0.165, 0.49), finish)
    for x in (-0.42, 0.42):
        frame.rod((x, 0.10, -0.42), (x * 1.04, -0.92, -0.56), finish, 0.044, 0.036)
    for y in (-0.84, -0.58, -0.32):
        back = -0.42 - (0.10 - y) * 0.137
        frame.board((-0.42, y - 0.075, back - 0.02), (0.42, y + 0.075, back + 0.02), finish)
    frame.draw()


def stool(stage: Stage, finish: Finish) -> None:
    """A bar stool: a round cushion on four splayed legs with a ring."""
    frame = Frame(stage, stage.pose.yaw)
    for x in (-1, 1):
        for z in (-1, 1):
            foot = (x * 0.44, 0.92, z * 0.44)
            frame.rod((x * 0.24, -0.52, z * 0.24), foot, OAK, 0.046, 0.034)
            frame.foot(foot, 0.08)
    corners = [(-0.36, 0.36, -0.36), (0.36, 0.36, -0.36), (0.36, 0.36, 0.36), (-0.36, 0.36, 0.36)]
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        frame.rod(start, end, OAK, 0.022)
    frame.draw()
    seat = Wheel(stage, [(0.40, -0.80), (0.46, -0.74), (0.46, -0.62), (0.42, -0.56)])
    seat.body().shade(0.5, 0.05).paint(finish)
    top = stage.part(seat.ring(-0.80, 0.43)).inflate(0.05, 0.8)
    top.pattern_v = top.v / np.float32(max(seat.lean, 0.15))
    top.slope(0.0, -0.6).paint(finish)


def armchair(stage: Stage, finish: Finish) -> None:
    """A padded chair with arms, on short wooden legs."""
    legs = Frame(stage, stage.pose.yaw * 0.8, size=0.94)
    for x in (-0.56, 0.56):
        for z in (-0.42, 0.46):
            legs.rod((x, 0.56, z), (x * 1.06, 0.90, z * 1.06), WALNUT, 0.055, 0.034)
            legs.foot((x * 1.06, 0.90, z * 1.06), 0.12)
    legs.draw()
    frame = Frame(stage, stage.pose.yaw * 0.8, size=0.94)
    frame.board((-0.66, -0.86, -0.62), (0.66, 0.62, -0.34), finish, 0.07)
    frame.board((-0.50, 0.26, -0.34), (0.50, 0.62, 0.53), finish, 0.04)
    frame.board((-0.50, 0.02, -0.34), (0.50, 0.27, 0.58), finish.toned(1.04), 0.06)
    for x in (-0.70, 0.50):
        frame.board((x, -0.16, -0.54), (x + 0.20, 0.62, 0.56), finish, 0.06)
    frame.draw()


def cushion(stage: Stage, finish: Finish) -> None:
    """A square cushion, its corners drawn out by the stuffing."""
    outline = smooth(
        [
            (-0.82, -0.82, 1),
            (0.0, -0.71),
            (0.82, -0.82, 1),
            (0.71, 0.0),
            (0.82, 0.82, 1),
            (0.0, 0.71),
            (-0.82, 0.82, 1),
            (-0.71, 0.0),
        ],
        steps=14,
    )
    stage.stroke(0.035, np.concatenate([outline, outline[:1]])).inflate(0.014).paint(
        finish.plain().toned(0.72)
    )
    part = stage.part(outline).inflate(0.20, 0.8).inflate(0.07, 0.5).crease(0.45)
    bulge = np.float32(0.05)
    part.pattern_u = part.pattern_u * (1 + bulge * (part.v * part.v - 1))
    part.pattern_v = part.pattern_v * (1 + bulge * (part.u * part.u - 1))
    part.paint(finish)


def round_cushion(stage: Stage, finish: Finish) -> None:
    """A round cushion, tufted by a button in the middle."""
    part = stage.part(ellipse(0.0, 0.0, 0.84, 0.84, steps=90)).inflate(0.16, 1.0).inflate(0.05, 0.5)
    far = np.maximum(np.hypot(part.u, part.v), 0.03)
    turn = np.arctan2(part.v, part.u)
    gather = np.sin(turn * 16) * np.exp(-far * 3.2) * np.float32(0.55)
    across, down = part.u / far, part.v / far
    dip = -np.exp(-(far * far) * 14) * np.float32(0.9)
    part.slope(across * dip - down * gather, down * dip + across * gather).paint(finish)
    tuft = stage.part(ellipse(0.0, 0.0, 0.075, 0.075, steps=24)).shade(0.7, 0.05)
    tuft.inflate(0.03).paint(finish.plain().toned(0.8))
