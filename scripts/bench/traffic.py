"""Searching over HTTP: a whole server with a full shop, asked in turn and on time."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from os import getloadavg
from pathlib import Path

from core.settings import Settings
from scripts.bench.asking import Ask, Heard, in_turn, on_time, post
from scripts.bench.catalogue import make
from scripts.bench.questions import SMALL, photos
from scripts.bench.report import Report, Scale, Timing
from scripts.bench.search import fill
from scripts.bench.shelves import index_of
from scripts.bench.stacks import Running, StackFailed, shipped, started

_SECONDS, _FEW_SECONDS = 20.0, 0.4
_WORDS = 100
"""Different questions, where all come from the cache."""
_PHOTOS = 20
_CROWD = 8
_SHARE = 0.7
"""Of what can be answered in turn, that is asked on time."""
_ENDS = b"\xff\xd9"


def measure(report: Report, scale: Scale) -> None:
    seconds = _FEW_SECONDS if scale.quick else _SECONDS
    ours = shipped()
    report.say(f"http: {ours.name}, {scale.products:,} products with a photo each; {_load()}")
    with tempfile.TemporaryDirectory(prefix="likeness-bench-") as folder:
        data = Path(folder)
        stock(data, scale.products)
        with started(ours, data) as server:
            server.wait_until_ready()
            for number in range(_WORDS):
                server.search(known(number))
            for what, ask, recalled in (
                ("words from the cache", Known(), True),
                ("words never asked before", New(), False),
                ("photo, 640 × 480", Photographed(photos(SMALL, _PHOTOS)), False),
            ):
                _ways(report, what, ours.port, _Questioning(server, ask, recalled), seconds)
    report.say(f"http: {_load()} at the end")


def stock(data: Path, products: int) -> None:
    """A DATA_DIR whose index has so many products. No bucket vouches for their photos, so that
    nobody looks for those."""
    with closing(index_of(Settings(data_dir=data))) as index:
        fill(index, make(products, 1), photos="elsewhere")


def known(number: int) -> str:
    return f"red thing{number % _WORDS}"


class Known:
    """Few questions, over and over."""

    def __call__(self, number: int) -> bytes:
        return _words(known(number))


class New:
    """Questions that nobody has asked before; none has a word that no product has."""

    def __call__(self, number: int) -> bytes:
        return _words(f"red thing{number % 400} model{number // 400 % 5000}")


@dataclass(frozen=True)
class Photographed:
    """Photos over and over, each time a new one to whoever compares files byte by byte."""

    photos: list[bytes]

    def __call__(self, number: int) -> bytes:
        photo = self.photos[number % len(self.photos)]
        return post("/search/by-image", photo + number.to_bytes(8) + _ENDS, "image/jpeg")


def _words(text: str) -> bytes:
    return post("/search", json.dumps({"text_query": text}).encode(), "application/json")


@dataclass
class _Questioning:
    """One kind of question. Numbers go on where they ended, so that what is new stays new."""

    server: Running
    ask: Ask
    recalled: bool
    """Whether all answers must be the cache's; if not, none may be."""
    asked: int = 0

    def told(self, report: Report, name: str, way: Callable[[Ask, int], Heard]) -> Heard:
        worked = self.server.worked()
        heard = way(self.ask, self.asked)
        worked = self.server.worked() - worked
        self.asked = 1 + max((one.number for one in heard.told), default=self.asked)
        answered = [one for one in heard.told if one.status == 200]
        if not answered:
            raise StackFailed(f"{name}: nothing was answered")
        if any(one.recalled != self.recalled for one in answered):
            raise StackFailed(f"{name}: not all came from where it should, the cache or the index")
        took, n = [one.took for one in answered], len(answered)
        report.time(name, Timing.of(took))
        report.value(f"{name}: p99", Timing.share(took, 0.99), "ms", n=n)
        report.value(f"{name}: answers a second", heard.rate, "1/s", n=n)
        # The one figure that others' work on this machine changes little.
        report.value(f"{name}: the server's processor time each", worked / n, "ms", n=n)
        report.value(f"{name}: asking took of a processor", 100 * heard.busy, "%")
        if others := len(heard.told) - n:
            report.value(
                f"{name}: sent away", 100 * others / len(heard.told), "%", n=len(heard.told)
            )
        return heard


def _ways(report: Report, what: str, port: int, questioning: _Questioning, seconds: float) -> None:
    most = 0.0
    for connections in (1, _CROWD):
        name = f"{what}, {connections} in turn"
        way = partial(in_turn, port, connections, seconds)
        most = max(most, questioning.told(report, name, way).rate)
    way = partial(on_time, port, _SHARE * most, seconds)
    questioning.told(report, f"{what}, {_SHARE:.0%} of that on time", way)


def _load() -> str:
    return f"load average {getloadavg()[0]:.1f}"
