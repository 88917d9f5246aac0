"""A model hub on a loopback socket that speaks the hub's protocol and misbehaves on request."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
import struct
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from time import sleep
from types import TracebackType
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Fault:
    """What goes wrong with one answer; each is used once, in the order given."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    """So many bytes of the body, then the connection is closed."""
    reset: bool = False
    """With `cut_after`: the connection is reset, which may swallow some of those bytes."""
    length: int | None = None
    """The Content-Length to claim."""
    no_ranges: bool = False
    drip: float = 0.0
    """The pause between bytes."""
    hold: Event | None = None
    """With `cut_after`: instead of cutting, wait for this and go on."""
    answer: bytes | None = None
    """Instead of the status line."""


@dataclass
class Seen:
    """A request, noted before it is answered; `status` and `sent` are noted as it is."""

    method: str
    path: str
    headers: dict[str, str]
    status: int = 0
    sent: int = 0


class FakeHub:
    """`files` by name; `cdn` is the host that large ones (`linked`) are redirected to."""

    def __init__(
        self,
        files: dict[str, bytes],
        *,
        repo: str = "shop/clip",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.repo = repo
        self.files = files
        self.linked: dict[str, str] = {}
        """Name to the Location that is sent for it, `{name}` filled in."""
        self.weak = False
        self.commit: str | None = COMMIT
        self.faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self.seen: list[Seen] = []
        self.lock = Lock()
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        if tls is not None:
            # The handshake in the answering thread: one that fails must not end the server.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self.url = f"https://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> FakeHub:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def asked(self, name: str, method: str = "GET") -> list[Seen]:
        with self.lock:
            return [
                one for one in self.seen if one.path.endswith(f"/{name}") and one.method == method
            ]

    def sent(self, name: str) -> int:
        return sum(one.sent for one in self.asked(name))


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that hangs up is what the tests are about


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub, path = self.hub, unquote(urlsplit(self.path).path)
        self.close_connection = True
        name = re.sub(rf"^/(cdn|{re.escape(hub.repo)}/resolve/[^/]+)/", "", path)
        headers = {key.lower(): value for key, value in self.headers.items()}
        self._seen = Seen(self.command, path, headers)
        with hub.lock:
            fault = hub.faults[name].pop(0) if hub.faults[name] else Fault()
            hub.seen.append(self._seen)
        with suppress(OSError):  # the other side went away
            self._send(name, path, fault)

    def _send(self, name: str, path: str, fault: Fault) -> None:
        hub = self.hub
        if fault.answer is not None:
            for byte in fault.answer:
                self.wfile.write(bytes([byte]))
                sleep(fault.drip)
            return
        body = hub.files.get(name)
        if fault.status or body is None:
            self._head(fault.status or 404, {"Content-Length": "0", **fault.headers})
            return
        digest = hashlib.sha256(body).hexdigest()
        told = {"Accept-Ranges": "bytes", "ETag": f'{"W/" * hub.weak}"{digest[:32]}"'}
        if hub.commit and not path.startswith("/cdn/"):
            told["X-Repo-Commit"] = hub.commit
        if name in hub.linked and not path.startswith("/cdn/"):
            told["X-Linked-Etag"] = f'"{digest}"'
            told["X-Linked-Size"] = str(len(body))
            told["Location"] = hub.linked[name].format(name=name)
            self._head(302, told | {"Content-Length": "0"} | fault.headers)
            return
        start = self._start(told["ETag"], fault)
        if start is not None and start >= len(body):
            self._head(416, {"Content-Range": f"bytes */{len(body)}", "Content-Length": "0"})
            return
        rest = body[start or 0 :]
        told["Content-Length"] = str(len(rest) if fault.length is None else fault.length)
        if start is not None:
            told["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self._head(200 if start is None else 206, told | fault.headers)
        if self.command == "GET":
            self._body(rest, fault)

    def _start(self, etag: str, fault: Fault) -> int | None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if asked is None or fault.no_ranges or self.headers.get("If-Range", etag) != etag:
            return None
        return int(asked[1])

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self._seen.status = status
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()

    def _body(self, body: bytes, fault: Fault) -> None:
        if fault.drip:
            for byte in body:
                self._write(bytes([byte]))
                sleep(fault.drip)
            return
        first = body if fault.cut_after is None else body[: fault.cut_after]
        self._write(first)
        if fault.hold is not None:
            fault.hold.wait(30)
            self._write(body[len(first) :])
        elif fault.reset:
            sleep(0.05)  # a reset overtakes what the other side has not read yet
            reset = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)

    def _write(self, body: bytes) -> None:
        self._seen.sent += len(body)
        self.wfile.write(body)
