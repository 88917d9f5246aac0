"""Feeds dropped into S3, told by SQS, taken in by the worker's or the Lambda's way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from handlers.aws_batch import answer
from handlers.compose import open_shop
from handlers.shop import Shop
from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, AwsBucket, bucket_on
from tests.bucket_messages import batch


@pytest.fixture
def bucket(aws: LocalAws) -> AwsBucket:
    return bucket_on(aws)


@pytest.fixture
def shop(bucket: AwsBucket, tmp_path: Path) -> Iterator[Shop]:
    settings = Settings(data_dir=tmp_path, image_bucket=BUCKET, index_queue_url=bucket.queue_url)
    with open_shop(settings) as shop:
        yield shop


def drain(shop: Shop, bucket: AwsBucket) -> None:
    while taken := bucket.queue.take():
        told = answer(batch(taken), shop.settle, shop.queue, "products", lambda: 900)
        failed = {one["itemIdentifier"] for one in told["batchItemFailures"]}
        bucket.queue.delete([one for one in taken if one.id not in failed])


def names(shop: Shop) -> dict[str, str]:
    return {one.product.id: one.product.name for one in shop.index.page(100).listings}


def test_a_feed_is_taken_in_and_its_bad_rows_are_a_dead_letter(
    shop: Shop, bucket: AwsBucket
) -> None:
    bucket.put("feeds/spring 2027/a+b é.csv", "id,name\r\nmug,Möbel\r\n".encode())
    bucket.put("feeds/bad.jsonl", b'{"id": "pan", "name": "Pan"}\n{"id": "cup", "price": -1}\n')
    drain(shop, bucket)
    assert names(shop) == {"mug": "Möbel", "pan": "Pan"}
    assert {stored.key for stored in bucket.photos.list("reports/")} == {
        "reports/feeds/spring 2027/a+b é.csv.json",
        "reports/feeds/bad.jsonl.json",
    }
    [letter] = bucket.dead.take()
    assert letter.labels["Key"] == "feeds/bad.jsonl"
    assert "ProductId" not in letter.labels
    reason = "feeds/bad.jsonl: 1 of 2 rows were not taken (line 2: Some fields do not fit: price "
    assert letter.labels["Reason"].startswith(reason)
    bucket.dead.hold([letter], 0)

    bucket.put("feeds/bad.jsonl", b'{"id": "pan", "name": "Pan"}\n{"id": "cup", "price": 1}\n')
    bucket.send_back()
    drain(shop, bucket)
    assert names(shop) == {"mug": "Möbel", "pan": "Pan", "cup": "cup"}
    assert bucket.dead.take() == []


def test_a_feed_that_is_gone_before_it_was_looked_at_is_nothing(
    shop: Shop, bucket: AwsBucket
) -> None:
    bucket.put("feeds/a.csv", b"id,name\r\nmug,Mug\r\n")
    bucket.photos.delete("feeds/a.csv")
    drain(shop, bucket)
    assert (names(shop), bucket.dead.take(), bucket.messages()) == ({}, [], 0)
