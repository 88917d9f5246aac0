"""How moto's server talks: as AWS does, on connections that stay open.

Its own way is to close each after one answer, and to wait a little first for more to be sent.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler

_BARE = ("1", "204", "304")
"""Answers without a body, by how they begin."""


class KeptOpen(MotoRequestHandler):
    protocol_version = "HTTP/1.1"

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.environ = self.make_environ()
        asked = self.environ["wsgi.input"]
        if "wsgi.input_terminated" not in self.environ:
            asked = BytesIO(asked.read(int(self.headers.get("Content-Length", 0))))
        self.environ["wsgi.input"] = BytesIO(asked.read())  # whole, so that the next begins here
        told: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            told.append((status, headers))

        try:
            body = b"".join(self.server.app(self.environ, start))
            status, headers = told[-1]
        except Exception as error:
            self.log_error("%r", error)
            status, headers, body = "500 INTERNAL SERVER ERROR", [], b""
        self._tell(status, headers, body)

    def _tell(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        """In one write."""
        code, _, reason = status.partition(" ")
        named = {name.lower() for name, _ in headers}
        silent = self.command == "HEAD" or code.startswith(_BARE)
        if "content-length" not in named and not silent:
            headers = [*headers, ("Content-Length", str(len(body)))]
        lines = [f"{self.protocol_version} {code} {reason}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers]
        head = "\r\n".join([*lines, "\r\n"]).encode("latin-1")
        self.wfile.write(head if silent else head + body)
