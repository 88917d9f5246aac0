"""The stage: where a product is put together from parts before any light falls on it.

A part is an antialiased mask, the slope of its surface at every pixel, and a finish. Parts are laid
over each other into planes (colour, slope, shine ...), and the light is computed once at the end,
so that a product of thirty parts costs little more than one of three.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from PIL import Image, ImageDraw

from scripts.demo.blur import soften
from scripts.demo.finish import Finish
from scripts.demo.outline import Plane, Points
from scripts.demo.pose import Pose, homography

FINER = 3  # masks are drawn this much finer than the picture, then averaged
STEEPEST = 3.5  # a slope beyond this looks the same and only invites overflow
RED, GREEN, BLUE, SLOPE_X, SLOPE_Y, SHINE, GLOSS, METAL, OPEN = range(9)


class Stage:
    def __init__(self, size: int, pose: Pose, rng: np.random.Generator) -> None:
        self.size = size
        self.pose = pose
        self.rng = rng
        self.per_unit = size * 0.5 * pose.scale
        self.pixel = 1.0 / self.per_unit
        self.planes = np.zeros((9, size, size), np.float32)
        self.cover = np.zeros((size, size), np.float32)
        self.feet: list[tuple[float, float, float, float]] = []
        self.clouds: dict[tuple[int, int], Plane] = {}
        self.matrix = homography(size, pose)

    @cached_property
    def grid(self) -> tuple[Plane, Plane]:
        """The product's own coordinates of every pixel."""
        a = np.linalg.inv(self.matrix).astype(np.float32)
        across = np.arange(self.size, dtype=np.float32)[None, :] + np.float32(0.5)
        down = across.reshape(-1, 1)
        w = a[2, 0] * across + a[2, 1] * down + a[2, 2]
        x = (a[0, 0] * across + a[0, 1] * down + a[0, 2]) / w
        y = (a[1, 0] * across + a[1, 1] * down + a[1, 2]) / w
        return x, y

    @cached_property
    def grain(self) -> Plane:
        """Fine noise, the same for every part."""
        return self.rng.standard_normal((self.size, self.size), np.float32)

    @cached_property
    def creases(self) -> tuple[Plane, Plane]:
        """The slopes of cloth that has been worn: soft waves, and creases that come and go."""
        waves = self.noise(4, 3) * 0.30 + self.noise(9, 3) * 0.20
        drape = self.noise(8, 2) + 0.5 * self.noise(5, 5)
        crease = np.exp(-8 * drape * drape) * np.clip(self.noise(5, 4) + 0.3, 0, 1)
        down, across = np.gradient(waves + np.float32(0.17) * crease)
        scale = np.float32(0.13 * self.size)
        return across * scale, down * scale

    def noise(self, columns: int, rows: int) -> Plane:
        """Smooth noise with about so many bumps across and down the picture."""
        if (columns, rows) not in self.clouds:
            small = self.rng.standard_normal((rows + 3, columns + 3), np.float32)
            window = (1.0, 1.0, columns + 2.0, rows + 2.0)
            picture = Image.fromarray(small).resize(
                (self.size, self.size), Image.Resampling.BICUBIC, box=window
            )
            self.clouds[columns, rows] = np.asarray(picture)
        return self.clouds[columns, rows]

    def project(self, points: Points) -> Points:
        m = self.matrix
        w = points @ m[2, :2] + m[2, 2]
        spots: Points = (points @ m[:2, :2].T + m[:2, 2]) / w[:, None]
        return spots

    def turned(self, x: Plane, y: Plane) -> tuple[Plane, Plane]:
        """A slope in the product's coordinates, as the camera sees it."""
        cos, sin = np.float32(np.cos(self.pose.turn)), np.float32(np.sin(self.pose.turn))
        if self.pose.mirror:
            x = -x
        return x * cos - y * sin, x * sin + y * cos

    def part(self, *outlines: Points, holes: Sequence[Points] = ()) -> Part:
        """A part filled inside its outlines."""
        shapes = [self.project(outline) for outline in outlines]
        gaps = [self.project(hole) for hole in holes]
        window = self._window(np.concatenate(shapes), 0.0)
        picture, pen = self._sheet(window)
        for shape in shapes:
            pen.polygon(self._fine(shape, window), fill=255)
        for gap in gaps:
            pen.polygon(self._fine(gap, window), fill=0)
        return self._cut(picture, window)

    def stroke(self, width: float, *lines: Points) -> Part:
        """A part that follows lines: a strap, a seam, a stem."""
        paths = [self.project(line) for line in lines]
        window = self._window(np.concatenate(paths), width * self.per_unit / 2)
        picture, pen = self._sheet(window)
        thick = max(1, round(width * self.per_unit * FINER))
        for path in paths:
            spots = self._fine(path, window)
            pen.line(spots, fill=255, width=thick, joint="curve")
            if thick > 3:
                reach = thick / 2 - 0.5
                for x, y in (spots[0], spots[-1]):
                    pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
        part = self._cut(picture, window)
        # A line finer than the finest pen keeps its weight by being fainter.
        part.mask = part.mask * min(1.0, width * self.per_unit * FINER)
        return part

    def stand(self, x: float, y: float, width: float, depth: float) -> None:
        """Says that the product touches the ground here."""
        self.feet.append((x, y, width, depth))

    def _window(self, spots: Points, reach: float) -> tuple[int, int, int, int]:
        margin = reach + 2 + 0.06 * self.per_unit
        # Two pixels at least, even for a part outside the picture: a slope needs a neighbour.
        low = np.clip(np.floor(spots.min(axis=0) - margin), 0, self.size - 2).astype(int)
        high = np.clip(np.ceil(spots.max(axis=0) + margin), low + 2, self.size).astype(int)
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def _sheet(self, window: tuple[int, int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        x0, y0, x1, y1 = window
        picture = Image.new("L", ((x1 - x0) * FINER, (y1 - y0) * FINER))
        return picture, ImageDraw.Draw(picture)

    def _fine(self, spots: Points, window: tuple[int, int, int, int]) -> list[tuple[float, float]]:
        fine = (spots - (window[0], window[1])) * FINER - 0.5
        return [(float(x), float(y)) for x, y in fine]

    def _cut(self, picture: Image.Image, window: tuple[int, int, int, int]) -> Part:
        mask = np.asarray(picture.reduce(FINER), np.float32) / np.float32(255)
        x0, y0, x1, y1 = window
        return Part(self, (slice(y0, y1), slice(x0, x1)), mask)


class Part:
    def __init__(self, stage: Stage, window: tuple[slice, slice], mask: Plane) -> None:
        self.stage = stage
        self.window = window
        self.mask = mask
        self.u = stage.grid[0][window]
        self.v = stage.grid[1][window]
        self.pattern_u, self.pattern_v = self.u, self.v
        self.slope_x: Plane = np.zeros_like(mask)
        self.slope_y: Plane = np.zeros_like(mask)

    def within(self, other: Part) -> Part:
        """Keeps only what lies inside another part, as a pocket lies inside a shirt."""
        whole = np.zeros_like(self.stage.cover)
        whole[other.window] = other.mask
        self.mask = self.mask * whole[self.window]
        return self

    def inflate(self, width: float, depth: float = 1.0) -> Part:
        """Rounds the part's edges over ``width``, as stuffing rounds a cushion."""
        reach = max(width * self.stage.per_unit, 0.6)
        down, across = np.gradient(soften(self.mask, reach))
        scale = np.float32(-2.2 * depth * reach)
        self.slope_x = self.slope_x + across * scale
        self.slope_y = self.slope_y + down * scale
        return self

    def ball(self, x: float, y: float, rx: float, ry: float, power: float = 2.0) -> Part:
        """The slopes of an egg that fills the ellipse."""
        across, down = (self.u - np.float32(x)) / rx, (self.v - np.float32(y)) / ry
        if power != 2.0:
            across = np.sign(across) * np.abs(across) ** np.float32(power - 1)
            down = np.sign(down) * np.abs(down) ** np.float32(power - 1)
        height = np.sqrt(np.clip(1 - across * across - down * down, 0.06, 1))
        return self.slope(across / height, down / height)

    def slope(self, x: Plane | float, y: Plane | float) -> Part:
        """Adds a slope given in the product's coordinates."""
        across, down = self.stage.turned(np.asarray(x, np.float32), np.asarray(y, np.float32))
        self.slope_x = self.slope_x + across
        self.slope_y = self.slope_y + down
        return self

    def crease(self, strength: float = 1.0) -> Part:
        """Adds the folds of cloth, and lets the pattern follow them."""
        across, down = self.stage.creases
        x = across[self.window] * np.float32(strength)
        y = down[self.window] * np.float32(strength)
        self.slope_x, self.slope_y = self.slope_x + x, self.slope_y + y
        sway = np.float32(0.018)
        self.pattern_u, self.pattern_v = self.pattern_u + x * sway, self.pattern_v + y * sway
        return self

    def along(self, angle: float, x: float = 0.0, y: float = 0.0) -> Part:
        """Turns the pattern, as it turns on a sleeve."""
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        u, v = self.pattern_u - np.float32(x), self.pattern_v - np.float32(y)
        self.pattern_u, self.pattern_v = u * cos + v * sin, v * cos - u * sin
        return self

    def shade(self, strength: float = 0.5, width: float = 0.03) -> Part:
        """Darkens what lies under and around this part."""
        gap = soften(self.mask, max(width * self.stage.per_unit, 0.6)) * np.float32(strength)
        self.stage.planes[OPEN][self.window] *= 1 - gap
        return self

    def darken(self, amount: Plane | float) -> Part:
        """Lays a shadow over what is already there, inside this part."""
        self.stage.planes[OPEN][self.window] *= 1 - self.mask * amount
        return self

    def paint(self, finish: Finish, opacity: float = 1.0) -> Part:
        colour, tone, bump_x, bump_y = finish.surface(self)
        mask = self.mask * np.float32(opacity) if opacity < 1 else self.mask
        cover = self.stage.cover[self.window]
        total = cover + mask - cover * mask
        weight = mask / np.maximum(total, np.float32(1e-4))
        stuff = finish.stuff
        values: tuple[Plane | float, ...] = (
            *(channel * tone for channel in colour),
            np.clip(self.slope_x + bump_x, -STEEPEST, STEEPEST),
            np.clip(self.slope_y + bump_y, -STEEPEST, STEEPEST),
            stuff.shine,
            stuff.gloss,
            stuff.metal,
            1.0,
        )
        for plane, value in zip(self.stage.planes, values, strict=True):
            under = plane[self.window]
            under += (value - under) * weight
        self.stage.cover[self.window] = total
        return self
