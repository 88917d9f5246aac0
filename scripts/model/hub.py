"""Asking a model hub for a file: redirects, whom the token is for, what an answer means.

Standard library only, because this runs while an image is being built. Redirects are followed
here and not by urllib, because at each of them it is decided anew whether the address is one we
talk to and whether it may see the token.
"""

from __future__ import annotations

import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Timer
from urllib.parse import SplitResult, quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from scripts.model.addresses import follow, is_loopback, origin, split
from scripts.model.patience import FetchFailed, Passing, Patience, asked_to_wait

_HOPS = 6
_REDIRECTS = {301, 302, 303, 307, 308}
_USABLE = {200, 206, 416}
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_COMMIT, _DIGEST, _SIZE = "X-Repo-Commit", "X-Linked-Etag", "X-Linked-Size"


class NotThere(FetchFailed):
    """The hub has no such repository, revision or file."""


class NotAllowed(FetchFailed):
    """The hub has it, or may have it, but not for us."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request, redirects followed; the body is still to be read."""

    host: str
    status: int
    headers: Message
    commit: str | None
    digest: str | None
    """The SHA-256 that the hub itself, not the host it redirects to, gives for the file."""
    size: int | None
    response: HTTPResponse

    @property
    def chunked(self) -> bool:
        """Chunks say where the body ends, even if nobody said at the beginning."""
        return self.response.chunked

    def read(self, most: int) -> bytes:
        """What has come by now, `most` bytes at the most; nothing once the body is over."""
        try:
            return self.response.read1(most)
        except (OSError, HTTPException) as error:
            raise Passing(f"the connection to {self.host} broke off ({_told(error)})") from error


class Hub:
    def __init__(self, endpoint: str, token: str | None, patience: Patience) -> None:
        parts = split(endpoint)
        if parts is None or parts.scheme not in ("http", "https"):
            raise FetchFailed(f"HF_ENDPOINT is {endpoint!r}, which is no address of a hub.")
        if parts.username is not None or parts.query or parts.fragment:
            raise FetchFailed(
                "HF_ENDPOINT must be scheme, host and path alone; a token goes into HF_TOKEN."
            )
        if parts.scheme == "http" and not is_loopback(parts):
            raise FetchFailed(
                f"HF_ENDPOINT is {endpoint}, but without encryption only a hub on this very "
                "machine is asked: give its https address."
            )
        self.endpoint = endpoint.rstrip("/")
        self._origin = origin(parts)
        self._local = parts.scheme == "http"
        self._token = (token or "").strip()
        if not re.fullmatch(r"[!-~]*", self._token):
            raise FetchFailed("HF_TOKEN has characters that no token has: copy it again.")
        self._patience = patience

    def url(self, repo: str, revision: str, file: str) -> str:
        return f"{self.endpoint}/{quote(repo)}/resolve/{quote(revision, safe='')}/{quote(file)}"

    @contextmanager
    def ask(self, url: str, headers: Mapping[str, str], method: str = "GET") -> Iterator[Answer]:
        """Passing when it is worth asking again, FetchFailed when it is not."""
        stated: dict[str, str] = {}
        asked = url
        for _ in range(_HOPS):
            parts = self._checked(url, asked)
            connection = self._connection(parts)
            try:
                response = self._send(connection, parts, headers, method)
                ours = origin(parts) == self._origin
                if ours:
                    found = {name: response.headers.get(name) for name in (_COMMIT, _DIGEST, _SIZE)}
                    stated |= {name: value for name, value in found.items() if value}
                location = response.headers.get("Location")
                if response.status in _REDIRECTS and location:
                    url = follow(url, location)
                    continue
                host = parts.netloc
                if response.status not in _USABLE:
                    self._refuse(response, host, asked, ours)
                yield Answer(
                    host,
                    response.status,
                    response.headers,
                    stated.get(_COMMIT),
                    _sha256(stated.get(_DIGEST, "")),
                    whole_number(stated.get(_SIZE)),
                    response,
                )
                return
            finally:
                connection.close()
        raise FetchFailed(f"{asked} redirects more than {_HOPS - 1} times: is HF_ENDPOINT right?")

    def _checked(self, url: str, asked: str) -> SplitResult:
        parts = split(url)
        if parts is not None and (
            parts.scheme == "https"
            or (parts.scheme == "http" and self._local and is_loopback(parts))
        ):
            return parts
        raise FetchFailed(f"{asked} redirects to {url}, which is not an https address.")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def _connection(self, parts: SplitResult) -> HTTPConnection:
        wait = self._patience.connect
        host = parts.hostname or ""
        if parts.scheme == "http":
            return HTTPConnection(host, parts.port, timeout=wait)
        proxy = getproxies().get("https")
        if not proxy or proxy_bypass(host):
            return HTTPSConnection(host, parts.port, timeout=wait, context=self._tls)
        via = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        headers = {}
        if via.username is not None:
            pair = f"{unquote(via.username)}:{unquote(via.password or '')}"
            headers["Proxy-Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        connection = HTTPSConnection(
            via.hostname or "", via.port or 80, timeout=wait, context=self._tls
        )
        connection.set_tunnel(host, parts.port or 443, headers)
        return connection

    def _send(
        self,
        connection: HTTPConnection,
        parts: SplitResult,
        headers: Mapping[str, str],
        method: str,
    ) -> HTTPResponse:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {"User-Agent": "likeness", "Accept-Encoding": "identity", **headers}
        if self._token and origin(parts) == self._origin:
            sent["Authorization"] = f"Bearer {self._token}"
        try:
            connection.connect()
            connection.sock.settimeout(self._patience.read)
            # The read timeout begins anew with each byte; a head that drips in is cut off here.
            watchdog = Timer(self._patience.answer, _hang_up, [connection.sock])
            watchdog.daemon = True
            watchdog.start()
            try:
                connection.request(method, target, headers=sent)
                return connection.getresponse()
            finally:
                watchdog.cancel()
        except ssl.SSLCertVerificationError as error:
            raise FetchFailed(
                f"The certificate of {parts.netloc} can't be verified ({error.verify_message}). "
                "If your network has a proxy that reads along, name its certificates by "
                "SSL_CERT_FILE."
            ) from error
        except (OSError, HTTPException, UnicodeError) as error:
            raise Passing(f"{parts.netloc} does not answer ({_told(error)})") from error

    def _refuse(self, response: HTTPResponse, host: str, asked: str, ours: bool) -> None:
        status = f"{response.status} {response.reason}".strip()
        # A host that the hub sends us to says 403 when the address it was given has expired.
        if response.status in _PASSING or (not ours and response.status in (401, 403)):
            wait = asked_to_wait(response.headers.get("Retry-After"))
            raise Passing(f"{host} answers {status}", wait)
        if response.status in (404, 410):
            raise NotThere(f"{asked} does not exist: check the model's name and revision.")
        if response.status in (401, 403):
            remedy = (
                "HF_TOKEN is not accepted there, or the model's terms are not agreed to yet"
                if self._token
                else "it is private, gated or misspelt. Agree to its terms on its page, then set "
                "HF_TOKEN to a token that may read it"
            )
            raise NotAllowed(f"{asked} is not for everyone ({status}): {remedy}.")
        raise FetchFailed(f"{host} answers {status} to {asked}: is HF_ENDPOINT a model hub?")


def whole_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _sha256(etag: str) -> str | None:
    """Large files' tags are their SHA-256; other tags are anything."""
    digest = etag.strip('"').lower()
    return digest if re.fullmatch(r"[0-9a-f]{64}", digest) else None


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # past TLS, whose own shutdown would wait for the other side
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _told(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or repr(error)
