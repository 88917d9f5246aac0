"""Numbers to a few bits, so that what they are for changes least.

Rounding each weight to its nearest costs a small net more than all else in int8, because the errors
of one output add up. Rounded one after the other, with each error made good by the weights that are
still to come, they nearly cancel out on what the net really sees (Frantar and others, GPTQ). What
the layers before have lost is made good in the same way, as far as it can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

HIGHEST = 64
"""CPUs without VNNI add products of 8-bit weights up in 16 bits and overflow. One bit less and a
vector is the same whichever CPU made it, so an index may be filled on one and asked on another."""

_WIDTHS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
_FITTING, _ROUNDING = 1e-3, 1e-2
"""How far, as a part of the mean variance, some photos are not taken for all photos."""
_PHOTOS_AT_ONCE = 16
_WIDE = 20
"""Of maps wider than this every other row and column says enough."""


@dataclass(frozen=True)
class Grid:
    """The 256 evenly spaced numbers that activations of one place are kept as."""

    scale: float
    zero: int

    def kept(self, values: Floats) -> Floats:
        steps = np.clip(np.rint(values / np.float32(self.scale)) + self.zero, 0, 255)
        return np.asarray((steps - self.zero) * np.float32(self.scale), np.float32)


def grid_for(values: Floats) -> Grid:
    """The grid that keeps `values` best: the rarest are cut off where that makes steps smaller."""
    low, high = min(float(values.min()), 0.0), float(values.max())
    grids = [_grid(low * width, high * width) for width in _WIDTHS]
    return min(grids, key=lambda grid: float(np.square(grid.kept(values) - values).mean()))


def _grid(low: float, high: float) -> Grid:
    scale = max(high - low, 1e-6) / 255
    return Grid(scale, round(-low / scale))


@dataclass(frozen=True)
class Convolution:
    weight: Floats
    """[out, in, kernel, kernel]"""
    bias: Floats
    stride: int

    def __call__(self, seen: Floats) -> Floats:
        """[n, height, width, in] to [n, height, width, out]."""
        flat = self.weight.reshape(len(self.weight), -1).T
        return np.concatenate([some @ flat + self.bias for some in self.patches(seen)])

    def patches(self, seen: Floats) -> Iterator[Floats]:
        """What each output is made of, some photos at a time: [n, height, width, of a weight]."""
        size = self.weight.shape[2]
        around = size // 2
        for first in range(0, len(seen), _PHOTOS_AT_ONCE):
            some = seen[first : first + _PHOTOS_AT_ONCE]
            padded = np.pad(some, ((0, 0), (around, around), (around, around), (0, 0)))
            windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), (1, 2))
            windows = windows[:, :: self.stride, :: self.stride]
            yield windows.reshape(*windows.shape[:3], -1)


@dataclass(frozen=True)
class Rounded:
    steps: npt.NDArray[np.int8]
    """The weights, in steps of their output's `scales`."""
    scales: Floats
    bias: Floats

    def convolution(self, stride: int) -> Convolution:
        return Convolution(self.steps * self.scales[:, None, None, None], self.bias, stride)


def rounded(exact: Convolution, meant: Floats, seen: Floats) -> Rounded:
    """A convolution in whole steps that makes of `seen` what the exact one makes of `meant`: the
    same photos at the same place, as int8 keeps them and as they are."""
    about = _moments(exact, meant, seen)
    weight = exact.weight.reshape(len(exact.weight), -1).astype(np.float64)
    ridge = about.ridge(_FITTING)
    fitted = weight @ (about.shared + ridge) @ np.linalg.inv(about.spread + ridge)
    scales = np.maximum(np.abs(fitted).max(1), 1e-9) / HIGHEST
    makes_good = _makes_good(about.spread + about.ridge(_ROUNDING))
    steps = np.zeros_like(fitted)
    for place in range(fitted.shape[1]):
        steps[:, place] = np.clip(np.rint(fitted[:, place] / scales), -HIGHEST, HIGHEST)
        error = fitted[:, place] - steps[:, place] * scales
        fitted[:, place + 1 :] -= np.outer(error, makes_good[place, place + 1 :])
    # What all patches have in common is the bias's to make good.
    bias = exact.bias + weight @ about.mean_meant - (steps * scales[:, None]) @ about.mean
    return Rounded(
        steps.reshape(exact.weight.shape).astype(np.int8),
        scales.astype(np.float32),
        bias.astype(np.float32),
    )


@dataclass(frozen=True)
class _Moments:
    """Of the patches that a convolution looks at."""

    mean: Doubles
    mean_meant: Doubles
    spread: Doubles
    shared: Doubles
    """Covariance of what is meant (rows) and what is seen."""

    def ridge(self, part: float) -> Doubles:
        size = len(self.mean)
        return np.asarray((part * np.trace(self.spread) / size + 1e-12) * np.eye(size))


def _moments(convolution: Convolution, meant: Floats, seen: Floats) -> _Moments:
    size = convolution.weight[0].size
    count, sums, products = 0, np.zeros((2, size)), np.zeros((2, size, size))
    each = zip(convolution.patches(meant), convolution.patches(seen), strict=True)
    for both in each:
        step = 2 if both[0].shape[1] > _WIDE else 1
        right, kept = (patches[:, ::step, ::step].reshape(-1, size) for patches in both)
        count += len(kept)
        sums += kept.sum(0, np.float64), right.sum(0, np.float64)
        products += kept.T @ kept, right.T @ kept
    (mean, mean_meant), (own, shared) = sums / count, products / count
    return _Moments(
        mean, mean_meant, own - np.outer(mean, mean), shared - np.outer(mean_meant, mean)
    )


def _makes_good(spread: Doubles) -> Doubles:
    """Row by row: how much each later weight has to change for one that was rounded."""
    upper = np.linalg.cholesky(np.linalg.inv(spread)).T
    return np.asarray(upper / np.diag(upper)[:, None])
