"""Scaling from zero, by simulation: days of shoppers through what starts and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from scripts.cost.platforms import Day, Work, of_containers, of_lambda
from scripts.cost.traces import TRACES, Trace, arrivals
from scripts.cost.workload import SECONDS_A_MONTH, Numbers, Workload

_DAYS_A_MONTH = SECONDS_A_MONTH / 86_400
KEPT_READY = (0, 1, 3)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Of one trace on one setting. Milliseconds are without the way to the shopper."""

    trace: str
    setting: str
    queries: int
    p50: float
    p95: float
    p99: float
    cold: float
    """The share of shoppers who met a start."""
    turned_away: float
    """The share who were told to come again, 503."""
    dollars: float
    """A month of such days, of what computes alone, free allowances not taken off."""


class _Platform(NamedTuple):
    door: str
    setting: str
    day: Callable[..., Day]
    bill: Callable[[Day, int, Numbers], float]


def outcomes(workload: Workload, numbers: Numbers, seed: int = 7) -> Iterator[Outcome]:
    for trace in TRACES:
        times = arrivals(trace, np.random.default_rng(seed))
        for platform in _PLATFORMS:
            for always in KEPT_READY:
                dice = np.random.default_rng(seed + 1)
                work = Work.of(len(times), platform.door, workload, numbers, dice)
                figures = numbers.figures[platform.door]
                day = platform.day(times, work, figures, dice, always=always)
                dollars = platform.bill(day, len(times), numbers)
                yield _outcome(trace, platform.setting.format(always), len(times), day, dollars)


def lambda_day(day: Day, queries: int, numbers: Numbers) -> float:
    rate, own = numbers.prices["lambda"], numbers.figures["lambda"]
    a_second = day.kept_seconds * rate["provisioned_gb_second"]
    a_second += day.busy_kept_seconds * rate["provisioned_busy_gb_second"]
    a_second += (day.busy_seconds - day.busy_kept_seconds) * rate["gb_second"]
    return a_second * own["memory_mb"] / 1024 + queries / 1e6 * rate["million_requests"]


def container_day(day: Day, queries: int, numbers: Numbers) -> float:
    rate, own = numbers.prices["container_apps"], numbers.figures["container"]
    idle = max(0.0, min(day.kept_seconds, day.up_seconds - day.busy_seconds))
    active = max(0.0, day.up_seconds - idle)
    processors = active * rate["vcpu_second"] + idle * rate["vcpu_second_idle"]
    memory = day.up_seconds * own["gib"] * rate["gib_second"]
    return own["vcpu"] * processors + memory + queries / 1e6 * rate["million_requests"]


def _outcome(trace: Trace, setting: str, queries: int, day: Day, dollars: float) -> Outcome:
    p50, p95, p99 = np.percentile(day.waited, [50, 95, 99])
    return Outcome(
        trace=trace.name,
        setting=setting,
        queries=queries,
        p50=float(p50),
        p95=float(p95),
        p99=float(p99),
        cold=day.cold / queries,
        turned_away=day.turned_away / queries,
        dollars=dollars * _DAYS_A_MONTH,
    )


_PLATFORMS = (
    _Platform("lambda", "Lambda, {} provisioned", of_lambda, lambda_day),
    _Platform("container", "Container Apps, from {}", of_containers, container_day),
)
