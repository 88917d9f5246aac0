"""Events of the bucket, out of whichever queue: messages in, products looked at, failures out.

An event says no more than "look at this product again", so neither its kind nor its age matter.
Messages about one product are one look. What fails is reported with its reason and stays in the
queue, which gives it to somebody again and at last to its dead-letter queue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from time import time
from urllib.parse import unquote_plus

import msgspec

from core.bucket import Role, place
from core.errors import InvalidRequest, LikenessError
from core.indexing import Indexing, Settled
from core.refusals import Rejected

log = logging.getLogger(__name__)

_AT_ONCE = 4
"""Products looked at side by side: a look waits for the bucket more than it computes."""
_MARGIN_SECONDS = 10
"""What one look may take, with a big photo and a bucket that must be asked twice."""


@dataclass(frozen=True, slots=True)
class Change:
    """An object of a product was put, deleted, restored: something happened to it."""

    product_id: str
    key: str
    at: float | None
    """When, in seconds since the epoch, where the event says."""


class _Object(msgspec.Struct):
    key: str


class _S3(msgspec.Struct):
    object: _Object


class _Record(msgspec.Struct):
    s3: _S3
    time: str = msgspec.field(name="eventTime", default="")


class _Event(msgspec.Struct):
    """As S3 sends it to a queue, or as EventBridge passes it on."""

    records: list[_Record] = msgspec.field(name="Records", default_factory=list)
    detail: _S3 | None = None
    time: str = ""
    event: str = msgspec.field(name="Event", default="")


def changes(body: str) -> list[Change]:
    """What a message tells of our products. Raises InvalidRequest for what is no event."""
    try:
        event = msgspec.json.decode(body, type=_Event)
        # S3 encodes keys as in an HTML form; EventBridge leaves them as they are.
        told = [(unquote_plus(r.s3.object.key, errors="strict"), r.time) for r in event.records]
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidRequest(f"This is no event of a bucket: {error}.") from error
    if event.detail is not None:
        told.append((event.detail.object.key, event.time))
    if not told and event.event != "s3:TestEvent":  # which S3 sends as it is tied to a queue
        raise InvalidRequest("This is no event of a bucket: it names no object.")
    return [
        Change(where.product_id, key, _seconds(when))
        for key, when in told
        if (where := place(key)) is not None
    ]


def _seconds(when: str) -> float | None:
    try:
        return datetime.fromisoformat(when).timestamp()
    except ValueError:
        return None


@dataclass(slots=True)
class Processed:
    failed: dict[str, str] = field(default_factory=dict)
    """Messages that must come again, by id, and why."""
    products: int = 0
    """Products that were looked at and stand as the bucket says."""
    delays: list[float] = field(default_factory=list)
    """Of each product that changed: the seconds from its event until it could be found so."""


def process(
    indexing: Indexing, messages: Mapping[str, str], seconds_left: Callable[[], float]
) -> Processed:
    """Look at the products of these messages (id to body), as long as there is time.

    A message fails when its product can't be looked at, or when the very object it tells of
    can't be used. That of a product's good photo does not fail with a bad one's.
    """
    done = Processed()
    about: dict[str, dict[str, list[Change]]] = {}
    for message_id, body in messages.items():
        try:
            for change in changes(body):
                about.setdefault(change.product_id, {}).setdefault(message_id, []).append(change)
        except InvalidRequest as error:
            done.failed[message_id] = error.detail

    def look(product_id: str) -> Settled | str:
        if seconds_left() < _MARGIN_SECONDS:
            return "There was no time left for it."
        try:
            return indexing.settle(product_id)
        except LikenessError as error:
            return error.detail
        except Exception:
            log.exception("product %s", product_id)
            return "Something went wrong on our side; it has been logged."

    with ThreadPoolExecutor(_AT_ONCE, "settle") as threads:
        for product_id, found in zip(about, threads.map(look, about), strict=True):
            by_message = about[product_id]
            if isinstance(found, str):
                done.failed |= dict.fromkeys(by_message, found)
                continue
            done.products += 1
            for message_id, told in by_message.items():
                if why := _why_not(told, found.rejected):
                    done.failed[message_id] = why
            since = [c.at for told in by_message.values() for c in told if c.at is not None]
            if found.changed and since:
                done.delays.append(max(0.0, time() - min(since)))
    for message_id, reason in done.failed.items():
        log.warning("message %s failed: %s", message_id, reason)
    return done


def _why_not(told: Iterable[Change], rejected: Iterable[Rejected]) -> str:
    """The reasons why what a message tells of can't be used; empty when it can.

    Sidecars stand in for each other: when one goes, the other may turn out to be broken.
    """
    return " ".join(
        f"{one.key}: {one.reason}"
        for one in rejected
        if any(one.key == c.key or (_is_sidecar(one.key) and _is_sidecar(c.key)) for c in told)
    )


def _is_sidecar(key: str) -> bool:
    where = place(key)
    return where is not None and where.role is Role.FACTS
