"""From the back office's list to the search: all of it the first time, then only what changed.

    python -m shop_backend.sync products.csv

Beside the list, `products.told.json` keeps what the search took of each product. It is written
after every hundred, so a run that is broken off goes on where it was.
"""

from __future__ import annotations

import csv
import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from likeness_client import Likeness

from shop_backend.settings import KEY, URL

_AT_ONCE = 100


def sync(likeness: Likeness, path: Path) -> tuple[int, int, list[str]]:
    """How many products were told, how many are gone, and what is wrong with the others."""
    memory = path.with_suffix(".told.json")
    told: dict[str, str] = json.loads(memory.read_text()) if memory.exists() else {}
    products = {product["id"]: product for product in _listed(path)}
    changed = [one for one in products.values() if told.get(one["id"]) != _digest(one)]
    problems: list[str] = []
    for start in range(0, len(changed), _AT_ONCE):
        some = changed[start : start + _AT_ONCE]
        for product, outcome in zip(some, likeness.put_products(some), strict=True):
            if outcome.error:
                problems.append(f"{product['id']}: {outcome.error}")
            else:
                told[product["id"]] = _digest(product)
        _keep(memory, told)
    gone = told.keys() - products.keys()
    for product_id in sorted(gone):
        likeness.delete_product(product_id)
        del told[product_id]
        _keep(memory, told)
    return len(changed) - len(problems), len(gone), problems


def _listed(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: value for name, value in row.items() if value}
            | {"price": float(row["price"]), "in_stock": row["in_stock"] == "yes"}
            for row in csv.DictReader(file)
        ]


def _digest(product: dict[str, Any]) -> str:
    return sha256(json.dumps(product, sort_keys=True).encode()).hexdigest()


def _keep(memory: Path, told: dict[str, str]) -> None:
    half = memory.with_suffix(".half")
    half.write_text(json.dumps(told, indent=0))
    half.replace(memory)


def main(path: str) -> int:
    with Likeness(URL, key=KEY) as likeness:
        told, gone, problems = sync(likeness, Path(path))
    print(f"{told} told, {gone} gone, {len(problems)} wrong")
    print(*problems, sep="\n", end="")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
