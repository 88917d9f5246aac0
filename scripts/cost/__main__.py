"""What a shop pays a month, and what its shoppers meet when everything scales from zero.

python -m scripts.cost                        three shops side by side, and what to do
python -m scripts.cost --products 250000 --queries 900000 --photos-per-product 3
python -m scripts.cost scale                  days of shoppers, simulated
python -m scripts.cost check                  what is reckoned with, against this machine
python -m scripts.cost --plots docs/plots     both as pictures

Prices and figures are in scripts/cost/prices.toml and figures.toml: edit them, or name your own.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

from scripts.command import ATTENTION, DONE, guarded
from scripts.cost.checking import checked
from scripts.cost.scaling import outcomes
from scripts.cost.telling import bills_table, outcomes_table, reckon
from scripts.cost.workload import FIGURES, PRICES, USUAL, Numbers, Workload

_HELP = {
    "products": "how many the shop has; the three usual shops when it is not said",
    "photos_per_product": "",
    "dimension": "of the model's vectors",
    "queries": "a month",
    "photo_share": "of the queries, that bring a photo",
    "cache_hits": "share of the queries that were asked a moment ago",
    "changed": "share of the photos that are new or changed in a month",
    "cold_starts": "share of the queries that meet one",
    "replicas": "of every vector, in Qdrant",
    "pictures": "of a query's hits, fetched from the bucket and not from a CDN",
    "photo_kb": "of a photo in the bucket",
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.cost",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=("month", "scale", "check"), default="month")
    for name, told in _HELP.items():
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar="N", help=told)
    parser.add_argument("--prices", type=Path, default=PRICES, metavar="FILE")
    parser.add_argument("--figures", type=Path, default=FIGURES, metavar="FILE")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw both as SVG there")
    parser.add_argument("--json", action="store_true", help="a line for each, for programs")
    asked = parser.parse_args()
    try:
        numbers = Numbers.read(asked.prices, asked.figures)
        shops = _shops({name: getattr(asked, name) for name in _HELP})
    except (OSError, ValueError) as problem:
        parser.error(str(problem))
    if asked.what == "check":
        return guarded(lambda: _check(numbers), "stopped; nothing was changed")
    if asked.plots:
        _draw(asked.plots, shops, numbers)
    elif asked.what == "scale":
        _scale(_usual(shops), numbers, asked.json)
    else:
        _month(shops, numbers, asked.json)
    return DONE


def _shops(said: dict[str, str | None]) -> tuple[Workload, ...]:
    given: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if not given:
        return USUAL
    if missing := [f"--{name}" for name in ("products", "queries") if name not in given]:
        raise ValueError(f"say {' and '.join(missing)}, too")
    return (msgspec.convert(given, Workload, strict=False),)


def _month(shops: tuple[Workload, ...], numbers: Numbers, as_json: bool) -> None:
    reckoned = [reckon(shop, numbers) for shop in shops]
    if as_json:
        print(*(msgspec.json.encode(one).decode() for one in reckoned), sep="\n")
        return
    print(bills_table(reckoned))
    for one in reckoned:
        print(f"\n{one.workload.products:,} products, {one.workload.queries:,.0f} queries a month:")
        print(*(f"- {line}" for line in one.advice), sep="\n")
    print(f"\nPrices of {numbers.dated}, to be looked up and put right: {PRICES.name}")


def _scale(shop: Workload, numbers: Numbers, as_json: bool) -> None:
    found = list(outcomes(shop, numbers))
    if as_json:
        print(*(msgspec.json.encode(one).decode() for one in found), sep="\n")
    else:
        print(outcomes_table(found))


def _draw(folder: Path, shops: tuple[Workload, ...], numbers: Numbers) -> None:
    from scripts.cost.plots import draw  # which takes a second to import

    for path in draw(folder, list(outcomes(_usual(shops), numbers)), numbers):
        print(path)


def _usual(shops: tuple[Workload, ...]) -> Workload:
    """Whose queries a day of shoppers asks: their number is the day's own."""
    return shops[min(1, len(shops) - 1)]


def _check(numbers: Numbers) -> int:
    apart = False
    for line in checked(numbers):
        print(line.told)
        apart |= line.apart
    return ATTENTION if apart else DONE


if __name__ == "__main__":
    sys.exit(main())
