"""As whom we ask Azure Blob storage: by a key of the account, or as the app's managed identity."""

from __future__ import annotations

import hmac
import logging
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from email.utils import formatdate
from hashlib import sha256
from http import HTTPStatus
from threading import Lock
from time import time
from typing import NamedTuple, Protocol
from urllib.parse import quote

import msgspec

from core.errors import BucketUnavailable, FieldError, SettingsInvalid
from core.stores.lines import TROUBLE, Address, Deadline, Lines, Request

log = logging.getLogger(__name__)

_SIGNED_HEADERS = ("content-type", "range")
_TOKEN_PATH = "?api-version=2019-08-01&resource=https%3A%2F%2Fstorage.azure.com%2F"  # noqa: S105
_SOON = 300.0
"""Seconds before its end from which on a token is replaced."""


class Question(NamedTuple):
    """A request to Blob storage, before it says who asks."""

    method: str
    path: str
    """As it is sent, percent-encoded."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Their names in lower case."""
    body: bytes = b""


class Credential(Protocol):
    def headers(self, question: Question, deadline: Deadline) -> dict[str, str]:
        """The question's own, and those that say who asks."""
        ...

    def close(self) -> None: ...


class SharedKey:
    """A key of the storage account: every question is signed with it."""

    def __init__(self, account: str, key: str) -> None:
        self._account = account
        self._key = b64decode(key)

    def headers(self, question: Question, deadline: Deadline) -> dict[str, str]:  # noqa: ARG002
        headers = {**question.headers, "x-ms-date": formatdate(usegmt=True)}
        signature = self.signature(_to_sign(self._account, question, headers))
        return {**headers, "authorization": f"SharedKey {self._account}:{signature}"}

    def signature(self, text: str) -> str:
        return signature(self._key, text)

    def close(self) -> None:
        """There is nothing to close."""


def signature(key: bytes, text: str) -> str:
    return b64encode(hmac.new(key, text.encode(), sha256).digest()).decode()


def _to_sign(account: str, question: Question, headers: Mapping[str, str]) -> str:
    """Shared Key, as of 2015-02-21."""
    length = str(len(question.body)) if question.body else ""
    kind, part = (headers.get(name, "") for name in _SIGNED_HEADERS)
    lines = [question.method, "", "", length, "", kind, "", "", "", "", "", part]
    lines += [f"{name}:{headers[name]}" for name in sorted(headers) if name.startswith("x-ms-")]
    lines.append(f"/{account}{question.path}")
    lines += [f"{name}:{question.query[name]}" for name in sorted(question.query)]
    return "\n".join(lines)


class _Token(msgspec.Struct):
    access_token: str
    expires_on: str | int

    @property
    def lasts(self) -> float:
        return float(self.expires_on) - time()


class ManagedIdentity:
    """The identity of the app we run as, which Azure's own endpoint beside it vouches for."""

    def __init__(self, endpoint: str, secret: str, client_id: str) -> None:
        address = Address.of(endpoint)
        self._path = address.prefix + _TOKEN_PATH
        if client_id:
            self._path += f"&client_id={quote(client_id, safe='')}"
        self._lines = Lines(address._replace(prefix=""))
        self._secret = secret
        self._lock = Lock()
        self._token: _Token | None = None

    @classmethod
    def of_environment(cls) -> ManagedIdentity:
        endpoint = os.environ.get("IDENTITY_ENDPOINT", "")
        secret = os.environ.get("IDENTITY_HEADER", "")
        try:
            return cls(endpoint, secret, os.environ.get("AZURE_CLIENT_ID", ""))
        except ValueError:
            nobody = "is needed where the app has no managed identity: IDENTITY_ENDPOINT says none"
            raise SettingsInvalid(
                f"BLOB_KEY {nobody}.", fields=[FieldError("BLOB_KEY", nobody)]
            ) from None

    def headers(self, question: Question, deadline: Deadline) -> dict[str, str]:
        return {**question.headers, "authorization": f"Bearer {self._current(deadline)}"}

    def close(self) -> None:
        self._lines.close()

    def _current(self, deadline: Deadline) -> str:
        if not self._lock.acquire(timeout=deadline.left()):
            raise TimeoutError("another question waits for the token")
        try:
            known = self._token
            if known is None or known.lasts < _SOON:
                try:
                    known = self._token = self._ask(deadline)
                except BucketUnavailable:
                    if known is None or known.lasts <= 0:
                        raise  # else it will do for now
            return known.access_token
        finally:
            self._lock.release()

    def _ask(self, deadline: Deadline) -> _Token:
        headers = {"X-IDENTITY-HEADER": self._secret}
        try:
            reply = self._lines.exchange(Request("GET", self._path, headers, b""), deadline)
            if reply.status == HTTPStatus.OK:
                return msgspec.json.decode(reply.body, type=_Token)
            why = f"it answers {reply.status}"
        except (*TROUBLE, msgspec.DecodeError, UnicodeError) as error:
            why = type(error).__name__  # and no more of it: what came may hold a token
        log.error("the managed identity gives no token for the photos' container: %s", why)
        raise BucketUnavailable("The photos' container can't be used at the moment.")
