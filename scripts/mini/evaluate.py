"""All scores of a model in one table, with what it costs to run."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from core.clip.embedder import ClipEmbedder
from core.clip.pixels import pixels
from scripts.mini.score.demo import on_demo
from scripts.mini.score.material import Material
from scripts.mini.score.measures import Scores
from scripts.mini.score.real import on_photos

_TIMED = 100
_TEXT = "a blue striped t-shirt"


def evaluate(embedder: ClipEmbedder, material: Material) -> Scores:
    """`embedder` has to be loaded for one thread, or its milliseconds compare with nothing."""
    scores = on_demo(embedder, material)
    if material.photos is not None:
        scores |= on_photos(embedder, material.photos)
    photo = material.demo.first[0]
    manifest = embedder.manifest
    return scores | {
        "ms a photo, decoding and all": _milliseconds(lambda: embedder.photo(photo)),
        "ms of these before the tower": _milliseconds(lambda: pixels(photo, manifest.image)),
        "ms a text": _milliseconds(lambda: embedder.words(_TEXT)),
        "MB in all": sum(file.size for file in manifest.files.values()) / 1e6,
    }


def table(columns: dict[str, Scores]) -> str:
    rows = list(next(iter(columns.values())))
    width = max(map(len, rows))
    head = " " * width + "".join(f"{name:>9}" for name in columns)
    return "\n".join(
        [head]
        + [
            f"{row:<{width}}" + "".join(f"{of[row]:9.3f}" for of in columns.values())
            for row in rows
        ]
    )


def _milliseconds(task: Callable[[], object]) -> float:
    """The median, so that what else the machine did meanwhile counts little."""
    spent = []
    for _ in range(_TIMED):
        began = perf_counter()
        task()
        spent.append(perf_counter() - began)
    return float(np.median(spent[_TIMED // 10 :]) * 1000)
