"""Shoppers who ask a server at the same time, for so long, and what each was told and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from random import SystemRandom
from threading import Thread
from time import perf_counter, sleep

from scripts.bench.asking import Connection, post

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
        with closing(Connection(self._port)) as connection:
            while True:
                kind, request = self._question(next(self._numbers))
                began = perf_counter()
                status, _ = connection.answered(request)
                took = perf_counter() - began
                told.append(Told(kind, status, took * 1000, began - came))
                sleep(pause())
                if perf_counter() >= came + seconds:
                    return

    def _question(self, number: int) -> tuple[str, bytes]:
        if number % 2:
            text = f"{self._texts[number % len(self._texts)]} {number}"
            body = json.dumps({"text_query": text}).encode()
            return WORDS, post("/search", body, "application/json")
        photo = self._photos[number % len(self._photos)]
        remark = b"\xff\xfe\x00\x0a" + number.to_bytes(8)  # which makes it another file
        body = photo[:2] + remark + photo[2:]
        return PHOTO, post("/search/by-image", body, "image/jpeg")
