"""A day of shoppers: when each of them asks."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]
HOUR, DAY = 3600.0, 86_400.0


_WAKING = 0.64
"""What makes an ordinary day one on average."""


class Trace(msgspec.Struct, frozen=True):
    """`a_day` queries where nothing happens; `busier` says how many times as many as the day's
    average come at a second of it."""

    name: str
    told: str
    a_day: float
    busier: Callable[[Times], Times]


def arrivals(trace: Trace, random: np.random.Generator) -> Times:
    """Seconds of the day, rising: a Poisson process, as people come by themselves."""
    every = np.arange(0.0, DAY, 60.0)
    most = float(trace.busier(every).max()) * 1.01
    rate = trace.a_day / DAY * most
    there = random.uniform(0.0, DAY, random.poisson(rate * DAY))
    there.sort()
    kept: Times = there[random.uniform(0.0, most, len(there)) < trace.busier(there)]
    return kept


def _of_a_day(seconds: Times) -> Times:
    """Little at night, most in the evening; one on average."""
    hours = seconds / HOUR
    noon, evening = np.exp(-(((hours - 12.5) / 3.5) ** 2)), np.exp(-(((hours - 20) / 2.5) ** 2))
    return np.asarray((0.15 + noon + 1.3 * evening) / _WAKING)


def _lunch(seconds: Times) -> Times:
    hours = seconds / HOUR
    return _of_a_day(seconds) + 5.0 * np.exp(-(((hours - 12.5) / 0.5) ** 2))


def _sale(seconds: Times) -> Times:
    """Fifty times as many for a quarter of an hour, from one second to the next."""
    began = 19 * HOUR
    during = (seconds >= began) & (seconds < began + 900)
    return _of_a_day(seconds) + 50.0 * during


TRACES = (
    Trace("quiet", "a quiet shop, 200 queries a day", 200, _of_a_day),
    Trace("lunch", "20,000 a day, and everybody at lunch", 20_000, _lunch),
    Trace("sale", "100,000 a day, and a flash sale: 50 times as many at once", 100_000, _sale),
)
