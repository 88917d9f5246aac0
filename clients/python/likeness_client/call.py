"""One request as data, and how its answer is read: all that the two clients have to send."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar
from urllib.parse import urljoin

from likeness_client.errors import NotUnderstood, refusal

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MOST_BYTES = 4 * 1024 * 1024
"""Of several things sent at once: well within what a Lambda function can be handed."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes
    at: str
    """The service's address."""

    def fields(self) -> dict[str, Any]:
        """An object's, or a ValueError."""
        try:
            said = json.loads(self.content)
        except RecursionError as error:
            raise ValueError("deeper than anything of ours") from error
        if not isinstance(said, dict):
            raise ValueError("not an object")
        return said


@dataclass(frozen=True, kw_only=True)
class Call(Generic[T_co]):
    method: str
    path: str
    """Below the service's address, or an address of its own, which is told no key."""
    read: Callable[[Answer], T_co]
    query: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    headers: Callable[[], Mapping[str, str]] = field(default=dict)
    """Asked anew for each try, as a signature is of the moment."""
    repeatable: bool = True
    """Whether it does no harm to do twice what may have been done once."""
    answers: tuple[int, ...] = ()
    """Statuses of errors that are an answer here."""

    def address(self, at: str) -> str:
        return self.path if "://" in self.path else at + self.path

    def result(self, answer: Answer) -> T_co:
        if answer.status >= 400 and answer.status not in self.answers:
            raise refusal(answer.status, _problem(answer), answer.headers)
        if answer.status >= 300 and answer.status not in self.answers:
            goal = urljoin(self.address(answer.at), answer.headers.get("location", "elsewhere"))
            raise NotUnderstood(f"{self.address(answer.at)} leads on to {goal}: name that address.")
        try:
            return self.read(answer)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise NotUnderstood(
                f"{self.method} {self.address(answer.at)} answered {answer.status} with something "
                "that is not Likeness's: is this its address?"
            ) from error


Plan = Generator[Call[Any], Any, T]
"""Calls one after the other: it is sent the result of each, and returns its own."""


@dataclass(frozen=True)
class Page(Generic[T]):
    items: Sequence[T]
    next: Call[Page[T]] | None


JSON = {"Content-Type": "application/json"}


def posted(path: str, body: object, read: Callable[[Answer], T], **how: Any) -> Call[T]:
    return sent("POST", path, body, read, **how)


def sent(method: str, path: str, body: object, read: Callable[[Answer], T], **how: Any) -> Call[T]:
    how = {"headers": lambda: JSON} | how
    content = body if isinstance(body, bytes) else encoded(body)
    return Call(method=method, path=path, read=read, content=content, **how)


def encoded(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, default=_plain).encode()


def lists(name: str, items: Iterable[object], most: int) -> Iterable[bytes]:
    """`{name: [...]}`, so many items in each and no more bytes than may be sent at once."""
    some: list[bytes] = []
    for item in map(encoded, items):
        if some and (len(some) == most or sum(map(len, some)) + len(item) > MOST_BYTES):
            yield _list(name, some)
            some = []
        some.append(item)
    if some:
        yield _list(name, some)


def _list(name: str, items: Sequence[bytes]) -> bytes:
    return b'{"%s":[%s]}' % (name.encode(), b",".join(items))


def _plain(value: object) -> float:
    """Prices come as decimals from most databases."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{value!r} can't be said in JSON")


def _problem(answer: Answer) -> dict[str, Any]:
    """Empty where something before the service refused, in its own words."""
    try:
        return answer.fields()
    except ValueError:
        return {}
