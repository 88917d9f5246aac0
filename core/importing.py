"""Taking in feeds. What a row says counts over what is known of its product, as if it was told
through the API, once for each version of the file: a report in the bucket says how far that came,
so it is neither begun again after it was cut off, nor said again over what was said later.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from itertools import islice
from time import monotonic

import msgspec

from core.bucket import Role
from core.errors import BadInput, PhotoNotFound, Unavailable
from core.feeds import FEEDS, MAX_FEED_BYTES, BadRow, Row, is_feed
from core.indexing import Indexing, Settled
from core.ports import Cache, PhotoStore, StoredObject, VectorIndex
from core.product import Listing, Origin, Product
from core.refusals import Rejected
from core.web_photos import MAX_ADDRESSES, Told, has_web_photos, is_from_the_web, put_told

log = logging.getLogger(__name__)

REPORTS = "reports/"
_AT_ONCE = 4
_ROWS, _SECONDS = 500, 10.0
"""Between two reports, at most."""
_MOST_TOLD = 1000
"""Rows with something wrong that a report lists."""


class Report(msgspec.Struct):
    """How one version of a feed was taken in, for the shop to read."""

    feed: str
    version: str
    done: bool = False
    format: str = ""
    note: str = ""
    rows: int = 0
    """How many are done with, whatever became of them."""
    taken: int = 0
    withdrawn: int = 0
    """Of those, the ones that are not for sale, and are not in the catalogue any more."""
    crowded: int = 0
    """Of those, the ones with more photos than a product may have by their addresses."""
    incomplete: int = 0
    """Of those, the ones that are without some of their photos, or with photos they should not
    have."""
    bad: int = 0
    """Rows that were not taken."""
    bad_rows: list[BadRow] = []
    """What is wrong with the last two kinds."""

    @property
    def is_well(self) -> bool:
        return not self.bad and not self.incomplete

    @property
    def reason(self) -> str:
        few = "; ".join(f"line {one.line}: {one.reason}" for one in self.bad_rows[:3])
        photos = f", {self.incomplete} not with all of their photos" if self.incomplete else ""
        return f"{self.bad} of {self.bad + self.taken} rows were not taken{photos} ({few})."

    def add(self, row: Row | BadRow, complaint: BadRow | None) -> None:
        self.rows += 1
        if isinstance(row, Row):
            self.taken += 1
            self.withdrawn += row.withdrawn
            self.crowded += len(row.photos or ()) > MAX_ADDRESSES
            self.incomplete += complaint is not None
        else:
            self.bad += 1
        if complaint is not None and len(self.bad_rows) < _MOST_TOLD:
            self.bad_rows.append(complaint)


class Feeds:
    """Safe to call from several threads and several processes."""

    def __init__(
        self,
        index: VectorIndex,
        photos: PhotoStore,
        indexing: Indexing,
        cache: Cache,
        collection: str,
        fetch: Callable[[str], bytes],
    ) -> None:
        self._index = index
        self._photos = photos
        self._indexing = indexing
        self._cache = cache
        self._collection = collection
        self._fetch = fetch

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
        return Settled(changed, () if report.is_well else (rejected,))

    def unsettled(self) -> list[str]:
        """The feeds that were not taken in as they are now."""
        stored = [one for one in self._photos.list(FEEDS) if is_feed(one.key)]
        return [one.key for one in stored if not self._report(one).done]

    def _take_in(self, stored: StoredObject, report: Report, goes_on: Callable[[], bool]) -> None:
        from core.feeds.reading import open_feed  # no start waits for readers of every format

        data = self._photos.read(stored.key, MAX_FEED_BYTES)
        feed = open_feed(lambda: BytesIO(data))
        report.format, report.note = feed.format, feed.note
        written = monotonic()
        try:
            for row, complaint in self._taken(islice(feed.rows(), report.rows, None), goes_on):
                report.add(row, complaint)
                if report.rows % _ROWS == 0 or monotonic() - written > _SECONDS:
                    self._write(report)
                    written = monotonic()
            if not goes_on():
                raise Unavailable(f"{report.rows} of its rows are done with; the rest is to come.")
        finally:
            # Rows that a killed process had put already are passed over without a word.
            self._cache.advance(self._collection)
            self._write(report)

    def _taken(
        self, rows: Iterable[Row | BadRow], goes_on: Callable[[], bool]
    ) -> Iterator[tuple[Row | BadRow, BadRow | None]]:
        """Side by side, in their order, and what is wrong with each."""
        with ThreadPoolExecutor(_AT_ONCE, "feed") as threads:
            begun: deque[tuple[Row | BadRow, Future[BadRow | None]]] = deque()
            try:
                for row in rows:
                    if not goes_on():
                        break
                    begun.append((row, threads.submit(self._take, row, goes_on)))
                    if len(begun) > 2 * _AT_ONCE:
                        first, complaint = begun.popleft()
                        yield first, complaint.result()
                for first, complaint in begun:
                    yield first, complaint.result()
            finally:
                threads.shutdown(wait=True, cancel_futures=True)

    def _take(self, row: Row | BadRow, goes_on: Callable[[], bool]) -> BadRow | None:
        if isinstance(row, BadRow):
            return row
        try:
            return self._withdraw(row) if row.withdrawn else self._put(row, goes_on)
        except BadInput as error:
            return BadRow(row.line, error.detail, row.product_id)

    def _put(self, row: Row, goes_on: Callable[[], bool]) -> BadRow | None:
        addresses = row.photos and row.photos[:MAX_ADDRESSES]
        with self._indexing.turns.of(row.product_id):
            known = self._index.get(row.product_id)
            product = _said_over(known, row)
            if addresses is None or (known is not None and has_web_photos(known, addresses)):
                if known is None or known.origin is not Origin.API or known.product != product:
                    self._indexing.put_product(product)
                return None

        def fetch(url: str) -> bytes:
            if not goes_on():
                raise Unavailable("Its photos are to come.")
            return self._fetch(url)

        def tell(known: Listing | None) -> Told:
            return Told(_said_over(known, row), addresses)

        missed: list[str] = []
        put_told(self._photos, self._indexing, row.product_id, tell, fetch, missed=missed)
        return BadRow(row.line, " ".join(missed), row.product_id) if missed else None

    def _withdraw(self, row: Row) -> BadRow | None:
        with self._indexing.turns.of(row.product_id):
            files = self._photos.of_product(row.product_id)
            if not all(is_from_the_web(one.key) for one in files):
                why = (
                    "it is not for sale, but has files of its own in images/; delete them, and it "
                    "goes"
                )
                return BadRow(row.line, why, row.product_id)
            self._indexing.remove_product(row.product_id)
        return None

    def _report(self, stored: StoredObject) -> Report:
        afresh = Report(stored.key, stored.version)
        try:
            data = self._photos.read(_place(stored.key), MAX_FEED_BYTES)
            report = msgspec.json.decode(data, type=Report)
        except (BadInput, msgspec.DecodeError, UnicodeError):
            return afresh
        return report if report.version == stored.version else afresh

    def _write(self, report: Report) -> None:
        data = msgspec.json.format(msgspec.json.encode(report), indent=2)
        self._photos.put(_place(report.feed), data, "application/json")


def _said_over(known: Listing | None, row: Row) -> Product:
    before = known.product if known else Product(id=row.product_id, name=row.product_id)
    return msgspec.structs.replace(before, **row.said)


def _place(key: str) -> str:
    """Where a feed's report lies: not under feeds/, or it would be an event of its own."""
    return f"{REPORTS}{key}.json"
