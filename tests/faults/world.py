"""The shop: two instances that share a Qdrant, a table, a bucket and its queue, each over a line
that can be troubled."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

import pytest
from botocore.retries.standard import ExponentialBackoff

from core.errors import LikenessError
from core.settings import Settings
from core.stores import attempts, dynamodb_generations
from handlers.bucket_batch import process
from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, AwsBucket, bucket_on
from tests.e2e.running import eventually
from tests.fakes.line import Line, Weather
from tests.fakes.qdrant_server import KEY, QdrantServer
from tests.faults.instance import TROUBLED, Instance, Told
from tests.faults.origin import Origin
from tests.tables import Clock, new_table

BUDGET_MS = 300
LINES = ("qdrant", "dynamodb", "s3", "sqs")
_SILENT_SECONDS = 0.35
_PAUSE_SECONDS = 0.05


class World:
    def __init__(self, aws: LocalAws, qdrant: QdrantServer, origin: Origin) -> None:
        self.clock = Clock()
        self.on: AwsBucket = bucket_on(aws)
        at_qdrant = urlsplit(qdrant.url)
        leads = dict.fromkeys(LINES, (aws.host, aws.port))
        leads["qdrant"] = (at_qdrant.hostname or "", at_qdrant.port or 0)
        self.lines = {name: Line(*to, silent=_SILENT_SECONDS) for name, to in leads.items()}
        self.origin = origin.lines(_SILENT_SECONDS)
        self._folder = Path(tempfile.mkdtemp(prefix="likeness-faults-"))
        self._environment = pytest.MonkeyPatch()
        for name, value in aws.environment().items():
            self._environment.setenv(name, value)
        for service in ("dynamodb", "s3", "sqs"):
            name = f"AWS_ENDPOINT_URL_{service.upper()}"
            self._environment.setenv(name, self.lines[service].url)
        self._with_less_patience()
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
        return Instance(self._settings, self.clock, self.origin.fetcher)

    def _with_less_patience(self) -> None:
        """Whether there is time for a pause is decided as ever; only nobody sits it out."""
        shorter = lambda seconds: sleep(min(seconds, _PAUSE_SECONDS))  # noqa: E731
        self._environment.setattr(attempts, "sleep", shorter)
        self._environment.setattr(dynamodb_generations, "_LONGEST_PAUSE", _PAUSE_SECONDS)
        scales = ExponentialBackoff._DEFAULT_BACKOFF_CONFIG
        self._environment.setitem(scales, "throttling_base_scale", _PAUSE_SECONDS)

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
                ours = [why for why in (done.failed | done.dead).values() if "our side" in why]
                assert not ours, "what is wrong with a line is taken for a fault of ours"
                failed = [one for one in messages if one.id in done.failed]
                shop.queue.delete([one for one in messages if one.id not in done.failed])
                shop.queue.hold(failed, 0)
        except LikenessError as error:
            assert error.code in TROUBLED, error
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
        self.origin.close()
        self._environment.undo()
        shutil.rmtree(self._folder, ignore_errors=True)


def _well(one: Instance) -> bool:
    return one.ask("GET", "/products?limit=1").status == 200


def _told_all(one: Instance) -> bool:
    return not one.owes


def searched(told: Told) -> dict[str, str]:
    """The names of the products that were found."""
    return {hit["product_id"]: hit["name"] for hit in told.body["results"]}
