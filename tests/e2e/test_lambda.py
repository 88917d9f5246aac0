"""The HTTP function as Lambda runs it, given what API Gateway would give it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from tests.e2e.running import eventually
from tests.fakes.qdrant_server import KEY, Fault, QdrantServer
from tests.gateway import PINGS, Answer, event, form
from tests.lambda_emulator import Function, needs_emulator, running_function
from tests.photos import noisy_jpeg

pytestmark = needs_emulator()

HANDLER = "handlers.aws_http.handler"
ADMIN = "an-admin-key-of-some-length"
API = "/api/v1"


def ask(function: Function, *about: Any, **more: Any) -> Answer:
    return Answer.of(function.invoke(event(*about, **more)))


def search(function: Function, words: str = "a red mug") -> Answer:
    body = json.dumps({"text_query": words}).encode()
    return ask(function, "POST", API + "/search", body, "application/json")


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Function]:
    data = tmp_path_factory.mktemp("function")
    settings = {"DATA_DIR": str(data), "ADMIN_KEYS": ADMIN}
    with running_function(HANDLER, data / "log", **settings) as function:
        yield function


def test_from_nothing_to_the_first_answer(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settings = {"DATA_DIR": str(tmp_path), "ADMIN_KEYS": ADMIN}
    for start in ("first start, with an index to make", "start"):
        with running_function(HANDLER, tmp_path / "log", **settings) as function:
            began = perf_counter()
            assert search(function).status == 200
            first = perf_counter() - began
            began = perf_counter()
            assert search(function, "a blue mug").status == 200
            second = perf_counter() - began
        told = f"init and first search {first * 1000:.0f} ms, another {second * 1000:.1f} ms"
        record_property(f"Lambda's emulator, mini, {start}", told)


def test_a_ping_is_answered(function: Function) -> None:
    for ping in PINGS:
        assert function.invoke(ping) == {}


def test_a_photo_of_three_megabytes_arrives_whole(function: Function) -> None:
    photo = noisy_jpeg()
    assert 3_000_000 < len(photo) < 3_300_000
    key = {"x-api-key": ADMIN}
    alone = ask(function, "POST", API + "/embed-image", photo, "image/jpeg", headers=key)
    in_form = ask(function, "POST", API + "/embed-image", *form(photo), headers=key)
    assert alone.status == in_form.status == 200, alone.body
    assert alone.json()["embedding"] == in_form.json()["embedding"]
    found = ask(function, "POST", API + "/search/by-image", *form(photo, top_k="1"))
    assert found.json()["query_type"] == "image"
    assert found.json()["top_k"] == 1


def test_what_is_too_large_is_refused_by_us_as_long_as_it_reaches_us(function: Function) -> None:
    refused = ask(function, "POST", API + "/search/by-image", bytes(4_500_000), "image/jpeg")
    assert (refused.status, refused.json()["code"]) == (413, "body_too_large")
    assert "POST /api/v1/uploads" in refused.json()["detail"]
    # Beyond Lambda's 6 MB it is AWS that refuses; the emulator passes on half of it.
    too_much = event("POST", API + "/search/by-image", bytes(5_000_000), "image/jpeg")
    assert "errorMessage" in function.invoke(too_much)
    assert search(function).status == 200


def test_answers_in_any_script_arrive_whole(function: Function) -> None:
    key = {"x-api-key": ADMIN}
    said = {"id": "tea", "name": "Чашка 🫖", "description": "日本\u2028\x7f"}
    made = ask(
        function,
        "PUT",
        API + "/products/tea",
        json.dumps(said).encode(),
        "application/json",
        headers=key,
    )
    assert made.status == 200
    told = ask(function, "GET", API + "/products/tea").json()
    assert {name: told[name] for name in said} == said


def test_a_function_without_admin_keys_does_not_start(tmp_path: Path) -> None:
    with running_function(HANDLER, tmp_path / "log", DATA_DIR=str(tmp_path)) as function:
        told = function.invoke(event("GET", API + "/health"))
    assert told["errorType"] == "SettingsInvalid"
    assert "set ADMIN_KEYS" in told["errorMessage"]


def test_one_that_waits_too_long_says_so_itself_and_goes_on(tmp_path: Path) -> None:
    """Left to Lambda, its end would be an error of the gateway's without a reason, and the
    emulator's is not even that: a text that says 200."""
    with QdrantServer() as qdrant:
        settings = {
            "ADMIN_KEYS": ADMIN,
            "QDRANT_URL": qdrant.url,
            "QDRANT_API_KEY": KEY,
            "REQUEST_BUDGET_MS": "1000",
        }
        with running_function(HANDLER, tmp_path / "log", **settings) as function:
            assert search(function).status == 200  # there is a collection now
        with running_function(HANDLER, tmp_path / "log", **settings) as function:
            qdrant.faults += [Fault(), *[Fault(wait=60)] * 50]  # all is well until it is opened
            cold = search(function)
            assert cold.status == 504, cold.body
            assert cold.json()["code"] in ("out_of_time", "index_slow")  # whoever is first
            assert search(function, "another").status in (503, 504)
            qdrant.faults.clear()
            eventually(lambda: search(function, "a third").status == 200, 20)


def test_one_whose_index_hangs_from_the_start_starts_all_the_same(tmp_path: Path) -> None:
    with QdrantServer() as qdrant:
        qdrant.faults += [Fault(wait=60)] * 50
        settings = {"ADMIN_KEYS": ADMIN, "QDRANT_URL": qdrant.url, "QDRANT_API_KEY": KEY}
        with running_function(HANDLER, tmp_path / "log", **settings) as function:
            assert search(function).status in (503, 504)
            qdrant.faults.clear()
            eventually(lambda: search(function, "again").status == 200, 20)
