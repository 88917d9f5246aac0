"""Taking in feeds. What a row says counts over what is known of its product, as if it was told
through the API, once for each version of the file: a report in the bucket says how far that came,
so it is neither begun again after it was cut off, nor said again over what was said later.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import msgspec

from core.bucket import Role
from core.errors import BadInput, PhotoNotFound, Unavailable
from core.feeds import FEEDS, MAX_FEED_BYTES, BadRow, Row, is_feed, read_feed
from core.indexing import Indexing, Settled
from core.ports import Cache, PhotoStore, StoredObject, VectorIndex
from core.product import Origin, Product
from core.refusals import Rejected

log = logging.getLogger(__name__)

REPORTS = "reports/"
_AT_ONCE = 4
_CHUNK = 500
"""Rows between two reports."""
_MOST_TOLD = 1000
"""Bad rows a report lists."""


class Report(msgspec.Struct):
    """How one version of a feed was taken in, for the shop to read."""

    feed: str
    version: str
    done: bool = False
    lines: int = 0
    taken: int = 0
    bad: int = 0
    bad_rows: list[BadRow] = []

    @property
    def reason(self) -> str:
        few = "; ".join(f"line {one.line}: {one.reason}" for one in self.bad_rows[:3])
        return f"{self.bad} of {self.bad + self.taken} rows were not taken ({few})."


class Feeds:
    """Safe to call from several threads and several processes."""

    def __init__(
        self,
        index: VectorIndex,
        photos: PhotoStore,
        indexing: Indexing,
        cache: Cache,
        collection: str,
    ) -> None:
        self._index = index
        self._photos = photos
        self._indexing = indexing
        self._cache = cache
        self._collection = collection

    def settle(self, key: str, goes_on: Callable[[], bool] = lambda: True) -> Settled:
        """Take in what the feed says now, unless that was done. One that is gone leaves what it
        told: nobody said that its products are gone. Raises Unavailable when it no longer
        `goes_on` before the end: another time it goes on from there."""
        stored = next((one for one in self._photos.list(key) if one.key == key), None)
        if stored is None:
            return Settled(changed=False, rejected=())
        report = self._report(stored)
        changed = not report.done
        if changed:
            try:
                self._take_in(stored, report, goes_on)
            except PhotoNotFound:
                return Settled(changed=False, rejected=())
            except BadInput as error:
                report.bad, report.bad_rows = 1, [BadRow(0, error.detail)]
            report.done = True
            self._write(report)
            log.info("%s: %d rows taken, %d not", key, report.taken, report.bad)
        rejected = Rejected(key, stored.version, Role.FACTS, report.reason)
        return Settled(changed, (rejected,) if report.bad else ())

    def unsettled(self) -> list[str]:
        """The feeds that were not taken in as they are now."""
        stored = [one for one in self._photos.list(FEEDS) if is_feed(one.key)]
        return [one.key for one in stored if not self._report(one).done]

    def _take_in(self, stored: StoredObject, report: Report, goes_on: Callable[[], bool]) -> None:
        rows = read_feed(stored.key, self._photos.read(stored.key, MAX_FEED_BYTES))
        left = (row for row in rows if row.line > report.lines)
        with ThreadPoolExecutor(_AT_ONCE, "feed") as threads:
            try:
                for chunk in _chunks(left):
                    if not goes_on():
                        raise Unavailable(
                            f"It was taken in up to line {report.lines}; the rest is to come."
                        )
                    good = [row for row in chunk if isinstance(row, Row)]
                    report.taken += len(list(threads.map(self._take, good)))
                    bad = [row for row in chunk if isinstance(row, BadRow)]
                    report.bad += len(bad)
                    report.bad_rows += bad[: _MOST_TOLD - len(report.bad_rows)]
                    report.lines = chunk[-1].line
                    self._write(report)
            finally:
                # Rows that a killed process had put already are passed over without a word.
                self._cache.advance(self._collection)

    def _take(self, row: Row) -> None:
        known = self._index.get(row.product_id)
        before = known.product if known else Product(id=row.product_id, name=row.product_id)
        product = msgspec.structs.replace(before, **row.said)
        if known is None or known.origin is not Origin.API or known.product != product:
            self._indexing.put_product(product)

    def _report(self, stored: StoredObject) -> Report:
        afresh = Report(stored.key, stored.version)
        try:
            data = self._photos.read(_place(stored.key), MAX_FEED_BYTES)
            report = msgspec.json.decode(data, type=Report)
        except (BadInput, msgspec.DecodeError):
            return afresh
        return report if report.version == stored.version else afresh

    def _write(self, report: Report) -> None:
        data = msgspec.json.format(msgspec.json.encode(report), indent=2)
        self._photos.put(_place(report.feed), data, "application/json")


def _place(key: str) -> str:
    """Where a feed's report lies: not under feeds/, or it would be an event of its own."""
    return f"{REPORTS}{key}.json"


def _chunks(rows: Iterable[Row | BadRow]) -> Iterator[list[Row | BadRow]]:
    every = iter(rows)
    while chunk := list(islice(every, _CHUNK)):
        yield chunk
