"""How a product stands or lies before the camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.demo.outline import Plane


@dataclass(frozen=True)
class Pose:
    """Lengths are in half picture widths, angles in radians."""

    scale: float
    turn: float
    mirror: bool
    shift: tuple[float, float]
    tilt: tuple[float, float]
    yaw: float
    elevation: float


def homography(size: int, pose: Pose) -> Plane:
    """The map from the product's coordinates to pixels, with a little perspective."""
    cos, sin = np.cos(pose.turn), np.sin(pose.turn)
    k = size * 0.5 * pose.scale
    flip = np.diag([-1.0 if pose.mirror else 1.0, 1.0, 1.0])
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    tilt = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [pose.tilt[0], pose.tilt[1], 1.0]])
    middle = [size * (0.5 + 0.5 * shift) for shift in pose.shift]
    place = np.array([[k, 0.0, middle[0]], [0.0, k, middle[1]], [0.0, 0.0, 1.0]])
    matrix: Plane = place @ tilt @ turn @ flip
    return matrix
