"""S3's events through SQS to the door that indexes them, and into the dead-letter queue."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Misconfigured, Unavailable
from core.indexing import Indexing
from core.ports import Message
from core.stores.memory_cache import MemoryCache
from core.stores.sqs import SqsQueue
from handlers.aws_batch import answer
from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, AwsBucket, bucket_on
from tests.bucket_messages import batch, messages, notification
from tests.e2e.running import ROOT
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.toy_embedder import ToyEmbedder
from tests.photos import jpeg

MESSAGE = Message("id", "body", "receipt", times=9)
ODD_IDS = [
    "a b",
    "a+b",
    "50% off",
    "%41",
    "a&b=c?d#e",
    'it\'s "quoted"',
    "back\\slash",
    "кружка 🫖",
]


class Shop:
    def __init__(self, bucket: AwsBucket) -> None:
        self.bucket = bucket
        embedder = ToyEmbedder()
        self.index = MemoryIndex(embedder.model, embedder.dimension)
        self.indexing = Indexing(embedder, self.index, bucket.photos, MemoryCache(), "products")

    def drain(self) -> None:
        """As Lambda does: what did not fail is deleted, what failed comes again."""
        while taken := self.bucket.queue.take():
            told = answer(
                batch(taken), self.indexing.settle, self.bucket.queue, "products", _minutes
            )
            failed = {one["itemIdentifier"] for one in told["batchItemFailures"]}
            self.bucket.queue.delete([one for one in taken if one.id not in failed])

    def products(self) -> dict[str, int]:
        return {one.product.id: len(one.photos) for one in self.index.page(100).listings}


def _minutes() -> float:
    return 900


@pytest.fixture
def shop(aws: LocalAws) -> Shop:
    return Shop(bucket_on(aws))


def test_what_is_dropped_is_found_and_what_is_deleted_is_not(shop: Shop) -> None:
    for number, product_id in enumerate(ODD_IDS):
        shop.bucket.put(f"images/{product_id}.jpg", jpeg(number))
        shop.bucket.put(f"images/{product_id}/deep/er/{product_id}.png", jpeg(number))
    shop.drain()
    assert shop.products() == dict.fromkeys(ODD_IDS, 2)
    for product_id in ODD_IDS:
        shop.bucket.photos.delete(f"images/{product_id}.jpg")
    shop.drain()
    assert shop.products() == dict.fromkeys(ODD_IDS, 1)


def test_however_a_photo_came_to_the_bucket(shop: Shop) -> None:
    shop.bucket.put("images/put.jpg", jpeg(1), {"name": "Put mug"})
    s3 = shop.bucket.s3
    s3.copy_object(
        Bucket=BUCKET,
        Key="images/copied.jpg",
        CopySource={"Bucket": BUCKET, "Key": "images/put.jpg"},
    )
    parts = {"Bucket": BUCKET, "Key": "images/in parts.jpg"}
    parts["UploadId"] = s3.create_multipart_upload(**parts)["UploadId"]
    tag = s3.upload_part(**parts, PartNumber=1, Body=jpeg(2))["ETag"]
    done = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    s3.complete_multipart_upload(**parts, MultipartUpload=done)
    shop.drain()
    assert shop.products() == {"put": 1, "copied": 1, "in parts": 1}
    copied = shop.index.get("copied")
    assert copied is not None
    assert copied.product.name == "Put mug"  # a copy has its original's metadata


def test_a_broken_file_ends_as_a_dead_letter_with_its_reason_and_is_replayed(shop: Shop) -> None:
    bad = "images/bad/\x01\x7f\ufffe кружка.jpg"  # of which SQS refuses two characters
    shop.bucket.put("images/good.jpg", jpeg(1))
    shop.bucket.put(bad, b"no photo")
    shop.bucket.queue.send("junk")
    shop.drain()
    assert shop.products() == {"good": 1}

    letters = shop.bucket.dead.take()
    assert len(letters) == 2
    [of_photo] = [one.labels for one in letters if one.body != "junk"]
    assert of_photo["Key"] == "images/bad/\ufffd\x7f\ufffd кружка.jpg"
    assert of_photo["ProductId"] == "bad"
    assert "кружка.jpg: " in of_photo["Reason"]
    shop.bucket.dead.hold(letters, 0)

    shop.bucket.put(bad, jpeg(2))
    shop.drain()
    assert shop.bucket.send_back() == 2
    shop.drain()
    assert shop.products() == {"good": 1, "bad": 1}
    assert [one.body for one in shop.bucket.dead.take()] == ["junk"]


def test_a_queue_that_is_not_there_is_told(aws: LocalAws) -> None:
    queue = SqsQueue.connect(f"{aws.url}/123456789012/nowhere")
    acts: list[Callable[[], object]] = [
        queue.take,
        lambda: queue.send("x"),
        lambda: queue.delete([MESSAGE]),
        lambda: queue.hold([MESSAGE], 9),
        lambda: queue.holding,
        lambda: queue.is_last(MESSAGE),
        lambda: queue.bury(MESSAGE, {}),
        queue.waiting,
        lambda: queue.dead_letters,
    ]
    for act in acts:
        with pytest.raises(Unavailable):
            act()


def test_a_queue_without_a_place_for_dead_letters_buries_nothing(aws: LocalAws) -> None:
    url = aws.client("sqs").create_queue(QueueName="alone")["QueueUrl"]
    queue = SqsQueue.connect(url)
    assert not queue.is_last(MESSAGE)
    with pytest.raises(Misconfigured, match="RedrivePolicy"):
        queue.bury(MESSAGE, {})


def test_how_long_a_drop_takes_to_be_found(
    shop: Shop, record_property: Callable[[str, object], None]
) -> None:
    took = []
    for number in range(20):
        began = time.perf_counter()
        shop.bucket.put(f"images/p{number}.jpg", jpeg(number))
        shop.drain()
        assert shop.index.get(f"p{number}") is not None
        took.append(time.perf_counter() - began)
    median = sorted(took)[len(took) // 2]
    record_property("S3 put to found, local AWS and toy model", f"{median * 1000:.0f} ms")


CALL = """
import json, sys
from handlers import aws_index
class Context:
    def get_remaining_time_in_millis(self):
        return 60_000
for event in json.load(sys.stdin):
    print(json.dumps(aws_index.handler(event, Context())))
print(aws_index._shop.index.status().products)
"""


def test_the_functions_init_opens_all_that_its_batches_need(tmp_path: Path) -> None:
    images = tmp_path / "bucket" / "images"
    images.mkdir(parents=True)
    (images / "mug.jpg").write_bytes(jpeg(1))
    (images / "cup.jpg").write_text("no photo")
    dropped = messages([notification("images/mug.jpg"), notification("images/cup.jpg")])
    events = [{}, batch(dropped)]
    told = subprocess.run(
        [sys.executable, "-c", CALL],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path)},
        input=json.dumps(events),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 0, told.stderr
    ping, metrics, failed, products = map(json.loads, told.stdout.splitlines())
    assert ping == {"batchItemFailures": []}
    assert (metrics["IndexingMessages"], metrics["IndexingFailures"]) == ([2], [1])
    assert failed == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert products == 1
