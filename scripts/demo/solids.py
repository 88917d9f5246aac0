"""Solids: things turned on a wheel, and things built of boards and rods in three dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import dist

import numpy as np

from scripts.demo.canvas import Part, Stage
from scripts.demo.finish import Finish
from scripts.demo.outline import Knot, Plane, Points, ellipse, smooth

DISTANCE = 5.5  # from the camera to the middle of the product
Spot = tuple[float, float, float]


class Wheel:
    """A surface of revolution seen from a little above.

    The profile runs from top to bottom as ``(radius, y)``; a third value marks a corner.
    """

    def __init__(self, stage: Stage, profile: Sequence[Knot], x: float = 0.0) -> None:
        self.stage = stage
        self.x = x
        self.lean = float(np.sin(stage.pose.elevation))
        curve = smooth([*profile], closed=False, steps=12)
        # Interpolation needs y to grow; a foot that tucks under is drawn as a straight step.
        rising = np.maximum.accumulate(curve[:, 1]) + np.arange(len(curve)) * 1e-5
        self.radius = np.maximum(curve[:, 0], 1e-3)
        self.y = rising
        self.top, self.bottom = float(rising[0]), float(rising[-1])

    def body(self) -> Part:
        """The outside: silhouette, slopes, and a pattern that runs around it."""
        right = np.stack([self.x + self.radius, self.y], axis=1)
        left = np.stack([self.x - self.radius[::-1], self.y[::-1]], axis=1)
        under = self.ring(self.bottom, self.radius[-1])
        over = self.ring(self.top, self.radius[0])
        part = self.stage.part(np.concatenate([right, left]).astype(np.float32), under, over)

        across = part.u - np.float32(self.x)
        height = part.v
        for _ in range(2):
            radius = self._at(height, self.radius)
            part_x = np.clip(across / radius, -0.985, 0.985)
            depth = np.sqrt(1 - part_x * part_x)
            height = part.v - radius * depth * np.float32(self.lean)
        flare = self._at(height, np.gradient(self.radius, self.y))
        flare = np.clip(flare, -2.5, 2.5)
        toward = np.maximum(depth, 0.2)
        part.slope(part_x / toward, (-flare + self.lean * depth) / toward * np.float32(0.8))
        part.pattern_u = np.arcsin(part_x) * np.float32(self.radius.max())
        part.pattern_v = height
        return part

    def ring(self, y: float, radius: float) -> Points:
        return ellipse(self.x, y, float(radius), float(radius) * self.lean)

    def mouth(self, finish: Finish, wall: float = 0.035) -> None:
        """The rim and the dark inside of an open vessel."""
        finish, radius = finish.matt(), float(self.radius[0])
        self.stage.part(self.ring(self.top, radius)).slope(0.0, -0.5).paint(finish.toned(1.06))
        inner = radius - wall
        inside = self.stage.part(self.ring(self.top, inner))
        across = (inside.u - np.float32(self.x)) / np.float32(inner)
        inside.slope(-across * np.float32(1.2), 0.3)
        inside.paint(finish.toned(0.62))
        down = (inside.v - np.float32(self.top)) / np.float32(max(inner * self.lean, 1e-3))
        inside.darken(np.clip(np.float32(0.30) - down * np.float32(0.34), 0, 0.7))

    def lid(self, finish: Finish) -> None:
        """A flat top."""
        self.stage.part(self.ring(self.top, float(self.radius[0]))).slope(0.0, -0.7).paint(finish)

    def _at(self, height: Plane, values: Points) -> Plane:
        """A quantity of the profile at each height, by a table: much faster than searching."""
        count = 256
        table = np.interp(np.linspace(self.top, self.bottom, count), self.y, values)
        scale = np.float32((count - 1) / max(self.bottom - self.top, 1e-6))
        index = np.clip((height - np.float32(self.top)) * scale, 0, count - 1).astype(np.int32)
        found: Plane = np.take(table.astype(np.float32), index)
        return found


class Frame:
    """Boards and rods in space, drawn from back to front. x right, y down, z to the camera."""

    def __init__(self, stage: Stage, yaw: float, size: float = 1.0) -> None:
        self.stage = stage
        self.size = size
        cos, sin = np.cos(yaw), np.sin(yaw)
        up, down = np.cos(stage.pose.elevation), np.sin(stage.pose.elevation)
        spin = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
        nod = np.array([[1, 0, 0], [0, up, down], [0, -down, up]])
        self.view = nod @ spin
        self.jobs: list[tuple[float, Callable[[], None]]] = []

    def spots(self, points: Sequence[Spot]) -> tuple[Points, Plane]:
        seen = np.asarray(points) @ self.view.T
        nearer = self.size * DISTANCE / (DISTANCE - seen[:, 2])
        return (seen[:, :2] * nearer[:, None]).astype(np.float32), seen[:, 2]

    def board(self, low: Spot, high: Spot, finish: Finish, soft: float = 0.0) -> None:
        """A box between two corners; ``soft`` rounds its edges, as upholstery does."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        sides: list[tuple[Spot, list[Spot]]] = [
            ((-1, 0, 0), [(x0, y0, z0), (x0, y0, z1), (x0, y1, z1), (x0, y1, z0)]),
            ((1, 0, 0), [(x1, y0, z0), (x1, y0, z1), (x1, y1, z1), (x1, y1, z0)]),
            ((0, -1, 0), [(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)]),
            ((0, 1, 0), [(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)]),
            ((0, 0, -1), [(x0, y0, z0), (x1, y0, z0), (x1, y1, z0), (x0, y1, z0)]),
            ((0, 0, 1), [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)]),
        ]
        visible: list[tuple[float, Points, Plane, tuple[float, float]]] = []
        for normal, corners in sides:
            facing = self.view @ np.array(normal)
            flat, depth = self.spots(corners)
            if facing[2] > 0.03:
                edges = (dist(corners[0], corners[1]), dist(corners[0], corners[3]))
                visible.append((float(depth.mean()), flat, facing, edges))
        visible.sort(key=lambda side: side[0])

        def draw() -> None:
            for _, flat, facing, edges in visible:
                part = self.stage.part(flat)
                _along_edges(part, flat, edges, finish.stuff.texture == "wood")
                toward = max(float(facing[2]), 0.4)
                part.slope(float(facing[0]) / toward, float(facing[1]) / toward)
                if soft:
                    part.shade(0.35, 0.05).inflate(soft, 0.8)
                part.paint(finish)

        _, depth = self.spots([((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2)])
        self.jobs.append((float(depth[0]), draw))

    def rod(self, start: Spot, end: Spot, finish: Finish, thick: float, thin: float = 0.0) -> None:
        """A round bar, tapering from ``thick`` to ``thin``."""
        (a, b), depth = self.spots([start, end])
        thin = thin or thick

        def draw() -> None:
            course = (b - a) / max(float(np.hypot(*(b - a))), 1e-6)
            side = np.array([-course[1], course[0]], np.float32)
            ends = [a + side * thick, b + side * thin, b - side * thin, a - side * thick]
            caps = [
                ellipse(a[0], a[1], thick, thick, steps=20),
                ellipse(b[0], b[1], thin, thin, steps=20),
            ]
            part = self.stage.part(np.stack(ends), *caps)
            off = (part.u - a[0]) * side[0] + (part.v - a[1]) * side[1]
            off = np.clip(off / np.float32(max(thick, thin)), -0.95, 0.95)
            steep = off / np.sqrt(1 - off * off)
            part.slope(steep * side[0], steep * side[1])
            part.along(float(np.arctan2(-course[0], course[1])), float(a[0]), float(a[1]))
            part.paint(finish)

        self.jobs.append((float(depth.mean()), draw))

    def foot(self, spot: Spot, size: float = 0.09) -> None:
        """Where a leg meets the ground."""
        (place,), _ = self.spots([spot])
        self.stage.stand(float(place[0]), float(place[1]), size, size * 0.4)

    def draw(self) -> None:
        for _, job in sorted(self.jobs, key=lambda item: item[0]):
            job()


def _along_edges(part: Part, flat: Points, edges: tuple[float, float], grain: bool) -> None:
    """Lays the pattern on a board's face; the grain of wood runs along its longer edge."""
    first, second = (flat[1] - flat[0]) / edges[0], (flat[3] - flat[0]) / edges[1]
    area = first[0] * second[1] - first[1] * second[0]
    x, y = part.u - flat[0, 0], part.v - flat[0, 1]
    across = (x * second[1] - y * second[0]) / area
    down = (y * first[0] - x * first[1]) / area
    swap = grain and edges[0] > edges[1]
    part.pattern_u, part.pattern_v = (down, across) if swap else (across, down)
