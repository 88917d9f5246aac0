"""Webhooks while what they need is away: the back office is told when to come again, and when it
does, with the same id, the event is worked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.compose import open_shop
from handlers.fetching import Fetching
from handlers.problems import RETRY_AFTER_SECONDS
from handlers.shop import Shop
from tests import certificates
from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, photos_on
from tests.e2e.running import eventually
from tests.fakes.line import Line, Weather
from tests.fakes.qdrant_server import KEY, Fault, QdrantServer
from tests.integration.back_office import LAMP, client_of, name_of, send
from tests.internet import Internet, answer
from tests.photos import jpeg
from tests.tables import new_table

pytestmark = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)
BUDGET_MS = 2000


class Cloud:
    """A shop with everything in the cloud, and the lines to it."""

    def __init__(self, shop: Shop, internet: Internet, s3: Line, qdrant: QdrantServer) -> None:
        self.shop = msgspec.structs.replace(shop, fetching=Fetching(internet.fetcher))
        self.client: TestClient = client_of(self.shop)
        self.s3 = s3
        self.qdrant = qdrant
        internet.safe.serve = answer(jpeg(1))
        self.photo = {"image_url": internet.url("/lamp.jpg")}


@pytest.fixture
def cloud(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    photos_on(aws)
    internet = Internet(tmp_path)
    with closing(Line(aws.host, aws.port)) as s3, QdrantServer() as qdrant:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.url)
        settings = Settings(
            data_dir=tmp_path,
            qdrant_url=qdrant.url,
            qdrant_api_key=KEY,
            cache_table=new_table(aws),
            image_bucket=BUCKET,
            request_budget_ms=BUDGET_MS,
        )
        with open_shop(settings) as shop:
            yield Cloud(shop, internet, s3, qdrant)
    internet.close()


def refused(told: Any, status: int, code: str) -> None:
    assert (told.status_code, told.json()["code"]) == (status, code), told.text
    if status == 503:
        assert told.headers["retry-after"] == str(RETRY_AFTER_SECONDS)


def worked(cloud: Cloud, event_id: str, *about: Any) -> None:
    """By the next attempt, or the one after it; and not once more."""

    def accepted() -> bool:
        told = send(cloud.client, *about, x_webhook_id=event_id)
        assert told.status_code in (202, 503), told.text
        return bool(told.status_code == 202)

    eventually(accepted, 20)
    assert send(cloud.client, *about, x_webhook_id=event_id).json()["status"] == "duplicate"


def test_without_the_bucket_a_photo_waits_for_the_next_attempt(cloud: Cloud) -> None:
    about = ("product.created", LAMP | cloud.photo)
    cloud.s3.weather = Weather.REFUSED
    for _ in range(2):
        refused(send(cloud.client, *about, x_webhook_id="a"), 503, "bucket_unavailable")
    assert name_of(cloud.client) is None, "not half of it is done"
    cloud.s3.weather = Weather.CLEAR
    worked(cloud, "a", *about)
    listing = cloud.shop.index.get("lamp")
    assert listing is not None
    assert [cloud.shop.photos.read(one.key, 10**6) for one in listing.photos] == [jpeg(1)]


def test_without_the_bucket_a_product_is_not_deleted_by_half(cloud: Cloud) -> None:
    assert send(cloud.client, data=LAMP | cloud.photo).status_code == 202
    about = ("product.deleted", {"id": "lamp"})
    cloud.s3.weather = Weather.REFUSED
    refused(send(cloud.client, *about, x_webhook_id="b"), 503, "bucket_unavailable")
    assert name_of(cloud.client) == "Brass lamp"
    cloud.s3.weather = Weather.CLEAR
    worked(cloud, "b", *about)
    assert name_of(cloud.client) is None
    assert cloud.shop.photos.of_product("lamp") == []


def test_facts_alone_need_no_bucket(cloud: Cloud) -> None:
    cloud.s3.weather = Weather.REFUSED
    assert send(cloud.client).status_code == 202
    assert name_of(cloud.client) == "Brass lamp"


@pytest.mark.parametrize(
    "about",
    [
        ("product.created", LAMP),
        ("product.updated", LAMP | {"name": "Lamp"}),
        ("product.deleted", {"id": "lamp"}),
    ],
    ids=lambda about: about[0],
)
def test_without_qdrant_an_event_waits_for_the_next_attempt(
    cloud: Cloud, about: tuple[str, Any]
) -> None:
    cloud.qdrant.stop()
    for _ in range(2):
        refused(send(cloud.client, *about, x_webhook_id="c"), 503, "index_unavailable")
    cloud.qdrant.start()
    worked(cloud, "c", *about)
    assert name_of(cloud.client) == about[1].get("name")


def test_an_event_whose_time_was_up_is_worked_by_the_next_attempt(cloud: Cloud) -> None:
    """Its end is noted all the same, or the next attempt would wait for it, or be a duplicate."""
    cloud.qdrant.faults += [Fault(wait=30, lost=True)] * 3
    late = send(cloud.client, x_webhook_id="d")
    assert late.status_code == 504, late.text
    cloud.qdrant.faults.clear()
    worked(cloud, "d", "product.created", LAMP)
    assert name_of(cloud.client) == "Brass lamp"


@pytest.mark.parametrize("trouble", ["the table", "the table and Qdrant"])
def test_without_the_table_an_event_is_worked_rather_twice_than_never(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    table = new_table(aws)
    with closing(Line(aws.host, aws.port)) as line, QdrantServer() as qdrant:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", line.url)
        settings = Settings(
            data_dir=tmp_path, qdrant_url=qdrant.url, qdrant_api_key=KEY, cache_table=table
        )
        with open_shop(settings) as shop:
            client = client_of(shop)
            line.weather = Weather.REFUSED
            if "Qdrant" in trouble:
                qdrant.stop()
                refused(send(client, x_webhook_id="e"), 503, "index_unavailable")
                qdrant.start()

            def accepted() -> bool:
                return bool(send(client, x_webhook_id="e").status_code == 202)

            eventually(accepted, 20)
            assert name_of(client) == "Brass lamp"
            assert accepted(), "nobody could remember it"
