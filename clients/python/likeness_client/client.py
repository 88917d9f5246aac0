"""The client for ordinary code. One may be used by several threads at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import sleep
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

import httpx

from likeness_client import calls
from likeness_client.attempts import Attempts, service
from likeness_client.call import Call, Page, Plan
from likeness_client.deadline import bounded, ends_at
from likeness_client.errors import LikenessError
from likeness_client.methods import described

P = ParamSpec("P")
T = TypeVar("T")


def _one(make: Callable[P, Call[T]]) -> Callable[Concatenate[Likeness, P], T]:
    def method(self: Likeness, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.run(make(*args, **kwargs))

    return described(method, make)


def _steps(make: Callable[P, Plan[T]]) -> Callable[Concatenate[Likeness, P], T]:
    def method(self: Likeness, /, *args: P.args, **kwargs: P.kwargs) -> T:
        plan = make(*args, **kwargs)
        try:
            call = next(plan)
            while True:
                call = plan.send(self.run(call))
        except StopIteration as end:
            result: T = end.value
            return result

    return described(method, make)


def _pages(make: Callable[P, Call[Page[T]]]) -> Callable[Concatenate[Likeness, P], Iterator[T]]:
    def method(self: Likeness, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        call: Call[Page[T]] | None = make(*args, **kwargs)
        while call:
            page = self.run(call)
            yield from page.items
            call = page.next

    return described(method, make)


class Likeness:
    """`url` is the service's address. No call takes longer than `timeout` seconds: `retries` of it,
    after what may pass, and the waits that the service asks for between them, are within that.

    `http` is for a proxy or certificates of your own; whoever hands it over closes it.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        timeout: float = 30.0,
        retries: int = 2,
        http: httpx.Client | None = None,
    ) -> None:
        self._service = service(url, key, timeout, retries)
        self._http = http or bounded(httpx.Client())
        self._ours = http is None

    search = _one(calls.search)
    hits = _pages(calls.hits)
    similar = _one(calls.similar)
    search_many = _steps(calls.search_many)

    products = _pages(calls.products)
    product = _one(calls.product)
    create_product = _one(calls.create_product)
    put_product = _one(calls.put_product)
    change_product = _one(calls.change_product)
    delete_product = _one(calls.delete_product)
    put_products = _steps(calls.put_products)
    upload = _steps(calls.upload)
    upload_product_photo = _steps(calls.upload_product_photo)

    embed_text = _one(calls.embed_text)
    embed_texts = _steps(calls.embed_texts)
    embed_photo = _one(calls.embed_photo)
    similarity = _one(calls.similarity)

    send_event = _one(calls.send_event)
    send_test_event = _one(calls.send_test_event)
    webhooks_health = _one(calls.webhooks_health)

    health = _one(calls.health)
    detailed_health = _one(calls.detailed_health)
    stats = _one(calls.stats)
    collections = _one(calls.collections)
    rejected = _one(calls.rejected)
    metrics = _one(calls.metrics)

    def close(self) -> None:
        if self._ours:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, call: Call[T]) -> T:
        attempts = Attempts(self._service, call)
        while True:
            try:
                return self._try(call, attempts)
            except LikenessError as error:
                sleep(attempts.wait_after(error))

    def _try(self, call: Call[T], attempts: Attempts) -> T:
        ours = self._service
        with (
            attempts.in_our_words(),
            ends_at(attempts.until),
            self._http.stream(
                call.method,
                call.address(ours.at),
                params=call.query or None,
                content=call.content,
                headers=ours.headers(call),
                timeout=attempts.limits(),
            ) as response,
        ):
            content = attempts.in_time(response.iter_bytes())
        return call.result(ours.answer(response, content))
