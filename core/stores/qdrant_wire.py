"""The one wire to a managed Qdrant: its REST interface, and what is done when it fails.

Qdrant's own client is not loaded here. Importing it takes most of a second, which a shopper who
wakes the service would wait for; what is needed of it are eleven requests. The tests hold those to
the pinned client: its models read them, its server-less mode answers them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from random import random
from time import sleep
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
from core.stores.breaker import Breaker
from core.stores.lines import TROUBLE, Address, Deadline, Lines, Reply, Request

log = logging.getLogger(__name__)

T = TypeVar("T")
_PORT = 6333
_ATTEMPTS = 3
_FIRST_PAUSE = 0.1
_REST = 2.0
"""Seconds for which nobody is made to wait for a Qdrant that did not answer several in a row."""


class Refused(Exception):
    """Qdrant understood us and will not do it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"{status}: {why}")
        self.status = status


class _Failed(Exception):
    """An attempt that may be made again, `pause` seconds later at the soonest."""

    def __init__(self, why: str, pause: float = 0.0) -> None:
        super().__init__(why)
        self.pause = pause


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
        self._breaker = Breaker(rest=_REST)

    def within(self, seconds: float) -> Talk:
        return Talk(self, Deadline(seconds))

    def close(self) -> None:
        self._lines.close()

    def ask(
        self, method: str, path: str, body: object, read: Callable[[bytes], T], deadline: Deadline
    ) -> T:
        request = Request(method, path, self._headers, _encoded(body))
        if not self._breaker.lets_through():
            raise IndexUnavailable("The vector index did not answer a moment ago.")
        for attempt in range(_ATTEMPTS):
            try:
                return self._attempt(request, read, deadline)
            except TimeoutError as error:
                self._breaker.failed()
                log.warning("qdrant: %s %s: no answer in time", method, request.path)
                raise IndexSlow("The vector index takes longer than we wait.") from error
            except _Failed as error:
                # Those who failed together shall not come again together.
                pause = max(error.pause, _FIRST_PAUSE * 2**attempt * (0.5 + random()))  # noqa: S311
                if attempt + 1 == _ATTEMPTS or not deadline.allows(pause):
                    self._breaker.failed()
                    log.warning("qdrant: %s %s: %s", method, request.path, error)
                    raise IndexUnavailable("The vector index does not answer.") from error
            sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, request: Request, read: Callable[[bytes], T], deadline: Deadline) -> T:
        try:
            reply = self._lines.exchange(request, deadline)
        except TimeoutError:
            raise
        except TROUBLE as error:
            raise _Failed(f"{type(error).__name__}: {error}") from error
        if reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._breaker.succeeded()
        _check(reply)
        try:
            return read(reply.body)
        except msgspec.DecodeError as error:
            raise _Failed(f"an answer that is none: {error}") from error


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
        raise _Failed("it says that we ask too often", reply.retry_after)
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise _Failed(f"answered {status}", reply.retry_after)
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
    except msgspec.DecodeError:
        return ""
