"""Everything a call can end with but an answer.

    LikenessError
    ├── Refused             the service said what is wrong
    │   ├── InvalidRequest    400, 413, 422: `fields` says which
    │   ├── NotAllowed        401, 403: the key, or a webhook's signature
    │   ├── NotFound          404
    │   ├── Conflict          409: a product of this id is there
    │   ├── RateLimited       429: `retry_after` says when to come again
    │   └── Unavailable       5xx: a part is down, or too slow
    ├── NoAnswer            no connection, or one that was cut
    │   └── TimedOut          not within `timeout`
    └── NotUnderstood       an answer, and not one of Likeness: look at the address

`code` is for programs and keeps its meaning, `detail` is for people, and `request_id` finds the
request in the service's log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One field that is wrong, and what is the matter with it."""

    field: str
    message: str


class LikenessError(Exception):
    code = "likeness_error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.request_id = ""

    def __str__(self) -> str:
        quoted = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.code}: {self.detail}{quoted}"


class Refused(LikenessError):
    def __init__(
        self,
        detail: str,
        *,
        status: int,
        code: str,
        request_id: str = "",
        fields: tuple[FieldError, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.status = status
        self.request_id = request_id
        self.fields = fields
        self.retry_after = retry_after
        """Seconds after which the service asks to be called again."""


class InvalidRequest(Refused): ...


class NotAllowed(Refused): ...


class NotFound(Refused): ...


class Conflict(Refused): ...


class RateLimited(Refused): ...


class Unavailable(Refused): ...


class NoAnswer(LikenessError):
    code = "no_answer"

    def __init__(self, detail: str, *, sent: bool = True) -> None:
        super().__init__(detail)
        self.sent = sent
        """Whether the service may have seen the request, and done what it asks."""


class TimedOut(NoAnswer):
    code = "timed_out"


class NotUnderstood(LikenessError):
    code = "not_understood"


_KINDS: dict[int, type[Refused]] = {
    HTTPStatus.BAD_REQUEST: InvalidRequest,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: InvalidRequest,
    HTTPStatus.UNPROCESSABLE_ENTITY: InvalidRequest,
    HTTPStatus.UNAUTHORIZED: NotAllowed,
    HTTPStatus.FORBIDDEN: NotAllowed,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.TOO_MANY_REQUESTS: RateLimited,
}


def refusal(status: int, said: object, headers: Mapping[str, str]) -> Refused:
    """An answer with an error's status as an error, also where a proxy gave it and not Likeness."""
    problem: dict[str, Any] = said if isinstance(said, dict) else {}
    kind = _KINDS.get(status, Unavailable if status >= 500 else Refused)
    wrong = problem.get("errors")
    return kind(
        str(problem.get("detail") or f"The service answered {status} and did not say why."),
        status=status,
        code=str(problem.get("code") or f"http_{status}"),
        request_id=str(problem.get("request_id") or headers.get("x-request-id", "")),
        fields=tuple(
            FieldError(str(one.get("field", "")), str(one.get("message", "")))
            for one in (wrong if isinstance(wrong, list) else [])
            if isinstance(one, dict)
        ),
        retry_after=_seconds(headers.get("retry-after", "")),
    )


def _seconds(retry_after: str) -> float | None:
    """Of a number of seconds, or of a date, which proxies prefer."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(
        0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    )
