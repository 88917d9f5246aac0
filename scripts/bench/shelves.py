"""A shop of as many products as one likes, each with a photo: the demo catalogue over and over,
every time in other colours."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
from contextlib import closing
from functools import partial
from pathlib import Path

from PIL import Image

from core.clip.embedder import SHIPPED
from core.clip.loading import Loading
from core.settings import Settings
from core.stores.qdrant_embedded import EmbeddedIndex
from handlers.compose import open_shop
from handlers.folder_index import FolderIndexer
from scripts.demo.catalogue import DemoProduct, products
from scripts.demo.render import render
from scripts.demo.write import QUALITY, photo_seed
from scripts.progress import Bar

_SIZE = 512
_HUE_STEP = 0.618 * 256
"""Steps of the golden section lie well apart on the colour circle, however many there are."""


def stock(data: Path, count: int) -> None:
    """Fills a DATA_DIR with so many products, and indexes them as a first start does."""
    write_photos(data / "bucket" / "images", count)
    settings = Settings(data_dir=data)
    with open_shop(settings) as shop, Bar("Indexing it") as bar:
        indexer = FolderIndexer(shop.indexing.settle, shop.indexing.unsettled)
        indexer.catch_up(bar.show)
        indexer.close()
    with closing(index_of(settings)) as index:
        index.tidy()  # as it is some minutes later


def index_of(settings: Settings) -> EmbeddedIndex:
    model = Loading(settings.model, SHIPPED).manifest
    where = settings.data_dir / "index", settings.collection
    return EmbeddedIndex.open(*where, model.identity, model.dimension)


def write_photos(images: Path, count: int) -> None:
    """So many, each with its facts beside it."""
    images.mkdir(parents=True)
    every = products()[:count]
    shares = [(one, len(range(place, count, len(every)))) for place, one in enumerate(every)]
    processes = multiprocessing.get_context("spawn").Pool(len(os.sched_getaffinity(0)))
    with processes as pool, Bar("Photos for the shop") as bar:
        done = 0
        for share in pool.imap_unordered(partial(_write, images), shares):
            done += share
            bar.show(done, count)


def _write(images: Path, share: tuple[DemoProduct, int]) -> int:
    """One demo product, so many times."""
    product, times = share
    photo = render(product.look, photo_seed(product, 0), _SIZE).convert("HSV")
    for number in range(times):
        name = f"{product.id}-{number}"
        facts = {
            "name": f"{product.name}, no. {number + 1}",
            "description": product.description,
            "category": product.category,
            "price": product.price + number,
            "currency": product.currency,
        }
        (images / f"{name}.json").write_text(json.dumps(facts))
        (images / f"{name}.jpg").write_bytes(_jpeg(photo, number))
    return times


def _jpeg(photo: Image.Image, number: int) -> bytes:
    hue, *others = photo.split()
    shift = round(number * _HUE_STEP)
    turned = hue.point([(value + shift) % 256 for value in range(256)])
    out = io.BytesIO()
    Image.merge("HSV", (turned, *others)).convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
