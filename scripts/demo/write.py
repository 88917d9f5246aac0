"""Writes the demo shop as a bucket: photos under ``images/`` with their facts beside them."""

from __future__ import annotations

import io
import json
import multiprocessing
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from zlib import crc32

from scripts.demo.catalogue import DemoProduct, products
from scripts.demo.render import render

QUALITY = 88
UNFINISHED = ".demo-tmp"  # beside images/, on the same file system
Progress = Callable[[int, int], None]


def write_catalogue(folder: Path, size: int, jobs: int, progress: Progress) -> int:
    """Writes every product and returns how many photos there are."""
    return write_products(products(), folder, size, jobs, progress)


def write_products(
    chosen: list[DemoProduct], folder: Path, size: int, jobs: int, progress: Progress
) -> int:
    (folder / UNFINISHED).mkdir(parents=True, exist_ok=True)
    write = partial(write_product, folder=folder, size=size)
    photos = 0
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder / UNFINISHED)
        counts: Iterator[int] = map(write, chosen)
        if jobs > 1:
            # Spawned, never forked: a fork copies locks that other libraries' threads may hold.
            # Ctrl-C reaches every process of a terminal; the one that started them ends them.
            spawn = multiprocessing.get_context("spawn")
            pool = stack.enter_context(
                spawn.Pool(jobs, signal.signal, (signal.SIGINT, signal.SIG_IGN))
            )
            counts = pool.imap_unordered(write, chosen)
        for done, count in enumerate(counts, start=1):
            photos += count
            progress(done, len(chosen))
    return photos


def write_product(product: DemoProduct, folder: Path, size: int) -> int:
    """Writes one product's facts and then its photos, so no photo is ever seen without facts."""
    facts = json.dumps(_facts(product), indent=2, ensure_ascii=False) + "\n"
    images = folder / "images"
    if product.photos == 1:
        paths = [images / f"{product.id}.jpg"]
        _place(images / f"{product.id}.json", facts.encode(), folder)
    else:
        home = images / product.id
        paths = [home / "front.jpg", home / "second.jpg"]
        _place(home / "product.json", facts.encode(), folder)
    for number, path in enumerate(paths):
        _place(path, _jpeg(product, number, size), folder)
    return len(paths)


def photo_seed(product: DemoProduct, number: int) -> int:
    """The seed of a product's first (0) or second (1) photo."""
    return crc32(product.id.encode()) * 2 + number


def _facts(product: DemoProduct) -> dict[str, object]:
    return {
        "name": product.name,
        "description": product.description,
        "category": product.category,
        "price": product.price,
        "currency": product.currency,
        "attributes": product.attributes,
        "in_stock": product.in_stock,
    }


def _jpeg(product: DemoProduct, number: int, size: int) -> bytes:
    photo = render(product.look, photo_seed(product, number), size)
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def _place(path: Path, content: bytes, folder: Path) -> None:
    """Puts a file in place whole: whoever watches the bucket never sees half of one."""
    unfinished = folder / UNFINISHED / f"{path.parent.name}-{path.name}"
    unfinished.write_bytes(content)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished.replace(path)
