"""Both Lambda doors of the true image, behind Lambda's own runtime emulator, with a function's
memory and one CPU. Beside them: moto for AWS, and the stand-in for a managed Qdrant."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

import pytest

from tests.aws import LocalAws
from tests.bucket_messages import batch, messages, notification
from tests.e2e.running import eventually
from tests.fakes.qdrant_server import Fault, QdrantServer
from tests.gateway import Answer, event, form
from tests.photos import jpeg, noisy_jpeg
from tests.rehearsal.function import Contained, function

API, INDEXER = "handlers.aws_http.handler", "handlers.aws_index.handler"
STARTS = 9
LAMBDAS_LIMIT = 6 * 2**20

Record = Callable[[str, object], None]


class Shop(NamedTuple):
    api: Contained
    indexer: Contained
    put: Callable[[str, bytes], None]


@pytest.fixture
def shop(cloud: dict[str, str], aws: LocalAws, mini_image: str) -> Iterator[Shop]:
    with function(mini_image, API, cloud) as api, function(mini_image, INDEXER, cloud) as indexer:
        s3 = aws.client("s3")
        yield Shop(
            api, indexer, lambda key, data: s3.put_object(Bucket="photos", Key=key, Body=data)
        )


def words(text: str) -> dict[str, Any]:
    return event("POST", "/api/v1/search", json.dumps({"text_query": text}).encode(), JSON)


def photo(data: bytes) -> dict[str, Any]:
    return event("POST", "/api/v1/search/by-image", data, "image/jpeg")


JSON = "application/json"


def index(shop: Shop, photos: Mapping[str, bytes]) -> None:
    for key, data in photos.items():
        shop.put(key, data)
    told = shop.indexer.invoke(batch(messages([notification(*photos)])))
    assert told == {"batchItemFailures": []}


def found(told: Any) -> list[str]:
    answer = Answer.of(told)
    assert answer.status == 200, answer.body
    return [hit["product_id"] for hit in answer.json()["results"]]


def refused_by_us(told: Any) -> str:
    answer = Answer.of(told)
    assert answer.headers["content-type"] == "application/problem+json"
    return f"{answer.status} {answer.json()['code']}"


def test_what_is_dropped_is_found_by_words_and_by_photo(shop: Shop) -> None:
    large = noisy_jpeg()
    index(shop, {"images/red-mug.jpg": jpeg(1), "images/oak-chair.jpg": large})
    assert sorted(found(shop.api.invoke(words("a mug")))) == ["oak-chair", "red-mug"]
    assert found(shop.api.invoke(photo(large)))[0] == "oak-chair"
    body, content_type = form(jpeg(1), text_query="red mug", top_k="1")
    asked = event("POST", "/api/v1/search/by-image", body, content_type)
    assert found(shop.api.invoke(asked)) == ["red-mug"]


def test_what_is_too_large_is_refused_and_harms_nobody(shop: Shop) -> None:
    """Lambda carries 6 MB. The emulator cuts off what is beyond; API Gateway refuses it."""
    padded = partial(bytes.ljust, jpeg(1))
    assert found(shop.api.invoke(photo(padded(4_390_000)))) == []
    assert refused_by_us(shop.api.invoke(photo(padded(4_450_000)))) == "413 body_too_large"
    over = photo(padded(5_000_000))
    assert len(json.dumps(over)) > LAMBDAS_LIMIT
    assert shop.api.invoke(over)["errorType"] == "Runtime.UnmarshalError"
    assert found(shop.api.invoke(words("a mug"))) == []


def test_a_slow_index_at_a_cold_start_is_said_in_time(
    cloud: dict[str, str], qdrant: QdrantServer, mini_image: str
) -> None:
    qdrant.faults += [Fault(wait=30)] * 20
    with function(mini_image, API, cloud | {"REQUEST_BUDGET_MS": "2000"}, seconds=12) as api:
        assert refused_by_us(api.invoke(words("a mug"))) == "504 index_slow"
        qdrant.faults.clear()
        eventually(lambda: Answer.of(api.invoke(words("a mug"))).status == 200, 20)


def test_a_start_that_takes_too_long_is_ended_and_the_next_one_is_well(
    cloud: dict[str, str], qdrant: QdrantServer, mini_image: str
) -> None:
    """Lambda ends a function that is late; whoever calls next finds a new one."""
    qdrant.faults += [Fault(wait=30)] * 20
    with function(mini_image, API, cloud, seconds=2) as api:
        assert api.said(words("a mug")) == "Task timed out after 2.00 seconds"
        qdrant.faults.clear()
        assert found(api.invoke(words("a mug"))) == []


def test_a_ping_that_keeps_it_warm_is_answered(shop: Shop) -> None:
    assert shop.api.invoke({}) == {}
    assert shop.indexer.invoke({}) == {"batchItemFailures": []}


@pytest.mark.parametrize("model", ["mini", "vit"])
def test_cold_starts(
    model: str,
    cloud: dict[str, str],
    request: pytest.FixtureRequest,
    record_property: Record,
) -> None:
    """Printed, never asserted. A start of which nobody read the files yet comes first, and is left
    out: Lambda has an image's files at hand, in its own way."""
    image = request.getfixturevalue(f"{model}_image")
    inits, firsts, seconds = [], [], []
    for start in range(STARTS + 1):
        with function(image, API, cloud) as api:
            began = perf_counter()
            assert found(api.invoke(words("a red mug"))) == []
            first = perf_counter()
            assert found(api.invoke(words("a blue mug"))) == []
            second = perf_counter()
            if start:
                inits.append(api.init_milliseconds())
                firsts.append(1000 * (first - began) - inits[-1])
                seconds.append(1000 * (second - first))
    for name, values in (("INIT", inits), ("first search", firsts), ("second search", seconds)):
        low, middle, high = min(values), sorted(values)[STARTS // 2], max(values)
        told = f"{middle:.0f} ms ({low:.0f} to {high:.0f}, n {STARTS})"
        record_property(f"{image.split(':')[1]}, 1,769 MB, one CPU: {name}", told)
