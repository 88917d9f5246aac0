"""A catalogue that changes while it is searched: photos come, are replaced and go, and prices move.
It never gets larger, so whatever grows beside it, grows for no good reason."""

from __future__ import annotations

import http.client
import json
from collections import deque
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Event, Thread

_PRODUCTS = 40
"""How many have their photos in the bucket."""
_PATIENCE = 60.0


class Stockroom:
    """Changes something so many times a second, from a thread of its own, until `close`."""

    def __init__(self, port: int, data: Path, photos: list[bytes], rate: float) -> None:
        self.changes = 0
        self._port = port
        self._images = data / "bucket" / "images"
        self._photos = photos
        self._pause = 1 / rate
        self._there: deque[str] = deque()
        self._numbers = count()
        self._stop = Event()
        self._images.mkdir(parents=True, exist_ok=True)
        for _ in range(_PRODUCTS):
            self._comes()
        self._thread = Thread(target=self._go, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _go(self) -> None:
        while not self._stop.wait(self._pause):
            number = next(self._numbers)
            if number % 3 == 0:
                self._goes()
                self._comes()
            elif number % 3 == 1:
                self._drop(self._there[number % len(self._there)], number)
            else:
                self._costs(self._there[number % len(self._there)], number % 100)
            self.changes += 1

    def _comes(self) -> None:
        number = next(self._numbers)
        self._there.append(f"new-{number}")
        self._drop(self._there[-1], number)

    def _goes(self) -> None:
        (self._images / f"{self._there.popleft()}.jpg").unlink()

    def _drop(self, product_id: str, number: int) -> None:
        draft = self._images.parent / ".draft"
        draft.write_bytes(self._photos[number % len(self._photos)])
        draft.rename(self._images / f"{product_id}.jpg")

    def _costs(self, product_id: str, price: int) -> None:
        """One that is not indexed yet is answered 404, which is as it should be."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)) as ask:
            body, kind = json.dumps({"price": price}), {"content-type": "application/json"}
            ask.request("PATCH", f"/api/v1/products/{product_id}", body, kind)
            ask.getresponse().read()
