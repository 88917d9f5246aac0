"""The wire to Azure Blob storage: its REST interface, and what is done when it fails.

Azure's own client is not loaded here: 25 MB and a fifth of a second of a start, for six requests.
The tests hold ours against it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from random import random
from time import sleep
from typing import NamedTuple
from urllib.parse import quote, urlencode

from core.budget import left
from core.errors import BucketUnavailable, OutOfTime
from core.stores.blob_keys import Credential, Question
from core.stores.breaker import Breaker
from core.stores.lines import TROUBLE, Address, Deadline, Lines, Reply, Request

log = logging.getLogger(__name__)

VERSION = "2021-12-02"
SECONDS, TRANSFER_SECONDS = 10.0, 60.0
"""For a question, and for one that carries a photo or a feed: all attempts together."""
_ATTEMPTS = 3
_FIRST_PAUSE = 0.2
_REST = 2.0
"""Seconds for which nobody is made to wait for a storage that did not answer several in a row."""


class Container(NamedTuple):
    """A container, by its address. An emulator's account stands in the path, not in the host."""

    address: Address
    account: str
    path: str
    name: str

    @classmethod
    def of(cls, url: str) -> Container:
        address = Address.of(url)
        *account, name = address.prefix.strip("/").split("/")
        its = account[0] if account else address.host.partition(".")[0]
        return cls(address._replace(prefix=""), its, address.prefix, name)

    @property
    def account_path(self) -> str:
        return self.path.removesuffix(self.name)

    def path_of(self, key: str) -> str:
        return f"{self.path}/{quote(key)}"

    @property
    def origin(self) -> str:
        encrypted, host, port, _ = self.address
        scheme, usual = ("https", 443) if encrypted else ("http", 80)
        host = f"[{host}]" if ":" in host else host
        return f"{scheme}://{host}" if port == usual else f"{scheme}://{host}:{port}"


class Refused(Exception):
    """The storage understood us and will not do it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class _Failed(Exception):
    """An attempt that may be made again, `pause` seconds later at the soonest."""

    def __init__(self, why: str, pause: float = 0.0) -> None:
        super().__init__(why)
        self.pause = pause


class Wire:
    """To one storage account. Safe to use from several threads."""

    def __init__(self, address: Address, credential: Credential) -> None:
        self._lines = Lines(address)
        self._credential = credential
        self._breaker = Breaker(rest=_REST)

    def close(self) -> None:
        self._lines.close()
        self._credential.close()

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        seconds: float = SECONDS,
    ) -> Reply:
        """Raises Refused where the storage will not, and Unavailable where it does not answer.

        What is asked may be asked twice: only what does no harm then.
        """
        said = {**(headers or {}), "x-ms-version": VERSION}
        question = Question(method, path, query or {}, said, body)
        if not self._breaker.lets_through():
            raise BucketUnavailable("The photos' container did not answer a moment ago.")
        deadline = Deadline(min(seconds, left()))
        for attempt in range(_ATTEMPTS):
            try:
                return self._attempt(question, deadline)
            except TimeoutError as error:
                self._breaker.failed()
                log.warning("blob: %s %s: no answer in time", method, path)
                raise OutOfTime("The photos' container takes longer than we wait.") from error
            except _Failed as error:
                # Those who failed together shall not come again together.
                pause = max(error.pause, _FIRST_PAUSE * 2**attempt * (0.5 + random()))  # noqa: S311
                if attempt + 1 == _ATTEMPTS or not deadline.allows(pause):
                    self._breaker.failed()
                    log.warning("blob: %s %s: %s", method, path, error)
                    raise BucketUnavailable("The photos' container does not answer.") from error
            sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, question: Question, deadline: Deadline) -> Reply:
        headers = self._credential.headers(question, deadline)
        path = f"{question.path}?{urlencode(question.query)}" if question.query else question.path
        request = Request(question.method, path, headers, question.body)
        try:
            reply = self._lines.exchange(request, deadline)
        except TimeoutError:
            raise
        except TROUBLE as error:
            raise _Failed(f"{type(error).__name__}: {error}") from error
        code = reply.headers.get("x-ms-error-code", "")
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status in _TOO_BUSY:
            raise _Failed(f"answered {reply.status} {code}", reply.retry_after)
        self._breaker.succeeded()
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            raise Refused(reply.status, code)
        return reply


_TOO_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
