"""Measure Likeness on this machine: JSON lines to stdout, a table to stderr.

python -m scripts.bench [--group GROUP]... [--products 76462] [--quick] [--peers] [--keep]

Without --group it is the core, which takes less than a quarter of an hour on two cores. With
--keep, what a group gave takes the place of what docs/bench.jsonl had of it, and the pages' tables
and plots are written anew.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from os import getloadavg
from time import monotonic

from scripts.bench import (
    coldstart,
    drops,
    figures,
    image,
    kept,
    memory,
    model,
    overload,
    page,
    search,
    traffic,
)
from scripts.bench.report import Report, Scale
from scripts.bench.stacks import StackFailed
from scripts.command import DONE, FAILED, guarded, to_the_end

CORE: dict[str, Callable[[Report, Scale], None]] = {
    "coldstart": coldstart.measure,
    "model": model.measure,
    "memory": memory.measure,
    "search": search.measure,
    "http": traffic.measure,
    "index": drops.measure,
}
GROUPS = {
    **CORE,
    "image": image.measure,
    "page": page.measure,
    "overload": overload.measure,
}
_PRODUCTS = 76_462


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--group", choices=GROUPS, action="append", help="only this; repeatable")
    parser.add_argument("--products", type=int, default=_PRODUCTS, help="size of the catalogue")
    parser.add_argument("--quick", action="store_true", help="few repetitions: does it run at all")
    parser.add_argument(
        "--peers", action="store_true", help="beside what make bench-peers has installed"
    )
    parser.add_argument(
        "--keep", action="store_true", help="in docs/bench.jsonl, and tell the docs"
    )
    asked = parser.parse_args()
    if asked.keep and (asked.quick or asked.products != _PRODUCTS):
        parser.error("only whole measurements are kept: without --quick and --products")
    scale = Scale(asked.products, asked.quick, asked.peers)
    stopped = "stopped; of the group that was being measured nothing is kept"
    return guarded(lambda: measure(asked.group or CORE, scale, keep=asked.keep), stopped)


def measure(groups: Iterable[str], scale: Scale, *, keep: bool) -> int:
    """The exit code. A group that fails is not kept, and the others are measured all the same."""
    report, took, failed = Report(), {}, False
    for group in groups:
        began, date, load = monotonic(), datetime.now(UTC).date(), getloadavg()[0]
        before = len(report.figures)
        try:
            GROUPS[group](report, scale)
        except StackFailed as error:
            report.say(f"{group} failed: {error}")
            failed = True
            continue
        took[group] = monotonic() - began
        if keep and (taken := report.figures[before:]):
            with to_the_end("what was measured is just being kept"):
                kept.keep(kept.FILE, group, taken, str(date), round(load, 1))
                figures.write()
    report.print_table()
    report.say(", ".join(f"{group} {seconds:.0f} s" for group, seconds in took.items()))
    return FAILED if failed else DONE


if __name__ == "__main__":
    sys.exit(main())
