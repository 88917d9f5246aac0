"""The operations' rows of the contract: what each part says of itself, and what is counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.errors import BucketUnavailable, IndexUnavailable, ModelUnavailable
from core.ports import Lookup
from core.settings import Settings
from handlers import parts
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.fakes.qdrant_server import KEY, VERSION, QdrantServer
from tests.photos import jpeg

CONTRACT = {
    "visual_search_total_searches": "counter",
    "visual_search_search_duration_seconds": "histogram",
    "visual_search_clip_inference_duration_seconds": "histogram",
    "visual_search_qdrant_search_duration_seconds": "histogram",
    "visual_search_errors_total": "counter",
}
SAMPLE = re.compile(r'([a-z_]+)(?:\{[a-z_]+="([^"\\\n]*)"\})? (\d+(?:\.\d+)?(?:e[+-]\d+)?)')


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(Settings(data_dir=tmp_path)) as shop:
        yield shop


@pytest.fixture
def client(shop: Shop) -> TestClient:
    return TestClient(create_app(shop), base_url="http://shop" + API, raise_server_exceptions=False)


def scraped(client: TestClient) -> tuple[dict[str, str], dict[tuple[str, str], float]]:
    """The kinds and the samples; every line must be one or the other, as Prometheus reads them."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text.endswith("\n")
    kinds: dict[str, str] = {}
    samples: dict[tuple[str, str], float] = {}
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in kinds
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            sample = SAMPLE.fullmatch(line)
            assert sample is not None, line
            assert (sample[1], sample[2] or "") not in samples, line
            samples[sample[1], sample[2] or ""] = float(sample[3])
    return kinds, samples


def test_get_metrics_has_the_contracts_names(client: TestClient) -> None:
    kinds, _ = scraped(client)
    assert kinds.items() >= CONTRACT.items()


def test_get_metrics_counts_what_happened(client: TestClient, shop: Shop) -> None:
    client.put("/products/p", json={"name": "Mug"})
    for _ in range(2):
        client.post("/search", json={"text_query": "a mug"})
    client.post("/search/by-image", files={"file": jpeg(1)})
    client.post("/search", json={})
    client.get("/nowhere")
    _, samples = scraped(client)
    assert samples["visual_search_total_searches", "text"] == 2
    assert samples["visual_search_total_searches", "image"] == 1
    assert samples["visual_search_cache_answers_total", "hit"] == 1
    assert samples["visual_search_cache_answers_total", "miss"] == 2
    assert samples["visual_search_errors_total", "query_empty"] == 1
    assert samples["visual_search_errors_total", "not_found"] == 1
    for name, count in {"search": 3, "clip_inference": 2, "qdrant_search": 2}.items():
        name = f"visual_search_{name}_duration_seconds"
        assert samples[f"{name}_count", ""] == samples[f"{name}_bucket", "+Inf"] == count
        assert samples[f"{name}_sum", ""] > 0
        reached = [value for (of, _), value in samples.items() if of == f"{name}_bucket"]
        assert reached == sorted(reached) and len(reached) > 10
    assert samples["visual_search_indexed_products", ""] == 1
    assert samples["visual_search_indexed_images", ""] == 0
    assert samples["visual_search_rejected_files", ""] == 0


def test_get_metrics_counts_a_bug_of_ours(
    client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(shop.search), "answer", lambda *_: 1 / 0)
    assert client.post("/search", json={"text_query": "a mug"}).status_code == 500
    _, samples = scraped(client)
    assert samples["visual_search_errors_total", "internal_error"] == 1


def test_get_metrics_is_there_when_the_index_is_not(client: TestClient, shop: Shop) -> None:
    assert scraped(client)[1]["visual_search_index_up", ""] == 1
    shop.index.close()
    _, samples = scraped(client)
    assert samples["visual_search_index_up", ""] == 0
    assert ("visual_search_indexed_products", "") not in samples


def test_get_health_detailed_tells_of_each_part(client: TestClient, shop: Shop) -> None:
    answer = client.get("/health/detailed")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["version"]) == ("healthy", "0.1.0")
    assert body["parts"].keys() == {"model", "index", "cache", "bucket", "disk"}
    for part in body["parts"].values():
        assert (part["status"], part["detail"]) == ("healthy", None)
        assert part["latency_ms"] > 0
    assert body["parts"]["model"]["version"] == shop.embedder.model
    assert re.fullmatch(r"\d+\.\d+\.\d+", body["parts"]["index"]["version"])


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("part", "method", "instead", "status"),
    [
        ("index", "page", raising(IndexUnavailable("The index is away.")), "unhealthy"),
        ("index", "page", raising(KeyError("inside")), "unhealthy"),
        ("embedder", "words", raising(ModelUnavailable("It fails.")), "degraded"),
        ("photos", "of_product", raising(BucketUnavailable("It is away.")), "degraded"),
        ("cache", "get", lambda *_: Lookup(None, None), "degraded"),
    ],
    ids=["index", "index with a bug", "model", "bucket", "cache"],
)
def test_get_health_detailed_says_which_part_is_down(
    client: TestClient,
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    method: str,
    instead: Callable[..., Any],
    status: str,
) -> None:
    monkeypatch.setattr(type(getattr(shop, part)), method, instead)
    answer = client.get("/health/detailed")
    assert answer.status_code == (503 if status == "unhealthy" else 200)
    assert answer.json()["status"] == status
    down = {name for name, one in answer.json()["parts"].items() if one["status"] != "healthy"}
    assert down == {{"photos": "bucket", "embedder": "model"}.get(part, part)}
    assert "inside" not in answer.text


def test_get_health_detailed_waits_for_no_part(
    client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Event()
    monkeypatch.setattr(parts, "_SECONDS", 0.05)
    monkeypatch.setattr(type(shop.photos), "of_product", lambda *_: ended.wait(10))
    with client:  # one loop for all of it, as a server has: the part is still waited for in it
        body = client.get("/health/detailed").json()
        ended.set()
    assert body["status"] == "degraded"
    assert "did not answer" in body["parts"]["bucket"]["detail"]


def test_get_health_detailed_has_the_version_of_a_managed_index(tmp_path: Path) -> None:
    with QdrantServer() as server:
        settings = Settings(data_dir=tmp_path, qdrant_url=server.url, qdrant_api_key=KEY)
        with open_shop(settings) as shop:
            client = TestClient(create_app(shop), base_url="http://shop" + API)
            assert client.get("/health/detailed").json()["parts"]["index"]["version"] == VERSION
            server.stop()
            answer = client.get("/health/detailed")
            assert answer.status_code == 503
            assert answer.json()["parts"]["index"]["status"] == "unhealthy"
