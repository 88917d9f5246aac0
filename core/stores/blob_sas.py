"""Addresses of blobs that whoever has them may use for a while: shared access signatures.

With a key of the account, it signs. A managed identity asks the storage for a key that signs in its
name for some hours.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from time import time
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

from core.budget import left
from core.errors import BucketUnavailable, OutOfTime
from core.stores.blob_keys import SharedKey, signature
from core.stores.blob_wire import VERSION, Container, Wire

_KEY_SECONDS = 6 * 3600
_PATIENCE = 3.0
"""For a key: pages wait for it, and do without."""
_CLOCKS_DIFFER_SECONDS = 300
_WHAT = "b"
"""It is for one blob."""
_UNSAID = 5
"""What an answer's headers should be, none of which is said."""


class Grant(NamedTuple):
    """What signs, and what has to be said of it in the address."""

    sign: Callable[[str], str]
    said: dict[str, str]
    lines: list[str]
    """What is signed between the blob's name and whom it is for."""


class Signer(Protocol):
    def grant(self, until: float) -> Grant: ...


class AccountSigner:
    def __init__(self, key: SharedKey) -> None:
        self._key = key

    def grant(self, until: float) -> Grant:  # noqa: ARG002
        return Grant(self._key.signature, {}, [""])


class DelegatedSigner:
    """With keys that the storage gives out to the managed identity."""

    def __init__(self, wire: Wire, container: Container) -> None:
        self._wire = wire
        self._path = container.account_path
        self._lock = Lock()
        self._until = 0.0
        self._grant: Grant | None = None

    def grant(self, until: float) -> Grant:
        if not self._lock.acquire(timeout=min(_PATIENCE, left())):
            raise OutOfTime("The photos' container takes longer than we wait.")
        try:
            if self._grant is None or until > self._until:
                now = time()
                ends = max(until, now + _KEY_SECONDS)
                self._grant = self._ask(now - _CLOCKS_DIFFER_SECONDS, ends)
                self._until = int(ends)
            return self._grant
        finally:
            self._lock.release()

    def _ask(self, since: float, until: float) -> Grant:
        body = f"<KeyInfo><Start>{_time(since)}</Start><Expiry>{_time(until)}</Expiry></KeyInfo>"
        query = {"restype": "service", "comp": "userdelegationkey"}
        kind = {"content-type": "application/xml"}
        reply = self._wire.ask("POST", self._path, query, kind, body.encode(), _PATIENCE)
        told = _elements(reply.body)
        try:
            key = b64decode(told["Value"])
            said = {name: told[element] for name, element in _DELEGATED.items()}
        except KeyError as error:
            raise BucketUnavailable(
                "The photos' container gives out no key to sign with."
            ) from error
        return Grant(lambda text: signature(key, text), said, [*said.values(), "", "", ""])


_DELEGATED = {
    "skoid": "SignedOid",
    "sktid": "SignedTid",
    "skt": "SignedStart",
    "ske": "SignedExpiry",
    "sks": "SignedService",
    "skv": "SignedVersion",
}


def signed(signer: Signer, container: Container, key: str, may: str, until: float) -> str:
    """The query of an address at which this may be done with this blob until then."""
    grant = signer.grant(until)
    protocol = "https" if container.address.encrypted else "https,http"
    blob = f"/blob/{container.account}/{container.name}/{key}"
    lines = [may, "", _time(until), blob, *grant.lines, "", protocol, VERSION, _WHAT, "", ""]
    query = {"sp": may, "se": _time(until), "spr": protocol, "sv": VERSION, "sr": _WHAT}
    sig = grant.sign("\n".join([*lines, *[""] * _UNSAID]))
    return urlencode({**query, **grant.said, "sig": sig})


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _elements(xml: bytes) -> dict[str, str]:
    """What each element says. There is no document type in it, so there are no entities."""
    from xml.parsers.expat import ExpatError, ParserCreate

    told: dict[str, str] = {}
    here = ""
    parser = ParserCreate()

    def start(name: str, attributes: object) -> None:  # noqa: ARG001
        nonlocal here
        here = name

    def words(some: str) -> None:
        told[here] = told.get(here, "") + some

    parser.StartElementHandler, parser.CharacterDataHandler = start, words
    try:
        parser.Parse(xml, True)
    except ExpatError as error:
        raise BucketUnavailable("The photos' container gives out no key to sign with.") from error
    return told
