"""How long a call may take, and what is worth another try."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import SystemRandom
from time import monotonic

import httpx

from likeness_client.call import Answer, Call
from likeness_client.errors import (
    LikenessError,
    NoAnswer,
    NotUnderstood,
    RateLimited,
    Refused,
    TimedOut,
)

_DICE = SystemRandom()
_CONNECT_SECONDS = 5.0
_FIRST_PAUSE = 0.2
_PASSING = (502, 503, 504)
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Service:
    """Where the service is, and how a client of it behaves."""

    at: str
    key: str | None
    timeout: float
    retries: int

    def headers(self, call: Call[object]) -> dict[str, str]:
        """The key is the service's: no other address is told it."""
        ours = {"X-API-Key": self.key} if self.key and call.path.startswith("/") else {}
        return ours | dict(call.headers())

    def answer(self, response: httpx.Response, content: bytes) -> Answer:
        return Answer(
            status=response.status_code, headers=response.headers, content=content, at=self.at
        )


def service(url: str, key: str | None, timeout: float, retries: int) -> Service:
    """`url` with the path of the API or without."""
    at = url.rstrip("/")
    if not at.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is no address: it begins with https:// or http://")
    return Service(at if at.endswith("/api/v1") else at + "/api/v1", key, timeout, retries)


class Attempts:
    """The tries of one call. All of them, and the waits between, end when its time does."""

    def __init__(self, service: Service, call: Call[object]) -> None:
        self._repeatable = call.repeatable
        self._timeout = service.timeout
        self.until = monotonic() + service.timeout
        self._more = service.retries
        self._pause = _FIRST_PAUSE

    @property
    def left(self) -> float:
        return max(0.001, self.until - monotonic())

    def limits(self) -> httpx.Timeout:
        return httpx.Timeout(self.left, connect=min(self.left, _CONNECT_SECONDS))

    def in_time(self, pieces: Iterator[bytes]) -> bytes:
        """An answer that drips in is told apart from one that comes: each piece of it is in time,
        and the whole is not."""
        got = bytearray()
        for piece in pieces:
            got += piece
            if monotonic() > self.until:
                raise self._late()
        return bytes(got)

    def wait_after(self, error: LikenessError) -> float:
        """Seconds until the next try. Where there shall be none, the error is raised."""
        if self._more == 0 or not self._may_pass(error):
            raise error
        asked = error.retry_after if isinstance(error, Refused) else None
        if asked is None:
            wait = self._pause * _DICE.uniform(0.5, 1.5)
        else:
            wait = asked + _DICE.uniform(0.0, self._pause)  # lest all who wait come back at once
        if wait >= self.until - monotonic():
            raise error
        self._more -= 1
        self._pause *= 2
        return wait

    def _may_pass(self, error: LikenessError) -> bool:
        if isinstance(error, RateLimited):
            return True  # nothing was done yet
        if isinstance(error, NoAnswer):
            return self._repeatable or not error.sent
        return self._repeatable and isinstance(error, Refused) and error.status in _PASSING

    @contextmanager
    def in_our_words(self) -> Iterator[None]:
        """What httpx raises, and a timeout of anyio's, as our own errors."""
        try:
            yield
        except httpx.ConnectTimeout as error:
            raise TimedOut("The service could not be connected to in time.", sent=False) from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise self._late() from error
        except httpx.DecodingError as error:
            raise NotUnderstood("The answer is not compressed as it says.") from error
        except httpx.TransportError as error:
            sent = not isinstance(error, _NOT_SENT)
            what = "The connection was cut" if sent else "The service could not be reached"
            raise NoAnswer(f"{what}: {error or type(error).__name__}.", sent=sent) from error

    def _late(self) -> TimedOut:
        return TimedOut(f"There was no whole answer within {self._timeout:g} seconds.")
