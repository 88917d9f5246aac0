"""A Gaussian blur that is fast because what it makes is smooth."""

from __future__ import annotations

import numpy as np
from PIL import Image

from scripts.demo.outline import Plane


def soften(mask: Plane, reach: float) -> Plane:
    """A Gaussian blur of ``reach`` pixels, computed small and then enlarged."""
    height, width = mask.shape
    factor = max(1, int(reach / 1.6))
    rows, columns = -(-height // factor), -(-width // factor)
    picture = Image.fromarray(np.ascontiguousarray(mask, np.float32))
    if factor > 1:
        picture = picture.resize((columns, rows), Image.Resampling.BOX)
    small = _blurred(np.asarray(picture), reach / factor)
    if factor == 1:
        return small
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def _blurred(small: Plane, sigma: float) -> Plane:
    reach = int(np.ceil(sigma * 2.5))
    kernel = np.exp(-0.5 * (np.arange(reach + 1) / sigma) ** 2)
    kernel = (kernel / (2 * kernel.sum() - kernel[0])).astype(np.float32)
    for _ in range(2):
        padded = np.pad(small, ((reach, reach), (0, 0)))
        rows = small.shape[0]
        total = kernel[0] * small
        for step in range(1, reach + 1):
            above = padded[reach - step : reach - step + rows]
            below = padded[reach + step : reach + step + rows]
            total += kernel[step] * (above + below)
        small = np.ascontiguousarray(total.T)
    return small
