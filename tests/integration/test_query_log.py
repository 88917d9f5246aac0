"""QUERY_LOG: what is noted of a search, what is not, and that it never stands in a search's way."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from core.query import Query, QueryType
from core.search import Answer
from core.settings import Settings
from core.stores.query_log import QueryFile
from handlers.api import create_app
from handlers.choices import query_log
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.disks import small_disk
from tests.photos import jpeg

KEY = "Hush-this-opens-the-window"
SECRETS = {"x-api-key": KEY, "x-forwarded-for": "203.0.113.77", "user-agent": "a-shoppers-own"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    settings = Settings(data_dir=tmp_path, query_log=True, search_keys=(KEY,))
    with open_shop(settings) as shop:
        for number, colour in enumerate(["red", "blue"]):
            shop.photos.put(f"images/{colour}.jpg", jpeg(number), "image/jpeg")
            shop.photos.put(f"images/{colour}.json", b'{"name": "A %b mug"}' % colour.encode(), "")
            shop.indexing.settle(colour)
        yield shop


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "queries.jsonl"


def client_of(shop: Shop) -> TestClient:
    return TestClient(create_app(shop), base_url="http://shop" + API, headers=SECRETS)


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_a_line_a_search_with_what_was_said_and_what_came_of_it(shop: Shop, log: Path) -> None:
    client = client_of(shop)
    said = {
        "text_query": " red\n mug ",
        "category_filter": ["Mugs", "Cups"],
        "price_max": 20,
        "attributes": {"colour": ["red", "blue"], "organic": True},
        "in_stock": True,
        "score_threshold": 0.5,
    }
    client.post("/search", json=said).raise_for_status()
    found = client.post("/search", json={"text_query": "red mug", "offset": 1}).json()
    nothing, something = lines(log)
    then = datetime.fromisoformat(nothing.pop("time"))
    assert abs((datetime.now(UTC) - then).total_seconds()) < 60
    assert nothing.pop("ms") > 0
    assert nothing == {
        "log": "query",
        "type": "text",
        "hits": 0,
        "words": "red mug",
        "filters": [
            "category=Cups",
            "category=Mugs",
            "attributes.colour=blue|red",
            "attributes.organic=true",
            "price_max=20",
            "in_stock=true",
            "score_threshold=0.5",
        ],
    }
    assert (something["hits"], something["offset"]) == (1, 1)
    assert something["best"] == round(found["results"][0]["similarity_score"], 4)


def test_no_photo_no_key_no_address_and_no_name_of_a_product(shop: Shop, log: Path) -> None:
    client = client_of(shop)
    client.post("/search/by-image", files={"file": ("my-face.jpg", jpeg(1))}).raise_for_status()
    client.get("/search/similar/red").raise_for_status()
    image, product = lines(log)
    assert image.keys() == product.keys() == {"log", "time", "type", "hits", "ms", "best"}
    assert (image["type"], product["type"]) == ("image", "product")
    text = log.read_text()
    assert not [word for word in (*SECRETS.values(), "face", "testclient", "red") if word in text]
    assert log.stat().st_mode & 0o077 == 0


def test_what_a_pages_filters_ask_for_their_counts_is_no_search(shop: Shop, log: Path) -> None:
    client = client_of(shop)
    counting = {"text_query": "product", "facets": ["category"], "top_k": 1}
    client.post("/search/batch", json={"searches": [counting, counting]}).raise_for_status()
    client.post("/search", json=counting | {"text_query": "a cup", "top_k": 9}).raise_for_status()
    assert [line["words"] for line in lines(log)] == ["a cup"]


def test_each_search_of_a_batch_and_none_that_was_refused(shop: Shop, log: Path) -> None:
    client = client_of(shop)
    searches = [{"text_query": "mug"}, {}, {"text_query": "a cup"}]
    client.post("/search/batch", json={"searches": searches}).raise_for_status()
    assert client.post("/search", json={"text_query": "mug", "top_k": 0}).status_code == 422
    assert {line["words"] for line in lines(log)} == {"mug", "a cup"}


def test_nobody_who_did_not_ask_for_it_has_one(tmp_path: Path) -> None:
    with open_shop(Settings(data_dir=tmp_path)) as shop:
        client = client_of(shop)
        client.post("/search", json={"text_query": "mug"}).raise_for_status()
    assert not list(tmp_path.glob("queries*"))


def test_where_there_is_no_disk_lines_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    away = {"qdrant_url": "https://qdrant.example", "image_bucket": "photos"}
    assert query_log(Settings(**away)) is None  # type: ignore[arg-type]
    note = query_log(Settings(query_log=True, **away))  # type: ignore[arg-type]
    assert note is not None
    note(*_search("a red mug"))
    [line] = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["log"], json.loads(line)["words"]) == ("query", "a red mug")


def test_a_line_is_bounded_whatever_was_said(tmp_path: Path) -> None:
    query, answer, ms = _search("w" * 2000)
    many = {f"{'n' * 99}{n}": ("v" * 10_000,) * 9 for n in range(50)}
    filters = msgspec.structs.replace(query.filters, attributes=tuple(many.items()))
    QueryFile(tmp_path / "log")(msgspec.structs.replace(query, filters=filters), answer, ms)
    assert (tmp_path / "log").stat().st_size < 2000


def test_a_file_that_is_full_is_put_aside_and_there_are_two_at_most(tmp_path: Path) -> None:
    note = QueryFile(tmp_path / "log", most_bytes=3000)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda words: note(*_search(words)), ["mug"] * 400))
    assert {path.name for path in tmp_path.iterdir()} <= {"log", "log.1"}
    aside = tmp_path / "log.1"
    assert 3000 < aside.stat().st_size < 3200
    assert all(line["words"] == "mug" for line in lines(aside))


def _a_folder(log: Path) -> None:
    log.mkdir()


def _a_pipe(log: Path) -> None:
    os.mkfifo(log)


def _a_link(log: Path) -> None:
    log.symlink_to("/dev/full")


@pytest.mark.parametrize("in_the_way", [_a_folder, _a_pipe, _a_link])
def test_what_is_in_its_way_is_told_once_and_hurts_no_search(
    shop: Shop, log: Path, in_the_way: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    in_the_way(log)
    client = client_of(shop)
    for _ in range(3):
        assert client.post("/search", json={"text_query": "red mug"}).json()["count"] == 2
    told = [one.message for one in caplog.records if "searches are not logged" in one.message]
    assert len(told) == 1
    log.rmdir() if log.is_dir() else log.unlink()
    client.post("/search", json={"text_query": "again"}).raise_for_status()
    assert [line["words"] for line in lines(log)] == ["again"]


def test_a_full_disk_is_left_to_the_index(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 200) as disk:
        note = QueryFile(disk.folder / "log")
        note(*_search("before"))
        disk.fill(leave_mb=20)
        note(*_search("full"))
        disk.make_room()
        note(*_search("after"))
        assert [line["words"] for line in lines(disk.folder / "log")] == ["before", "after"]


def _search(words: str) -> Any:
    answer = Answer(
        hits=(),
        type=QueryType.TEXT,
        model="m",
        cache="off",
        truncated=False,
        degraded=False,
        facets={},
        timings={},
    )
    return Query(words=words), answer, 1.0
