"""A shop with everything in the cloud: its two functions over S3, DynamoDB, secrets and a managed
Qdrant, all of them on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.aws import REGION, LocalAws
from tests.aws_bucket import BUCKET
from tests.bucket_messages import batch, messages, notification
from tests.fakes.qdrant_server import KEY, QdrantServer
from tests.functions import initialised
from tests.gateway import Answer, Context, event, form
from tests.photos import jpeg
from tests.tables import new_table
from tests.unit.test_cold_start import FIRST_CALL, LATER, NEVER, ON_LAMBDA, loaded, packages

ADMIN = "an-admin-key-of-some-length"
API = "/api/v1"


class CloudShop:
    """What shop and shoppers do: drop photos into the bucket, and call the API."""

    def __init__(self, aws: LocalAws) -> None:
        self._s3 = aws.client("s3")
        place = {"LocationConstraint": REGION}
        self._s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)

    def drop(self, key: str, data: bytes, **metadata: str) -> None:
        """It is put into the bucket, and the indexer is called with its event."""
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=data, Metadata=metadata)
        self.tell(notification(key))

    def delete(self, key: str) -> None:
        self._s3.delete_object(Bucket=BUCKET, Key=key)
        self.tell(notification(key, name="ObjectRemoved:Delete"))

    def tell(self, body: str) -> None:
        with initialised("handlers.aws_index") as indexer:
            told = indexer.handler(batch(messages([body])), Context(60))
        assert told == {"batchItemFailures": []}


@pytest.fixture
def shop(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudShop]:
    secrets, ssm = aws.client("secretsmanager"), aws.client("ssm")
    ssm.put_parameter(Name="/shop/qdrant", Value=KEY, Type="SecureString")
    with QdrantServer() as qdrant:
        for name, value in {
            "QDRANT_URL": qdrant.url,
            "QDRANT_API_KEY": ssm.get_parameter(Name="/shop/qdrant")["Parameter"]["ARN"],
            "ADMIN_KEYS": secrets.create_secret(Name="shop/admin", SecretString=ADMIN)["ARN"],
            "IMAGE_BUCKET": BUCKET,
            "CACHE_TABLE": new_table(aws),
            "DATA_DIR": "/nowhere",
        }.items():
            monkeypatch.setenv(name, value)
        yield CloudShop(aws)


def ask(api: ModuleType, *about: Any, **more: Any) -> Answer:
    return Answer.of(api.handler(event(*about, **more), Context()))


def search(api: ModuleType, words: str) -> tuple[list[str], str]:
    """Who is found, and whether the cache knew."""
    body = json.dumps({"text_query": words}).encode()
    answer = ask(api, "POST", API + "/search", body, "application/json")
    assert answer.status == 200, answer.body
    told = answer.json()
    return sorted(hit["product_id"] for hit in told["results"]), told["cache"]


def test_a_photo_dropped_into_the_bucket_is_found_and_shown(shop: CloudShop) -> None:
    for number in range(3):
        shop.drop(f"images/p{number}.jpg", jpeg(number), name=f"Mug {number}", price="12.5")
    with initialised("handlers.aws_http") as api:
        answer = ask(api, "POST", API + "/search/by-image", *form(jpeg(1), top_k="1"))
        [hit] = answer.json()["results"]
        assert (hit["product_id"], hit["name"], hit["price"]) == ("p1", "Mug 1", 12.5)
        shown = ask(api, "GET", hit["image_url"])
        assert shown.status == 302
        assert httpx.get(shown.headers["location"]).content == jpeg(1)


def test_what_one_instance_has_answered_another_knows(shop: CloudShop) -> None:
    shop.drop("images/mug.jpg", jpeg(1), name="Mug")
    with initialised("handlers.aws_http") as api, initialised("handlers.aws_http") as other:
        assert search(api, "a mug") == (["mug"], "miss")
        assert search(api, "a mug") == (["mug"], "hit")
        assert search(other, "a mug") == (["mug"], "hit")


def test_no_change_is_hidden_by_what_instances_remember(shop: CloudShop) -> None:
    shop.drop("images/mug.jpg", jpeg(1), name="Mug")
    key = {"x-api-key": ADMIN}
    with initialised("handlers.aws_http") as api, initialised("handlers.aws_http") as other:
        for one in (api, other):
            assert search(one, "a mug")[0] == ["mug"]

        shop.drop("images/cup.jpg", jpeg(2), name="Cup")
        assert search(api, "a mug") == (["cup", "mug"], "miss")
        assert search(other, "a mug") == (["cup", "mug"], "hit")

        body = json.dumps({"name": "Teapot"}).encode()
        path = API + "/products/teapot"
        assert ask(api, "PUT", path, body, "application/json", headers=key).status == 200
        assert search(other, "a mug")[0] == ["cup", "mug", "teapot"]

        shop.delete("images/mug.jpg")
        for one in (api, other):
            assert search(one, "a mug")[0] == ["cup", "teapot"]


def test_an_upload_of_an_admin_becomes_a_product(shop: CloudShop) -> None:
    with initialised("handlers.aws_http") as api:
        asked = json.dumps({"purpose": "product", "product_id": "mug"}).encode()
        key = {"x-api-key": ADMIN}
        told = ask(api, "POST", API + "/uploads", asked, "application/json", headers=key).json()
        put = httpx.put(told["url"], content=jpeg(1), headers=told["headers"])
        assert put.status_code == 200
        shop.tell(notification(f"images/mug/{told['upload_id']}.jpeg"))
        assert search(api, "a mug")[0] == ["mug"]


def test_the_init_imports_what_the_cloud_needs_and_no_engine(shop: CloudShop) -> None:
    at_init, in_the_end = loaded.__wrapped__(FIRST_CALL)
    aws = {"botocore", "dateutil", "jmespath", "six", "urllib3"}
    aws |= {"certifi"}  # which botocore takes where it is: here others have brought it
    needed = ON_LAMBDA - {"qdrant_edge"} | aws
    assert packages(in_the_end) - set(sys.stdlib_module_names) - {"__mp_main__"} <= needed
    assert {"core.stores.aws_secrets", "core.stores.qdrant_cloud"} <= at_init
    theirs = {"csv", "html.parser", "pyexpat"}  # which botocore has a use for
    assert not in_the_end & ((LATER - theirs) | NEVER)
