"""An end to all that a call waits for on its connections.

httpx limits each piece that is sent or comes, not all of them together: what drips in is always in
time. For an answer's body that can be seen between its pieces; its head is read without a word.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from time import monotonic
from typing import Any

import httpcore
import httpx

_PIECE = 65536
_LEAST_SECONDS = 0.001
_until: ContextVar[float] = ContextVar("until", default=inf)


@contextmanager
def ends_at(moment: float) -> Iterator[None]:
    """The connections of `bounded` clients wait no longer, in whoever runs this block."""
    before = _until.set(moment)
    try:
        yield
    finally:
        _until.reset(before)


def bounded(client: httpx.Client) -> httpx.Client:
    """The same client, on connections that keep to the end. httpx has no door for this: where a
    release of it is made otherwise, the client stays as it was."""
    for transport in (client._transport, *client._mounts.values()):
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, httpcore.ConnectionPool) and hasattr(pool, "_network_backend"):
            pool._network_backend = _Backend(pool._network_backend)
    return client


def _seconds(timeout: float | None) -> float | None:
    left = _until.get() - monotonic()
    if left == inf:
        return timeout
    return max(_LEAST_SECONDS, left if timeout is None else min(left, timeout))


class _Backend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_tcp(host, port, _seconds(timeout), *args, **kwargs))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_unix_socket(path, _seconds(timeout), *args, **kwargs))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _seconds(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], _seconds(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _seconds(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
