"""The client for asyncio, and for trio: the same calls, to be awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import anyio
import httpx

from likeness_client import calls
from likeness_client.attempts import Attempts, service
from likeness_client.call import Call, Page, Plan
from likeness_client.errors import LikenessError
from likeness_client.methods import described

P = ParamSpec("P")
T = TypeVar("T")


def _one(
    make: Callable[P, Call[T]], *, reads: bool = False
) -> Callable[Concatenate[AsyncLikeness, P], Coroutine[Any, Any, T]]:
    async def method(self: AsyncLikeness, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.run(await _made(partial(make, *args, **kwargs), reads))

    return described(method, make)


def _steps(
    make: Callable[P, Plan[T]], *, reads: bool = False
) -> Callable[Concatenate[AsyncLikeness, P], Coroutine[Any, Any, T]]:
    async def method(self: AsyncLikeness, /, *args: P.args, **kwargs: P.kwargs) -> T:
        plan = await _made(partial(make, *args, **kwargs), reads)
        try:
            call = next(plan)
            while True:
                call = plan.send(await self.run(call))
        except StopIteration as end:
            result: T = end.value
            return result

    return described(method, make)


def _pages(
    make: Callable[P, Call[Page[T]]], *, reads: bool = False
) -> Callable[Concatenate[AsyncLikeness, P], AsyncIterator[T]]:
    async def method(self: AsyncLikeness, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        call: Call[Page[T]] | None = await _made(partial(make, *args, **kwargs), reads)
        while call:
            page = await self.run(call)
            for item in page.items:
                yield item
            call = page.next

    return described(method, make)


async def _made(make: Callable[[], T], reads: bool) -> T:
    """What may read a photo's file does so beside the loop, not in it."""
    return await anyio.to_thread.run_sync(make) if reads else make()


class AsyncLikeness:
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
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._service = service(url, key, timeout, retries)
        self._http = http or httpx.AsyncClient()
        self._ours = http is None

    search = _one(calls.search, reads=True)
    hits = _pages(calls.hits, reads=True)
    similar = _one(calls.similar)
    search_many = _steps(calls.search_many, reads=True)

    products = _pages(calls.products)
    product = _one(calls.product)
    create_product = _one(calls.create_product)
    put_product = _one(calls.put_product)
    change_product = _one(calls.change_product)
    delete_product = _one(calls.delete_product)
    put_products = _steps(calls.put_products)
    upload = _steps(calls.upload, reads=True)
    upload_product_photo = _steps(calls.upload_product_photo, reads=True)

    embed_text = _one(calls.embed_text)
    embed_texts = _steps(calls.embed_texts)
    embed_photo = _one(calls.embed_photo, reads=True)
    similarity = _one(calls.similarity, reads=True)

    send_event = _one(calls.send_event)
    send_test_event = _one(calls.send_test_event)
    webhooks_health = _one(calls.webhooks_health)

    health = _one(calls.health)
    detailed_health = _one(calls.detailed_health)
    stats = _one(calls.stats)
    collections = _one(calls.collections)
    rejected = _one(calls.rejected)
    metrics = _one(calls.metrics)

    async def close(self) -> None:
        if self._ours:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def run(self, call: Call[T]) -> T:
        attempts = Attempts(self._service, call)
        while True:
            try:
                return await self._try(call, attempts)
            except LikenessError as error:
                await anyio.sleep(attempts.wait_after(error))

    async def _try(self, call: Call[T], attempts: Attempts) -> T:
        ours = self._service
        with attempts.in_our_words(), anyio.fail_after(attempts.left):
            response = await self._http.request(
                call.method,
                call.address(ours.at),
                params=call.query or None,
                content=call.content,
                headers=ours.headers(call),
                timeout=attempts.limits(),
            )
        return call.result(ours.answer(response, response.content))
