"""How much of all requests' bodies is in memory at once."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALL, MOST = 1024 * 1024, 48 * 1024 * 1024


class Holding:
    """Large bodies wait at the door while others are being read or worked on: no more of them is
    taken from the line. The one that came first never waits, so that there is always one that ends.
    """

    def __init__(self, app: ASGIApp, small: int = SMALL, most: int = MOST) -> None:
        self._app = app
        self._small = small
        self._most = most
        self._held: dict[object, int] = {}
        self._changed = asyncio.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ticket, came = object(), 0

        async def received() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._small:
                await self._hold(ticket, came)
            return message

        try:
            await self._app(scope, received, send)
        finally:
            if ticket in self._held:
                await self._let_go(ticket)

    async def _hold(self, ticket: object, size: int) -> None:
        async with self._changed:
            self._held.setdefault(ticket, 0)
            await self._changed.wait_for(
                lambda: (
                    ticket is next(iter(self._held))
                    or sum(self._held.values()) - self._held[ticket] + size <= self._most
                )
            )
            self._held[ticket] = size

    async def _let_go(self, ticket: object) -> None:
        async with self._changed:
            del self._held[ticket]
            self._changed.notify_all()
