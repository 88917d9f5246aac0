"""What lies in the bucket and can't be used, as far as this process has seen it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from hashlib import blake2b
from threading import Lock

import msgspec

from core.bucket import Role
from core.ports import StoredObject

log = logging.getLogger(__name__)


class Rejected(msgspec.Struct, frozen=True):
    """An object of the bucket that can't be used as what it is, and why."""

    key: str
    version: str
    role: Role
    """FACTS for a sidecar, and for a photo's metadata: the photo itself may be in order."""
    reason: str


class Refusals:
    """Kept until the object changes or goes, so that no broken file is read again and again."""

    def __init__(self) -> None:
        self._of: dict[str, dict[tuple[str, Role], Rejected]] = {}
        self._lock = Lock()

    def add(self, product_id: str, stored: StoredObject, role: Role, reason: str) -> None:
        log.warning("%s was not indexed: %s", stored.key, reason)
        with self._lock:
            of_product = self._of.setdefault(product_id, {})
            of_product[stored.key, role] = Rejected(stored.key, stored.version, role, reason)

    def of(self, product_id: str) -> tuple[Rejected, ...]:
        with self._lock:
            return tuple(self._of.get(product_id, {}).values())

    def forget(self, product_id: str, gone: Iterable[Rejected]) -> None:
        with self._lock:
            of_product = self._of.get(product_id, {})
            for one in gone:
                if of_product.get((one.key, one.role)) == one:
                    del of_product[one.key, one.role]
            if not of_product:
                self._of.pop(product_id, None)

    def all(self) -> list[Rejected]:
        with self._lock:
            return [one for of_product in self._of.values() for one in of_product.values()]


def facts_digest(rejected: Iterable[Rejected]) -> str:
    """The same for the same refused facts, in whichever process; empty for none."""
    facts = sorted(f"{one.key}\0{one.version}" for one in rejected if one.role is Role.FACTS)
    return blake2b("\0".join(facts).encode(), digest_size=8).hexdigest() if facts else ""
