"""The one wire to a managed Qdrant: its REST interface, and what is done when it fails.

Qdrant's own client is not loaded here. Importing it takes most of a second, which a shopper who
wakes the service would wait for; what is needed of it are eleven requests. The tests hold those to
the pinned client: its models read them, its server-less mode answers them.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import quote

import msgspec

from core.errors import (
    FieldError,
    IndexSlow,
    IndexUnavailable,
    InvalidRequest,
    SettingsInvalid,
)
from core.stores.attempts import Attempts, Failed
from core.stores.lines import Address, Deadline, Lines, Reply, Request

T = TypeVar("T")
_PORT = 6333
_NO_JSON = (msgspec.DecodeError, UnicodeError)
"""What reading an answer comes to that is none: text that is no UTF-8 is an error of its own."""


class Refused(Exception):
    """Qdrant understood us and will not do it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"{status}: {why}")
        self.status = status


class _Answer(msgspec.Struct, Generic[T]):
    result: T


class _Why(msgspec.Struct):
    error: str


class _Refusal(msgspec.Struct):
    status: _Why


def reading(kind: type[T]) -> Callable[[bytes], T]:
    """A reader of answers whose result is of this kind."""
    decoder = msgspec.json.Decoder(_Answer[kind])  # type: ignore[valid-type]
    return lambda body: decoder.decode(body).result


class Wire:
    """To one Qdrant. Safe to use from several threads."""

    def __init__(self, url: str, api_key: str | None) -> None:
        self._lines = Lines(address_of(url))
        self._headers = {"Content-Type": "application/json", "User-Agent": "likeness"}
        if api_key:
            if not api_key.isascii() or not api_key.isprintable():
                raise _key_refused()
            self._headers["api-key"] = api_key
        self._attempts = Attempts(self._lines, "The vector index", IndexUnavailable, IndexSlow)

    def within(self, seconds: float) -> Talk:
        return Talk(self, Deadline(seconds))

    def close(self) -> None:
        self._lines.close()

    def ask(
        self, method: str, path: str, body: object, read: Callable[[bytes], T], deadline: Deadline
    ) -> T:
        request = Request(method, path, self._headers, _encoded(body))

        def attempt(deadline: Deadline) -> T:
            return self._answer(self._attempts.exchange(request, deadline), read)

        return self._attempts.make(f"{method} {request.path}", attempt, deadline)

    def _answer(self, reply: Reply, read: Callable[[bytes], T]) -> T:
        _check(reply)
        try:
            return read(reply.body)
        except _NO_JSON as error:
            raise Failed(f"an answer that is none: {error}") from error


class Talk(NamedTuple):
    """Questions that together may take so long, about all of it or about one collection."""

    wire: Wire
    deadline: Deadline
    path: str = ""

    def about(self, collection: str) -> Talk:
        return self._replace(path=f"/collections/{quote(collection, safe='')}")

    def ask(self, method: str, path: str, body: object, read: Callable[[bytes], T]) -> T:
        """Raises Refused where Qdrant will not, else what the index's port raises.

        What is asked may be asked twice: only what does no harm then.
        """
        return self.wire.ask(method, self.path + path, body, read, self.deadline)


def address_of(url: str) -> Address:
    """Where Qdrant is. Without a port it is Qdrant's own, as with Qdrant's own clients."""
    try:
        return Address.of(url, _PORT)
    except ValueError:
        # The value itself is not repeated: it may hold a key, and messages end up in logs.
        wrong = FieldError("QDRANT_URL", "must be like https://host:6333, without a key in it")
        raise SettingsInvalid("QDRANT_URL is no address of a Qdrant.", fields=[wrong]) from None


def _encoded(body: object) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError as error:
        raise InvalidRequest("This holds text that is not valid Unicode.") from error


def _check(reply: Reply) -> None:
    status = reply.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Failed("it says that we ask too often", reply.retry_after)
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Failed(f"answered {status}", reply.retry_after)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and not _why(reply):
        raise _key_refused()
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise Refused(status, _why(reply)[:500])


def _key_refused() -> SettingsInvalid:
    wrong = FieldError("QDRANT_API_KEY", "is not accepted")
    return SettingsInvalid("Qdrant does not accept QDRANT_API_KEY.", fields=[wrong])


def _why(reply: Reply) -> str:
    """What Qdrant says; nothing where it is not Qdrant but its doorkeeper that answers."""
    try:
        return msgspec.json.decode(reply.body, type=_Refusal).status.error
    except _NO_JSON:
        return ""
