"""Dropping photos into the bucket's folder of a running server: how many a second become
searchable, and how long each waits for that."""

from __future__ import annotations

import shutil
import tempfile
from os import getloadavg
from pathlib import Path
from threading import Thread
from time import perf_counter, process_time, sleep

import numpy as np

from core.clip.manifest import read_manifest
from core.clip.towers import Tower
from core.processors import cpus
from scripts.bench.report import Report, Scale, Timing
from scripts.bench.shelves import write_photos
from scripts.bench.stacks import Contender, Running, StackFailed, ours, started

_BURST = 2000
_STREAM = 4
"""A quarter as many come one by one afterwards."""
_SHARE = 0.7
"""Of the photos a second that can be indexed, in a stream of them."""
_GIVEN_UP_AFTER = 600.0
_TOWER_RUNS = 20
_LOOK_EVERY, _COUNT_EVERY = 0.02, 0.25


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
        waited = _burst(server, data, burst)
        worked = server.worked() - worked
        alone = _tower_alone(contender.tokenizer.parent)
        rate = count * 1000 / max(waited)
        report.value(f"photos a second ({name})", rate, "1/s", n=count)
        report.value(f"processor time a photo ({name})", worked / count, "ms", n=count)
        told = f"image tower alone, on one thread, at the least ({name})"
        report.value(told, alone, "ms", n=_TOWER_RUNS)
        told = f"photos a second, of as many as if the tower were all ({name})"
        report.value(told, rate * alone / cpus() / 10, "%", n=count)
        report.time(f"all at once, from dropped to searchable ({name})", Timing.of(waited))
        told = f"{_SHARE:.0%} of what can be done, from dropped to searchable ({name})"
        report.time(told, Timing.of(_stream(server, data, stream, _SHARE * rate)))


def _tower_alone(model: Path) -> float:
    """Milliseconds of a processor for a photo: how quick the machine is by now."""
    tower = Tower(model / read_manifest(model, model.name).image.file, threads=1)
    photo = np.random.default_rng(1).integers(0, 256, tower.takes, np.uint8)
    spent = []
    for _ in range(_TOWER_RUNS):
        began = process_time()
        tower(photo)
        spent.append((process_time() - began) * 1000)
    return min(spent)


def _burst(server: Running, data: Path, photos: list[Path]) -> list[float]:
    """All at once: after how many milliseconds so many of them were searchable. To ask for each
    would take the server more time than to index it."""
    began = perf_counter()
    for photo in photos:
        _drop(photo, data)
    waited: list[float] = []
    while len(waited) < len(photos):
        _insist_on_going_on(began, photos)
        sleep(_COUNT_EVERY)
        there = server.stats()["images"]
        waited += [(perf_counter() - began) * 1000] * (there - len(waited))
    return waited


def _stream(server: Running, data: Path, photos: list[Path], rate: float) -> list[float]:
    """So many a second: the milliseconds from dropped to searchable of each."""
    began = perf_counter()
    dropped: dict[str, float] = {}

    def drop() -> None:
        for place, photo in enumerate(photos):
            sleep(max(0.0, began + place / rate - perf_counter()))
            _drop(photo, data)
            dropped[photo.stem] = perf_counter()

    dropping = Thread(target=drop, daemon=True)
    dropping.start()
    waited: list[float] = []
    while len(waited) < len(photos):
        _insist_on_going_on(began, photos)
        for one in list(dropped):
            if server.photographed(one):
                waited.append((perf_counter() - dropped.pop(one)) * 1000)
        sleep(_LOOK_EVERY)
    dropping.join()
    return waited


def _drop(photo: Path, data: Path) -> None:
    images = data / "bucket" / "images"
    photo.with_suffix(".json").rename(images / f"{photo.stem}.json")
    photo.rename(images / photo.name)


def _insist_on_going_on(began: float, photos: list[Path]) -> None:
    if perf_counter() - began > _GIVEN_UP_AFTER:
        raise StackFailed(f"{len(photos)} photos were not indexed in {_GIVEN_UP_AFTER:.0f} s")
