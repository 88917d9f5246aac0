"""Shoppers who ask a server at the same time, for so long, and what each was told and when."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from random import SystemRandom
from threading import Thread
from time import perf_counter, sleep

_PATIENCE = 60.0
_DICE = SystemRandom()
WORDS, PHOTO = "words", "photo"


@dataclass(frozen=True)
class Told:
    kind: str
    status: int
    """0 where there was no answer."""
    milliseconds: float
    at: float
    """When it was asked, in seconds since the crowd came."""


class Crowd:
    """Half of the questions are words, half are photos; none comes twice."""

    def __init__(self, port: int, texts: list[str], photos: list[bytes]) -> None:
        self._port = port
        self._texts = texts
        self._photos = photos
        self._numbers = count()

    def shop(self, several: int, seconds: float, pause: Callable[[], float]) -> list[Told]:
        """Each asks once at least. `pause`: how long it thinks after an answer."""
        told: list[Told] = []
        came = perf_counter()
        threads = [
            Thread(target=self._one, args=(came, seconds, pause, told), daemon=True)
            for _ in range(several)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return told

    def _one(
        self, came: float, seconds: float, pause: Callable[[], float], told: list[Told]
    ) -> None:
        sleep(_DICE.random() * pause())
        with closing(self._connection()) as connection:
            while True:
                kind, path, body, content = self._question(next(self._numbers))
                began = perf_counter()
                try:
                    connection.request("POST", path, body, {"content-type": content})
                    answer = connection.getresponse()
                    answer.read()
                    status = answer.status
                except (OSError, http.client.HTTPException):
                    status = 0
                    connection.close()
                took = perf_counter() - began
                told.append(Told(kind, status, took * 1000, began - came))
                sleep(pause())
                if perf_counter() >= came + seconds:
                    return

    def _question(self, number: int) -> tuple[str, str, bytes, str]:
        if number % 2:
            text = f"{self._texts[number % len(self._texts)]} {number}"
            body = json.dumps({"text_query": text}).encode()
            return WORDS, "/api/v1/search", body, "application/json"
        photo = self._photos[number % len(self._photos)]
        remark = b"\xff\xfe\x00\x0a" + number.to_bytes(8)  # which makes it another file
        return PHOTO, "/api/v1/search/by-image", photo[:2] + remark + photo[2:], "image/jpeg"

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
