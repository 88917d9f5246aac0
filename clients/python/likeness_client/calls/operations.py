"""For whoever runs the service: is it well, and what does it hold."""

from __future__ import annotations

from typing import TypeVar

from likeness_client.answers import (
    Collection,
    DetailedHealth,
    Health,
    Rejected,
    Stats,
    Told,
)
from likeness_client.call import Answer, Call

K = TypeVar("K", bound=Told)


def health() -> Call[Health]:
    """Can a search be answered? `Unavailable` where not."""
    return _told("/health", Health)


def detailed_health() -> Call[DetailedHealth]:
    """How each part is, also when one is down."""
    return _told("/health/detailed", DetailedHealth, answers=(503,))


def stats() -> Call[Stats]:
    """What the catalogue holds, and how much is asked."""
    return _told("/stats", Stats)


def collections() -> Call[list[Collection]]:
    """What the products are kept in."""
    return _list("/collections", "collections", Collection)


def rejected() -> Call[list[Rejected]]:
    """Files in the bucket that could not be indexed."""
    return _list("/rejected", "rejected", Rejected)


def metrics() -> Call[str]:
    """Counts and times as Prometheus reads them."""
    return Call(method="GET", path="/metrics", read=lambda answer: answer.content.decode())


def _told(path: str, kind: type[K], answers: tuple[int, ...] = ()) -> Call[K]:
    def read(answer: Answer) -> K:
        return kind.told(answer.fields(), answer.at)

    return Call(method="GET", path=path, read=read, answers=answers)


def _list(path: str, name: str, kind: type[K]) -> Call[list[K]]:
    def read(answer: Answer) -> list[K]:
        return [kind.told(one, answer.at) for one in answer.fields()[name]]

    return Call(method="GET", path=path, read=read)
