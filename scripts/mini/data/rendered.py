"""Rendered products: every look of the demo shop from many sides, without the demo's own photos."""

from __future__ import annotations

import io
import multiprocessing
from collections import Counter
from functools import cache, partial
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
from PIL import Image

from scripts.demo.catalogue import KINDS, Look, every_look, products
from scripts.demo.render import render
from scripts.demo.write import photo_seed
from scripts.mini.data import views
from scripts.mini.teacher import features_of
from scripts.progress import Bar

VIEWS_A_LOOK = 10
VIEWS_A_KIND = 160
"""Kinds with few looks (fruit, jeans) are seen from more sides instead."""


def held_out(look: Look) -> bool:
    """Is this pairing of colour and kind kept from training, to see whether words compose?"""
    few_colours = len(KINDS[look.kind].colours) < 8
    return not few_colours and crc32(f"{look.colour} {look.kind}".encode()) % 16 == 0


def training_looks() -> list[Look]:
    return [look for look in every_look() if not held_out(look)]


def make(folder: Path, teacher: Path | None, jobs: int) -> list[Look]:
    """Renders the training views unless they are there; returns the looks in the store's order."""
    looks = training_looks()
    counts = views_of_each(looks)
    if views.is_made(folder, recipe()) and (teacher is None or views.is_taught(folder)):
        return looks
    pixels = views.create(folder, counts, recipe())
    taught: list[npt.NDArray[np.float16]] = []
    look_at = partial(_views, teacher=teacher)
    pairs = zip(looks, counts, strict=True)
    tasks = [(look, number, count) for number, (look, count) in enumerate(pairs)]
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(jobs) as pool, Bar("Rendering products") as bar:
        at = 0
        for done, (made, meant) in enumerate(pool.imap(look_at, tasks, chunksize=4), start=1):
            pixels[at : at + len(made)] = made
            at += len(made)
            taught.append(meant)
            bar.show(done, len(tasks))
    views.teach(folder, np.concatenate(taught))
    views.finish(folder)
    return looks


def views_of_each(looks: list[Look]) -> list[int]:
    of_kind = Counter(look.kind for look in looks)
    return [max(VIEWS_A_LOOK, -(-VIEWS_A_KIND // of_kind[look.kind])) for look in looks]


@cache
def recipe() -> str:
    """Changes with the catalogue, and with the renderer where a few samples show it."""
    looks = training_looks()
    sums = crc32(repr([looks, views_of_each(looks)]).encode())
    for look in looks[::100]:
        sums = crc32(render(look, 1, 64).tobytes(), sums)
    return f"{views.SIDE} px; {sums:08x}"


DEMO_SEEDS = frozenset(photo_seed(product, n) for product in products() for n in (0, 1))


def _views(
    task: tuple[Look, int, int], teacher: Path | None
) -> tuple[views.Pixels, npt.NDArray[np.float16]]:
    look, number, count = task
    seeds = [seed for seed in range(number * 1000, number * 1000 + 1000) if seed not in DEMO_SEEDS]
    made = [_photographed(look, seed) for seed in seeds[:count]]
    pixels = np.stack([np.asarray(views.squashed(view)) for view in made])
    return pixels, features_of(made, teacher)


def _photographed(look: Look, seed: int) -> Image.Image:
    """Rendered at one of several sizes and half the time saved as JPEG, as shops' photos are."""
    rng = np.random.default_rng([seed, 1])
    image = render(look, seed, int(rng.choice((128, 192, 256), p=(0.5, 0.3, 0.2))))
    if rng.random() < 0.5:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=int(rng.integers(60, 95)))
        image = Image.open(file)
    return image
