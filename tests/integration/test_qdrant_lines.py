"""The connections to a managed Qdrant: kept, shared, given up, encrypted."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import IndexSlow, IndexUnavailable
from core.stores import attempts, lines
from core.stores.qdrant_cloud import CloudIndex
from tests import certificates
from tests.contract.indexes import item
from tests.fakes.qdrant_server import Fault, QdrantServer
from tests.integration.clouds import opened


@pytest.fixture
def server() -> Iterator[QdrantServer]:
    with QdrantServer() as running:
        yield running


@pytest.fixture
def index(server: QdrantServer) -> Iterator[CloudIndex]:
    with closing(opened(server)) as index:
        index.put_items([item("a")])
        yield index


def finds(index: CloudIndex) -> bool:
    return index.get("a") is not None


def test_a_kept_connection_that_was_hung_up_is_no_failure(
    server: QdrantServer, index: CloudIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(attempts, "sleep")  # as there is before another attempt
    server.faults += [Fault(hang_up=True)] * 2
    assert finds(index)
    assert finds(index)
    server.stop()
    server.start()
    assert finds(index)


def test_connections_are_used_again(server: QdrantServer, index: CloudIndex) -> None:
    with server.lock:
        before = set(server.calls)
    for _ in range(10):
        assert finds(index)
    with server.lock:
        assert set(server.calls) == before and len(before) == 1


def test_a_connection_that_lay_idle_for_long_is_not_trusted(
    server: QdrantServer, index: CloudIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.lock:
        before = set(server.calls)
    monkeypatch.setattr(lines, "time", lambda: time.time() + 60)
    assert finds(index)
    with server.lock:
        assert not before & server.calls


def test_a_forked_process_calls_for_itself(
    server: QdrantServer, index: CloudIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.lock:
        before = set(server.calls)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert finds(index)
    with server.lock:
        assert server.calls - before


@pytest.mark.skipif(not certificates.CAN_BE_MADE, reason="openssl makes the certificate")
def test_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = certificates.make(tmp_path)
    with QdrantServer(tls=certificates.serving(certificate, key)) as server:
        with closing(opened(server, patience=1)) as index, pytest.raises(IndexUnavailable):
            index.get("a")  # nobody vouches for it
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with closing(opened(server, patience=1)) as index:
            index.put_items([item("a")])
            server.faults.append(Fault(cut_after=50))
            assert finds(index)
            server.faults.append(Fault(drip=0.1))
            with pytest.raises(IndexSlow):
                index.get("a")
            assert finds(index)
