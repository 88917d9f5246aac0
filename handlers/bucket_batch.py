"""A batch of messages about the bucket, out of its queue: products and feeds looked at, and what
became of each message.

Messages about one product are one look. What failed and may yet succeed stays in the queue, which
gives it to somebody again. What can never succeed as it is, and what was given out for the last
time, goes to the dead letters with the reason. If it can't, it stays too: nothing is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import time

import msgspec

from core.bucket import Role, place
from core.errors import InvalidRequest, LikenessError
from core.feeds import is_feed
from core.indexing import Settled
from core.ports import Message, Queue
from core.refusals import Rejected
from handlers.bucket_events import Change, changes

log = logging.getLogger(__name__)

_AT_ONCE = 4
"""Products looked at side by side: a look waits for the bucket more than it computes."""
MARGIN_SECONDS = 10.0
"""What one look may take, with a big photo and a bucket that must be asked twice."""


class Processed(msgspec.Struct):
    failed: dict[str, str] = {}
    """Messages that must come again, by id, and why."""
    hopeless: set[str] = set()
    """Those of them that will fail again, until what lies in the bucket is another."""
    dead: dict[str, str] = {}
    """Those that lie among the dead letters now, and why. They are done with."""
    products: int = 0
    """Products (and feeds) that were looked at and stand as the bucket says."""
    delays: list[float] = []
    """Of each product that changed: the seconds from its event until it could be found so."""


class _Complaint(msgspec.Struct, frozen=True):
    """Why a message is not done with."""

    reason: str
    key: str = ""
    subject: str = ""
    for_good: bool = True
    """No other try would end better."""


class _Case(msgspec.Struct):
    """A message, what it tells, and what came of it."""

    message: Message
    told: list[Change] = []
    complaints: list[_Complaint] = []

    @classmethod
    def of(cls, message: Message) -> _Case:
        try:
            return cls(message, changes(message.body))
        except InvalidRequest as error:
            return cls(message, complaints=[_Complaint(error.detail)])

    def about(self, subject: str) -> list[Change]:
        return [change for change in self.told if change.subject == subject]

    @property
    def reason(self) -> str:
        return " ".join(one.reason for one in self.complaints)

    @property
    def hopeless(self) -> bool:
        return all(one.for_good for one in self.complaints)

    def labels(self) -> dict[str, str]:
        first = self.complaints[0]
        return {
            "Reason": self.reason,
            "Key": first.key,
            "ProductId": "" if is_feed(first.subject) else first.subject,
            "FirstMessageId": self.message.id,
        }


def process(
    settle: Callable[[str], Settled],
    messages: Sequence[Message],
    queue: Queue | None,
    seconds_left: Callable[[], float],
    margin: float = MARGIN_SECONDS,
) -> Processed:
    """Look at the products of these messages, as long as there is more time than the margin.
    Without a queue to bury them from, messages that are hopeless fail like others.

    A message fails when its product can't be looked at, or when the very object it tells of
    can't be used. That of a product's good photo does not fail with a bad one's.
    """
    done = Processed()
    cases = [_Case.of(message) for message in messages]
    about: dict[str, list[_Case]] = {}
    for case in cases:
        for subject in {change.subject: None for change in case.told}:
            about.setdefault(subject, []).append(case)
    with ThreadPoolExecutor(_AT_ONCE, "settle") as threads:
        looks = threads.map(lambda one: _look(settle, one, seconds_left, margin), about)
        for subject, found in zip(about, looks, strict=True):
            _judge(about[subject], subject, found, done)
    for case in cases:
        if case.complaints:
            _close(case, queue, done)
    return done


def _look(
    settle: Callable[[str], Settled],
    subject: str,
    seconds_left: Callable[[], float],
    margin: float,
) -> Settled | str:
    """How the product or feed stands; or why it could not be looked at."""
    if seconds_left() < margin:
        return "There was no time left for it."
    try:
        return settle(subject)
    except LikenessError as error:
        return error.detail
    except Exception:
        log.exception("%s", subject)
        return "Something went wrong on our side; it has been logged."


def _judge(cases: Sequence[_Case], subject: str, found: Settled | str, done: Processed) -> None:
    """What a look means for the messages about it."""
    if isinstance(found, str):
        for case in cases:
            key = case.about(subject)[0].key
            case.complaints.append(_Complaint(found, key, subject, for_good=False))
        return
    done.products += 1
    for case in cases:
        case.complaints += [
            _Complaint(f"{one.key}: {one.reason}", one.key, subject)
            for one in found.rejected
            if any(_tells_of(change, one) for change in case.about(subject))
        ]
    since = [c.at for case in cases for c in case.about(subject) if c.at is not None]
    if found.changed and since:
        done.delays.append(max(0.0, time() - min(since)))


def _tells_of(change: Change, rejected: Rejected) -> bool:
    """Sidecars stand in for each other: when one goes, the other may turn out to be broken."""
    return change.key == rejected.key or (_is_sidecar(change.key) and _is_sidecar(rejected.key))


def _is_sidecar(key: str) -> bool:
    where = place(key)
    return where is not None and where.role is Role.FACTS


def _close(case: _Case, queue: Queue | None, done: Processed) -> None:
    id_, reason = case.message.id, case.reason
    if queue is not None and _buried(case, queue):
        done.dead[id_] = reason
        log.error("message %s is a dead letter: %s", id_, reason)
    else:
        done.failed[id_] = reason
        if case.hopeless:
            done.hopeless.add(id_)
        log.warning("message %s failed: %s", id_, reason)


def _buried(case: _Case, queue: Queue) -> bool:
    """Whether the message was to be made a dead letter, and is one now."""
    try:
        if not case.hopeless and not queue.is_last(case.message):
            return False
        queue.bury(case.message, case.labels())
    except LikenessError as error:
        log.error("message %s can't be made a dead letter: %s", case.message.id, error.detail)
    except Exception:
        log.exception("message %s can't be made a dead letter", case.message.id)
    else:
        return True
    return False
