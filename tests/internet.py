"""A public internet of one machine: a stranger's server, and beside it what only we can reach.

The stranger has an address of its own, 127.0.0.2, which stands for a public one, and there is
nobody at 127.0.0.3. What is inside is at 127.0.0.1 and at ::1, and counts who comes.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from time import monotonic, sleep

from core.photos.fetch.addresses import is_public
from core.photos.fetch.fetcher import Fetcher, Resolve
from tests import certificates

PUBLIC, DEAD, INSIDE = "127.0.0.2", "127.0.0.3", "127.0.0.1"
NAME = "photos.example"

Serve = Callable[[socket.socket, str], object]
"""What a server does with a connection, once it has read the head of a request."""


def answer(
    body: bytes, status: int = 200, headers: str = "", length: int | str | None = None
) -> Serve:
    told = len(body) if length is None else length
    head = f"HTTP/1.1 {status} so\r\nContent-Length: {told}\r\n{headers}\r\n".encode()

    def serve(sock: socket.socket, _: str) -> None:
        sock.sendall(head + body)

    return serve


def moved(to: str, status: int = 302) -> Serve:
    head = b"HTTP/1.1 %d so\r\nContent-Length: 0\r\nLocation: " % status

    def serve(sock: socket.socket, _: str) -> None:
        sock.sendall(head + to.encode() + b"\r\n\r\n")

    return serve


def said(*parts: bytes, pause: float = 0) -> Serve:
    def serve(sock: socket.socket, _: str) -> None:
        for part in parts:
            sock.sendall(part)
            sleep(pause)

    return serve


def without_end(part: bytes, first: bytes = b"", pause: float = 0) -> Serve:
    return lambda sock, head: said(first, *repeat(part, 1_000_000), pause=pause)(sock, head)


class Server:
    """Speaks just as it is told, which a server made to be right would not."""

    def __init__(self, address: str, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, port), family=family)
        self.port: int = self._listener.getsockname()[1]
        self.visits = 0
        self.heads: list[str] = []
        self.serve: Serve = answer(b"")
        self._tls = tls
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.visits += 1
                threading.Thread(target=self._speak, args=(sock,), daemon=True).start()

    def _speak(self, sock: socket.socket) -> None:
        sock.settimeout(20)
        with suppress(OSError), sock:
            if self._tls is None:
                self._answer(sock)
            else:
                with self._tls.wrap_socket(sock, server_side=True) as safe:
                    self._answer(safe)

    def _answer(self, sock: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = sock.recv(4096)
            if not piece:
                return
            head += piece
        self.heads.append(head.decode())
        self.serve(sock, head.decode())


class Internet:
    def __init__(self, folder: Path) -> None:
        certificate, key = certificates.make(folder, f"DNS:{NAME},DNS:*.{NAME}")
        tls = certificates.serving(certificate, key)
        self.asked_for: list[str | None] = []
        tls.sni_callback = lambda _, name, __: self.asked_for.append(name)
        self.safe, self.plain = Server(PUBLIC, tls), Server(PUBLIC)
        self.inside = [Server(INSIDE)]
        with suppress(OSError):  # where there is no version 6
            self.inside.append(Server("::1", port=self.inside[0].port))
        self.inside_port = self.inside[0].port
        self.names: dict[str, Sequence[str]] = {NAME: [PUBLIC]}
        self.looked_up: list[str] = []
        self.trust = ssl.create_default_context(cafile=str(certificate))

    def close(self) -> None:
        for server in (self.safe, self.plain, *self.inside):
            server.close()

    def fetcher(
        self,
        *ports: int,
        allow_http: bool = False,
        resolve: Resolve | None = None,
        everything_is_public: bool = False,
    ) -> Fetcher:
        return Fetcher(
            allow_http=allow_http,
            resolve=resolve or self.resolve,
            is_public=lambda one: everything_is_public or one in (PUBLIC, DEAD) or is_public(one),
            ports={self.safe.port, self.plain.port, self.inside_port, *ports},
            tls=self.trust,
        )

    def resolve(self, name: str) -> Sequence[str]:
        self.looked_up.append(name)
        try:
            return self.names[name]
        except KeyError:
            raise socket.gaierror(socket.EAI_NONAME, "nobody of this name") from None

    def url(self, path: str = "/photo.jpg", name: str = NAME) -> str:
        return f"https://{name}:{self.safe.port}{path}"

    def plain_url(self, path: str = "/photo.jpg", name: str = NAME) -> str:
        return f"http://{name}:{self.plain.port}{path}"

    def fetch(self, url: str, seconds: float = 20) -> bytes:
        return self.fetcher().fetch(url, monotonic() + seconds)

    def wait_for(self, done: Callable[[], bool]) -> None:
        until = monotonic() + 20
        while not done():
            assert monotonic() < until
            sleep(0.01)

    @property
    def visits_inside(self) -> int:
        return sum(server.visits for server in self.inside)
