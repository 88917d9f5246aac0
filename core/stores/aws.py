"""How we speak with AWS: with how much patience, and as whom."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, NoRegionError
from botocore.parsers import ResponseParserError

from core.budget import Calls, left
from core.errors import OutOfTime, SettingsInvalid

T = TypeVar("T")

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 2, 10, 3
NO_ANSWER = (
    *(BotoCoreError, ResponseParserError),
    *(KeyError, TypeError, ValueError, AttributeError, RecursionError),
)
"""What it comes to, here or in the client, when there is no answer, or something else was sent in
its stead."""
_AT_ONCE = 32
_calls = Calls("AWS", _AT_ONCE)


def connect(service: str, *, waiting: float = 0) -> Any:
    """A client by what the environment says of region, credentials and endpoint.

    `waiting`: for how many seconds the service may be asked to hold its answer back.
    """
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS + waiting,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        signature_version="s3v4" if service == "s3" else None,
        max_pool_connections=_AT_ONCE,
        tcp_keepalive=True,
    )
    return _InTime(create_client(service, config, os.environ.get("AWS_REGION")))


def in_time(ask: Callable[[], T]) -> T:
    """What `ask` gives, unless whoever it is for waits no longer: botocore's clients have one
    patience for all, each attempt anew, and as long as bytes come now and then."""
    try:
        return _calls.within(left(), ask)
    except TimeoutError as error:
        raise OutOfTime("What this needs of AWS did not come in time.") from error


class _InTime:
    """A client each of whose calls is made in time."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        its = getattr(self._client, name)
        if not callable(its):
            return its
        return lambda *args, **said: in_time(partial(its, *args, **said))


def create_client(service: str, config: Config, region: str | None) -> Any:
    """Not to be called from two threads at once."""
    try:
        return _session().create_client(service, region_name=region, config=config)
    except NoRegionError as error:
        raise SettingsInvalid("AWS is used, so AWS_REGION must be set.") from error


@cache
def _session() -> Any:
    """One for all: much of what it takes to make a client is what clients have in common."""
    return botocore.session.get_session()
