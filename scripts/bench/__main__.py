"""Measure Likeness on this machine: JSON lines to stdout, a table to stderr.

python -m scripts.bench [--group search] [--products 76462] [--quick]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from scripts.bench import search
from scripts.bench.report import Report, Scale

GROUPS: dict[str, Callable[[Report, Scale], None]] = {"search": search.measure}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("--group", choices=GROUPS, action="append", help="only this; repeatable")
    parser.add_argument("--products", type=int, default=76_462, help="size of the catalogue")
    parser.add_argument("--quick", action="store_true", help="few repetitions: does it run at all")
    asked = parser.parse_args()
    report = Report()
    for group in asked.group or GROUPS:
        GROUPS[group](report, Scale(asked.products, asked.quick))
    report.print_table()


if __name__ == "__main__":
    main()
