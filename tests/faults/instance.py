"""One instance of the shop, with less patience than it has in a cloud, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from time import monotonic
from typing import Any
from unittest.mock import patch

from starlette.testclient import TestClient

from core.clip.embedder import whole
from core.clip.loading import Loading
from core.photos.fetch.fetcher import Fetcher
from core.settings import Settings
from core.stores import attempts
from core.stores import aws as aws_client
from core.stores.breaker import Breaker
from core.stores.dynamodb_generations import Generations
from core.stores.dynamodb_table import Table
from handlers import choices, compose
from handlers.api import create_app
from handlers.endpoint import API
from handlers.shop import Shop
from tests.tables import Clock

TROUBLED = {"index_unavailable", "index_slow", "bucket_unavailable", "out_of_time", "unavailable"}
_REST_SECONDS, _OWES_SECONDS, _PAUSE_SECONDS = 0.1, 0.2, 0.03
_LONGEST_SECONDS = 10.0
"""Nobody waits for longer, however busy the machine."""

_the_model = cache(lambda: Loading("mini", None))
_whole = cache(whole)
"""Loaded once for all instances: to load it is much of a start, and nothing that is tried here."""


class Told:
    """What somebody was told: the status and the answer, or that it can't be had now."""

    def __init__(self, status: int, body: Any, seconds: float) -> None:
        self.status, self.body, self.seconds = status, body, seconds

    @property
    def well(self) -> bool:
        return self.status < 500

    @property
    def code(self) -> str | None:
        """What was wrong; None where nothing was."""
        return self.body["code"] if self.status >= 400 else None


class Instance:
    def __init__(self, settings: Settings, clock: Clock, fetcher: Callable[[], Fetcher]) -> None:
        self._closing = ExitStack()

        def table(settings: Settings) -> Table | None:
            return Table.connect(settings.cache_table or "", clock=clock)

        with (
            patch.object(choices, "table", table),
            patch.object(choices, "fetcher", lambda _: fetcher()),
            patch.object(compose, "whole", _whole),
            # Less patience with who does not answer: else most of a history is that.
            patch.object(attempts, "_REST", _REST_SECONDS),
            patch.object(aws_client, "ATTEMPTS", 2),
            patch.object(Breaker.__init__, "__defaults__", (3, _REST_SECONDS, monotonic)),
            patch.object(Generations.__init__, "__defaults__", (_OWES_SECONDS, _PAUSE_SECONDS)),
        ):
            opened = compose.open_shop(settings, _the_model())
            self.shop: Shop = self._closing.enter_context(opened)
        client = TestClient(
            create_app(self.shop), base_url="http://shop" + API, raise_server_exceptions=False
        )
        # Entered, it keeps its loop: else each answer would wait for work that nobody waits for.
        self._client = self._closing.enter_context(client)

    def ask(self, method: str, path: str, said: Any = None) -> Told:
        """What comes of it is an answer of the contract, and in time."""
        answer = self._client.request(method, path, json=said)
        seconds = answer.elapsed.total_seconds()
        assert seconds < _LONGEST_SECONDS, (method, path)
        body: Any = answer.json() if answer.content else None
        if answer.status_code >= 500:
            assert body["code"] in TROUBLED, body
            assert answer.status_code in (503, 504), body
            assert answer.status_code != 503 or "retry-after" in answer.headers
        return Told(answer.status_code, body, seconds)

    def insist(self, method: str, path: str, said: Any = None) -> Told:
        """For when nothing is wrong: what only came too late, as the machine was busy, is asked for
        again."""
        answers = (self.ask(method, path, said) for _ in range(20))
        return next(told for told in answers if told.well)

    @property
    def owes(self) -> bool:
        """It changed something, and could not tell the others yet."""
        far = self.shop.cache._far  # type: ignore[attr-defined]
        return bool(far._generations.owes(self.shop.settings.collection))

    def close(self) -> None:
        self._closing.close()
