"""Rows to the shop, many at once, and an account of what came of each."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

from core.feeds import BadRow, Row
from scripts.imports.shop import RemoteShop
from scripts.imports.source import is_address

_MOST = 100
_WEIGHT_OF_PHOTOS = 25
"""So many rows that a batch may have, one with photos to be fetched takes the room of: the shop
fetches for four side by side, and has to answer in time."""

Outcome = tuple[Row, str]
"""A row, and what is wrong with it; empty where nothing is."""


class Problems:
    """A file for a spreadsheet, which is not there where there are none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.first: list[str] = []
        self._file: IO[str] | None = None
        path.unlink(missing_ok=True)  # of a run before this one

    def add(self, line: int, product_id: str, why: str) -> None:
        self.count += 1
        if len(self.first) < 10:
            about = f" ({product_id})" if product_id else ""
            self.first.append(f"  line {line}{about}: {why}")
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(("line", "product", "problem"))
        csv.writer(self._file).writerow((line, product_id, why))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def tell(self) -> str:
        more = [f"  and {self.count - len(self.first)} more"] * (self.count > len(self.first))
        listed = ["These rows have something wrong:", *self.first, *more]
        return "\n".join([*listed, f"They are listed in {self.path}."]) if self.count else ""

    def add_bad(self, rows: Iterable[Row | BadRow]) -> Iterator[Row]:
        """The good ones."""
        for row in rows:
            if isinstance(row, Row):
                yield row
            else:
                self.add(row.line, row.product_id, row.reason)


def send(
    shop: RemoteShop, rows: Iterable[Row], at_once: int, account: Callable[[Outcome], None]
) -> None:
    """Stopped half-way, what is under way is waited for, and accounted for."""
    begun: deque[Future[list[Outcome]]] = deque()
    with ThreadPoolExecutor(at_once, "import") as threads:
        try:
            for batch in _batches(rows):
                begun.append(threads.submit(_take, shop, batch))
                if len(begun) > at_once:
                    _account(begun.popleft(), account)
            while begun:
                _account(begun.popleft(), account)
        finally:
            threads.shutdown(wait=True, cancel_futures=True)
            for one in begun:
                if not one.cancelled() and one.exception() is None:
                    _account(one, account)


def _account(done: Future[list[Outcome]], account: Callable[[Outcome], None]) -> None:
    for outcome in done.result():
        account(outcome)


def _take(shop: RemoteShop, batch: list[Row]) -> list[Outcome]:
    first = batch[0]
    if first.withdrawn:
        return [(first, shop.remove(first))]
    if has_files(first):
        return [(first, shop.take_with_files(first))]
    return list(zip(batch, shop.take(batch), strict=True))


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    room = _MOST
    for row in rows:
        if row.withdrawn or has_files(row):
            yield [row]
            continue
        weight = _WEIGHT_OF_PHOTOS if row.photos else 1
        if weight > room:
            yield batch
            batch, room = [], _MOST
        batch.append(row)
        room -= weight
    if batch:
        yield batch


def has_files(row: Row) -> bool:
    return not all(map(is_address, row.photos or ()))
