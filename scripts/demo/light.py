"""Light: from the stage's planes and a backdrop to the finished photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from scripts.demo.blur import soften
from scripts.demo.canvas import GLOSS, METAL, OPEN, SHINE, SLOPE_X, SLOPE_Y, Stage
from scripts.demo.outline import Plane


@dataclass(frozen=True)
class Light:
    """The key light's direction (x right, y down, z to the camera) and the camera's habits."""

    x: float
    y: float
    z: float
    strength: float
    ambient: float
    warmth: float
    vignette: float
    noise: float
    standing: bool


def develop(stage: Stage, backdrop: Plane, light: Light) -> Image.Image:
    backdrop *= _shadows(stage, light)
    rows, columns = _used(stage.cover)
    window = (slice(None), rows, columns)
    cover = stage.cover[rows, columns]
    scene = backdrop[window]
    scene += (_lit(stage.planes[window], light) - scene) * cover
    return _exposed(stage, backdrop, light)


def _lit(planes: Plane, light: Light) -> Plane:
    slope_x, slope_y, shine = planes[SLOPE_X], planes[SLOPE_Y], planes[SHINE]
    z = 1 / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
    x, y = slope_x * z, slope_y * z

    facing = x * light.x + y * light.y + z * light.z
    key = np.maximum(facing + 0.22, 0) * (light.strength / 1.22)
    sky = light.ambient * (0.86 - 0.22 * y + 0.14 * z)
    fill = np.maximum(-x * light.x * 0.8 + z * 0.3, 0) * 0.10
    diffuse = (key + sky + fill) * planes[OPEN]

    # The highlight of the lamp, the reflection of a window, and a rim where the surface turns away.
    hx, hy, hz = _halfway(light)
    lamp = np.maximum(x * hx + y * hy + z * hz, 0)
    glint = np.exp2((lamp - 1) * planes[GLOSS] * 2.2) * shine * 0.75
    away = 1 - z
    rim = away * away * away * (shine * 0.55 + 0.05)
    mirror_x, mirror_y = 2 * z * x, 2 * z * y
    side = -0.55 if light.x < 0 else 0.55
    pane = np.minimum(_box(mirror_x, side, 0.16, 0.05), _box(mirror_y, -0.16, 0.58, 0.06))
    window = pane * np.clip(planes[GLOSS] / 40 - 0.35, 0, 1) * shine * 0.55
    highlight = (glint + window + rim) * (0.4 + 0.6 * planes[OPEN])

    metal = planes[METAL]
    if metal.any():
        sheen = 0.62 - 0.55 * mirror_y + 0.55 * _box(mirror_x, side, 0.2, 0.3)
        sheen -= 0.42 * _box(mirror_y, 0.12, 0.1, 0.25)
        diffuse = diffuse + (np.maximum(sheen, 0.08) * planes[OPEN] - diffuse) * metal
    colour = planes[:3]
    lit: Plane = colour * diffuse + highlight * (1 + (colour - 1) * metal)
    return lit


def _halfway(light: Light) -> tuple[float, float, float]:
    length = float(np.sqrt(light.x**2 + light.y**2 + (light.z + 1) ** 2))
    return light.x / length, light.y / length, (light.z + 1) / length


def _box(value: Plane, middle: float, half: float, edge: float) -> Plane:
    inside = np.float32(half) - np.abs(value - np.float32(middle))
    share: Plane = np.clip(inside / np.float32(edge) + np.float32(0.5), 0, 1)
    return share


def _used(cover: Plane) -> tuple[slice, slice]:
    rows = np.flatnonzero(cover.any(axis=1))
    columns = np.flatnonzero(cover.any(axis=0))
    if rows.size == 0:
        return slice(0, 0), slice(0, 0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _shadows(stage: Stage, light: Light) -> Plane:
    if light.standing:
        return (1 - 0.42 * _cast(stage, light)) * (1 - 0.72 * _contact(stage))
    # Lying flat: a tight dark line under the edge and a wide soft shadow away from the lamp.
    unit = stage.per_unit
    near = soften(_moved(stage.cover, -light.x * unit * 0.03, -light.y * unit * 0.03), unit * 0.018)
    wide = soften(_moved(stage.cover, -light.x * unit * 0.1, -light.y * unit * 0.1), unit * 0.08)
    return (1 - 0.38 * near) * (1 - 0.36 * wide)


def _moved(cover: Plane, x: float, y: float) -> Plane:
    picture = Image.fromarray(cover)
    moved = picture.transform(
        picture.size, Image.Transform.AFFINE, (1, 0, -x, 0, 1, -y), Image.Resampling.BILINEAR
    )
    return np.asarray(moved)


def _cast(stage: Stage, light: Light) -> Plane:
    """The product's silhouette, laid down on the ground away from the lamp."""
    ground = max((stage.project(np.array([[x, y]]))[0, 1] for x, y, _, _ in stage.feet), default=0)
    squash, lean = 0.34, -light.x * 0.75
    # For each ground pixel: which pixel of the upright product shades it.
    back = (1.0, lean / squash, -lean / squash * ground, 0.0, 1 / squash, ground * (1 - 1 / squash))
    picture = Image.fromarray(stage.cover)
    laid = picture.transform(picture.size, Image.Transform.AFFINE, back, Image.Resampling.BILINEAR)
    return soften(np.asarray(laid), stage.per_unit * 0.06)


def _contact(stage: Stage) -> Plane:
    dark = np.zeros_like(stage.cover)
    x, y = stage.grid
    for middle, base, width, depth in stage.feet:
        across, down = (x - np.float32(middle)) / width, (y - np.float32(base)) / depth
        dark += np.exp(np.float32(-1.4) * (across * across + down * down))
    return np.minimum(dark, 1)


def _exposed(stage: Stage, scene: Plane, light: Light) -> Image.Image:
    """White balance, vignette, sensor noise, and back from linear light to pixel values."""
    across = np.linspace(-1, 1, stage.size, dtype=np.float32)
    square = across * across
    fall = 1 - light.vignette * (square[None, :] + square[:, None])
    balance = np.array([1 + light.warmth, 1.0, 1 - light.warmth], np.float32)
    scene = np.sqrt(np.clip(scene * balance[:, None, None] * fall, 0, 1))
    noise = stage.grain * np.float32(light.noise)
    pixels = np.clip((scene + noise) * 255 + 0.5, 0, 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))
