"""A managed Qdrant on a loopback socket: its REST interface, its strictness, and its bad days.

What it answers comes from qdrant-client's server-less mode, and what it reads goes through
qdrant-client's models, which take no field they don't know. So it proves that we ask in Qdrant's
words and understand its answers, and what becomes of us when there are none. It proves nothing of
Qdrant's own index: no graph, no quantisation, no shards, no replicas, and no load.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from time import sleep
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from tests.fakes.qdrant_local import LocalQdrant, Refusal

KEY = "a-key-of-the-managed-qdrant"
VERSION = "1.15.4"


@dataclass
class Fault:
    """What goes wrong with one request; each is used once, in the order given. As it stands,
    nothing."""

    first: Callable[[], object] | None = None
    """Done before the request is looked at."""
    lost: bool = False
    """What was asked for is not done."""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """Instead of the answer."""
    cut_after: int | None = None
    """So many bytes of what would be sent, head and all, then the connection is reset."""
    drip: float = 0.0
    """The pause between bytes."""
    wait: float = 0.0
    """Before anything is sent; cut short by `stop`."""
    hang_up: bool = False
    """After an answer that says nothing of it."""


class Asked(NamedTuple):
    method: str
    path: str
    body: Any


class QdrantServer:
    """`stop` may be followed by `start`: the same port, the same data."""

    def __init__(
        self,
        *,
        strict: bool = True,
        tls: ssl.SSLContext | None = None,
        key: str | None = KEY,
    ) -> None:
        self.key = key
        self.local = LocalQdrant(strict)
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.calls: set[socket.socket] = set()
        self.lock = Lock()
        self.stopping = Event()
        self._tls = tls
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._port}"

    def start(self) -> None:
        self.stopping.clear()
        self._server = _Server(
            ("127.0.0.1", self._port), type("Handler", (_Handler,), {"qdrant": self})
        )
        self._port = self._server.server_port
        if self._tls is not None:
            # The handshake in the answering thread: one that fails must not end the server.
            self._server.socket = self._tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everyone, and take no more calls."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        with self.lock:
            for call in self.calls:
                with suppress(OSError):
                    call.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> QdrantServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # a crowd that calls at once is not to be turned away

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that hangs up is what the tests are about


class _Handler(BaseHTTPRequestHandler):
    qdrant: QdrantServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        with self.qdrant.lock:
            self.qdrant.calls.add(self.connection)

    def finish(self) -> None:
        with self.qdrant.lock:
            self.qdrant.calls.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        qdrant = self.qdrant
        read = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = Asked(self.command, self.path, json.loads(read) if read else None)
        with qdrant.lock:
            qdrant.asked.append(asked)
            fault = qdrant.faults.pop(0) if qdrant.faults else Fault()
        if fault.first is not None:
            fault.first()
        if fault.wait and qdrant.stopping.wait(fault.wait):
            self.close_connection = True
            return
        status, answer = (500, b"") if fault.lost else self._result(asked)
        status, answer = fault.status or status, fault.body if fault.body is not None else answer
        headers = {"Content-Type": "application/json", "Content-Length": str(len(answer))}
        lines = [f"HTTP/1.1 {status} {status}"]
        lines += [f"{name}: {value}" for name, value in (headers | fault.headers).items()]
        # In one piece: what comes in two waits for the other side to say it has the first.
        self._send("\r\n".join([*lines, "", ""]).encode() + answer, fault)

    def _result(self, asked: Asked) -> tuple[int, bytes]:
        if self.headers.get("api-key") != self.qdrant.key:
            return 403, b'{"error":"forbidden"}'
        path = unquote(urlsplit(asked.path).path)
        if path == "/":
            return 200, json.dumps({"title": "qdrant", "version": VERSION}).encode()
        try:
            answer = {"result": self.qdrant.local.answer(asked.method, path, asked.body)}
        except Refusal as refusal:
            return refusal.status, json.dumps({"status": {"error": refusal.why}}).encode()
        return 200, json.dumps({**answer, "status": "ok", "time": 0.0}).encode()

    def _send(self, whole: bytes, fault: Fault) -> None:
        if fault.drip:
            for byte in whole:
                self.wfile.write(bytes([byte]))
                sleep(fault.drip)
        elif fault.cut_after is not None:
            self.wfile.write(whole[: fault.cut_after])
            reset = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            self.close_connection = True
        else:
            self.wfile.write(whole)
            self.close_connection = fault.hang_up or self.close_connection
