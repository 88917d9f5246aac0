"""Shoppers at a shop for a long time, at a share of what it can do, while its catalogue changes.
Then it is said whether anything grew.

python -m scripts.soak --minutes 30 --out soak.jsonl --plot docs/plots/soak.svg
python -m scripts.soak --read soak.jsonl --plot docs/plots/soak.svg      an earlier run again
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from os import getloadavg
from pathlib import Path
from time import perf_counter
from typing import IO

import msgspec

from scripts.bench.asking import in_turn, on_time
from scripts.bench.report import Report
from scripts.bench.stacks import StackFailed, shipped, started
from scripts.bench.traffic import stock
from scripts.command import ATTENTION, DONE, FAILED
from scripts.soak.growth import FEWEST, growths
from scripts.soak.plots import draw
from scripts.soak.shoppers import Shoppers
from scripts.soak.stockroom import Stockroom
from scripts.soak.watching import Run, Sample, read, sample

_CROWD = 8
_FIRST_LOOK = 20.0
"""Seconds for which it is seen how much can be answered, half of them only to get warm."""

_NEVER_ASKED = 1_000_000
"""A number that is above those of the first look."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--every", type=float, default=60, help="seconds that a line is of")
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--share", type=float, default=0.7, help="of what can be answered")
    parser.add_argument("--changes", type=float, default=1.0, help="of the catalogue, a second")
    parser.add_argument("--out", type=Path, default=Path("data/soak.jsonl"), metavar="FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw it, as SVG")
    parser.add_argument("--read", type=Path, metavar="FILE", help="tell of an earlier run")
    asked = parser.parse_args()
    try:
        run, samples = read(asked.read) if asked.read else _soaked(asked)
    except StackFailed as error:
        print(error, file=sys.stderr)
        return FAILED
    if asked.plot:
        draw(asked.plot, run, samples)
    return _judged(samples)


def _soaked(asked: argparse.Namespace) -> tuple[Run, list[Sample]]:
    report = Report()
    ours = shipped()
    shoppers = Shoppers.with_photos()
    samples: list[Sample] = []
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="likeness-soak-") as folder:
        data = Path(folder) / "data"
        stock(data, asked.products)
        with started(ours, data) as server, asked.out.open("wb") as out:
            server.wait_until_ready()
            room = Stockroom(ours.port, data, shoppers.small, asked.changes)
            with closing(room):
                look = min(_FIRST_LOOK, asked.minutes * 30) / 2
                warm = in_turn(ours.port, _CROWD, look, shoppers)
                capacity = in_turn(ours.port, _CROWD, look, shoppers, len(warm.told)).rate
                run = Run(
                    date=f"{datetime.now(UTC):%Y-%m-%d}",
                    machine=report.machine,
                    server=ours.name,
                    products=asked.products,
                    capacity=capacity,
                    rate=asked.share * capacity,
                    every=asked.every,
                )
                _write(out, run)
                for one in _watched(
                    run, ours.port, server.pid, data, room, shoppers, asked.minutes
                ):
                    _write(out, one)
                    samples.append(one)
    return run, samples


def _watched(
    run: Run,
    port: int,
    pid: int,
    data: Path,
    room: Stockroom,
    shoppers: Shoppers,
    minutes: float,
) -> Iterator[Sample]:
    began = perf_counter()
    number = _NEVER_ASKED
    while (perf_counter() - began) / 60 < minutes:
        heard = on_time(port, run.rate, run.every, shoppers, number)
        number += len(heard.told)
        now = (perf_counter() - began) / 60
        yield sample(pid, data, heard, minutes=now, changes=room.changes, load=getloadavg()[0])


def _write(out: IO[bytes], one: Run | Sample) -> None:
    line = msgspec.json.encode(one)
    out.write(line + b"\n")
    out.flush()
    print(line.decode(), flush=True)


def _judged(samples: Sequence[Sample]) -> int:
    found = growths(samples)
    failed = sum(one.failed for one in samples)
    asked = sum(one.asked for one in samples)
    print(f"{asked:,} questions, {failed:,} of them not answered", file=sys.stderr)
    for growth in found:
        print(growth, file=sys.stderr)
    if not found:
        print(f"Too short to say what grew: {FEWEST} lines at least", file=sys.stderr)
    return ATTENTION if failed or any(growth.grew for growth in found) else DONE


if __name__ == "__main__":
    sys.exit(main())
