"""Searching a catalogue of CLIP-like vectors: the embedded index, and a peer on the same data."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.ports import ByMeaning, ByPhotos, ByWords, CatalogueItem, PhotoVector, Probe
from core.product import Listing, Photo, Vector
from core.query import Filters
from core.stores.qdrant_embedded import EmbeddedIndex
from core.stores.qdrant_shard import MANY
from core.words import Lexical, of_product, of_query
from scripts.bench.catalogue import (
    DIMENSION,
    Catalogue,
    Matrix,
    category,
    colour_of,
    in_stock,
    make,
    nearest,
    price,
)
from scripts.bench.report import Report, Scale, timed

if TYPE_CHECKING:
    from scripts.bench.peer import Peer

LIMIT = 10
_QUERIES, _PEER_QUERIES = 400, 10
_LOAD_BATCH = 256
_MOST_FOR_PEER = 200_000
"""It reads every vector with every filter: a million would take it seconds a search."""
NARROW = Filters(
    categories=(category(3), category(4)),
    price_min=20,
    price_max=120,
    attributes=(("colour", ("red",)),),
)

RED = Filters(attributes=(("colour", ("red",)),))
"""One in eight: too many to read one by one where there are a million."""


def measure(report: Report, scale: Scale) -> None:
    catalogue = make(scale.products, _QUERIES)
    report.say(f"search: {scale.products:,} products with a photo each, {DIMENSION} dimensions")
    with tempfile.TemporaryDirectory(prefix="likeness-bench-") as folder:
        ours = Path(folder)
        peer_load, peer = _load_peer(report, catalogue)
        began = perf_counter()
        with closing(_opened(ours)) as index:
            put_all(index, catalogue)
            report.value("load", perf_counter() - began, "s", peer_load)
            began = perf_counter()
            index.tidy()
            report.value("tidied up, in a process of its own", perf_counter() - began, "s")
            _searches(report, scale, index, catalogue, peer)
        fresh = _in_its_own_process(ours, catalogue.queries[:100])
        report.value("reopen", fresh.reopened, "s")
        # The files' pages count as memory too, though the system takes them back when it needs to.
        report.value("peak memory of a process that opens it and searches", fresh.peak, "MB")
        report.value("its own memory, without the pages of its files", fresh.own, "MB")
        report.value("on disk", _megabytes(ours), "MB")


def _searches(
    report: Report, scale: Scale, index: EmbeddedIndex, catalogue: Catalogue, peer: Peer | None
) -> None:
    queries = catalogue.queries
    n, peer_n = scale.times(_QUERIES), scale.times(_PEER_QUERIES)

    def first(run: int) -> object:
        return index.search([ByPhotos(queries[run])], Filters(), LIMIT)

    # The system brings a page of a file in when it is first read.
    report.time("photo search, plain, the first ever", timed(first, n, warm_up=0))
    for name, filters in (
        ("plain", Filters()),
        ("filtered", NARROW),
        ("of one colour", RED),
        ("in stock", Filters(in_stock=True)),
    ):

        def ours(run: int, filters: Filters = filters) -> list[str]:
            [matches] = index.search([ByPhotos(queries[run])], filters, LIMIT)
            return [match.product_id for match in matches]

        def theirs(run: int, filters: Filters = filters) -> list[str]:
            assert peer is not None
            return peer.by_photos(queries[run], filters, LIMIT)

        by_peer = timed(theirs, peer_n, warm_up=1) if peer else None
        report.time(f"photo search, {name}", timed(ours, n, warm_up=n), by_peer)
        among = _accepted(catalogue, filters)
        exact = [nearest(catalogue, queries[run], among, LIMIT) for run in range(n)]
        peer_recall = _recall(theirs, exact[:peer_n]) if peer else None
        report.value(f"recall@{LIMIT}, {name}", _recall(ours, exact), "recall", peer_recall, n)

    report.time(
        "word search",
        timed(lambda run: index.search([ByWords(_asked(run))], Filters(), LIMIT), n, warm_up=n),
        timed(lambda run: peer.by_words(_asked(run), LIMIT), peer_n, 1) if peer else None,
    )

    whole = partial(word_query, index, catalogue)
    report.time("word query: photos, meaning and words, 60 each", timed(whole, n, n))


def word_query(index: EmbeddedIndex, catalogue: Catalogue, run: int) -> object:
    """What a search by words asks of the index, but for the scores of a few."""
    vector = catalogue.queries[run]
    probes: list[Probe] = [ByPhotos(vector), ByMeaning(vector), ByWords(_asked(run))]
    first, *_ = index.search(probes, Filters(), 60)
    return index.listings([match.product_id for match in first[:LIMIT]])


def _asked(run: int) -> Lexical:
    return of_query(f"red thing{run % 400}")


def _opened(folder: Path) -> EmbeddedIndex:
    return EmbeddedIndex.open(folder, "bench", "bench", DIMENSION)


def fill(index: EmbeddedIndex, catalogue: Catalogue, photos: str = "images") -> None:
    """As a server has it that was left to itself afterwards: tidied up where it is large."""
    put_all(index, catalogue, photos)
    if index.status().points >= MANY:
        index.tidy()


def put_all(index: EmbeddedIndex, catalogue: Catalogue, photos: str = "images") -> None:
    """As indexing does it: items in batches, photos product by product. What is in `images` is the
    bucket's to a server, and goes when that has none."""
    batch: list[CatalogueItem] = []
    for number, product in enumerate(catalogue.products()):
        listing = Listing(product=product)
        batch.append(CatalogueItem(listing, catalogue.meanings[number], of_product(product)))
        if len(batch) == _LOAD_BATCH or number == len(catalogue) - 1:
            index.put_items(batch)
            for place, item in enumerate(batch, start=number + 1 - len(batch)):
                one = item.listing.product
                photo = Photo(
                    key=f"{photos}/{one.id}.jpg", url=f"/photos/{one.id}.jpg", version="1"
                )
                index.put_photos(one, [PhotoVector(photo, catalogue.photos[place])])
            batch = []


