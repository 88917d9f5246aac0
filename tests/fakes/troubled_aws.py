"""AWS behind a line that can be troubled: what it passes on, and what it does instead."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from tests.aws import LocalAws

Trouble = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet: two would be held up for a moment by the system
    server: Line

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.operation = self.headers["X-Amz-Target"].partition(".")[2]
        self.server.asked.append(self.operation)
        self.server.trouble(self)

    def pass_on(self) -> None:
        well = self.server.well
        connection = HTTPConnection(well.host, well.port, timeout=10)
        connection.request(self.command, self.path, self.body, dict(self.headers.items()))
        answer = connection.getresponse()
        self.reply(answer.status, answer.read())
        connection.close()

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Tests say themselves what matters."""


class Line(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, well: LocalAws, taken_by: type[Request] = Request) -> None:
        super().__init__(("127.0.0.1", 0), taken_by)
        self.well = well
        self.trouble: Trouble = none
        self.asked: list[str] = []
        self.over = Event()

    @property
    def address(self) -> LocalAws:
        return LocalAws("127.0.0.1", self.server_port)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up on us are what this is for."""


@contextmanager
def line_to(well: LocalAws, taken_by: type[Request] = Request) -> Iterator[Line]:
    with Line(well, taken_by) as line:
        thread = Thread(target=line.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield line
        finally:
            line.over.set()
            line.shutdown()
            thread.join()


# Troubles


def none(request: Request) -> None:
    request.pass_on()


def hangs(request: Request) -> None:
    """It takes the question and says nothing for as long as the test lasts."""
    request.server.over.wait()
    request.close_connection = True


def hangs_up(request: Request) -> None:
    with suppress(OSError):
        request.connection.shutdown(socket.SHUT_RDWR)
    request.close_connection = True


def breaks_off(request: Request) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"Responses": {')
    request.wfile.flush()
    request.close_connection = True


def says(status: int, body: bytes, **headers: str) -> Trouble:
    def trouble(request: Request) -> None:
        request.reply(status, body, **headers)

    return trouble


def fails_with(code: str, status: int = 400) -> Trouble:
    return says(status, b'{"__type": "com.amazonaws.dynamodb.v20120810#%s"}' % code.encode())


def only(operation: str, trouble: Trouble) -> Trouble:
    """The trouble for this operation alone."""

    def sometimes(request: Request) -> None:
        (trouble if request.operation == operation else none)(request)

    return sometimes


def passing(trouble: Trouble, times: int) -> Trouble:
    """The trouble so many times, and then none."""
    left = iter([trouble] * times)

    def hiccup(request: Request) -> None:
        next(left, none)(request)

    return hiccup


TROUBLES: dict[str, Trouble] = {
    # What a table named "t" may come to say, or another in its stead.
    "hangs": hangs,
    "hangs up": hangs_up,
    "breaks off": breaks_off,
    "provisioned throughput": fails_with("ProvisionedThroughputExceededException"),
    "throttling": fails_with("ThrottlingException"),
    "too many requests": fails_with("RequestLimitExceeded"),
    "no such table": fails_with("ResourceNotFoundException"),
    "no entry": fails_with("AccessDeniedException"),
    "internal error": fails_with("InternalServerError", 500),
    "busy, come back in an hour": says(503, b"", x_amz_retry_after="3600000"),
    "error page": says(500, b"<html>Bad gateway</html>"),
    "page": says(200, b"<html>Welcome to this network</html>"),
    "nothing": says(200, b""),
    "nothing at all": says(204, b""),
    "null": says(200, b"null"),
    "list": says(200, b"[1, 2]"),
    "object": says(200, b"{}"),
    "not UTF-8": says(200, b'{"Responses": "\xff\xfe"}'),
    "half an object": says(200, b'{"Responses": {"t": ['),
    "deep": says(200, b"[" * 100_000),
    "other types": says(200, b'{"Responses": 7, "UnprocessedKeys": [], "Attributes": "x"}'),
    "other types inside": says(200, b'{"Responses": {"t": [7]}, "UnprocessedKeys": {}}'),
    "nothing changed": says(200, b'{"Attributes": {}}'),
    "items of nothing": says(200, b'{"Responses": {"t": [{}]}, "UnprocessedKeys": {}}'),
    "another table": says(200, b'{"Responses": {"u": []}, "UnprocessedKeys": {}}'),
    "bytes that are none": says(
        200, b'{"Responses": {"t": [{"pk": {"B": "%%%"}}]}, "UnprocessedKeys": {}}'
    ),
    "left undone": says(
        200, b'{"Responses": {"t": []}, "UnprocessedKeys": {"t": {"Keys": [{"pk": {"S": "x"}}]}}}'
    ),
    "redirect": says(301, b"", Location="http://127.0.0.1:9/"),
}
