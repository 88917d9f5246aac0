"""The shop: two instances that share a Qdrant, a table, a bucket and its queue, each over a line
that can be troubled."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from core.errors import LikenessError
from core.settings import Settings
from core.stores import attempts
from core.stores import aws as aws_client
from core.stores.breaker import Breaker
from core.stores.dynamodb_table import Table
from handlers import choices
from handlers.api import create_app
from handlers.bucket_batch import process
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, AwsBucket, bucket_on
from tests.e2e.running import eventually
from tests.fakes.line import Line, Weather
from tests.fakes.qdrant_server import KEY, QdrantServer
from tests.tables import Clock, new_table

BUDGET_MS = 500
LINES = ("qdrant", "dynamodb", "s3", "sqs")
_TROUBLED = {"index_unavailable", "index_slow", "bucket_unavailable", "out_of_time", "unavailable"}
_REST_SECONDS = 0.2
_LONGEST_SECONDS = 10.0
"""Nobody waits for longer, however busy the machine."""


class Told:
    """What somebody was told: the status and the answer, or that it can't be had now."""

    def __init__(self, status: int, body: Any) -> None:
        self.status, self.body = status, body

    @property
    def well(self) -> bool:
        return self.status < 500


class Instance:
    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._closing = ExitStack()

        def table(settings: Settings) -> Table | None:
            return Table.connect(settings.cache_table or "", clock=clock)

        with (
            patch.object(choices, "table", table),
            # Less patience with who does not answer: else most of a history is that.
            patch.object(attempts, "_REST", _REST_SECONDS),
            patch.object(aws_client, "ATTEMPTS", 2),
            patch.object(Breaker.__init__, "__defaults__", (3, _REST_SECONDS, monotonic)),
        ):
            self.shop: Shop = self._closing.enter_context(open_shop(settings))
        client = TestClient(
            create_app(self.shop), base_url="http://shop" + API, raise_server_exceptions=False
        )
        # Entered, it keeps its loop: else each answer would wait for work that nobody waits for.
        self._client = self._closing.enter_context(client)

    def ask(self, method: str, path: str, said: Any = None) -> Told:
        """What comes of it is an answer of the contract, and in time."""
        answer = self._client.request(method, path, json=said)
        assert answer.elapsed.total_seconds() < _LONGEST_SECONDS, (method, path)
        body: Any = answer.json() if answer.content else None
        if answer.status_code >= 500:
            assert body["code"] in _TROUBLED, body
            assert answer.status_code in (503, 504), body
            assert answer.status_code != 503 or "retry-after" in answer.headers
        return Told(answer.status_code, body)

    @property
    def owes(self) -> bool:
        """It changed something, and could not tell the others yet."""
        far = self.shop.cache._far  # type: ignore[attr-defined]
        return bool(far._generations.owes(self.shop.settings.collection))

    def close(self) -> None:
        self._closing.close()


class World:
    def __init__(self, aws: LocalAws, qdrant: QdrantServer) -> None:
        self.clock = Clock()
        self.on: AwsBucket = bucket_on(aws)
        at_qdrant = urlsplit(qdrant.url)
        self.lines = {name: Line(aws.host, aws.port) for name in LINES}
        self.lines["qdrant"].close()
        self.lines["qdrant"] = Line(at_qdrant.hostname or "", at_qdrant.port or 0)
        self._folder = Path(tempfile.mkdtemp(prefix="likeness-faults-"))
        self._environment = pytest.MonkeyPatch()
        for name, value in aws.environment().items():
            self._environment.setenv(name, value)
        for service in ("dynamodb", "s3", "sqs"):
            name = f"AWS_ENDPOINT_URL_{service.upper()}"
            self._environment.setenv(name, self.lines[service].url)
        queue = urlsplit(self.on.queue_url)
        self._settings = Settings(
            data_dir=self._folder,
            qdrant_url=self.lines["qdrant"].url,
            qdrant_api_key=KEY,
            cache_table=new_table(aws),
            image_bucket=BUCKET,
            index_queue_url=queue._replace(netloc=f"127.0.0.1:{self.lines['sqs'].port}").geturl(),
            stale_ttl=3600,
            request_budget_ms=BUDGET_MS,
        )
        self._gone: list[Instance] = []
        self.instances = [self._opened(), self._opened()]

    def _opened(self) -> Instance:
        return Instance(self._settings, self.clock)

    def begin_anew(self, number: int) -> None:
        """Killed, and another in its place. The lines are clear meanwhile: a start that Qdrant does
        not answer is a start that fails, and is tried again by whoever starts it."""
        before = {name: line.weather for name, line in self.lines.items()}
        self.clear()
        self._gone.append(self.instances[number])
        self.instances[number] = self._opened()
        for name, weather in before.items():
            self.lines[name].weather = weather

    def clear(self) -> None:
        for line in self.lines.values():
            line.weather = Weather.CLEAR

    def work(self, number: int) -> bool:
        """A batch of the queue's messages for this instance, as a worker; False without any."""
        shop = self.instances[number].shop
        assert shop.queue is not None
        try:
            messages = list(shop.queue.take())
            if messages:
                done = process(shop.settle, messages, shop.queue, lambda: float("inf"))
                failed = [one for one in messages if one.id in done.failed]
                shop.queue.delete([one for one in messages if one.id not in done.failed])
                shop.queue.hold(failed, 0)
        except LikenessError as error:
            assert error.code in _TROUBLED, error
            return True
        return bool(messages)

    def heal(self) -> None:
        """Every line is clear, everybody has come round, and all there is to do is done."""
        self.clear()
        for one in self.instances:
            eventually(partial(_well, one), 60)
            eventually(partial(_told_all, one), 60)
        for _ in range(3):
            while self.on.messages():
                self.work(0)
            if not self.on.send_back():
                return

    def close(self) -> None:
        for one in (*self.instances, *self._gone):
            one.close()
        for line in self.lines.values():
            line.close()
        self._environment.undo()
        shutil.rmtree(self._folder, ignore_errors=True)


def _well(one: Instance) -> bool:
    return one.ask("GET", "/products?limit=1").status == 200


def _told_all(one: Instance) -> bool:
    return not one.owes


def searched(told: Told) -> dict[str, str]:
    """The names of the products that were found."""
    return {hit["product_id"]: hit["name"] for hit in told.body["results"]}
