"""Measure Likeness on this machine: JSON lines to stdout, a table to stderr.

python -m scripts.bench [--group GROUP]... [--products 76462] [--quick] [--alone]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from scripts.bench import coldstart, drops, image, memory, model, overload, page, search, traffic
from scripts.bench.report import Report, Scale
from scripts.bench.stacks import StackFailed

GROUPS: dict[str, Callable[[Report, Scale], None]] = {
    "coldstart": coldstart.measure,
    "model": model.measure,
    "memory": memory.measure,
    "search": search.measure,
    "http": traffic.measure,
    "index": drops.measure,
    "image": image.measure,
    "page": page.measure,
    "overload": overload.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("--group", choices=GROUPS, action="append", help="only this; repeatable")
    parser.add_argument("--products", type=int, default=76_462, help="size of the catalogue")
    parser.add_argument("--quick", action="store_true", help="few repetitions: does it run at all")
    parser.add_argument("--alone", action="store_true", help="without the peers' servers")
    asked = parser.parse_args()
    report, scale = Report(), Scale(asked.products, asked.quick, asked.alone)
    try:
        for group in asked.group or GROUPS:
            GROUPS[group](report, scale)
    except StackFailed as error:
        sys.exit(str(error))
    report.print_table()


if __name__ == "__main__":
    main()
