"""A run as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from scripts.soak.growth import SERIES, growths, settled
from scripts.soak.watching import Run, Sample

_COLOUR, _RISES, _STAYS = "#3b6ea8", "#b5483a", "#6a9a5b"


def draw(file: Path, run: Run, samples: Sequence[Sample]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # The same figures make the same file: no clock in it, and no names made up by chance.
    with mpl.rc_context({"svg.hashsalt": "likeness", "svg.fonttype": "none", "font.size": 8}):
        _figure(run, samples).savefig(file, metadata={"Date": None})


def _figure(run: Run, samples: Sequence[Sample]) -> Figure:
    figure = Figure(figsize=(9, 5), layout="constrained")
    found = {growth.name: growth for growth in growths(samples)}
    minutes = [one.minutes for one in samples]
    for axes, (name, title) in zip(figure.subplots(2, 3).flat, SERIES.items(), strict=True):
        values = [getattr(one, name) for one in samples]
        axes.plot(minutes, values, ".-", color=_COLOUR, linewidth=0.8, markersize=3)
        if growth := found.get(name):
            ends = [settled(samples)[0].minutes, minutes[-1]]
            middle = sum(one.minutes for one in settled(samples)) / len(settled(samples))
            line = [growth.mean + growth.an_hour * (end - middle) / 60 for end in ends]
            axes.plot(ends, line, color=_RISES if growth.grew else _STAYS, linewidth=2, alpha=0.7)
        axes.set(title=title, ylim=(0, max(values) * 1.15 or 1), xlabel="minutes")
        axes.grid(alpha=0.3)
    figure.suptitle(
        f"{run.server}, {run.products:,} products, {run.rate:.0f} questions a second of "
        f"{run.capacity:.0f}; {run.date}, {run.machine}",
        size=8,
    )
    return figure
