"""Finishes: what a part is made of, which colours it has and how they are arranged.

Colours are kept in linear light as the square of the usual value, a close and cheap stand-in for
the true curve, so that shading multiplies and the last step is a square root.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scripts.demo import patterns, textures
from scripts.demo.outline import Plane

if TYPE_CHECKING:
    from scripts.demo.canvas import Part

Colour = tuple[float, float, float]


def linear(red: int, green: int, blue: int) -> Colour:
    return (red / 255) ** 2, (green / 255) ** 2, (blue / 255) ** 2


@dataclass(frozen=True)
class Stuff:
    """A material: how it shines and which texture it has."""

    shine: float = 0.03
    gloss: float = 8.0
    metal: float = 0.0
    texture: str = "smooth"
    fade: float = 0.0  # how much of its dye the material has lost


STUFFS = {
    "cotton": Stuff(0.02, 6, 0, "weave"),
    "linen": Stuff(0.02, 6, 0, "linen"),
    "denim": Stuff(0.02, 6, 0, "twill", 0.16),
    "wool": Stuff(0.01, 4, 0, "knit"),
    "fleece": Stuff(0.01, 4, 0, "fuzz"),
    "velvet": Stuff(0.10, 3, 0, "fuzz"),
    "silk": Stuff(0.30, 10, 0, "smooth"),
    "nylon": Stuff(0.22, 14, 0, "weave"),
    "canvas": Stuff(0.03, 6, 0, "canvas"),
    "leather": Stuff(0.30, 22, 0, "leather"),
    "suede": Stuff(0.02, 4, 0, "fuzz"),
    "felt": Stuff(0.02, 4, 0, "fuzz"),
    "straw": Stuff(0.06, 10, 0, "straw"),
    "rubber": Stuff(0.35, 26, 0, "smooth"),
    "plastic": Stuff(0.45, 40, 0, "smooth"),
    "ceramic": Stuff(0.60, 60, 0, "glaze"),
    "stoneware": Stuff(0.22, 18, 0, "speckle"),
    "glass": Stuff(0.95, 90, 0.12, "smooth"),
    "steel": Stuff(0.60, 40, 0.75, "brushed"),
    "brass": Stuff(0.60, 40, 0.75, "smooth"),
    "wood": Stuff(0.12, 16, 0, "wood"),
    "rattan": Stuff(0.10, 14, 0, "straw"),
    "skin": Stuff(0.30, 30, 0, "peel"),
    "waxy": Stuff(0.34, 34, 0, "glaze"),
    "paper": Stuff(0.0, 4, 0, "smooth"),
}


@dataclass(frozen=True)
class Finish:
    stuff: Stuff
    colour: Colour
    accent: Colour
    pattern: str = "plain"
    scale: float = 1.0
    angle: float = 0.0

    def surface(self, part: Part) -> tuple[tuple[Plane | float, ...], Plane, Plane, Plane]:
        """The colour of every pixel of a part, its tone, and the bumps of the texture."""
        if self.pattern == "plain":
            colour: tuple[Plane | float, ...] = self.colour
        else:
            colour = patterns.coloured(
                self.pattern,
                part.pattern_u,
                part.pattern_v,
                part.stage.pixel,
                (self.colour, self.accent),
                self.scale,
                self.angle,
            )
        tone, bump_x, bump_y = textures.texture(self.stuff.texture, part)
        return colour, tone, bump_x, bump_y

    def plain(self) -> Finish:
        return replace(self, pattern="plain")

    def toned(self, factor: float) -> Finish:
        """The same, darker or lighter: the inside of a collar, a rim."""
        red, green, blue = (min(1.0, channel * factor) for channel in self.colour)
        r, g, b = (min(1.0, channel * factor) for channel in self.accent)
        return replace(self, colour=(red, green, blue), accent=(r, g, b))

    def of(self, stuff: str) -> Finish:
        return replace(self, stuff=STUFFS[stuff])

    def matt(self) -> Finish:
        """Without reflections, for thin edges where they would only sparkle."""
        return replace(self, stuff=replace(self.stuff, shine=self.stuff.shine * 0.2, gloss=8.0))

    def accented(self) -> Finish:
        return replace(self, colour=self.accent, pattern="plain")

    def arranged(self, scale: float = 1.0, angle: float = 0.0) -> Finish:
        """The same pattern, larger or turned."""
        return replace(self, scale=self.scale * scale, angle=self.angle + angle)


def dyed(stuff: str, ground: Colour, accent: Colour, pattern: str) -> Finish:
    """The finish of a product: its colours as the material takes them."""
    material = STUFFS[stuff]
    keep = 1 - material.fade
    red, green, blue = (channel * keep + 0.36 * material.fade for channel in ground)
    return Finish(material, (red, green, blue), accent, pattern)


def solid(stuff: str, red: int, green: int, blue: int) -> Finish:
    """A plain finish for the details that do not follow the product's colour."""
    colour = linear(red, green, blue)
    return Finish(STUFFS[stuff], colour, colour)
