"""A running server's answers to texts and photos, and how near its image tower is to the limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle
from time import perf_counter
from typing import NamedTuple

import msgspec
import numpy as np

from core.product import Vector
from scripts.bench import gemm
from scripts.bench.questions import LARGE, MIDDLE, SMALL, TOKENS, photos, texts
from scripts.bench.report import Report, Scale
from scripts.bench.stacks import Contender, Running, contenders, models, peers, rounds, started

_BLOCKS = 10
_TEXTS = 20
_PHOTOS = {SMALL: 5, MIDDLE: 3, LARGE: 2}
"""How many of each size there are in a block."""
_DIFFERENT_PHOTOS = 6


class _Question(NamedTuple):
    """One thing to ask, the next time in other words or with another photo."""

    name: str
    times: int
    ask: Callable[[Running], bytes]


def measure(report: Report, scale: Scale) -> None:
    entered = contenders(report, scale)
    report.say(f"model: {', '.join(contender.name for contender in entered)}")
    different = {size: _photos(report, size) for size in _PHOTOS}
    questions = {c.name: list(_questions(c, different)) for c in entered}
    with ExitStack() as stack:
        servers = {c.name: stack.enter_context(started(c)) for c in entered}
        for running in servers.values():
            running.wait_until_ready()
        _agreement(report, entered, servers, different)
        taken: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for contender, counts in rounds(entered, scale.times(_BLOCKS)):
            running = servers[contender.name]
            running.connect()
            for question in questions[contender.name]:
                spent = _spent(question, running)
                if counts:
                    taken[question.name][contender.name] += spent
    for name, by_stack in taken.items():
        report.side_by_side(name, "ms", by_stack, peers(entered))
    gemm.measure(report, scale, models())


def _photos(report: Report, size: tuple[int, int]) -> list[bytes]:
    made = photos(size, _DIFFERENT_PHOTOS)
    report.say(f"model: {_named(size)} is a JPEG of {len(made[0]) / 1e6:.2f} MB")
    return made


def _questions(
    contender: Contender, different: dict[tuple[int, int], list[bytes]]
) -> Iterator[_Question]:
    words = cycle(texts(contender.tokenizer))
    yield _Question(f"{TOKENS} tokens", _TEXTS, lambda running: running.embed(next(words)))
    for size, times in _PHOTOS.items():
        following = cycle(different[size])

        def ask(running: Running, following: Iterator[bytes] = following) -> bytes:
            return running.embed_photo(next(following))

        yield _Question(_named(size), times, ask)


def _named(size: tuple[int, int]) -> str:
    return f"photo of {size[0]} × {size[1]}"


def _spent(question: _Question, running: Running) -> list[float]:
    spent = []
    for _ in range(question.times):
        began = perf_counter()
        question.ask(running)
        spent.append((perf_counter() - began) * 1000)
    return spent


def _agreement(
    report: Report,
    entered: list[Contender],
    servers: dict[str, Running],
    different: dict[tuple[int, int], list[bytes]],
) -> None:
    """That the peers do the same work: the same weights give nearly the same vectors."""
    first = entered[0]
    text, photo = texts(first.tokenizer)[0], different[MIDDLE][0]
    ours = servers[first.name]
    for name in peers(entered):
        theirs = servers[name]
        ours.connect()
        theirs.connect()
        for what, one, other in (
            (f"{TOKENS} tokens", ours.embed(text), theirs.embed(text)),
            (_named(MIDDLE), ours.embed_photo(photo), theirs.embed_photo(photo)),
        ):
            cosine = float(_vector(one) @ _vector(other))
            report.value(f"{what}: likeness to ours ({name})", cosine, "cosine")


def _vector(answer: bytes) -> Vector:
    vector = np.asarray(msgspec.json.decode(answer)["embedding"], np.float32)
    unit: Vector = vector / np.linalg.norm(vector)
    return unit
