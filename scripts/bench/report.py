"""How a figure is taken and how it is told."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import msgspec


@dataclass(frozen=True, slots=True)
class Scale:
    """How big and how long to measure."""

    products: int
    quick: bool
    peers: bool
    """Beside the peers, and with the model that they are compared by, where they are installed."""

    def times(self, repetitions: int) -> int:
        return max(2, repetitions // 20) if self.quick else repetitions


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report. `peer` is the same figure of the software we compare with, taken in
    the same run; `ratio` is how many times better ours is. Where there are several peers, each has
    a line of its own, named for it, and `ratio` stands there."""

    name: str
    value: float
    unit: str
    n: int
    p50: float | None
    p95: float | None
    peer: float | None
    ratio: float | None
    machine: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of many runs of one thing, or whatever else was taken of it many times."""

    n: int
    p50: float
    p95: float

    @classmethod
    def of(cls, taken: Iterable[float]) -> Timing:
        rising = sorted(taken)
        return cls(len(rising), cls.share(rising, 0.5), cls.share(rising, 0.95))

    @staticmethod
    def share(taken: Iterable[float], share: float) -> float:
        """What so large a share of them took no longer than."""
        rising = sorted(taken)
        return rising[min(len(rising) - 1, int(len(rising) * share))]


def timed(work: Callable[[int], object], n: int, warm_up: int = 3) -> Timing:
    """`work` is given the number of the run; the first few are not counted."""
    for number in range(min(warm_up, n)):
        work(number)
    spent = []
    for number in range(n):
        began = perf_counter()
        work(number)
        spent.append((perf_counter() - began) * 1000)
    return Timing.of(spent)


@dataclass(slots=True)
class Report:
    figures: list[Figure] = field(default_factory=list)
    machine: str = ""

    def __post_init__(self) -> None:
        self.machine = self.machine or _machine()

    def time(self, name: str, ours: Timing, peer: Timing | None = None) -> None:
        self._add(name, ours.p50, "ms", ours.n, ours, peer.p50 if peer else None)
        if peer is not None:
            self._add(f"{name} (peer)", peer.p50, "ms", peer.n, peer)

    def value(
        self, name: str, value: float, unit: str, peer: float | None = None, n: int = 1
    ) -> None:
        self._add(name, value, unit, n, None, peer)

    def side_by_side(
        self,
        name: str,
        unit: str,
        taken: Mapping[str, Iterable[float]],
        peers: Collection[str],
    ) -> None:
        """What several stacks took for one thing; the first is what the peers compare with."""
        timings = {stack: Timing.of(values) for stack, values in taken.items()}
        ours = next(iter(timings.values())).p50
        for stack, timing in timings.items():
            ratio = timing.p50 / ours if stack in peers else None
            self._add(f"{name} ({stack})", timing.p50, unit, timing.n, timing, ratio=ratio)

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def _add(
        self,
        name: str,
        value: float,
        unit: str,
        n: int,
        timing: Timing | None = None,
        peer: float | None = None,
        ratio: float | None = None,
    ) -> None:
        less_is_better = unit != "recall"
        if peer is not None and value and peer:
            ratio = peer / value if less_is_better else value / peer
        figure = Figure(
            name=name,
            value=round(value, 4),
            unit=unit,
            n=n,
            p50=round(timing.p50, 4) if timing else None,
            p95=round(timing.p95, 4) if timing else None,
            peer=None if peer is None else round(peer, 4),
            ratio=None if ratio is None else round(ratio, 2),
            machine=self.machine,
        )
        self.figures.append(figure)
        print(msgspec.json.encode(figure).decode(), flush=True)

    def print_table(self) -> None:
        columns = ("name", "value", "unit", "n", "p50", "p95", "peer", "ratio")
        rows = [columns, *(tuple(_cell(getattr(f, c)) for c in columns) for f in self.figures)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(columns))]
        self.say(f"\n{self.machine}")
        for row in rows:
            name, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            self.say("  ".join([name.strip().ljust(widths[0]), *others]))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _machine() -> str:
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    python = platform.python_version()
    return f"{_processor()}, {cores} cores, {memory:.0f} GB, Python {python}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
