"""What a shop sells and who comes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

_HERE = Path(__file__).parent
PRICES, FIGURES = _HERE / "prices.toml", _HERE / "figures.toml"
SECONDS_A_MONTH = 365 / 12 * 86_400

Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """Of a month. What is not said is what most shops are like."""

    products: Annotated[int, Meta(ge=1)]
    photos_per_product: Positive = 2.0
    dimension: Annotated[int, Meta(ge=8, le=4096)] = 512
    queries: Annotated[float, Meta(ge=0)]
    photo_share: Share = 0.3
    """Of the queries that bring a photo; the others are words."""
    cache_hits: Share = 0.35
    changed: Share = 0.1
    """Of the photos that are new or changed in the month."""
    cold_starts: Share = 0.02
    """Of the queries that meet one. `python -m scripts.cost scale` tells for what traffic."""
    replicas: Annotated[int, Meta(ge=1)] = 1
    """Copies of every vector that Qdrant keeps, so that it can lose a node."""
    pictures: Annotated[float, Meta(ge=0)] = 0.5
    """Of a query's hits, fetched from the bucket: the rest come from the shop's own CDN."""
    photo_kb: Positive = 250

    @property
    def photos(self) -> float:
        return self.products * self.photos_per_product

    @property
    def points(self) -> float:
        """One a photo, and one a product."""
        return self.products + self.photos


# Three shops: one that begins, one that is known, one that everybody knows.
USUAL = (
    Workload(products=10_000, queries=30_000, cold_starts=0.2),
    Workload(products=1_000_000, queries=3_000_000, replicas=2),
    Workload(products=100_000_000, queries=100_000_000, cold_starts=0.002, replicas=2),
)

Table = dict[str, float]


class Numbers(msgspec.Struct, frozen=True):
    """Two files of numbers, by table and name."""

    prices: dict[str, Table]
    figures: dict[str, Table]
    dated: str

    @classmethod
    def read(cls, prices: Path = PRICES, figures: Path = FIGURES) -> Numbers:
        asked = tomllib.loads(prices.read_text(encoding="utf-8"))
        dated = str(asked.pop("dated"))
        return cls(_numbers(asked), _numbers(tomllib.loads(figures.read_text("utf-8"))), dated)


def _numbers(tables: dict[str, object], within: str = "") -> dict[str, Table]:
    """`[lambda.request]` becomes the table "lambda.request"."""
    found: dict[str, Table] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            continue
        full = f"{within}{name}"
        found[full] = {
            key: float(value) for key, value in table.items() if isinstance(value, int | float)
        }
        found |= _numbers(table, f"{full}.")
    return found
