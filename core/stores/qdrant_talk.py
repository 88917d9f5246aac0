"""Whole exchanges with a managed Qdrant: listings put together, photos brought up to date."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from core.ports import ByWords, Match, Probe
from core.product import Listing, Vector
from core.stores import qdrant_payload as layout
from core.stores import qdrant_rest as rest
from core.stores.qdrant_payload import RECORD, Field, Payload
from core.stores.qdrant_ranking import first_fetch, next_fetch, ranked
from core.stores.qdrant_rest import Json, Point
from core.stores.qdrant_wire import Talk

log = logging.getLogger(__name__)

T = TypeVar("T")
BATCH = 256
"""Points a write, and products a look-up: what one request carries at most. At 1280 dimensions
that is 7 MB, of the 32 that Qdrant reads."""
_PAGE = 1000
_ROUNDS = 8
_LISTING = (Field.KIND, Field.PRODUCT, Field.LISTING, Field.PHOTO)
FACTS = (Field.KIND, Field.PRODUCT, Field.CATEGORY, Field.PRICE, Field.FACTS, Field.IN_STOCK)


def one_page(
    talk: Talk,
    where: Json,
    fields: Sequence[Field],
    limit: int,
    offset: str | None,
    vectors: Sequence[str] = (),
) -> tuple[list[Point], str | None]:
    """Points that satisfy the filter, by their ids, and where the next page begins."""
    body: Json = {"filter": where, "limit": limit, "with_payload": fields}
    body["with_vector"] = vectors or False
    if offset is not None:
        body["offset"] = offset
    page = talk.ask("POST", "/points/scroll", body, rest.PAGE)
    return page.points, page.next_page_offset


def scroll(
    talk: Talk, where: Json, fields: Sequence[Field], vectors: Sequence[str] = ()
) -> Iterator[Point]:
    """Every point that satisfies the filter."""
    offset: str | None = None
    while True:
        points, offset = one_page(talk, where, fields, _PAGE, offset, vectors)
        yield from points
        if offset is None:
            return


def retrieve(talk: Talk, point_id: str, fields: Sequence[str]) -> Point | None:
    body = {"ids": [point_id], "with_payload": fields, "with_vector": False}
    found = talk.ask("POST", "/points", body, rest.POINTS)
    return found[0] if found else None


def upsert(talk: Talk, points: Sequence[Json]) -> None:
    talk.ask("PUT", "/points?wait=true", {"points": points}, rest.DONE)


def delete(talk: Talk, which: Json) -> None:
    """`which` is {"points": ids} or {"filter": conditions}."""
    talk.ask("POST", "/points/delete?wait=true", which, rest.DONE)


def count(talk: Talk, where: Json) -> int:
    body = {"filter": where, "exact": True}
    return talk.ask("POST", "/points/count", body, rest.COUNT).count


def count_by(talk: Talk, field: Field, where: Json, most: int) -> dict[str, int]:
    body = {"key": field, "filter": where, "limit": most, "exact": True}
    return {one.value: one.count for one in talk.ask("POST", "/facet", body, rest.VALUES).hits}


def nearest(
    talk: Talk,
    probes: Sequence[Probe],
    clip: str,
    where: Sequence[Json],
    limit: int,
    exclude: Sequence[str] = (),
) -> list[list[Match]]:
    """For each probe the best products, all probes in one request; in another one those of
    which many photos of a product, or many equal scores, leave the order open."""
    found: list[list[Match]] = [[] for _ in probes]
    pending = {
        n: first_fetch(probe, limit)
        for n, probe in enumerate(probes)
        if limit > 0 and not (isinstance(probe, ByWords) and not probe.lexical)
    }
    while pending:
        asked = list(pending.items())
        searches = [rest.request(probes[n], clip, where, fetch, exclude) for n, fetch in asked]
        answers = talk.ask("POST", "/points/query/batch", {"searches": searches}, rest.FOUND)
        for (n, fetch), answer in zip(asked, answers, strict=True):
            order = ranked(rest.matches(answer.points), fetch, limit)
            if order is None:
                pending[n] = next_fetch(fetch)
            else:
                found[n] = order
                del pending[n]
    return found


def listings(talk: Talk, product_ids: Iterable[str]) -> dict[str, Listing]:
    payloads = [
        point.carries
        for some in batches(dict.fromkeys(product_ids))
        for point in scroll(talk, rest.both(rest.any_of(Field.PRODUCT, some)), _LISTING)
    ]
    return layout.listings_of(payloads)


def vectors(talk: Talk, product_ids: Iterable[str], clip: str) -> Iterator[tuple[Payload, Vector]]:
    fields = [Field.KIND, Field.PRODUCT, Field.PHOTO]
    for some in batches(dict.fromkeys(product_ids)):
        for point in scroll(talk, rest.both(rest.any_of(Field.PRODUCT, some)), fields, [clip]):
            yield point.carries, np.asarray(rest.vector_of(point, clip), np.float32)


def tell_photos(talk: Talk, facts: Mapping[str, Payload]) -> None:
    """Have what filters see on these products' photos say the facts given, where it does not.

    Done before a record is written: whoever is cut off in between has not said it was done, and
    finds by the record that it is to be done again.
    """
    theirs = rest.both(rest.any_of(Field.PRODUCT, list(facts)), rest.PHOTOS)
    _write(talk, facts, _stale(facts, scroll(talk, theirs, FACTS)))


# Several processes may write one product at a time, and nothing locks them out. So whoever has
# written looks at the record afterwards, and once more after any correction of its own: of two
# who write, the later one finds what the other wrote.


def agree(talk: Talk, product_ids: Sequence[str]) -> None:
    """Have these products' photos say what their records say. For after writing records."""
    theirs = rest.both(rest.any_of(Field.PRODUCT, product_ids))
    for _ in range(_ROUNDS):
        points = list(scroll(talk, theirs, FACTS))
        facts = {
            point.carries[Field.PRODUCT]: layout.filterable_of(point.carries)
            for point in points
            if point.carries[Field.KIND] == RECORD
        }
        stale = _stale(facts, points)
        if not stale:
            return
        _write(talk, facts, stale)
    log.warning("%d products keep changing; their next change settles them", len(product_ids))


def confirm(talk: Talk, product_id: str, facts: Payload) -> bool:
    """The same for after writing photos with these facts; False when the record is gone."""
    for _ in range(_ROUNDS):
        record = retrieve(talk, str(layout.record_id(product_id)), FACTS)
        if record is None:
            return False
        now = layout.filterable_of(record.carries)
        if now == facts:
            return True
        facts = now
        _write(talk, {product_id: facts}, {product_id})
    log.warning("product %s keeps changing; its next change settles it", product_id)
    return True


def _stale(facts: Mapping[str, Payload], points: Iterable[Point]) -> set[str]:
    """The products of which a point says something else."""
    return {
        product_id
        for point in points
        if (product_id := point.carries[Field.PRODUCT]) in facts
        and layout.filterable_of(point.carries) != facts[product_id]
    }


def _write(talk: Talk, facts: Mapping[str, Payload], stale: Collection[str]) -> None:
    for product_id in sorted(stale):
        # Not by their ids: of one that is removed meanwhile Qdrant makes an error.
        theirs = rest.both(rest.equal(Field.PRODUCT, product_id), rest.PHOTOS)
        change = {"payload": facts[product_id], "filter": theirs}
        talk.ask("POST", "/points/payload?wait=true", change, rest.DONE)


def batches(things: Iterable[T]) -> Iterator[list[T]]:
    everything = list(things)
    for start in range(0, len(everything), BATCH):
        yield everything[start : start + BATCH]
