"""The true image: what it weighs, and the doors that are no functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
import pytest

from scripts.image.engine import Engine
from scripts.image.weight import MOST_MB, table, weigh
from tests.aws import LocalAws
from tests.e2e.running import eventually, free_port
from tests.photos import jpeg
from tests.rehearsal.function import container, log
from tests.rehearsal.workshop import podman

Record = Callable[[str, object], None]


@contextmanager
def server(image: str, environment: Mapping[str, str]) -> Iterator[httpx.Client]:
    port = free_port()
    said = {**environment, "HOST": "127.0.0.1", "PORT": str(port)}
    with (
        container(image, "server", said) as identity,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30) as client,
    ):

        def healthy() -> bool:
            try:
                return client.get("/health").status_code == 200
            except httpx.TransportError:
                return False

        try:
            eventually(healthy, 60)
        except AssertionError as late:
            raise AssertionError(log(identity)) from late
        yield client


def test_it_weighs_what_it_may(mini_image: str, base: str, record_property: Record) -> None:
    weight = weigh(Engine("podman"), mini_image, base)
    record_property("the image with mini", "\n" + table(weight))
    assert weight.above <= MOST_MB
    assert sum(weight.parts.values()) == pytest.approx(weight.above, rel=0.01)


def test_it_belongs_to_nobody_and_says_what_it_is(mini_image: str) -> None:
    [image] = json.loads(podman("image", "inspect", mini_image))
    assert image["User"] == "10001:10001"
    assert image["Config"]["Cmd"] == ["handlers.aws_http.handler"]
    assert image["Labels"]["org.opencontainers.image.licenses"] == "MIT"


def test_there_is_nothing_in_it_to_be_made_again_at_a_start(mini_image: str) -> None:
    """Every module of ours and of the packages is compiled, for the place where it lies."""
    looks = """
import marshal, pathlib
files = [file for file in pathlib.Path("/var/task").rglob("*.py")]
for file in files:
    [compiled] = file.parent.glob(f"__pycache__/{file.stem}.*.pyc")
    data = compiled.read_bytes()
    assert data[4] == 1, compiled  # never compared with its source
    assert marshal.loads(data[16:]).co_filename == str(file), compiled
print(len(files))
"""
    assert int(Engine("podman").ask(mini_image, looks)) > 500


def test_without_a_qdrant_it_says_what_is_missing(mini_image: str) -> None:
    with container(mini_image, "server", {"ADMIN_KEYS": "an-admin-key-of-some-length"}) as identity:
        assert podman("wait", identity) == "1"
        assert "settings_invalid: Set QDRANT_URL" in log(identity)


def test_the_server_and_the_worker_share_a_shop(
    cloud: dict[str, str], aws: LocalAws, mini_image: str
) -> None:
    s3, sqs = aws.client("s3"), aws.client("sqs")
    queue = sqs.create_queue(QueueName="photos")["QueueUrl"]
    about = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    tells = {"QueueArn": about["QueueArn"], "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="photos", NotificationConfiguration={"QueueConfigurations": [tells]}
    )
    environment = cloud | {"INDEX_QUEUE_URL": queue}
    with server(mini_image, environment) as shop, container(mini_image, "worker", environment):
        s3.put_object(Bucket="photos", Key="images/red-mug.jpg", Body=jpeg(1))

        def found() -> bool:
            answer = shop.post("/search/by-image", files={"file": jpeg(1)}).raise_for_status()
            return [hit["product_id"] for hit in answer.json()["results"]] == ["red-mug"]

        eventually(found, 60)


def test_with_the_engine_in_the_process_it_needs_nobody(whole_image: str) -> None:
    key = "an-admin-key-of-some-length"
    with server(whole_image, {"ADMIN_KEYS": key}) as shop:
        product = {"name": "Gift card"}
        shop.put("/products/gift-card", json=product, headers={"X-API-Key": key}).raise_for_status()
        answer = shop.post("/search", json={"text_query": "gift card"}).raise_for_status()
        assert [hit["product_id"] for hit in answer.json()["results"]] == ["gift-card"]
