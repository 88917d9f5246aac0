"""What asks in benchmarks: each question once, and its time counts from when it was due."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import sleep

import pytest

from scripts.bench.asking import in_turn, on_time, post

LATE = 0.3


class Door(ThreadingHTTPServer):
    request_queue_size = 100

    def __init__(self, protocol: str) -> None:
        self.asked: list[int] = []
        self.opened = Event()

        class Answering(BaseHTTPRequestHandler):
            protocol_version = protocol
            server: Door

            def do_POST(self) -> None:
                number = int(self.rfile.read(int(self.headers["content-length"])))
                self.server.asked.append(number)
                self.server.opened.wait()
                body = b'{"cache":"hit"}' if number % 2 else b'{"cache":"miss"}'
                self.send_response(503 if number == 3 else 200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *said: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Answering)


@contextmanager
def answering(protocol: str) -> Iterator[Door]:
    with Door(protocol) as door:
        thread = Thread(target=door.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield door
        finally:
            door.shutdown()
            thread.join()


def numbered(number: int) -> bytes:
    return post("/search", str(number).encode(), "text/plain")


@pytest.mark.parametrize("protocol", ["HTTP/1.0", "HTTP/1.1"], ids=["closed", "kept"])
def test_each_question_is_asked_once_and_what_was_told_is_kept(protocol: str) -> None:
    with answering(protocol) as door:
        door.opened.set()
        heard = in_turn(door.server_port, 3, 1.0, numbered, first=2)
    numbers = sorted(one.number for one in heard.told)
    assert numbers == sorted(door.asked) == list(range(2, 2 + len(numbers)))
    assert {one.number for one in heard.told if one.status != 200} == {3}
    assert all(one.recalled == bool(one.number % 2) for one in heard.told)
    assert heard.rate == (len(numbers) - 1) / heard.seconds


def test_on_time_a_stall_is_felt_by_all_that_were_due_in_it() -> None:
    with answering("HTTP/1.1") as door:

        def open_late() -> None:
            while not door.asked:
                sleep(0.001)
            sleep(LATE)
            door.opened.set()

        late = Thread(target=open_late)
        late.start()
        heard = on_time(door.server_port, 100, 0.5, numbered)
        late.join()
    assert [one.number for one in heard.told] == list(range(50))
    assert [one.due for one in heard.told] == [number / 100 for number in range(50)]
    assert all(one.took >= (LATE - one.due) * 1000 for one in heard.told)


def test_who_can_not_be_reached_has_told_nothing() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        heard = on_time(nobody.getsockname()[1], 10, 0.3, numbered)
    assert [one.status for one in heard.told] == [0, 0, 0]
    assert heard.rate == 0
