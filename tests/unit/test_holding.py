"""Large bodies that come together, and which of them wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive, Scope, Send

from handlers.holding import Holding

CHUNK = 10


class Door:
    """An application that reads bodies and keeps each until it is told to let go."""

    def __init__(self) -> None:
        self.read: dict[str, int] = {}
        self.may_end: dict[str, asyncio.Event] = {}
        self._holding = Holding(self._app, small=2 * CHUNK, most=10 * CHUNK)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"]
        more = True
        while more:
            message = await receive()
            self.read[name] = self.read.get(name, 0) + len(message["body"])
            more = message["more_body"]
        await self.may_end[name].wait()

    def comes(self, name: str, chunks: int) -> asyncio.Task[None]:
        self.may_end[name] = asyncio.Event()
        left = iter(range(chunks - 1, -1, -1))

        async def receive() -> Message:
            return {"type": "http.request", "body": b"x" * CHUNK, "more_body": next(left) > 0}

        async def send(message: Message) -> None:
            raise AssertionError

        scope: Scope = {"type": "http", "path": name}
        return asyncio.create_task(_awaited(self._holding(scope, receive, send)))


async def _awaited(one: Awaitable[None]) -> None:
    await one


async def _a_while() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


def run(check: Callable[[Door], Awaitable[None]]) -> None:
    async def checked() -> None:
        await check(Door())

    asyncio.run(checked())


def test_who_has_no_room_waits_for_who_has() -> None:
    async def check(door: Door) -> None:
        first, second = door.comes("first", 8), door.comes("second", 8)
        await _a_while()
        assert door.read["first"] == 8 * CHUNK
        assert door.read["second"] == 2 * CHUNK  # which is small, whoever else is there
        door.may_end["first"].set()
        door.may_end["second"].set()
        await asyncio.gather(first, second)
        assert door.read["second"] == 8 * CHUNK

    run(check)


def test_the_first_is_read_however_large_it_is() -> None:
    async def check(door: Door) -> None:
        others = [door.comes(f"other {n}", 5) for n in range(4)]
        large = door.comes("large", 30)
        await _a_while()
        assert door.read["large"] < 30 * CHUNK
        for event in door.may_end.values():
            event.set()
        await asyncio.gather(large, *others)
        assert door.read["large"] == 30 * CHUNK

    run(check)


def test_small_ones_wait_for_nobody() -> None:
    async def check(door: Door) -> None:
        large, small = door.comes("large", 30), door.comes("small", 2)
        await _a_while()
        assert door.read == {"large": 30 * CHUNK, "small": 2 * CHUNK}
        for event in door.may_end.values():
            event.set()
        await asyncio.gather(large, small)

    run(check)


def test_who_gives_up_makes_room() -> None:
    async def check(door: Door) -> None:
        first, second, third = (door.comes(name, 8) for name in ("first", "second", "third"))
        await _a_while()
        for gone in (second, first):
            gone.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        door.may_end["third"].set()
        await third
        assert door.read["third"] == 8 * CHUNK

    run(check)
