"""The same calls, awaited: one of each kind, several at once, and photos read beside the loop."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import anyio
import pytest
from likeness_client import AsyncLikeness, Likeness, NotFound, Outcome, calls

from tests.clients.conftest import ADMIN, COLOURS, SECRET
from tests.photos import jpeg

T = TypeVar("T")


def run(url: str, work: Callable[[AsyncLikeness], Awaitable[T]], backend: str = "asyncio") -> T:
    async def within() -> T:
        async with AsyncLikeness(url, key=ADMIN) as likeness:
            return await work(likeness)

    return anyio.run(within, backend=backend)


def test_every_call_is_a_method_of_both() -> None:
    for client in (Likeness, AsyncLikeness):
        for name in calls.__all__:
            method, call = getattr(client, name), getattr(calls, name)
            assert (method.__name__, method.__doc__) == (name, call.__doc__)
            ours = list(inspect.signature(method).parameters.values())[1:]
            assert ours == list(inspect.signature(call).parameters.values())


def test_many_at_once(url: str) -> None:
    async def work(likeness: AsyncLikeness) -> list[str]:
        wanted = [likeness.search(f"{COLOURS[n % 3]} mug", top_k=1) for n in range(48)]
        return [answer.results[0].product_id for answer in await asyncio.gather(*wanted)]

    assert run(url, work) == [f"mug-{COLOURS[n % 3]}" for n in range(48)]


def test_photos(url: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(2))

    async def work(likeness: AsyncLikeness) -> set[str]:
        answers = [
            await likeness.search(photo=path),
            await likeness.search(upload_id=await likeness.upload(path)),
        ]
        answers += [
            one
            for one in await likeness.search_many([{"photo": path}])
            if isinstance(one, type(answers[0]))
        ]
        first = {answer.results[0].product_id for answer in answers}
        async for hit in likeness.hits(photo=path):
            first.add(hit.product_id)
            break
        return first

    assert run(url, work) == {"mug-green"}


def test_products(url: str) -> None:
    async def work(likeness: AsyncLikeness) -> tuple[list[Outcome], set[str]]:
        outcomes = await likeness.put_products([{"id": "a-lamp", "name": "Lamp"}, {"id": "bad"}])
        ids = {product.id async for product in likeness.products()}
        await likeness.delete_product("a-lamp")
        with pytest.raises(NotFound):
            await likeness.product("a-lamp")
        return outcomes, ids

    outcomes, ids = run(url, work)
    assert [one.status for one in outcomes] == [201, 422]
    assert ids >= {"a-lamp", "mug-red"}


def test_an_event(url: str) -> None:
    async def work(likeness: AsyncLikeness) -> str:
        told = await likeness.send_event("back-office", SECRET, "product.deleted", {"id": "no-mug"})
        return told.status

    assert run(url, work) == "accepted"
