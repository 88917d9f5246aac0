"""Connections as uvicorn keeps them, but none for ever: one on which no request comes about is
closed, so that who opens many and says little keeps nobody else out."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0


class PatientNotForEver(H11Protocol):
    """Looks from time to time whether a request is under way, or one began since the last look.
    What is under way has time limits of its own."""

    head_seconds = HEAD_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._seen: Any = None
        self._next_look = self.loop.call_later(self.head_seconds, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_look.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        under_way = self.cycle is not None and not self.cycle.response_complete
        if under_way or self.cycle is not self._seen:
            self._seen = self.cycle
            self._next_look = self.loop.call_later(self.head_seconds, self._look)
        else:
            self.transport.close()
