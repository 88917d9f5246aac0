"""The server in the smallest container there is to rent, half a processor and 1 GB, with ten
shoppers and then with ten times as many questions as it can answer."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from time import sleep

from scripts.bench.box import Box, NoBox, box
from scripts.bench.crowd import PHOTO, WORDS, Crowd, Told
from scripts.bench.questions import MIDDLE, SMALL, photos, texts
from scripts.bench.report import Report, Scale, Timing
from scripts.bench.stacks import Contender, ours, started

_SHARE, _MEGABYTES = 0.5, 1024
_SHOPPERS = 10
_CATALOGUE = 100
_STARTS = 5
_SECONDS = 15.0
_CROWD = 100
_TIMES = 12
"""If answers took no time. Of all that they do, some ten times what can be answered are left."""
_RUSH_SECONDS = 2.0
"""Those who come first are let in and stand in line: what is told is from then on."""
_DICE = SystemRandom()


def measure(report: Report, scale: Scale) -> None:
    seconds = 1.0 if scale.quick else _SECONDS
    for contender in ours(scale):
        report.say(f"overload: {contender.name} in {_SHARE} processors and {_MEGABYTES} MB")
        with tempfile.TemporaryDirectory(prefix="likeness-bench-") as folder:
            data = Path(folder)
            _stock(contender, data)
            try:
                _starts(report, contender, data, scale.times(_STARTS))
                _load(report, contender, data, seconds)
            except NoBox as error:
                report.say(f"overload is left out: {error}")
                return


def _stock(contender: Contender, data: Path) -> None:
    """With photos, by a server that may use all there is."""
    images = data / "bucket" / "images"
    images.mkdir(parents=True)
    for number, photo in enumerate(photos((320, 240), _CATALOGUE)):
        (images / f"p{number}.jpg").write_bytes(photo)
    with started(contender, data) as running:
        running.wait_until_ready()
        while running.stats()["products"] < _CATALOGUE:
            sleep(0.2)


def _starts(report: Report, contender: Contender, data: Path, several: int) -> None:
    taken, peaks = [], []
    for number in range(several + 1):  # the first only fills caches
        with box(_SHARE, _MEGABYTES) as limits, started(_in(limits, contender), data) as running:
            if number:
                taken.append(running.wait_until_ready())
                peaks.append(limits.peak_megabytes())
            else:
                running.wait_until_ready()
    report.side_by_side("in a box: start to ready", "ms", {contender.name: taken}, [])
    report.side_by_side("in a box: memory when ready", "MB", {contender.name: peaks}, [])


def _load(report: Report, contender: Contender, data: Path, seconds: float) -> None:
    name = contender.name
    large = photos(MIDDLE, 2)
    asked = texts(contender.tokenizer), photos(SMALL, 20)
    with box(_SHARE, _MEGABYTES) as limits, started(_in(limits, contender), data) as running:
        running.wait_until_ready()
        crowd = Crowd(contender.port, *asked)
        crowd.shop(1, 2.0, lambda: 0.0)
        _tell(report, f"one shopper ({name})", crowd.shop(1, seconds, _thinking))
        calm = crowd.shop(1, seconds, lambda: 0.0)
        _tell(report, f"one who never pauses ({name})", calm)
        _tell(report, f"ten shoppers ({name})", crowd.shop(_SHOPPERS, seconds, _thinking))
        eager = crowd.shop(_SHOPPERS, seconds, lambda: 0.0)
        _tell(report, f"ten shoppers who never pause ({name})", eager)
        capacity = sum(one.status == 200 for one in eager) / seconds
        report.value(f"answers a second at most ({name})", capacity, "1/s")
        _over(report, crowd, name, calm, capacity, seconds)
        Crowd(contender.port, asked[0], large).shop(_SHOPPERS, seconds / 3, _thinking)
        report.value(f"peak memory of all that ({name})", limits.peak_megabytes(), "MB")
        report.say(f"killed for want of memory: {limits.killed()}")


def _over(
    report: Report, crowd: Crowd, name: str, calm: list[Told], capacity: float, seconds: float
) -> None:
    """Each of the crowd asks as often as makes so many of all, or less where answers take long."""
    every = _CROWD / (_TIMES * capacity)
    told = crowd.shop(_CROWD, _RUSH_SECONDS + seconds, lambda: _DICE.expovariate(1 / every))
    over = [one for one in told if one.at > _RUSH_SECONDS]
    [after, *_] = crowd.shop(1, 0.0, lambda: 0.0)
    report.value(f"asked a second, of what can be ({name})", len(over) / seconds / capacity, "x")
    _tell(report, f"far too many ({name})", over)
    for kind in (WORDS, PHOTO):
        calmly, then = (_timing(told, kind, 200) for told in (calm, over))
        if calmly and then:
            report.value(f"far too many: p95 of {kind} to one ({name})", then.p95 / calmly.p95, "x")
    report.say(f"the next one was answered {after.status}")
    report.value(f"far too many: the next one after ({name})", after.milliseconds, "ms")


def _tell(report: Report, name: str, told: list[Told]) -> None:
    for kind in (WORDS, PHOTO):
        if timing := _timing(told, kind, 200):
            report.time(f"{name}: {kind}", timing)
    away = [one for one in told if one.status == 503]
    if away:
        report.time(f"{name}: sent away", Timing.of(one.milliseconds for one in away))
        report.value(f"{name}: share sent away", 100 * len(away) / len(told), "%")
    others = {one.status for one in told} - {200, 503}
    if others:
        report.say(f"{name}: answered otherwise, {sorted(others)}")


def _timing(told: list[Told], kind: str, status: int) -> Timing | None:
    taken = [one.milliseconds for one in told if (one.kind, one.status) == (kind, status)]
    return Timing.of(taken) if taken else None


def _thinking() -> float:
    return _DICE.uniform(0.5, 1.5)


def _in(limits: Box, contender: Contender) -> Contender:
    stack = contender.stack
    return replace(contender, stack=replace(stack, command=limits.command(stack.command)))
