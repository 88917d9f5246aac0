"""Whether anything grew: a straight line through what was seen, and how sure it is to rise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scripts.soak.watching import Sample

SERIES = {
    "rss": "memory, MB",
    "own": "memory of its own, MB",
    "handles": "open files and connections",
    "threads": "threads",
    "disk": "disk, MB",
    "p99": "p99, ms",
}
FEWEST = 5
"""Points in the second half. In the first, caches fill and threads come that are never many."""

_SURE = 3.0
"""Standard errors that a rise must have."""
_WORTH_IT = 0.02
"""Of the mean, that it must come to within the run."""

Numbers = npt.NDArray[np.float64]


class Growth(NamedTuple):
    name: str
    mean: float
    an_hour: float
    error: float
    """Its standard error."""
    grew: bool

    def __str__(self) -> str:
        said = "GREW" if self.grew else "did not grow"
        rise = f"{self.an_hour:+.2f} an hour ± {self.error:.2f}"
        return f"{SERIES[self.name]}: {self.mean:.1f} at the mean, {rise}: {said}"


def settled(samples: Sequence[Sample]) -> Sequence[Sample]:
    return samples[len(samples) // 2 :]


def growths(samples: Sequence[Sample]) -> list[Growth]:
    """Empty where there are too few samples to tell."""
    seen = settled(samples)
    if len(seen) < FEWEST:
        return []
    hours = np.array([one.minutes / 60 for one in seen])
    return [
        _growth(name, hours, np.array([float(getattr(one, name)) for one in seen]))
        for name in SERIES
    ]


def _growth(name: str, hours: Numbers, values: Numbers) -> Growth:
    from_mean = hours - hours.mean()
    slope = float(from_mean @ values / (from_mean @ from_mean))
    left = values - values.mean() - slope * from_mean
    error = float(np.sqrt(left @ left / (len(hours) - 2) / (from_mean @ from_mean)))
    rise = slope * float(hours[-1] - hours[0])
    mean = float(values.mean())
    return Growth(name, mean, slope, error, slope > _SURE * error and rise > _WORTH_IT * mean)
