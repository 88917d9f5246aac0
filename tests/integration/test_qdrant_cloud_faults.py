"""A managed Qdrant that is away, slow, busy or broken: what we say, when, and that it passes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from core.errors import IndexSlow, IndexUnavailable, LikenessError, SettingsInvalid
from core.ports import ByPhotos
from core.stores.qdrant_cloud import CloudIndex
from tests.contract.indexes import ANY, axis, ids, item, photo, stock
from tests.e2e.running import eventually
from tests.fakes.qdrant_server import Fault, QdrantServer
from tests.integration.clouds import opened

PATIENCE = 1.0
MARGIN = 1.0
"""What a machine at work on other things may take on top."""
GARBAGE = b"<html>a page about something else</html>"
ONE_BAD_ANSWER = {
    "500": Fault(status=500, body=b"{}"),
    "502": Fault(status=502, body=GARBAGE),
    "503": Fault(status=503, headers={"Retry-After": "0"}, body=b""),
    "408": Fault(status=408, body=b"{}"),
    "429": Fault(status=429, headers={"Retry-After": "0"}, body=b"{}"),
    "a page": Fault(body=GARBAGE),
    "another's JSON": Fault(body=b'{"result": {"points": 7}}'),
    "spoilt text": Fault(body=b'{"result": {"points": [{"id": "\xff"}]}}'),
    "nothing": Fault(body=b""),
    "no head": Fault(cut_after=0),
    "half a head": Fault(cut_after=30),
    "half an answer": Fault(cut_after=120),
    "no HTTP": Fault(status=-1),
}


@pytest.fixture
def server() -> Iterator[QdrantServer]:
    with QdrantServer() as running:
        yield running


@pytest.fixture
def index(server: QdrantServer) -> Iterator[CloudIndex]:
    with closing(opened(server, patience=PATIENCE)) as index:
        stock(index, [item("a")])
        server.asked.clear()
        yield index


def finds(index: CloudIndex) -> bool:
    return ids(index.search([ByPhotos(axis(1))], ANY, 5)[0]) == ["a"]


def works(index: CloudIndex) -> bool:
    try:
        return finds(index)
    except LikenessError:
        return False


@contextmanager
def in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PATIENCE + MARGIN


@pytest.mark.parametrize("fault", ONE_BAD_ANSWER.values(), ids=ONE_BAD_ANSWER)
def test_one_bad_answer_is_asked_for_again(
    server: QdrantServer, index: CloudIndex, fault: Fault
) -> None:
    server.faults.append(fault)
    assert finds(index)
    assert not server.faults


@pytest.mark.parametrize("fault", ONE_BAD_ANSWER.values(), ids=ONE_BAD_ANSWER)
def test_bad_answers_again_and_again_are_an_error_that_passes(
    server: QdrantServer, index: CloudIndex, fault: Fault
) -> None:
    server.faults += [fault] * 20
    with in_time(), pytest.raises(IndexUnavailable, match="does not answer"):
        index.get("a")
    server.faults.clear()
    assert finds(index)


@pytest.mark.parametrize("fault", ONE_BAD_ANSWER.values(), ids=ONE_BAD_ANSWER)
def test_a_write_whose_answer_is_lost_is_made_again_and_changes_nothing(
    server: QdrantServer, index: CloudIndex, fault: Fault
) -> None:
    changes: list[Callable[[], object]] = [
        lambda: index.put_items([item("a", "Cup", price=3), item("b")]),
        lambda: index.put_photos(item("a").listing.product, [photo("2.jpg", axis(2))]),
        lambda: index.remove_photos("a", ["2.jpg"]),
        lambda: index.remove("b"),
    ]
    for change in changes:
        server.faults += [fault, Fault()] * 9  # every request of it, once
        change()
        server.faults.clear()
    found = index.get("a")
    assert found is not None and found.product.name == "Cup"
    assert [one.key for one in found.photos] == ["a/0.jpg"]
    assert index.status().products == 1


@pytest.mark.parametrize("fault", [Fault(wait=30), Fault(drip=0.1)], ids=["silent", "in drops"])
def test_a_slow_answer_is_not_waited_for_longer_than_was_said(
    server: QdrantServer, index: CloudIndex, fault: Fault
) -> None:
    server.faults.append(fault)
    with in_time(), pytest.raises(IndexSlow):
        index.get("a")
    assert finds(index)


def test_who_is_to_ask_later_does_so_within_the_time_or_says_no_at_once(
    server: QdrantServer, index: CloudIndex
) -> None:
    server.faults.append(Fault(status=429, headers={"Retry-After": "3600"}, body=b"{}"))
    began = time.monotonic()
    with pytest.raises(IndexUnavailable):
        index.get("a")
    assert time.monotonic() - began < PATIENCE
    assert len(server.asked) == 1


def test_being_asked_too_often_is_no_reason_to_stop_asking(
    server: QdrantServer, index: CloudIndex
) -> None:
    server.faults += [Fault(status=429, body=b"{}")] * 3 * 5
    for _ in range(5):
        with pytest.raises(IndexUnavailable):
            index.get("a")
    assert finds(index)


def test_nobody_waits_for_what_did_not_answer_a_moment_ago(
    server: QdrantServer, index: CloudIndex
) -> None:
    server.stop()
    for _ in range(3):
        with in_time(), pytest.raises(IndexUnavailable):
            index.get("a")
    began = time.monotonic()
    with pytest.raises(IndexUnavailable, match="a moment ago"):
        index.get("a")
    assert time.monotonic() - began < 0.1
    server.start()
    assert eventually(lambda: works(index), 10) < 10


def test_a_crowd_is_told_as_soon_as_one_is(server: QdrantServer, index: CloudIndex) -> None:
    server.faults += [Fault(wait=30)] * 64

    def ask(number: int) -> str:
        try:
            index.get("a")
        except LikenessError as error:
            return error.code
        return "found"

    began = time.monotonic()
    with ThreadPoolExecutor(16) as threads:
        told = list(threads.map(ask, range(64)))
    assert set(told) == {"index_slow", "index_unavailable"}
    assert time.monotonic() - began < 2 * PATIENCE + MARGIN
    server.faults.clear()
    assert eventually(lambda: works(index), 10) < 10


def test_a_qdrant_that_is_away_does_not_keep_us_from_starting(server: QdrantServer) -> None:
    server.stop()
    with closing(opened(server, patience=PATIENCE)) as index:
        with pytest.raises(IndexUnavailable):
            index.get("a")
        server.start()
        stock(index, [item("a")])
        assert finds(index)


def test_a_key_that_is_not_accepted_ends_the_start_and_is_not_repeated(
    server: QdrantServer,
) -> None:
    with pytest.raises(SettingsInvalid, match="QDRANT_API_KEY") as refused:
        opened(server, key="another-key-altogether")
    assert "another-key" not in refused.value.detail


def test_a_collection_that_is_gone_is_made_again(server: QdrantServer, index: CloudIndex) -> None:
    server.local.forget("products")
    with pytest.raises(IndexUnavailable):
        index.get("a")
    assert index.get("a") is None
    stock(index, [item("a")])
    assert finds(index)
