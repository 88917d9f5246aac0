"""What is kept, as the pictures of docs/bench.md: from half of the times to 95 % of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import fill

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from scripts.bench.kept import Kept
from scripts.bench.tables import TABLES, Table, occasion

_COLOURS = ("#b5483a", "#3b6ea8", "#6a9a5b", "#8d6bb0", "#e0a03c", "#444444")
_WIDE = 34


def draw(folder: Path, lines: Sequence[Kept]) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        if table.scale and (its := table.of(lines)):
            path = folder / f"bench-{name}.svg"
            # The same figures make the same file: no clock in it, and no names made up by chance.
            with mpl.rc_context({"svg.hashsalt": "likeness", "svg.fonttype": "none"}):
                _figure(table, its).savefig(path, metadata={"Date": None})
            yield path


def _figure(table: Table, lines: Sequence[Kept]) -> Figure:
    timed = [(*table.split(line), line) for line in lines if line.p50 is not None]
    rows = list(dict.fromkeys(row for row, _, _ in timed))
    unit = timed[0][2].unit
    columns = list(dict.fromkeys(column for _, column, _ in timed))
    figure = Figure(
        figsize=(9, 0.9 + len(rows) * (0.2 + 0.13 * len(columns))), layout="constrained"
    )
    axes = figure.subplots()
    step = 0.7 / len(columns)
    for place, column in enumerate(columns):
        its = {row: line for row, whose, line in timed if whose == column}
        high = np.array([rows.index(row) for row in its]) + (place - (len(columns) - 1) / 2) * step
        half, most = (np.array([getattr(one, at) for one in its.values()]) for at in ("p50", "p95"))
        colour = _COLOURS[place % len(_COLOURS)]
        axes.hlines(high, half, most, color=colour, linewidth=2, alpha=0.6)
        axes.plot(half, high, "o", color=colour, markersize=4, label=column)
        axes.plot(most, high, "|", color=colour, markersize=6)
    axes.set_yticks(range(len(rows)), [fill(row, _WIDE) for row in rows], size=8)
    axes.set(
        xscale=table.scale,
        xlabel=f"{unit}; dot: half of them, bar: 95 %",
        ylim=(len(rows) - 0.5, -0.5),
    )
    if table.scale == "linear":
        axes.set_xlim(left=0)
    else:
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(alpha=0.3)
    if len(columns) > 1:
        axes.legend(fontsize=7)
    axes.set_title(occasion(lines[0]), size=7)
    return figure