def _load_peer(report: Report, catalogue: Catalogue) -> tuple[float | None, Peer | None]:
    if len(catalogue) > _MOST_FOR_PEER:
        return None, None
    if find_spec("qdrant_client") is None:
        report.say("search: qdrant-client is not installed, so there is no peer to compare with")
        return None, None
    from scripts.bench.peer import Peer  # only a developer's environment has what it needs

    peer = Peer()
    began = perf_counter()
    peer.load(catalogue)
    return perf_counter() - began, peer


def _accepted(catalogue: Catalogue, filters: Filters) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    low = -np.inf if filters.price_min is None else filters.price_min
    high = np.inf if filters.price_max is None else filters.price_max
    colours = dict(filters.attributes).get("colour")
    return np.fromiter(
        (
            (not filters.categories or category(int(cluster)) in filters.categories)
            and low <= price(number) <= high
            and (colours is None or colour_of(number) in colours)
            and (filters.in_stock is None or in_stock(number) == filters.in_stock)
            for number, cluster in enumerate(catalogue.clusters)
        ),
        np.bool_,
    )


def _recall(search: Callable[[int], list[str]], exact: list[set[str]]) -> float:
    hit = sum(len(expected & set(search(run))) for run, expected in enumerate(exact))
    return hit / max(1, sum(map(len, exact)))


class _Fresh(NamedTuple):
    reopened: float
    peak: float
    own: float


def _in_its_own_process(folder: Path, queries: Matrix) -> _Fresh:
    """What it takes a process that does nothing else: seconds to reopen, megabytes to search."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_reopen, (folder, list(queries)))


def _reopen(folder: Path, queries: list[Vector]) -> _Fresh:
    began = perf_counter()
    index = _opened(folder)
    reopened = perf_counter() - began
    for query in queries:
        index.search([ByPhotos(query)], Filters(), LIMIT)
    # Not getrusage: its peak is handed down from the process that started this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = {line.split(":")[0]: line.split()[1] for line in lines if line.endswith("kB")}
    index.close()
    return _Fresh(reopened, int(kilobytes["VmHWM"]) / 1000, int(kilobytes["RssAnon"]) / 1000)


def _megabytes(folder: Path) -> float:
    """What the disk holds for it: the engine's files have holes."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file()) / 1e6
