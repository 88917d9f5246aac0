"""Dropping photos into the bucket's folder of a running server: how many a second become
searchable, and how long each waits for that."""

from __future__ import annotations

import shutil
import tempfile
from os import getloadavg
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep

from scripts.bench.report import Report, Scale, Timing
from scripts.bench.shelves import write_photos
from scripts.bench.stacks import Contender, Running, StackFailed, ours, started

_BURST = 2000
_WATCHED = 100
"""Of a burst; to ask for each and every one would take the server too much time."""
_STREAM = 4
"""A quarter as many come one by one afterwards."""
_SHARE = 0.7
"""Of the photos a second that can be indexed, in a stream of them."""
_GIVEN_UP_AFTER = 600.0
_LOOK_EVERY = 0.02


def measure(report: Report, scale: Scale) -> None:
    count = min(scale.products, max(20, scale.times(_BURST)))
    report.say(f"index: {count:,} photos dropped; load average {getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="likeness-bench-") as folder:
        staged = Path(folder) / "staged"
        write_photos(staged, count + count // _STREAM)
        for number, contender in enumerate(ours(scale)):
            _one(report, contender, Path(folder) / str(number), staged)
    report.say(f"index: load average {getloadavg()[0]:.1f} at the end")


def _one(report: Report, contender: Contender, folder: Path, staged: Path) -> None:
    name, data, mine = contender.name, folder / "data", folder / "staged"
    (data / "bucket" / "images").mkdir(parents=True)
    shutil.copytree(staged, mine)
    photos = sorted(mine.glob("*.jpg"))
    stream = photos[:: _STREAM + 1]
    burst = sorted(set(photos) - set(stream))
    count = len(burst)
    with started(contender, data) as server:
        server.wait_until_ready()
        worked = server.worked()
        waited, seconds = _dropped(server, data, burst, None)
        worked = server.worked() - worked
        report.value(f"photos a second ({name})", count / seconds, "1/s", n=count)
        report.value(f"processor time a photo ({name})", worked / count, "ms", n=count)
        report.time(f"all at once, from dropped to searchable ({name})", Timing.of(waited))
        waited, _ = _dropped(server, data, stream, _SHARE * count / seconds)
        told = f"{_SHARE:.0%} of what can be done, from dropped to searchable ({name})"
        report.time(told, Timing.of(waited))


def _dropped(
    server: Running, data: Path, photos: list[Path], rate: float | None
) -> tuple[list[float], float]:
    """So many a second, or all at once: the milliseconds that some of them took, and the seconds
    until the last was searchable."""
    images = data / "bucket" / "images"
    already = server.products()
    began = perf_counter()
    dropped: dict[str, float] = {}

    def drop() -> None:
        for place, photo in enumerate(photos):
            if rate is not None:
                sleep(max(0.0, began + place / rate - perf_counter()))
            photo.with_suffix(".json").rename(images / f"{photo.stem}.json")
            photo.rename(images / photo.name)
            dropped[photo.stem] = perf_counter()

    dropping = Thread(target=drop, daemon=True)
    dropping.start()
    waited: list[float] = []
    watched = [photo.stem for photo in photos[:: max(1, len(photos) // _WATCHED)]]
    while watched or server.products() < already + len(photos):
        if perf_counter() - began > _GIVEN_UP_AFTER:
            raise StackFailed(f"{len(photos)} photos were not indexed in {_GIVEN_UP_AFTER:.0f} s")
        for one in [one for one in watched if one in dropped]:
            if server.photographed(one):
                waited.append((perf_counter() - dropped[one]) * 1000)
                watched.remove(one)
        sleep(_LOOK_EVERY)
    seconds = perf_counter() - began
    dropping.join()
    return waited, seconds
