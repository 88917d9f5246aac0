"""The pictures of docs/costs.md: what a month comes to by the size of the shop, and what shoppers
wait for when everything scales from zero."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scripts.cost.advice import embedded_up_to
from scripts.cost.bills import Bill, total
from scripts.cost.scaling import Outcome
from scripts.cost.telling import reckon
from scripts.cost.workload import Numbers, Workload

_SIZES = tuple(int(size) for size in np.logspace(3, 8, 26))
_QUERIES_EACH = 3
"""A product, a month, which is what a shop between the usual ones has."""
_COLOURS = {
    "qdrant": "#3b6ea8",
    "photos": "#e0a03c",
    "compute": "#b5483a",
    "cache": "#6a9a5b",
    "gateway": "#8d6bb0",
    "watching": "#999999",
    "queue": "#444444",
}


def draw(folder: Path, found: Sequence[Outcome], numbers: Numbers) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    # The same figures make the same file: no clock in it, and no names made up by chance.
    with mpl.rc_context({"svg.hashsalt": "likeness", "svg.fonttype": "none", "font.size": 9}):
        return [
            _saved(folder / "costs-month.svg", _months(numbers)),
            _saved(folder / "costs-waiting.svg", _waiting(found)),
        ]


def _months(numbers: Numbers) -> Figure:
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    shops = [
        reckon(Workload(products=size, queries=size * _QUERIES_EACH), numbers) for size in _SIZES
    ]
    both = figure.subplots(1, 2, sharey=True)
    for axes, cloud in zip(both, shops[0].bills, strict=True):
        _lines(axes, [shop.bills[cloud] for shop in shops])
        most = embedded_up_to(numbers) / (1 + shops[0].workload.photos_per_product)
        axes.axvline(most, color="#444444", linestyle=":", linewidth=1)
        axes.annotate("engine in the process\nwould do up to here", (most, 1.3), ha="right", size=7)
        axes.set(title=cloud, xscale="log", yscale="log", ylim=(1, 1e5), xlabel="products")
    both[0].set_ylabel("US dollars a month")
    both[0].legend(fontsize=7, loc="upper left")
    return figure


def _lines(axes: Axes, bills: Sequence[Bill]) -> None:
    axes.plot(_SIZES, [total(bill) for bill in bills], "k", linewidth=2.5, label="all")
    for line in sorted(bills[0], key=lambda line: -bills[-1][line]):
        axes.plot(_SIZES, [bill[line] for bill in bills], color=_COLOURS[line], label=line)
    axes.grid(alpha=0.3)


def _waiting(found: Sequence[Outcome]) -> Figure:
    traces = list(dict.fromkeys(one.trace for one in found))
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for axes, trace in zip(figure.subplots(1, len(traces), sharey=True), traces, strict=True):
        settings = [one for one in found if one.trace == trace]
        places = np.arange(len(settings))
        for share, width, colour in (("p99", 0.8, "#e0a03c"), ("p95", 0.55, "#b5483a")):
            axes.barh(places, [getattr(one, share) for one in settings], width, color=colour)
        axes.barh(places, [one.p50 for one in settings], 0.3, color="#3b6ea8")
        axes.set(title=trace, xscale="log", xlim=(10, 20_000), xlabel="ms: half, 95 %, 99 %")
        axes.set_yticks(places, [one.setting for one in settings])
        axes.invert_yaxis()
    return figure


def _saved(path: Path, figure: Figure) -> Path:
    figure.savefig(path, metadata={"Date": None})
    return path
