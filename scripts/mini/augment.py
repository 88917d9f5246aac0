"""Each time a view is seen it is cut, turned and lit a little differently."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def seen_anew(pixels: Tensor, side: int, dice: torch.Generator) -> Tensor:
    """uint8 [n, h, w, 3] to normalised [n, 3, side, side], mirrored half the time."""
    n = len(pixels)
    device = pixels.device

    def between(low: float, high: float, *shape: int) -> Tensor:
        return (torch.rand(n, *shape, generator=dice) * (high - low) + low).to(device)

    scale = between(0.72, 1.04)
    stretch = between(-0.08, 0.08).exp()
    turn = between(-0.12, 0.12)
    mirror = torch.where(between(0, 1) < 0.5, -1.0, 1.0)
    across, down = scale * stretch, scale / stretch
    place = torch.stack(
        [
            torch.stack([mirror * across * turn.cos(), -down * turn.sin()], 1),
            torch.stack([mirror * across * turn.sin(), down * turn.cos()], 1),
        ],
        1,
    )
    room = (1.02 - scale).clamp(min=0)[:, None] * between(-1, 1, 2)
    grid = functional.affine_grid(
        torch.cat([place, room[:, :, None]], 2), [n, 3, side, side], False
    )
    images = pixels.permute(0, 3, 1, 2).float()
    images = functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    # Light and white balance vary; hue does not, because a colour is what people search for.
    light = between(0.85, 1.15, 1, 1, 1) * between(0.96, 1.04, 3, 1, 1)
    contrast = between(0.85, 1.15, 1, 1, 1)
    middle = images.mean((1, 2, 3), keepdim=True)
    images = ((images - middle) * contrast + middle) * light
    return (images.clamp(0, 255) - 128) / 64
