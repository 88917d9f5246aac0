"""The endpoint beside an app in Azure that vouches for its identity, on this machine."""

from __future__ import annotations

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

STORAGE = "https://storage.azure.com/"
SECRET = "the-secret-of-the-endpoint"


@dataclass
class Identity:
    url: str = ""
    lasts: float = 3600
    """Seconds, of the tokens it gives."""
    status: int = 200
    instead: bytes = b""
    """What it says in a token's place; nothing where it gives one."""
    asked: list[Mapping[str, list[str]]] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        return {"IDENTITY_ENDPOINT": self.url, "IDENTITY_HEADER": SECRET}

    def token(self) -> str:
        """A token as Entra ID's are, but that nobody has signed it."""
        now = int(time.time())
        claims = {
            "aud": STORAGE,
            "iss": "https://sts.windows.net/00000000-0000-0000-0000-000000000000/",
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 3600,
            "oid": "23657296-5cd5-45b0-a809-d972a7f4dfe1",
            "tid": "00000000-0000-0000-0000-000000000000",
            "ver": "1.0",
        }
        parts = [json.dumps(one).encode() for one in ({"alg": "RS256", "typ": "JWT"}, claims)]
        return ".".join(
            urlsafe_b64encode(one).rstrip(b"=").decode() for one in [*parts, b"signature"]
        )


@contextmanager
def identity() -> Iterator[Identity]:
    it = Identity()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            it.asked.append(asked)
            ours = self.headers.get("X-IDENTITY-HEADER") == SECRET and asked["resource"] == [
                STORAGE
            ]
            told = {
                "access_token": it.token(),
                "expires_on": str(int(time.time() + it.lasts)),
                "resource": STORAGE,
                "token_type": "Bearer",
            }
            body = it.instead or json.dumps(told).encode()
            self.send_response(it.status if ours else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        it.url = f"http://127.0.0.1:{server.server_port}/msi/token"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield it
        server.shutdown()
