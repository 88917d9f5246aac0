"""The wire to Azure Blob storage: its REST interface, and what is done when it fails.

Azure's own client is not loaded here: 25 MB and a fifth of a second of a start, for six requests.
The tests hold ours against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote, urlencode

from core.budget import left
from core.errors import BucketUnavailable, OutOfTime
from core.stores.attempts import Attempts, Failed
from core.stores.blob_keys import Credential, Question
from core.stores.lines import Address, Deadline, Lines, Reply, Request

VERSION = "2021-12-02"
SECONDS, TRANSFER_SECONDS = 10.0, 60.0
"""For a question, and for one that carries a photo or a feed: all attempts together."""


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


class Wire:
    """To one storage account. Safe to use from several threads."""

    def __init__(self, address: Address, credential: Credential) -> None:
        self._lines = Lines(address)
        self._credential = credential
        self._attempts = Attempts(
            self._lines, "The photos' container", BucketUnavailable, OutOfTime
        )

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
        return self._attempts.make(
            f"{method} {path}", partial(self._attempt, question), Deadline(min(seconds, left()))
        )

    def _attempt(self, question: Question, deadline: Deadline) -> Reply:
        headers = self._credential.headers(question, deadline)
        path = (
            f"{question.path}?{urlencode(question.query, quote_via=quote)}"
            if question.query
            else question.path
        )
        request = Request(question.method, path, headers, question.body)
        reply = self._attempts.exchange(request, deadline)
        code = reply.headers.get("x-ms-error-code", "")
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status in _TOO_BUSY:
            raise Failed(f"answered {reply.status} {code}", reply.retry_after)
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            raise Refused(reply.status, code)
        return reply


_TOO_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
