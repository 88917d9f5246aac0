"""An answer leaves in one piece: uvicorn writes its head and its body one by one, which are two
calls of the system, and two wakings for whoever waits."""

from __future__ import annotations

import asyncio
from typing import Any

_MOST_HELD = 64 * 1024
"""Bytes: a longer body is not copied to be beside its head."""


class InOnePiece(asyncio.Transport):
    """What is written in one turn of the loop is sent together."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def write(self, data: Any) -> None:
        if len(data) > _MOST_HELD:
            self.flush()
            self._transport.write(data)
            return
        if not self._held:
            self._loop.call_soon(self.flush)  # at the latest
        self._held.append(data)

    def flush(self) -> None:
        if self._held:
            held, self._held = self._held, []
            self._transport.write(b"".join(held))

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)
