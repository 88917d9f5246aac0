"""One DynamoDB table with the string key `pk`, asked with little patience.

Whatever goes wrong out there, and whatever comes back that is no answer, is one TableDown: what
is kept here makes things fast, and nothing may get slow by waiting for it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from threading import Lock
from time import monotonic, time
from typing import Any, NoReturn, TypeVar

from core.budget import Calls, left
from core.stores.breaker import Breaker

T = TypeVar("T")
log = logging.getLogger(__name__)

Item = Mapping[str, Any]
"""Attributes as DynamoDB spells them: {"pk": {"S": ...}, "generation": {"N": "7"}}."""

_PATIENCE = 1.0
"""Seconds after which the client has given up, one way or another."""
_SHARES, _LEAST_SECONDS = 4, 0.01
"""A request may ask several times in vain, and must have time left to do without."""
_LOG_PAUSE = 60.0
_calls = Calls("table", 40)
_NO_ANSWER = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What it comes to, here or in the client, when something else was sent in an answer's stead."""


class TableDown(Exception):
    """No answer in time, or none that is of use."""


class Refused(Exception):
    """The condition of a write did not hold; `item` is what stands there, where it was told."""

    def __init__(self, item: Item) -> None:
        super().__init__("the condition did not hold")
        self.item = item


def place(kind: str, name: str) -> str:
    """The `pk` of something whose name may be of any length, and nobody's business."""
    return f"{kind}:{blake2b(name.encode(), digest_size=20).hexdigest()}"


def number(value: int) -> Item:
    return {"N": str(value)}


class Table:
    """Safe to call from several threads."""

    def __init__(
        self,
        name: str,
        client: Any,
        failures: tuple[type[Exception], ...],
        breaker: Breaker,
        clock: Callable[[], float] = time,
    ) -> None:
        """`failures`: what the client raises when it has no answer. `clock`: seconds since the
        epoch, by which all that share the table tell what has expired."""
        self.clock = clock
        self._name = name
        self._client = client
        self._failures = failures
        self._breaker = breaker
        self._lock = Lock()
        self._silent_until = 0.0
        self._unsaid = 0

    @classmethod
    def connect(
        cls,
        name: str,
        *,
        connect_timeout: float = 0.3,
        read_timeout: float = 0.5,
        connections: int = 40,
        breaker: Breaker | None = None,
        clock: Callable[[], float] = time,
    ) -> Table:
        """The table, by what the environment says of region, credentials and endpoint.

        The client tries once: it would wait up to a second before it asks a throttled table
        again, and a miss costs less. Who can't do without an answer comes again himself.
        """
        from botocore.config import Config  # laptops have neither the table nor botocore
        from botocore.exceptions import BotoCoreError, ClientError

        from core.stores.aws import create_client

        config = Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries={"mode": "standard", "total_max_attempts": 1},
            max_pool_connections=connections,
            tcp_keepalive=True,
            parameter_validation=False,
        )
        client = create_client("dynamodb", config, os.environ.get("AWS_REGION"))
        return cls(name, client, (BotoCoreError, ClientError), breaker or Breaker(), clock)

    def read(self, places: Sequence[str], *, consistent: bool) -> dict[str, Item]:
        """The items that are there, in one round trip.

        A batch even for one, because its answer names the table: nothing else that may be sent
        in its stead could be taken for "there is no such item".
        """
        keys = [{"pk": {"S": one}} for one in places]

        def items(answer: Item) -> dict[str, Item]:
            if answer["UnprocessedKeys"]:
                raise ValueError("some of it was left undone")
            return {item["pk"]["S"]: item for item in answer["Responses"][self._name]}

        asked = {self._name: {"Keys": keys, "ConsistentRead": consistent}}
        return self._ask("batch_get_item", items, RequestItems=asked)

    def put(self, item: Item, condition: str, **values: Item) -> None:
        """Raises Refused when something stands there of which the condition does not hold."""
        put = {"Item": item, "ConditionExpression": condition}
        self._ask("put_item", _nothing, **self._write(put, values))

    def update(
        self, at: str, change: str, condition: str = "", *, insist: bool = False, **values: Item
    ) -> Item:
        """What the update changed, as it stands now. Raises Refused as `put` does.

        `insist`: ask even while the table is left in peace.
        """
        update: dict[str, Any] = {
            "Key": {"pk": {"S": at}},
            "UpdateExpression": change,
            "ReturnValues": "UPDATED_NEW",
        }
        if condition:
            update["ConditionExpression"] = condition
            update["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return self._ask("update_item", _changed, insist=insist, **self._write(update, values))

    def delete(self, at: str) -> None:
        self._ask("delete_item", _nothing, TableName=self._name, Key={"pk": {"S": at}})

    def _write(self, what: dict[str, Any], values: Mapping[str, Item]) -> dict[str, Any]:
        named = {f":{name}": value for name, value in values.items()}
        return {"TableName": self._name, "ExpressionAttributeValues": named, **what}

    def _ask(
        self, operation: str, parse: Callable[[Item], T], *, insist: bool = False, **said: Any
    ) -> T:
        seconds = left() / _SHARES
        if seconds < _LEAST_SECONDS:
            raise TableDown("there is no time left to ask it")
        if not insist and not self._breaker.lets_through():
            raise TableDown("it is left in peace for a while")
        ask = partial(getattr(self._client, operation), **said)
        try:
            # Mostly there is more time than the client takes, and no thread is needed.
            answer = parse(ask() if seconds > _PATIENCE else _calls.within(seconds, ask))
        except TimeoutError as error:
            raise self._down(f"no answer to {operation} in time") from error
        except self._failures as error:
            self._take_it(error)
        except _NO_ANSWER as error:
            raise self._down(f"no answer to {operation}: {error!r}") from error
        self._breaker.succeeded()
        return answer

    def _take_it(self, error: Exception) -> NoReturn:
        # What never came to be an answer has no `response`, or None for one.
        response: Mapping[str, Any] = getattr(error, "response", None) or {}
        code = response.get("Error", {}).get("Code")
        if code == "ConditionalCheckFailedException":
            self._breaker.succeeded()
            raise Refused(response.get("Item", {})) from error
        raise self._down(code or type(error).__name__) from error

    def _down(self, why: str) -> TableDown:
        self._breaker.failed()
        with self._lock:
            now = monotonic()
            if now < self._silent_until:
                self._unsaid += 1
            else:
                self._silent_until = now + _LOG_PAUSE
                log.warning("table %s: %s (%d more since last said)", self._name, why, self._unsaid)
                self._unsaid = 0
        return TableDown(why)


def _nothing(answer: Item) -> None:
    """An answer that tells nothing but that it was done."""


def _changed(answer: Item) -> Item:
    changed: Item = answer["Attributes"]
    return changed
